//! The Web API and `response_url`.

use super::client::{LONG, call, post, start};
use serde_json::json;
use socketmode_simulator::{CHANNEL, Options, Simulator, TokenKind, WaitError};
use std::pin::pin;
use std::time::Duration;

#[tokio::test]
async fn a_message_is_posted_as_json_or_as_a_form() {
    let slack = start();
    let token = slack.bot_token();
    let answer =
        call(&slack, "chat.postMessage", &token, &json!({"channel": CHANNEL, "text": "hi"})).await.json();
    assert_eq!((&answer["ok"], &answer["message"]["text"]), (&json!(true), &json!("hi")));
    let form = format!("token={token}&channel={CHANNEL}&text=a+%26+b&blocks=%5B%5D");
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let answer = post(slack.address(), "/api/chat.postMessage", &kind, form).await.unwrap().json();
    assert_eq!(answer["ok"], true);

    let first = slack.wait_for_call("chat.postMessage", LONG).await.unwrap();
    assert_eq!((first.token_kind, first.body), (TokenKind::Bot, json!({"channel": CHANNEL, "text": "hi"})));
    let second = slack.wait_for_call("chat.postMessage", LONG).await.unwrap();
    assert_eq!(second.body, json!({"channel": CHANNEL, "text": "a & b", "blocks": []}));
    let none = slack.wait_for_call("chat.postMessage", Duration::from_millis(5)).await;
    assert!(matches!(none, Err(WaitError::TimedOut { .. })));
    assert_eq!(slack.calls().len(), 2);
}

#[tokio::test]
async fn wrong_tokens_and_methods_are_refused() {
    let slack = start();
    let message = json!({"channel": CHANNEL, "text": "hi"});
    let app = call(&slack, "chat.postMessage", &slack.app_token(), &message).await.json();
    let wrong = call(&slack, "chat.postMessage", "xoxb-none", &message).await.json();
    let none = post(slack.address(), "/api/chat.postMessage", &[], String::new()).await.unwrap().json();
    let unknown = call(&slack, "chat.shout", &slack.bot_token(), &message).await.json();
    let empty =
        call(&slack, "chat.postMessage", &slack.bot_token(), &json!({"channel": CHANNEL})).await.json();
    let errors = [&app, &wrong, &none, &unknown, &empty].map(|answer| answer["error"].as_str().unwrap());
    assert_eq!(errors, ["not_allowed_token_type", "invalid_auth", "not_authed", "unknown_method", "no_text"]);
    assert_eq!(slack.calls()[0].error.as_deref(), Some("not_allowed_token_type"));
}

#[tokio::test]
async fn a_lenient_slack_takes_what_slack_refuses() {
    let slack = Simulator::start(Options { lenient: true, ..Options::default() }).unwrap();
    let token = slack.bot_token();
    let view = json!({"type": "modal", "callback_id": "form"});
    for (method, body) in [
        ("auth.test", json!({})),
        ("chat.postMessage", json!({"channel": "C1", "text": ""})),
        ("chat.postEphemeral", json!({"channel": "C1", "user": "U1", "text": "psst"})),
        ("chat.update", json!({"channel": "C1", "ts": "1.2", "text": "better"})),
        ("views.open", json!({"trigger_id": "1.2.3", "view": view})),
        ("views.push", json!({"trigger_id": "1.2.3", "view": view})),
        ("views.update", json!({"view_id": "V1", "view": view})),
        ("views.publish", json!({"user_id": "U1", "view": view})),
        ("reactions.add", json!({"channel": "C1", "name": "eyes", "timestamp": "1.2"})),
    ] {
        let answer = call(&slack, method, &token, &body).await.json();
        assert_eq!(answer["ok"], true, "{method}: {answer}");
    }
    let answer = post(slack.address(), "/response/none", &[], "text=hi".into()).await.unwrap();
    assert_eq!((answer.status, slack.counters().envelopes), (200, 0));
}

#[tokio::test]
async fn a_bot_learns_who_it_is() {
    let slack = start();
    let (token, app) = (slack.bot_token(), slack.app());
    let is = call(&slack, "auth.test", &token, &json!({})).await.json();
    assert_eq!((&is["user_id"], &is["bot_id"]), (&json!(app.bot_user_id), &json!(app.bot_id)));
    assert_eq!(call(&slack, "auth.test", &slack.app_token(), &json!({})).await.json()["ok"], true);
    assert_eq!(call(&slack, "api.test", &token, &json!({"a": "b"})).await.json()["args"], json!({"a": "b"}));
    for (method, key) in [("team.info", "team"), ("bots.info", "bot")] {
        assert!(call(&slack, method, &token, &json!({})).await.json()[key]["id"].is_string(), "{method}");
    }
}

#[tokio::test]
async fn a_link_is_unfurled_where_it_is_or_not_at_all() {
    let slack = start();
    let composed = json!({"unfurl_id": "U1", "source": "composer", "unfurls": {}});
    assert_eq!(call(&slack, "chat.unfurl", &slack.bot_token(), &composed).await.json()["ok"], true);
    for (body, wanted) in [
        (json!({"ts": "1.2", "unfurls": {}}), "missing_channel"),
        (json!({"channel": CHANNEL, "unfurls": {}}), "missing_ts"),
        (json!({"unfurl_id": "U1", "unfurls": {}}), "missing_source"),
        (json!({"source": "composer", "unfurls": {}}), "missing_unfurl_id"),
        (json!({"channel": CHANNEL, "ts": "1.2"}), "missing_unfurls"),
        (json!({"channel": CHANNEL, "ts": "1.2", "unfurls": "none"}), "invalid_unfurls_format"),
    ] {
        assert_eq!(call(&slack, "chat.unfurl", &slack.bot_token(), &body).await.json()["error"], wanted);
    }
}

#[tokio::test]
async fn an_answer_that_is_held_back_comes_once_it_is_released() {
    let slack = start();
    let token = slack.bot_token();
    let arguments = json!({"channel": CHANNEL, "text": "hi"});
    slack.hold_answers("chat.postMessage");
    let mut held = pin!(call(&slack, "chat.postMessage", &token, &arguments));
    tokio::select! {
        biased;
        answer = &mut held => panic!("{}", answer.body),
        taken = slack.wait_for_call("chat.postMessage", LONG) => assert_eq!(taken.unwrap().body, arguments),
    }
    // Others do not wait for it.
    assert_eq!(call(&slack, "auth.test", &token, &json!({})).await.json()["ok"], true);
    slack.release_answers("chat.postMessage");
    assert_eq!(held.await.json()["ok"], true);
    assert_eq!(call(&slack, "chat.postMessage", &token, &arguments).await.json()["ok"], true);
}

#[tokio::test]
async fn an_answer_can_be_scripted() {
    let slack = start();
    slack.next_call_answer(
        "chat.postMessage",
        429,
        &[("Retry-After", "7")],
        json!({"ok": false, "error": "ratelimited"}),
    );
    slack.next_call_answer("chat.postMessage", 502, &[], json!("<html>bad gateway</html>"));
    let message = json!({"channel": CHANNEL, "text": "hi"});
    let limited = call(&slack, "chat.postMessage", &slack.bot_token(), &message).await;
    assert_eq!((limited.status, &limited.headers["retry-after"]), (429, &"7".parse().unwrap()));
    slack.next_call_answer("auth.test", 200, &[("Content-Length", "5")], json!("x"));
    let short = call(&slack, "auth.test", &slack.bot_token(), &json!({})).await;
    assert!(short.status == 500 && short.body.contains("content-length"), "{}", short.body);
    let broken = call(&slack, "chat.postMessage", &slack.bot_token(), &message).await;
    assert_eq!((broken.status, broken.body.as_str()), (502, "<html>bad gateway</html>"));
    assert_eq!(call(&slack, "chat.postMessage", &slack.bot_token(), &message).await.json()["ok"], true);
}
