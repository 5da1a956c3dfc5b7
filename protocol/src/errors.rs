//! Errors, and what to do about them.

use alloc::boxed::Box;
use core::fmt;

use crate::limits::{MAX_DETAIL_BYTES, MAX_ENVELOPE_ID_BYTES, MAX_RESPONSE_BYTES};
use crate::url::UrlError;
use crate::verdict::advice;

/// Why an attempt failed before the hello.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// `apps.connections.open` was not answered in time.
    #[error("apps.connections.open was not answered in time")]
    OpenTimedOut,
    /// `apps.connections.open` got no answer.
    #[error("apps.connections.open could not be called: {0}")]
    OpenFailed(Detail),
    /// `apps.connections.open` was answered with an HTTP status.
    #[error("apps.connections.open was answered with HTTP status {status}{}", Behind(detail))]
    OpenStatus {
        /// The status.
        status: u16,
        /// The error code in the answer, or the [first words](crate::excerpt) of its body.
        detail: Detail,
    },
    /// `apps.connections.open` returned an error code.
    #[error("apps.connections.open returned the error {code:?}: {advice}", advice = advice(code))]
    OpenErrorCode {
        /// Slack's code.
        code: Box<str>,
    },
    /// Too many calls.
    #[error("apps.connections.open is rate limited; the client waits as long as Slack says")]
    RateLimited,
    /// The answer cannot be understood.
    #[error(
        "the answer of apps.connections.open is not one that Slack documents: check the base URL and the proxy"
    )]
    OpenUnreadable,
    /// The answer has no URL that can be dialed.
    #[error("apps.connections.open returned no usable URL: {0}")]
    OpenUrl(UrlError),
    /// The WebSocket handshake did not finish in time.
    #[error("the WebSocket handshake did not finish in time")]
    DialTimedOut,
    /// The WebSocket handshake failed.
    #[error("the WebSocket could not be opened: {0}")]
    DialFailed(Detail),
    /// The WebSocket handshake was answered with another HTTP status than 101.
    #[error("the WebSocket handshake was answered with HTTP status {status}{}", Behind(detail))]
    DialStatus {
        /// The status.
        status: u16,
        /// More about it, such as the first words of the answer's body.
        detail: Detail,
    },
    /// No hello arrived in time.
    #[error("Slack's hello did not arrive in time")]
    HelloTimedOut,
    /// The connection ended before the hello.
    #[error("the connection ended before Slack's hello")]
    ClosedBeforeHello,
    /// Slack sent `disconnect` before the hello.
    #[error("Slack sent a disconnect before its hello")]
    DisconnectedBeforeHello,
    /// The app has too many connections.
    #[error(
        "Slack says too_many_websockets: it counts 10 connections of this app. They belong to other processes (stop those that are not needed), or are left over from dead connections (Slack forgets them after some hours; a new app-level token does not help)"
    )]
    TooManyWebsockets,
}

/// Why the client stopped.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum StopReason {
    /// The application asked for it.
    #[error("the application asked for it")]
    Requested,
    /// The token does not authenticate.
    #[error("Slack does not accept the token ({code}): {advice}", advice = advice(code))]
    Unauthorized {
        /// Slack's code.
        code: Box<str>,
    },
    /// Slack rejects the call for another reason, and trying again does not help.
    #[error("Slack does not open a connection ({code}): {advice}", advice = advice(code))]
    Rejected {
        /// Slack's code.
        code: Box<str>,
    },
    /// The call was answered with a status for which trying again does not help.
    #[error(
        "apps.connections.open was answered with HTTP status {0}: check the base URL, and the proxy or firewall between here and Slack"
    )]
    Status(u16),
    /// Socket Mode is switched off.
    #[error("Socket Mode is switched off for this app: switch it on in the app's settings")]
    LinkDisabled,
}

/// Why an acknowledgement is refused. Nothing is sent to Slack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AckRefusal {
    /// Slack drops a response of 20,480 bytes or more without an error. The envelope can still be acknowledged.
    #[error(
        "the response has {bytes} bytes, and Slack drops more than {MAX_RESPONSE_BYTES}: acknowledge without a payload and send the content with the Web API or the response_url"
    )]
    TooLarge {
        /// The size of the whole message.
        bytes: usize,
    },
    /// The envelope does not accept a payload. It can still be acknowledged without one.
    #[error(
        "this envelope accepts no response payload (its accepts_response_payload is false, and Slack documents no answer for its kind): acknowledge without one"
    )]
    PayloadNotAccepted,
    /// The payload is not JSON. The envelope can still be acknowledged.
    #[error("the response payload is not valid JSON: correct it, or acknowledge without one")]
    InvalidPayload,
    /// It was acknowledged before, by the application or by the policy, and the acknowledgement is not written yet.
    #[error("this delivery was acknowledged before: acknowledge each delivery once")]
    AlreadyAcknowledged,
    /// The delivery is settled: it was acknowledged or declined, or its time is over. The time is over 3 s after its
    /// arrival if its connection is gone, and else after [`Config::late_ack_window`](crate::Config::late_ack_window).
    #[error(
        "this delivery is settled: it was acknowledged before, or it is too late (acknowledge within 3 s)"
    )]
    Settled,
    /// This machine has never issued the token.
    #[error("no delivery has this token: acknowledge an envelope with the client that delivered it")]
    Unknown,
    /// The machine has stopped.
    #[error("the client has stopped: nothing can be acknowledged any more")]
    Stopped,
}

impl AckRefusal {
    /// Whether the envelope can still be acknowledged in another way.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        match self {
            Self::TooLarge { .. } | Self::PayloadNotAccepted | Self::InvalidPayload => true,
            Self::AlreadyAcknowledged | Self::Settled | Self::Unknown | Self::Stopped => false,
        }
    }
}

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum BadMessageError {
    /// Not JSON, or not whole.
    #[error("the message is not JSON")]
    NotJson,
    /// JSON, but not an object.
    #[error("the message is not a JSON object")]
    NotAnObject,
    /// No `type`, or one that is not a string.
    #[error("the message has no type")]
    NoType,
    /// An unknown type, and no `envelope_id` to acknowledge.
    #[error("the message is of an unknown type and has no envelope_id")]
    UnknownType,
    /// An envelope without an `envelope_id` that is a number or a string that is not empty.
    #[error("the envelope has no envelope_id, or one that is neither a string nor a number")]
    NoEnvelopeId,
    /// An envelope whose `envelope_id` is longer than [`MAX_ENVELOPE_ID_BYTES`].
    #[error("the envelope's envelope_id is longer than {MAX_ENVELOPE_ID_BYTES} bytes")]
    LongEnvelopeId,
    /// A second hello.
    #[error("Slack sent a second hello")]
    SecondHello,
    /// A binary message.
    #[error("the message is binary")]
    Binary,
}

/// A text about what went wrong, cut to [`MAX_DETAIL_BYTES`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Detail(Box<str>);

impl Detail {
    pub(crate) fn new(text: &str) -> Self {
        Self(truncate(text).into())
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A detail behind a colon, if there is one.
struct Behind<'a>(&'a Detail);

impl fmt::Display for Behind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.0.is_empty() { Ok(()) } else { write!(f, ": {}", self.0) }
    }
}

/// At most the first [`MAX_DETAIL_BYTES`] of a text, in whole characters.
pub(crate) fn truncate(text: &str) -> &str {
    let end = (0..=text.len().min(MAX_DETAIL_BYTES)).rev().find(|&end| text.is_char_boundary(end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}
