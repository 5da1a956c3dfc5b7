//! What the state itself triggers: an attempt that may start, a rotation that may start, a drain that is done, a peer that
//! does not read, the end. [`SocketMode::advance`] applies it after every event, until nothing changes.

use super::table::Decoded;
use super::transitions::Place;
use super::{Run, SocketMode};
use crate::connection::{Connection, Link, Phase, Wait};
use crate::limits::MAX_CONNECTIONS;
use crate::notice::EndReason;
use crate::output::Output;
use crate::time::Instant;
use alloc::vec::Vec;

impl SocketMode {
    /// Applies what the state triggers until nothing changes. It ends because each step moves a connection forward.
    pub(super) fn advance(&mut self) {
        self.tell_overflow();
        while match self.run {
            Run::Running => {
                self.adjust_slots();
                self.end_stuck() || self.finish_drain() || self.begin_rotation() || self.begin_attempt()
            }
            Run::Stopping { .. } => self.end_stuck() || self.finish_stop(),
            Run::Stopped => false,
        } {}
    }

    /// Ends a connection on which too much waits to be written.
    fn end_stuck(&mut self) -> bool {
        let is_stuck =
            |connection: &&Connection| connection.link().is_some_and(|link| link.writes.is_overfull());
        let stuck = self.connections.iter().find(is_stuck).map(|connection| connection.id);
        if let Some(id) = stuck {
            self.apply(id, Decoded::Dead(EndReason::TooManyUnwritten));
        }
        stuck.is_some()
    }

    fn finish_drain(&mut self) -> bool {
        let drained = self.connections.iter().find(|connection| self.is_drained(connection));
        let drained = drained.map(|connection| connection.id);
        if let Some(id) = drained {
            self.apply(id, Decoded::Drained);
        }
        drained.is_some()
    }

    fn is_drained(&self, connection: &Connection) -> bool {
        let Phase::Draining { link, .. } = &connection.phase else { return false };
        match self.drain_quiet_at(connection.slot, link) {
            Some(quiet_at) => {
                (quiet_at <= self.now || self.is_room_short()) && !self.is_waiting_for_acks_of(connection)
            }
            // All ten connections are in use: the successor has no room before this one closes.
            None => {
                let successor = self
                    .connections
                    .iter()
                    .find(|successor| successor.slot == connection.slot && self.lacks_room(successor));
                let others_leave =
                    self.connections.iter().any(|other| other.id != connection.id && self.makes_room(other));
                let in_vain = |successor: &Connection| matches!(&successor.phase, Phase::Waiting(wait) if wait.turn_limit.is_none_or(|limit| limit <= self.now));
                successor.is_some_and(|successor| {
                    !others_leave && (in_vain(successor) || !self.is_waiting_for_acks_of(connection))
                })
            }
        }
    }

    /// Whether a connection will end and make room. Not if its successor waits for room: two could wait for each other.
    fn makes_room(&self, connection: &Connection) -> bool {
        let successor_has_room = || {
            self.connections.iter().any(|successor| {
                successor.slot == connection.slot && (successor.is_attempting() || successor.is_active())
            })
        };
        connection.is_closing() || (connection.is_draining() && successor_has_room())
    }

    /// When a draining link has been quiet for long enough, if its successor is up.
    pub(super) fn drain_quiet_at(&self, slot: usize, link: &Link) -> Option<Instant> {
        let successor_since = self.connections.iter().find_map(|successor| match successor.phase {
            Phase::Active { since, .. } if successor.slot == slot => Some(since),
            _ => None,
        })?;
        Some(successor_since.max(link.last_envelope) + self.config.drain_quiet)
    }

    /// Slots rotate one at a time.
    fn begin_rotation(&mut self) -> bool {
        let is_due = |connection: &&Connection| match connection.phase {
            Phase::Active { rotate_at: Some(at), .. } => {
                at <= self.now && !self.is_rotation_blocked(connection.slot)
            }
            _ => false,
        };
        let due = self.connections.iter().find(is_due).map(Place::from);
        if let Some(place) = due {
            self.rotate(place);
        }
        due.is_some()
    }

    /// Whether a rotation or an attempt of another slot is in progress.
    pub(super) fn is_rotation_blocked(&self, slot: usize) -> bool {
        let rotations_are_done =
            self.connections.iter().all(|old| old.slot == slot || !old.is_draining() || self.is_up(old.slot));
        !rotations_are_done || self.is_another_slot_attempting(slot)
    }

    /// Whether a slot has a connection that is up.
    pub(super) fn is_up(&self, slot: usize) -> bool {
        self.connections.iter().any(|connection| connection.slot == slot && connection.is_active())
    }

    /// Not while nobody fetches what earlier ones have put out.
    fn begin_attempt(&mut self) -> bool {
        if self.outputs.are_full() {
            return false;
        }
        let is_ready = |connection: &&Connection| self.is_ready(connection) && self.has_room(connection.slot);
        let ready = self.connections.iter().find(is_ready).map(Place::from);
        if let Some(place) = ready {
            self.start(place);
        }
        ready.is_some()
    }

    /// When a waiting attempt may begin, as far as time alone decides.
    pub(super) fn due_at(&self, wait: &Wait) -> Instant {
        wait.until.max(self.hold).max(self.budget.available_at(&self.config))
    }

    fn is_ready(&self, connection: &Connection) -> bool {
        let Phase::Waiting(wait) = &connection.phase else { return false };
        let its_turn = wait
            .turn_limit
            .is_none_or(|limit| limit <= self.now || !self.is_another_slot_attempting(connection.slot));
        self.due_at(wait) <= self.now && its_turn
    }

    /// Whether an attempt of another slot is in progress, as part of a rotation or not.
    fn is_another_slot_attempting(&self, slot: usize) -> bool {
        self.connections.iter().any(|other| other.slot != slot && other.is_attempting())
    }

    /// At most ten connections for an app, and two for a slot.
    fn has_room(&self, slot: usize) -> bool {
        let used = |test: &dyn Fn(&Connection) -> bool| {
            self.connections.iter().filter(|c| !c.is_waiting() && !c.is_lingering() && test(c)).count()
        };
        used(&|_| true) < MAX_CONNECTIONS && used(&|connection| connection.slot == slot) < 2
    }

    fn lacks_room(&self, connection: &Connection) -> bool {
        self.is_ready(connection) && !self.has_room(connection.slot)
    }

    fn is_room_short(&self) -> bool {
        self.connections.iter().any(|connection| self.lacks_room(connection))
    }

    fn finish_stop(&mut self) -> bool {
        if self.connections.iter().all(Connection::is_lingering) {
            for id in self.connections.iter().map(|connection| connection.id).collect::<Vec<_>>() {
                self.apply(id, Decoded::LingerTimedOut);
            }
            self.settle_all();
            self.tell_shed();
            if let Run::Stopping { reason } = core::mem::replace(&mut self.run, Run::Stopped) {
                self.outputs.push(Output::Stopped(reason));
            }
            return false;
        }
        if self.is_waiting_for_acks() {
            return false;
        }
        let draining = self.connections.iter().find(|connection| connection.is_draining());
        let draining = draining.map(|connection| connection.id);
        if let Some(id) = draining {
            self.apply(id, Decoded::Drained);
        }
        draining.is_some()
    }
}
