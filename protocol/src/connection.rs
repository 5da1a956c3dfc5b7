//! One connection: its phase, and what is known of its link.

use alloc::collections::VecDeque;
use core::hash::{Hash, Hasher};

use crate::config::Config;
use crate::ids::{AckToken, ConnectionId, WriteId};
use crate::machine::View;
use crate::output::{Deadline, DeadlineReason};
use crate::time::Instant;

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
    /// The close frame is out; nothing is sent any more.
    Closing { deadline: Instant },
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
    next_write: u64,
    unwritten: VecDeque<Unwritten>,
}

/// A write that the network has not taken yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Unwritten {
    write: WriteId,
    at: Instant,
    /// The delivery that it acknowledges; a duplicate's acknowledgement has none.
    token: Option<AckToken>,
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
    /// The close frame is out.
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
            Phase::Opening { deadline } | Phase::Dialing { deadline } | Phase::Closing { deadline } => {
                view.distance(*deadline).hash(hasher);
            }
            Phase::Greeting { deadline, link } => {
                view.distance(*deadline).hash(hasher);
                link.hash_canonical(hasher, config, view);
            }
            Phase::Active { link, since, rotate_at } => {
                view.age(*since, config.stable_after.max(config.drain_quiet)).hash(hasher);
                rotate_at.map(|at| view.ahead(at)).hash(hasher);
                link.hash_canonical(hasher, config, view);
            }
            Phase::Draining { link, until } => {
                view.distance(*until).hash(hasher);
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
            Phase::Closing { deadline } => Some((deadline, DeadlineReason::CloseTimeout)),
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
            next_write: 0,
            unwritten: VecDeque::new(),
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

    /// Numbers a write that is about to be asked for.
    pub(crate) fn write(&mut self, now: Instant, token: Option<AckToken>) -> WriteId {
        let write = WriteId(self.next_write);
        self.next_write += 1;
        self.unwritten.push_back(Unwritten { write, at: now, token });
        write
    }

    /// Whether this write was asked for on this link.
    pub(crate) fn has_asked_for(&self, write: WriteId) -> bool {
        write.0 < self.next_write
    }

    /// Takes out the oldest write up to `write`; inside it the delivery that it acknowledged, if any.
    pub(crate) fn pop_written(&mut self, write: WriteId) -> Option<Option<AckToken>> {
        let first = self.unwritten.front()?;
        if first.write > write {
            return None;
        }
        self.unwritten.pop_front().map(|unwritten| unwritten.token)
    }

    /// Takes out everything that was not written.
    pub(crate) fn take_unwritten(&mut self) -> impl Iterator<Item = AckToken> + use<> {
        core::mem::take(&mut self.unwritten).into_iter().filter_map(|unwritten| unwritten.token)
    }

    pub(crate) fn unwritten(&self) -> usize {
        self.unwritten.len()
    }

    fn hash_canonical(&self, hasher: &mut impl Hasher, config: &Config, view: &View<'_>) {
        view.distance(self.last_inbound).hash(hasher);
        config.server_ping_timeout.map(|_| view.distance(self.last_server_ping)).hash(hasher);
        view.age(self.last_envelope, config.drain_quiet).hash(hasher);
        self.pinged.hash(hasher);
        for Unwritten { at, token, .. } in &self.unwritten {
            (view.distance(*at), token.map(|token| view.rank_of(token))).hash(hasher);
        }
        (self.unwritten.len(), self.next_write == 0).hash(hasher);
    }

    fn deadline(&self, config: &Config) -> Deadline {
        let alive = match self.unwritten.front() {
            Some(stuck) => self.last_inbound.min(stuck.at),
            None => self.last_inbound,
        };
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
