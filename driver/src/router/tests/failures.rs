//! Handlers that fail, and requests that nobody takes.

use super::{Log, Pause, Router, Slack, dispatch};
use crate::fake;
use crate::payload::AppMention;
use crate::request::Any;
use crate::router::{Ack, ChannelId, Click, HandlerError, Next, Reply};
use crate::web::testing::Scripted;
use crate::{Message, WebError};
use serde_json::json;

fn fails() -> impl Future<Output = Result<(), &'static str>> {
    std::future::ready(Err("the disk is full"))
}

async fn panics() {
    panic!("a bug")
}

fn mention() -> fake::Incoming {
    fake::event(json!({ "type": "app_mention", "text": "hi" }))
}

#[test]
fn the_event_of_a_handler_that_failed_is_not_acknowledged() {
    let (slack, log) = (Slack::new(), Log::default());
    let app = Router::new(()).event::<AppMention, _>(fails).on_error(log.errors()).build().unwrap();
    assert!(!dispatch(&slack, &app, mention()).is_acknowledged());
    let errors = log.take();
    assert!(errors[0].contains("event app_mention") && errors[0].contains("the disk is full"), "{errors:?}");
}

#[test]
fn a_slow_report_acknowledges_no_failed_event() {
    let slack = Slack::new();
    let report = |_: HandlerError| Pause::default();
    let app = Router::new(()).event::<AppMention, _>(fails).on_error(report).build().unwrap();
    assert!(!dispatch(&slack, &app, mention().too_slow()).is_acknowledged());
}

#[test]
fn an_ack_after_a_failure_ends_with_an_error() {
    let (slack, log) = (Slack::new(), Log::default());
    let told = log.clone();
    let observer = move |ack: Ack<Any>| {
        let told = told.clone();
        async move {
            Pause::default().await;
            told.add(if ack.ack().await.is_ok() { "acknowledged" } else { "refused" });
        }
    };
    let app = Router::new(()).event::<AppMention, _>(fails).observe(observer).build().unwrap();
    assert!(!dispatch(&slack, &app, mention()).is_acknowledged());
    assert_eq!(log.take(), ["refused"]);
}

#[test]
fn an_answer_over_a_limit_is_a_failure_that_names_it() {
    let (slack, log) = (Slack::new(), Log::default());
    let long = || async {
        let text = json!({ "type": "mrkdwn", "text": "x".repeat(3_001) });
        Message::new("").blocks(&[json!({ "type": "section", "text": text })])
    };
    let app =
        Router::new(()).command("/long", long).apology("Sorry!").on_error(log.errors()).build().unwrap();
    let outcome = dispatch(&slack, &app, fake::command("/long"));
    assert_eq!(outcome.answer(), Some(&json!({ "text": "Sorry!" })));
    let errors = log.take();
    assert!(errors[0].contains("blocks[0].text") && errors[0].contains("3000"), "{errors:?}");
}

#[test]
fn a_panic_is_reported_with_its_route_and_stops_nothing() {
    let (slack, log) = (Slack::new(), Log::default());
    // A panic before the future is made, and one in it.
    let at_once = |_: Click| -> std::future::Ready<()> { panic!("a bug") };
    let app = Router::new(())
        .action("at_once", at_once)
        .event::<AppMention, _>(panics)
        .command("/well", || async { "well" })
        .on_error(log.errors())
        .build()
        .unwrap();
    assert!(dispatch(&slack, &app, fake::click("at_once")).is_acknowledged());
    assert!(!dispatch(&slack, &app, mention()).is_acknowledged());
    let errors = log.take();
    assert!(errors[0].starts_with("action at_once") && errors[0].contains("panicked"), "{errors:?}");
    assert!(errors[1].starts_with("event app_mention") && errors[1].contains("panicked"), "{errors:?}");
    assert_eq!(dispatch(&slack, &app, fake::command("/well")).answer(), Some(&json!({ "text": "well" })));
}

#[test]
fn whoever_typed_a_command_that_fails_sees_the_apology() {
    let slack = Slack::new();
    let app = Router::new(()).command("/fails", fails).apology("Sorry!").build().unwrap();
    let outcome = dispatch(&slack, &app, fake::command("/fails"));
    assert_eq!(outcome.answer(), Some(&json!({ "text": "Sorry!" })));
    // After 2.5 s at the response_url.
    let slow = || async {
        Pause::default().await;
        Err::<Message, _>("no")
    };
    let app = Router::new(()).command("/slow", slow).apology("Sorry!").build().unwrap();
    let outcome = dispatch(&slack, &app, fake::command("/slow").too_slow());
    assert_eq!(outcome.call("response_url"), &json!({ "text": "Sorry!" }));
}

#[test]
fn a_view_that_fails_stays_open_with_the_apology() {
    let slack = Slack::new();
    let app = Router::new(()).view("form", panics).apology("Sorry!").build().unwrap();
    let request = fake::submission("form").value("second", "a", "x").value("first", "a", "y");
    let outcome = dispatch(&slack, &app, request);
    assert_eq!(
        outcome.answer(),
        Some(&json!({ "response_action": "errors", "errors": { "second": "Sorry!" } }))
    );
    // Without an input there is no place for it in the view.
    let outcome = dispatch(&slack, &app, fake::submission("form"));
    let pushed = outcome.answer().unwrap();
    assert_eq!(pushed["response_action"], "push");
    assert!(pushed.to_string().contains("Sorry!"), "{pushed}");
}

#[test]
fn an_argument_that_is_missing_is_told_with_what_to_do() {
    async fn wants_a_channel(_: ChannelId) {}
    let (slack, log) = (Slack::new(), Log::default());
    let app = Router::new(()).shortcut("s", wants_a_channel).on_error(log.errors()).build().unwrap();
    assert!(dispatch(&slack, &app, fake::shortcut("s")).is_acknowledged());
    let errors = log.take();
    assert!(errors[0].contains("shortcut s") && errors[0].contains("take it as an Option"), "{errors:?}");
}

#[test]
fn what_nobody_takes_is_acknowledged_unless_an_answer_is_due() {
    let (slack, log) = (Slack::new(), Log::default());
    let app = Router::new(()).on_error(log.errors()).apology("Sorry!").build().unwrap();
    for request in [mention(), fake::click("x"), fake::closed("x"), fake::shortcut("x")] {
        assert!(dispatch(&slack, &app, request).is_acknowledged());
    }
    assert!(log.take().is_empty());
    let outcome = dispatch(&slack, &app, fake::command("/x"));
    assert_eq!(outcome.answer(), Some(&json!({ "text": "Sorry!" })));
    assert!(!dispatch(&slack, &app, fake::suggestion("x", "y")).is_acknowledged());
    assert!(log.take().iter().all(|error| error.contains("no route has this name")));
}

#[test]
fn a_layer_or_a_report_that_panics_is_a_failure_of_one_request() {
    async fn layer(_: crate::router::Context<(), Scripted>, _: Next<(), Scripted>) -> Reply {
        panic!("a bug")
    }
    let slack = Slack::new();
    let app = Router::new(())
        .command("/c", || async { "hi" })
        .layer(layer)
        .on_error(|_| -> std::future::Ready<()> { panic!("another") })
        .apology("Sorry!")
        .build()
        .unwrap();
    let outcome = dispatch(&slack, &app, fake::command("/c"));
    assert_eq!(outcome.answer(), Some(&json!({ "text": "Sorry!" })));
}

#[test]
fn a_message_that_cannot_be_posted_late_is_reported() {
    let (slack, log) = (Slack::new(), Log::default());
    let slow = || async {
        Pause::default().await;
        Ok::<_, WebError>("At last.")
    };
    let app = Router::new(()).command("/slow", slow).on_error(log.errors()).build().unwrap();
    slack.answer("response_url", json!({ "ok": false, "error": "used_url" }));
    dispatch(&slack, &app, fake::command("/slow").too_slow());
    let errors = log.take();
    assert!(errors[0].contains("used_url") && errors[0].contains("response_url"), "{errors:?}");
}
