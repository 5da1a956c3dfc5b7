//! What happens at the rate limit.

use super::{SECRET, calls, shows_no_secret, web, web_at};
use crate::harness::{LONG, Stage, ms, on_each_driver};
use serde_json::{Value, json};
use socketmode_driver::web::{Web, WebError};
use socketmode_driver::{Message, Runtime, TransportErrorKind};
use socketmode_simulator::{CHANNEL, Options, TokenKind};
use std::net::TcpListener;
use std::time::Duration;

on_each_driver![
    the_rate_limit_is_waited_for_and_the_call_made_again,
    a_wait_that_is_too_long_is_refused_at_once,
    what_is_rate_limited_for_ever_is_given_up,
    nothing_but_the_rate_limit_is_tried_again,
];

const RATE_LIMITED: &str = r#"{"ok":false,"error":"ratelimited"}"#;

async fn the_rate_limit_is_waited_for_and_the_call_made_again<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (slack, web) = (&stage.slack, web(&stage));
    slack.next_call_answer("chat.postMessage", 429, &[("Retry-After", "1")], json!("slow down"));
    let limited: Value = serde_json::from_str(RATE_LIMITED).unwrap();
    slack.next_call_answer("chat.postMessage", 200, &[], limited);
    let message = Message::new("good morning");
    let posted = stage.clock.soon("the answer", web.post_message(CHANNEL, &message)).await.unwrap();
    assert_eq!(posted.channel, CHANNEL);
    let calls = calls(slack, "chat.postMessage");
    assert_eq!(calls.len(), 3);
    for pair in calls.windows(2) {
        let wait = pair[1].at - pair[0].at;
        assert!(wait >= ms(990) && wait < LONG, "{wait:?}");
        assert_eq!((&pair[1].body, pair[1].token_kind), (&pair[0].body, TokenKind::Bot));
    }
}

async fn a_wait_that_is_too_long_is_refused_at_once<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let web = web(&stage);
    for (header, seconds) in [("61", 61), ("86400", 86_400), ("99999999999999999999", u64::MAX)] {
        stage.slack.next_call_answer("auth.test", 429, &[("Retry-After", header)], json!("slow down"));
        let error = stage.clock.soon("the answer", web.auth_test()).await.unwrap_err();
        assert_eq!(error, WebError::RateLimited { retry_after: Duration::from_secs(seconds) });
    }
    assert_eq!(stage.slack.counters().calls, 3);
}

async fn what_is_rate_limited_for_ever_is_given_up<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let web = web(&stage);
    for _ in 0..10 {
        // Without a header it is a second.
        stage.slack.next_call_answer("auth.test", 429, &[], json!("slow down"));
    }
    let error = stage.clock.soon("the answer", web.auth_test()).await.unwrap_err();
    assert_eq!(error, WebError::RateLimited { retry_after: ms(1_000) });
    assert_eq!(stage.slack.counters().calls, 1 + u64::from(Web::<R>::MAX_RETRIES));
}

async fn nothing_but_the_rate_limit_is_tried_again<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (slack, web) = (&stage.slack, web(&stage));
    let html = json!(format!("<html>{SECRET}</html>"));
    for status in [502, 503, 500, 408, 200] {
        slack.next_call_answer("auth.test", status, &[("Retry-After", "1")], html.clone());
        let error = stage.clock.soon("the answer", web.auth_test()).await.unwrap_err();
        assert_eq!(error, WebError::Status(status));
        shows_no_secret(&stage, &error);
    }
    slack.next_call_answer("auth.test", 200, &[], json!({"ok": false, "error": "internal_error"}));
    let error = stage.clock.soon("the answer", web.auth_test()).await.unwrap_err();
    assert!(matches!(error, WebError::Slack(_)), "{error}");
    // A redirect is not followed with the token.
    slack.next_call_answer("auth.test", 302, &[("Location", "/api/chat.postMessage")], json!(""));
    let error = stage.clock.soon("the answer", web.auth_test()).await.unwrap_err();
    assert_eq!(error, WebError::Status(302));
    assert_eq!(slack.counters().calls, 7);
    // Nobody there.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = stage.clock.soon("the answer", web_at(&stage, format!("http://{gone}/")).auth_test()).await;
    match error.unwrap_err() {
        WebError::Transport(error) => assert_eq!(error.kind(), TransportErrorKind::Connect, "{error}"),
        other => panic!("{other:?}"),
    }
}
