//! Slash commands and shortcuts.

use super::ActError;
use crate::payload::{self, interactive};
use crate::{CHANNEL, Envelope, EnvelopeId, PERSON, Simulator};

#[allow(clippy::must_use_candidate, reason = "these are called for their effect")]
impl Simulator {
    /// [`PERSON`] uses a slash command in [`CHANNEL`]; see [`command_as`](Self::command_as) for others.
    pub fn command(&self, command: &str, text: &str) -> EnvelopeId {
        self.command_as(PERSON, CHANNEL, command, text)
    }

    /// Somebody uses a slash command in a channel. A user and a channel that are not known join the workspace.
    ///
    /// ```
    /// use socketmode_simulator::{CHANNEL, Options, Simulator};
    ///
    /// let slack = Simulator::start(Options::default())?;
    /// let id = slack.command_as("U0ANOTHER1", CHANNEL, "/deploy", "api");
    /// assert!(slack.acks_of(&id).is_empty());
    /// # Ok::<_, socketmode_simulator::StartError>(())
    /// ```
    pub fn command_as(&self, user: &str, channel: &str, command: &str, text: &str) -> EnvelopeId {
        self.shared().change(|state| {
            state.join(user, channel);
            let payload = payload::command(state, user, channel, command, text);
            state.send(Envelope::new("slash_commands", payload))
        })
    }

    /// A member of a channel uses a slash command there.
    ///
    /// # Errors
    ///
    /// When there is no such user or channel, or the user is no member.
    pub fn command_in(
        &self,
        user: &str,
        channel: &str,
        command: &str,
        text: &str,
    ) -> Result<EnvelopeId, ActError> {
        self.shared().change(|state| {
            state.must_be_member(user, channel)?;
            let payload = payload::command(state, user, channel, command, text);
            Ok(state.send(Envelope::new("slash_commands", payload)))
        })
    }

    /// Somebody uses a global shortcut.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn shortcut(&self, user: &str, callback_id: &str) -> Result<EnvelopeId, ActError> {
        self.shared().change(|state| {
            state.must_know(user)?;
            let payload = interactive::shortcut(state, user, callback_id);
            Ok(state.send(Envelope::new("interactive", payload)))
        })
    }

    /// Somebody uses a shortcut of a message.
    ///
    /// # Errors
    ///
    /// When there is no such user or message.
    pub fn message_shortcut(
        &self,
        user: &str,
        callback_id: &str,
        channel: &str,
        ts: &str,
    ) -> Result<EnvelopeId, ActError> {
        self.shared().change(|state| {
            state.must_know(user)?;
            let message = state.message(channel, ts)?;
            state.must_see(user, &message)?;
            let payload = interactive::message_action(state, user, callback_id, &message);
            Ok(state.send(Envelope::new("interactive", payload)))
        })
    }
}
