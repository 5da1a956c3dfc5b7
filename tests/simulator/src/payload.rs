//! Payloads in the shapes Slack sends.

use crate::PostedMessage;
use crate::state::State;
use crate::state::apps::App;
use crate::state::messages::element;
use crate::state::serial::unix_time;
use serde_json::{Value, json};

/// The workspace.
pub const TEAM: &str = "T0SIMULATE";
/// Somebody in it.
pub const PERSON: &str = "U0PERSON01";
/// A channel in it.
pub const CHANNEL: &str = "C0GENERAL1";

const DOMAIN: &str = "simulated";
const PERSON_NAME: &str = "robin";
const CHANNEL_NAME: &str = "general";
const VERIFICATION: &str = "not-a-real-verification-token";

/// A message in a channel, as an event.
pub(crate) fn message(state: &mut State, user: &str, channel: &str, text: &str) -> Value {
    let mut event = written(state, user, channel, text);
    if let Value::Object(fields) = &mut event {
        fields.insert("type".to_owned(), json!("message"));
        fields.insert("channel_type".to_owned(), json!(channel_type(channel)));
    }
    event_callback(state, &event)
}

/// A mention of the bot, as an event.
pub(crate) fn mention(state: &mut State, user: &str, channel: &str, text: &str) -> Value {
    let text = format!("<@{}> {text}", state.apps.default.bot_user_id);
    let mut event = written(state, user, channel, &text);
    if let Value::Object(fields) = &mut event {
        fields.insert("type".to_owned(), json!("app_mention"));
    }
    event_callback(state, &event)
}

/// What the Events API puts around an event.
pub(crate) fn event_callback(state: &mut State, event: &Value) -> Value {
    let app = state.apps.default.clone();
    let kind = event.get("type").and_then(Value::as_str).unwrap_or("event").to_owned();
    let channel = event.get("channel").and_then(Value::as_str).unwrap_or(CHANNEL).to_owned();
    json!({
        "token": VERIFICATION,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": null,
        "api_app_id": app.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": state.serial.id("Ev"),
        "event_time": unix_time(),
        "authorizations": [{
            "enterprise_id": null,
            "team_id": TEAM,
            "user_id": app.bot_user_id,
            "is_bot": true,
            "is_enterprise_install": false,
        }],
        "is_ext_shared_channel": false,
        "event_context": format!("4-{kind}-{TEAM}-{}-{channel}", app.app_id),
    })
}

/// A slash command.
pub(crate) fn command(state: &mut State, user: &str, channel: &str, command: &str, text: &str) -> Value {
    json!({
        "token": VERIFICATION,
        "team_id": TEAM,
        "team_domain": DOMAIN,
        "channel_id": channel,
        "channel_name": CHANNEL_NAME,
        "user_id": user,
        "user_name": PERSON_NAME,
        "command": command,
        "text": text,
        "api_app_id": state.apps.default.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url(state),
        "trigger_id": state.serial.trigger(),
    })
}

/// A pressed button.
pub(crate) fn button(state: &mut State, user: &str, channel: &str, action_id: &str, value: &str) -> Value {
    let app = state.apps.default.clone();
    let ts = state.serial.ts();
    let block_id = state.serial.id("b");
    let label = json!({"type": "plain_text", "text": action_id, "emoji": true});
    let element = json!({"type": "button", "action_id": action_id, "text": label, "value": value});
    json!({
        "type": "block_actions",
        "user": person(user),
        "api_app_id": app.app_id,
        "token": VERIFICATION,
        "container": {
            "type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": false,
        },
        "trigger_id": state.serial.trigger(),
        "team": {"id": TEAM, "domain": DOMAIN},
        "enterprise": null,
        "is_enterprise_install": false,
        "channel": {"id": channel, "name": CHANNEL_NAME},
        "message": {
            "type": "message",
            "user": app.bot_user_id,
            "bot_id": app.bot_id,
            "app_id": app.app_id,
            "team": TEAM,
            "ts": ts,
            "text": "A message with a button",
            "blocks": [{"type": "actions", "block_id": block_id, "elements": [element]}],
        },
        "state": {"values": {}},
        "response_url": response_url(state),
        "actions": [{
            "action_id": action_id,
            "block_id": block_id,
            "text": label,
            "value": value,
            "type": "button",
            "action_ts": state.serial.ts(),
        }],
    })
}

/// A pressed button of a message that the bot has posted.
pub(crate) fn click(
    state: &mut State,
    user: &str,
    message: &PostedMessage,
    block_id: &str,
    button: &Value,
) -> Value {
    let app = state.apps.default.clone();
    let mut action = json!({"block_id": block_id, "type": "button", "action_ts": state.serial.ts()});
    if let Some(action) = action.as_object_mut() {
        let own = ["action_id", "text", "value", "style"];
        let fields = button.as_object().into_iter().flatten();
        action.extend(
            fields.filter(|(name, _)| own.contains(&name.as_str())).map(|(n, v)| (n.clone(), v.clone())),
        );
    }
    let mut payload = json!({
        "type": "block_actions",
        "user": person(user),
        "api_app_id": app.app_id,
        "token": VERIFICATION,
        "container": container(message),
        "trigger_id": state.serial.trigger(),
        "team": {"id": TEAM, "domain": DOMAIN},
        "enterprise": null,
        "is_enterprise_install": false,
        "channel": {"id": message.channel, "name": CHANNEL_NAME},
        "state": {"values": {}},
        "response_url": response_url(state),
        "actions": [action],
    });
    if let Some(fields) = payload.as_object_mut().filter(|_| !message.is_ephemeral) {
        fields.insert("message".to_owned(), posted(&app, message));
    }
    payload
}

/// What somebody types into an external select.
pub(crate) fn suggestion(state: &mut State, user: &str, action_id: &str, value: &str) -> Value {
    let app = state.apps.default.clone();
    let mut payload = json!({
        "type": "block_suggestion",
        "user": person(user),
        "api_app_id": app.app_id,
        "token": VERIFICATION,
        "action_id": action_id,
        "value": value,
        "team": {"id": TEAM, "domain": DOMAIN},
        "enterprise": null,
        "is_enterprise_install": false,
    });
    let select = |blocks: &Value| {
        let kinds = ["external_select", "multi_external_select"].into_iter();
        kinds.filter_map(|kind| element(blocks, kind, action_id)).map(|(id, _)| id.to_owned()).next()
    };
    let in_view = state.views.all().rev().find_map(|view| {
        let block_id = select(view.get("blocks")?)?;
        let container = json!({"type": "view", "view_id": view.get("id")});
        Some(json!({"block_id": block_id, "container": container, "view": view}))
    });
    let in_message = || {
        state.messages.all().rev().find_map(|message| {
            let block_id = select(&message.blocks)?;
            let channel = json!({"id": message.channel, "name": CHANNEL_NAME});
            let container = container(message);
            let message = posted(&app, message);
            Some(
                json!({"block_id": block_id, "container": container, "channel": channel, "message": message}),
            )
        })
    };
    let place = in_view.or_else(in_message).unwrap_or_else(|| {
        let (id, block_id) = (state.serial.id("V"), state.serial.id("b"));
        let view = json!({"id": id, "team_id": TEAM, "type": "modal", "blocks": [], "state": {"values": {}}});
        json!({"block_id": block_id, "container": {"type": "view", "view_id": id}, "view": view})
    });
    if let (Some(payload), Value::Object(place)) = (payload.as_object_mut(), place) {
        payload.extend(place);
    }
    payload
}

/// Where an element of a message is.
fn container(message: &PostedMessage) -> Value {
    let mut container = json!({
        "type": "message", "message_ts": message.ts, "channel_id": message.channel,
        "is_ephemeral": message.is_ephemeral,
    });
    in_thread(&mut container, message);
    container
}

/// A message of the bot, as it is in payloads.
fn posted(app: &App, message: &PostedMessage) -> Value {
    let mut posted = json!({
        "type": "message",
        "user": app.bot_user_id,
        "bot_id": app.bot_id,
        "app_id": app.app_id,
        "team": TEAM,
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
    });
    in_thread(&mut posted, message);
    posted
}

fn in_thread(place: &mut Value, message: &PostedMessage) {
    if let (Some(fields), Some(thread_ts)) = (place.as_object_mut(), &message.thread_ts) {
        fields.insert("thread_ts".to_owned(), json!(thread_ts));
    }
}

/// A submitted modal: the one that the bot has opened last with this `callback_id`, if there is one.
pub(crate) fn view_submission(state: &mut State, user: &str, callback_id: &str, entered: Value) -> Value {
    let app = state.apps.default.clone();
    let entered = if entered.get("values").is_some() { entered } else { json!({"values": entered}) };
    let opened = state.views.called(callback_id).cloned().unwrap_or_default();
    let view_id = opened.get("id").cloned().unwrap_or_else(|| json!(state.serial.id("V")));
    let mut payload = json!({
        "type": "view_submission",
        "team": {"id": TEAM, "domain": DOMAIN},
        "user": person(user),
        "api_app_id": app.app_id,
        "token": VERIFICATION,
        "trigger_id": state.serial.trigger(),
        "view": {
            "id": view_id,
            "team_id": TEAM,
            "type": "modal",
            "blocks": [],
            "private_metadata": "",
            "callback_id": callback_id,
            "state": entered,
            "hash": format!("{}.{:.8}", unix_time(), state.serial.hex()),
            "title": {"type": "plain_text", "text": "A form", "emoji": true},
            "clear_on_close": false,
            "notify_on_close": false,
            "close": null,
            "submit": {"type": "plain_text", "text": "Send", "emoji": true},
            "previous_view_id": null,
            "root_view_id": view_id,
            "app_id": app.app_id,
            "external_id": "",
            "app_installed_team_id": TEAM,
            "bot_id": app.bot_id,
        },
        "response_urls": [],
        "is_enterprise_install": false,
        "enterprise": null,
    });
    if let Some(Value::Object(view)) = payload.get_mut("view") {
        view.extend(opened.into_iter().filter(|(name, _)| name != "state"));
    }
    payload
}

fn written(state: &mut State, user: &str, channel: &str, text: &str) -> Value {
    let ts = state.serial.ts();
    json!({
        "client_msg_id": state.serial.uuid(),
        "user": user,
        "text": text,
        "team": TEAM,
        "channel": channel,
        "ts": ts,
        "event_ts": ts,
        "blocks": [{
            "type": "rich_text",
            "block_id": state.serial.id("b"),
            "elements": [{
                "type": "rich_text_section",
                "elements": [{"type": "text", "text": text}],
            }],
        }],
    })
}

fn person(user: &str) -> Value {
    json!({"id": user, "username": PERSON_NAME, "name": PERSON_NAME, "team_id": TEAM})
}

fn response_url(state: &mut State) -> String {
    format!("{}/response/{}", state.origin, state.serial.hex())
}

fn channel_type(channel: &str) -> &'static str {
    if channel.starts_with('D') {
        "im"
    } else if channel.starts_with('G') {
        "group"
    } else {
        "channel"
    }
}
