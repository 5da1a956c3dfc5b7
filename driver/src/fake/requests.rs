//! Requests as Slack sends them.

use serde_json::{Map, Value, json};

use super::{CHANNEL, TEAM, TS, USER};

/// A request to come, with the fields that Slack's have: by the user `U0FAKE`, in the channel `C0FAKE` of the workspace
/// `T0FAKE`, with a `trigger_id`, and with a `response_url` where there is one. All can be changed.
#[derive(Clone, Debug)]
#[must_use = "nothing happens before it is dispatched"]
pub struct Incoming {
    kind: &'static str,
    accepts_answer: bool,
    payload: Map<String, Value>,
    pub(super) is_too_slow: bool,
}

/// Somebody types this command.
pub fn command(command: &str) -> Incoming {
    let payload = json!({
        "command": command, "text": "", "user_id": USER, "channel_id": CHANNEL, "team_id": TEAM,
        "trigger_id": "1.2.fake", "response_url": "https://hooks.slack.com/commands/fake",
    });
    Incoming::new("slash_commands", true, payload)
}

/// Somebody clicks the element with this `action_id` in a message.
pub fn click(action_id: &str) -> Incoming {
    let payload = json!({
        "actions": [{ "action_id": action_id, "block_id": "block", "type": "button", "action_ts": TS }],
        "channel": { "id": CHANNEL }, "message": { "ts": TS },
        "container": { "type": "message", "channel_id": CHANNEL, "message_ts": TS },
        "response_url": "https://hooks.slack.com/actions/fake",
    });
    interaction("block_actions", false, payload)
}

/// Somebody submits the view with this `callback_id`.
pub fn submission(callback_id: &str) -> Incoming {
    interaction("view_submission", true, json!({ "view": view(callback_id) }))
}

/// Somebody closes the view with this `callback_id`.
pub fn closed(callback_id: &str) -> Incoming {
    interaction("view_closed", false, json!({ "view": view(callback_id), "is_cleared": false }))
}

/// Somebody uses the global shortcut with this `callback_id`.
pub fn shortcut(callback_id: &str) -> Incoming {
    interaction("shortcut", false, json!({ "callback_id": callback_id, "action_ts": TS }))
}

/// Somebody uses the shortcut with this `callback_id` on a message.
pub fn message_shortcut(callback_id: &str) -> Incoming {
    let payload = json!({
        "callback_id": callback_id, "action_ts": TS, "channel": { "id": CHANNEL }, "message_ts": TS,
        "message": { "type": "message", "text": "a message", "ts": TS, "user": USER },
        "response_url": "https://hooks.slack.com/app/fake",
    });
    interaction("message_action", false, payload)
}

/// Somebody types this into the menu with this `action_id`.
pub fn suggestion(action_id: &str, typed: &str) -> Incoming {
    interaction(
        "block_suggestion",
        true,
        json!({ "action_id": action_id, "block_id": "block", "value": typed }),
    )
}

/// An event: an object with its `type`. `user`, `channel` and `ts` are added if they are missing.
pub fn event(event: Value) -> Incoming {
    let mut inner = json!({ "user": USER, "channel": CHANNEL, "ts": TS, "event_ts": TS });
    merge(&mut inner, event);
    let payload = json!({ "type": "event_callback", "event_id": "Ev0FAKE", "team_id": TEAM, "event": inner });
    Incoming::new("events_api", false, payload)
}

fn interaction(kind: &str, accepts_answer: bool, payload: Value) -> Incoming {
    let mut whole = json!({
        "type": kind, "user": { "id": USER, "team_id": TEAM }, "team": { "id": TEAM },
        "trigger_id": "1.2.fake",
    });
    merge(&mut whole, payload);
    Incoming::new("interactive", accepts_answer, whole)
}

fn view(callback_id: &str) -> Value {
    json!({
        "id": "V0FAKE", "type": "modal", "callback_id": callback_id, "hash": "1.fake",
        "state": { "values": {} }, "blocks": [],
    })
}

/// Puts the fields of an object into another.
fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

impl Incoming {
    fn new(kind: &'static str, accepts_answer: bool, payload: Value) -> Self {
        let payload = match payload {
            Value::Object(payload) => payload,
            _ => Map::new(),
        };
        Self { kind, accepts_answer, payload, is_too_slow: false }
    }

    /// What is typed after a command.
    pub fn text(self, text: &str) -> Self {
        self.field("text", text)
    }

    /// Who does it.
    pub fn user(self, id: &str) -> Self {
        let id: Value = id.into();
        match self.kind {
            "slash_commands" => self.field("user_id", id),
            "events_api" => self.inner("user", id),
            _ => self.field("user", json!({ "id": id })),
        }
    }

    /// In which channel.
    pub fn channel(self, id: &str) -> Self {
        let id: Value = id.into();
        match self.kind {
            "slash_commands" => self.field("channel_id", id),
            "events_api" => self.inner("channel", id),
            _ => self.field("channel", json!({ "id": id })),
        }
    }

    /// In a view: the value of the input with this `block_id` and `action_id`. In a click: the value of the button.
    pub fn value(mut self, block_id: &str, action_id: &str, value: &str) -> Self {
        let input = json!({ "type": "plain_text_input", "value": value });
        if let Some(view) = self.payload.get_mut("view").and_then(Value::as_object_mut) {
            let state = view.entry("state").or_insert_with(|| json!({}));
            place(state, &["values", block_id, action_id], input);
            let block = json!({ "type": "input", "block_id": block_id });
            if let Some(blocks) = view.get_mut("blocks").and_then(Value::as_array_mut) {
                blocks.push(block);
            }
        } else if let Some(action) = self.payload.get_mut("actions").and_then(|actions| actions.get_mut(0)) {
            merge(action, json!({ "block_id": block_id, "action_id": action_id, "value": value }));
        }
        self
    }

    /// Any other field of the payload.
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.payload.insert(name.to_owned(), value.into());
        self
    }

    /// The handler needs too long: 2.5 s are over when it waits for the first time. No time passes.
    pub fn too_slow(mut self) -> Self {
        self.is_too_slow = true;
        self
    }

    /// A field of the event.
    fn inner(mut self, name: &str, value: Value) -> Self {
        if let Some(event) = self.payload.get_mut("event").and_then(Value::as_object_mut) {
            event.insert(name.to_owned(), value);
        }
        self
    }

    /// The envelope.
    pub(crate) fn text_with(&self, envelope_id: &str) -> String {
        json!({
            "type": self.kind, "envelope_id": envelope_id, "payload": self.payload,
            "accepts_response_payload": self.accepts_answer,
        })
        .to_string()
    }
}

/// Puts a value into objects within an object.
fn place(object: &mut Value, path: &[&str], value: Value) {
    let Value::Object(fields) = object else { return };
    match path {
        [] => {}
        [last] => drop(fields.insert((*last).to_owned(), value)),
        [first, rest @ ..] => {
            place(fields.entry((*first).to_owned()).or_insert_with(|| json!({})), rest, value);
        }
    }
}
