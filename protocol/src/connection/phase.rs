//! The phases of a connection.

use super::{Link, Writes};
use crate::time::Instant;

/// The life of a connection. It only moves forward:
/// `Waiting → Opening → Dialing → Greeting → Active → Draining → Closing → Lingering → gone`, from `Greeting` and `Active`
/// also to `Closing`, from each link to `Lingering`, and from each straight to gone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Phase {
    /// The attempt is not due yet.
    Waiting(Wait),
    /// `apps.connections.open` is in progress.
    Opening { deadline: Instant },
    /// TCP, TLS and the WebSocket handshake are in progress.
    Dialing { deadline: Instant },
    /// The socket is open, and Slack's hello has not arrived.
    Greeting { deadline: Instant, link: Link },
    /// Up.
    Active { link: Link, since: Instant, rotate_at: Option<Instant> },
    /// Being replaced, or everything stops: still read and acknowledged on. Without `until` its successor is not up yet.
    Draining { link: Link, until: Option<Instant> },
    /// It accepts no new writes. Earlier writes may still go out until the deadline, unless an input says otherwise.
    Closing { deadline: Instant, writes: Writes, close: Close },
    /// The peer gives no sign of life. The close frame is sent, and the socket kept, for a network that comes back: otherwise
    /// Slack counts the connection for hours, and sends envelopes to it. It has no place in its slot any more.
    Lingering { until: Instant },
}

/// How far the closing of a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Close {
    /// The close frame goes out, with this code, after all writes have been pulled.
    AfterWrites(u16),
    /// The embedder was told to send the close frame.
    Asked,
    /// The same, and the peer's close frame has arrived.
    Answered,
    /// The connection was dropped, or is gone.
    Aborted,
}

/// When an attempt is due.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wait {
    pub(crate) until: Instant,
    /// Rotations of other slots go first, until this time.
    pub(crate) turn_limit: Option<Instant>,
}

/// The phase of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectionPhase {
    /// The attempt is not due yet: it waits for a back-off, a `Retry-After`, the budget of calls, or another slot.
    Waiting,
    /// `apps.connections.open` is in progress.
    Opening,
    /// TCP, TLS and the WebSocket handshake are in progress.
    Dialing,
    /// The socket is open, and Slack's hello has not arrived.
    Greeting,
    /// The hello has arrived: the connection is up.
    Active,
    /// It is being replaced, or everything stops. Envelopes are still read and acknowledged on it.
    Draining,
    /// It is being closed, or was dropped. Earlier acknowledgements may still be written; the close frame follows them.
    Closing,
    /// The peer did not answer the close frame. The socket is kept until the network takes the frame or gives up, so that
    /// Slack does not count a dead connection. Limited by [`Config::linger`](crate::Config::linger).
    Lingering,
}

impl Phase {
    /// A placeholder while a phase is moved into the next one.
    pub(crate) const GONE: Self = Self::Opening { deadline: Instant::ZERO };

    pub(crate) fn name(&self) -> ConnectionPhase {
        match self {
            Self::Waiting(_) => ConnectionPhase::Waiting,
            Self::Opening { .. } => ConnectionPhase::Opening,
            Self::Dialing { .. } => ConnectionPhase::Dialing,
            Self::Greeting { .. } => ConnectionPhase::Greeting,
            Self::Active { .. } => ConnectionPhase::Active,
            Self::Draining { .. } => ConnectionPhase::Draining,
            Self::Closing { .. } => ConnectionPhase::Closing,
            Self::Lingering { .. } => ConnectionPhase::Lingering,
        }
    }
}
