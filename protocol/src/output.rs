//! What the machine asks for.

use alloc::sync::Arc;
use core::fmt;

use crate::envelope::Envelope;
use crate::errors::StopReason;
use crate::ids::{AckToken, ConnectionId};
use crate::notice::Notice;
use crate::time::Instant;
use crate::url::SocketUrl;

/// One thing to do, or one thing to tell. The order is the order in which to take them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    /// Something to do on a connection.
    Action {
        /// Which one.
        connection: ConnectionId,
        /// What.
        action: Action,
    },
    /// An envelope for the application, to be acknowledged.
    Envelope(Envelope),
    /// What became of an acknowledgement that the application made. One for each.
    Acknowledged {
        /// The delivery.
        token: AckToken,
        /// Its `envelope_id`.
        envelope_id: Arc<str>,
        /// What became of it.
        outcome: AckOutcome,
    },
    /// Something else to tell the application.
    Notice(Notice),
    /// The end. Nothing comes after it.
    Stopped(StopReason),
}

/// What became of an acknowledgement that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AckOutcome {
    /// It was handed to the network.
    Sent {
        /// On which connection.
        connection: ConnectionId,
        /// Whether that is the one which the envelope came by. Slack's own clients acknowledge on whichever is
        /// current; whether Slack honours that on another one is not documented.
        elsewhere: bool,
        /// Whether Slack's 3 s were over: the user has seen an error by then, or Slack sends the event again.
        late: bool,
    },
    /// It could not be handed to any network in time: no link, or the machine stopped. Slack sends an event again,
    /// and shows the user of a command an error.
    Lost,
}

/// What whoever owns the sockets has to do. There is no other kind: a driver matches all of them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Action {
    /// Call `apps.connections.open`. Answer with [`Input::Opened`](crate::Input::Opened) or
    /// [`Input::OpenFailed`](crate::Input::OpenFailed).
    Open,
    /// Connect, TLS and the WebSocket handshake. Answer with [`Input::Dialed`](crate::Input::Dialed) or
    /// [`Input::DialFailed`](crate::Input::DialFailed).
    Dial {
        /// Where to.
        url: SocketUrl,
    },
    /// Send an empty ping.
    SendPing,
    /// Send a close frame behind all that was [pulled](crate::SocketMode::poll_transmit), or answer the peer's, and end the
    /// connection when the peer does. Go on telling of what was pulled. Answer with
    /// [`Input::Closed`](crate::Input::Closed).
    Close {
        /// The status code.
        code: u16,
    },
    /// Drop the connection, or the call or handshake under way, at once, with all that waits to be sent on it. No
    /// answer is needed; [`Input::Closed`](crate::Input::Closed) has the acknowledgements among it go out on another
    /// connection sooner.
    Abort,
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("Open"),
            Self::Dial { url } => f.debug_struct("Dial").field("url", url).finish(),
            Self::SendPing => f.write_str("SendPing"),
            Self::Close { code } => f.debug_struct("Close").field("code", code).finish(),
            Self::Abort => f.write_str("Abort"),
        }
    }
}

/// When to call [`SocketMode::handle_timeout`](crate::SocketMode::handle_timeout), and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deadline {
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: DeadlineReason,
}

/// Why a [`Deadline`] exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DeadlineReason {
    /// A back-off, a `Retry-After`, the budget of opens or a turn ends.
    NextAttempt,
    /// `apps.connections.open` takes too long.
    OpenTimeout,
    /// The handshake takes too long.
    DialTimeout,
    /// The hello takes too long.
    HelloTimeout,
    /// Nothing arrived for too long, or nothing could be written.
    Silence,
    /// Slack's own ping did not come.
    ServerPing,
    /// It is quiet: time for a ping.
    ClientPing,
    /// The announced lifetime is nearly over.
    Rotation,
    /// A replaced link has been quiet long enough.
    DrainQuiet,
    /// A replaced link has lived on long enough.
    DrainTimeout,
    /// The peer does not answer the close frame.
    CloseTimeout,
    /// An envelope has to be acknowledged by policy.
    AutoAck,
    /// Slack's 3 s are over for an envelope.
    AckOverdue,
    /// An envelope can no longer be acknowledged at all.
    AckExpired,
    /// The application's queue was full for too long.
    Backlog,
}
