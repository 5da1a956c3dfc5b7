//! The acknowledgement of a delivery.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_channel::oneshot;
use serde::Serialize;
use socketmode_protocol::AckRefusal;

use super::mailbox::{AckError, AckHandle, AckResult, Command, NotTaken};
use super::outcome::AckErrorKind;
use crate::limits;

/// A future for the outcome of an acknowledgement. The acknowledgement goes out even if this is not awaited.
///
/// # Cancel safety
/// Dropping it loses only the outcome.
pub struct Acknowledgement {
    state: State,
}

enum State {
    Pending(oneshot::Receiver<AckResult>),
    Failed(Option<AckError>),
}

impl Acknowledgement {
    pub(crate) fn pending(result: oneshot::Receiver<AckResult>) -> Self {
        Self { state: State::Pending(result) }
    }

    pub(crate) fn failed(kind: AckErrorKind, handle: Option<AckHandle>) -> Self {
        Self { state: State::Failed(Some(AckError { kind, handle })) }
    }
}

impl Future for Acknowledgement {
    type Output = AckResult;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<AckResult> {
        let stopped = || AckError { kind: AckErrorKind::Refused(AckRefusal::Stopped), handle: None };
        match &mut self.state {
            State::Pending(result) => {
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

/// An answer as JSON text, unless a part of it is longer than Slack documents.
pub(crate) fn checked_json<P: Serialize + ?Sized>(answer: &P) -> Result<String, AckErrorKind> {
    limits::serialized(answer).map_err(AckErrorKind::Limit)?;
    serde_json::to_string(answer).map_err(|_| AckErrorKind::Serialize)
}

impl AckHandle {
    /// Acknowledges without a payload. The acknowledgement goes out at once. Await the result to learn its outcome, or drop
    /// the result.
    #[allow(clippy::must_use_candidate, reason = "it goes out whether it is awaited or not")]
    pub fn ack(self) -> Acknowledgement {
        self.send(None)
    }

    pub(crate) fn ack_with<P: Serialize + ?Sized>(self, payload: &P) -> Acknowledgement {
        match checked_json(payload) {
            Ok(payload) => self.send(Some(payload)),
            Err(kind) => Acknowledgement::failed(kind, Some(self)),
        }
    }

    /// Acknowledges with a response payload as JSON text. It is refused if the envelope accepts no payload.
    #[allow(clippy::must_use_candidate, reason = "it goes out whether it is awaited or not")]
    pub fn ack_with_json(self, payload: impl Into<String>) -> Acknowledgement {
        self.send(Some(payload.into()))
    }

    fn send(self, payload: Option<String>) -> Acknowledgement {
        let (reply, result) = oneshot::channel();
        let mailbox = self.mailbox.clone();
        match mailbox.push(Command::Acknowledge { handle: self, payload, reply }) {
            Ok(()) => Acknowledgement { state: State::Pending(result) },
            Err(NotTaken::Closed(command)) => {
                drop(command);
                Acknowledgement::failed(AckErrorKind::Refused(AckRefusal::Stopped), None)
            }
            Err(NotTaken::Full) => Acknowledgement::failed(AckErrorKind::Busy, None),
        }
    }
}
