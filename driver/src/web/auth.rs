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
    /// The bot's user, `U…`: what a mention of it holds, and who its own messages are from.
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
    /// The whole answer, for the fields that are left out here. `null` if the type was read by [`Web::call`].
    #[serde(skip)]
    pub raw: Json,
}

impl<T: Transport> Web<T> {
    /// Asks whose token this is: <https://docs.slack.dev/reference/methods/auth.test>. A bot asks at its start, to know
    /// its own messages and mentions.
    ///
    /// # Errors
    /// There was no answer, or Slack refused.
    ///
    /// # Cancel safety
    /// Dropping the future gives the call up, which harms nothing.
    pub async fn auth_test(&self) -> Result<AuthTest, WebError> {
        let answer = self.call_json("auth.test", &serde_json::json!({})).await?;
        let (test, raw) = answer::with_raw::<AuthTest>(&answer.body)?;
        Ok(AuthTest { raw, ..test })
    }
}
