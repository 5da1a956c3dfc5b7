//! `modal`: the whole dialogue, every frame and every call of it.

use crate::bot::{Bot, Driver, LONG, on_each_driver};
use crate::transcript::Transcript;
use serde_json::{Value, json};
use socketmode_simulator::{CHANNEL, EnvelopeId, Simulator};

on_each_driver![a_button_opens_a_modal_that_stays_until_the_input_is_right];

async fn a_button_opens_a_modal_that_stays_until_the_input_is_right(driver: Driver) {
    let (slack, bot) = Bot::without_echo(driver, "modal").await;
    let mut transcript = Transcript::default();

    let id = slack.command("/order", "");
    slack.wait_for_ack(&id, LONG).await.unwrap();
    let button =
        json!({ "type": "button", "action_id": "open", "text": { "type": "plain_text", "text": "Order" } });
    let answer =
        json!({ "text": "What may it be?", "blocks": [{ "type": "actions", "elements": [button] }] });
    assert_eq!(transcript.new_lines(&slack), [sent("slash_commands", &id), acked(&id, Some(&answer))]);

    let message = slack.wait_for_message(LONG).await.unwrap();
    let id = slack.press(&message, "open").unwrap();
    slack.wait_for_ack(&id, LONG).await.unwrap();
    slack.wait_for_call("views.open", LONG).await.unwrap();
    let input = json!({
        "type": "input",
        "block_id": "quantity",
        "label": { "type": "plain_text", "text": "How many?" },
        "element": { "type": "plain_text_input", "action_id": "number" },
    });
    let view = json!({
        "type": "modal",
        "callback_id": "order",
        "title": { "type": "plain_text", "text": "Order" },
        "submit": { "type": "plain_text", "text": "Send" },
        "private_metadata": CHANNEL,
        "blocks": [input],
    });
    let arguments = json!({ "trigger_id": trigger_id(&slack, &id), "view": view });
    let open = json!({ "call": "views.open", "with": arguments });
    assert_eq!(transcript.new_lines(&slack), [sent("interactive", &id), acked(&id, None), open]);

    for wrong in [json!("a few"), json!("-1"), json!("none")] {
        let id = slack.submit_view("order", entered(&wrong)).unwrap();
        slack.wait_for_ack(&id, LONG).await.unwrap();
        let errors = json!({ "response_action": "errors", "errors": { "quantity": "A number, please." } });
        assert_eq!(transcript.new_lines(&slack), [sent("interactive", &id), acked(&id, Some(&errors))]);
    }

    let id = slack.submit_view("order", entered(&json!("3"))).unwrap();
    slack.wait_for_ack(&id, LONG).await.unwrap();
    slack.wait_for_call("chat.postMessage", LONG).await.unwrap();
    let clear = json!({ "response_action": "clear" });
    let post = json!({ "call": "chat.postMessage", "with": { "channel": CHANNEL, "text": "3 ordered." } });
    assert_eq!(transcript.new_lines(&slack), [sent("interactive", &id), acked(&id, Some(&clear)), post]);

    // One connection for all of it, and nothing afterwards.
    drop(bot);
    slack.wait_until(LONG, |now| now.links.iter().all(|link| link.gone_at.is_some())).await.unwrap();
    assert_eq!(transcript.new_lines(&slack), Vec::<Value>::new());
    assert_eq!((slack.opens().len(), slack.dials().len()), (1, 1));
}

fn entered(text: &Value) -> Value {
    json!({ "quantity": { "number": { "type": "plain_text_input", "value": text } } })
}

fn sent(kind: &str, id: &EnvelopeId) -> Value {
    json!({ "slack": kind, "id": id.as_str() })
}

fn acked(id: &EnvelopeId, answer: Option<&Value>) -> Value {
    let mut ack = json!({ "envelope_id": id.as_str() });
    if let Some(answer) = answer {
        ack["payload"] = answer.clone();
    }
    json!({ "bot": ack })
}

/// What came with an envelope.
fn trigger_id(slack: &Simulator, id: &EnvelopeId) -> Value {
    let envelopes =
        slack.frames().into_iter().filter_map(|frame| serde_json::from_slice::<Value>(&frame.bytes).ok());
    let mut its = envelopes.filter(|envelope| envelope["envelope_id"] == id.as_str());
    its.next().unwrap()["payload"]["trigger_id"].clone()
}
