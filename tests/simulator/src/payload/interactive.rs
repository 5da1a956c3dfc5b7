//! Clicks and choices, suggestions, and shortcuts.

use super::{VERIFICATION, channel, person, shown, team};
use crate::PostedMessage;
use crate::state::State;
use crate::state::response_urls::Target;
use crate::state::views::View;
use serde_json::{Map, Value, json};

/// Where an element is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Message(Box<PostedMessage>),
    View(View),
}

impl Place {
    pub(crate) fn blocks(&self) -> &Value {
        match self {
            Self::Message(message) => &message.blocks,
            Self::View(view) => view.blocks(),
        }
    }
}

/// Somebody uses an element: `action` is what it says.
pub(crate) fn block_actions(
    state: &mut State,
    user: &str,
    place: &Place,
    action: &Map<String, Value>,
) -> Value {
    let app_id = app_id(state, place);
    let view_id = match place {
        Place::View(view) => Some(view.id()),
        Place::Message(_) => None,
    };
    let mut payload = json!({
        "type": "block_actions",
        "user": person(state, user),
        "api_app_id": app_id,
        "token": VERIFICATION,
        "container": container(place),
        "trigger_id": state.trigger(&app_id, user, view_id),
        "team": team(state),
        "enterprise": null,
        "is_enterprise_install": false,
        "actions": [action],
    });
    let Some(fields) = payload.as_object_mut() else { return payload };
    let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    match place {
        Place::View(view) => put("view", view.fields.clone()),
        Place::Message(message) => {
            let values = if message.entered.is_object() { message.entered.clone() } else { json!({}) };
            let target = Target::of(message);
            put("state", json!({"values": values}));
            put("channel", channel(state, &message.channel));
            put("response_url", state.response_url(&app_id, user, &message.channel, Some(target)).into());
            // Slack does not promise the message of an ephemeral click.
            if !message.is_ephemeral {
                put("message", shown(state, message));
            }
        }
    }
    payload
}

/// What somebody types into an external select.
pub(crate) fn suggestion(
    state: &mut State,
    user: &str,
    place: &Place,
    (block_id, action_id): (&str, &str),
    value: &str,
) -> Value {
    let mut payload = json!({
        "type": "block_suggestion",
        "user": person(state, user),
        "api_app_id": app_id(state, place),
        "token": VERIFICATION,
        "action_id": action_id,
        "block_id": block_id,
        "value": value,
        "container": container(place),
        "team": team(state),
        "enterprise": null,
        "is_enterprise_install": false,
    });
    let Some(fields) = payload.as_object_mut() else { return payload };
    let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    match place {
        Place::View(view) => put("view", view.fields.clone()),
        Place::Message(message) => {
            put("channel", channel(state, &message.channel));
            put("message", shown(state, message));
        }
    }
    payload
}

/// A shortcut from the menu of the workspace.
pub(crate) fn shortcut(state: &mut State, user: &str, callback_id: &str) -> Value {
    let app_id = state.apps.default.app_id.clone();
    json!({
        "type": "shortcut",
        "token": VERIFICATION,
        "action_ts": state.serial.ts(),
        "team": team(state),
        "user": person(state, user),
        "is_enterprise_install": false,
        "enterprise": null,
        "callback_id": callback_id,
        "trigger_id": state.trigger(&app_id, user, None),
    })
}

/// A shortcut from the menu of a message.
pub(crate) fn message_action(
    state: &mut State,
    user: &str,
    callback_id: &str,
    message: &PostedMessage,
) -> Value {
    let app_id = state.apps.default.app_id.clone();
    json!({
        "type": "message_action",
        "token": VERIFICATION,
        "action_ts": state.serial.ts(),
        "team": team(state),
        "user": person(state, user),
        "channel": channel(state, &message.channel),
        "is_enterprise_install": false,
        "enterprise": null,
        "callback_id": callback_id,
        "trigger_id": state.trigger(&app_id, user, None),
        "response_url": state.response_url(&app_id, user, &message.channel, Some(Target::of(message))),
        "message_ts": message.ts,
        "message": shown(state, message),
    })
}

fn app_id(state: &State, place: &Place) -> String {
    let own = match place {
        Place::Message(message) => message.app_id.clone(),
        Place::View(view) => view.fields.get("app_id").and_then(Value::as_str).map(str::to_owned),
    };
    own.unwrap_or_else(|| state.apps.default.app_id.clone())
}

fn container(place: &Place) -> Value {
    match place {
        Place::View(view) => json!({"type": "view", "view_id": view.id()}),
        Place::Message(message) => {
            let mut container = json!({
                "type": "message", "message_ts": message.ts, "channel_id": message.channel,
                "is_ephemeral": message.is_ephemeral,
            });
            if let (Some(fields), Some(thread_ts)) = (container.as_object_mut(), &message.thread_ts) {
                fields.insert("thread_ts".to_owned(), json!(thread_ts));
            }
            container
        }
    }
}
