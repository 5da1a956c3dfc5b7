//! What Slack refuses in blocks: texts and elements where they do not belong.

use super::client::{call, start};
use serde_json::{Value, json};
use socketmode_simulator::{CHANNEL, Simulator};

/// What is wrong with blocks, without their beginning.
async fn faults(slack: &Simulator, blocks: &Value) -> Vec<String> {
    let body = json!({"channel": CHANNEL, "blocks": blocks});
    let answer = call(slack, "chat.postMessage", &slack.bot_token(), &body).await.json();
    let messages = answer["response_metadata"]["messages"].as_array().cloned().unwrap_or_default();
    let words = |message: Value| {
        message.as_str().unwrap().replace("[ERROR] ", "").replace("json-pointer:/blocks/0", "")
    };
    messages.into_iter().map(words).collect()
}

#[tokio::test]
async fn a_text_object_is_one_and_of_the_right_type() {
    let slack = start();
    let plain = |text: &str| json!({"type": "plain_text", "text": text});
    let mrkdwn = json!({"type": "mrkdwn", "text": "x"});
    let actions = |element: Value| json!({"type": "actions", "elements": [element]});
    let select = |option: Value| actions(json!({"type": "static_select", "options": [option]}));
    let confirm = json!({"title": "Sure?", "text": mrkdwn, "confirm": plain("Yes"), "deny": mrkdwn});
    for (block, wanted) in [
        (json!({"type": "section", "text": "x"}), vec!["must provide an object [/text]"]),
        (json!({"type": "section", "text": {"text": "x"}}), vec!["missing required field: type [/text]"]),
        (
            json!({"type": "section", "text": {"type": "html", "text": "x"}}),
            vec!["unsupported type: html [/text/type]"],
        ),
        (json!({"type": "section", "fields": ["x"]}), vec!["must provide an object [/fields/0]"]),
        (
            json!({"type": "section", "fields": [plain("")]}),
            vec!["must be more than 0 characters [/fields/0/text]"],
        ),
        (json!({"type": "header", "text": mrkdwn}), vec!["unsupported type: mrkdwn [/text/type]"]),
        (actions(json!({"type": "button", "text": "x"})), vec!["must provide an object [/elements/0/text]"]),
        (
            actions(json!({"type": "button", "text": plain("x"), "confirm": confirm})),
            vec![
                "unsupported type: mrkdwn [/elements/0/confirm/deny/type]",
                "must provide an object [/elements/0/confirm/title]",
            ],
        ),
        (
            select(json!({"text": mrkdwn, "value": "x"})),
            vec!["unsupported type: mrkdwn [/elements/0/options/0/text/type]"],
        ),
        (select(json!({"text": plain("x")})), vec!["missing required field: value [/elements/0/options/0]"]),
        (
            actions(json!({"type": "overflow", "options": []})),
            vec!["must have at least 1 element [/elements/0/options]"],
        ),
        (json!({"type": "actions", "elements": "x"}), vec!["must be an array [/elements]"]),
        (
            json!({"type": "section", "text": mrkdwn, "accessory": "x"}),
            vec!["must provide an object [/accessory]"],
        ),
        (json!({"type": "section", "text": mrkdwn, "fields": [mrkdwn, plain("x")]}), vec![]),
        (actions(json!({"type": "checkboxes", "options": [{"text": mrkdwn, "value": "x"}]})), vec![]),
        (json!({"type": "markdown", "text": "x"}), vec![]),
        (json!({"type": "plan", "title": "x"}), vec![]),
    ] {
        assert_eq!(faults(&slack, &json!([block])).await, wanted, "{block}");
    }
}

#[tokio::test]
async fn an_element_is_in_a_block_that_takes_it() {
    let slack = start();
    let plain = json!({"type": "plain_text", "text": "x"});
    let element =
        |kind: &str| json!({"type": kind, "text": plain, "alt_text": "x", "image_url": "x", "icon": "trash"});
    let within = |block: &str, kind: &str| match block {
        "input" => json!({"type": "input", "label": plain, "element": element(kind)}),
        "section" => json!({"type": "section", "text": plain, "accessory": element(kind)}),
        _ => json!({"type": block, "elements": [element(kind)]}),
    };
    let blocks = ["actions", "context", "context_actions", "input", "section"];
    for (kind, wanted) in [
        ("button", vec!["actions", "section"]),
        ("datepicker", vec!["actions", "input", "section"]),
        ("icon_button", vec!["context_actions"]),
        ("image", vec!["context", "section"]),
        ("plain_text_input", vec!["input"]),
        ("rich_text_input", vec!["actions", "input"]),
        ("url_source", vec![]),
        ("users_select", vec!["actions", "input", "section"]),
    ] {
        let mut taken = Vec::new();
        for block in blocks {
            let faults = faults(&slack, &json!([within(block, kind)])).await;
            if !faults.iter().any(|fault| fault.starts_with("unsupported type")) {
                taken.push(block);
            }
        }
        assert_eq!(taken, wanted, "{kind}");
    }
}
