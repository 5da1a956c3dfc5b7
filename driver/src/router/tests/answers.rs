//! What is acknowledged when, and with what.

use super::{Log, Pause, Router, Slack, dispatch};
use crate::fake;
use crate::payload::{AppMention, BlockActions, SlashCommand, ViewSubmission};
use crate::router::{Ack, AckEvents, Click, Responder, State};
use crate::web::testing::Scripted;
use crate::{AckError, Acked, Message, Suggestions, ViewResponse, WebError};
use serde_json::json;

#[test]
fn a_command_is_answered_with_what_its_handler_returns() {
    let slack = Slack::new();
    let app = Router::new(())
        .command("/message", || async { Message::new("hi").in_channel() })
        .command("/text", || async { "hi" })
        .command("/string", || async { Ok::<_, WebError>(String::from("hi")) })
        .command("/some", || async { Some(Message::new("hi")) })
        .command("/none", || async { None::<Message> })
        .command("/nothing", || async {})
        .build()
        .unwrap();
    let text = json!({ "text": "hi" });
    for (command, wanted) in [
        ("/message", Some(json!({ "text": "hi", "response_type": "in_channel" }))),
        ("/text", Some(text.clone())),
        ("/string", Some(text.clone())),
        ("/some", Some(text)),
        ("/none", None),
        ("/nothing", None),
    ] {
        let outcome = dispatch(&slack, &app, fake::command(command));
        assert!(outcome.is_acknowledged(), "{command}");
        assert_eq!(outcome.answer(), wanted.as_ref(), "{command}");
    }
}

#[test]
fn a_submission_and_a_menu_have_answers_of_their_own() {
    let slack = Slack::new();
    let app = Router::new(())
        .view("bad", || async { ViewResponse::errors([("b", "No.")]) })
        .view("good", || async { None::<ViewResponse> })
        .suggest("menu", || async { Ok::<_, WebError>(Suggestions::new([("Rust", "rs")])) })
        .build()
        .unwrap();
    let outcome = dispatch(&slack, &app, fake::submission("bad"));
    assert_eq!(outcome.answer(), Some(&json!({ "response_action": "errors", "errors": { "b": "No." } })));
    let outcome = dispatch(&slack, &app, fake::submission("good"));
    assert_eq!((outcome.is_acknowledged(), outcome.answer()), (true, None));
    let outcome = dispatch(&slack, &app, fake::suggestion("menu", "r"));
    let option = json!({ "text": { "type": "plain_text", "text": "Rust" }, "value": "rs" });
    assert_eq!(outcome.answer(), Some(&json!({ "options": [option] })));
}

#[test]
fn a_click_is_acknowledged_before_its_handler_runs() {
    async fn click(_: Click, ack: Ack<BlockActions>, log: State<Log>) -> Result<Acked, AckError> {
        // The outcome of what has gone out already.
        let acked = ack.ack().await?;
        log.add("acknowledged");
        Ok(acked)
    }
    let (slack, log) = (Slack::new(), Log::default());
    let app = Router::new(log.clone()).action("a", click).build().unwrap();
    assert!(dispatch(&slack, &app, fake::click("a")).is_acknowledged());
    assert_eq!(log.take(), ["acknowledged"]);
}

#[test]
fn a_handler_that_answers_early_works_on() {
    async fn deploy(
        command: SlashCommand,
        ack: Ack<SlashCommand>,
        responder: Responder<Scripted>,
    ) -> Result<Acked, Box<dyn std::error::Error + Send + Sync>> {
        let acked = ack.ack_with("On it.").await?;
        responder.send(&Message::new(format!("{} is done.", command.text.unwrap()))).await?;
        Ok(acked)
    }
    let slack = Slack::new();
    let app = Router::new(()).command("/deploy", deploy).build().unwrap();
    let outcome = dispatch(&slack, &app, fake::command("/deploy").text("api"));
    assert_eq!(outcome.answer(), Some(&json!({ "text": "On it." })));
    assert_eq!(outcome.call("response_url"), &json!({ "text": "api is done." }));
}

#[test]
fn an_answer_that_comes_late_goes_to_the_response_url() {
    async fn slow() -> &'static str {
        Pause::default().await;
        "At last."
    }
    let slack = Slack::new();
    let app = Router::new(()).command("/slow", slow).build().unwrap();
    let outcome = dispatch(&slack, &app, fake::command("/slow").too_slow());
    assert_eq!((outcome.is_acknowledged(), outcome.answer()), (true, None));
    assert_eq!(outcome.call("response_url"), &json!({ "text": "At last." }));
}

#[test]
fn a_late_answer_without_a_response_url_is_reported() {
    async fn slow() -> ViewResponse {
        Pause::default().await;
        ViewResponse::clear()
    }
    let (slack, log) = (Slack::new(), Log::default());
    let app = Router::new(()).view("slow", slow).on_error(log.errors()).build().unwrap();
    let outcome = dispatch(&slack, &app, fake::submission("slow").too_slow());
    assert_eq!((outcome.is_acknowledged(), outcome.answer()), (true, None));
    let errors = log.take();
    assert!(errors[0].contains("view slow") && errors[0].contains("late"), "{errors:?}");
}

#[test]
fn an_early_answer_that_is_late_goes_to_the_response_url() {
    async fn slow(ack: Ack<SlashCommand>) -> Result<Acked, AckError> {
        Pause::default().await;
        ack.ack_with("At last.").await
    }
    let slack = Slack::new();
    let app = Router::new(()).command("/slow", slow).build().unwrap();
    let outcome = dispatch(&slack, &app, fake::command("/slow").too_slow());
    assert_eq!((outcome.is_acknowledged(), outcome.answer()), (true, None));
    assert_eq!(outcome.call("response_url"), &json!({ "text": "At last." }));
}

#[test]
fn an_answer_that_is_too_large_goes_to_the_response_url() {
    let (slack, log) = (Slack::new(), Log::default());
    let app = Router::new(())
        .command("/long", || async { "x".repeat(30_000) })
        .view("long", |_: ViewSubmission| async { ViewResponse::errors([("b", "x".repeat(30_000))]) })
        .on_error(log.errors())
        .build()
        .unwrap();
    let outcome = dispatch(&slack, &app, fake::command("/long"));
    assert_eq!((outcome.is_acknowledged(), outcome.answer()), (true, None));
    assert_eq!(outcome.call("response_url"), &json!({ "text": "x".repeat(30_000) }));
    assert!(log.take().is_empty());
    // A view has none.
    let outcome = dispatch(&slack, &app, fake::submission("long").value("b", "a", "v"));
    assert!(outcome.answer().unwrap()["errors"]["b"].as_str().unwrap().contains("went wrong"));
    assert!(log.take()[0].contains("30"), "the size");
}

#[test]
fn an_event_is_acknowledged_after_its_handler_or_before_it() {
    for (when, wanted) in [(AckEvents::AfterSuccess, false), (AckEvents::First, true)] {
        let slack = Slack::new();
        let fails = || async { Err::<(), _>("no") };
        let app = Router::new(()).event::<AppMention, _>(fails).ack_events(when).build().unwrap();
        let outcome = dispatch(&slack, &app, fake::event(json!({ "type": "app_mention" })));
        assert_eq!(outcome.is_acknowledged(), wanted, "{when:?}");
    }
}
