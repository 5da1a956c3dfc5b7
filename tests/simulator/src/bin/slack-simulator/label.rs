//! What envelopes are about, in a few words.

use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// Envelopes whose label is remembered.
const REMEMBERED: usize = 1_000;
/// As much of a text as a label has, in characters.
const SHOWN: usize = 40;

/// The labels of the last envelopes.
#[derive(Default)]
pub(crate) struct Labels {
    labels: BTreeMap<String, String>,
    order: VecDeque<String>,
}

impl Labels {
    /// Remembers what an envelope of the journal is about.
    pub(crate) fn learn(&mut self, entry: &Value) {
        let Some(id) = text(entry, "envelope_id") else { return };
        self.name(id, label(entry));
    }

    /// Remembers what a line was about that has sent this envelope: it may never be delivered.
    pub(crate) fn learn_act(&mut self, id: &str, name: &str, params: &Value) {
        self.name(id, label_of_act(name, params));
    }

    fn name(&mut self, id: &str, label: String) {
        if self.labels.insert(id.to_owned(), label).is_none() {
            self.order.push_back(id.to_owned());
        }
        while self.order.len() > REMEMBERED {
            if let Some(oldest) = self.order.pop_front() {
                self.labels.remove(&oldest);
            }
        }
    }

    /// What the envelope is about that an entry names.
    pub(crate) fn of<'a>(&'a self, entry: &'a Value) -> &'a str {
        let id = text(entry, "envelope_id").unwrap_or_default();
        self.labels.get(id).map_or(id, String::as_str)
    }
}

/// A field's text.
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

fn label(entry: &Value) -> String {
    let Some(payload) = entry.get("payload") else { return String::new() };
    let event = payload.get("event").unwrap_or(&Value::Null);
    let kind = text(event, "type").or(text(payload, "type")).or(text(entry, "type")).unwrap_or_default();
    if let Some(command) = text(payload, "command") {
        return shortened(&format!("{command} {}", text(payload, "text").unwrap_or_default()));
    }
    let action =
        || payload.pointer("/actions/0/action_id").or(payload.get("action_id")).and_then(Value::as_str);
    let callback =
        || text(payload, "callback_id").or(payload.pointer("/view/callback_id").and_then(Value::as_str));
    match kind {
        "block_actions" => format!("press {}", action().unwrap_or_default()),
        "block_suggestion" => format!("suggest {}", action().unwrap_or_default()),
        "view_submission" => format!("submit {}", callback().unwrap_or_default()),
        "view_closed" => format!("close {}", callback().unwrap_or_default()),
        "shortcut" | "message_action" => format!("shortcut {}", callback().unwrap_or_default()),
        other => match text(event, "text") {
            Some(words) => format!("{other} {:?}", shortened(words)),
            None => other.to_owned(),
        },
    }
}

fn label_of_act(name: &str, params: &Value) -> String {
    let field = |name: &str| text(params, name).unwrap_or_default();
    match name {
        "say" | "mention" => format!("message {:?}", shortened(field("text"))),
        "command" => shortened(&format!("{} {}", field("command"), field("text"))),
        "press" | "suggest" => format!("{name} {}", field("action_id")),
        "submit" | "shortcut" => format!("{name} {}", field("callback_id")),
        other => other.to_owned(),
    }
}

fn shortened(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
