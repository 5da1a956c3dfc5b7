//! What the application is told and does not have to answer.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use crate::errors::{BadMessageError, ConnectionError, Detail};
use crate::ids::{AckToken, ConnectionId};
use crate::limits::MAX_DETAIL_BYTES;

/// Something that the application is told and does not have to answer: what happens to connections, and what goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Notice {
    /// An attempt to connect begins: `apps.connections.open` is called.
    Connecting {
        /// The connection.
        connection: ConnectionId,
        /// 1 for the first attempt; one more for each failed attempt and each lost connection since the last stable one.
        /// A planned rotation does not count.
        attempt: u32,
    },
    /// Slack's hello, with what it says about the connection. [`Connected`](Self::Connected) follows.
    Hello {
        /// The connection.
        connection: ConnectionId,
        /// The content of the message.
        hello: Hello,
    },
    /// Slack's hello counts more connections of this app than the client's own and the
    /// [expected](crate::Config::expect_other_connections) ones; or this is over, and `others` is not above `expected` any
    /// more. Envelopes go to these connections as well. Either other processes run with the same app, or Slack still counts
    /// dead connections: what people click is lost in these.
    OtherConnections {
        /// The connection whose hello it is.
        connection: ConnectionId,
        /// Connections that are not the client's own.
        others: u32,
        /// Those that are expected.
        expected: u32,
    },
    /// The connection is up: Slack sends envelopes on it. At most once for each connection.
    Connected {
        /// The connection.
        connection: ConnectionId,
        /// How long nothing arrived before, because no connection was up: the time since the last frame on a connection
        /// that was up. What Slack did not send again after that time is missing; a bot can look for it. Zero if another
        /// connection was up, as in a planned rotation; `None` for the first connection.
        gap: Option<Duration>,
    },
    /// Slack announced the end of a connection. The machine has already reacted to it. At most
    /// [1,024](crate::limits::MAX_UNPOLLED_NOTICES) of these and of [`BadMessage`](Self::BadMessage) wait in the queue.
    Disconnect {
        /// The connection.
        connection: ConnectionId,
        /// The content of the message.
        disconnect: Disconnect,
    },
    /// A connection was up and has ended. At most once for each connection.
    Disconnected {
        /// The connection.
        connection: ConnectionId,
        /// Why.
        reason: EndReason,
    },
    /// An attempt failed before the connection was up. Another attempt follows.
    ConnectionError {
        /// The connection.
        connection: ConnectionId,
        /// What went wrong.
        error: ConnectionError,
        /// The next attempt begins after this time, at the earliest.
        retry_in: Duration,
    },
    /// Slack's 3 s are over for an envelope that the application has not acknowledged.
    AckOverdue {
        /// The delivery.
        token: AckToken,
        /// Its `envelope_id`.
        envelope_id: Arc<str>,
    },
    /// A message that cannot be understood. The connection stays up. [`Stats::bad_messages`](crate::Stats::bad_messages)
    /// also counts those that are left out because too many notices wait in the queue.
    BadMessage {
        /// The connection.
        connection: ConnectionId,
        /// What is wrong with it.
        message: BadMessage,
    },
    /// Reading from a connection failed. The connection is gone.
    IncomingError {
        /// The connection.
        connection: ConnectionId,
        /// What went wrong.
        detail: Detail,
    },
    /// Writing to a connection failed. The connection is gone.
    WriteError {
        /// The connection.
        connection: ConnectionId,
        /// What went wrong.
        detail: Detail,
    },
    /// The application did not keep up, so envelopes were shed: neither delivered nor acknowledged. Slack sends events
    /// again; commands and interactions have failed for their users.
    Shed {
        /// The number of envelopes.
        envelopes: u64,
    },
    /// More than [`MAX_REMEMBERED`](crate::limits::MAX_REMEMBERED) envelopes were acknowledged within
    /// [`Config::deduplicate`](crate::Config::deduplicate): copies that arrive later than this are delivered again. The
    /// next notice follows only after ids were remembered for a whole window again.
    DedupShortened {
        /// How long ids are remembered at the moment.
        window: Duration,
    },
}

/// What Slack's hello says. Every field may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Hello {
    /// Connections that the app has open, including this one.
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
    /// Slack closes the connection in about 10 s.
    Warning,
    /// Slack wants the connection replaced.
    RefreshRequested,
    /// Socket Mode was switched off for the app.
    LinkDisabled,
    /// The app has too many open connections.
    TooManyWebsockets,
    /// Another reason, or none (empty). It has the same effect as [`RefreshRequested`](Self::RefreshRequested).
    Other(Box<str>),
}

/// Why a connection ended that was up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndReason {
    /// As planned: its successor was up. Either side may have closed it.
    Rotated,
    /// It was draining, and Slack said `too_many_websockets` to its successor: it was closed to make room.
    MadeRoom,
    /// The peer closed it.
    Closed {
        /// The close frame's status code, if it had one.
        code: Option<u16>,
    },
    /// The stream ended without a close frame.
    Lost,
    /// Nothing arrived for [`Config::silence`](crate::Config::silence), or nothing could be written for this time.
    Silent,
    /// The peer did not read: too many messages ([`MAX_UNWRITTEN`](crate::limits::MAX_UNWRITTEN)) or bytes
    /// ([`MAX_UNWRITTEN_BYTES`](crate::limits::MAX_UNWRITTEN_BYTES)) waited to be written.
    TooManyUnwritten,
    /// Slack's ping did not come within [`Config::server_ping_timeout`](crate::Config::server_ping_timeout).
    NoServerPing,
    /// Slack says that the app has too many connections.
    TooManyWebsockets,
    /// It was one of those that [`Config::outnumber`](crate::Config::outnumber) opens, and is not needed any more.
    Surplus,
    /// The machine stopped.
    Stopped,
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rotated => "it was replaced as planned",
            Self::MadeRoom => "it was closed to make room for its successor",
            Self::Closed { code: Some(code) } => return write!(f, "the peer closed it with code {code}"),
            Self::Closed { code: None } => "the peer closed it without a code",
            Self::Lost => "it ended without a close frame",
            Self::Silent => "nothing arrived, or nothing could be written, for too long",
            Self::TooManyUnwritten => "the peer did not read what waited to be written",
            Self::NoServerPing => "Slack's ping did not come in time",
            Self::TooManyWebsockets => "Slack says too_many_websockets",
            Self::Surplus => "it is not needed any more to outnumber others",
            Self::Stopped => "the client stopped",
        })
    }
}

/// A message that cannot be understood. It may hold secrets: `Debug` shows its length only.
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
