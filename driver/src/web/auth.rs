//! Who the token belongs to.

use serde::Deserialize;
use socketmode_protocol::payload::Json;

use super::answer;
use super::{Web, WebError};
use crate::transport::Transport;

/// Whose token it is, from [`Web::auth_test`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AuthTest {
    /// The bot's user, `U…`: it is in mentions of the bot, and the author of its messages.
    pub user_id: String,
    /// The bot, `B…`.
    pub bot_id: Option<String>,
    /// The bot's user name.
    pub user: Option<String>,
    /// The workspace, `T…`.
    pub team_id: Option<String>,
    /// The workspace's name.
    pub team: Option<String>,
    /// The workspace's URL.
    pub url: Option<String>,
    /// The whole answer, with all other fields. `null` if you read this type with [`Web::call`].
    #[serde(skip)]
    pub raw: Json,
}

impl<T: Transport> Web<T> {
    /// Returns whose token this is: <https://docs.slack.dev/reference/methods/auth.test>. Call it at the start of a bot, to
    /// recognise its own messages and mentions.
    ///
    /// # Errors
    /// There was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call, without any effect.
    pub async fn auth_test(&self) -> Result<AuthTest, WebError> {
        let answer = self.call_json("auth.test", &serde_json::json!({})).await?;
        let (test, raw) = answer::with_raw::<AuthTest>(&answer.body)?;
        Ok(AuthTest { raw, ..test })
    }
}
