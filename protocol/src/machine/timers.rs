//! Timers: what is due, in which order, and what happens then.

use super::table::Decoded;
use super::{Backlog, SocketMode};
use crate::acks::deliveries::AckDue;
use crate::connection::{Connection, ConnectionDue, Phase};
use crate::ids::ConnectionId;
use crate::notice::EndReason;
use crate::output::{Deadline, DeadlineReason};
use crate::time::Instant;

/// Something that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// Triggered by the state itself: see [`advance`](SocketMode::advance).
    Attempt(ConnectionId),
    Rotation(ConnectionId),
    DrainQuiet(ConnectionId),
    Connection(ConnectionId, ConnectionDue),
    Ack(AckDue),
    Backlog,
}

impl Due {
    fn reason(self) -> DeadlineReason {
        match self {
            Self::Attempt(_) => DeadlineReason::NextAttempt,
            Self::Rotation(_) => DeadlineReason::Rotation,
            Self::DrainQuiet(_) => DeadlineReason::DrainQuiet,
            Self::Connection(_, due) => due.reason(),
            Self::Ack(due) => due.reason(),
            Self::Backlog => DeadlineReason::Backlog,
        }
    }
}

impl SocketMode {
    pub(super) fn next_deadline(&self) -> Option<Deadline> {
        self.next_due().map(|(at, due)| Deadline { at, reason: due.reason() })
    }

    /// What is due next, as far as only time is missing. At the same time, the smaller reason comes first, then the older
    /// connection.
    fn next_due(&self) -> Option<(Instant, Due)> {
        let mut next: Option<(Instant, Due)> = None;
        let mut offer = |offered: Option<(Instant, Due)>| {
            let Some((at, due)) = offered else { return };
            if next.is_none_or(|(first, other)| at < first || at == first && due.reason() < other.reason()) {
                next = offered;
            }
        };
        for connection in &self.connections {
            let alone = connection.due(&self.config);
            offer(alone.map(|(at, due)| (at, Due::Connection(connection.id, due))));
            offer(self.shared_due(connection));
        }
        let acks = self.deliveries.due(self.config.late_ack_window);
        offer(acks.map(|(at, due)| (at, Due::Ack(due))));
        offer(match self.backlog {
            Backlog::Paused { until } => Some((until, Due::Backlog)),
            Backlog::Clear | Backlog::Shedding { .. } => None,
        });
        next
    }

    /// What also depends on other connections.
    fn shared_due(&self, connection: &Connection) -> Option<(Instant, Due)> {
        let later = |at, due| Some((at, due)).filter(|_| at > self.now);
        let id = connection.id;
        match &connection.phase {
            // It cannot begin, and the next look at it is due.
            Phase::Waiting(_) if self.outputs.are_full() => {
                later(self.now + self.config.open_interval, Due::Attempt(id))
            }
            Phase::Waiting(wait) => later(self.due_at(wait), Due::Attempt(id))
                .or_else(|| wait.turn_limit.and_then(|limit| later(limit, Due::Attempt(id)))),
            Phase::Active { rotate_at: Some(at), .. } => later(*at, Due::Rotation(id)),
            Phase::Draining { link, .. } => {
                self.drain_quiet_at(connection.slot, link).and_then(|at| later(at, Due::DrainQuiet(id)))
            }
            _ => None,
        }
    }

    /// Fires everything that is due, in the order of time, and only then advances the state: after a long sleep, a dead
    /// link must end before a rotation of it begins.
    pub(super) fn fire_due(&mut self) {
        loop {
            while let Some((_, due)) = self.next_due().filter(|(at, _)| *at <= self.now) {
                self.fire(due);
            }
            self.advance();
            if self.next_due().is_none_or(|(at, _)| at > self.now) {
                return;
            }
        }
    }

    fn fire(&mut self, due: Due) {
        match due {
            Due::Attempt(_) | Due::Rotation(_) | Due::DrainQuiet(_) => {}
            Due::Connection(id, due) => self.apply(
                id,
                match due {
                    ConnectionDue::OpenTimeout => Decoded::OpenTimedOut,
                    ConnectionDue::DialTimeout => Decoded::DialTimedOut,
                    ConnectionDue::HelloTimeout => Decoded::HelloTimedOut,
                    ConnectionDue::Silence => Decoded::Dead(EndReason::Silent),
                    ConnectionDue::ServerPing => Decoded::Dead(EndReason::NoServerPing),
                    ConnectionDue::ClientPing => Decoded::QuietTooLong,
                    ConnectionDue::DrainTimeout => Decoded::DrainTimedOut,
                    ConnectionDue::CloseTimeout => Decoded::CloseTimedOut,
                    ConnectionDue::Linger => Decoded::LingerTimedOut,
                },
            ),
            Due::Ack(AckDue::Auto) => {
                if let Some(token) = self.deliveries.next_auto() {
                    self.acknowledge_by_policy(token);
                }
            }
            Due::Ack(AckDue::Overdue) => {
                if let Some(token) = self.deliveries.next_overdue() {
                    self.on_overdue(token);
                }
            }
            Due::Ack(AckDue::Expired) => {
                if let Some(token) = self.deliveries.oldest() {
                    self.on_expired(token);
                }
            }
            Due::Backlog => self.backlog = Backlog::Shedding { envelopes: 0 },
        }
    }
}
