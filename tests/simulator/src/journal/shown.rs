//! Messages as the control API and the journal show them.

use crate::PostedMessage;
use serde_json::{Value, json};

impl PostedMessage {
    /// The message as an object; `bot` is the id of the bot's user.
    pub(crate) fn shown(&self, bot: &str) -> Value {
        json!({
            "channel": self.channel,
            "ts": self.ts,
            "thread_ts": self.thread_ts,
            "user": bot,
            "text": self.text,
            "blocks": self.blocks,
            "is_ephemeral": self.is_ephemeral,
            "bot": true,
            "reactions": [],
        })
    }
}
