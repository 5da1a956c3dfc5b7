//! What people do.

use crate::payload::{self, CHANNEL, PERSON};
use crate::{Envelope, EnvelopeId, Simulator};
use serde_json::Value;

/// Each gives the id to wait for, if the answer matters.
#[allow(clippy::must_use_candidate, reason = "these are called for their effect")]
impl Simulator {
    /// Somebody writes a message in a channel.
    pub fn say(&self, user: &str, channel: &str, text: &str) -> EnvelopeId {
        self.shared().change(|state| {
            let event = payload::message(state, user, channel, text);
            state.send(Envelope::new("events_api", event))
        })
    }

    /// Somebody mentions the default app's bot; its name is put before the text.
    pub fn mention(&self, user: &str, channel: &str, text: &str) -> EnvelopeId {
        self.shared().change(|state| {
            let event = payload::mention(state, user, channel, text);
            state.send(Envelope::new("events_api", event))
        })
    }

    /// [`PERSON`] uses a slash command in [`CHANNEL`]; see [`command_as`](Self::command_as) for others.
    pub fn command(&self, command: &str, text: &str) -> EnvelopeId {
        self.shared().change(|state| {
            let payload = payload::command(state, PERSON, CHANNEL, command, text);
            state.send(Envelope::new("slash_commands", payload))
        })
    }

    /// [`PERSON`] presses a button below a message of the simulator's own making in [`CHANNEL`]; see
    /// [`press`](Self::press) for one that the bot has posted.
    pub fn press_button(&self, action_id: &str, value: &str) -> EnvelopeId {
        self.shared().change(|state| {
            let payload = payload::button(state, PERSON, CHANNEL, action_id, value);
            state.send(Envelope::new("interactive", payload))
        })
    }

    /// [`PERSON`] submits a modal: the one that the bot has opened last with this `callback_id`, or one of the
    /// simulator's own making if there is none. `state` is what the view's blocks hold, by `block_id` and
    /// `action_id`, with or without the `values` around it.
    pub fn submit_view(&self, callback_id: &str, state: Value) -> EnvelopeId {
        self.shared().change(|slack| {
            let payload = payload::view_submission(slack, PERSON, callback_id, state);
            slack.send(Envelope::new("interactive", payload))
        })
    }

    /// Something happens in the workspace: sends `event` as an `events_api` envelope, with everything
    /// around it that Slack puts there.
    pub fn event(&self, event: &Value) -> EnvelopeId {
        self.shared().change(|state| {
            let payload = payload::event_callback(state, event);
            state.send(Envelope::new("events_api", payload))
        })
    }

    /// Sends an envelope of one's own making.
    pub fn send_envelope(&self, envelope: Envelope) -> EnvelopeId {
        self.shared().change(|state| state.send(envelope))
    }
}
