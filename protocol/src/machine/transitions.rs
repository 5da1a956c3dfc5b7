//! Performs the transitions of the [table](super::table): moves a connection from phase to phase.

use alloc::vec::Vec;
use core::time::Duration;

use super::table::{Decoded, End, Retry, State, Transition, transition};
use super::{Run, Setbacks, SocketMode};
use crate::backoff;
use crate::connection::{Connection, ConnectionPhase, Link, Phase, Wait};
use crate::errors::{ConnectionError, StopReason};
use crate::ids::ConnectionId;
use crate::limits::{
    EAGER_ROTATIONS, SHORTEST_LIFETIME, SHORTEST_USEFUL_LIFE, TOO_MANY_CAP, TURN_LIMIT, UP_TO_DARK,
};
use crate::notice::{EndReason, Hello, Notice};
use crate::output::Action;
use crate::time::Instant;
use crate::url::SocketUrl;

/// A connection and the slot that it belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) id: ConnectionId,
    pub(super) slot: usize,
}

impl From<&Connection> for Place {
    fn from(connection: &Connection) -> Self {
        Self { id: connection.id, slot: connection.slot }
    }
}

impl SocketMode {
    /// Something happened to a connection.
    pub(super) fn apply(&mut self, id: ConnectionId, input: Decoded<'_>) {
        let Some(connection) = self.connection(id) else { return self.stray() };
        let (place, state) = (Place::from(connection), self.state_of(connection));
        match transition(input, state) {
            Transition::Stray => self.stray(),
            Transition::Stay => {}
            Transition::Dial(url) => self.dial(id, url),
            Transition::Greet => self.greet(id),
            Transition::Activate(hello) => self.activate(place, hello),
            Transition::Rotate => self.rotate(place),
            Transition::DrainOn => {
                if let Some(Phase::Draining { until, .. }) = self.connection_mut(id).map(|old| &mut old.phase)
                {
                    *until = None;
                }
            }
            Transition::Fail { error, retry, end } => self.fail(place, error, retry, end),
            Transition::FailForGood(reason) => {
                self.stats.failed_attempts += 1;
                self.end(place, End::Gone);
                self.stop(reason, self.config.shutdown_grace);
            }
            Transition::Lose { reason, retry, end } => self.lose(place, reason, retry, end),
            Transition::Finish { reason, end } => {
                self.tell(Notice::Disconnected { connection: id, reason });
                self.end(place, end);
            }
            Transition::CloseNow => self.close_now(id),
            Transition::End(end) => self.end(place, end),
            Transition::Stop(reason) => self.stop(reason, self.config.shutdown_grace),
            Transition::Deliver(header, text) => self.on_envelope(id, header, text),
            Transition::Report(error, message) => self.report(id, error, message),
            Transition::Ping => self.ping(id),
            Transition::Settle(write) => self.on_written(id, write),
            Transition::Reroute(write) => self.on_not_written(id, write),
        }
    }

    fn state_of(&self, connection: &Connection) -> State {
        match connection.phase.name() {
            ConnectionPhase::Waiting => State::Waiting,
            ConnectionPhase::Opening => State::Opening,
            ConnectionPhase::Dialing => State::Dialing,
            ConnectionPhase::Greeting => State::Greeting,
            ConnectionPhase::Active => State::Active,
            ConnectionPhase::Draining if self.is_stopping() => State::Stopping,
            ConnectionPhase::Draining if self.is_up(connection.slot) => State::Replaced,
            ConnectionPhase::Draining => State::Draining,
            ConnectionPhase::Closing => State::Closing,
            ConnectionPhase::Lingering => State::Lingering,
        }
    }

    /// Adds a new connection to a slot. Its attempt begins at `until`.
    pub(super) fn attempt_at(&mut self, slot: usize, until: Instant, turn_limit: Option<Instant>) {
        let id = ConnectionId(self.next_connection);
        self.next_connection += 1;
        self.connections.push(Connection { id, slot, phase: Phase::Waiting(Wait { until, turn_limit }) });
    }

    /// The attempt begins: from `Waiting` to `Opening`.
    pub(super) fn start(&mut self, Place { id, slot }: Place) {
        self.enter(id, Phase::Opening { deadline: self.now + self.config.open_timeout });
        self.budget.take(&self.config, self.now);
        self.stats.opens += 1;
        let attempt = self.setbacks.get(slot).map_or(1, |setbacks| setbacks.failures.saturating_add(1));
        self.tell(Notice::Connecting { connection: id, attempt });
        self.act(id, Action::Open);
    }

    fn dial(&mut self, id: ConnectionId, url: SocketUrl) {
        self.enter(id, Phase::Dialing { deadline: self.now + self.config.dial_timeout });
        self.stats.dials += 1;
        self.act(id, Action::Dial { url });
    }

    fn greet(&mut self, id: ConnectionId) {
        let deadline = self.now + self.config.hello_timeout;
        self.enter(id, Phase::Greeting { deadline, link: Link::new(self.now) });
    }

    fn activate(&mut self, Place { id, slot }: Place, hello: Hello) {
        let now = self.now;
        let rotate_at = match (self.config.rotate_before, hello.approximate_connection_time) {
            (Some(before), Some(lifetime)) if lifetime >= SHORTEST_LIFETIME.max(before.saturating_mul(2)) => {
                Some(now + (lifetime - before))
            }
            _ => None,
        };
        let limit = now + self.config.drain_timeout;
        for connection in self.connections.iter_mut().filter(|connection| connection.slot == slot) {
            if connection.id == id {
                connection.activate(now, rotate_at);
            } else if let Phase::Draining { until, .. } = &mut connection.phase {
                // Whatever was left from an earlier successor.
                *until = Some(limit);
            }
        }
        let counted = hello.num_connections;
        self.tell(Notice::Hello { connection: id, hello });
        if let Some(counted) = counted {
            self.count_others(id, counted);
        }
        self.stats.connected += 1;
        self.tell(Notice::Connected { connection: id, gap: self.gap_before(id) });
        self.send_parked();
    }

    /// How long nothing came before this connection was up. Zero if another one was up; `None` before the first.
    fn gap_before(&self, id: ConnectionId) -> Option<Duration> {
        let is_up = |other: &Connection| other.is_active() || other.is_draining();
        let is_another_up = self.connections.iter().any(|other| other.id != id && is_up(other));
        if is_another_up {
            Some(Duration::ZERO)
        } else {
            Some(self.now.saturating_since(self.rare.dark_since?))
        }
    }

    /// Begins to replace a connection.
    pub(super) fn rotate(&mut self, place: Place) {
        let (now, slot) = (self.now, place.slot);
        let life = self.life(place.id);
        let stable = self.reset_backoff_if_stable(place);
        let older = self.connections.iter().find(|other| other.slot == slot && other.is_draining());
        if let Some(older) = older.map(|older| older.id) {
            self.apply(older, Decoded::Drained);
        }
        if let Some(connection) = self.connection_mut(place.id) {
            connection.drain();
        }
        self.stats.rotations += 1;
        // If it was not stable, this counts for the back-off: a peer must not make us open connections without end.
        let delay =
            if stable { Duration::ZERO } else { shorten(self.retry_delay(slot, Retry::Eagerly), life) };
        self.attempt_at(slot, now + delay, Some(now + delay + TURN_LIMIT));
    }

    fn fail(&mut self, place: Place, error: ConnectionError, retry: Retry, end: End) {
        self.stats.failed_attempts += 1;
        let retry_in = self.retry_delay(place.slot, retry);
        self.tell(Notice::ConnectionError { connection: place.id, error, retry_in });
        self.end(place, end);
        if retry == Retry::TooMany && retry_in.is_zero() {
            self.make_room(place.slot);
        }
        self.attempt_at(place.slot, self.now + retry_in, None);
    }

    fn lose(&mut self, place: Place, reason: EndReason, retry: Retry, end: End) {
        let life = self.life(place.id);
        self.reset_backoff_if_stable(place);
        self.stats.lost_connections += 1;
        self.tell(Notice::Disconnected { connection: place.id, reason });
        self.end(place, end);
        let delay = shorten(self.retry_delay(place.slot, retry), life);
        self.attempt_at(place.slot, self.now + delay, None);
    }

    /// Closes the connection that a slot replaces.
    fn make_room(&mut self, slot: usize) {
        let old = self.connections.iter().find(|other| other.slot == slot && other.is_draining());
        if let Some(old) = old.map(|old| old.id) {
            self.apply(old, Decoded::MakeRoom);
        }
    }

    fn ping(&mut self, id: ConnectionId) {
        // One that nobody fetches is none.
        if !self.outputs.are_full() {
            self.stats.pings_sent += 1;
            self.act(id, Action::SendPing);
        }
        if let Some(link) = self.connection_mut(id).and_then(Connection::link_mut) {
            link.pinged = true;
        }
    }

    /// Stops the machine, or shortens the time until it stops.
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
        let attempts = self
            .connections
            .iter()
            .filter(|connection| connection.is_waiting() || connection.is_attempting());
        let end = |connection: &Connection| match connection.phase {
            Phase::Waiting(_) => End::Gone,
            Phase::Greeting { .. } => End::NORMAL,
            _ => End::Abort,
        };
        let attempts: Vec<_> =
            attempts.map(|connection| (Place::from(connection), end(connection))).collect();
        for (place, end) in attempts {
            self.end(place, end);
        }
        for connection in &mut self.connections {
            connection.drain_until(deadline);
        }
        if !self.connections.iter().any(Connection::is_draining) {
            self.lose_parked();
        }
    }

    pub(super) fn phase(&self, id: ConnectionId) -> Option<&Phase> {
        self.connection(id).map(|connection| &connection.phase)
    }

    pub(super) fn enter(&mut self, id: ConnectionId, phase: Phase) {
        if let Some(connection) = self.connection_mut(id) {
            connection.phase = phase;
        }
    }

    /// How long a connection has been up.
    fn life(&self, id: ConnectionId) -> Duration {
        match self.phase(id) {
            Some(&Phase::Active { since, .. }) => self.now.saturating_since(since),
            _ => Duration::ZERO,
        }
    }

    /// Resets the back-off of a slot if its connection has been up for long enough. Returns whether it has.
    fn reset_backoff_if_stable(&mut self, Place { id, slot }: Place) -> bool {
        let Some(&Phase::Active { since, .. }) = self.phase(id) else { return false };
        let stable = since + self.config.stable_after <= self.now;
        if let (true, Some(setbacks)) = (stable, self.setbacks.get_mut(slot)) {
            *setbacks = Setbacks::default();
        }
        stable
    }

    /// Counts a setback, and returns how long to wait.
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
                let is_second = setbacks.failures > 1;
                let mut up = self.connections.iter().filter(|other| other.is_active() || other.is_draining());
                if up.clone().any(|old| old.slot == slot) {
                    // Slack may count the old connection of this slot among the ten: if the second attempt fails, it is
                    // closed, and the third one follows at once.
                    if is_second {
                        return Duration::ZERO;
                    }
                } else if up.next().is_some() {
                    let longest = self.config.too_many_backoff;
                    return self.random.between(longest / 2, longest);
                }
                backoff::delay(&self.config, &mut self.random, count).min(TOO_MANY_CAP)
            }
        }
    }
}

/// The wait after a connection that has been up for so long.
fn shorten(delay: Duration, life: Duration) -> Duration {
    if life >= SHORTEST_USEFUL_LIFE { delay.min(life / UP_TO_DARK) } else { delay }
}
