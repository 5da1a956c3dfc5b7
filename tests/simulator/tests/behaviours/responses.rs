//! Posts to a `response_url`, and triggers: what each is good for, and for how long.

use super::client::{Answer, LONG, Socket, call, click, connect, no_event, post, start, trigger};
use serde_json::{Value, json};
use socketmode_simulator::{CHANNEL, Options, PERSON, Simulator, TokenKind};
use std::time::Duration;

async fn url_of_a_command(slack: &Simulator, socket: &mut Socket) -> String {
    slack.command("/later", "");
    url(&no_event(socket).await)
}

fn url(envelope: &Value) -> String {
    envelope["payload"]["response_url"].as_str().unwrap().to_owned()
}

async fn respond(slack: &Simulator, url: &str, body: &Value) -> Answer {
    let path = url.strip_prefix(&format!("http://{}", slack.address())).unwrap();
    post(slack.address(), path, &[("content-type", "application/json")], body.to_string()).await.unwrap()
}

#[tokio::test]
async fn a_post_to_the_response_url_is_a_call_and_a_message() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let url = url_of_a_command(&slack, &mut socket).await;
    let answer = respond(&slack, &url, &json!({"text": "done"})).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    let call = slack.wait_for_call("response_url", LONG).await.unwrap();
    assert_eq!((call.token_kind, call.body), (TokenKind::None, json!({"text": "done"})));
    let message = slack.wait_for_message(LONG).await.unwrap();
    assert_eq!((message.text.as_str(), message.is_ephemeral), ("done", true));
    assert_eq!((message.to.as_deref(), message.channel.as_str()), (Some(PERSON), CHANNEL));

    respond(&slack, &url, &json!({"text": "for all", "response_type": "in_channel"})).await;
    assert!(!slack.wait_for_message(LONG).await.unwrap().is_ephemeral);
    respond(&slack, &url, &json!({"text": "better", "replace_original": true})).await;
    let texts: Vec<_> = slack.messages().into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["better", "for all"]);
    let empty = respond(&slack, &url, &json!({"text": ""})).await;
    assert_eq!((empty.status, &empty.json()["error"]), (404, &json!("no_text")));
}

#[tokio::test]
async fn the_message_of_a_click_is_replaced_and_deleted() {
    let slack = start();
    let mut socket = connect(&slack).await;
    click(&slack, "approve", "42");
    let url = url(&no_event(&mut socket).await);
    respond(&slack, &url, &json!({"text": "approved", "replace_original": "true"})).await;
    let messages = slack.messages();
    assert_eq!((messages.len(), messages[0].text.as_str()), (1, "approved"));
    assert_eq!(messages[0].blocks, json!([]));
    respond(&slack, &url, &json!({"delete_original": true})).await;
    assert!(slack.messages().is_empty());
}

#[tokio::test]
async fn a_response_url_is_good_for_five_posts() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let url = url_of_a_command(&slack, &mut socket).await;
    for _ in 0..5 {
        assert_eq!(respond(&slack, &url, &json!({"text": "again"})).await.status, 200);
    }
    let used = respond(&slack, &url, &json!({"text": "once more"})).await;
    assert_eq!((used.status, used.json()), (404, json!({"ok": false, "error": "used_url"})));
    assert_eq!(slack.calls().last().unwrap().error.as_deref(), Some("used_url"));
    assert_eq!(slack.messages().len(), 5);
}

#[tokio::test]
async fn a_response_url_expires_and_none_can_be_made_up() {
    let response_url_lifetime = Duration::ZERO;
    let slack = Simulator::start(Options { response_url_lifetime, ..Options::default() }).unwrap();
    let mut socket = connect(&slack).await;
    let url = url_of_a_command(&slack, &mut socket).await;
    let expired = respond(&slack, &url, &json!({"text": "too late"})).await;
    assert_eq!((expired.status, &expired.json()["error"]), (404, &json!("expired_url")));
    let made_up = format!("http://{}/response/0123", slack.address());
    assert_eq!(respond(&slack, &made_up, &json!({"text": "hi"})).await.status, 404);
    assert!(slack.messages().is_empty());
}

#[tokio::test]
async fn a_lenient_slack_takes_posts_for_ever() {
    let options = Options { lenient: true, response_url_lifetime: Duration::ZERO, ..Options::default() };
    let slack = Simulator::start(options).unwrap();
    let mut socket = connect(&slack).await;
    let url = url_of_a_command(&slack, &mut socket).await;
    for _ in 0..6 {
        assert_eq!(respond(&slack, &url, &json!({"text": "again"})).await.status, 200);
    }
    assert_eq!(slack.messages().len(), 6);
}

fn view() -> Value {
    let section = json!({"type": "section", "text": {"type": "mrkdwn", "text": "Well?"}});
    json!({"type": "modal", "title": {"type": "plain_text", "text": "Form"}, "blocks": [section]})
}

async fn open(slack: &Simulator, trigger: &Value) -> Value {
    let body = json!({"trigger_id": trigger, "view": view()});
    call(slack, "views.open", &slack.bot_token(), &body).await.json()["error"].clone()
}

#[tokio::test]
async fn a_trigger_opens_one_view() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let trigger = trigger(&slack, &mut socket).await;
    assert_eq!(open(&slack, &trigger).await, Value::Null);
    assert_eq!(open(&slack, &trigger).await, "exchanged_trigger_id");
    assert_eq!(open(&slack, &json!("1.2.3")).await, "invalid_trigger_id");
    assert_eq!(slack.views().len(), 1);
}

#[tokio::test]
async fn a_trigger_expires() {
    let slack = Simulator::start(Options { trigger_lifetime: Duration::ZERO, ..Options::default() }).unwrap();
    let mut socket = connect(&slack).await;
    let trigger = trigger(&slack, &mut socket).await;
    assert_eq!(open(&slack, &trigger).await, "expired_trigger_id");
}

#[tokio::test]
async fn a_trigger_is_its_own_apps_alone() {
    let slack = start();
    let other = slack.add_app().unwrap();
    let trigger = slack.trigger_id(PERSON);
    let body = json!({"trigger_id": trigger, "view": view()});
    let theirs = call(&slack, "views.open", &other.bot_token, &body).await.json();
    assert_eq!(theirs["error"], "invalid_trigger_id");
    // It is not used up.
    assert_eq!(open(&slack, &json!(trigger)).await, Value::Null);
}
