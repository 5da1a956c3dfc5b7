//! Calls of the Web API, and messages to a `response_url`.
//!
//! [`Web`] has typed calls for common methods, [`call`](Web::call) and [`call_form`](Web::call_form) for any method,
//! [`pages`](Web::pages) for long lists, [`stream`](Web::stream) for what an agent writes, [`upload`](Web::upload) for files,
//! [`for_request`](Web::for_request) for apps in several workspaces, and [`respond`](Web::respond) for the `response_url` of a command or a button. They
//! use the transport of the client, with the same proxy and certificates.

mod agents;
mod answer;
mod attempt;
mod auth;
pub(crate) mod base_url;
mod chunk;
mod conversations;
mod error;
mod form;
mod functions;
mod installations;
mod json;
mod messages;
#[cfg(feature = "slack-morphism")]
mod morphism;
mod pages;
mod respond;
mod stream;
#[cfg(test)]
pub(crate) mod testing;
mod upload;
mod views;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_lock::Semaphore;
use bytes::Bytes;
use http::HeaderValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::answer::Accepted;
use self::base_url::BaseUrl;
pub(crate) use self::installations::TokenSource;
#[cfg(any(test, feature = "testing"))]
use crate::fake::script::Script;
use crate::token::BotToken;
use crate::transport::Transport;

pub use agents::SessionStatus;
pub use auth::AuthTest;
pub use chunk::{Chunk, TaskStatus};
pub use conversations::History;
pub use error::{MAX_CURSOR_BYTES, SlackError, WebError};
pub use installations::{Installation, TokenUnavailable};
pub use messages::{PostedEphemeral, PostedMessage, Replies, Reply};
#[cfg(feature = "slack-morphism")]
pub use morphism::MorphismConnector;
pub use pages::Pages;
pub use stream::MessageStream;
pub use upload::{Upload, UploadedFile};
pub use views::OpenView;

/// The number of calls of one client at the same time: many times what Slack's rate limits allow in a second, and far below
/// the number of files that a process can open.
pub const MAX_CALLS: usize = 64;

/// The Web API with a bot token, from [`Client::web`](crate::Client::web). Clones are cheap.
///
/// ```
/// use serde_json::{Value, json};
/// use socketmode_driver::web::WebError;
/// use socketmode_driver::{BotToken, Client, Message, Runtime};
///
/// async fn greet<R: Runtime>(
///     client: &Client<R>,
///     token: BotToken,
/// ) -> Result<(), WebError> {
///     let web = client.web(token);
///     let posted =
///         web.post_message("C0123", &Message::new("Good morning")).await?;
///     web.add_reaction(&posted.channel, &posted.ts, "wave").await?;
///     // Any other method:
///     let user: Value =
///         web.call_form("users.info", &json!({ "user": "U0123" })).await?;
///     println!("{}", user["user"]["name"]);
///     Ok(())
/// }
/// ```
///
/// If Slack's rate limit stops a call, the call is made again after the wait that Slack asks for, up to
/// [`MAX_RETRIES`](Self::MAX_RETRIES) times. No other call is made again: without an answer, Slack may have received it. If
/// you cannot wait that long, put a time-out around the call.
///
/// At most [`MAX_CALLS`] calls of a client run at the same time, with any tokens, each on its own connection. Further calls
/// wait.
pub struct Web<T: Transport> {
    way: Way<T>,
    base: BaseUrl,
    /// `None` before a workspace is chosen.
    token: Option<BotToken>,
    tokens: Option<TokenSource>,
    timeout: Duration,
    /// Shared by all calls of a client.
    turns: Arc<Semaphore>,
}

impl<T: Transport> Web<T> {
    /// Default of [`timeout`](Self::timeout): 30 s. Most calls take less than one.
    pub const TIMEOUT: Duration = Duration::from_secs(30);
    /// How often a call is made again after Slack's rate limit has stopped it.
    pub const MAX_RETRIES: u32 = 3;
    /// The longest wait for the rate limit. If Slack asks for a longer wait, the call fails at once with
    /// [`WebError::RateLimited`].
    pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);
    /// The largest answer that is read, in bytes.
    pub const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

    pub(crate) fn new(transport: Arc<T>, base: BaseUrl, token: BotToken, turns: Arc<Semaphore>) -> Self {
        Self {
            way: Way::Transport(transport),
            base,
            token: Some(token),
            tokens: None,
            timeout: Self::TIMEOUT,
            turns,
        }
    }

    pub(crate) fn with_tokens(
        transport: Arc<T>,
        base: BaseUrl,
        tokens: TokenSource,
        turns: Arc<Semaphore>,
    ) -> Self {
        Self {
            way: Way::Transport(transport),
            base,
            token: None,
            tokens: Some(tokens),
            timeout: Self::TIMEOUT,
            turns,
        }
    }

    /// For what needs no token.
    pub(crate) fn without_token(transport: Arc<T>, base: BaseUrl, turns: Arc<Semaphore>) -> Self {
        Self {
            way: Way::Transport(transport),
            base,
            token: None,
            tokens: None,
            timeout: Self::TIMEOUT,
            turns,
        }
    }

    /// The same with another source of tokens.
    pub(crate) fn with_source(self, tokens: TokenSource) -> Self {
        Self { token: None, tokens: Some(tokens), ..self }
    }

    /// Calls that are answered by script.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn scripted(script: Arc<Script>, base: BaseUrl, token: BotToken) -> Self {
        let way = Way::Scripted(script);
        Self { way, base, token: Some(token), tokens: None, timeout: Self::TIMEOUT, turns: turns() }
    }

    /// Sets the longest time for one attempt, from the connection to the last byte of the answer. Default
    /// [`TIMEOUT`](Self::TIMEOUT). The waits for the rate limit and for other calls are not included.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Calls a method with arguments as JSON, from a struct or a map (`()` for none), and reads the answer into any type:
    /// `serde_json::Value` for all fields, `serde::de::IgnoredAny` if you do not need it. Slack's methods that write accept
    /// JSON; most methods that read need [`call_form`](Self::call_form).
    ///
    /// # Errors
    /// There was no answer, Slack returned an error, or the answer does not fit the type.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; Slack may already have received it.
    pub async fn call<A: DeserializeOwned>(
        &self,
        method: &str,
        arguments: &(impl Serialize + ?Sized + Sync),
    ) -> Result<A, WebError> {
        answer::typed(&self.call_json(method, arguments).await?.body)
    }

    /// Calls a method with arguments as a form, which every method accepts, and reads the answer into any type. Arrays and
    /// objects become JSON text, as Slack expects. Arguments that are `null` or `None` are left out.
    ///
    /// # Errors
    /// There was no answer, Slack returned an error, or the answer does not fit the type. The arguments must be a struct or a map.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; Slack may already have received it.
    pub async fn call_form<A: DeserializeOwned>(
        &self,
        method: &str,
        arguments: &(impl Serialize + ?Sized + Sync),
    ) -> Result<A, WebError> {
        let fields = form::fields(arguments)?;
        answer::typed(&self.post(method, form::CONTENT_TYPE, form::encode(&fields)).await?.body)
    }

    async fn call_json(
        &self,
        method: &str,
        arguments: &(impl Serialize + ?Sized + Sync),
    ) -> Result<Accepted, WebError> {
        self.post(method, json::CONTENT_TYPE, json::encode(arguments)?).await
    }

    /// Calls a method with arguments as a form, for typed calls.
    async fn read<const N: usize>(
        &self,
        method: &str,
        fields: [(&str, &str); N],
    ) -> Result<Accepted, WebError> {
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.post(method, form::CONTENT_TYPE, form::encode(&fields)).await
    }

    /// Calls a method with any body.
    async fn post(&self, method: &str, content_type: HeaderValue, body: Bytes) -> Result<Accepted, WebError> {
        if !is_method(method) {
            return Err(WebError::Method);
        }
        let Some(token) = &self.token else { return Err(WebError::Token(TokenUnavailable::not_chosen())) };
        let request = self.base.post(method, token.authorization(), content_type, body);
        self.exchange(method, &request).await?.accept(method)
    }
}

/// How a call gets to Slack.
enum Way<T> {
    Transport(Arc<T>),
    #[cfg(any(test, feature = "testing"))]
    Scripted(Arc<Script>),
}

impl<T> Clone for Way<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Transport(transport) => Self::Transport(Arc::clone(transport)),
            #[cfg(any(test, feature = "testing"))]
            Self::Scripted(script) => Self::Scripted(Arc::clone(script)),
        }
    }
}

/// The limit of calls of a client.
pub(crate) fn turns() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(MAX_CALLS))
}

/// Words with dots between them: nothing that can change the path.
fn is_method(name: &str) -> bool {
    name.split('.').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

impl<T: Transport> Clone for Web<T> {
    fn clone(&self) -> Self {
        Self {
            way: self.way.clone(),
            base: self.base.clone(),
            token: self.token.clone(),
            tokens: self.tokens.clone(),
            timeout: self.timeout,
            turns: Arc::clone(&self.turns),
        }
    }
}

impl<T: Transport> fmt::Debug for Web<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web")
            .field("base", &self.base.as_str())
            .field("token", &self.token)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::is_method;

    #[test]
    fn a_name_that_leads_elsewhere_is_no_method() {
        for name in ["chat.postMessage", "api.test", "admin.apps.config.lookup"] {
            assert!(is_method(name), "{name}");
        }
        for name in ["", ".", "..", "chat.", "chat..post", "chat/post", "chat.post?x=y", "chat.p%6fst", "é"]
        {
            assert!(!is_method(name), "{name}");
        }
    }
}
