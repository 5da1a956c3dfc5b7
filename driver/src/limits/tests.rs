use serde_json::{Map, Value, json};

use super::check::answer;
use super::*;
use crate::request::response::{Message, Suggestions, View, ViewResponse};

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

/// An object with this many characters or elements in one field, put where such objects are.
fn with(limit: &Limit, count: usize) -> (Map<String, Value>, String) {
    let value = match limit.unit {
        // Each has several bytes, and two units of UTF-16.
        Unit::Characters => json!("\u{1f642}".repeat(count)),
        Unit::Elements => json!(vec![json!({}); count]),
    };
    let field = limit.field;
    let inner = json!({ "type": limit.of, field: value });
    let (outer, place) = match limit.of {
        "message" | "view" | "suggestions" | "stream" | "session" | "thread_status" | "suggested_prompts"
        | "file" => return (map(inner), field.to_owned()),
        "field" => (json!([{ "type": "section", "fields": [inner] }]), "blocks[0].fields[0]"),
        "option" => (
            json!([{ "type": "input", "element": { "type": "static_select", "options": [{}, inner] } }]),
            "blocks[0].element.options[1]",
        ),
        "option_group" => (
            json!([{ "type": "section", "accessory": { "type": "static_select", "option_groups": [inner] } }]),
            "blocks[0].accessory.option_groups[0]",
        ),
        "confirm" => (
            json!([{ "type": "actions", "elements": [{ "type": "button", "confirm": inner }] }]),
            "blocks[0].elements[0].confirm",
        ),
        "chunk" => return (map(json!({ "chunks": [inner] })), format!("chunks[0].{field}")),
        "mrkdwn" | "plain_text" => {
            (json!([{ "type": "context", "elements": [inner] }]), "blocks[0].elements[0]")
        }
        "button" | "checkboxes" | "radio_buttons" | "overflow" | "static_select" | "multi_static_select" => {
            (json!([{}, { "type": "actions", "elements": [inner] }]), "blocks[1].elements[0]")
        }
        _ => (json!([{}, {}, {}, inner]), "blocks[3]"),
    };
    (map(json!({ "blocks": outer })), format!("{place}.{field}"))
}

#[test]
fn each_limit_is_accepted_and_one_more_is_refused() {
    for limit in LIMITS {
        let of = match limit.of {
            top @ ("view" | "suggestions" | "stream" | "session" | "thread_status" | "suggested_prompts"
            | "file") => top,
            "chunk" => "stream",
            _ => "message",
        };
        let (good, _) = with(limit, limit.max);
        assert_eq!(fields(of, &good), Ok(()), "{limit:?}");
        let (long, path) = with(limit, limit.max + 1);
        let error = fields(of, &long).unwrap_err();
        assert_eq!((error.path(), error.found(), error.limit()), (&*path, limit.max + 1, limit));
    }
}

#[test]
fn every_limit_has_its_source_and_says_what_to_do() {
    for limit in LIMITS {
        assert!(limit.source.starts_with("https://docs.slack.dev/reference/"), "{limit:?}");
        assert!(!limit.advice.is_empty() && limit.max > 0, "{limit:?}");
        let twins = LIMITS.iter().filter(|other| (other.of, other.field) == (limit.of, limit.field));
        assert_eq!(twins.count(), 1, "{limit:?}");
    }
}

#[test]
fn the_error_names_the_field_the_limit_and_what_to_do() {
    let section = json!({ "type": "section", "text": { "type": "mrkdwn", "text": "hush".repeat(1_000) } });
    let message = Message::new("hi").blocks(&json!([{ "type": "divider" }, section]));
    let error = message.check().unwrap_err();
    assert_eq!(
        error.to_string(),
        "blocks[1].text has 4000 characters, and Slack accepts 3000: divide it into several sections \
         (https://docs.slack.dev/reference/block-kit/blocks/section-block)"
    );
    assert!(!format!("{error:?}").contains("hush"));
}

#[test]
fn views_and_suggestions_are_checked_before_they_are_sent() {
    let title = View::modal("a title of twenty-five ch").check().unwrap_err();
    assert_eq!((title.path(), title.found(), title.limit().max), ("title", 25, 24));
    assert!(View::modal("a title of twenty-four c").submit("Send").check().is_ok());
    let pushed = ViewResponse::push(&View::modal("x").submit("a label of twenty-five ch"));
    assert_eq!(pushed.check().unwrap_err().path(), "view.submit");
    let many = |count: usize| Suggestions::new((0..count).map(|n| (n.to_string(), n.to_string())));
    assert!(many(100).check().is_ok());
    assert_eq!(many(101).check().unwrap_err().path(), "options");
    let grouped = Suggestions::groups([("a", many(3)), ("b", Suggestions::new([("x".repeat(76), "1")]))]);
    assert_eq!(grouped.check().unwrap_err().path(), "option_groups[1].options[0].text");
}

#[test]
fn what_slack_takes_is_not_refused() {
    let long = "x".repeat(5_000);
    for good in [
        // The text of rich text has no documented limit of its own.
        json!({ "blocks": [{ "type": "rich_text", "elements": [
            { "type": "rich_text_section", "elements": [{ "type": "text", "text": long }] },
        ] }] }),
        json!({ "text": long, "blocks": [{ "type": "new_block", "text": long }], "metadata": { "title": long } }),
        json!({ "blocks": "[]", "attachments": [{ "text": long, "title": long }] }),
        json!({ "text": null, "blocks": [1, "two", null, [[]]], "thread_ts": 1.2 }),
    ] {
        assert_eq!(message(&map(good.clone())), Ok(()), "{good}");
        assert_eq!(answer(&good), Ok(()), "{good}");
    }
    // A legacy dialog's own options, with a text as their label.
    let legacy = json!({ "options": vec![json!({ "label": long, "value": long }); 101] });
    assert_eq!(answer(&legacy), Ok(()));
    assert_eq!(answer(&json!("text")), Ok(()));
}

#[test]
fn blocks_within_anything_are_looked_into_and_depth_has_an_end() {
    let attached = json!({ "attachments": [{}, { "blocks": [{ "type": "header", "text": {
        "type": "plain_text", "text": "x".repeat(151),
    } }] }] });
    assert_eq!(message(&map(attached)).unwrap_err().path(), "attachments[1].blocks[0].text");
    let deep = (0..100).fold(json!({}), |inner, _| json!({ "type": "container", "child_blocks": [inner] }));
    assert_eq!(message(&map(json!({ "blocks": [deep] }))), Ok(()));
}
