//! What people do with what the bot has shown them, and what Slack does again.

use crate::payload::{self, PERSON};
use crate::state::messages::{element, elements};
use crate::{Envelope, EnvelopeId, Simulator};
use serde_json::Value;

/// A message that the bot has posted, as Slack shows it now.
///
/// It is from `chat.postMessage`, `chat.postEphemeral` or the answer to a slash command. What is posted to a
/// `response_url`, streamed, or answered by a script ([`Simulator::next_call_answer`]) is not among the messages.
///
/// ```
/// use socketmode_simulator::{Options, Simulator};
///
/// let slack = Simulator::start(Options::default())?;
/// let texts: Vec<String> = slack.messages().into_iter().map(|message| message.text).collect();
/// assert!(texts.is_empty());
/// # Ok::<_, socketmode_simulator::StartError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PostedMessage {
    /// The id of its channel.
    pub channel: String,
    /// Its time stamp, which is its id in the channel.
    pub ts: String,
    /// Its text; empty if it has none.
    pub text: String,
    /// Its blocks, each with a `block_id`, their elements with an `action_id`; an empty array if it has none.
    pub blocks: Value,
    /// The head of its thread, if it is in one.
    pub thread_ts: Option<String>,
    /// Whether only one person sees it.
    pub is_ephemeral: bool,
    pub(crate) deleted: bool,
}

/// What somebody was to do cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActError {
    /// There is no such message.
    #[error("there is no message {ts} in {channel}: take one from `messages()` that the bot has not deleted")]
    NoMessage {
        /// The channel that was looked in.
        channel: String,
        /// The time stamp that was looked for.
        ts: String,
    },
    /// The message has no such button.
    #[error("the message has no button with the action_id {action_id:?}; its elements are {elements:?}")]
    NoButton {
        /// What was looked for.
        action_id: String,
        /// The `action_id`s that the message has.
        elements: Vec<String>,
    },
    /// No envelope with this id was sent, or too many were sent after it.
    #[error("no envelope {0} is known: take the id that an act has returned")]
    NoEnvelope(EnvelopeId),
    /// Slack sends only events again.
    #[error(
        "Slack sends events again, and nothing of the type {0}: use `send_envelope` to do it all the same"
    )]
    NotAnEvent(String),
}

#[allow(clippy::must_use_candidate, reason = "these are called for their effect")]
impl Simulator {
    /// The messages that the bot has posted and not deleted, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<PostedMessage> {
        self.shared().look(|state| state.messages.all().cloned().collect())
    }

    /// Somebody uses a slash command in a channel.
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
            let payload = payload::command(state, user, channel, command, text);
            state.send(Envelope::new("slash_commands", payload))
        })
    }

    /// [`PERSON`] presses the button with this `action_id` below a message that the bot has posted. The click has the
    /// button's own `value` and `block_id`, the channel, the message as it looks now (but for an ephemeral one, which
    /// Slack does not promise), and a new `response_url`.
    ///
    /// ```no_run
    /// use socketmode_simulator::{Options, Simulator};
    /// use std::time::Duration;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let slack = Simulator::start(Options::default())?;
    /// // Start the bot, then:
    /// slack.command("/deploy", "api");
    /// let message = slack.wait_for_message(Duration::from_secs(3)).await?;
    /// let click = slack.press(&message, "approve")?;
    /// slack.wait_for_ack(&click, Duration::from_secs(3)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the message is not there any more, or has no such button.
    pub fn press(&self, message: &PostedMessage, action_id: &str) -> Result<EnvelopeId, ActError> {
        self.shared().change(|state| {
            let (channel, ts) = (message.channel.as_str(), message.ts.as_str());
            let Some(shown) = state.messages.at(channel, ts).cloned() else {
                return Err(ActError::NoMessage { channel: channel.to_owned(), ts: ts.to_owned() });
            };
            let Some((block_id, button)) = element(&shown.blocks, "button", action_id) else {
                let ids =
                    elements(&shown.blocks).filter_map(|(_, element)| element.get("action_id")?.as_str());
                let elements = ids.map(str::to_owned).collect();
                return Err(ActError::NoButton { action_id: action_id.to_owned(), elements });
            };
            let payload = payload::click(state, PERSON, &shown, block_id, button);
            Ok(state.send(Envelope::new("interactive", payload)))
        })
    }

    /// [`PERSON`] types `value` into the external select with this `action_id`: of the view that the bot has opened last
    /// and that has one, else of the last such message, else of a view of the simulator's own making. The bot answers
    /// with options in its acknowledgement.
    ///
    /// ```no_run
    /// use socketmode_simulator::{Options, Simulator};
    /// use std::time::Duration;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let slack = Simulator::start(Options::default())?;
    /// // Start the bot, then:
    /// let id = slack.suggest("service", "ap");
    /// let ack = slack.wait_for_ack(&id, Duration::from_secs(3)).await?;
    /// assert_eq!(ack.payload.unwrap_or_default()["options"][0]["value"], "api");
    /// # Ok(())
    /// # }
    /// ```
    pub fn suggest(&self, action_id: &str, value: &str) -> EnvelopeId {
        self.shared().change(|state| {
            let payload = payload::suggestion(state, PERSON, action_id, value);
            state.send(Envelope::new("interactive", payload))
        })
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
