//! What people do with what the bot has shown: its buttons, its selects, its forms.

use super::ask::Asked;
use super::people::{by, sent};
use super::{ControlError, Outcome};
use crate::state::blocks::element;
use crate::{Form, Press, Simulator, Within};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Use {
    action_id: String,
    channel: Option<String>,
    ts: Option<String>,
    view_id: Option<String>,
    value: Option<Value>,
    user: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Suggest {
    action_id: String,
    value: String,
    view_id: Option<String>,
    channel: Option<String>,
    ts: Option<String>,
    user: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Submit {
    view_id: Option<String>,
    callback_id: Option<String>,
    #[serde(default)]
    values: Map<String, Value>,
    user: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Close {
    view_id: String,
    user: Option<String>,
}

pub(super) fn press(slack: &Simulator, asked: &Asked) -> Outcome {
    let Use { action_id, channel, ts, view_id, value, user } = asked.body()?;
    let user = by(slack, user);
    let within = within(slack, &action_id, channel, ts, view_id)?;
    Ok(sent(&slack.press_element(&Press { user, action_id, within, value })?))
}

pub(super) fn suggest(slack: &Simulator, asked: &Asked) -> Outcome {
    let Suggest { action_id, value, view_id, channel, ts, user } = asked.body()?;
    let user = by(slack, user);
    let within = within(slack, &action_id, channel, ts, view_id)?;
    Ok(sent(&slack.suggest_in(&user, &within, &action_id, &value)?))
}

pub(super) fn submit(slack: &Simulator, asked: &Asked) -> Outcome {
    let Submit { view_id, callback_id, values, user } = asked.body()?;
    let user = by(slack, user);
    let form = match (view_id, callback_id) {
        (Some(view_id), None) => Form::Id(view_id),
        (None, Some(callback_id)) => Form::CallbackId(callback_id),
        _ => return Err(ControlError::invalid_field("view_id or callback_id: one of them is needed")),
    };
    Ok(sent(&slack.submit(&user, &form, &Value::Object(values))?))
}

pub(super) fn close_view(slack: &Simulator, asked: &Asked) -> Outcome {
    let Close { view_id, user } = asked.body()?;
    let user = by(slack, user);
    Ok(json!({"envelope_id": slack.close_view(&user, &Form::Id(view_id))?}))
}

/// Where an element is. Of a channel alone it is the newest message that has one.
fn within(
    slack: &Simulator,
    action_id: &str,
    channel: Option<String>,
    ts: Option<String>,
    view_id: Option<String>,
) -> Result<Within, ControlError> {
    match (channel, ts, view_id) {
        (None, None, None) => Ok(Within::Anything),
        (None, None, Some(view_id)) => Ok(Within::View(view_id)),
        (Some(channel), Some(ts), None) => Ok(Within::Message { channel, ts }),
        (Some(channel), None, None) => {
            let messages = slack.history(Some(&channel), None);
            let mut newest_first = messages.into_iter().rev();
            let newest = newest_first.find(|message| element(&message.blocks, &[], action_id).is_some());
            let ts = newest.map(|message| message.ts).ok_or_else(|| {
                let words =
                    format!("no message in {channel} has an element with the action_id {action_id:?}");
                ControlError::not_found(words)
            })?;
            Ok(Within::Message { channel, ts })
        }
        (None, Some(_), None) => Err(ControlError::invalid_field("ts: a message has a channel too")),
        (_, _, Some(_)) => {
            Err(ControlError::invalid_field("view_id: an element is in a view or in a message"))
        }
    }
}
