//! The handle of a running client.

pub(crate) mod builder;
pub(crate) mod events;
pub(crate) mod health;
#[cfg(feature = "probes")]
mod probes;
pub(crate) mod shutdown;
mod without;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_lock::Semaphore;
use futures_channel::oneshot;
use serde::Serialize;
use socketmode_protocol::limits::MAX_OPEN_BODY_BYTES;
use socketmode_protocol::{Config, SocketUrl, Stats};

use self::shutdown::Shutdown;
use crate::health::pulse::Pulse;
use crate::limits::{self, LimitError};
use crate::recorder::{Kept, Recording};
use crate::request::acknowledgement::Acknowledgement;
use crate::request::mailbox::{Command, Mailbox, NotTaken};
use crate::request::outcome::AckErrorKind;
use crate::run::open_call::{self, OpenCall, OpenError};
use crate::run::queue::EventQueue;
use crate::token::BotToken;
use crate::transport::Transport;
use crate::transport::waits::within;
use crate::web::{Installation, TokenSource, TokenUnavailable, Web};

/// The handle of a running client. All clones control the same client. Dropping all of them does not stop it: it runs as
/// long as its [`Driver`](crate::Driver) is polled and its [`Events`](crate::Events) exist.
///
/// ```
/// use socketmode_driver::{Client, Runtime};
/// use std::time::Duration;
///
/// async fn end<R: Runtime>(client: Client<R>) {
///     let reason = client.shutdown(Duration::from_secs(5)).await;
///     println!(
///         "stopped: {reason:?}, {} envelopes acknowledged",
///         client.stats().acknowledged
///     );
/// }
/// ```
///
/// Driver crates have an alias with their transport, such as `socketmode_tokio::Client`.
pub struct Client<T: Transport> {
    pub(crate) transport: Arc<T>,
    pub(crate) mailbox: Mailbox,
    pub(crate) pulse: Pulse,
    pub(crate) queue: EventQueue,
    pub(crate) call: Arc<OpenCall>,
    pub(crate) config: Arc<Config>,
    /// Calls of the Web API that may still begin.
    pub(crate) calls: Arc<Semaphore>,
    pub(crate) recording: Option<Kept>,
}

impl<T: Transport> Client<T> {
    /// Shuts the client down. It opens no new connections, and sheds envelopes that arrive, so that Slack sends them to
    /// another client. Outstanding envelopes can be acknowledged within `grace`; then the connections are closed. The future
    /// is ready when all this is done. The shutdown goes on even if the future is not awaited. A second call can shorten
    /// the grace.
    ///
    /// [`serve`](Self::serve) waits for its handlers too, within the grace. Otherwise this waits for acknowledgements, not for
    /// your tasks: if a handler does more after its acknowledgement (such as a message
    /// to a `response_url`), wait for the handler before the process ends.
    ///
    /// # Cancel safety
    /// Dropping the future loses only its result.
    #[allow(clippy::must_use_candidate, reason = "it goes on whether it is awaited or not")]
    pub fn shutdown(&self, grace: Duration) -> Shutdown {
        self.mailbox.grace_ends_at(self.transport.now() + grace);
        self.mailbox.shutdown(grace);
        Shutdown::new(self.mailbox.clone())
    }

    /// [Shuts the client down](Self::shutdown) in the first moment without an outstanding envelope. Until then nothing changes:
    /// what arrives is delivered, and can be acknowledged. So nothing has to be sent again but what is on its way when the
    /// connections are closed. Under a load without such a moment it never comes: call [`shutdown`](Self::shutdown) when it has
    /// taken too long.
    ///
    /// # Cancel safety
    /// Dropping the future loses only its result.
    #[allow(clippy::must_use_candidate, reason = "it goes on whether it is awaited or not")]
    pub fn shutdown_when_quiet(&self, grace: Duration) -> Shutdown {
        self.mailbox.shutdown_when_quiet(grace);
        Shutdown::new(self.mailbox.clone())
    }

    /// The counters, from the end of the loop's last turn.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.pulse.stats()
    }

    /// What went into the state machine and came out of it, up to the end of the loop's last poll, to go with a bug report:
    /// [`Recording`] says what is in it. It can be fetched at any time, also after the end. It copies at most
    /// [`Builder::recording_bytes`](crate::Builder::recording_bytes), and is empty if that is 0.
    #[must_use]
    pub fn recording(&self) -> Recording {
        self.recording.as_ref().map(Kept::recording).unwrap_or_default()
    }

    /// Acknowledges by `envelope_id`, if you do not have the [`Request`](crate::Request) any more. Of several deliveries with
    /// this id it acknowledges the latest.
    #[allow(clippy::must_use_candidate, reason = "it goes out whether it is awaited or not")]
    pub fn respond(&self, response: Response) -> Acknowledgement {
        let (reply, result) = oneshot::channel();
        let Response { envelope_id, payload } = response;
        match self.mailbox.push(Command::Respond { envelope_id, payload, reply }) {
            Ok(()) => Acknowledgement::pending(result),
            Err(NotTaken::Full) => Acknowledgement::failed(AckErrorKind::Busy, None),
            Err(NotTaken::Closed(_)) => {
                Acknowledgement::failed(AckErrorKind::Refused(socketmode_protocol::AckRefusal::Stopped), None)
            }
        }
    }

    /// Returns the [Web API](crate::web) with this bot token, over the same transport and base URL.
    #[must_use]
    pub fn web(&self, token: BotToken) -> Web<T> {
        Web::new(Arc::clone(&self.transport), self.call.base().clone(), token, Arc::clone(&self.calls))
    }

    /// Returns the [Web API](crate::web) for an app in several workspaces: [`Web::for_request`] chooses the token by the
    /// workspace of a request, and asks this source for it. The source is asked for each request: let it keep what it has
    /// read from a database.
    ///
    /// ```
    /// use socketmode_driver::web::{Installation, TokenUnavailable, Web};
    /// use socketmode_driver::{BotToken, Client, Request, Runtime};
    ///
    /// async fn on_event<R: Runtime>(
    ///     client: &Client<R>,
    ///     request: Request,
    /// ) -> Result<(), Box<dyn std::error::Error>> {
    ///     // Once, beside the client:
    ///     let web: Web<R> = client.web_by_installation(|installation: Installation| async move {
    ///         match installation.team_id.as_deref() {
    ///             Some("T0123") => Ok(BotToken::from_env()?),
    ///             _ => Err(TokenUnavailable::new("not installed there")),
    ///         }
    ///     });
    ///     let web = web.for_request(&request).await?;
    ///     request.ack().await?;
    ///     web.auth_test().await?;
    ///     Ok(())
    /// }
    /// ```
    pub fn web_by_installation<S, F>(&self, source: S) -> Web<T>
    where
        S: Fn(Installation) -> F + Send + Sync + 'static,
        F: Future<Output = Result<BotToken, TokenUnavailable>> + Send + 'static,
    {
        let source: TokenSource = Arc::new(move |installation| Box::pin(source(installation)));
        Web::with_tokens(
            Arc::clone(&self.transport),
            self.call.base().clone(),
            source,
            Arc::clone(&self.calls),
        )
    }

    /// The Web API for what needs no token: messages to a `response_url`.
    pub(crate) fn web_without_token(&self) -> Web<T> {
        Web::without_token(Arc::clone(&self.transport), self.call.base().clone(), Arc::clone(&self.calls))
    }

    /// Calls `apps.connections.open` and returns the URL, for a WebSocket of your own. The URL is a secret and good for one
    /// dial.
    ///
    /// # Errors
    /// There was no answer, or it has no usable URL.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; Slack may have counted it.
    pub async fn open(&self) -> Result<SocketUrl, OpenError> {
        let call = self.transport.send(self.call.request(), MAX_OPEN_BODY_BYTES);
        let response = match within(&*self.transport, self.config.open_timeout, call).await {
            Some(result) => result.map_err(OpenError::Transport)?,
            None => return Err(OpenError::TimedOut),
        };
        open_call::read(&self.config, &response)
    }
}

impl<T: Transport> Clone for Client<T> {
    fn clone(&self) -> Self {
        Self {
            transport: Arc::clone(&self.transport),
            mailbox: self.mailbox.clone(),
            pulse: self.pulse.clone(),
            queue: self.queue.clone(),
            call: Arc::clone(&self.call),
            config: Arc::clone(&self.config),
            calls: Arc::clone(&self.calls),
            recording: self.recording.clone(),
        }
    }
}

impl<T: Transport> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

/// An acknowledgement by `envelope_id`, for [`Client::respond`]. `Debug` does not show the payload.
///
/// ```
/// use socketmode_driver::{Acked, Client, Message, Response, Runtime};
///
/// async fn late<R: Runtime>(
///     client: &Client<R>,
///     envelope_id: &str,
/// ) -> Result<Acked, Box<dyn std::error::Error>> {
///     let response = Response::with_payload(envelope_id, &Message::new("on it"))?;
///     Ok(client.respond(response).await?)
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    envelope_id: String,
    payload: Option<String>,
}

impl Response {
    /// Without a payload.
    pub fn new(envelope_id: impl Into<String>) -> Self {
        Self { envelope_id: envelope_id.into(), payload: None }
    }

    /// With a payload.
    ///
    /// # Errors
    /// The payload cannot be serialized, or a part of it is longer than Slack documents.
    pub fn with_payload<P: Serialize + ?Sized>(
        envelope_id: impl Into<String>,
        payload: &P,
    ) -> Result<Self, RespondError> {
        limits::serialized(payload).map_err(RespondError::Limit)?;
        let payload = serde_json::to_string(payload).map_err(|_| RespondError::Serialize)?;
        Ok(Self { envelope_id: envelope_id.into(), payload: Some(payload) })
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("envelope_id", &self.envelope_id).finish_non_exhaustive()
    }
}

/// Why a [`Response`] cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RespondError {
    /// The payload cannot be serialized.
    #[error("the response payload cannot be serialized: its Serialize returned an error")]
    Serialize,
    /// A part of it is longer than Slack documents.
    #[error("the answer is not sent: {0}")]
    Limit(LimitError),
}
