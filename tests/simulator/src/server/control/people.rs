//! What people do, by the control API.

use super::ask::Asked;
use super::{ControlError, Outcome};
use crate::payload::{self, CHANNEL, PERSON};
use crate::state::State;
use crate::{Envelope, EnvelopeId, Simulator};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Say {
    text: String,
    #[serde(default = "person")]
    user: String,
    #[serde(default = "channel")]
    channel: String,
    thread_ts: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    command: String,
    #[serde(default)]
    text: String,
    #[serde(default = "person")]
    user: String,
    #[serde(default = "channel")]
    channel: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Press {
    action_id: String,
    channel: Option<String>,
    ts: Option<String>,
    view_id: Option<String>,
    value: Option<Value>,
    #[serde(default = "person")]
    user: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Submit {
    view_id: Option<String>,
    callback_id: Option<String>,
    #[serde(default)]
    values: Map<String, Value>,
    #[serde(default = "person")]
    user: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Suggest {
    action_id: String,
    value: String,
    view_id: Option<String>,
    channel: Option<String>,
    ts: Option<String>,
    #[serde(default = "person")]
    user: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    event: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnyEnvelope {
    r#type: String,
    payload: Value,
    accepts_response_payload: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redeliver {
    envelope_id: String,
}

fn person() -> String {
    PERSON.to_owned()
}

fn channel() -> String {
    CHANNEL.to_owned()
}

fn sent(id: &EnvelopeId) -> Value {
    json!({"envelope_id": id})
}

pub(super) fn say(slack: &Simulator, asked: &Asked) -> Outcome {
    write(slack, asked, payload::message)
}

pub(super) fn mention(slack: &Simulator, asked: &Asked) -> Outcome {
    write(slack, asked, payload::mention)
}

fn write(slack: &Simulator, asked: &Asked, written: fn(&mut State, &str, &str, &str) -> Value) -> Outcome {
    let Say { text, user, channel, thread_ts } = asked.body()?;
    Ok(slack.shared().change(|state| {
        let mut payload = written(state, &user, &channel, &text);
        let event = payload.get_mut("event").and_then(Value::as_object_mut);
        if let (Some(event), Some(thread_ts)) = (event, thread_ts) {
            event.insert("thread_ts".to_owned(), json!(thread_ts));
        }
        let ts = payload.pointer("/event/ts").cloned();
        let id = state.send(Envelope::new("events_api", payload));
        json!({"envelope_id": id, "ts": ts})
    }))
}

pub(super) fn command(slack: &Simulator, asked: &Asked) -> Outcome {
    let Command { command, text, user, channel } = asked.body()?;
    if !command.starts_with('/') {
        return Err(ControlError::invalid_field("command: a command begins with /, such as /deploy"));
    }
    Ok(sent(&slack.command_as(&user, &channel, &command, &text)))
}

pub(super) fn press(slack: &Simulator, asked: &Asked) -> Outcome {
    let Press { action_id, channel, ts, view_id, value, user } = asked.body()?;
    let _ = (view_id, user);
    let message = slack.messages().into_iter().rev().find(|message| {
        channel.as_ref().is_none_or(|channel| message.channel == *channel)
            && ts.as_ref().is_none_or(|ts| message.ts == *ts)
            && crate::state::messages::element(&message.blocks, "button", &action_id).is_some()
    });
    match (message, value) {
        (Some(message), _) => Ok(sent(&slack.press(&message, &action_id)?)),
        (None, Some(value)) if ts.is_none() => {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Ok(sent(&slack.press_button(&action_id, &value)))
        }
        (None, _) => Err(ControlError::not_found(format!(
            "no message has a button with the action_id {action_id:?}: see /_control/messages"
        ))),
    }
}

pub(super) fn submit(slack: &Simulator, asked: &Asked) -> Outcome {
    let Submit { view_id, callback_id, values, user } = asked.body()?;
    let _ = user;
    let callback_id = match (callback_id, view_id) {
        (Some(callback_id), _) => callback_id,
        (None, Some(view_id)) => slack.shared().look(|state| {
            let mut views = state.views.all();
            let view = views.find(|view| view.get("id").is_some_and(|id| *id == view_id));
            let callback_id =
                view.map(|view| view.get("callback_id").and_then(Value::as_str).unwrap_or_default());
            callback_id.map(str::to_owned).ok_or_else(|| {
                ControlError::not_found(format!("no view {view_id} is open: see /_control/views"))
            })
        })?,
        (None, None) => {
            return Err(ControlError::invalid_field("view_id or callback_id: one of them is needed"));
        }
    };
    Ok(sent(&slack.submit_view(&callback_id, Value::Object(values))))
}

pub(super) fn suggest(slack: &Simulator, asked: &Asked) -> Outcome {
    let Suggest { action_id, value, view_id, channel, ts, user } = asked.body()?;
    let _ = (view_id, channel, ts, user);
    Ok(sent(&slack.suggest(&action_id, &value)))
}

pub(super) fn event(slack: &Simulator, asked: &Asked) -> Outcome {
    let Event { event } = asked.body()?;
    Ok(sent(&slack.event(&Value::Object(event))))
}

pub(super) fn envelope(slack: &Simulator, asked: &Asked) -> Outcome {
    let AnyEnvelope { r#type, payload, accepts_response_payload } = asked.body()?;
    let mut envelope = Envelope::new(r#type, payload);
    if let Some(accepts) = accepts_response_payload {
        envelope = envelope.accepts_response_payload(accepts);
    }
    Ok(sent(&slack.send_envelope(envelope)))
}

pub(super) fn redeliver(slack: &Simulator, asked: &Asked) -> Outcome {
    let Redeliver { envelope_id } = asked.body()?;
    slack.redeliver(&EnvelopeId::new(envelope_id))?;
    Ok(json!({}))
}
