//! Messages.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::Object;
use crate::limits::{self, LimitError};

/// A message: to post with [`Web`](crate::Web), to send to a `response_url`, or to answer a slash command. A text is enough
/// for the last: `command.ack_with("on it")`. `Debug` does not show it.
///
/// ```
/// use serde_json::json;
/// use socketmode_driver::Message;
///
/// let message = Message::new("Lunch?").in_channel().blocks(&json!([
///     { "type": "section", "text": { "type": "mrkdwn", "text": "*Lunch?*" } },
/// ]));
/// let wire = serde_json::to_value(&message).unwrap();
/// assert_eq!(wire["response_type"], "in_channel");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Message(Object);

impl Message {
    /// A message with this text. If it has blocks, notifications show the text. An answer to a command is visible only to its
    /// user, unless it is [`in_channel`](Self::in_channel).
    pub fn new(text: impl Into<String>) -> Self {
        Self(Object::default().with("text", text.into()))
    }

    /// Everybody in the channel sees it.
    #[must_use]
    pub fn in_channel(self) -> Self {
        self.field("response_type", "in_channel")
    }

    /// Blocks: any serde type that becomes an array of them.
    #[must_use]
    pub fn blocks(self, blocks: &(impl Serialize + ?Sized)) -> Self {
        self.field("blocks", blocks)
    }

    /// It replaces the message of the interaction.
    #[must_use]
    pub fn replace_original(self) -> Self {
        self.field("replace_original", true)
    }

    /// It belongs to the thread of the message with this `ts`.
    #[must_use]
    pub fn in_thread(self, ts: impl Into<String>) -> Self {
        self.field("thread_ts", ts.into())
    }

    /// Any other field of a message.
    #[must_use]
    pub fn field(self, name: &str, value: impl Serialize) -> Self {
        Self(self.0.with(name, value))
    }
}

impl Message {
    /// Whether Slack takes it, as far as it documents limits. What sends it checks it too.
    ///
    /// # Errors
    /// A part is too long: which, and what to do.
    pub fn check(&self) -> Result<(), LimitError> {
        limits::message(&self.0.fields)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// `json!({ .. })`, with the fields of a message. Sending anything but an object fails.
impl From<Value> for Message {
    fn from(message: Value) -> Self {
        match message {
            Value::Object(fields) => Self(Object { fields, failed: false }),
            _ => Self(Object { failed: true, ..Object::default() }),
        }
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").finish_non_exhaustive()
    }
}
