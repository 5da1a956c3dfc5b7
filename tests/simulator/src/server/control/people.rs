//! What people do, by the control API.

use super::ask::Asked;
use super::{ControlError, Outcome};
use crate::{CHANNEL, Envelope, EnvelopeId, Form, PERSON, Said, Simulator, Within};
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
    let Say { text, user, channel, thread_ts } = asked.body()?;
    Ok(said(&slack.say_in(&user, &channel, thread_ts.as_deref(), &text)?))
}

pub(super) fn mention(slack: &Simulator, asked: &Asked) -> Outcome {
    let Say { text, user, channel, thread_ts } = asked.body()?;
    Ok(said(&slack.mention_in(&user, &channel, thread_ts.as_deref(), &text)?))
}

fn said(said: &Said) -> Value {
    json!({"envelope_id": said.envelope_id, "ts": said.ts})
}

pub(super) fn command(slack: &Simulator, asked: &Asked) -> Outcome {
    let Command { command, text, user, channel } = asked.body()?;
    if !command.starts_with('/') {
        return Err(ControlError::invalid_field("command: a command begins with /, such as /deploy"));
    }
    Ok(sent(&slack.command_in(&user, &channel, &command, &text)?))
}

pub(super) fn press(slack: &Simulator, asked: &Asked) -> Outcome {
    let Press { action_id, channel, ts, view_id, value, user } = asked.body()?;
    let press = crate::Press { user, action_id, within: within(view_id, channel, ts), value };
    Ok(sent(&slack.press_element(&press)?))
}

/// The place that is named, or any.
fn within(view_id: Option<String>, channel: Option<String>, ts: Option<String>) -> Within {
    match (view_id, ts) {
        (Some(view_id), _) => Within::View(view_id),
        (None, Some(ts)) => Within::Message { channel: channel.unwrap_or_else(self::channel), ts },
        (None, None) => Within::Anything,
    }
}

pub(super) fn submit(slack: &Simulator, asked: &Asked) -> Outcome {
    let Submit { view_id, callback_id, values, user } = asked.body()?;
    let form = match (view_id, callback_id) {
        (Some(view_id), _) => Form::Id(view_id),
        (None, Some(callback_id)) => Form::CallbackId(callback_id),
        (None, None) => {
            return Err(ControlError::invalid_field("view_id or callback_id: one of them is needed"));
        }
    };
    Ok(sent(&slack.submit(&user, &form, &Value::Object(values))?))
}

pub(super) fn suggest(slack: &Simulator, asked: &Asked) -> Outcome {
    let Suggest { action_id, value, view_id, channel, ts, user } = asked.body()?;
    Ok(sent(&slack.suggest_in(&user, &within(view_id, channel, ts), &action_id, &value)?))
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
