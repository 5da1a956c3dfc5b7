//! What of an app is under way at the end of its client.

use super::{Desk, Served};
use crate::harness::{LONG, Stage, ms, on_each_driver, press_button};
use futures_channel::oneshot;
use socketmode_driver::router::{Ack, Router, ServeError, State};
use socketmode_driver::{Acked, Message, Runtime, Web, WebError};
use socketmode_protocol::StopReason;
use socketmode_protocol::payload::{MessageEvent, SlashCommand};
use socketmode_simulator::{CHANNEL, OpenAnswer, Options, PERSON};
use std::future::pending;

on_each_driver![
    what_is_under_way_at_a_shutdown_is_finished,
    what_is_under_way_when_the_grace_is_over_is_told,
    with_all_places_taken_events_wait_and_a_shutdown_ends,
    an_app_whose_client_stops_by_itself_says_why,
    an_app_that_is_dropped_stops_its_client,
];

async fn what_is_under_way_at_a_shutdown_is_finished<R: Runtime>() {
    async fn click<R: Runtime>(State(desk): State<Desk>, web: Web<R>) -> Result<(), WebError> {
        desk.add("begun");
        desk.wait().await;
        web.post_message(CHANNEL, &Message::new("Done.")).await.map(drop)
    }
    async fn event(State(desk): State<Desk>, _: MessageEvent) {
        desk.add("begun");
        desk.wait().await;
    }
    async fn early(
        State(desk): State<Desk>,
        ack: Ack<SlashCommand>,
    ) -> Result<Acked, socketmode_driver::AckError> {
        desk.add("begun");
        desk.wait().await;
        ack.ack_with("Done.").await
    }
    // What it posts at the end would be an event for the next process.
    let options = Options { own_posts_come_back: false, ..Options::default() };
    let (stage, desk) = (Stage::<R>::new(options), Desk::new());
    let app = |web| {
        let router = Router::new(desk.clone()).web(web).action("work", click::<R>);
        router.event::<MessageEvent, _>(event).command("/early", early).build().unwrap()
    };
    let served = Served::start(&stage, stage.builder(), app).await;
    let slack = &stage.slack;
    press_button(slack, "work", "");
    let said = slack.say(PERSON, CHANNEL, "hello");
    slack.command("/early", "");
    stage.clock.until("three handlers", || desk.all().len() == 3).await;
    served.client.shutdown(LONG);
    // Handlers that wait for nothing but the end of the links.
    desk.gate.add_permits(3);
    assert_eq!(served.over().await, Ok(()));
    slack.wait_for_call("chat.postMessage", LONG).await.unwrap();
    assert_eq!(slack.acks_of(&said).len(), 1);
    stage.all_gone().await;
    let counters = slack.counters();
    assert_eq!((counters.unacked, counters.acks, counters.opens), (0, 3, 1));
}

async fn what_is_under_way_when_the_grace_is_over_is_told<R: Runtime>() {
    async fn hangs(State(desk): State<Desk>) {
        let _dropped = Dropped(desk.clone());
        desk.add("begun");
        pending::<()>().await;
    }
    struct Dropped(Desk);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.add("dropped");
        }
    }
    let (stage, desk) = (Stage::<R>::new(Options::default()), Desk::new());
    let app = |_| Router::new(desk.clone()).action("hangs", hangs).build().unwrap();
    let served = Served::start(&stage, stage.builder(), app).await;
    press_button(&stage.slack, "hangs", "");
    stage.clock.until("the handler", || desk.has("begun")).await;
    served.client.shutdown(ms(100));
    let clock = served.clock.clone();
    assert_eq!(served.over().await, Err(ServeError::Unfinished { handlers: 1 }));
    clock.until("the end of the handler", || desk.has("dropped")).await;
}

async fn with_all_places_taken_events_wait_and_a_shutdown_ends<R: Runtime>() {
    async fn waits(State(desk): State<Desk>, said: MessageEvent) {
        desk.add(said.text.unwrap());
        desk.wait().await;
    }
    let (stage, desk) = (Stage::<R>::new(Options::default()), Desk::new());
    let app = |_| {
        let router = Router::new(desk.clone()).event::<MessageEvent, _>(waits);
        router.concurrency(2).build().unwrap()
    };
    let served = Served::start(&stage, stage.builder(), app).await;
    let ids: Vec<_> = (0..4).map(|n| stage.slack.say(PERSON, CHANNEL, &n.to_string())).collect();
    // The third begins when the first is done, whose acknowledgement comes before that.
    desk.gate.add_permits(1);
    stage.clock.until("three handlers", || desk.all().len() == 3).await;
    assert!(ids.iter().any(|id| !stage.slack.acks_of(id).is_empty()));
    // Nobody reads the end of the events.
    served.client.shutdown(ms(100));
    assert_eq!(served.over().await, Err(ServeError::Unfinished { handlers: 2 }));
    assert_eq!(desk.all().len(), 3);
}

async fn an_app_whose_client_stops_by_itself_says_why<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (client, events) = stage.builder().connect().unwrap();
    let app = Router::<(), R>::new(()).build().unwrap();
    let (tell, result) = oneshot::channel();
    stage.slack.wait_for_links(1, LONG).await.unwrap();
    stage.slack.all_opens(Some(OpenAnswer::Error("invalid_auth".into())));
    let link = stage.slack.links()[0].id;
    R::spawn(async move { drop(tell.send(client.serve(events, app).await)) }).unwrap();
    stage.slack.drop_link(link).unwrap();
    let error = stage.clock.soon("the end", result).await.unwrap().unwrap_err();
    assert!(matches!(error, ServeError::Stopped(StopReason::Unauthorized { .. })), "{error:?}");
}

async fn an_app_that_is_dropped_stops_its_client<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (client, events) = stage.builder().connect().unwrap();
    let app = Router::<(), R>::new(()).build().unwrap();
    let serving = client.serve(events, app);
    assert!(stage.clock.within(ms(1), serving).await.is_none());
    stage.all_gone().await;
    let ended = client.shutdown(LONG);
    assert_eq!(stage.clock.soon("the end", ended).await, Some(StopReason::Requested));
}
