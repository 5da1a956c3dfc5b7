//! Every deadline, and what happens at it.

use super::transitions::{CLOSE_NORMAL, Leave, Retry};
use super::{Backlog, SocketMode};
use crate::connection::{Connection, Link, Phase};
use crate::event::{ConnectionError, DisconnectedReason};
use crate::ids::ConnectionId;
use crate::output::{Action, Deadline, DeadlineReason};

/// What a deadline belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Connection(ConnectionId),
    Ledger,
    Backlog,
}

impl SocketMode {
    /// The earliest deadline. A condition that waits for something else than time has none.
    pub(super) fn next_deadline(&self) -> Option<(Deadline, Owner)> {
        let connections = self.connections.iter().filter_map(|connection| {
            let deadline = [connection.deadline(&self.config), self.shared_deadline(connection)]
                .into_iter()
                .flatten()
                .min();
            deadline.map(|deadline| (deadline, Owner::Connection(connection.id)))
        });
        let ledger = self.ledger.deadline(self.config.late_ack_window);
        let ledger = ledger.map(|deadline| (deadline, Owner::Ledger));
        let backlog = match self.backlog {
            Backlog::Paused { until } => {
                Some((Deadline { at: until, reason: DeadlineReason::Backlog }, Owner::Backlog))
            }
            Backlog::Clear | Backlog::Shedding { .. } => None,
        };
        connections.chain(ledger).chain(backlog).min()
    }

    /// The deadlines of a connection that depend on others too.
    fn shared_deadline(&self, connection: &Connection) -> Option<Deadline> {
        let later = |at, reason| Some(Deadline { at, reason }).filter(|_| at > self.now);
        match &connection.phase {
            Phase::Waiting(wait) => later(self.due_at(wait), DeadlineReason::NextAttempt)
                .or_else(|| wait.turn_limit.and_then(|limit| later(limit, DeadlineReason::NextAttempt))),
            Phase::Active { rotate_at: Some(at), .. } => later(*at, DeadlineReason::Rotation),
            Phase::Draining { link, .. } => self
                .drain_quiet_at(connection.slot, link)
                .and_then(|at| later(at, DeadlineReason::DrainQuiet)),
            Phase::Active { rotate_at: None, .. }
            | Phase::Opening { .. }
            | Phase::Dialing { .. }
            | Phase::Greeting { .. }
            | Phase::Closing { .. } => None,
        }
    }

    /// Fires every deadline that is due, in the order of their times, and only then applies what the state calls for:
    /// after a long sleep a link is found dead before anybody thinks of replacing it.
    pub(super) fn fire_due(&mut self) {
        loop {
            while let Some((deadline, owner)) =
                self.next_deadline().filter(|(deadline, _)| deadline.at <= self.now)
            {
                match owner {
                    Owner::Connection(id) => self.fire(id, deadline.reason),
                    Owner::Ledger => self.fire_ledger(deadline.reason),
                    Owner::Backlog => self.backlog = Backlog::Shedding { envelopes: 0 },
                }
            }
            self.settle();
            if self.next_deadline().is_none_or(|(deadline, _)| deadline.at > self.now) {
                return;
            }
        }
    }

    fn fire(&mut self, id: ConnectionId, reason: DeadlineReason) {
        let Some(index) = self.index_of(id) else { return };
        match reason {
            DeadlineReason::OpenTimeout => {
                self.fail(index, ConnectionError::OpenTimedOut, Retry::Backoff, Leave::Abort);
            }
            DeadlineReason::DialTimeout => {
                self.fail(index, ConnectionError::DialTimedOut, Retry::Backoff, Leave::Abort);
            }
            DeadlineReason::HelloTimeout => {
                self.fail(index, ConnectionError::HelloTimedOut, Retry::Backoff, Leave::Abort);
            }
            DeadlineReason::Silence => self.end_dead_link(index, DisconnectedReason::Silent),
            DeadlineReason::ServerPing => self.end_dead_link(index, DisconnectedReason::NoServerPing),
            DeadlineReason::ClientPing => {
                self.stats.pings_sent += 1;
                self.act(id, Action::SendPing);
                if let Some(link) = self.connections.get_mut(index).and_then(Connection::link_mut) {
                    Link::pinged(link);
                }
            }
            DeadlineReason::DrainTimeout => {
                let handed_over = self.connections.get(index).is_some_and(|old| self.is_up(old.slot));
                let reason = match (self.is_stopping(), handed_over) {
                    (true, _) => DisconnectedReason::Stopped,
                    (false, true) => DisconnectedReason::Rotated,
                    (false, false) => DisconnectedReason::DrainTimedOut,
                };
                self.close(index, CLOSE_NORMAL, reason);
            }
            DeadlineReason::CloseTimeout => self.leave(index, Leave::TimedOut),
            // These the state itself triggers, once their time has come.
            DeadlineReason::NextAttempt | DeadlineReason::Rotation | DeadlineReason::DrainQuiet => {}
            DeadlineReason::AutoAck
            | DeadlineReason::AckOverdue
            | DeadlineReason::AckExpired
            | DeadlineReason::Backlog => {}
        }
    }

    pub(super) fn end_dead_link(&mut self, index: usize, reason: DisconnectedReason) {
        let Some(connection) = self.connections.get(index) else { return };
        match connection.phase {
            Phase::Greeting { .. } => {
                self.fail(index, ConnectionError::HelloTimedOut, Retry::Backoff, Leave::Abort);
            }
            Phase::Active { .. } => self.lose(index, reason, Retry::AtOnce, Leave::Abort),
            Phase::Draining { .. } => self.part(index, reason, Leave::Abort),
            Phase::Waiting(_) | Phase::Opening { .. } | Phase::Dialing { .. } | Phase::Closing { .. } => {}
        }
    }

    fn fire_ledger(&mut self, reason: DeadlineReason) {
        match reason {
            DeadlineReason::AutoAck => {
                if let Some(token) = self.ledger.next_auto() {
                    self.acknowledge_by_policy(token);
                }
            }
            DeadlineReason::AckOverdue => {
                if let Some(token) = self.ledger.next_overdue() {
                    self.on_overdue(token);
                }
            }
            DeadlineReason::AckExpired => {
                if let Some(token) = self.ledger.oldest() {
                    self.on_expired(token);
                }
            }
            DeadlineReason::NextAttempt
            | DeadlineReason::OpenTimeout
            | DeadlineReason::DialTimeout
            | DeadlineReason::HelloTimeout
            | DeadlineReason::Silence
            | DeadlineReason::ServerPing
            | DeadlineReason::ClientPing
            | DeadlineReason::Rotation
            | DeadlineReason::DrainQuiet
            | DeadlineReason::DrainTimeout
            | DeadlineReason::CloseTimeout
            | DeadlineReason::Backlog => {}
        }
    }
}
