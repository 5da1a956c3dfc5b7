//! Messages: post, change, delete, react, read a thread.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use socketmode_protocol::payload::Json;

use super::answer;
use super::{Web, WebError, form};
use crate::limits;
use crate::transport::Transport;

/// A posted message, from [`Web::post_message`] and [`Web::update_message`].
///
/// ```
/// use serde::Deserialize;
/// use socketmode_driver::web::PostedMessage;
///
/// #[derive(Deserialize)]
/// struct Stored {
///     text: String,
/// }
///
/// fn text_as_stored(posted: &PostedMessage) -> Option<String> {
///     Some(posted.raw.field::<Stored>("message")?.text)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PostedMessage {
    /// Its channel. For a message to a user (`U…`) it is the direct conversation.
    #[serde(default)]
    pub channel: String,
    /// Its time stamp, which is its id within the channel. Use it to change it, to react, or to answer in its thread.
    pub ts: String,
    /// The whole answer, with all other fields. `null` if you read this type with [`Web::call`].
    #[serde(skip)]
    pub raw: Json,
}

/// A message that only one person sees, from [`Web::post_ephemeral`]. You can neither change it nor react to it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PostedEphemeral {
    /// Its time stamp.
    pub message_ts: Option<String>,
    /// The whole answer, with all other fields. `null` if you read this type with [`Web::call`].
    #[serde(skip)]
    pub raw: Json,
}

/// The first messages of a thread, from [`Web::replies`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Replies {
    /// The messages, the one that began the thread first.
    pub messages: Vec<Reply>,
    /// Whether there are more: [`Web::pages`] reads them all.
    #[serde(default)]
    pub has_more: bool,
    /// Where the next page begins.
    #[serde(skip)]
    pub next_cursor: Option<String>,
    /// The whole answer, with all other fields. `null` if you read this type with [`Web::call`].
    #[serde(skip)]
    pub raw: Json,
}

/// A message in a thread. `Debug` does not show its text.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Reply {
    /// Its time stamp, which is its id within the channel.
    pub ts: String,
    /// Who wrote it.
    pub user: Option<String>,
    /// The bot that wrote it.
    pub bot_id: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// The time stamp of the message that began the thread.
    pub thread_ts: Option<String>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("ts", &self.ts).field("user", &self.user).finish_non_exhaustive()
    }
}

/// A message with its channel.
fn addressed<const N: usize>(
    message: &(impl Serialize + ?Sized),
    to: [(&str, &str); N],
) -> Result<Map<String, Value>, WebError> {
    let Ok(Value::Object(mut arguments)) = serde_json::to_value(message) else {
        return Err(WebError::Arguments);
    };
    for (name, value) in to {
        arguments.insert(name.to_owned(), value.into());
    }
    limits::message(&arguments).map_err(WebError::Limit)?;
    Ok(arguments)
}

/// ```
/// use socketmode_driver::Message;
/// use socketmode_driver::Transport;
/// use socketmode_driver::web::{Web, WebError};
///
/// async fn launch<T: Transport>(
///     web: &Web<T>,
///     channel: &str,
/// ) -> Result<(), WebError> {
///     let posted =
///         web.post_message(channel, &Message::new("Launching …")).await?;
///     web.update_message(&posted.channel, &posted.ts, &Message::new("Launched."))
///         .await?;
///     for reply in web.replies(&posted.channel, &posted.ts).await?.messages {
///         println!("{}: {}", reply.ts, reply.text.unwrap_or_default());
///     }
///     Ok(())
/// }
/// ```
impl<T: Transport> Web<T> {
    /// Posts a message to a channel (`C…`) or a person (`U…`): <https://docs.slack.dev/reference/methods/chat.postMessage>.
    /// Slack accepts about one a second for each channel.
    ///
    /// # Errors
    /// A part of the message is too long, there was no answer (the message may still be posted), or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the message may still be posted.
    pub async fn post_message(
        &self,
        channel: &str,
        message: &(impl Serialize + ?Sized + Sync),
    ) -> Result<PostedMessage, WebError> {
        self.posted("chat.postMessage", channel, &addressed(message, [("channel", channel)])?).await
    }

    /// Shows a message to one person in a channel: <https://docs.slack.dev/reference/methods/chat.postEphemeral>. It
    /// disappears when the person reloads Slack.
    ///
    /// # Errors
    /// A part of the message is too long, there was no answer (the message may still be posted), or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the message may still be posted.
    pub async fn post_ephemeral(
        &self,
        channel: &str,
        user: &str,
        message: &(impl Serialize + ?Sized + Sync),
    ) -> Result<PostedEphemeral, WebError> {
        let arguments = addressed(message, [("channel", channel), ("user", user)])?;
        let answer = self.call_json("chat.postEphemeral", &arguments).await?;
        let (posted, raw) = answer::with_raw::<PostedEphemeral>(&answer.body)?;
        Ok(PostedEphemeral { raw, ..posted })
    }

    /// Changes one of the bot's messages: <https://docs.slack.dev/reference/methods/chat.update>.
    ///
    /// # Errors
    /// A part of the message is too long, there was no answer (the message may still change), or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the message may still change.
    pub async fn update_message(
        &self,
        channel: &str,
        ts: &str,
        message: &(impl Serialize + ?Sized + Sync),
    ) -> Result<PostedMessage, WebError> {
        self.posted("chat.update", channel, &addressed(message, [("channel", channel), ("ts", ts)])?).await
    }

    /// Reacts to a message with an emoji, by its name without colons:
    /// <https://docs.slack.dev/reference/methods/reactions.add>.
    ///
    /// # Errors
    /// There was no answer, or Slack returned an error: `already_reacted` if the bot has already reacted in this way.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the reaction may still be added.
    pub async fn add_reaction(&self, channel: &str, ts: &str, name: &str) -> Result<(), WebError> {
        let arguments = serde_json::json!({ "channel": channel, "timestamp": ts, "name": name });
        self.call_json("reactions.add", &arguments).await.map(drop)
    }

    /// Takes one of the bot's reactions back: <https://docs.slack.dev/reference/methods/reactions.remove>.
    ///
    /// # Errors
    /// There was no answer, or Slack returned an error: `no_reaction` if the bot has not reacted in this way.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the reaction may still be removed.
    pub async fn remove_reaction(&self, channel: &str, ts: &str, name: &str) -> Result<(), WebError> {
        let arguments = serde_json::json!({ "channel": channel, "timestamp": ts, "name": name });
        self.call_json("reactions.remove", &arguments).await.map(drop)
    }

    /// Deletes one of the bot's messages: <https://docs.slack.dev/reference/methods/chat.delete>.
    ///
    /// # Errors
    /// There was no answer (the message may still be deleted), or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the message may still be deleted.
    pub async fn delete_message(&self, channel: &str, ts: &str) -> Result<(), WebError> {
        let arguments = serde_json::json!({ "channel": channel, "ts": ts });
        self.call_json("chat.delete", &arguments).await.map(drop)
    }

    /// Reads the first page of a thread: <https://docs.slack.dev/reference/methods/conversations.replies>.
    ///
    /// # Errors
    /// There was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call, without any effect.
    pub async fn replies(&self, channel: &str, ts: &str) -> Result<Replies, WebError> {
        let fields = [("channel".to_owned(), channel.to_owned()), ("ts".to_owned(), ts.to_owned())];
        let answer = self.post("conversations.replies", form::CONTENT_TYPE, form::encode(&fields)).await?;
        let (replies, raw) = answer::with_raw::<Replies>(&answer.body)?;
        Ok(Replies { next_cursor: answer.next_cursor?, raw, ..replies })
    }

    pub(super) async fn posted(
        &self,
        method: &str,
        channel: &str,
        arguments: &Map<String, Value>,
    ) -> Result<PostedMessage, WebError> {
        let answer = self.call_json(method, arguments).await?;
        let (mut posted, raw) = answer::with_raw::<PostedMessage>(&answer.body)?;
        if posted.channel.is_empty() {
            channel.clone_into(&mut posted.channel);
        }
        Ok(PostedMessage { raw, ..posted })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::MAX_CURSOR_BYTES;
    use crate::web::testing::answering;

    #[test]
    fn a_thread_whose_cursor_is_too_long_is_an_error() {
        let cursor = "x".repeat(MAX_CURSOR_BYTES + 1);
        let body = format!(r#"{{"ok":true,"messages":[],"response_metadata":{{"next_cursor":"{cursor}"}}}}"#);
        let (web, _) = answering([&body]);
        let too_long = WebError::CursorTooLong { bytes: MAX_CURSOR_BYTES + 1 };
        assert_eq!(smol::block_on(web.replies("C1", "1.2")), Err(too_long));
    }
    #[test]
    fn each_typed_answer_has_all_that_slack_said() {
        const SAID: &str = r#"{"ok":true,"new":7,"channel":"C1","ts":"1.2","message_ts":"1.2","user_id":"U1","messages":[],"view":{"id":"V1","new":7}}"#;
        let (web, _) = answering([SAID; 5]);
        let raws = smol::block_on(async {
            let text = serde_json::json!({ "text": "hi" });
            [
                web.auth_test().await.unwrap().raw,
                web.post_message("C1", &text).await.unwrap().raw,
                web.post_ephemeral("C1", "U1", &text).await.unwrap().raw,
                web.replies("C1", "1.2").await.unwrap().raw,
                web.open_view("trigger", &text).await.unwrap().raw,
            ]
        });
        for raw in raws {
            assert_eq!(raw.raw_json(), SAID);
        }
    }
}
