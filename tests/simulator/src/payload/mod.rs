//! Payloads in the shapes Slack sends.

pub(crate) mod events;
pub(crate) mod interactive;
pub(crate) mod views;

use crate::state::State;
use crate::state::apps::App;
use crate::state::serial::unix_time;
use crate::{CHANNEL, PostedMessage};
use serde_json::{Value, json};

const VERIFICATION: &str = "not-a-real-verification-token";

/// What the Events API puts around an event.
pub(crate) fn event_callback(state: &mut State, app: &App, event: &Value) -> Value {
    let team = &state.directory.team_id;
    let kind = event.get("type").and_then(Value::as_str).unwrap_or("event").to_owned();
    let channel = event.get("channel").and_then(Value::as_str).unwrap_or(CHANNEL).to_owned();
    json!({
        "token": VERIFICATION,
        "team_id": team,
        "context_team_id": team,
        "context_enterprise_id": null,
        "api_app_id": app.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": state.serial.id("Ev"),
        "event_time": unix_time(),
        "authorizations": [{
            "enterprise_id": null,
            "team_id": team,
            "user_id": app.bot_user_id,
            "is_bot": true,
            "is_enterprise_install": false,
        }],
        "is_ext_shared_channel": false,
        "event_context": format!("4-{kind}-{team}-{}-{channel}", app.app_id),
    })
}

/// A slash command.
pub(crate) fn command(state: &mut State, user: &str, channel: &str, command: &str, text: &str) -> Value {
    let app_id = state.apps.default.app_id.clone();
    let channel_name = channel_name(state, channel);
    json!({
        "token": VERIFICATION,
        "team_id": state.directory.team_id,
        "team_domain": state.directory.team_domain,
        "channel_id": channel,
        "channel_name": channel_name,
        "user_id": user,
        "user_name": user_name(state, user),
        "command": command,
        "text": text,
        "api_app_id": app_id,
        "is_enterprise_install": "false",
        "response_url": state.response_url(&app_id, user, channel, None),
        "trigger_id": state.trigger(&app_id, user, None),
    })
}

/// A message, as it is in payloads and in the answers of the Web API.
pub(crate) fn shown(state: &State, message: &PostedMessage) -> Value {
    let mut shown = json!({
        "type": "message",
        "user": message.user,
        "team": state.directory.team_id,
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
    });
    let Some(fields) = shown.as_object_mut() else { return shown };
    let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    if let Some(bot_id) = &message.bot_id {
        put("bot_id", json!(bot_id));
        put("app_id", json!(message.app_id));
        put(
            "bot_profile",
            json!({
                "id": bot_id,
                "app_id": message.app_id,
                "name": user_name(state, &message.user),
                "team_id": state.directory.team_id,
                "deleted": false,
            }),
        );
    }
    if message.attachments.as_array().is_some_and(|all| !all.is_empty()) {
        put("attachments", message.attachments.clone());
    }
    if message.files.as_array().is_some_and(|all| !all.is_empty()) {
        put("files", message.files.clone());
    }
    if let Some(thread_ts) = &message.thread_ts {
        put("thread_ts", json!(thread_ts));
    }
    if let Some(edited) = &message.edited {
        put("edited", json!({"user": message.user, "ts": edited}));
    }
    if !message.metadata.is_null() {
        put("metadata", message.metadata.clone());
    }
    if !message.reactions.is_empty() {
        let reactions = message.reactions.iter().map(
            |reaction| json!({"name": reaction.name, "users": reaction.users, "count": reaction.users.len()}),
        );
        put("reactions", reactions.collect());
    }
    shown
}

/// The team, as interactions name it.
fn team(state: &State) -> Value {
    json!({"id": state.directory.team_id, "domain": state.directory.team_domain})
}

/// A person, as interactions name one.
fn person(state: &State, user: &str) -> Value {
    let name = user_name(state, user);
    json!({"id": user, "username": name, "name": name, "team_id": state.directory.team_id})
}

/// A channel, as interactions name it.
fn channel(state: &State, id: &str) -> Value {
    json!({"id": id, "name": channel_name(state, id)})
}

fn user_name(state: &State, user: &str) -> String {
    state.directory.user(user).map_or_else(|| user.to_lowercase(), |user| user.name.clone())
}

fn channel_name(state: &State, channel: &str) -> String {
    let channel = state.directory.channel(channel);
    channel
        .filter(|known| !known.name.is_empty())
        .map_or("directmessage".to_owned(), |known| known.name.clone())
}
