//! Acknowledging a delivery.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_channel::oneshot;
use serde::Serialize;
use socketmode_protocol::{AckError as Refusal, AckToken, ConnectionId};

use super::mailbox::{AckResult, Command, Mailbox, Refused};

/// The right to acknowledge one delivery, once, from [`Request::split`](crate::Request::split). Dropping it lets the
/// delivery go: Slack sends an event again, and shows the user of a command an error.
///
/// ```
/// use socketmode_driver::{AckError, Request};
///
/// async fn on_event(request: Request) -> Result<(), AckError> {
///     let (envelope, handle) = request.split();
///     handle.ack().await?; // Slack waits for this, and not for what follows
///     println!("{}", envelope.payload_json().len());
///     Ok(())
/// }
/// ```
#[must_use = "dropping it lets the delivery go without an acknowledgement"]
pub struct AckHandle {
    token: AckToken,
    mailbox: Mailbox,
    /// What remains to be said when it is dropped.
    armed: bool,
}

impl AckHandle {
    pub(crate) fn new(token: AckToken, mailbox: Mailbox, acknowledged: bool) -> Self {
        Self { token, mailbox, armed: !acknowledged }
    }

    pub(crate) fn token(&self) -> AckToken {
        self.token
    }

    pub(crate) fn disarm(mut self) {
        self.armed = false;
    }

    /// Acknowledges without a payload. It is on its way when this returns; await the result to know what became of it,
    /// or drop the result.
    #[allow(clippy::must_use_candidate, reason = "it goes out whether it is awaited or not")]
    pub fn ack(self) -> Acknowledgement {
        self.send(None)
    }

    pub(crate) fn ack_with<P: Serialize + ?Sized>(self, payload: &P) -> Acknowledgement {
        match serde_json::to_string(payload) {
            Ok(payload) => self.send(Some(payload)),
            Err(_) => Acknowledgement::failed(AckErrorKind::Serialize, Some(self)),
        }
    }

    /// Acknowledges with a response payload, as JSON text. Where the envelope takes none, it is refused.
    #[allow(clippy::must_use_candidate, reason = "it goes out whether it is awaited or not")]
    pub fn ack_with_json(self, payload: impl Into<String>) -> Acknowledgement {
        self.send(Some(payload.into()))
    }

    fn send(self, payload: Option<String>) -> Acknowledgement {
        let (reply, result) = oneshot::channel();
        let mailbox = self.mailbox.clone();
        match mailbox.push(Command::Acknowledge { handle: self, payload, reply }) {
            Ok(()) => Acknowledgement { state: State::Waiting(result) },
            Err(Refused::Closed(command)) => {
                drop(command);
                Acknowledgement::failed(AckErrorKind::Refused(Refusal::Stopped), None)
            }
            Err(Refused::Full) => Acknowledgement::failed(AckErrorKind::Busy, None),
        }
    }
}

impl Drop for AckHandle {
    fn drop(&mut self) {
        if std::mem::take(&mut self.armed) {
            // With the loop gone there is nobody to tell.
            let _ = self.mailbox.push(Command::Decline { token: self.token });
        }
    }
}

impl fmt::Debug for AckHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AckHandle").field(&self.token).finish()
    }
}

/// An acknowledgement on its way. It goes out whether this is awaited or not; awaiting tells what became of it.
///
/// # Cancel safety
/// Dropping it loses the answer and nothing else.
pub struct Acknowledgement {
    state: State,
}

enum State {
    Waiting(oneshot::Receiver<AckResult>),
    Failed(Option<AckError>),
}

impl Acknowledgement {
    pub(crate) fn waiting(result: oneshot::Receiver<AckResult>) -> Self {
        Self { state: State::Waiting(result) }
    }

    pub(crate) fn failed(kind: AckErrorKind, handle: Option<AckHandle>) -> Self {
        Self { state: State::Failed(Some(AckError { kind, handle })) }
    }
}

impl Future for Acknowledgement {
    type Output = AckResult;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<AckResult> {
        let stopped = || AckError { kind: AckErrorKind::Refused(Refusal::Stopped), handle: None };
        match &mut self.state {
            State::Waiting(result) => {
                Pin::new(result).poll(cx).map(|result| result.unwrap_or_else(|_| Err(stopped())))
            }
            State::Failed(error) => Poll::Ready(Err(error.take().unwrap_or_else(stopped))),
        }
    }
}

impl fmt::Debug for Acknowledgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acknowledgement")
    }
}

/// An acknowledgement that was handed to the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Acked {
    /// The connection that it went out on.
    pub connection: ConnectionId,
    /// Whether that is another one than the envelope came by: its own was gone.
    pub elsewhere: bool,
    /// Whether Slack's 3 s were over.
    pub late: bool,
}

/// An acknowledgement that did not go out, or of which nobody knows.
///
/// ```
/// use socketmode_driver::{AckErrorKind, AckHandle, protocol};
///
/// async fn answer(handle: AckHandle, payload: String) {
///     if let Err(error) = handle.ack_with_json(payload).await {
///         if let AckErrorKind::Refused(protocol::AckError::TooLarge { bytes }) = error.kind() {
///             eprintln!("{bytes} bytes are too many: the answer has to go by the Web API");
///         }
///         if let Some(handle) = error.into_handle() {
///             drop(handle.ack()); // without a payload, then
///         }
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct AckError {
    pub(crate) kind: AckErrorKind,
    pub(crate) handle: Option<AckHandle>,
}

impl AckError {
    /// Why.
    #[must_use]
    pub fn kind(&self) -> AckErrorKind {
        self.kind
    }

    /// The handle, to acknowledge in another way, where that is still possible: the payload was too large, not
    /// accepted, or no JSON.
    #[must_use]
    pub fn into_handle(self) -> Option<AckHandle> {
        self.handle
    }
}

/// Why an acknowledgement did not go out, or that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AckErrorKind {
    /// It was not taken.
    #[error(transparent)]
    Refused(Refusal),
    /// It was taken, and no link was there to send it on while Slack waited.
    #[error("no connection was up to send the acknowledgement on in time; Slack sends an event again")]
    Lost,
    /// The [`Driver`](crate::Driver) was dropped while it was under way: it may have gone out or not.
    #[error(
        "the driver was dropped before the outcome was known: Slack may have the acknowledgement, and if not, sends an event again; call Client::shutdown first to know"
    )]
    Unknown,
    /// The payload's own `Serialize` failed.
    #[error("the response payload could not be serialized")]
    Serialize,
    /// Too many commands wait.
    #[error("the client is busy: too many commands wait; try again")]
    Busy,
}
