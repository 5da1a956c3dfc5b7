//! The application's handle on a running client.

pub(crate) mod builder;
pub(crate) mod events;
pub(crate) mod shutdown;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_lock::Semaphore;
use futures_channel::oneshot;
use serde::Serialize;
use socketmode_protocol::limits::MAX_OPEN_BODY_BYTES;
use socketmode_protocol::{Config, SocketUrl, Stats};

use self::shutdown::Shutdown;
use crate::request::acknowledgement::Acknowledgement;
use crate::request::mailbox::{Command, Mailbox, NotTaken};
use crate::request::outcome::AckErrorKind;
use crate::run::open_call::{self, OpenCall, OpenError};
use crate::token::BotToken;
use crate::transport::Transport;
use crate::transport::waits::within;
use crate::web::Web;

/// A handle on a running client. Clones share it, and dropping all of them changes nothing: the client runs as long as
/// its [`Driver`](crate::Driver) is polled and its [`Events`](crate::Events) are held.
///
/// ```
/// use std::time::Duration;
/// use socketmode_driver::{Client, Runtime};
///
/// async fn end<R: Runtime>(client: Client<R>) {
///     let reason = client.shutdown(Duration::from_secs(5)).await;
///     println!("stopped: {reason:?}, {} envelopes acknowledged", client.stats().acknowledged);
/// }
/// ```
///
/// A driver crate names it with its own transport: `socketmode_tokio::Client`.
pub struct Client<T: Transport> {
    pub(crate) transport: Arc<T>,
    pub(crate) mailbox: Mailbox,
    pub(crate) call: Arc<OpenCall>,
    pub(crate) config: Arc<Config>,
    /// Calls of the Web API that may still begin.
    pub(crate) calls: Arc<Semaphore>,
}

impl<T: Transport> Client<T> {
    /// Ends the client: no new connections, what arrives is left for Slack to send elsewhere, outstanding envelopes may
    /// still be acknowledged within `grace`, then the links are closed. The future is ready once all that is done; the
    /// shutdown goes on whether it is awaited or not, and is taken however busy the client is. A second call can shorten
    /// the grace.
    ///
    /// It waits for acknowledgements, not for your tasks: what a handler does after its acknowledgement (a message to a
    /// `response_url`, say) is the application's to wait for before the process ends.
    ///
    /// # Cancel safety
    /// Dropping the future loses the answer and nothing else.
    #[allow(clippy::must_use_candidate, reason = "it goes on whether it is awaited or not")]
    pub fn shutdown(&self, grace: Duration) -> Shutdown {
        self.mailbox.shutdown(grace);
        Shutdown::new(self.mailbox.clone())
    }

    /// The counters, as of the loop's last turn.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.mailbox.stats()
    }

    /// Acknowledges by `envelope_id`: for those who have lost the [`Request`](crate::Request), or speak to Slack in their
    /// own way. Of several deliveries with this id it takes the latest.
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

    /// Calls methods of the [Web API](crate::web) with this bot token, by the same transport and base URL.
    #[must_use]
    pub fn web(&self, token: BotToken) -> Web<T> {
        Web::new(Arc::clone(&self.transport), self.call.base().clone(), token, Arc::clone(&self.calls))
    }

    /// Calls `apps.connections.open` and hands out the URL, unmanaged: for a WebSocket of one's own. The URL is a secret
    /// and good for one dial.
    ///
    /// # Errors
    /// There was no answer, or not with a URL.
    ///
    /// # Cancel safety
    /// Dropping the future gives the call up; Slack may count it.
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
            call: Arc::clone(&self.call),
            config: Arc::clone(&self.config),
            calls: Arc::clone(&self.calls),
        }
    }
}

impl<T: Transport> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

/// An acknowledgement by `envelope_id`, for [`Client::respond`]. Debug does not show the payload.
///
/// ```
/// use socketmode_driver::{Acked, Client, Message, Response, Runtime};
///
/// async fn late<R: Runtime>(client: &Client<R>, envelope_id: &str) -> Result<Acked, Box<dyn std::error::Error>> {
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
    /// The payload's own `Serialize` failed.
    pub fn with_payload<P: Serialize + ?Sized>(
        envelope_id: impl Into<String>,
        payload: &P,
    ) -> Result<Self, RespondError> {
        let payload = serde_json::to_string(payload).map_err(|_| RespondError)?;
        Ok(Self { envelope_id: envelope_id.into(), payload: Some(payload) })
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("envelope_id", &self.envelope_id).finish_non_exhaustive()
    }
}

/// A payload whose own `Serialize` failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the response payload cannot be serialized: its Serialize returned an error")]
pub struct RespondError;
