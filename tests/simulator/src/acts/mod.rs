//! What people do, by topic.

mod choice;
mod elements;
mod events;
mod home;
mod messages;
mod shortcuts;
mod shown;
mod views;

pub use elements::{Press, Within};
pub use messages::Said;
pub use views::Form;

use crate::state::State;
use crate::{ChannelKind, EnvelopeId, PostedMessage};

/// What somebody was to do cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActError {
    /// There is no such user.
    #[error("there is no user {0:?}: take one from `users()`, or add them to `Options::workspace`")]
    NoUser(String),
    /// There is no such channel.
    #[error("there is no channel {0:?}: take one from `channels()`, or add it to `Options::workspace`")]
    NoChannel(String),
    /// The user is not a member of the channel.
    #[error(
        "{user} is not a member of {channel}: members alone can write there, or see it if it is not public"
    )]
    NoMember {
        /// The user.
        user: String,
        /// The channel.
        channel: String,
    },
    /// There is no such message.
    #[error("there is no message {ts} in {channel}: take one from `history()` that is not deleted")]
    NoMessage {
        /// The channel that was looked in.
        channel: String,
        /// The time stamp that was looked for.
        ts: String,
    },
    /// The message is somebody else's.
    #[error("{user} did not write the message {ts}: people change and delete their own messages only")]
    NotTheirs {
        /// Who was to change it.
        user: String,
        /// Its time stamp.
        ts: String,
    },
    /// The reaction is there, or is not there to be taken away.
    #[error("the message {ts} has no reaction {name:?} of {user} to take away, or has it already")]
    Reaction {
        /// The user.
        user: String,
        /// The emoji's name.
        name: String,
        /// The message's time stamp.
        ts: String,
    },
    /// There is no such view, or it is closed.
    #[error("there is no open view with the id or callback_id {0:?}: the bot has to open it first")]
    NoView(String),
    /// The message or the view is one that only somebody else sees.
    #[error("only {owner} sees this message or view, and not {user}: act as {owner}")]
    NotSeen {
        /// Who was to act.
        user: String,
        /// Who sees it.
        owner: String,
    },
    /// The view cannot be submitted.
    #[error("the view {0} cannot be submitted: it is no modal, or another one is on top of it")]
    NotOnTop(String),
    /// There is no such element in the message or the view, or in any of them.
    #[error("there is no element with the action_id {action_id:?}; the elements are {elements:?}")]
    NoElement {
        /// What was looked for.
        action_id: String,
        /// The `action_id`s that there are.
        elements: Vec<String>,
    },
    /// The element is none that can be used so.
    #[error("the element {action_id:?} is of the type {kind:?}, which cannot be used so")]
    WrongElement {
        /// Its `action_id`.
        action_id: String,
        /// Its type.
        kind: String,
    },
    /// The value is none that the element takes.
    #[error("the element {action_id:?} does not take this value: {advice}")]
    WrongValue {
        /// The element's `action_id`.
        action_id: String,
        /// What it takes.
        advice: String,
    },
    /// The element is in an input block, whose value the bot gets when the view is submitted.
    #[error(
        "the element {action_id:?} is in an input block without dispatch_action: submit the view with its value"
    )]
    NotDispatched {
        /// The element's `action_id`.
        action_id: String,
    },
    /// The view has no such input.
    #[error(
        "the view has no input with the block_id {block_id:?} and the action_id {action_id:?}; it has {inputs:?}"
    )]
    NoInput {
        /// The block that was named.
        block_id: String,
        /// The element that was named.
        action_id: String,
        /// The inputs, each as `block_id` and `action_id`.
        inputs: Vec<(String, String)>,
    },
    /// An input that is not optional is empty: Slack's client does not send the view then.
    #[error("the inputs {0:?} are empty and not optional: Slack's client does not submit such a view")]
    Unfilled(Vec<String>),
    /// No envelope with this id was sent, or too many were sent after it.
    #[error("no envelope {0} is known: take the id that an act has returned")]
    NoEnvelope(EnvelopeId),
    /// Slack sends only events again.
    #[error(
        "Slack sends events again, and nothing of the type {0}: use `send_envelope` to do it all the same"
    )]
    NotAnEvent(String),
}

impl State {
    /// Whether there is such a user.
    fn must_know(&self, user: &str) -> Result<(), ActError> {
        match self.directory.user(user) {
            Some(_) => Ok(()),
            None => Err(ActError::NoUser(user.to_owned())),
        }
    }

    /// Whether somebody sees a message. Public channels can be read by everybody.
    fn must_see(&self, user: &str, message: &PostedMessage) -> Result<(), ActError> {
        match self.directory.channel(&message.channel) {
            Some(channel) if channel.kind != ChannelKind::Public => self.must_be_member(user, &channel.id)?,
            _ => {}
        }
        match message.to.as_ref().filter(|owner| *owner != user) {
            Some(owner) => Err(ActError::NotSeen { user: user.to_owned(), owner: owner.clone() }),
            None => Ok(()),
        }
    }

    /// Whether somebody may write in a channel.
    fn must_be_member(&self, user: &str, channel: &str) -> Result<(), ActError> {
        self.must_know(user)?;
        let found = self.directory.channel(channel).ok_or_else(|| ActError::NoChannel(channel.to_owned()))?;
        if !found.has_member(user) {
            return Err(ActError::NoMember { user: user.to_owned(), channel: channel.to_owned() });
        }
        Ok(())
    }
}
