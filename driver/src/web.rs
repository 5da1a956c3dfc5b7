//! Calls of the Web API.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::base_url::BaseUrl;
use crate::token::BotToken;
use crate::transport::{Transport, TransportError};

/// The largest answer read, in bytes.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// The Web API with a bot token, from [`Client::web`](crate::Client::web). Clones are cheap.
///
/// ```
/// use serde_json::{Value, json};
/// use socketmode_driver::{BotToken, Client, Runtime, WebError};
///
/// async fn greet<R: Runtime>(client: &Client<R>, token: BotToken) -> Result<(), WebError> {
///     let message = json!({ "channel": "C0123", "text": "Good morning" });
///     let _answer: Value = client.web(token).call("chat.postMessage", &message).await?;
///     Ok(())
/// }
/// ```
pub struct Web<T: Transport> {
    transport: Arc<T>,
    base: BaseUrl,
    token: BotToken,
}

impl<T: Transport> Web<T> {
    pub(crate) fn new(transport: Arc<T>, base: BaseUrl, token: BotToken) -> Self {
        Self { transport, base, token }
    }

    /// Calls a method with arguments as JSON and reads the answer into any type. It waits for as long as the answer
    /// takes: put a time-out around it where that matters.
    ///
    /// # Errors
    /// There was no answer, Slack refused, or the answer does not fit the type. Nothing is tried again.
    ///
    /// # Cancel safety
    /// Dropping the future gives the call up; Slack may have taken it already.
    pub async fn call<A: DeserializeOwned>(
        &self,
        method: &str,
        arguments: &(impl Serialize + ?Sized + Sync),
    ) -> Result<A, WebError> {
        if !method.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
            return Err(WebError::Method);
        }
        let body = serde_json::to_vec(arguments).map_err(|_| WebError::Arguments)?;
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        let request = self.base.post(method, self.token.authorization(), json, body.into());
        let response = self.transport.send(request, MAX_ANSWER_BYTES).await.map_err(WebError::Transport)?;
        read(&response)
    }
}

fn read<A: DeserializeOwned>(response: &Response<Bytes>) -> Result<A, WebError> {
    #[derive(Deserialize)]
    struct Verdict {
        ok: bool,
        error: Option<String>,
    }
    let status = response.status().as_u16();
    let Ok(Verdict { ok, error }) = serde_json::from_slice(response.body()) else {
        return Err(WebError::Status(status));
    };
    if !ok {
        return Err(WebError::Slack { code: error.unwrap_or_default() });
    }
    serde_json::from_slice(response.body())
        .map_err(|_| WebError::Answer { wanted: std::any::type_name::<A>() })
}

impl<T: Transport> Clone for Web<T> {
    fn clone(&self) -> Self {
        Self { transport: Arc::clone(&self.transport), base: self.base.clone(), token: self.token.clone() }
    }
}

impl<T: Transport> fmt::Debug for Web<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web").field("base", &self.base).field("token", &self.token).finish_non_exhaustive()
    }
}

/// A call of the Web API that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// The method's name has a character that none has.
    #[error("this is no method of the Web API: names look like chat.postMessage")]
    Method,
    /// The arguments' own `Serialize` failed.
    #[error("the arguments could not be serialized")]
    Arguments,
    /// There was no answer.
    #[error("the Web API could not be called: {0}")]
    Transport(TransportError),
    /// The answer is none of Slack's.
    #[error("the Web API answered with HTTP status {0} and no JSON that Slack documents")]
    Status(u16),
    /// Slack refused.
    #[error("the Web API says {code:?}: see Slack's documentation of the method")]
    Slack {
        /// Slack's code.
        code: String,
    },
    /// The answer is Slack's and does not fit the type asked for.
    #[error("the answer does not fit {wanted}: make the field optional")]
    Answer {
        /// The type.
        wanted: &'static str,
    },
}
