//! What people do with what the bot has shown, and what comes again.

use super::client::{LONG, Socket, ack, call, connect, no_event, receive, send, start, trigger};
use serde_json::{Value, json};
use socketmode_simulator::{
    ActError, CHANNEL, EnvelopeId, Options, PERSON, PostedMessage, Simulator, WaitError,
};
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(30);

fn button(action_id: &str, value: &str) -> Value {
    let text = json!({"type": "plain_text", "text": "Press"});
    json!({"type": "button", "action_id": action_id, "text": text, "value": value})
}

/// A message with two buttons, one of them beside a text.
async fn post(slack: &Simulator) -> PostedMessage {
    let text = json!({"type": "mrkdwn", "text": "beside"});
    let blocks = json!([
        {"type": "actions", "block_id": "mine", "elements": [button("approve", "42")]},
        {"type": "section", "text": text, "accessory": button("more", "7")},
    ]);
    let message = json!({"channel": CHANNEL, "text": "Well?", "thread_ts": "1.1", "blocks": blocks});
    call(slack, "chat.postMessage", &slack.bot_token(), &message).await;
    slack.wait_for_message(LONG).await.unwrap()
}

#[tokio::test]
async fn a_button_is_pressed_as_the_bot_has_posted_it() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let message = post(&slack).await;
    slack.press(&message, "approve").unwrap();
    let click = no_event(&mut socket).await;
    assert_eq!((&click["type"], &click["accepts_response_payload"]), (&json!("interactive"), &json!(false)));
    let payload = &click["payload"];
    let action = &payload["actions"][0];
    assert_eq!((&action["value"], &action["block_id"]), (&json!("42"), &json!("mine")));
    assert_eq!((&action["text"]["text"], &action["type"]), (&json!("Press"), &json!("button")));
    assert_eq!((&payload["channel"]["id"], &payload["user"]["id"]), (&json!(CHANNEL), &json!(PERSON)));
    assert_eq!(
        (&payload["message"]["ts"], &payload["message"]["blocks"]),
        (&json!(message.ts), &message.blocks)
    );
    assert_eq!(
        (&payload["container"]["message_ts"], &payload["container"]["thread_ts"]),
        (&json!(message.ts), &json!("1.1"))
    );
    let url = payload["response_url"].as_str().unwrap();
    assert!(url.starts_with(&format!("http://{}/response/", slack.address())), "{url}");

    // Slack names a block that the bot has not named.
    slack.press(&message, "more").unwrap();
    let action = no_event(&mut socket).await["payload"]["actions"][0].clone();
    assert_eq!((&action["value"], &action["block_id"]), (&json!("7"), &message.blocks[1]["block_id"]));
    assert!(action["block_id"].is_string());
}

#[tokio::test]
async fn only_what_is_shown_now_can_be_pressed() {
    let slack = start();
    let message = post(&slack).await;
    let error = slack.press(&message, "aprove").unwrap_err();
    assert!(error.to_string().contains(r#""aprove"; the elements are ["approve", "more"]"#), "{error}");

    let token = slack.bot_token();
    let done =
        json!({"channel": CHANNEL, "ts": message.ts, "text": "Done.", "blocks": [{"type": "divider"}]});
    call(&slack, "chat.update", &token, &done).await;
    assert!(matches!(slack.press(&message, "approve"), Err(ActError::NoElement { .. })));
    assert_eq!(slack.messages().iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), ["Done."]);

    let later = json!({"channel": CHANNEL, "ts": message.ts, "text": "Later."});
    call(&slack, "chat.update", &token, &later).await;
    let shown = slack.messages().remove(0);
    // A text alone takes the blocks away, and leaves the thread.
    assert_eq!((shown.blocks, shown.thread_ts.as_deref()), (json!([]), Some("1.1")));

    call(&slack, "chat.delete", &token, &json!({"channel": CHANNEL, "ts": message.ts})).await;
    let error = slack.press(&message, "approve").unwrap_err();
    assert_eq!(error, ActError::NoMessage { channel: CHANNEL.into(), ts: message.ts });
    assert!(slack.messages().is_empty());
    // The post, two changes and the end of it: no click.
    assert_eq!(slack.counters().envelopes, 4);
}

#[tokio::test]
async fn a_message_that_is_deleted_is_not_waited_for() {
    let slack = start();
    let token = slack.bot_token();
    let body = |text: &str| json!({"channel": CHANNEL, "text": text});
    let first = call(&slack, "chat.postMessage", &token, &body("first")).await.json();
    call(&slack, "chat.delete", &token, &json!({"channel": CHANNEL, "ts": first["ts"]})).await;
    call(&slack, "chat.postMessage", &token, &body("second")).await;
    assert_eq!(slack.wait_for_message(LONG).await.unwrap().text, "second");
}

#[tokio::test]
async fn a_button_in_the_answer_to_a_command_is_pressed() {
    let slack = start();
    let mut socket = connect(&slack).await;
    slack.command_as("U2", "C2", "/deploy", "api");
    let command = no_event(&mut socket).await;
    let payload = &command["payload"];
    assert_eq!((&payload["user_id"], &payload["channel_id"]), (&json!("U2"), &json!("C2")));
    assert_eq!((&payload["command"], &payload["text"]), (&json!("/deploy"), &json!("api")));
    let blocks = json!([{"type": "actions", "elements": [button("go", "api")]}]);
    let answer =
        json!({"envelope_id": command["envelope_id"], "payload": {"text": "Sure?", "blocks": blocks}});
    send(&mut socket, &answer).await;
    let message = slack.wait_for_message(LONG).await.unwrap();
    assert_eq!(
        (message.text.as_str(), message.channel.as_str(), message.is_ephemeral),
        ("Sure?", "C2", true)
    );
    slack.press(&message, "go").unwrap();
    let click = no_event(&mut socket).await;
    assert_eq!(click["payload"]["actions"][0]["value"], "api");
    assert_eq!(click["payload"]["container"]["is_ephemeral"], true);
    // A bot that needs the message of an ephemeral click would fail.
    assert_eq!(click["payload"].get("message"), None);
}

#[tokio::test]
async fn options_are_asked_for_where_the_select_is() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let error = slack.suggest("service", "ap").unwrap_err();
    assert_eq!(error, ActError::NoElement { action_id: "service".into(), elements: Vec::new() });

    let select = json!({"type": "external_select", "action_id": "service", "min_query_length": 1});
    let section = json!([{
        "type": "section", "block_id": "in_message", "text": {"type": "mrkdwn", "text": "Which?"}, "accessory": select,
    }]);
    let message = json!({"channel": CHANNEL, "text": "Which?", "blocks": section});
    call(&slack, "chat.postMessage", &slack.bot_token(), &message).await;
    let id = slack.suggest("service", "a").unwrap();
    let asked = no_event(&mut socket).await;
    let payload = &asked["payload"];
    assert_eq!((&asked["type"], &payload["type"]), (&json!("interactive"), &json!("block_suggestion")));
    assert_eq!(asked["accepts_response_payload"], true);
    assert_eq!((&payload["action_id"], &payload["value"]), (&json!("service"), &json!("a")));
    let options = json!({"options": [{"text": {"type": "plain_text", "text": "API"}, "value": "api"}]});
    send(&mut socket, &json!({"envelope_id": asked["envelope_id"], "payload": options})).await;
    assert_eq!(slack.wait_for_ack(&id, LONG).await.unwrap().payload, Some(options));
    assert_eq!((&payload["block_id"], &payload["channel"]["id"]), (&json!("in_message"), &json!(CHANNEL)));
    assert_eq!(payload["container"]["type"], "message");

    let text = |text: &str| json!({"type": "plain_text", "text": text});
    let input = json!([{"type": "input", "block_id": "in_view", "label": text("Which?"), "element": select}]);
    let view = json!({
        "type": "modal", "callback_id": "form", "private_metadata": "note", "title": text("Form"),
        "submit": text("Send"), "blocks": input,
    });
    let opened = json!({"trigger_id": trigger(&slack, &mut socket).await, "view": view});
    let opened = call(&slack, "views.open", &slack.bot_token(), &opened).await.json();
    slack.suggest("service", "a").unwrap();
    let payload = no_event(&mut socket).await["payload"].clone();
    assert_eq!(
        (&payload["block_id"], &payload["view"]["private_metadata"]),
        (&json!("in_view"), &json!("note"))
    );
    assert_eq!(payload["container"]["view_id"], opened["view"]["id"]);
}

async fn event(slack: &Simulator, socket: &mut Socket) -> (EnvelopeId, Value) {
    let id = slack.say(PERSON, CHANNEL, "hello");
    (id, receive(socket).await)
}

#[tokio::test]
async fn an_acknowledged_event_is_sent_again_by_hand() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let (id, first) = event(&slack, &mut socket).await;
    ack(&mut socket, &first).await;
    slack.wait_for_ack(&id, LONG).await.unwrap();
    for attempt in 1..=2 {
        slack.redeliver(&id).unwrap();
        let again = receive(&mut socket).await;
        assert_eq!((&again["envelope_id"], &again["payload"]), (&first["envelope_id"], &first["payload"]));
        assert_eq!((&again["retry_attempt"], &again["retry_reason"]), (&json!(attempt), &json!("timeout")));
        assert_eq!(slack.counters().unacked, 1);
        ack(&mut socket, &again).await;
        slack.wait_for_acks(&id, attempt + 1, LONG).await.unwrap();
    }
    let counters = slack.counters();
    assert_eq!((counters.unacked, counters.duplicate_acks, counters.redeliveries), (0, 0, 0));
    assert_eq!((counters.deliveries, counters.envelopes), (3, 1));
}

#[tokio::test]
async fn an_event_that_waits_for_a_link_is_not_sent_twice() {
    // Only a lenient Slack lets it wait.
    let slack = Simulator::start(Options { lenient: true, ..Options::default() }).unwrap();
    let id = slack.say(PERSON, CHANNEL, "hello");
    slack.redeliver(&id).unwrap();
    let mut socket = connect(&slack).await;
    let came = receive(&mut socket).await;
    assert_eq!((&came["envelope_id"], &came["retry_attempt"]), (&json!(id.as_str()), &json!(1)));
    assert_eq!(slack.counters().deliveries, 1);
}

#[tokio::test]
async fn only_events_that_are_known_are_sent_again() {
    let slack = start();
    let command = slack.command("/hello", "");
    assert_eq!(slack.redeliver(&command), Err(ActError::NotAnEvent("slash_commands".into())));
    let unknown = EnvelopeId::new("never sent");
    assert_eq!(slack.redeliver(&unknown), Err(ActError::NoEnvelope(unknown.clone())));
}

#[tokio::test]
async fn payloads_of_settled_events_are_bounded() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let mut ids = Vec::new();
    // Six of a MiB, where four are kept.
    for _ in 0..6 {
        ids.push(slack.event(&json!({"type": "message", "text": "x".repeat(1 << 20)})));
        let envelope = receive(&mut socket).await;
        ack(&mut socket, &envelope).await;
        slack.wait_for_ack(ids.last().unwrap(), LONG).await.unwrap();
    }
    assert_eq!(slack.redeliver(&ids[0]), Err(ActError::NoEnvelope(ids[0].clone())));
    slack.redeliver(&ids[5]).unwrap();
    assert_eq!(receive(&mut socket).await["envelope_id"], ids[5].as_str());
}

#[tokio::test]
async fn a_call_that_was_not_to_come_is_named() {
    let slack = start();
    let token = slack.bot_token();
    slack.no_call_within("chat.postMessage", SHORT).await.unwrap();
    call(&slack, "auth.test", &token, &json!({})).await;
    slack.no_call_within("chat.postMessage", SHORT).await.unwrap();

    let message = json!({"channel": CHANNEL, "text": "again"});
    call(&slack, "chat.postMessage", &token, &message).await;
    // One that was handed out was expected.
    slack.wait_for_call("chat.postMessage", LONG).await.unwrap();
    slack.no_call_within("chat.postMessage", SHORT).await.unwrap();

    let (waited, _) = tokio::join!(
        slack.no_call_within("chat.postMessage", LONG),
        call(&slack, "chat.postMessage", &token, &message)
    );
    let error = waited.unwrap_err();
    let words = error.to_string();
    assert!(words.contains("chat.postMessage was called, with") && words.contains("again"), "{words}");
    let WaitError::Called { call, .. } = error else { panic!("{error:?}") };
    assert_eq!(call.body, message);
}
