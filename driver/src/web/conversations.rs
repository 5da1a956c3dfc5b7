//! Conversations and people: what is in them, and what they are.

use serde::Deserialize;
use socketmode_protocol::payload::{Conversation, MessageEvent, UserInfo};

use super::{Pages, Web, WebError, answer};
use crate::transport::Transport;

/// A page of the messages of a conversation, the newest first; of a thread, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct History {
    /// The messages.
    #[serde(default)]
    pub messages: Vec<MessageEvent>,
    /// Whether there are more.
    #[serde(default)]
    pub has_more: bool,
}

/// ```
/// use socketmode_driver::Transport;
/// use socketmode_driver::web::{Web, WebError};
///
/// async fn last_hundred<T: Transport>(
///     web: &Web<T>,
///     channel: &str,
/// ) -> Result<Vec<String>, WebError> {
///     let mut texts = Vec::new();
///     let mut pages = web.history(channel);
///     while let Some(page) = pages.next().await {
///         texts.extend(page?.messages.into_iter().filter_map(|message| message.text));
///         if texts.len() >= 100 {
///             break;
///         }
///     }
///     Ok(texts)
/// }
/// ```
impl<T: Transport> Web<T> {
    /// Reads the messages of a conversation page by page, the newest first:
    /// <https://docs.slack.dev/reference/methods/conversations.history>. Nothing is asked before the first page is waited
    /// for. [`pages`](Self::pages) takes more arguments, such as `oldest`.
    pub fn history(&self, channel: &str) -> Pages<History> {
        self.pages("conversations.history", &serde_json::json!({ "channel": channel }))
    }

    /// Reads the messages of a thread page by page, the one that began it first:
    /// <https://docs.slack.dev/reference/methods/conversations.replies>.
    pub fn thread(&self, channel: &str, ts: &str) -> Pages<History> {
        self.pages("conversations.replies", &serde_json::json!({ "channel": channel, "ts": ts }))
    }

    /// What a conversation is: <https://docs.slack.dev/reference/methods/conversations.info>.
    ///
    /// # Errors
    /// There was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call, without any effect.
    pub async fn conversation_info(&self, channel: &str) -> Result<Conversation, WebError> {
        #[derive(Deserialize)]
        struct Answer {
            channel: Conversation,
        }
        let answer = self.read("conversations.info", [("channel", channel)]).await?;
        Ok(answer::typed::<Answer>(&answer.body)?.channel)
    }

    /// Who a user is: <https://docs.slack.dev/reference/methods/users.info>.
    ///
    /// # Errors
    /// There was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call, without any effect.
    pub async fn user_info(&self, user: &str) -> Result<UserInfo, WebError> {
        #[derive(Deserialize)]
        struct Answer {
            user: UserInfo,
        }
        let answer = self.read("users.info", [("user", user)]).await?;
        Ok(answer::typed::<Answer>(&answer.body)?.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::{answering, forms};

    #[test]
    fn a_history_is_read_page_by_page_to_its_end() {
        let first = r#"{"ok":true,"has_more":true,"messages":[{"type":"message","text":"two","ts":"1.2"}],"response_metadata":{"next_cursor":"abc"}}"#;
        let last =
            r#"{"ok":true,"messages":[{"type":"message","text":"one","ts":"1.1","edited":{"user":"U1"}}]}"#;
        let (web, transport) = answering([first, last]);
        let mut texts = Vec::new();
        smol::block_on(async {
            let mut pages = web.history("C1");
            while let Some(page) = pages.next().await {
                texts.extend(page.unwrap().messages.into_iter().filter_map(|message| message.text));
            }
        });
        assert_eq!(texts, ["two", "one"]);
        assert_eq!(
            forms(&transport),
            [
                ("conversations.history".into(), "channel=C1".into()),
                ("conversations.history".into(), "channel=C1&cursor=abc".into()),
            ]
        );
    }

    #[test]
    fn a_conversation_and_a_person_are_told_in_types() {
        let (web, transport) = answering([
            r#"{"ok":true,"channel":{"id":"C1","name":"general","is_private":true,"topic":{"value":"rust"}}}"#,
            r#"{"ok":true,"user":{"id":"U1","tz_offset":3600,"profile":{"real_name":"Ada"},"is_bot":"true"}}"#,
            r#"{"ok":true}"#,
        ]);
        smol::block_on(async {
            let channel = web.conversation_info("C1").await.unwrap();
            assert_eq!((channel.id.as_deref(), channel.is_private), (Some("C1"), true));
            assert_eq!(channel.topic.unwrap().value.as_deref(), Some("rust"));
            let user = web.user_info("U1").await.unwrap();
            assert_eq!((user.tz_offset, user.is_bot), (Some(3600), true));
            assert_eq!(user.profile.unwrap().real_name.as_deref(), Some("Ada"));
            assert!(matches!(web.user_info("U1").await, Err(WebError::Answer { .. })));
        });
        let methods: Vec<_> = forms(&transport).into_iter().map(|(method, _)| method).collect();
        assert_eq!(methods, ["conversations.info", "users.info", "users.info"]);
    }
}
