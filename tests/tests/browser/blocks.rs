//! Each block and element of Block Kit is drawn, or shown as JSON.

use crate::page::{Page, patient};
use serde_json::{Value, json};
use socketmode_simulator::Simulator;

/// Posts a message as the bot.
pub(crate) fn post(slack: &Simulator, message: &Value) {
    let token = format!("Bearer {}", slack.bot_token());
    let answer = ureq::post(format!("{}chat.postMessage", slack.api_url()))
        .header("authorization", &token)
        .header("content-type", "application/json; charset=utf-8")
        .send(message.to_string())
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    assert!(answer.contains("\"ok\":true"), "{answer}");
}

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text})
}

fn options() -> Value {
    json!([{"text": plain("One"), "value": "1"}, {"text": plain("Two"), "value": "2"}])
}

#[test]
fn every_block_is_drawn_and_the_unknown_is_json() {
    let slack = Simulator::start(patient()).unwrap();
    let Some(mut page) = Page::open("every_block_is_drawn_and_the_unknown_is_json", &slack) else { return };
    let rich = json!({"type": "rich_text", "elements": [
        {"type": "rich_text_section", "elements": [
            {"type": "text", "text": "bold", "style": {"bold": true}}, {"type": "text", "text": " code ", "style": {"code": true}},
            {"type": "link", "url": "https://example.com", "text": "link"}, {"type": "emoji", "name": "tada"},
            {"type": "user", "user_id": "U0PERSON01"}, {"type": "broadcast", "range": "here"},
        ]},
        {"type": "rich_text_list", "style": "ordered", "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "first"}]},
        ]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "fixed"}]},
    ]});
    post(
        &slack,
        &json!({"channel": "C0GENERAL1", "text": "blocks", "blocks": [
            {"type": "header", "text": plain("Head")},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*b* _i_ ~s~ `c`\n> q\n```pre```"}, "fields": [plain("left"), plain("right")]},
            {"type": "image", "image_url": "https://example.com/x.png", "alt_text": "a chart", "title": plain("Chart")},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}, {"type": "image", "image_url": "https://example.com/y.png", "alt_text": "face"}]},
            {"type": "divider"},
            rich,
            {"type": "markdown", "text": "# Title\n\n1. one\n2. **two**\n\n| a | b |\n|---|---|\n| 1 | 2 |"},
            {"type": "table", "rows": [[{"type": "raw_text", "text": "Name"}], [{"type": "raw_text", "text": "cell"}]]},
        ]}),
    );
    for selector in [
        ".block-header",
        ".block-section strong",
        ".block-section em",
        ".block-section s",
        ".block-section code",
        ".block-section blockquote",
        ".block-section pre",
        ".block-section .fields",
        ".block-image .picture",
        ".block-context .picture-small",
        ".block-divider",
        ".block-rich_text strong",
        ".block-rich_text ol li",
        ".block-rich_text blockquote",
        ".block-rich_text pre",
        ".block-rich_text .mention",
        ".block-rich_text a",
        ".block-markdown [role=heading]",
        ".block-markdown ol strong",
        ".block-markdown table",
        ".block-table th",
        ".block-table td",
    ] {
        page.until(&format!("Boolean(document.querySelector('#messages {selector}'))"));
    }
    page.until("document.querySelector('#messages .block-image a').href === 'https://example.com/x.png'");
    page.check();
}

#[test]
fn every_element_is_drawn() {
    let slack = Simulator::start(patient()).unwrap();
    let Some(mut page) = Page::open("every_element_is_drawn", &slack) else { return };
    let placed = |kind: &str| json!({"type": kind, "action_id": kind, "placeholder": plain("Choose")});
    let with_options = |kind: &str| json!({"type": kind, "action_id": kind, "options": options()});
    let mut elements: Vec<Value> = [
        "external_select",
        "users_select",
        "conversations_select",
        "channels_select",
        "datepicker",
        "timepicker",
    ]
    .map(placed)
    .into();
    elements.extend(["static_select", "overflow", "checkboxes", "radio_buttons"].map(with_options));
    elements.push(json!({"type": "datetimepicker", "action_id": "datetimepicker"}));
    elements.push(json!({"type": "button", "action_id": "danger", "style": "danger", "text": plain("Danger"), "value": "1"}));
    post(
        &slack,
        &json!({"channel": "C0GENERAL1", "text": "elements", "blocks": [{"type": "actions", "elements": elements}]}),
    );
    let multi: Vec<Value> = [
        "multi_external_select",
        "multi_users_select",
        "multi_conversations_select",
        "multi_channels_select",
    ]
    .map(placed)
    .into_iter()
    .chain([with_options("multi_static_select")])
    .collect();
    let blocks: Vec<Value> = multi
        .iter()
        .map(|element| json!({"type": "section", "text": plain("several"), "accessory": element}))
        .collect();
    post(&slack, &json!({"channel": "C0GENERAL1", "text": "several", "blocks": blocks}));
    for kind in elements.iter().chain(&multi).map(|element| element["action_id"].as_str().unwrap()) {
        page.until(&format!("Boolean(document.querySelector('#messages [data-action-id={kind}]'))"));
    }
    page.until("!document.querySelector('#messages .json')");
    // Several people are chosen, and one is taken away again.
    page.click("#messages [data-action-id=multi_users_select] input");
    page.until_text("#messages [role=option]", "obin");
    page.key("ArrowDown");
    page.key("Enter");
    page.until(
        "document.querySelectorAll('#messages [data-action-id=multi_users_select] .chip').length === 1",
    );
    page.check();
}
