//! The events of messages, reactions and the home tab.

use super::shown;
use crate::PostedMessage;
use crate::state::State;
use serde_json::{Value, json};

/// A message in a channel.
pub(crate) fn message(state: &mut State, message: &PostedMessage) -> Value {
    written(state, "message", message)
}

/// A mention of the bot in one.
pub(crate) fn app_mention(state: &mut State, message: &PostedMessage) -> Value {
    written(state, "app_mention", message)
}

/// A message that looks other than before.
pub(crate) fn message_changed(state: &mut State, was: &PostedMessage, is: &PostedMessage) -> Value {
    let ts = state.serial.ts();
    json!({
        "type": "message",
        "subtype": "message_changed",
        "message": shown(state, is),
        "previous_message": shown(state, was),
        "channel": is.channel,
        "hidden": true,
        "ts": ts,
        "event_ts": ts,
        "channel_type": channel_type(state, &is.channel),
    })
}

/// A message that is there no longer.
pub(crate) fn message_deleted(state: &mut State, was: &PostedMessage) -> Value {
    let ts = state.serial.ts();
    json!({
        "type": "message",
        "subtype": "message_deleted",
        "previous_message": shown(state, was),
        "channel": was.channel,
        "hidden": true,
        "deleted_ts": was.ts,
        "ts": ts,
        "event_ts": ts,
        "channel_type": channel_type(state, &was.channel),
    })
}

/// Somebody reacts to a message, or takes that back.
pub(crate) fn reaction(
    state: &mut State,
    is_added: bool,
    user: &str,
    name: &str,
    message: &PostedMessage,
) -> Value {
    json!({
        "type": if is_added { "reaction_added" } else { "reaction_removed" },
        "user": user,
        "reaction": name,
        "item": {"type": "message", "channel": message.channel, "ts": message.ts},
        "item_user": message.user,
        "event_ts": state.serial.ts(),
    })
}

/// Somebody opens the app's home tab.
pub(crate) fn app_home_opened(state: &mut State, user: &str, channel: &str, view: Option<&Value>) -> Value {
    let mut event = json!({
        "type": "app_home_opened",
        "user": user,
        "channel": channel,
        "tab": "home",
        "event_ts": state.serial.ts(),
    });
    if let (Some(fields), Some(view)) = (event.as_object_mut(), view) {
        fields.insert("view".to_owned(), view.clone());
    }
    event
}

/// What a person writes in Slack's own editor: rich text.
pub(crate) fn rich_text(state: &mut State, text: &str) -> Value {
    json!([{
        "type": "rich_text",
        "block_id": state.serial.id("b"),
        "elements": [{
            "type": "rich_text_section",
            "elements": [{"type": "text", "text": text}],
        }],
    }])
}

fn written(state: &mut State, kind: &str, message: &PostedMessage) -> Value {
    let mut event = shown(state, message);
    let channel_type = channel_type(state, &message.channel);
    let Some(fields) = event.as_object_mut() else { return event };
    let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    put("type", json!(kind));
    put("channel", json!(message.channel));
    put("event_ts", json!(message.ts));
    if message.bot_id.is_none() {
        put("client_msg_id", json!(state.serial.uuid()));
    }
    if kind == "message" {
        put("channel_type", json!(channel_type));
    }
    if let Some(head) = message.thread_ts.as_ref().filter(|head| **head != message.ts) {
        if let Some(parent) = state.messages.at(&message.channel, head) {
            put("parent_user_id", json!(parent.user));
        }
    }
    event
}

fn channel_type(state: &State, channel: &str) -> &'static str {
    state.directory.channel(channel).map_or("channel", crate::Channel::event_type)
}
