//! One connection, from its back-off to its end.

mod due;
mod link;
mod phase;
mod writes;

use crate::config::Config;
use crate::ids::ConnectionId;
use crate::time::Instant;

pub(crate) use due::ConnectionDue;
pub(crate) use link::Link;
pub use phase::ConnectionPhase;
pub(crate) use phase::{Close, Phase, Wait};
pub(crate) use writes::{Acknowledges, Writes};

/// A connection. One that is gone is removed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Connection {
    pub(crate) id: ConnectionId,
    pub(crate) slot: usize,
    pub(crate) phase: Phase,
}

/// A connection, from [`SocketMode::connections`](crate::SocketMode::connections).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ConnectionStatus {
    /// The connection.
    pub connection: ConnectionId,
    /// The number of its slot, from 0. A slot has at most two connections: one in use, and one that is draining or closing;
    /// those that linger do not count.
    pub slot: usize,
    /// Its phase.
    pub phase: ConnectionPhase,
    /// When the last frame arrived on it, of any kind, or its socket was opened. `None` without an open socket.
    pub last_frame: Option<Instant>,
}

impl Connection {
    pub(crate) fn status(&self) -> ConnectionStatus {
        ConnectionStatus {
            connection: self.id,
            slot: self.slot,
            phase: self.phase.name(),
            last_frame: self.link().map(|link| link.last_inbound),
        }
    }

    /// The link, while it can be written to.
    pub(crate) fn link(&self) -> Option<&Link> {
        match &self.phase {
            Phase::Greeting { link, .. } | Phase::Active { link, .. } | Phase::Draining { link, .. } => {
                Some(link)
            }
            _ => None,
        }
    }

    pub(crate) fn link_mut(&mut self) -> Option<&mut Link> {
        match &mut self.phase {
            Phase::Greeting { link, .. } | Phase::Active { link, .. } | Phase::Draining { link, .. } => {
                Some(link)
            }
            _ => None,
        }
    }

    /// The writes whose fate is not known.
    pub(crate) fn writes(&self) -> Option<&Writes> {
        match &self.phase {
            Phase::Closing { writes, .. } => Some(writes),
            _ => self.link().map(|link| &link.writes),
        }
    }

    pub(crate) fn writes_mut(&mut self) -> Option<&mut Writes> {
        match &mut self.phase {
            Phase::Greeting { link, .. } | Phase::Active { link, .. } | Phase::Draining { link, .. } => {
                Some(&mut link.writes)
            }
            Phase::Closing { writes, .. } => Some(writes),
            _ => None,
        }
    }

    /// Whether there is a socket, open or closing.
    pub(crate) fn has_socket(&self) -> bool {
        self.writes().is_some() || self.is_lingering()
    }

    /// Whether there are writes whose fate is not known.
    pub(crate) fn has_unwritten(&self) -> bool {
        self.writes().is_some_and(|writes| !writes.is_empty())
    }

    pub(crate) fn is_waiting(&self) -> bool {
        matches!(self.phase, Phase::Waiting(_))
    }

    /// Whether the attempt is in progress: it has begun, and the hello has not arrived.
    pub(crate) fn is_attempting(&self) -> bool {
        matches!(self.phase, Phase::Opening { .. } | Phase::Dialing { .. } | Phase::Greeting { .. })
    }

    pub(crate) fn is_active(&self) -> bool {
        matches!(self.phase, Phase::Active { .. })
    }

    pub(crate) fn is_draining(&self) -> bool {
        matches!(self.phase, Phase::Draining { .. })
    }

    pub(crate) fn is_closing(&self) -> bool {
        matches!(self.phase, Phase::Closing { .. })
    }

    pub(crate) fn is_lingering(&self) -> bool {
        matches!(self.phase, Phase::Lingering { .. })
    }

    /// Whether it drains or closes, so that another one of its slot takes its place.
    pub(crate) fn is_ending(&self) -> bool {
        self.is_draining() || self.is_closing()
    }

    /// The hello came.
    pub(crate) fn activate(&mut self, now: Instant, rotate_at: Option<Instant>) {
        self.phase = match core::mem::replace(&mut self.phase, Phase::GONE) {
            Phase::Greeting { link, .. } => Phase::Active { link, since: now, rotate_at },
            other => other,
        };
    }

    /// An active connection begins to drain, until its successor is up at least.
    pub(crate) fn drain(&mut self) {
        self.phase = match core::mem::replace(&mut self.phase, Phase::GONE) {
            Phase::Active { link, .. } => Phase::Draining { link, until: None },
            other => other,
        };
    }

    /// A connection that is up drains until `limit` at the latest.
    pub(crate) fn drain_until(&mut self, limit: Instant) {
        self.drain();
        if let Phase::Draining { until, .. } = &mut self.phase {
            *until = Some(until.map_or(limit, |until| until.min(limit)));
        }
    }

    /// What is due next by the phase and the link alone; an attempt, the announced rotation and the quiet of a drain depend
    /// on other connections as well.
    pub(crate) fn due(&self, config: &Config) -> Option<(Instant, ConnectionDue)> {
        let phase = match self.phase {
            Phase::Waiting(_) | Phase::Active { .. } | Phase::Draining { until: None, .. } => None,
            Phase::Opening { deadline } => Some((deadline, ConnectionDue::OpenTimeout)),
            Phase::Dialing { deadline } => Some((deadline, ConnectionDue::DialTimeout)),
            Phase::Greeting { deadline, .. } => Some((deadline, ConnectionDue::HelloTimeout)),
            Phase::Draining { until: Some(until), .. } => Some((until, ConnectionDue::DrainTimeout)),
            Phase::Closing { deadline, .. } => Some((deadline, ConnectionDue::CloseTimeout)),
            Phase::Lingering { until } => Some((until, ConnectionDue::Linger)),
        };
        phase.into_iter().chain(self.link().map(|link| link.due(config))).min()
    }
}
