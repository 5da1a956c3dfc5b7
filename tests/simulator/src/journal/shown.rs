//! Messages and views as the control API and the journal show them.

use crate::PostedMessage;
use crate::state::views::View;
use serde_json::{Value, json};

impl PostedMessage {
    /// The message as an object.
    pub(crate) fn shown(&self) -> Value {
        let reactions = self.reactions.iter();
        json!({
            "channel": self.channel,
            "ts": self.ts,
            "thread_ts": self.thread_ts,
            "user": self.user,
            "text": self.text,
            "blocks": self.blocks,
            "attachments": self.attachments,
            "files": self.files,
            "is_ephemeral": self.is_ephemeral,
            "to": self.to,
            "bot": self.is_by_bot(),
            "edited": self.edited,
            "reactions": reactions.map(|one| json!({"name": one.name, "users": one.users})).collect::<Vec<_>>(),
            "streaming": self.is_streaming,
        })
    }
}

impl View {
    /// Slack's view, and who sees it.
    pub(crate) fn shown(&self) -> Value {
        let mut fields = self.fields.clone();
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("user".to_owned(), json!(self.user));
        }
        fields
    }
}
