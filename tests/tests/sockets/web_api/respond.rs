//! Messages to a `response_url`, which must not carry a token nor go elsewhere.

use super::{SECRET, calls, shows_no_secret, web, web_at};
use crate::harness::{LONG, Stage, on_each_driver};
use serde_json::{Value, json};
use socketmode_driver::Message;
use socketmode_driver::web::WebError;
use socketmode_driver::{BotToken, Runtime};
use socketmode_simulator::{Options, TokenKind};
use std::net::TcpListener;

on_each_driver![
    a_response_url_gets_the_message_and_no_token,
    a_response_url_that_refuses_is_an_error_that_echoes_nothing,
    a_message_is_not_sent_to_a_host_that_is_not_slacks,
];

async fn a_response_url_gets_the_message_and_no_token<R: Runtime>() {
    // Nobody reads what it posts.
    let stage = Stage::<R>::new(Options { own_posts_come_back: false, ..Options::default() });
    let (mut bot, _) = stage.connected(stage.builder()).await;
    stage.slack.command("/launch", "now");
    let request = bot.request().await;
    let url = request.payload::<Value>().unwrap()["response_url"].as_str().unwrap().to_owned();
    stage.clock.soon("the outcome", request.ack()).await.unwrap();
    let web = bot.client.web(BotToken::new(&stage.slack.bot_token()).unwrap());
    let message = json!({"response_type": "in_channel", "text": "launched"});
    stage.slack.next_call_answer("response_url", 429, &[("Retry-After", "1")], json!(""));
    stage.clock.soon("the answer", web.respond(&url, &message)).await.unwrap();
    let calls = calls(&stage.slack, "response_url");
    assert_eq!(calls.len(), 2);
    for call in calls {
        assert_eq!((call.token_kind, &call.body), (TokenKind::None, &message));
    }
    bot.ends(LONG).await;
}

async fn a_response_url_that_refuses_is_an_error_that_echoes_nothing<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (slack, web) = (&stage.slack, web(&stage));
    let url = stage.slack.api_url().replace("/api/", "/response/0123");
    let message = Message::new(SECRET);
    for (status, body, code) in [
        (200, json!("invalid_payload"), "invalid_payload"),
        (404, json!({"ok": false, "error": "used_url"}), "used_url"),
    ] {
        slack.next_call_answer("response_url", status, &[], body);
        let error = stage.clock.soon("the answer", web.respond(&url, &message)).await.unwrap_err();
        assert!(matches!(&error, WebError::Slack(refusal) if refusal.error == code), "{error:?}");
        shows_no_secret(&stage, &error);
    }
    for (status, body) in [
        (200, json!(SECRET)),
        (200, json!({"ok": false, "error": SECRET})),
        (502, json!(format!("<html>{SECRET}</html>"))),
        (302, json!("ok")),
    ] {
        slack.next_call_answer("response_url", status, &[("Location", "/response/1")], body);
        let error = stage.clock.soon("the answer", web.respond(&url, &message)).await.unwrap_err();
        assert_eq!(error, WebError::Status(status));
        shows_no_secret(&stage, &error);
    }
    assert_eq!(slack.counters().calls, 6);
    // Nobody there.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{gone}/response/0123");
    let error = stage.clock.soon("the answer", web.respond(&url, &message)).await.unwrap_err();
    assert!(matches!(error, WebError::Transport(_)), "{error:?}");
    shows_no_secret(&stage, &error);
}

async fn a_message_is_not_sent_to_a_host_that_is_not_slacks<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let web = web(&stage);
    let own = stage.slack.address();
    for url in [
        "https://example.com/response/1".to_owned(),
        "http://hooks.slack.com/response/1".to_owned(),
        "https://hooks.slack.com@example.com/response/1".to_owned(),
        "https://hooks.slack.com.example.com/response/1".to_owned(),
        format!("http://hooks.slack.com@{own}/response/1"),
        format!("ws://{own}/response/1"),
        format!("{own}/response/1"),
        String::new(),
    ] {
        let answer = stage.clock.soon("the answer", web.respond(&url, &Message::new("x"))).await;
        let error = answer.unwrap_err();
        assert!(matches!(error, WebError::ResponseUrl { .. }), "{url}: {error:?}");
        shows_no_secret(&stage, &error);
    }
    // For a client of slack.com this machine is a foreign host too.
    let of_slack = web_at(&stage, "https://slack.com/api/".to_owned());
    let local = format!("http://{own}/response/1");
    let error =
        stage.clock.soon("the answer", of_slack.respond(&local, &Message::new("x"))).await.unwrap_err();
    assert!(matches!(error, WebError::ResponseUrl { .. }), "{error:?}");
    assert_eq!(stage.slack.counters().calls, 0);
}
