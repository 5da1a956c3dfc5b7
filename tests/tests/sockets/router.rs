//! Apps that a client serves: what is acknowledged and answered, in which order.

mod ending;

use crate::harness::{Clock, LONG, Stage, ms, on_each_driver, press_button};
use async_lock::Semaphore;
use futures_channel::oneshot;
use serde_json::{Value, json};
use socketmode_driver::router::{
    App, Click, HandlerError, Key, Router, ServeError, State, Submission, ThreadTs,
};
use socketmode_driver::{Builder, Client, Message, Runtime, Suggestions, ViewResponse, Web, WebError};
use socketmode_protocol::payload::{AppMention, BlockSuggestion, MessageEvent, SlashCommand};
use socketmode_simulator::{CHANNEL, Envelope, Options, PERSON};
use std::future::{Ready, pending, ready};
use std::sync::{Arc, Mutex, mpsc};

on_each_driver![
    each_kind_of_route_answers_as_slack_takes_it,
    handlers_that_hang_panic_or_fail_change_nothing_for_others,
    the_event_of_a_handler_that_failed_comes_again,
    an_answer_after_the_deadline_goes_to_the_response_url,
    the_messages_of_one_thread_are_handled_in_their_order,
    an_app_is_served_without_spawning,
    thousands_of_events_are_each_handled_once,
];

/// Only a runtime with several threads can go on beside one that blocks.
#[test]
fn a_handler_that_blocks_its_thread_holds_no_other() {
    async fn blocks(State(release): State<Release>) {
        // Where an async function should not wait.
        let _ = release.0.lock().unwrap().recv();
    }
    #[derive(Clone)]
    struct Release(Arc<Mutex<mpsc::Receiver<()>>>);
    let runtime =
        ::tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let stage = Stage::<socketmode_tokio::TokioTransport>::new(Options::default());
        let (release, blocked) = mpsc::channel();
        let app = |_| {
            let router = Router::new(Release(Arc::new(Mutex::new(blocked))));
            router.action("blocks", blocks).command("/well", || ready("well")).build().unwrap()
        };
        let served = Served::start(&stage, stage.builder(), app).await;
        press_button(&stage.slack, "blocks", "");
        for _ in 0..3 {
            let id = stage.slack.command("/well", "");
            let answer = stage.slack.wait_for_ack(&id, LONG).await.unwrap().payload;
            assert_eq!(answer, Some(json!({ "text": "well" })));
        }
        release.send(()).unwrap();
        served.ends().await;
    });
}

/// What the handlers have done, and what they wait for.
#[derive(Clone)]
struct Desk {
    log: Arc<Mutex<Vec<String>>>,
    /// A handler that waits goes on with a permit.
    gate: Arc<Semaphore>,
}

impl Desk {
    fn new() -> Self {
        Self { log: Arc::default(), gate: Arc::new(Semaphore::new(0)) }
    }

    fn add(&self, what: impl Into<String>) {
        self.log.lock().unwrap().push(what.into());
    }

    fn has(&self, what: &str) -> bool {
        self.log.lock().unwrap().iter().any(|done| done.contains(what))
    }

    fn all(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    async fn wait(&self) {
        self.gate.acquire().await.forget();
    }

    fn errors(&self) -> impl Fn(HandlerError) -> Ready<()> + Send + Sync + 'static {
        let desk = self.clone();
        move |error| {
            desk.add(error.to_string());
            ready(())
        }
    }
}

/// An app that is served in the background.
struct Served<R: Runtime> {
    client: Client<R>,
    result: oneshot::Receiver<Result<(), ServeError>>,
    clock: Clock<R>,
}

impl<R: Runtime> Served<R> {
    async fn start<S: Send + Sync + 'static>(
        stage: &Stage<R>,
        builder: Builder<R>,
        app: impl FnOnce(Web<R>) -> App<S, R>,
    ) -> Self {
        let (client, events) = builder.connect().unwrap();
        let app = app(client.web(stage.slack.bot_token().parse().unwrap()));
        let (tell, result) = oneshot::channel();
        let ours = client.clone();
        R::spawn(async move { drop(tell.send(ours.serve(events, app).await)) }).unwrap();
        stage.slack.wait_for_links(1, LONG).await.unwrap();
        Self { client, result, clock: stage.clock.clone() }
    }

    async fn over(self) -> Result<(), ServeError> {
        self.clock.soon("the end of the app", self.result).await.unwrap()
    }

    async fn ends(self) {
        self.client.shutdown(LONG);
        assert_eq!(self.over().await, Ok(()));
    }
}

async fn each_kind_of_route_answers_as_slack_takes_it<R: Runtime>() {
    async fn mentioned<R: Runtime>(said: AppMention, web: Web<R>) -> Result<(), WebError> {
        web.add_reaction(said.channel.as_deref().unwrap(), said.ts.as_deref().unwrap(), "eyes").await
    }
    async fn clicked<R: Runtime>(click: Click, web: Web<R>) -> Result<(), WebError> {
        let posted = web.post_message(CHANNEL, &Message::new(click.value())).await;
        posted.map(drop)
    }
    async fn submitted(view: Submission) -> Option<ViewResponse> {
        let day = view.value("when", "day")?.as_str()?;
        (day == "friday").then(|| ViewResponse::errors([("when", "Not on a Friday.")]))
    }
    let stage = Stage::<R>::new(Options::default());
    let app = |web| {
        Router::new(())
            .web(web)
            .command("/hello", |command: SlashCommand| ready(format!("You said {}", command.text.unwrap())))
            .action("approve", clicked::<R>)
            .view("form", submitted)
            .suggest("find", |typed: BlockSuggestion| ready(Suggestions::new([(typed.value.unwrap(), "v")])))
            .event::<AppMention, _>(mentioned::<R>)
            .build()
            .unwrap()
    };
    let served = Served::start(&stage, stage.builder(), app).await;
    let slack = &stage.slack;
    let day = |day: &str| json!({ "when": { "day": { "type": "plain_text_input", "value": day } } });
    let menu = json!({ "type": "block_suggestion", "action_id": "find", "value": "ru" });
    let option = json!({ "text": { "type": "plain_text", "text": "ru" }, "value": "v" });
    let no = json!({ "response_action": "errors", "errors": { "when": "Not on a Friday." } });
    let input = json!({ "type": "plain_text_input", "action_id": "day" });
    let block = json!({ "type": "input", "block_id": "when", "element": input });
    slack.opened_before(&json!({ "type": "modal", "callback_id": "form", "blocks": [block] }));
    for (id, wanted) in [
        (slack.command("/hello", "hi"), Some(json!({ "text": "You said hi" }))),
        (press_button(slack, "approve", "42"), None),
        (slack.submit_view("form", day("friday")).unwrap(), Some(no)),
        (slack.submit_view("form", day("monday")).unwrap(), None),
        (slack.send_envelope(Envelope::new("interactive", menu)), Some(json!({ "options": [option] }))),
        (slack.mention(PERSON, CHANNEL, "there?"), None),
    ] {
        assert_eq!(slack.wait_for_ack(&id, LONG).await.unwrap().payload, wanted);
    }
    let posted = slack.wait_for_call("chat.postMessage", LONG).await.unwrap();
    assert_eq!(posted.body["text"], Value::from("42"));
    slack.wait_for_call("reactions.add", LONG).await.unwrap();
    served.ends().await;
    assert_eq!(slack.counters().unwanted_responses, 0);
}

async fn handlers_that_hang_panic_or_fail_change_nothing_for_others<R: Runtime>() {
    async fn panics() {
        panic!("a bug")
    }
    let (stage, desk) = (Stage::<R>::new(Options::default()), Desk::new());
    let app = |_| {
        Router::new(())
            .action("hangs", pending::<()>)
            .action("panics", panics)
            .action("fails", |_: Click| async { Err::<(), _>("the disk is full") })
            .command("/well", || ready("well"))
            .on_error(desk.errors())
            .build()
            .unwrap()
    };
    let served = Served::start(&stage, stage.builder(), app).await;
    for _ in 0..3 {
        for action in ["hangs", "panics", "fails"] {
            let id = press_button(&stage.slack, action, "");
            stage.slack.wait_for_ack(&id, LONG).await.unwrap();
        }
        let id = stage.slack.command("/well", "");
        let answer = stage.slack.wait_for_ack(&id, LONG).await.unwrap().payload;
        assert_eq!(answer, Some(json!({ "text": "well" })));
    }
    stage.clock.until("all reports", || desk.all().len() == 6).await;
    assert!(desk.has("action panics") && desk.has("action fails") && desk.has("the disk is full"));
    served.client.shutdown(ms(100));
    let result = served.over().await;
    assert!(matches!(result, Err(ServeError::Unfinished { handlers: 3.. })), "{result:?}");
}

async fn the_event_of_a_handler_that_failed_comes_again<R: Runtime>() {
    async fn once(State(desk): State<Desk>, said: MessageEvent) -> Result<(), &'static str> {
        let is_first = desk.all().is_empty();
        desk.add(said.text.unwrap());
        if is_first { Err("the disk is full") } else { Ok(()) }
    }
    let options = Options { ack_deadline: ms(200), redelivery: vec![ms(10)], ..<_>::default() };
    let (stage, desk) = (Stage::<R>::new(options), Desk::new());
    let app = |_| Router::new(desk.clone()).event::<MessageEvent, _>(once).build().unwrap();
    let served = Served::start(&stage, stage.builder(), app).await;
    let id = stage.slack.say(PERSON, CHANNEL, "hello");
    // Only the second one is acknowledged.
    let ack = stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    assert_eq!(ack.delivery, 2);
    assert_eq!(desk.all(), ["hello", "hello"]);
    served.ends().await;
}

async fn an_answer_after_the_deadline_goes_to_the_response_url<R: Runtime>() {
    async fn slow(State(desk): State<Desk>) -> &'static str {
        desk.wait().await;
        "At last."
    }
    let (stage, desk) = (Stage::<R>::new(Options::default()), Desk::new());
    let app = |_| Router::new(desk.clone()).command("/slow", slow).build().unwrap();
    let served = Served::start(&stage, stage.builder(), app).await;
    let id = stage.slack.command("/slow", "");
    assert_eq!(stage.slack.wait_for_ack(&id, LONG).await.unwrap().payload, None);
    desk.gate.add_permits(1);
    let call = stage.slack.wait_for_call("response_url", LONG).await.unwrap();
    assert_eq!(call.body, json!({ "text": "At last." }));
    served.ends().await;
}

async fn the_messages_of_one_thread_are_handled_in_their_order<R: Runtime>() {
    async fn said(State(desk): State<Desk>, said: MessageEvent, thread: ThreadTs) {
        let text = said.text.unwrap();
        desk.add(format!("{thread} {text} begins"));
        if text == "first" {
            desk.wait().await;
        }
        desk.add(format!("{thread} {text} ends"));
    }
    let (stage, desk) = (Stage::<R>::new(Options::default()), Desk::new());
    let app = |_| {
        let router = Router::new(desk.clone()).event::<MessageEvent, _>(said);
        router.ordered_by(Key::Thread).build().unwrap()
    };
    let served = Served::start(&stage, stage.builder(), app).await;
    let event = |thread: &str, text: &str| {
        stage.slack.event(&json!({
            "type": "message", "channel": CHANNEL, "user": PERSON, "text": text,
            "ts": format!("{thread}.1"), "thread_ts": thread,
        }))
    };
    let first = event("1", "first");
    let second = event("1", "second");
    let other = event("2", "other");
    // The other thread does not wait.
    stage.slack.wait_for_ack(&other, LONG).await.unwrap();
    desk.gate.add_permits(1);
    for id in [first, second] {
        stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    }
    let of_one: Vec<_> = desk.all().into_iter().filter(|line| line.starts_with("1 ")).collect();
    assert_eq!(of_one, ["1 first begins", "1 first ends", "1 second begins", "1 second ends"]);
    served.ends().await;
}

async fn an_app_is_served_without_spawning<R: Runtime>() {
    let (stage, desk) = (Stage::<R>::new(Options::default()), Desk::new());
    async fn waits(State(desk): State<Desk>) -> &'static str {
        desk.wait().await;
        "done"
    }
    let app = Router::<Desk, R>::new(desk.clone()).command("/waits", waits).build().unwrap();
    let (client, events) = stage.builder().connect().unwrap();
    let (tell, result) = oneshot::channel();
    let ours = client.clone();
    R::spawn(async move { drop(tell.send(ours.serve_here(events, app).await)) }).unwrap();
    stage.slack.wait_for_links(1, LONG).await.unwrap();
    let ids = [stage.slack.command("/waits", ""), stage.slack.command("/waits", "")];
    desk.gate.add_permits(2);
    for id in ids {
        let answer = stage.slack.wait_for_ack(&id, LONG).await.unwrap().payload;
        assert_eq!(answer, Some(json!({ "text": "done" })));
    }
    client.shutdown(LONG);
    assert_eq!(stage.clock.soon("the end", result).await.unwrap(), Ok(()));
}

async fn thousands_of_events_are_each_handled_once<R: Runtime>() {
    const EVENTS: usize = 3_000;
    async fn said(State(desk): State<Desk>, said: MessageEvent) {
        desk.add(said.text.unwrap());
    }
    // Nothing comes again, however long a busy machine takes.
    let stage = Stage::<R>::new(Options { ack_deadline: 6 * LONG, ..Options::default() });
    let desk = Desk::new();
    let app = |_| {
        let router = Router::new(desk.clone()).event::<MessageEvent, _>(said);
        router.ordered_by(Key::User).concurrency(8).build().unwrap()
    };
    let served = Served::start(&stage, stage.builder(), app).await;
    for n in 0..EVENTS {
        // Ten people, whose messages each keep their order.
        stage.slack.say(&format!("U{}", n % 10), CHANNEL, &n.to_string());
    }
    stage.slack.wait_until(6 * LONG, |now| now.counters.acks as usize == EVENTS).await.unwrap();
    served.ends().await;
    let handled: Vec<usize> = desk.all().iter().map(|text| text.parse().unwrap()).collect();
    assert_eq!(handled.len(), EVENTS);
    for person in 0..10 {
        let theirs: Vec<_> = handled.iter().copied().filter(|n| n % 10 == person).collect();
        assert_eq!(theirs, (person..EVENTS).step_by(10).collect::<Vec<_>>());
    }
    let counters = stage.slack.counters();
    assert_eq!((counters.unacked, counters.duplicate_acks, counters.redeliveries), (0, 0, 0));
}
