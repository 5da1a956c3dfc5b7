//! Events and envelopes of one's own making, and those that come again.

use super::ActError;
use crate::{Envelope, EnvelopeId, Simulator};
use serde_json::Value;

#[allow(clippy::must_use_candidate, reason = "these are called for their effect")]
impl Simulator {
    /// Something happens in the workspace: sends `event` as an `events_api` envelope, with everything
    /// around it that Slack puts there.
    pub fn event(&self, event: &Value) -> EnvelopeId {
        self.shared().change(|state| state.send_event(event))
    }

    /// Sends an envelope of one's own making.
    pub fn send_envelope(&self, envelope: Envelope) -> EnvelopeId {
        self.shared().change(|state| state.send(envelope))
    }

    /// Slack sends an event again, at once, though it was acknowledged: with a `retry_attempt` one higher and the reason
    /// `timeout`, by the next link in turn. It is to be acknowledged again, and comes by itself again if it is not. One
    /// that still waits for a link is not sent twice.
    ///
    /// Of envelopes that are settled, the last ones can come again, up to 4 MiB of their payloads.
    ///
    /// ```no_run
    /// use socketmode_simulator::{CHANNEL, Options, PERSON, Simulator};
    /// use std::time::Duration;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let slack = Simulator::start(Options::default())?;
    /// // Start the bot, then:
    /// let id = slack.mention(PERSON, CHANNEL, "help");
    /// slack.wait_for_call("chat.postMessage", Duration::from_secs(3)).await?;
    /// slack.redeliver(&id)?;
    /// slack.wait_for_acks(&id, 2, Duration::from_secs(3)).await?;
    /// slack.no_call_within("chat.postMessage", Duration::from_millis(200)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no such envelope, or it is none of an event: Slack sends nothing else again.
    pub fn redeliver(&self, id: &EnvelopeId) -> Result<(), ActError> {
        self.shared().change(|state| state.redeliver_by_hand(id))
    }
}
