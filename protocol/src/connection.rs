//! One connection: its phase, and what is known of its link.

use core::hash::{Hash, Hasher};

use crate::config::Config;
use crate::ids::ConnectionId;
use crate::machine::View;
use crate::output::{Deadline, DeadlineReason};
use crate::time::Instant;
use crate::writes::Writes;

/// A connection from its back-off to its end. What is gone is no longer kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Connection {
    pub(crate) id: ConnectionId,
    pub(crate) slot: usize,
    pub(crate) phase: Phase,
}

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
    /// Nothing more is asked of it. What it was asked to write before may still be written until the deadline, unless
    /// somebody says otherwise.
    Closing { deadline: Instant, writes: Writes, aborted: bool },
}

/// When an attempt is due.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wait {
    pub(crate) until: Instant,
    /// Other slots' handovers go first, until then.
    pub(crate) turn_limit: Option<Instant>,
}

/// A socket that can be read and written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Link {
    last_inbound: Instant,
    last_server_ping: Instant,
    last_envelope: Instant,
    pinged: bool,
    pub(crate) writes: Writes,
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
    /// The close frame is out, or the connection was dropped; writes that were asked for before may still be done.
    Closing,
}

/// A connection as [`SocketMode::connections`](crate::SocketMode::connections) shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ConnectionStatus {
    /// The connection.
    pub connection: ConnectionId,
    /// The slot that it belongs to, from 0. A slot has at most two connections: one that serves, and one that leaves.
    pub slot: usize,
    /// Where it stands.
    pub phase: ConnectionPhase,
}

impl Connection {
    pub(crate) fn status(&self) -> ConnectionStatus {
        let phase = match self.phase {
            Phase::Waiting(_) => ConnectionPhase::Waiting,
            Phase::Opening { .. } => ConnectionPhase::Opening,
            Phase::Dialing { .. } => ConnectionPhase::Dialing,
            Phase::Greeting { .. } => ConnectionPhase::Greeting,
            Phase::Active { .. } => ConnectionPhase::Active,
            Phase::Draining { .. } => ConnectionPhase::Draining,
            Phase::Closing { .. } => ConnectionPhase::Closing,
        };
        ConnectionStatus { connection: self.id, slot: self.slot, phase }
    }

    /// The link, while it can be written to.
    pub(crate) fn link(&self) -> Option<&Link> {
        match &self.phase {
            Phase::Greeting { link, .. } | Phase::Active { link, .. } | Phase::Draining { link, .. } => {
                Some(link)
            }
            Phase::Waiting(_) | Phase::Opening { .. } | Phase::Dialing { .. } | Phase::Closing { .. } => None,
        }
    }

    pub(crate) fn link_mut(&mut self) -> Option<&mut Link> {
        match &mut self.phase {
            Phase::Greeting { link, .. } | Phase::Active { link, .. } | Phase::Draining { link, .. } => {
                Some(link)
            }
            Phase::Waiting(_) | Phase::Opening { .. } | Phase::Dialing { .. } | Phase::Closing { .. } => None,
        }
    }

    /// The writes whose fate is not known.
    pub(crate) fn writes(&self) -> Option<&Writes> {
        match &self.phase {
            Phase::Greeting { link, .. } | Phase::Active { link, .. } | Phase::Draining { link, .. } => {
                Some(&link.writes)
            }
            Phase::Closing { writes, .. } => Some(writes),
            Phase::Waiting(_) | Phase::Opening { .. } | Phase::Dialing { .. } => None,
        }
    }

    pub(crate) fn writes_mut(&mut self) -> Option<&mut Writes> {
        match &mut self.phase {
            Phase::Greeting { link, .. } | Phase::Active { link, .. } | Phase::Draining { link, .. } => {
                Some(&mut link.writes)
            }
            Phase::Closing { writes, .. } => Some(writes),
            Phase::Waiting(_) | Phase::Opening { .. } | Phase::Dialing { .. } => None,
        }
    }

    pub(crate) fn is_waiting(&self) -> bool {
        matches!(self.phase, Phase::Waiting(_))
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

    /// Whether it is on its way out, with another of its slot to take its place.
    pub(crate) fn is_leaving(&self) -> bool {
        matches!(self.phase, Phase::Draining { .. } | Phase::Closing { .. })
    }

    /// See [`SocketMode::hash_canonical`](crate::SocketMode::hash_canonical).
    pub(crate) fn hash_canonical(&self, hasher: &mut impl Hasher, config: &Config, view: &View<'_>) {
        core::mem::discriminant(&self.phase).hash(hasher);
        match &self.phase {
            Phase::Waiting(Wait { until, turn_limit }) => {
                (view.ahead(*until), turn_limit.map(|limit| view.ahead(limit))).hash(hasher);
            }
            Phase::Opening { deadline } | Phase::Dialing { deadline } => {
                view.distance(*deadline).hash(hasher);
            }
            Phase::Closing { deadline, writes, aborted } => {
                (view.distance(*deadline), aborted).hash(hasher);
                writes.hash_canonical(hasher, view, false);
            }
            Phase::Greeting { deadline, link } => {
                view.distance(*deadline).hash(hasher);
                link.hash_canonical(hasher, config, view);
            }
            Phase::Active { link, since, rotate_at } => {
                view.age(*since, config.stable_after).hash(hasher);
                rotate_at.map(|at| view.ahead(at)).hash(hasher);
                link.hash_canonical(hasher, config, view);
            }
            Phase::Draining { link, until } => {
                view.distance(*until).hash(hasher);
                view.quiet_ahead(self.slot, link).hash(hasher);
                link.hash_canonical(hasher, config, view);
            }
        }
    }

    /// Whether the attempt is under way and the link not up yet.
    pub(crate) fn is_attempting(&self) -> bool {
        matches!(self.phase, Phase::Opening { .. } | Phase::Dialing { .. } | Phase::Greeting { .. })
    }

    /// The deadlines that follow from the phase alone; those of `Waiting`, the announced rotation and the quiet of a
    /// drain depend on other connections as well.
    pub(crate) fn deadline(&self, config: &Config) -> Option<Deadline> {
        let phase = match self.phase {
            Phase::Waiting(_) | Phase::Active { .. } => None,
            Phase::Opening { deadline } => Some((deadline, DeadlineReason::OpenTimeout)),
            Phase::Dialing { deadline } => Some((deadline, DeadlineReason::DialTimeout)),
            Phase::Greeting { deadline, .. } => Some((deadline, DeadlineReason::HelloTimeout)),
            Phase::Draining { until, .. } => Some((until, DeadlineReason::DrainTimeout)),
            Phase::Closing { deadline, .. } => Some((deadline, DeadlineReason::CloseTimeout)),
        };
        let phase = phase.map(|(at, reason)| Deadline { at, reason });
        phase.into_iter().chain(self.link().map(|link| link.deadline(config))).min()
    }
}

impl Link {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            last_inbound: now,
            last_server_ping: now,
            last_envelope: now,
            pinged: false,
            writes: Writes::default(),
        }
    }

    /// Any frame is a sign of life.
    pub(crate) fn inbound(&mut self, now: Instant) {
        self.last_inbound = now;
        self.pinged = false;
    }

    pub(crate) fn server_ping(&mut self, now: Instant) {
        self.last_server_ping = now;
    }

    pub(crate) fn envelope(&mut self, now: Instant) {
        self.last_envelope = now;
    }

    pub(crate) fn last_envelope(&self) -> Instant {
        self.last_envelope
    }

    pub(crate) fn pinged(&mut self) {
        self.pinged = true;
    }

    fn hash_canonical(&self, hasher: &mut impl Hasher, config: &Config, view: &View<'_>) {
        view.distance(self.last_inbound).hash(hasher);
        config.server_ping_timeout.map(|_| view.distance(self.last_server_ping)).hash(hasher);
        self.pinged.hash(hasher);
        self.writes.hash_canonical(hasher, view, true);
    }

    fn deadline(&self, config: &Config) -> Deadline {
        let alive = self.writes.oldest().map_or(self.last_inbound, |stuck| stuck.min(self.last_inbound));
        let silence = Deadline { at: alive + config.silence, reason: DeadlineReason::Silence };
        let ping = config
            .client_ping
            .filter(|_| !self.pinged)
            .map(|quiet| Deadline { at: self.last_inbound + quiet, reason: DeadlineReason::ClientPing });
        let server = config.server_ping_timeout.map(|timeout| Deadline {
            at: self.last_server_ping + timeout,
            reason: DeadlineReason::ServerPing,
        });
        [ping, server].into_iter().flatten().fold(silence, Ord::min)
    }
}
