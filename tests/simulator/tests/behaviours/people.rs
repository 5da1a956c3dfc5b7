//! The payloads of what people do.

use super::client::{call, click, connect, no_event, receive, start, trigger};
use serde_json::json;
use socketmode_simulator::{CHANNEL, PERSON, TEAM};

#[tokio::test]
async fn people_do_what_slack_reports() {
    let slack = start();
    let app = slack.app();
    let mut socket = connect(&slack).await;

    let id = slack.say(PERSON, CHANNEL, "hello");
    let said = receive(&mut socket).await;
    assert_eq!(said["envelope_id"], id.to_string());
    assert_eq!((&said["type"], &said["accepts_response_payload"]), (&json!("events_api"), &json!(false)));
    let payload = &said["payload"];
    assert_eq!((&payload["type"], &payload["api_app_id"]), (&json!("event_callback"), &json!(app.app_id)));
    assert_eq!((&payload["event"]["type"], &payload["event"]["user"]), (&json!("message"), &json!(PERSON)));
    assert_eq!(payload["authorizations"][0]["user_id"], app.bot_user_id);
    assert!(payload["event_id"].as_str().unwrap().starts_with("Ev"));
    assert!(payload["event_time"].is_u64());

    slack.mention(PERSON, CHANNEL, "help");
    let twin = receive(&mut socket).await;
    let mentioned = receive(&mut socket).await;
    assert_eq!(twin["payload"]["event"]["type"], "message");
    assert_eq!(twin["payload"]["event"]["ts"], mentioned["payload"]["event"]["ts"]);
    assert_eq!(mentioned["payload"]["event"]["type"], "app_mention");
    assert_eq!(mentioned["payload"]["event"]["text"], format!("<@{}> help", app.bot_user_id));
    assert_ne!(mentioned["payload"]["event_id"], payload["event_id"]);

    slack.command("/hello", "you");
    let command = receive(&mut socket).await;
    assert_eq!(
        (&command["type"], &command["accepts_response_payload"]),
        (&json!("slash_commands"), &json!(true))
    );
    assert_eq!(
        (&command["payload"]["command"], &command["payload"]["text"]),
        (&json!("/hello"), &json!("you"))
    );
    assert!(command["payload"]["trigger_id"].is_string());
    assert_eq!(command.get("retry_attempt"), None);

    click(&slack, "approve", "42");
    let pressed = receive(&mut socket).await;
    assert_eq!(
        (&pressed["type"], &pressed["payload"]["type"]),
        (&json!("interactive"), &json!("block_actions"))
    );
    assert_eq!(pressed["payload"]["actions"][0]["action_id"], "approve");
    assert_eq!(pressed["payload"]["actions"][0]["value"], "42");

    let input = json!({"type": "plain_text_input", "action_id": "input"});
    let block = json!({"type": "input", "block_id": "name", "element": input});
    let _id = slack.opened_before(&json!({"type": "modal", "callback_id": "form", "blocks": [block]}));
    let _ =
        slack.submit_view("form", json!({"name": {"input": {"type": "plain_text_input", "value": "Robin"}}}));
    let submitted = receive(&mut socket).await;
    let view = &submitted["payload"]["view"];
    assert_eq!(
        (&submitted["payload"]["type"], &view["callback_id"]),
        (&json!("view_submission"), &json!("form"))
    );
    assert_eq!(view["state"]["values"]["name"]["input"]["value"], "Robin");

    slack.event(&json!({"type": "team_join", "user": {"id": PERSON}}));
    let joined = receive(&mut socket).await;
    assert_eq!(
        (&joined["payload"]["event"]["type"], &joined["payload"]["team_id"]),
        (&json!("team_join"), &json!(TEAM))
    );
}

#[tokio::test]
async fn the_view_submitted_is_the_one_the_bot_opened_last() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let token = slack.bot_token();
    let shown = |note: &str| {
        let input = json!({"type": "plain_text_input", "action_id": "input"});
        let label = json!({"type": "plain_text", "text": "Name"});
        let block = json!({"type": "input", "block_id": "name", "label": label, "element": input});
        json!({
            "type": "modal", "callback_id": "form", "private_metadata": note,
            "title": {"type": "plain_text", "text": "Order"}, "submit": {"type": "plain_text", "text": "Send"},
            "blocks": [block],
        })
    };
    let first = json!({"trigger_id": trigger(&slack, &mut socket).await, "view": shown("first")});
    call(&slack, "views.open", &token, &first).await;
    let second = json!({"trigger_id": trigger(&slack, &mut socket).await, "view": shown("second")});
    let answer = call(&slack, "views.open", &token, &second).await.json();
    slack.submit_view("form", json!({"name": {"input": "Robin"}})).unwrap();
    let view = &no_event(&mut socket).await["payload"]["view"];
    for same in ["id", "callback_id", "private_metadata", "title", "blocks", "hash"] {
        assert_eq!(view[same], answer["view"][same], "{same}");
    }
    assert_eq!((&view["private_metadata"], &view["root_view_id"]), (&json!("second"), &view["id"]));
    let entered = json!({"type": "plain_text_input", "value": "Robin"});
    assert_eq!(view["state"]["values"]["name"]["input"], entered);

    let changed = json!({"view_id": view["id"], "view": shown("third")});
    call(&slack, "views.update", &token, &changed).await;
    slack.submit_view("form", json!({})).unwrap();
    let updated = &no_event(&mut socket).await["payload"]["view"];
    assert_eq!((&updated["private_metadata"], &updated["id"]), (&json!("third"), &view["id"]));
}
