//! Agents and assistants: the status of a session, its title, what a person might ask.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Web, WebError};
use crate::limits;
use crate::transport::Transport;

/// What an agent's session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SessionStatus {
    /// It waits for the person.
    Active,
    /// It works.
    Processing,
    /// It waits for something else.
    Suspended,
    /// It is over.
    Closed,
}

/// Those of these arguments that are set.
pub(super) fn set<const N: usize>(arguments: [(&str, Option<Value>); N]) -> Map<String, Value> {
    let set = arguments.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    set.collect()
}

/// ```
/// use socketmode_driver::Transport;
/// use socketmode_driver::payload::AssistantThreadStarted;
/// use socketmode_driver::web::{Web, WebError};
///
/// async fn greet<T: Transport>(
///     web: &Web<T>,
///     started: &AssistantThreadStarted,
/// ) -> Result<(), WebError> {
///     let channel = started.channel_id().unwrap_or_default();
///     let thread = started.assistant_thread.as_ref();
///     let ts = thread.and_then(|thread| thread.thread_ts.as_deref());
///     let prompts = [("Summarize", "Summarize this channel"), ("Help", "What can you do?")];
///     web.set_suggested_prompts(channel, ts, Some("Try one of these"), &prompts).await
/// }
/// ```
impl<T: Transport> Web<T> {
    /// Sets what an agent's session is doing, and creates the session if there is none:
    /// <https://docs.slack.dev/reference/methods/agents.sessions.setStatus>. `thread_ts` is the thread of the session; a
    /// channel that is a session has none.
    ///
    /// # Errors
    /// There was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the status may still be set.
    pub async fn set_session_status(
        &self,
        channel: &str,
        thread_ts: Option<&str>,
        status: SessionStatus,
    ) -> Result<(), WebError> {
        let arguments = set([
            ("channel_id", Some(channel.into())),
            ("thread_ts", thread_ts.map(Value::from)),
            ("status", Some(json!(status))),
        ]);
        self.call_json("agents.sessions.setStatus", &arguments).await.map(drop)
    }

    /// Gives an agent's session a title of 1 to 200 characters:
    /// <https://docs.slack.dev/reference/methods/agents.sessions.rename>. A channel that is a session is renamed too.
    ///
    /// # Errors
    /// The title is too long, there was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the session may still be renamed.
    pub async fn rename_session(
        &self,
        channel: &str,
        thread_ts: Option<&str>,
        title: &str,
    ) -> Result<(), WebError> {
        let arguments = set([
            ("channel_id", Some(channel.into())),
            ("thread_ts", thread_ts.map(Value::from)),
            ("title", Some(title.into())),
        ]);
        limits::fields("session", &arguments).map_err(WebError::Limit)?;
        self.call_json("agents.sessions.rename", &arguments).await.map(drop)
    }

    /// Shows what the app is doing below a thread: "is thinking…". Slack takes it away with the next message of the app, or
    /// after two minutes; an empty text takes it away at once. Of `loading_messages`, ten at most, Slack shows one after the
    /// other. <https://docs.slack.dev/reference/methods/assistant.threads.setStatus>
    ///
    /// # Errors
    /// There are too many messages, there was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the status may still be set.
    pub async fn set_thread_status(
        &self,
        channel: &str,
        thread_ts: &str,
        status: &str,
        loading_messages: &[&str],
    ) -> Result<(), WebError> {
        let messages = (!loading_messages.is_empty()).then(|| json!(loading_messages));
        let arguments = set([
            ("channel_id", Some(channel.into())),
            ("thread_ts", Some(thread_ts.into())),
            ("status", Some(status.into())),
            ("loading_messages", messages),
        ]);
        limits::fields("thread_status", &arguments).map_err(WebError::Limit)?;
        self.call_json("assistant.threads.setStatus", &arguments).await.map(drop)
    }

    /// Gives an assistant's thread a title: <https://docs.slack.dev/reference/methods/assistant.threads.setTitle>.
    ///
    /// # Errors
    /// There was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the title may still be set.
    pub async fn set_thread_title(
        &self,
        channel: &str,
        thread_ts: &str,
        title: &str,
    ) -> Result<(), WebError> {
        let arguments = json!({ "channel_id": channel, "thread_ts": thread_ts, "title": title });
        self.call_json("assistant.threads.setTitle", &arguments).await.map(drop)
    }

    /// Offers a person up to four things to ask, each with its title and the message that it sends, below a title for all:
    /// <https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts>. `thread_ts` is for assistants; an
    /// agent gives none.
    ///
    /// # Errors
    /// There are too many, there was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the prompts may still be set.
    pub async fn set_suggested_prompts(
        &self,
        channel: &str,
        thread_ts: Option<&str>,
        title: Option<&str>,
        prompts: &[(&str, &str)],
    ) -> Result<(), WebError> {
        let prompts = prompts.iter().map(|(title, message)| json!({ "title": title, "message": message }));
        let arguments = set([
            ("channel_id", Some(channel.into())),
            ("thread_ts", thread_ts.map(Value::from)),
            ("title", title.map(Value::from)),
            ("prompts", Some(prompts.collect())),
        ]);
        limits::fields("suggested_prompts", &arguments).map_err(WebError::Limit)?;
        self.call_json("assistant.threads.setSuggestedPrompts", &arguments).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::{answering, calls};

    #[test]
    fn an_agent_says_what_it_does_in_the_words_of_slack() {
        let (web, transport) = answering([r#"{"ok":true}"#; 6]);
        smol::block_on(async {
            web.set_session_status("D1", Some("1.1"), SessionStatus::Processing).await.unwrap();
            web.set_session_status("C1", None, SessionStatus::Closed).await.unwrap();
            web.rename_session("D1", Some("1.1"), "Lunch").await.unwrap();
            web.set_thread_status("D1", "1.1", "is thinking…", &["hm", "so"]).await.unwrap();
            web.set_thread_title("D1", "1.1", "Lunch").await.unwrap();
            web.set_suggested_prompts("D1", None, Some("Ask"), &[("a", "b")]).await.unwrap();
        });
        let sent = [
            (
                "agents.sessions.setStatus",
                json!({ "channel_id": "D1", "thread_ts": "1.1", "status": "processing" }),
            ),
            ("agents.sessions.setStatus", json!({ "channel_id": "C1", "status": "closed" })),
            ("agents.sessions.rename", json!({ "channel_id": "D1", "thread_ts": "1.1", "title": "Lunch" })),
            (
                "assistant.threads.setStatus",
                json!({
                    "channel_id": "D1", "thread_ts": "1.1", "status": "is thinking…",
                    "loading_messages": ["hm", "so"],
                }),
            ),
            (
                "assistant.threads.setTitle",
                json!({ "channel_id": "D1", "thread_ts": "1.1", "title": "Lunch" }),
            ),
            (
                "assistant.threads.setSuggestedPrompts",
                json!({ "channel_id": "D1", "title": "Ask", "prompts": [{ "title": "a", "message": "b" }] }),
            ),
        ];
        assert_eq!(calls(&transport), sent.map(|(method, body)| (method.to_owned(), body)));
    }

    #[test]
    fn what_is_too_much_is_not_sent() {
        let (web, transport) = answering([]);
        smol::block_on(async {
            let title = "x".repeat(201);
            let error = web.rename_session("D1", None, &title).await.unwrap_err();
            assert!(error.to_string().contains("title has 201 characters, and Slack accepts 200"), "{error}");
            let error = web.set_thread_status("D1", "1.1", "", &["x"; 11]).await.unwrap_err();
            assert!(error.to_string().contains("loading_messages has 11 elements"), "{error}");
            let error = web.set_suggested_prompts("D1", None, None, &[("a", "b"); 5]).await.unwrap_err();
            assert!(error.to_string().contains("prompts has 5 elements, and Slack accepts 4"), "{error}");
        });
        assert!(calls(&transport).is_empty());
    }
}
