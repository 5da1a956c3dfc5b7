//! What people do, by the control API, and what happens without them.

use super::ask::Asked;
use super::{ControlError, Outcome};
use crate::state::State;
use crate::{ActError, CHANNEL, Envelope, EnvelopeId, PERSON, Said, Simulator};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The longest type of an envelope, in bytes: it is kept with its record after the payload is gone.
const ENVELOPE_TYPE: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Say {
    text: String,
    user: Option<String>,
    channel: Option<String>,
    thread_ts: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    command: String,
    #[serde(default)]
    text: String,
    user: Option<String>,
    channel: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shortcut {
    callback_id: String,
    channel: Option<String>,
    ts: Option<String>,
    user: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Home {
    user: Option<String>,
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

/// Who does it: the first of the workspace's people, if nobody is named.
pub(super) fn by(slack: &Simulator, user: Option<String>) -> String {
    let first =
        || slack.shared().look(|state| state.options.workspace.users.first().map(|user| user.id.clone()));
    user.or_else(first).unwrap_or_else(|| PERSON.to_owned())
}

/// Where it is done: in the first of the workspace's channels, if none is named.
pub(super) fn within_channel(slack: &Simulator, channel: Option<String>) -> String {
    let first = || {
        let first =
            |state: &mut State| state.options.workspace.channels.first().map(|first| first.id.clone());
        slack.shared().look(first)
    };
    channel.or_else(first).unwrap_or_else(|| CHANNEL.to_owned())
}

pub(super) fn sent(id: &EnvelopeId) -> Value {
    json!({"envelope_id": id})
}

pub(super) fn say(slack: &Simulator, asked: &Asked) -> Outcome {
    write(slack, asked, Simulator::say_in)
}

pub(super) fn mention(slack: &Simulator, asked: &Asked) -> Outcome {
    write(slack, asked, Simulator::mention_in)
}

type Write = fn(&Simulator, &str, &str, Option<&str>, &str) -> Result<Said, ActError>;

fn write(slack: &Simulator, asked: &Asked, write: Write) -> Outcome {
    let Say { text, user, channel, thread_ts } = asked.body()?;
    let user = by(slack, user);
    let channel = within_channel(slack, channel);
    let said = write(slack, &user, &channel, thread_ts.as_deref(), &text)?;
    Ok(json!({"envelope_id": said.envelope_id, "ts": said.ts}))
}

pub(super) fn command(slack: &Simulator, asked: &Asked) -> Outcome {
    let Command { command, text, user, channel } = asked.body()?;
    let user = by(slack, user);
    let channel = within_channel(slack, channel);
    if !command.starts_with('/') {
        return Err(ControlError::invalid_field("command: a command begins with /, such as /deploy"));
    }
    Ok(sent(&slack.command_in(&user, &channel, &command, &text)?))
}

pub(super) fn shortcut(slack: &Simulator, asked: &Asked) -> Outcome {
    let Shortcut { callback_id, channel, ts, user } = asked.body()?;
    let user = by(slack, user);
    let id = match (channel, ts) {
        (Some(channel), Some(ts)) => slack.message_shortcut(&user, &callback_id, &channel, &ts)?,
        (None, None) => slack.shortcut(&user, &callback_id)?,
        _ => return Err(ControlError::invalid_field("channel and ts: a message has both")),
    };
    Ok(sent(&id))
}

pub(super) fn home(slack: &Simulator, asked: &Asked) -> Outcome {
    let Home { user } = asked.body()?;
    let user = by(slack, user);
    Ok(sent(&slack.open_home(&user)?))
}

pub(super) fn event(slack: &Simulator, asked: &Asked) -> Outcome {
    let Event { event } = asked.body()?;
    Ok(sent(&slack.event(&Value::Object(event))))
}

pub(super) fn envelope(slack: &Simulator, asked: &Asked) -> Outcome {
    let AnyEnvelope { r#type, payload, accepts_response_payload } = asked.body()?;
    if r#type.len() > ENVELOPE_TYPE {
        return Err(ControlError::invalid_field(format!("type: {ENVELOPE_TYPE} bytes at most")));
    }
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
