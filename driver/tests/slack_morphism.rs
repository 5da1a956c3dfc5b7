//! Who comes from slack-morphism keeps its models: payloads are read into them, and answers are built from its blocks.

use serde_json::{Value, json};
use slack_morphism::prelude::*;
use socketmode_driver::{Message, View, ViewResponse};

fn blocks(text: &str) -> Vec<SlackBlock> {
    let button = SlackBlockButtonElement::new(SlackBlockPlainText::new("Approve".into()).into())
        .with_action_id("approve".into())
        .with_value("42".into());
    vec![
        SlackSectionBlock::new().with_text(SlackBlockMarkDownText::new(text.into()).into()).into(),
        SlackActionsBlock::new(vec![button.into()]).into(),
    ]
}

/// What Slack wants for them.
fn wire(text: &str) -> Value {
    json!([
        { "type": "section", "text": { "type": "mrkdwn", "text": text } },
        { "type": "actions", "elements": [{
            "type": "button", "action_id": "approve", "value": "42",
            "text": { "type": "plain_text", "text": "Approve" },
        }] },
    ])
}

#[test]
fn a_slash_command_is_read_into_its_model() {
    let payload = r#"{"token":"t","team_id":"T1","team_domain":"dom","channel_id":"C1","channel_name":"general",
        "user_id":"U1","user_name":"ann","command":"/order","text":"two pizzas","api_app_id":"A1",
        "is_enterprise_install":"false","response_url":"https://hooks.slack.com/commands/T1/1/x","trigger_id":"1.2.a"}"#;
    let command: SlackCommandEvent = serde_json::from_str(payload).unwrap();
    assert_eq!((command.command.0.as_str(), command.text.as_deref()), ("/order", Some("two pizzas")));
    assert_eq!(command.user_id, SlackUserId("U1".into()));
}

#[test]
fn an_event_is_read_into_its_model() {
    let payload = r#"{"type":"event_callback","team_id":"T1","api_app_id":"A1","event_id":"Ev1","event_time":1700000000,
        "event":{"type":"message","channel":"C1","channel_type":"channel","user":"U1","text":"hi","ts":"1700000000.000100",
        "event_ts":"1700000000.000100","team":"T1","client_msg_id":"m"},
        "authorizations":[{"enterprise_id":null,"team_id":"T1","user_id":"UBOT","is_bot":true,"is_enterprise_install":false}],
        "is_ext_shared_channel":false,"event_context":"4-x"}"#;
    let callback: SlackPushEventCallback = serde_json::from_str(payload).unwrap();
    let SlackEventCallbackBody::Message(message) = callback.event else { panic!("{callback:?}") };
    assert_eq!(message.content.and_then(|content| content.text).as_deref(), Some("hi"));
    assert_eq!(message.origin.channel, Some(SlackChannelId("C1".into())));
}

#[test]
fn a_click_is_read_into_its_model() {
    let payload = r#"{"type":"block_actions","user":{"id":"U1","username":"ann","team_id":"T1"},"api_app_id":"A1",
        "token":"t","container":{"type":"message","message_ts":"1.2","channel_id":"C1","is_ephemeral":false},
        "trigger_id":"1.2.a","team":{"id":"T1","domain":"dom"},"channel":{"id":"C1","name":"general"},
        "message":{"type":"message","ts":"1.2","text":"Order?","bot_id":"B1"},"state":{"values":{}},
        "response_url":"https://hooks.slack.com/actions/T1/1/x",
        "actions":[{"action_id":"approve","block_id":"b","type":"button","value":"42","action_ts":"1.3",
        "text":{"type":"plain_text","text":"Approve","emoji":true}}]}"#;
    let interaction: SlackInteractionEvent = serde_json::from_str(payload).unwrap();
    let SlackInteractionEvent::BlockActions(clicked) = interaction else { panic!("{interaction:?}") };
    let action = &clicked.actions.unwrap()[0];
    assert_eq!((action.action_id.0.as_str(), action.value.as_deref()), ("approve", Some("42")));
}

#[test]
fn messages_and_views_take_its_blocks() {
    let message = Message::new("Order?").in_channel().blocks(&blocks("*Order?*"));
    assert_eq!(
        serde_json::to_value(message).unwrap(),
        json!({ "text": "Order?", "response_type": "in_channel", "blocks": wire("*Order?*") }),
    );
    let view = View::modal("Order").blocks(&blocks("What?"));
    assert_eq!(serde_json::to_value(view).unwrap()["blocks"], wire("What?"));
}

#[test]
fn a_whole_message_or_view_of_its_own_does_as_well() {
    let view = SlackView::Modal(SlackModalView::new(
        SlackBlockPlainTextOnly::from(SlackBlockPlainText::new("Sure?".into())),
        blocks("*Sure?*"),
    ));
    let response = serde_json::to_value(ViewResponse::update(&view)).unwrap();
    assert_eq!(response["response_action"], "update");
    assert_eq!((&response["view"]["type"], &response["view"]["blocks"]), (&json!("modal"), &wire("*Sure?*")));

    let response = SlackCommandEventResponse::new(SlackMessageContent::new().with_text("on it".into()))
        .with_response_type(SlackMessageResponseType::InChannel);
    let payload = serde_json::to_string(&response).unwrap();
    let payload: Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(payload, json!({ "text": "on it", "response_type": "in_channel" }));
}
