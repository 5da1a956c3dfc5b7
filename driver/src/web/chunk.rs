//! What a streamed message is made of, and the three methods that stream it.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::{PostedMessage, Web, WebError};
use crate::limits;
use crate::transport::Transport;

/// A part of a streamed message. `Debug` does not show it.
///
/// ```
/// use socketmode_driver::web::{Chunk, TaskStatus};
///
/// let chunks = [
///     Chunk::from("Here is what I found. "),
///     Chunk::task("1", "Search the archive", TaskStatus::InProgress),
/// ];
/// assert_eq!(
///     serde_json::to_value(&chunks[1]).unwrap()["status"],
///     "in_progress"
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Chunk(pub(super) Part);

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Other(Map<String, Value>),
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TaskStatus {
    /// It has not begun.
    Pending,
    /// It is under way.
    InProgress,
    /// It is done.
    Complete,
    /// It has failed.
    Error,
}

impl Chunk {
    /// Text with Markdown.
    pub fn text(text: impl Into<String>) -> Self {
        Self(Part::Text(text.into()))
    }

    /// A task. A later chunk with the same id changes it.
    pub fn task(id: impl Into<String>, title: impl Into<String>, status: TaskStatus) -> Self {
        Self::other([
            ("type", "task_update".into()),
            ("id", id.into().into()),
            ("title", title.into().into()),
            ("status", json!(status)),
        ])
    }

    /// The title above the tasks.
    pub fn plan(title: impl Into<String>) -> Self {
        Self::other([("type", "plan_update".into()), ("title", title.into().into())])
    }

    /// Blocks, 50 at most: any serde type that becomes an array of them. What cannot be serialized is no blocks.
    pub fn blocks(blocks: &(impl Serialize + ?Sized)) -> Self {
        let blocks = serde_json::to_value(blocks).unwrap_or_else(|_| json!([]));
        Self::other([("type", "blocks".into()), ("blocks", blocks)])
    }

    /// Any other field of a task: `details`, `output`, `sources`.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Part::Other(fields) = &mut self.0 {
            fields.insert(name.to_owned(), value.into());
        }
        self
    }

    fn other<const N: usize>(fields: [(&str, Value); N]) -> Self {
        Self(Part::Other(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
    }

    pub(super) fn wire(&self) -> Value {
        match &self.0 {
            Part::Text(text) => json!({ "type": "markdown_text", "text": text }),
            Part::Other(fields) => Value::Object(fields.clone()),
        }
    }
}

impl From<&str> for Chunk {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Chunk {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl Serialize for Chunk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.wire().serialize(serializer)
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk").finish_non_exhaustive()
    }
}

/// ```
/// use serde_json::json;
/// use socketmode_driver::Transport;
/// use socketmode_driver::web::{Chunk, Web, WebError};
///
/// async fn count<T: Transport>(
///     web: &Web<T>,
///     channel: &str,
///     thread_ts: &str,
/// ) -> Result<(), WebError> {
///     let started = web.start_stream(channel, thread_ts, &()).await?;
///     let chunks = json!({ "chunks": [Chunk::from("one, "), Chunk::from("two")] });
///     web.append_stream(channel, &started.ts, &chunks).await?;
///     web.stop_stream(channel, &started.ts, &()).await?;
///     Ok(())
/// }
/// ```
impl<T: Transport> Web<T> {
    /// Begins a message that is written while people read it: <https://docs.slack.dev/reference/methods/chat.startStream>.
    /// The other arguments are a struct or a map, `()` for none: `chunks` ([`Chunk`]s), and in a channel also
    /// `recipient_team_id` and `recipient_user_id`. [`stream`](Self::stream) does all of it.
    ///
    /// # Errors
    /// The arguments are too long, there was no answer (the message may still be posted), or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the message may still be posted.
    pub async fn start_stream(
        &self,
        channel: &str,
        thread_ts: &str,
        arguments: &(impl Serialize + ?Sized + Sync),
    ) -> Result<PostedMessage, WebError> {
        let arguments = streamed(arguments, [("channel", channel), ("thread_ts", thread_ts)])?;
        self.posted("chat.startStream", channel, &arguments).await
    }

    /// Appends to a streamed message: <https://docs.slack.dev/reference/methods/chat.appendStream>. The other arguments are
    /// `chunks` or `markdown_text`.
    ///
    /// # Errors
    /// The arguments are too long, there was no answer (it may still be appended), or Slack returned an error:
    /// `message_not_in_streaming_state` if the stream has ended, which Slack does by itself after some minutes without
    /// text.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; it may still be appended.
    pub async fn append_stream(
        &self,
        channel: &str,
        ts: &str,
        arguments: &(impl Serialize + ?Sized + Sync),
    ) -> Result<(), WebError> {
        let arguments = streamed(arguments, [("channel", channel), ("ts", ts)])?;
        self.call_json("chat.appendStream", &arguments).await.map(drop)
    }

    /// Ends a streamed message: <https://docs.slack.dev/reference/methods/chat.stopStream>. The other arguments may be
    /// `chunks` and `blocks` to append, `metadata`, and `session_status`.
    ///
    /// # Errors
    /// The arguments are too long, there was no answer (it may still end), or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the stream may still end.
    pub async fn stop_stream(
        &self,
        channel: &str,
        ts: &str,
        arguments: &(impl Serialize + ?Sized + Sync),
    ) -> Result<(), WebError> {
        let arguments = streamed(arguments, [("channel", channel), ("ts", ts)])?;
        self.call_json("chat.stopStream", &arguments).await.map(drop)
    }
}

/// The arguments with where they go to.
fn streamed<const N: usize>(
    arguments: &(impl Serialize + ?Sized),
    to: [(&str, &str); N],
) -> Result<Map<String, Value>, WebError> {
    let mut arguments = match serde_json::to_value(arguments) {
        Ok(Value::Object(arguments)) => arguments,
        Ok(Value::Null) => Map::new(),
        Ok(_) | Err(_) => return Err(WebError::Arguments),
    };
    for (name, value) in to {
        arguments.insert(name.to_owned(), value.into());
    }
    limits::fields("stream", &arguments).map_err(WebError::Limit)?;
    Ok(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::{answering, calls};

    #[test]
    fn a_message_is_begun_continued_and_ended() {
        let (web, transport) = answering([r#"{"ok":true,"channel":"D1","ts":"1.2"}"#; 3]);
        smol::block_on(async {
            let recipient = json!({ "recipient_team_id": "T1", "recipient_user_id": "U1" });
            let begun = web.start_stream("D1", "1.1", &recipient).await.unwrap();
            assert_eq!((begun.channel.as_str(), begun.ts.as_str()), ("D1", "1.2"));
            let chunks = [
                Chunk::from("a"),
                Chunk::plan("Plan"),
                Chunk::task("1", "Read", TaskStatus::Complete).field("output", "two pages"),
                Chunk::blocks(&json!([{ "type": "divider" }])),
            ];
            web.append_stream("D1", "1.2", &json!({ "chunks": chunks })).await.unwrap();
            web.stop_stream("D1", "1.2", &()).await.unwrap();
        });
        let chunks = json!([
            { "type": "markdown_text", "text": "a" },
            { "type": "plan_update", "title": "Plan" },
            { "type": "task_update", "id": "1", "title": "Read", "status": "complete", "output": "two pages" },
            { "type": "blocks", "blocks": [{ "type": "divider" }] },
        ]);
        let sent = [
            (
                "chat.startStream",
                json!({
                    "channel": "D1", "thread_ts": "1.1", "recipient_team_id": "T1", "recipient_user_id": "U1",
                }),
            ),
            ("chat.appendStream", json!({ "channel": "D1", "ts": "1.2", "chunks": chunks })),
            ("chat.stopStream", json!({ "channel": "D1", "ts": "1.2" })),
        ];
        assert_eq!(calls(&transport), sent.map(|(method, body)| (method.to_owned(), body)));
    }

    #[test]
    fn a_part_that_is_too_long_is_not_sent() {
        let (web, transport) = answering([]);
        let long = json!({ "markdown_text": "x".repeat(12_001) });
        let error = smol::block_on(web.append_stream("D1", "1.2", &long)).unwrap_err();
        assert!(error.to_string().contains("markdown_text has 12001 characters"), "{error}");
        let section = json!({ "type": "section", "text": { "type": "mrkdwn", "text": "x".repeat(3_001) } });
        let long = json!({ "chunks": ["", Chunk::blocks(&json!([section]))] });
        let error = smol::block_on(web.append_stream("D1", "1.2", &long)).unwrap_err();
        assert!(error.to_string().contains("chunks[1].blocks[0].text has 3001 characters"), "{error}");
        assert!(calls(&transport).is_empty());
        assert!(!format!("{:?}", Chunk::from("hush")).contains("hush"));
    }
}
