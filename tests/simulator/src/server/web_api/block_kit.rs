//! Whether blocks and views are what Slack takes; what is wrong is said as Slack says it.

use super::limits::{LIMITS, Unit};
use crate::state::blocks::text;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The blocks there are (<https://docs.slack.dev/reference/block-kit/blocks>), each with the fields it must have. Of
/// several in one text, one is enough.
const BLOCKS: &[(&str, &[&str])] = &[
    ("actions", &["elements"]),
    ("alert", &[]),
    ("call", &["call_id"]),
    ("card", &[]),
    ("carousel", &["elements"]),
    ("container", &["child_blocks"]),
    ("context", &["elements"]),
    ("context_actions", &["elements"]),
    ("data_table", &[]),
    ("data_visualization", &[]),
    ("divider", &[]),
    ("file", &["external_id"]),
    ("header", &["text"]),
    ("image", &["alt_text", "image_url|slack_file"]),
    ("input", &["label", "element"]),
    ("markdown", &["text"]),
    ("plan", &["title"]),
    ("rich_text", &["elements"]),
    ("section", &["text|fields"]),
    ("table", &["rows"]),
    ("task_card", &["task_id", "title"]),
    ("video", &["alt_text", "title", "thumbnail_url", "video_url"]),
];

/// The elements there are (<https://docs.slack.dev/reference/block-kit/block-elements>), likewise.
const ELEMENTS: &[(&str, &[&str])] = &[
    ("button", &["text"]),
    ("channels_select", &[]),
    ("checkboxes", &["options"]),
    ("conversations_select", &[]),
    ("datepicker", &[]),
    ("datetimepicker", &[]),
    ("email_text_input", &[]),
    ("external_select", &[]),
    ("feedback_buttons", &["positive_button", "negative_button"]),
    ("file_input", &[]),
    ("icon_button", &["icon", "text"]),
    ("image", &["alt_text", "image_url|slack_file"]),
    ("multi_channels_select", &[]),
    ("multi_conversations_select", &[]),
    ("multi_external_select", &[]),
    ("multi_static_select", &["options|option_groups"]),
    ("multi_users_select", &[]),
    ("number_input", &["is_decimal_allowed"]),
    ("overflow", &["options"]),
    ("plain_text_input", &[]),
    ("radio_buttons", &["options"]),
    ("rich_text_input", &[]),
    ("static_select", &["options|option_groups"]),
    ("timepicker", &[]),
    ("url_source", &["url"]),
    ("url_text_input", &[]),
    ("users_select", &[]),
    ("workflow_button", &["text", "workflow"]),
];

/// The blocks that take elements, and those which take an element that has no row below.
const WITH_ELEMENTS: &[&str] = &["actions", "context", "context_actions", "input", "section"];
const MOST_TAKE: &[&str] = &["actions", "input", "section"];

/// Elements that fit into other blocks than most, each with these
/// (<https://docs.slack.dev/reference/block-kit/block-elements>).
const PLACES: &[(&str, &[&str])] = &[
    ("button", &["actions", "section"]),
    ("email_text_input", &["input"]),
    ("feedback_buttons", &["context_actions"]),
    ("file_input", &["input"]),
    ("icon_button", &["context_actions"]),
    ("image", &["context", "section"]),
    ("number_input", &["input"]),
    ("overflow", &["actions", "section"]),
    ("plain_text_input", &["input"]),
    ("rich_text_input", &["actions", "input"]),
    ("url_source", &[]),
    ("url_text_input", &["input"]),
    ("workflow_button", &["actions", "section"]),
];

/// The fields that are text objects, of the types of `LIMITS`; whether they may be `mrkdwn`.
const TEXT_FIELDS: &[(&str, &str, bool)] = &[
    ("*", "placeholder", false),
    ("button", "text", false),
    ("confirm", "confirm", false),
    ("confirm", "deny", false),
    ("confirm", "text", true),
    ("confirm", "title", false),
    ("header", "text", false),
    ("icon_button", "text", false),
    ("image", "title", false),
    ("input", "hint", false),
    ("input", "label", false),
    ("option_group", "label", false),
    ("section", "text", true),
    ("video", "title", false),
    ("workflow_button", "text", false),
];

/// The fields that are arrays.
const LISTS: &[&str] = &["child_blocks", "elements", "fields", "option_groups", "options", "rows"];

/// Text objects, which are in the elements of a context.
const TEXTS: &[&str] = &["plain_text", "mrkdwn"];
/// Messages of an answer; Slack too names some and not all.
const MOST_MESSAGES: usize = 20;

/// What is wrong with the blocks of a message.
pub(super) fn wrong_blocks(blocks: &Value) -> Vec<String> {
    let mut faults = Faults(Vec::new());
    faults.limits("message", blocks_alone(blocks).as_object(), "");
    faults.blocks(blocks, "/blocks");
    faults.0
}

/// What is wrong with a view, of which `kind` is wanted.
pub(crate) fn wrong_view(view: &Value, kind: &str) -> Vec<String> {
    let mut faults = Faults(Vec::new());
    if text(view, "type") != kind {
        faults.say(&format!("must be of the type {kind}"), "/view/type");
    }
    if kind == "modal" && view.get("title").is_none_or(Value::is_null) {
        faults.say("missing required field: title", "/view");
    }
    match view.get("blocks") {
        Some(blocks) if blocks.is_array() => faults.blocks(blocks, "/view/blocks"),
        Some(_) => faults.say("must be an array", "/view/blocks"),
        None => faults.say("missing required field: blocks", "/view"),
    }
    let has_input = crate::state::blocks::inputs(view.get("blocks").unwrap_or(&Value::Null)).next().is_some();
    if kind == "modal" && has_input && view.get("submit").is_none_or(Value::is_null) {
        faults.say("missing required field: submit (there is an input block)", "/view");
    }
    for name in ["title", "submit", "close"] {
        if let Some(value) = view.get(name).filter(|value| !value.is_null()) {
            if text(value, "type") != "plain_text" {
                faults.say("must be a plain_text object", &format!("/view/{name}"));
            }
        }
    }
    faults.limits("view", view.as_object(), "/view");
    faults.0
}

fn blocks_alone(blocks: &Value) -> Value {
    serde_json::json!({"blocks": blocks})
}

struct Faults(Vec<String>);

impl Faults {
    fn say(&mut self, what: &str, pointer: &str) {
        if self.0.len() < MOST_MESSAGES {
            self.0.push(format!("[ERROR] {what} [json-pointer:{pointer}]"));
        }
    }

    fn blocks(&mut self, blocks: &Value, pointer: &str) {
        let mut block_ids = BTreeSet::new();
        for (at, block) in blocks.as_array().into_iter().flatten().enumerate() {
            let pointer = format!("{pointer}/{at}");
            let id = text(block, "block_id");
            if !id.is_empty() && !block_ids.insert(id) {
                self.say(&format!("duplicate block_id: {id}"), &pointer);
            }
            self.typed(block, BLOCKS, &pointer);
            self.action_ids(block, &pointer);
            let kind = text(block, "type");
            let elements = ["actions", "context", "context_actions"].contains(&kind);
            if elements && block.get("elements").and_then(Value::as_array).is_some_and(Vec::is_empty) {
                self.say("must have at least 1 element", &format!("{pointer}/elements"));
            }
            for (name, value) in parts(block, elements) {
                self.element(value, &format!("{pointer}/{name}"), kind);
            }
            let fields = block.get("fields").and_then(Value::as_array).into_iter().flatten();
            for (at, field) in fields.enumerate() {
                let pointer = format!("{pointer}/fields/{at}");
                self.is_text_object(Some(field), true, &pointer);
                self.text_object(Some(field), &pointer);
                self.limits("field", field.as_object(), &pointer);
            }
            for name in ["text", "label", "title"] {
                self.text_object(block.get(name), &format!("{pointer}/{name}"));
            }
        }
    }

    fn action_ids(&mut self, block: &Value, pointer: &str) {
        let mut known = BTreeSet::new();
        for element in block.get("elements").and_then(Value::as_array).into_iter().flatten() {
            let id = text(element, "action_id");
            if !id.is_empty() && !known.insert(id) {
                self.say(&format!("duplicate action_id: {id}"), pointer);
            }
        }
    }

    /// An element in a block of this type.
    fn element(&mut self, element: &Value, pointer: &str, block: &str) {
        let kind = text(element, "type");
        if block == "context" && TEXTS.contains(&kind) {
            return self.text_object(Some(element), pointer);
        }
        self.typed(element, ELEMENTS, pointer);
        let places = PLACES.iter().find(|(name, _)| *name == kind).map_or(MOST_TAKE, |(_, places)| places);
        let is_known = ELEMENTS.iter().any(|(name, _)| *name == kind);
        if is_known && WITH_ELEMENTS.contains(&block) && !places.contains(&block) {
            self.say(&format!("unsupported type: {kind}"), &format!("{pointer}/type"));
        }
        self.text_object(element.get("text"), &format!("{pointer}/text"));
        self.options(element, pointer);
        let groups = element.get("option_groups").and_then(Value::as_array).into_iter().flatten();
        for (at, group) in groups.enumerate() {
            let pointer = format!("{pointer}/option_groups/{at}");
            self.limits("option_group", group.as_object(), &pointer);
            self.text_fields("option_group", group, &pointer);
            self.options(group, &pointer);
        }
        if let Some(confirm) = element.get("confirm") {
            let pointer = format!("{pointer}/confirm");
            self.limits("confirm", confirm.as_object(), &pointer);
            self.text_fields("confirm", confirm, &pointer);
        }
    }

    fn options(&mut self, of: &Value, pointer: &str) {
        let Some(options) = of.get("options").and_then(Value::as_array) else { return };
        if options.is_empty() {
            self.say("must have at least 1 element", &format!("{pointer}/options"));
        }
        let takes_mrkdwn = ["checkboxes", "radio_buttons"].contains(&text(of, "type"));
        for (at, option) in options.iter().enumerate() {
            let pointer = format!("{pointer}/options/{at}");
            for name in ["text", "value"] {
                if option.get(name).is_none_or(Value::is_null) {
                    self.say(&format!("missing required field: {name}"), &pointer);
                }
            }
            for name in ["text", "description"] {
                self.is_text_object(option.get(name), takes_mrkdwn, &format!("{pointer}/{name}"));
            }
            self.limits("option", option.as_object(), &pointer);
        }
    }

    /// An object of one of these types, with what it must have.
    fn typed(&mut self, value: &Value, known: &[(&str, &[&str])], pointer: &str) {
        let kind = text(value, "type");
        if kind.is_empty() {
            return self.say("missing required field: type", pointer);
        }
        let Some((_, required)) = known.iter().find(|(name, _)| *name == kind) else {
            return self.say(&format!("unsupported type: {kind}"), &format!("{pointer}/type"));
        };
        for names in *required {
            if names.split('|').all(|name| value.get(name).is_none_or(Value::is_null)) {
                self.say(&format!("missing required field: {}", names.replace('|', " or ")), pointer);
            }
        }
        for name in LISTS {
            if value.get(*name).is_some_and(|list| !list.is_null() && !list.is_array()) {
                self.say("must be an array", &format!("{pointer}/{name}"));
            }
        }
        for name in ["element", "accessory"] {
            if value.get(name).is_some_and(|part| !part.is_null() && !part.is_object()) {
                self.say("must provide an object", &format!("{pointer}/{name}"));
            }
        }
        self.limits(kind, value.as_object(), pointer);
        self.limits("*", value.as_object(), pointer);
        self.text_fields(kind, value, pointer);
        self.text_fields("*", value, pointer);
    }

    /// The text objects of something of this type are such.
    fn text_fields(&mut self, of: &str, value: &Value, pointer: &str) {
        for (_, name, takes_mrkdwn) in TEXT_FIELDS.iter().filter(|(typed, ..)| *typed == of) {
            self.is_text_object(value.get(*name), *takes_mrkdwn, &format!("{pointer}/{name}"));
        }
    }

    /// If there is something, it is a text object.
    fn is_text_object(&mut self, value: Option<&Value>, takes_mrkdwn: bool, pointer: &str) {
        let Some(value) = value.filter(|value| !value.is_null()) else { return };
        if !value.is_object() {
            return self.say("must provide an object", pointer);
        }
        match text(value, "type") {
            "plain_text" => {}
            "mrkdwn" if takes_mrkdwn => {}
            "" => self.say("missing required field: type", pointer),
            kind => self.say(&format!("unsupported type: {kind}"), &format!("{pointer}/type")),
        }
    }

    /// A text in a text object is not empty, and not too long.
    fn text_object(&mut self, value: Option<&Value>, pointer: &str) {
        /// The most characters of a text object
        /// (<https://docs.slack.dev/reference/block-kit/composition-objects/text-object>).
        const MOST: usize = 3_000;
        let Some(value) = value.filter(|value| value.is_object()) else { return };
        let pointer = format!("{pointer}/text");
        match text(value, "text").chars().count() {
            0 => self.say("must be more than 0 characters", &pointer),
            length if length > MOST => {
                self.say(&format!("must be less than {} characters", MOST + 1), &pointer);
            }
            _ => {}
        }
    }

    fn limits(&mut self, of: &str, fields: Option<&Map<String, Value>>, pointer: &str) {
        for (_, name, most, unit) in LIMITS.iter().filter(|(limited, ..)| *limited == of) {
            let Some(value) = fields.and_then(|fields| fields.get(*name)) else { continue };
            let (found, unit, pointer) = match (unit, value) {
                (Unit::Characters, Value::String(text)) => {
                    (text.chars().count(), "characters", format!("{pointer}/{name}"))
                }
                (Unit::Characters, object) => {
                    (text(object, "text").chars().count(), "characters", format!("{pointer}/{name}/text"))
                }
                (Unit::Elements, value) => {
                    (value.as_array().map_or(0, Vec::len), "items", format!("{pointer}/{name}"))
                }
            };
            if found > *most {
                self.say(&format!("must be less than {} {unit}", most + 1), &pointer);
            }
        }
    }
}

/// The elements of a block, each with its place.
fn parts(block: &Value, has_elements: bool) -> Vec<(String, &Value)> {
    let single = ["element", "accessory"].into_iter();
    let mut parts: Vec<_> = single
        .filter_map(|name| Some((name.to_owned(), block.get(name).filter(|part| part.is_object())?)))
        .collect();
    if has_elements {
        let elements = block.get("elements").and_then(Value::as_array).into_iter().flatten();
        parts.extend(elements.enumerate().map(|(at, element)| (format!("elements/{at}"), element)));
    }
    parts
}
