//! Where a connection stands in its life.

use super::{Link, Writes};
use crate::time::Instant;

/// The life of a connection. It only moves forward:
/// `Waiting → Opening → Dialing → Greeting → Active → Draining → Closing → gone`, from `Greeting` and `Active` also to
/// `Closing`, and from each straight to gone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Phase {
    /// The attempt is not due yet.
    Waiting(Wait),
    /// `apps.connections.open` is under way.
    Opening { deadline: Instant },
    /// TCP, TLS and the WebSocket handshake are under way.
    Dialing { deadline: Instant },
    /// The socket is open and Slack has not said hello.
    Greeting { deadline: Instant, link: Link },
    /// Up.
    Active { link: Link, since: Instant, rotate_at: Option<Instant> },
    /// Being replaced, or stopping: still read and acknowledged on.
    Draining { link: Link, until: Instant },
    /// It takes nothing new. What it had to write before may still be written until the deadline, unless somebody says
    /// otherwise.
    Closing { deadline: Instant, writes: Writes, close: Close },
}

/// How far the end of a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Close {
    /// The close frame goes out, with this code, after all writes have been pulled.
    AfterWrites(u16),
    /// The embedder was told to send the close frame.
    Asked,
    /// The connection was dropped, or is gone.
    Aborted,
}

/// When an attempt is due.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wait {
    pub(crate) until: Instant,
    /// Other slots' handovers go first, until then.
    pub(crate) turn_limit: Option<Instant>,
}

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectionPhase {
    /// The attempt is not due yet: back-off, `Retry-After`, the budget of opens, another slot's turn.
    Waiting,
    /// `apps.connections.open` is under way.
    Opening,
    /// TCP, TLS and the WebSocket handshake are under way.
    Dialing,
    /// The socket is open and Slack has not said hello.
    Greeting,
    /// Up.
    Active,
    /// Being replaced, or stopping: still read and acknowledged on.
    Draining,
    /// It is being closed, or was dropped; acknowledgements that were there before may still be written, and the close
    /// frame follows them.
    Closing,
}

impl Phase {
    /// What stands in for a phase while it is moved into the next one.
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
        }
    }
}
