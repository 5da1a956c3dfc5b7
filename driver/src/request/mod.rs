//! Requests: envelopes that the application acknowledges.

pub(crate) mod acknowledgement;
pub(crate) mod event;
pub(crate) mod interaction;
pub(crate) mod mailbox;
pub(crate) mod outcome;
pub(crate) mod response;

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use socketmode_protocol::{Envelope, EnvelopeKind};

use self::acknowledgement::Acknowledgement;
use self::mailbox::AckHandle;
use self::response::Responds;
use crate::escape::Escaped;

/// An envelope from Slack, with the right to acknowledge it. Dropping it declines the delivery: it is not acknowledged.
///
/// Slack waits 3 s: acknowledge first and work afterwards, unless the payload of the acknowledgement is the answer. `P`, the
/// type of the payload, decides which answers are possible: a slash command takes a [`Message`](crate::Message), an event
/// takes none. An answer that Slack would drop does not compile.
///
/// ```
/// use socketmode_driver::payload::SlashCommand;
/// use socketmode_driver::{Message, Request};
///
/// async fn on_command(
///     request: Request<SlashCommand>,
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     let command = request.read()?;
///     let answer =
///         format!("You said {}", command.text.as_deref().unwrap_or_default());
///     request.ack_with(Message::new(answer).in_channel()).await?;
///     Ok(())
/// }
/// ```
pub struct Request<P = Any> {
    envelope: Envelope,
    handle: AckHandle,
    payload: PhantomData<fn() -> P>,
}

/// A payload of any kind. It takes an answer only through [`Request::ack_with_json`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Any {}

impl<P> Request<P> {
    pub(crate) fn new(envelope: Envelope, handle: AckHandle) -> Self {
        Self { envelope, handle, payload: PhantomData }
    }

    /// The envelope: its kind, its ids, and its payload as text.
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

    /// Reads the payload into any type: your own, one of [`payload`](socketmode_protocol::payload), or one of another
    /// library. The answer can have any type too. An example with slack-morphism:
    ///
    /// ```
    /// use slack_morphism::prelude::*;
    /// use socketmode_driver::payload::SlashCommand;
    /// use socketmode_driver::{Message, Request};
    ///
    /// async fn on_command(
    ///     request: Request<SlashCommand>,
    /// ) -> Result<(), Box<dyn std::error::Error>> {
    ///     let command: SlackCommandEvent = request.payload()?;
    ///     let text = format!(
    ///         "{} asks for *{}*",
    ///         command.user_id,
    ///         command.text.unwrap_or_default()
    ///     );
    ///     let blocks: [SlackBlock; 1] =
    ///         [SlackSectionBlock::new().with_text(md!(text)).into()];
    ///     request.ack_with(Message::new("An order").blocks(&blocks)).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// The payload does not fit the type. The request can still be acknowledged.
    pub fn payload<'a, T: Deserialize<'a>>(&'a self) -> Result<T, PayloadError> {
        payload(&self.envelope)
    }

    /// The payload as JSON text.
    #[must_use]
    pub fn payload_json(&self) -> &str {
        self.envelope.payload_json()
    }

    /// A `tracing` span for the handling of this envelope, at level INFO, with the names of OpenTelemetry's conventions for
    /// messaging. It holds ids and the type, and no payload. Each call makes a new one: call it once, and let the
    /// handler run in it. Nothing is made for a request that is not asked; without a subscriber it costs a look at a flag.
    ///
    /// ```
    /// use socketmode_driver::{AckError, Request};
    ///
    /// async fn on_event(request: Request) -> Result<(), AckError> {
    ///     let span = request.span();
    ///     request.ack().await?;
    ///     span.in_scope(|| tracing::info!("acknowledged")); // has the envelope's id
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn span(&self) -> tracing::Span {
        span(&self.envelope)
    }

    /// Acknowledges without a payload. The acknowledgement goes out at once. Await the result to learn its outcome, or drop
    /// the result.
    #[allow(clippy::must_use_candidate, reason = "it goes out whether it is awaited or not")]
    pub fn ack(self) -> Acknowledgement {
        self.handle.ack()
    }

    /// Acknowledges with an answer, if Slack accepts one for this kind of payload. It is not sent if a part of it is longer
    /// than Slack documents ([`limits`](crate::limits)): the error names the part.
    ///
    /// ```compile_fail
    /// async fn on_event(request: socketmode_driver::Request) {
    ///     let _ = request.ack_with("Slack would drop this").await;
    /// }
    /// ```
    #[allow(clippy::must_use_candidate, reason = "it goes out whether it is awaited or not")]
    pub fn ack_with(self, response: impl Into<P::Response>) -> Acknowledgement
    where
        P: Responds,
    {
        self.handle.ack_with(&response.into())
    }

    /// Acknowledges with any response payload as JSON text, if [`ack_with`](Self::ack_with) has no type for it. It is refused
    /// if the envelope [accepts no payload](Envelope::accepts_response_payload).
    #[allow(clippy::must_use_candidate, reason = "it goes out whether it is awaited or not")]
    pub fn ack_with_json(self, payload: impl Into<String>) -> Acknowledgement {
        self.handle.ack_with_json(payload)
    }

    /// Returns the envelope and the right to acknowledge it separately: to acknowledge now and read the payload later.
    pub fn split(self) -> (Envelope, AckHandle) {
        (self.envelope, self.handle)
    }

    /// The same request without its type, for code that handles all kinds in the same way.
    #[must_use]
    pub fn any(self) -> Request {
        self.retyped()
    }

    pub(crate) fn retyped<Q>(self) -> Request<Q> {
        Request { envelope: self.envelope, handle: self.handle, payload: PhantomData }
    }
}

impl<P: DeserializeOwned> Request<P> {
    /// Reads the payload.
    ///
    /// # Errors
    /// The required field is missing. The request can still be acknowledged.
    pub fn read(&self) -> Result<P, PayloadError> {
        payload(&self.envelope)
    }
}

impl<P> fmt::Debug for Request<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("envelope", &self.envelope).finish_non_exhaustive()
    }
}

/// The span of [`Request::span`].
pub(crate) fn span(envelope: &Envelope) -> tracing::Span {
    tracing::info_span!(
        "envelope",
        "messaging.system" = "slack",
        "messaging.operation.name" = "process",
        "messaging.message.id" = %Escaped(envelope.envelope_id()),
        "slack.envelope.type" = %Escaped(envelope.kind().as_str()),
        "slack.retry_attempt" = envelope.retry_attempt(),
        "slack.connection" = %envelope.connection(),
    )
}

fn payload<'a, T: Deserialize<'a>>(envelope: &'a Envelope) -> Result<T, PayloadError> {
    serde_json::from_str(envelope.payload_json()).map_err(|error| PayloadError {
        wanted: std::any::type_name::<T>(),
        line: error.line(),
        column: error.column(),
    })
}

/// Why a payload does not fit a type. The error does not show the payload: it may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payload does not fit {wanted}{}: make the field optional, or read payload_json()", self.place())]
pub struct PayloadError {
    wanted: &'static str,
    line: usize,
    column: usize,
}

impl PayloadError {
    /// The place, if the JSON parser knows it.
    fn place(&self) -> String {
        match self.line {
            0 => String::new(),
            line => format!(" at line {line} column {}", self.column),
        }
    }
}
