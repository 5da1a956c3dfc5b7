//! What the machine asks for.

use alloc::sync::Arc;
use core::fmt;

use crate::envelope::Envelope;
use crate::errors::StopReason;
use crate::ids::{AckToken, ConnectionId};
use crate::notice::Notice;
use crate::time::Instant;
use crate::url::SocketUrl;

/// Something to do, or something to tell the application. Handle outputs in their order.
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
    /// The outcome of an acknowledgement that the application made. Each one has exactly one outcome.
    Acknowledged {
        /// The delivery.
        token: AckToken,
        /// Its `envelope_id`.
        envelope_id: Arc<str>,
        /// Its outcome.
        outcome: AckOutcome,
    },
    /// Something to tell the application that needs no answer.
    Notice(Notice),
    /// The machine has stopped. This is the last output.
    Stopped(StopReason),
}

/// The outcome of an acknowledgement that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AckOutcome {
    /// It was handed to the network.
    Sent {
        /// On which connection.
        connection: ConnectionId,
        /// Whether that is not the connection on which the envelope arrived. Slack does not document whether it accepts
        /// such an acknowledgement; its own clients send them.
        elsewhere: bool,
        /// Whether Slack's 3 s were over: the user has seen an error by then, or Slack sends the event again.
        late: bool,
        /// Whether it had a payload although the envelope says that Slack accepts none
        /// ([`ResponsePayload::Unasked`](crate::ResponsePayload::Unasked)).
        unasked_payload: bool,
    },
    /// It could not be handed to the network in time: no connection was up, or the machine stopped. Slack sends an event
    /// again, and shows the user of a command an error.
    Lost,
}

/// What the embedder has to do. The list is complete: match all variants.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Action {
    /// Call `apps.connections.open`. Report [`Input::Opened`](crate::Input::Opened) or
    /// [`Input::OpenFailed`](crate::Input::OpenFailed).
    Open,
    /// Connect, and do TLS and the WebSocket handshake. Report [`Input::Dialed`](crate::Input::Dialed) or
    /// [`Input::DialFailed`](crate::Input::DialFailed).
    Dial {
        /// The address.
        url: SocketUrl,
    },
    /// Send an empty ping.
    SendPing,
    /// Send a close frame after everything that was [pulled](crate::SocketMode::poll_transmit), or answer the peer's close
    /// frame. End the connection when the peer does. Go on reporting what was written. Report
    /// [`Input::Closed`](crate::Input::Closed) at the end.
    Close {
        /// The status code.
        code: u16,
    },
    /// Drop the connection at once, or the call or handshake in progress, with everything that is not sent yet. No report
    /// is needed. If you report [`Input::Closed`](crate::Input::Closed), unsent acknowledgements go out on another
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
    /// The next attempt may begin: a back-off, a `Retry-After`, or the wait for the budget or for another slot is over.
    NextAttempt,
    /// `apps.connections.open` takes too long.
    OpenTimeout,
    /// The handshake takes too long.
    DialTimeout,
    /// The hello takes too long.
    HelloTimeout,
    /// Nothing arrived for too long, or nothing could be written.
    Silence,
    /// No ping from Slack arrived for too long.
    ServerPing,
    /// Nothing arrived for a while: send a ping.
    ClientPing,
    /// The announced lifetime of a connection is nearly over.
    Rotation,
    /// No envelope arrived on a draining connection for long enough.
    DrainQuiet,
    /// A connection has drained for long enough.
    DrainTimeout,
    /// The peer does not answer the close frame.
    CloseTimeout,
    /// The network did not take a close frame for too long.
    Linger,
    /// The policy acknowledges an envelope.
    AutoAck,
    /// Slack's 3 s are over for an envelope.
    AckOverdue,
    /// An envelope can no longer be acknowledged at all.
    AckExpired,
    /// The application's queue was full for too long.
    Backlog,
}
