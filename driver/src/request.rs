//! An envelope in the application's hands.

use serde::{Deserialize, Serialize};
use socketmode_protocol::{Envelope, EnvelopeKind};

use crate::ack::{AckHandle, Acknowledgement};

/// What Slack sent, with the right to acknowledge it. Dropping it lets it go without an acknowledgement.
///
/// Slack waits 3 s: acknowledge first and work afterwards, unless the answer is the acknowledgement's payload.
///
/// ```
/// # async fn on_command(request: socketmode_driver::Request) -> Result<(), Box<dyn std::error::Error>> {
/// #[derive(serde::Deserialize)]
/// struct Command {
///     text: String,
/// }
/// let command: Command = request.payload()?;
/// request.ack_with(&serde_json::json!({ "text": format!("You said {}", command.text) })).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Request {
    envelope: Envelope,
    handle: AckHandle,
}

impl Request {
    pub(crate) fn new(envelope: Envelope, handle: AckHandle) -> Self {
        Self { envelope, handle }
    }

    /// The envelope: its kind, its ids, its payload as text.
    #[must_use]
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The envelope's `type`.
    #[must_use]
    pub fn kind(&self) -> &EnvelopeKind {
        self.envelope.kind()
    }

    /// The `envelope_id`.
    #[must_use]
    pub fn envelope_id(&self) -> &str {
        self.envelope.envelope_id()
    }

    /// Reads the payload into any type.
    ///
    /// # Errors
    /// The payload does not fit the type. The envelope can still be acknowledged.
    pub fn payload<'a, T: Deserialize<'a>>(&'a self) -> Result<T, PayloadError> {
        payload(&self.envelope)
    }

    /// The payload as the JSON text that it came as.
    #[must_use]
    pub fn payload_json(&self) -> &str {
        self.envelope.payload_json()
    }

    /// Acknowledges without a payload. It is on its way when this returns; await the result to know what became of it,
    /// or drop the result.
    #[allow(clippy::must_use_candidate, reason = "it goes out whether it is awaited or not")]
    pub fn ack(self) -> Acknowledgement {
        self.handle.ack()
    }

    /// Acknowledges with a response payload, where the envelope
    /// [takes one](Envelope::accepts_response_payload).
    #[allow(clippy::must_use_candidate, reason = "it goes out whether it is awaited or not")]
    pub fn ack_with<P: Serialize + ?Sized>(self, payload: &P) -> Acknowledgement {
        self.handle.ack_with(payload)
    }

    /// Acknowledges with a response payload that is JSON text already.
    #[allow(clippy::must_use_candidate, reason = "it goes out whether it is awaited or not")]
    pub fn ack_with_json(self, payload: impl Into<String>) -> Acknowledgement {
        self.handle.ack_with_json(payload)
    }

    /// The envelope and the right to acknowledge it, apart: to acknowledge now and read the payload later.
    pub fn split(self) -> (Envelope, AckHandle) {
        (self.envelope, self.handle)
    }
}

fn payload<'a, T: Deserialize<'a>>(envelope: &'a Envelope) -> Result<T, PayloadError> {
    serde_json::from_str(envelope.payload_json()).map_err(|error| PayloadError {
        wanted: std::any::type_name::<T>(),
        line: error.line(),
        column: error.column(),
    })
}

/// A payload that does not fit a type. What it holds is not shown: it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the payload does not fit {wanted} at line {line} column {column}: make the field optional, or read payload_json()"
)]
pub struct PayloadError {
    wanted: &'static str,
    line: usize,
    column: usize,
}
