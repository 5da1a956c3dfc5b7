//! What people do with messages, by the control API.

use super::Outcome;
use super::ask::Asked;
use super::people::person;
use crate::Simulator;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    channel: String,
    ts: String,
    text: String,
    #[serde(default = "person")]
    user: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    channel: String,
    ts: String,
    #[serde(default = "person")]
    user: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct React {
    channel: String,
    ts: String,
    name: String,
    #[serde(default = "person")]
    user: String,
    #[serde(default)]
    remove: bool,
}

pub(super) fn edit(slack: &Simulator, asked: &Asked) -> Outcome {
    let Edit { channel, ts, text, user } = asked.body()?;
    Ok(json!({"envelope_id": slack.edit(&user, &channel, &ts, &text)?}))
}

pub(super) fn delete(slack: &Simulator, asked: &Asked) -> Outcome {
    let Delete { channel, ts, user } = asked.body()?;
    Ok(json!({"envelope_id": slack.delete(&user, &channel, &ts)?}))
}

pub(super) fn react(slack: &Simulator, asked: &Asked) -> Outcome {
    let React { channel, ts, name, user, remove } = asked.body()?;
    let act = if remove { Simulator::unreact } else { Simulator::react };
    Ok(json!({"envelope_id": act(slack, &user, &channel, &ts, &name)?}))
}
