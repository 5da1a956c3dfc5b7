//! What people do with messages, by the control API.

use super::Outcome;
use super::ask::Asked;
use super::people::by;
use crate::Simulator;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    channel: String,
    ts: String,
    text: String,
    user: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    channel: String,
    ts: String,
    user: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct React {
    channel: String,
    ts: String,
    name: String,
    user: Option<String>,
    #[serde(default)]
    remove: bool,
}

pub(super) fn edit(slack: &Simulator, asked: &Asked) -> Outcome {
    let Edit { channel, ts, text, user } = asked.body()?;
    let user = by(slack, user);
    Ok(json!({"envelope_id": slack.edit(&user, &channel, &ts, &text)?}))
}

pub(super) fn delete(slack: &Simulator, asked: &Asked) -> Outcome {
    let Delete { channel, ts, user } = asked.body()?;
    let user = by(slack, user);
    Ok(json!({"envelope_id": slack.delete(&user, &channel, &ts)?}))
}

pub(super) fn react(slack: &Simulator, asked: &Asked) -> Outcome {
    let React { channel, ts, name, user, remove } = asked.body()?;
    let user = by(slack, user);
    let act = if remove { Simulator::unreact } else { Simulator::react };
    Ok(json!({"envelope_id": act(slack, &user, &channel, &ts, &name)?}))
}
