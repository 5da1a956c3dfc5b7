//! What the application is told and need not answer.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use crate::errors::{BadMessageError, ConnectionError, Detail};
use crate::ids::{AckToken, ConnectionId};
use crate::limits::MAX_DETAIL_BYTES;

/// Something to tell the application that it need not answer: what happens to connections, and what goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Notice {
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
        reason: EndReason,
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
    /// Slack's 3 s are over for an envelope that nobody acknowledged.
    AckOverdue {
        /// The delivery.
        token: AckToken,
        /// Its `envelope_id`.
        envelope_id: Arc<str>,
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
pub enum EndReason {
    /// As planned: its successor was up. Either side may have closed it.
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
