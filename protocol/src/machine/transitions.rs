//! How connections move from phase to phase when something happens: `start`, `dial`, `greet`, `activate`, `rotate`,
//! `fail`, `lose`, `part`, `stop`. What the state itself triggers is in [`settle`](super::settle).

use core::time::Duration;

use super::{Run, Setbacks, SocketMode};
use crate::backoff;
use crate::connection::{Connection, Link, Phase, Wait};
use crate::event::{ConnectionError, DisconnectedReason, Event, StopReason};
use crate::ids::{ConnectionId, WriteId};
use crate::limits::{EAGER_ROTATIONS, SHORTEST_LIFETIME, TURN_LIMIT};
use crate::output::{Action, Output};
use crate::time::Instant;

/// The status code of a close that is nobody's fault (RFC 6455, 7.4.1).
pub(super) const CLOSE_NORMAL: u16 = 1000;

/// When to try again.
#[derive(Clone, Copy, Debug)]
pub(super) enum Retry {
    /// At once for the first failure since the last stable link, else with back-off.
    AtOnce,
    /// At once for the first few since the last stable link, else with back-off.
    Eagerly,
    /// With back-off.
    Backoff,
    /// After the time that Slack gave, which holds for all slots.
    After(Duration),
    /// After a long while.
    TooMany,
}

impl Retry {
    pub(super) fn after(retry_after: Option<Duration>) -> Self {
        retry_after.map_or(Self::Backoff, Self::After)
    }
}

/// How to leave a connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leave {
    /// It is gone already.
    Gone,
    /// Drop it.
    Abort,
    /// With a close frame of this code, behind what was asked for before.
    Close(u16),
    /// The same, as the answer to the peer's, who takes nothing more.
    Answer(u16),
    /// The time for its end is over.
    TimedOut,
}

impl SocketMode {
    /// Puts a new connection into a slot, to be attempted then.
    pub(super) fn attempt_at(&mut self, slot: usize, until: Instant, turn_limit: Option<Instant>) {
        let id = ConnectionId(self.next_connection);
        self.next_connection += 1;
        self.connections.push(Connection { id, slot, phase: Phase::Waiting(Wait { until, turn_limit }) });
    }

    pub(super) fn start(&mut self, index: usize) {
        let deadline = self.now + self.config.open_timeout;
        let Some(connection) = self.connections.get_mut(index) else { return };
        let (id, slot) = (connection.id, connection.slot);
        connection.phase = Phase::Opening { deadline };
        self.budget.take(&self.config, self.now);
        self.stats.opens += 1;
        let attempt = self.setbacks.get(slot).map_or(1, |setbacks| setbacks.failures.saturating_add(1));
        self.tell(Event::Connecting { connection: id, attempt });
        self.act(id, Action::Open);
    }

    pub(super) fn dial(&mut self, index: usize, url: crate::url::SocketUrl) {
        let deadline = self.now + self.config.dial_timeout;
        let Some(connection) = self.connections.get_mut(index) else { return };
        let id = connection.id;
        connection.phase = Phase::Dialing { deadline };
        self.stats.dials += 1;
        self.act(id, Action::Dial { url });
    }

    pub(super) fn greet(&mut self, index: usize) {
        let deadline = self.now + self.config.hello_timeout;
        let link = Link::new(self.now);
        if let Some(connection) = self.connections.get_mut(index) {
            connection.phase = Phase::Greeting { deadline, link };
        }
    }

    /// The hello came: from `Greeting` to `Active`.
    pub(super) fn activate(&mut self, index: usize, lifetime: Option<Duration>) {
        let now = self.now;
        let rotate_at = match (self.config.rotate_before, lifetime) {
            (Some(before), Some(lifetime)) if lifetime >= SHORTEST_LIFETIME.max(before.saturating_mul(2)) => {
                Some(now + (lifetime - before))
            }
            (Some(_), Some(_)) | (None, _) | (_, None) => None,
        };
        let Some(connection) = self.connections.get_mut(index) else { return };
        let (id, slot) = (connection.id, connection.slot);
        let Some(link) = connection.link_mut().cloned() else { return };
        connection.phase = Phase::Active { link, since: now, rotate_at };
        let limit = now + self.config.drain_timeout;
        for connection in self.connections.iter_mut().filter(|connection| connection.slot == slot) {
            if let Phase::Draining { until, .. } = &mut connection.phase {
                *until = (*until).min(limit);
            }
        }
        self.stats.connected += 1;
        self.tell(Event::Connected { connection: id });
        self.send_parked();
    }

    /// A link is to be replaced: from `Active` to `Draining`, with an heir. `end` is when the peer will cut it.
    pub(super) fn rotate(&mut self, index: usize, end: Instant) {
        let now = self.now;
        let Some(connection) = self.connections.get(index) else { return };
        let slot = connection.slot;
        let stable = self.forgive_if_stable(index);
        if let Some(older) =
            self.connections.iter().position(|other| other.slot == slot && other.is_draining())
        {
            self.close(older, CLOSE_NORMAL, DisconnectedReason::Rotated);
        }
        let Some(link) =
            self.connections.get_mut(index).and_then(|connection| connection.link_mut().cloned())
        else {
            return;
        };
        let until = end.max(now) + self.config.drain_timeout;
        if let Some(connection) = self.connections.get_mut(index) {
            connection.phase = Phase::Draining { link, until };
        }
        self.stats.rotations += 1;
        // A link that did not live long is a setback, or a peer could make us open for ever.
        let delay = if stable { Duration::ZERO } else { self.retry_delay(slot, Retry::Eagerly) };
        self.attempt_at(slot, now + delay, Some(now + delay + TURN_LIMIT));
    }

    /// An attempt failed before the hello.
    pub(super) fn fail(&mut self, index: usize, error: ConnectionError, retry: Retry, leave: Leave) {
        let Some(connection) = self.connections.get(index) else { return };
        let (id, slot) = (connection.id, connection.slot);
        self.stats.failed_attempts += 1;
        let retry_in = self.retry_delay(slot, retry);
        self.tell(Event::ConnectionError { connection: id, error, retry_in });
        self.leave(index, leave);
        self.attempt_at(slot, self.now + retry_in, None);
    }

    /// A link that was up is lost: from `Active` to `Closing` or gone, with an heir.
    pub(super) fn lose(&mut self, index: usize, reason: DisconnectedReason, retry: Retry, leave: Leave) {
        let Some(connection) = self.connections.get(index) else { return };
        let (id, slot) = (connection.id, connection.slot);
        self.forgive_if_stable(index);
        self.stats.lost_links += 1;
        self.tell(Event::Disconnected { connection: id, reason });
        self.leave(index, leave);
        let delay = self.retry_delay(slot, retry);
        self.attempt_at(slot, self.now + delay, None);
    }

    /// A link that was leaving leaves: from `Draining` to `Closing` or gone.
    pub(super) fn part(&mut self, index: usize, reason: DisconnectedReason, leave: Leave) {
        let Some(connection) = self.connections.get(index) else { return };
        let id = connection.id;
        self.tell(Event::Disconnected { connection: id, reason });
        self.leave(index, leave);
    }

    /// A close frame on a link that is leaving.
    pub(super) fn close(&mut self, index: usize, code: u16, reason: DisconnectedReason) {
        self.part(index, reason, Leave::Close(code));
    }

    /// Ends everything, or shortens the end.
    pub(super) fn stop(&mut self, reason: StopReason, grace: Duration) {
        let deadline = self.now + grace;
        match self.run {
            Run::Stopped => return,
            Run::Stopping { .. } => {}
            Run::Running => {
                self.run = Run::Stopping { reason };
                self.clear_backlog();
            }
        }
        let attempts: alloc::vec::Vec<_> = self
            .connections
            .iter()
            .filter(|connection| connection.is_waiting() || connection.is_attempting())
            .map(|connection| (connection.id, connection.is_waiting()))
            .collect();
        for (id, waiting) in attempts {
            if let Some(index) = self.index_of(id) {
                self.leave(index, if waiting { Leave::Gone } else { Leave::Abort });
            }
        }
        for connection in &mut self.connections {
            match &mut connection.phase {
                Phase::Active { link, .. } => {
                    connection.phase = Phase::Draining { link: link.clone(), until: deadline };
                }
                Phase::Draining { until, .. } => *until = (*until).min(deadline),
                Phase::Waiting(_)
                | Phase::Opening { .. }
                | Phase::Dialing { .. }
                | Phase::Greeting { .. }
                | Phase::Closing { .. } => {}
            }
        }
        if !self.connections.iter().any(Connection::is_draining) {
            self.lose_parked();
        }
    }

    /// Takes a connection out of its phase. What it was asked to write goes out elsewhere if it is known not to be
    /// written here; else that waits until it is known.
    pub(super) fn leave(&mut self, index: usize, leave: Leave) {
        let now = self.now;
        let Some(connection) = self.connections.get_mut(index) else { return };
        let (id, slot) = (connection.id, connection.slot);
        let mut writes = connection.writes_mut().map(core::mem::take).unwrap_or_default();
        let was_aborted = matches!(connection.phase, Phase::Closing { aborted: true, .. });
        let free: alloc::vec::Vec<_> = match leave {
            Leave::Close(_) => alloc::vec::Vec::new(),
            Leave::Abort | Leave::Answer(_) => {
                self.take_back(id).map(|first| writes.take_from(first).collect()).unwrap_or_default()
            }
            Leave::Gone | Leave::TimedOut => {
                self.take_back(id);
                core::mem::take(&mut writes).take_from(WriteId(0)).collect()
            }
        };
        // A slot has two seats, and its next connection needs one. With the other one taken by a link that leaves as
        // well, it has none until the deadline: only for writes at risk.
        let crowded = !self.is_stopping()
            && writes.is_empty()
            && self
                .connections
                .iter()
                .any(|other| other.slot == slot && other.id != id && other.is_leaving());
        let (action, aborted) = match leave {
            Leave::Close(code) | Leave::Answer(code) if !crowded => (Some(Action::Close { code }), false),
            Leave::Close(_) | Leave::Answer(_) | Leave::Abort => (Some(Action::Abort), true),
            Leave::TimedOut if !was_aborted => (Some(Action::Abort), true),
            Leave::TimedOut | Leave::Gone => (None, true),
        };
        if let Some(action) = action {
            self.act(id, action);
        }
        if aborted && writes.is_empty() {
            self.connections.remove(index);
        } else if let Some(connection) = self.connections.get_mut(index) {
            let deadline = now + self.config.close_timeout;
            connection.phase = Phase::Closing { deadline, writes, aborted };
        }
        self.detach(id, free);
    }

    /// Takes the writes that nobody has fetched yet out of the outputs; the first of them.
    fn take_back(&mut self, id: ConnectionId) -> Option<WriteId> {
        let mut first = None;
        self.outputs.retain(|output| match output {
            Output::Action { connection, action: Action::SendText { write, .. } } if *connection == id => {
                first = first.or(Some(*write));
                false
            }
            Output::Action { .. } | Output::Event(_) => true,
        });
        first
    }

    /// A link that lived for a stable while after its hello resets its slot's back-off.
    fn forgive_if_stable(&mut self, index: usize) -> bool {
        let Some(connection) = self.connections.get(index) else { return false };
        let stable = match connection.phase {
            Phase::Active { since, .. } => since + self.config.stable_after <= self.now,
            Phase::Waiting(_)
            | Phase::Opening { .. }
            | Phase::Dialing { .. }
            | Phase::Greeting { .. }
            | Phase::Draining { .. }
            | Phase::Closing { .. } => false,
        };
        if stable {
            let slot = connection.slot;
            self.setbacks.iter_mut().skip(slot).take(1).for_each(|setbacks| *setbacks = Setbacks::default());
        }
        stable
    }

    /// Counts a setback and says how long to wait for it.
    fn retry_delay(&mut self, slot: usize, retry: Retry) -> Duration {
        let Some(setbacks) = self.setbacks.get_mut(slot) else { return self.config.backoff_cap };
        let counter = match retry {
            Retry::Eagerly => &mut setbacks.early_rotations,
            Retry::AtOnce | Retry::Backoff | Retry::After(_) | Retry::TooMany => &mut setbacks.failures,
        };
        *counter = counter.saturating_add(1);
        let count = setbacks.count();
        match retry {
            Retry::AtOnce if count == 1 => Duration::ZERO,
            Retry::Eagerly if count <= EAGER_ROTATIONS => Duration::ZERO,
            Retry::Eagerly => {
                backoff::delay(&self.config, &mut self.random, count.saturating_sub(EAGER_ROTATIONS))
            }
            Retry::AtOnce | Retry::Backoff => backoff::delay(&self.config, &mut self.random, count),
            Retry::After(wait) => {
                self.hold = self.hold.max(self.now + wait);
                wait
            }
            Retry::TooMany => {
                self.random.between(self.config.too_many_backoff / 2, self.config.too_many_backoff)
            }
        }
    }
}
