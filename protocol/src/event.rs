//! What the application is told.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use crate::ack::AckOutcome;
use crate::envelope::Envelope;
use crate::ids::{AckToken, ConnectionId};
use crate::limits::MAX_DETAIL_BYTES;
use crate::url::UrlError;
use crate::verdict::advice;

/// Something to tell the application.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// An attempt to connect begins: `apps.connections.open` is called.
    Connecting {
        /// The connection.
        connection: ConnectionId,
        /// 1 for the first try, one more for each attempt that failed and each link that was lost since the last stable
        /// link. A link that Slack asked away is none of these.
        attempt: u32,
    },
    /// Slack's greeting, with what it says about the connection. [`Connected`](Self::Connected) follows.
    Hello {
        /// The connection.
        connection: ConnectionId,
        /// What it said.
        hello: Hello,
    },
    /// The connection is up: envelopes come by it. At most once for each connection.
    Connected {
        /// The connection.
        connection: ConnectionId,
    },
    /// Slack announced the end of a connection. What follows from it is done already. Of these and of
    /// [`BadMessage`](Self::BadMessage) [1,024](crate::limits::MAX_UNPOLLED_NOTICES) at most wait to be fetched.
    Disconnect {
        /// The connection.
        connection: ConnectionId,
        /// What it said.
        disconnect: Disconnect,
    },
    /// A connection that was up no longer is. At most once for each connection.
    Disconnected {
        /// The connection.
        connection: ConnectionId,
        /// Why.
        reason: DisconnectedReason,
    },
    /// An attempt failed before the connection was up. Another follows.
    ConnectionError {
        /// The connection.
        connection: ConnectionId,
        /// What went wrong.
        error: ConnectionError,
        /// When the next attempt is due, at the earliest.
        retry_in: Duration,
    },
    /// An envelope, to be acknowledged.
    Envelope(Envelope),
    /// Slack's 3 s are over for an envelope that nobody acknowledged.
    AckOverdue {
        /// The delivery.
        token: AckToken,
        /// Its `envelope_id`.
        envelope_id: Arc<str>,
    },
    /// What became of an acknowledgement that the application made. One for each.
    Acknowledged {
        /// The delivery.
        token: AckToken,
        /// Its `envelope_id`.
        envelope_id: Arc<str>,
        /// What became of it.
        outcome: AckOutcome,
    },
    /// A message that could not be understood. The connection stays. [`Stats::bad_messages`](crate::Stats::bad_messages)
    /// counts also those that are not told because too many wait to be fetched.
    BadMessage {
        /// The connection.
        connection: ConnectionId,
        /// What is wrong with it.
        message: BadMessage,
    },
    /// Reading from a connection failed; it is gone.
    IncomingError {
        /// The connection.
        connection: ConnectionId,
        /// What went wrong.
        detail: Detail,
    },
    /// Writing to a connection failed; it is gone.
    WriteError {
        /// The connection.
        connection: ConnectionId,
        /// What went wrong.
        detail: Detail,
    },
    /// The application had not kept up: so many envelopes were neither delivered nor acknowledged. Slack sends
    /// events again; commands and interactions have failed for their users.
    Shed {
        /// How many.
        envelopes: u64,
    },
    /// More was acknowledged than [`MAX_REMEMBERED`](crate::limits::MAX_REMEMBERED) within
    /// [`Config::deduplicate`](crate::Config::deduplicate): copies that come later than this are delivered again. Told
    /// once until a whole window was remembered again.
    DedupShortened {
        /// How long ids are remembered in fact.
        window: Duration,
    },
    /// The end. Nothing comes after it.
    Stopped(StopReason),
}

/// What Slack's hello says. Every field may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Hello {
    /// Connections that the app has open, this one included.
    pub num_connections: Option<u32>,
    /// `debug_info.host`: the server's name.
    pub host: Option<Box<str>>,
    /// `debug_info.build_number`.
    pub build_number: Option<u64>,
    /// `debug_info.approximate_connection_time`: how long the connection will live.
    pub approximate_connection_time: Option<Duration>,
    /// `connection_info.app_id`.
    pub app_id: Option<Box<str>>,
}

/// What Slack's `disconnect` says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Disconnect {
    /// Why.
    pub reason: DisconnectReason,
    /// `debug_info.host`: the server's name.
    pub host: Option<Box<str>>,
}

/// The `reason` of a `disconnect` message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The connection is cut in about 10 s.
    Warning,
    /// The server wants the connection replaced.
    RefreshRequested,
    /// Socket Mode was switched off for the app.
    LinkDisabled,
    /// The app has more connections open than it may.
    TooManyWebsockets,
    /// Another reason, or none (empty). Taken as [`RefreshRequested`](Self::RefreshRequested).
    Other(Box<str>),
}

/// Why a connection that was up no longer is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisconnectedReason {
    /// As planned: another took its place, whichever side closed it.
    Rotated,
    /// It was being replaced, and no other was up when it could not wait any longer.
    DrainTimedOut,
    /// The peer closed it.
    Closed {
        /// The close frame's status code, if it had one.
        code: Option<u16>,
    },
    /// The stream ended without a close frame.
    Lost,
    /// Nothing arrived within [`Config::silence`](crate::Config::silence), or nothing could be written for so long.
    Silent,
    /// The peer made us write and did not read: [`MAX_UNWRITTEN`](crate::limits::MAX_UNWRITTEN) messages waited to be
    /// written, or [`MAX_UNWRITTEN_BYTES`](crate::limits::MAX_UNWRITTEN_BYTES).
    TooManyUnwritten,
    /// Slack's ping did not come within [`Config::server_ping_timeout`](crate::Config::server_ping_timeout).
    NoServerPing,
    /// Slack says that the app has too many connections.
    TooManyWebsockets,
    /// The machine stopped.
    Stopped,
}

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
    /// `apps.connections.open` was answered by an HTTP status.
    #[error("apps.connections.open was answered with HTTP status {0}")]
    OpenStatus(u16),
    /// `apps.connections.open` was answered by an error code.
    #[error("apps.connections.open says {code:?}: {advice}", advice = advice(code))]
    OpenError {
        /// Slack's code.
        code: Box<str>,
    },
    /// Too many calls.
    #[error("apps.connections.open is rate limited")]
    RateLimited,
    /// The answer cannot be understood.
    #[error(
        "the answer of apps.connections.open is not what Slack documents (is this Slack's API, or something between?)"
    )]
    OpenUnreadable,
    /// The answer has no URL that can be dialed.
    #[error("apps.connections.open gave no usable URL: {0}")]
    OpenUrl(UrlError),
    /// The WebSocket handshake did not finish in time.
    #[error("the WebSocket handshake did not finish in time")]
    DialTimedOut,
    /// The WebSocket handshake failed.
    #[error("the WebSocket could not be opened: {0}")]
    DialFailed(Detail),
    /// The WebSocket handshake was refused.
    #[error("the WebSocket handshake was refused with HTTP status {status}: {detail}")]
    DialStatus {
        /// The status.
        status: u16,
        /// More about it.
        detail: Detail,
    },
    /// No hello came.
    #[error("Slack did not say hello in time")]
    HelloTimedOut,
    /// The connection ended before the hello.
    #[error("the connection ended before Slack said hello")]
    ClosedBeforeHello,
    /// Slack sent `disconnect` before the hello.
    #[error("Slack sent a disconnect before its hello")]
    DisconnectedBeforeHello,
    /// The app has too many connections.
    #[error("Slack says too_many_websockets: the app has 10 connections open; stop other instances of it")]
    TooManyWebsockets,
}

/// Why everything stopped.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum StopReason {
    /// The application asked for it.
    #[error("the application asked for it")]
    Requested,
    /// The token does not authenticate.
    #[error("Slack does not take the token ({code}): {advice}", advice = advice(code))]
    Unauthorized {
        /// Slack's code.
        code: Box<str>,
    },
    /// Slack refuses the call for another reason.
    #[error("Slack refuses to open a connection ({code}): {advice}", advice = advice(code))]
    Refused {
        /// Slack's code.
        code: Box<str>,
    },
    /// The call was answered by a status that waiting does not mend.
    #[error(
        "apps.connections.open was answered with HTTP status {0}: check the base URL, and what stands between this machine and Slack"
    )]
    Status(u16),
    /// Socket Mode is switched off.
    #[error("Socket Mode is switched off for this app: switch it on in the app's settings")]
    LinkDisabled,
}

/// A message that could not be understood, as it came. It may hold secrets: Debug shows its length only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BadMessage {
    pub(crate) error: BadMessageError,
    pub(crate) bytes: usize,
    pub(crate) start: Box<[u8]>,
}

impl BadMessage {
    pub(crate) fn new(error: BadMessageError, message: &[u8]) -> Self {
        let start = message.get(..MAX_DETAIL_BYTES).unwrap_or(message);
        Self { error, bytes: message.len(), start: start.into() }
    }

    /// What is wrong with it.
    #[must_use]
    pub fn error(&self) -> BadMessageError {
        self.error
    }

    /// Its size in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Its first [`MAX_DETAIL_BYTES`]. **It may hold a secret.**
    #[must_use]
    pub fn start(&self) -> &[u8] {
        &self.start
    }
}

impl fmt::Debug for BadMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BadMessage {{ error: {:?}, message: <{} bytes> }}", self.error, self.bytes)
    }
}

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum BadMessageError {
    /// Not JSON, or not whole.
    #[error("the message is not JSON")]
    NotJson,
    /// JSON, but no object.
    #[error("the message is not a JSON object")]
    NotAnObject,
    /// No `type` that is a string.
    #[error("the message has no type")]
    NoType,
    /// A type of its own and no `envelope_id`: there is nothing to acknowledge.
    #[error("the message is of an unknown type and has no envelope_id")]
    UnknownType,
    /// An envelope without an `envelope_id` that is a string of 1 to 256 bytes.
    #[error("the envelope has no usable envelope_id")]
    NoEnvelopeId,
    /// A second hello.
    #[error("Slack said hello twice")]
    SecondHello,
    /// A binary message.
    #[error("the message is binary")]
    Binary,
}

/// A bounded piece of text about what went wrong.
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

/// The first [`MAX_DETAIL_BYTES`] of a text, less what would split a character.
pub(crate) fn truncate(text: &str) -> &str {
    let end = (0..=text.len().min(MAX_DETAIL_BYTES)).rev().find(|&end| text.is_char_boundary(end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}
