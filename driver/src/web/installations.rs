//! Apps in several workspaces: the token by the workspace of a request.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt;
use serde::Deserialize;
use socketmode_protocol::payload::{self, Authorization, Enterprise, Team, User};

use super::{Web, WebError};
use crate::request::Request;
use crate::token::{BotToken, TokenError};
use crate::transport::Transport;

/// What [`Client::web_by_installation`](crate::Client::web_by_installation) is given.
pub(crate) type TokenSource = Arc<
    dyn Fn(Installation) -> Pin<Box<dyn Future<Output = Result<BotToken, TokenUnavailable>> + Send>>
        + Send
        + Sync,
>;

/// Where the app is installed, as a request tells it. It is the key to look a token up by: the organization if
/// [`is_enterprise_install`](Self::is_enterprise_install), else the workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Installation {
    /// The workspace, `T…`.
    pub team_id: Option<String>,
    /// The organization, `E…`.
    pub enterprise_id: Option<String>,
    /// Whether the app is installed for the whole organization.
    pub is_enterprise_install: bool,
}

impl Installation {
    /// What a payload of any kind says. In a shared channel that is where the app is installed, not where the message was
    /// written.
    pub(super) fn of(payload: &str) -> Self {
        let authorization = field::<Vec<Authorization>>(payload, "authorizations").unwrap_or_default();
        if let Some(first) = authorization.into_iter().next() {
            return Self {
                team_id: first.team_id,
                enterprise_id: first.enterprise_id,
                is_enterprise_install: first.is_enterprise_install,
            };
        }
        // An interaction has objects, which are `null` where the app is installed for an organization.
        let team = field::<Team>(payload, "team").unwrap_or_default();
        let user = || field::<User>(payload, "user").and_then(|user| user.team_id);
        let enterprise = || field::<Enterprise>(payload, "enterprise").and_then(|enterprise| enterprise.id);
        Self {
            team_id: field(payload, "team_id").or(team.id).or_else(user),
            enterprise_id: field(payload, "enterprise_id").or_else(enterprise).or(team.enterprise_id),
            is_enterprise_install: field::<bool>(payload, "is_enterprise_install")
                .or_else(|| field::<String>(payload, "is_enterprise_install").map(|text| text == "true"))
                .unwrap_or_default(),
        }
    }
}

fn field<'a, F: Deserialize<'a>>(payload: &'a str, name: &str) -> Option<F> {
    payload::field(payload, name)
}

/// Why there is no token, in the words of the token source. They appear in errors and logs: put no secret in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUnavailable(Box<str>);

impl TokenUnavailable {
    /// Why.
    pub fn new(why: impl fmt::Display) -> Self {
        Self(why.to_string().into())
    }

    pub(super) fn not_chosen() -> Self {
        Self::new("choose the workspace first, with Web::for_request")
    }
}

impl fmt::Display for TokenUnavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TokenUnavailable {}

/// A token that is stored and cannot be used.
impl From<TokenError> for TokenUnavailable {
    fn from(error: TokenError) -> Self {
        Self::new(error)
    }
}

impl<T: Transport> Web<T> {
    /// The Web API with the token of the workspace that a request is from. The token source of
    /// [`Client::web_by_installation`](crate::Client::web_by_installation) is asked for it; with one token for all
    /// ([`Client::web`](crate::Client::web)) it is that one.
    ///
    /// # Errors
    /// The source has no token for the workspace. Nothing was sent; the request can still be acknowledged.
    ///
    /// # Cancel safety
    /// Dropping the future drops that of the source.
    pub async fn for_request<P>(&self, request: &Request<P>) -> Result<Self, WebError> {
        self.for_payload(request.payload_json()).await
    }

    /// The same by the payload.
    pub(crate) async fn for_payload(&self, payload: &str) -> Result<Self, WebError> {
        if self.is_of_one_workspace() {
            return Ok(self.clone());
        }
        self.for_installation(Installation::of(payload)).await
    }

    /// Whether there is one token for all requests.
    pub(crate) fn is_of_one_workspace(&self) -> bool {
        self.tokens.is_none()
    }

    /// The same for a workspace that you know.
    ///
    /// # Errors
    /// The source has no token for the workspace. Nothing was sent.
    ///
    /// # Cancel safety
    /// Dropping the future drops that of the source.
    pub async fn for_installation(&self, installation: Installation) -> Result<Self, WebError> {
        let mut web = self.clone();
        if let Some(source) = &self.tokens {
            // The application's function may panic: that costs this request alone.
            let token = AssertUnwindSafe(async { source(installation).await }).catch_unwind().await;
            let token = token.unwrap_or_else(|_| Err(TokenUnavailable::new("the token source panicked")));
            web.token = Some(token.map_err(WebError::Token)?);
        }
        Ok(web)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::{Scripted, answer};
    use crate::web::{BaseUrl, turns};
    use http::header::AUTHORIZATION;
    use std::sync::Mutex;

    fn by_team(answers: usize) -> (Web<Scripted>, Arc<Scripted>) {
        let answers =
            (0..answers).map(|_| Some(answer(200, None, r#"{"ok":true,"user_id":"U1"}"#))).collect();
        let transport = Arc::new(Scripted { answers: Mutex::new(answers), ..<_>::default() });
        let source: TokenSource = Arc::new(|installation: Installation| {
            Box::pin(async move {
                match installation.team_id.as_deref() {
                    Some(team @ ("T1" | "T2")) => Ok(BotToken::new(&format!("xoxb-{team}"))?),
                    _ => Err(TokenUnavailable::new("the app is not installed there")),
                }
            })
        });
        let base = BaseUrl::parse("https://slack.com/api/", false).unwrap();
        (Web::with_tokens(Arc::clone(&transport), base, source, turns()), transport)
    }

    #[test]
    fn each_workspace_is_called_with_its_own_token() {
        let (web, transport) = by_team(2);
        smol::block_on(async {
            for team in ["T1", "T2"] {
                let installation = Installation { team_id: Some(team.to_owned()), ..<_>::default() };
                web.for_installation(installation).await.unwrap().auth_test().await.unwrap();
            }
        });
        let sent = transport.sent.lock().unwrap();
        let tokens: Vec<_> =
            sent.iter().map(|(request, _)| request.headers()[AUTHORIZATION].clone()).collect();
        assert_eq!(tokens, ["Bearer xoxb-T1", "Bearer xoxb-T2"]);
    }

    #[test]
    fn without_a_token_nothing_is_sent_and_the_error_says_why() {
        let (web, transport) = by_team(0);
        let error = smol::block_on(web.auth_test()).unwrap_err();
        assert!(error.to_string().contains("Web::for_request"), "{error}");
        let elsewhere = Installation { team_id: Some("T9".to_owned()), ..<_>::default() };
        let error = smol::block_on(web.for_installation(elsewhere)).unwrap_err();
        assert_eq!(error.to_string(), "there is no token for this workspace: the app is not installed there");
        assert!(transport.sent.lock().unwrap().is_empty());
    }

    #[test]
    fn each_kind_of_payload_tells_where_the_app_is_installed() {
        let is = |payload: &str, team: Option<&str>, enterprise: Option<&str>, whole: bool| {
            let installation = Installation::of(payload);
            assert_eq!(installation.team_id.as_deref(), team, "{payload}");
            assert_eq!(installation.enterprise_id.as_deref(), enterprise, "{payload}");
            assert_eq!(installation.is_enterprise_install, whole, "{payload}");
        };
        // In a shared channel: T2 wrote, and the app is installed in T1.
        let event = r#"{"team_id":"T2","authorizations":[{"team_id":"T1","enterprise_id":null}]}"#;
        is(event, Some("T1"), None, false);
        is(
            r#"{"team_id":"T1","enterprise_id":"E1","is_enterprise_install":"true"}"#,
            Some("T1"),
            Some("E1"),
            true,
        );
        is(r#"{"team":{"id":"T1","enterprise_id":"E1"},"user":{"id":"U1"}}"#, Some("T1"), Some("E1"), false);
        let org =
            r#"{"team":null,"enterprise":{"id":"E1"},"user":{"team_id":"T1"},"is_enterprise_install":true}"#;
        is(org, Some("T1"), Some("E1"), true);
        is("null", None, None, false);
    }
}
