//! Requests from a queue, whose desk is not a client's.

use super::{Log, Router, Slack};
use crate::AckErrorKind;
use crate::detached::{self, Answer, Step};
use crate::fake::{self, Incoming};
use crate::router::{App, Click, Key, State};
use crate::web::testing::Scripted;
use futures_util::future::{Either, select};
use serde_json::json;
use std::pin::pin;

/// What was done with the request, and what went wrong. `tell` is what becomes of an answer.
fn dispatch<S: Send + Sync + 'static>(
    slack: &Slack<Scripted>,
    app: &App<S, Scripted>,
    it: &Incoming,
    tell: fn(Answer),
) -> (Option<&'static str>, Option<String>) {
    smol::block_on(async {
        let (request, mut desk) = detached::request(&it.text_with("e1")).unwrap();
        let web = slack.web();
        let run = pin!(app.dispatch_queued(request, &web));
        let step = pin!(desk.next());
        match select(step, run).await {
            Either::Left((Step::Acknowledge(answer), run)) => {
                tell(answer);
                (Some("acknowledged"), run.await)
            }
            Either::Left((Step::Decline, run)) => (Some("declined"), run.await),
            Either::Right((failure, step)) => match step.await {
                Step::Acknowledge(_) => (Some("acknowledged"), failure),
                Step::Decline => (Some("declined"), failure),
            },
        }
    })
}

#[test]
fn a_click_is_acknowledged_when_its_handler_has_succeeded() {
    let (slack, log) = (Slack::new(), Log::default());
    let app = Router::new(log.clone())
        .action("good", |_: Click, State(log): State<Log>| async move { log.add("good") })
        .action("bad", |_: Click| async { Err::<(), _>(std::io::Error::other("no database")) })
        .on_error(log.errors())
        .build()
        .unwrap();
    assert_eq!(dispatch(&slack, &app, &fake::click("good"), Answer::sent), (Some("acknowledged"), None));
    assert_eq!(log.take(), ["good"]);
    let (step, failure) = dispatch(&slack, &app, &fake::click("bad"), Answer::sent);
    assert_eq!(step, Some("declined"));
    assert!(failure.unwrap().contains("no database"));
}

#[test]
fn an_answer_that_is_late_goes_to_the_response_url() {
    let slack = Slack::new();
    let app = Router::new(()).command("/hi", || async { "Hello" }).build().unwrap();
    for (tell, posts) in
        [(Answer::sent as fn(Answer), 0), (Answer::settled, 1), (Answer::lost, 1), (Answer::unknown, 1)]
    {
        let (step, failure) = dispatch(&slack, &app, &fake::command("/hi"), tell);
        let calls = smol::block_on(slack.dispatch(&app, fake::command("/other"))).calls().to_vec();
        assert_eq!((step, calls.len()), (Some("acknowledged"), posts), "{failure:?}");
        assert!(calls.iter().all(|call| call.arguments == json!({ "text": "Hello" })), "{calls:?}");
    }
}

#[test]
fn a_kept_context_does_not_hold_the_request() {
    let slack = Slack::new();
    let kept = crate::sync::Arc::new(crate::sync::Mutex::new(None));
    let keep = kept.clone();
    let app = Router::new(())
        .event_named("message", move |cx: crate::router::Context<(), Scripted>| {
            *keep.lock().unwrap() = Some(cx);
            async { Err::<(), _>(std::io::Error::other("no")) }
        })
        .build()
        .unwrap();
    let (step, failure) = dispatch(&slack, &app, &fake::event(json!({ "type": "message" })), Answer::sent);
    assert_eq!((step, failure.is_some()), (Some("declined"), true));
    assert!(kept.lock().unwrap().is_some());
}

#[test]
fn the_key_of_an_envelope_is_that_of_the_router() {
    let key = |key: Key, it: Incoming| {
        let (request, _desk) = detached::request(&it.text_with("e1")).unwrap();
        key.of(request.envelope())
    };
    let said = || fake::event(json!({ "type": "message", "thread_ts": "1.5" }));
    assert_eq!(key(Key::Thread, said()), Some("C0FAKE\n1.5".to_owned()));
    assert_eq!(key(Key::User, said()), Some("U0FAKE".to_owned()));
    assert_eq!(key(Key::Channel, fake::click("a")), Some("C0FAKE".to_owned()));
    assert_eq!(key(Key::Team, fake::command("/x")), Some("T0FAKE".to_owned()));
    assert_eq!(key(Key::Thread, fake::command("/x")), None);
}

#[test]
fn a_refused_answer_is_not_a_client_error() {
    let slack = Slack::new();
    let app = Router::new(()).command("/hi", || async { "Hello" }).build().unwrap();
    let (_, failure) = dispatch(&slack, &app, &fake::command("/hi"), drop);
    let stopped = AckErrorKind::Refused(crate::AckRefusal::Stopped).to_string();
    assert!(failure.unwrap().contains(&stopped));
}
