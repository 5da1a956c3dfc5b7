//! A client in memory that serves an app: what goes on while all places are taken.

use super::{Log, Router};
use crate::payload::{InnerEvent, MessageEvent};
use crate::request::Request;
use crate::request::event::Event;
use crate::request::mailbox::{AckHandle, Command};
use crate::router::{App, Handlers, Key, ServeError, State};
use crate::testing::delivering::machine_with;
use crate::testing::wakes::Wakes;
use crate::web::testing::Scripted;
use crate::{AppToken, Builder, Client, Events};
use async_lock::Semaphore;
use serde_json::json;
use socketmode_protocol::{Output, StopReason};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// A client whose loop the test plays, on a clock that stands or runs as fast as anybody sleeps.
struct Stage {
    client: Client<Scripted>,
    transport: Arc<Scripted>,
}

impl Stage {
    fn new(time_stands_still: bool) -> (Self, Events) {
        let transport = Arc::new(Scripted { time_stands_still, ..<_>::default() });
        let builder = Builder::new(AppToken::new("xapp-1").unwrap());
        let (client, events, driver) = builder.build_on(Arc::clone(&transport)).unwrap();
        // Its mailbox stays open, as if the loop was not polled.
        std::mem::forget(driver);
        (Self { client, transport }, events)
    }

    /// These messages arrive.
    fn messages(&self, texts: &[&str]) {
        let event = |text: &&str| {
            let event = json!({ "type": "message", "channel": "C1", "text": text });
            let payload = json!({ "type": "event_callback", "event": event });
            json!({ "type": "events_api", "envelope_id": text, "payload": payload }).to_string()
        };
        let texts: Vec<_> = texts.iter().map(event).collect();
        let mut machine = machine_with(texts.iter().map(String::as_str));
        let mut events: Vec<_> = std::iter::from_fn(|| machine.poll_output())
            .filter_map(|output| match output {
                Output::Envelope(envelope) => {
                    let handle = AckHandle::new(envelope.token(), self.client.mailbox.clone(), false);
                    Some(Event::EventsApi(Request::new(envelope, handle)))
                }
                _ => None,
            })
            .collect();
        self.client.queue.extend(&mut events, Waker::noop());
    }

    /// How many were acknowledged since the last look.
    fn acknowledged(&self) -> usize {
        let mut commands = Vec::new();
        self.client.mailbox.take(&Context::from_waker(Waker::noop()), false, &mut commands);
        commands.iter().filter(|command| matches!(command, Command::Acknowledge { .. })).count()
    }

    fn serves(
        &self,
        events: Events,
        app: App<impl Send + Sync + 'static, Scripted>,
    ) -> Task<Result<(), ServeError>> {
        let client = self.client.clone();
        Box::pin(async move { client.serve_here(events, app).await })
    }

    fn ends(&self) {
        self.client.mailbox.close(Some(StopReason::Requested));
        self.client.queue.end();
    }
}

type Task<O> = Pin<Box<dyn Future<Output = O>>>;

/// Polls until nobody wakes it any more.
fn run<O>(task: &mut Task<O>) -> Poll<O> {
    let (wakes, waker) = Wakes::task();
    loop {
        let before = wakes.count();
        let polled = task.as_mut().poll(&mut Context::from_waker(&waker));
        if polled.is_ready() || wakes.count() == before {
            return polled;
        }
    }
}

#[derive(Clone)]
struct Bot {
    log: Log,
    gate: Arc<Semaphore>,
}

async fn waits(State(bot): State<Bot>, said: MessageEvent) {
    bot.log.add(said.text.unwrap());
    bot.gate.acquire().await.forget();
}

fn bot() -> Bot {
    Bot { log: Log::default(), gate: Arc::new(Semaphore::new(0)) }
}

#[test]
fn with_all_places_taken_no_event_is_read_until_one_is_free() {
    let (stage, events) = Stage::new(true);
    let bot = bot();
    let app = Router::new(bot.clone()).event::<MessageEvent, _>(waits).concurrency(2).build().unwrap();
    let mut serving = stage.serves(events, app);
    stage.messages(&["1", "2", "3", "4"]);
    assert!(run(&mut serving).is_pending());
    assert_eq!((bot.log.take(), stage.client.queue.envelopes()), (vec!["1".to_owned(), "2".into()], 2));
    bot.gate.add_permits(1);
    assert!(run(&mut serving).is_pending());
    // The first is acknowledged, and its outcome is awaited no longer than the test drops it.
    assert_eq!(stage.acknowledged(), 1);
    assert!(run(&mut serving).is_pending());
    assert_eq!((bot.log.take(), stage.client.queue.envelopes()), (vec!["3".to_owned()], 1));
}

#[test]
fn with_all_places_taken_time_and_observers_go_on() {
    let (stage, events) = Stage::new(false);
    let bot = bot();
    async fn watches(State(bot): State<Bot>, event: InnerEvent) {
        super::Pause::default().await;
        bot.log.add(format!("{} is seen", event.field::<String>("text").unwrap()));
    }
    let router = Router::new(bot.clone()).event::<MessageEvent, _>(waits).concurrency(1);
    let app = router.observe(watches).build().unwrap();
    let mut serving = stage.serves(events, app);
    stage.messages(&["1", "2"]);
    assert!(run(&mut serving).is_pending());
    // 2.5 s are over at once on this clock.
    assert_eq!(stage.acknowledged(), 1);
    assert!(*stage.transport.now.lock().unwrap() >= crate::router::ANSWER_WITHIN);
    assert_eq!(bot.log.take(), ["1", "1 is seen"]);
}

#[test]
fn what_waits_for_its_turn_is_acknowledged_in_time() {
    let (stage, events) = Stage::new(false);
    let bot = bot();
    let router = Router::new(bot.clone()).event::<MessageEvent, _>(waits).ordered_by(Key::Channel);
    let client = stage.client.clone();
    let app = router.build().unwrap();
    let mut serving: Task<_> = Box::pin(async move { client.serve_here(events, app).await });
    stage.messages(&["1", "2", "3"]);
    assert!(run(&mut serving).is_pending());
    assert_eq!((stage.acknowledged(), bot.log.take()), (3, vec!["1".to_owned()]));
}

#[test]
fn an_observer_that_hangs_keeps_the_place_and_not_the_turn() {
    let (stage, events) = Stage::new(true);
    let bot = bot();
    bot.gate.add_permits(3);
    let router = Router::new(bot.clone()).event::<MessageEvent, _>(waits).observe(std::future::pending::<()>);
    let app = router.concurrency(2).ordered_by(Key::Channel).build().unwrap();
    let mut serving = stage.serves(events, app);
    stage.messages(&["1", "2"]);
    // Without the loop no acknowledgement has an outcome, so the loop's part is played here.
    for _ in 0..2 {
        assert!(run(&mut serving).is_pending());
        assert_eq!(stage.acknowledged(), 1);
    }
    stage.messages(&["3"]);
    assert!(run(&mut serving).is_pending());
    assert_eq!((bot.log.take(), stage.client.queue.envelopes()), (vec!["1".to_owned(), "2".into()], 1));
}

#[test]
fn what_was_not_taken_when_the_client_stopped_is_left_to_slack() {
    let (stage, events) = Stage::new(true);
    let bot = bot();
    let app = Router::new(bot.clone()).event::<MessageEvent, _>(waits).build().unwrap();
    let mut serving = stage.serves(events, app);
    stage.messages(&["1"]);
    stage.ends();
    assert_eq!(run(&mut serving), Poll::Ready(Ok(())));
    assert!(bot.log.take().is_empty());
}

#[test]
fn after_the_end_of_the_events_handlers_go_on_to_theirs() {
    let (stage, events) = Stage::new(true);
    let bot = bot();
    let app = Router::new(bot.clone()).event::<MessageEvent, _>(waits).build().unwrap();
    let mut serving = stage.serves(events, app);
    stage.messages(&["1", "2"]);
    assert!(run(&mut serving).is_pending());
    stage.ends();
    assert!(run(&mut serving).is_pending());
    bot.gate.add_permits(2);
    assert_eq!(run(&mut serving), Poll::Ready(Ok(())));
}

#[test]
fn only_handlers_under_way_are_unfinished() {
    let (stage, events) = Stage::new(false);
    let bot = bot();
    let app = Router::new(bot.clone()).event::<MessageEvent, _>(waits).build().unwrap();
    let mut serving = stage.serves(events, app);
    stage.messages(&["1", "2", "3"]);
    assert!(run(&mut serving).is_pending());
    assert_eq!(stage.acknowledged(), 3, "late ones too");
    bot.gate.add_permits(1);
    assert!(run(&mut serving).is_pending());
    // The grace is over at once on this clock.
    stage.ends();
    assert_eq!(run(&mut serving), Poll::Ready(Err(ServeError::Unfinished { handlers: 2 })));
}

#[test]
fn handlers_of_a_match_run_beside_what_is_awaited() {
    let (mut handlers, log) = (Handlers::new(), Log::default());
    for name in ["1", "2"] {
        let log = log.clone();
        handlers.push(async move {
            super::Pause::default().await;
            log.add(name);
        });
    }
    handlers.push(async { panic!("a bug") });
    assert_eq!(handlers.len(), 3);
    smol::block_on(async {
        assert_eq!(handlers.beside(std::future::ready("at once")).await, "at once");
        handlers.finish().await;
    });
    assert!(handlers.is_empty());
    assert_eq!(log.take(), ["1", "2"]);
}
