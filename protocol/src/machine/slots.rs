//! How many connections to hold, and how many Slack counts that are not the client's own.

use alloc::vec::Vec;

use super::table::Decoded;
use super::{Setbacks, SocketMode};
use crate::connection::Connection;
use crate::ids::ConnectionId;
use crate::limits::{MAX_CONNECTIONS, START_STAGGER};
use crate::notice::Notice;

impl SocketMode {
    /// How many connections of this app Slack counts that are not the client's own, from the last hello. `None` before the
    /// first one, or if no hello has a count.
    #[must_use]
    pub fn other_connections(&self) -> Option<u32> {
        self.rare.others
    }

    /// How many connections Slack counts that are not the client's own. Those that are closing, or whose hello has not
    /// arrived, may be counted or not: as long as it can be the same number as before, it is.
    pub(super) fn count_others(&mut self, connection: ConnectionId, counted: u32) {
        let own = |test: fn(&Connection) -> bool| {
            let own = self.connections.iter().filter(|other| test(other)).count();
            counted.saturating_sub(u32::try_from(own).unwrap_or(u32::MAX))
        };
        let most = own(|other| other.is_active() || other.is_draining());
        let least = own(|other| other.has_socket() && !other.is_lingering());
        let before = self.rare.others.replace(self.rare.others.unwrap_or(0).clamp(least, most));
        let (others, expected) = (self.rare.others.unwrap_or(0), self.config.expect_other_connections);
        if others > expected || before.is_some_and(|before| before > expected) {
            self.tell(Notice::OtherConnections { connection, others, expected });
        }
    }

    /// How many slots there should be.
    fn wanted_slots(&self) -> usize {
        let (slots, others) = (self.config.connections, self.rare.others.unwrap_or(0));
        match self.config.outnumber {
            Some(most) if others > self.config.expect_other_connections => {
                let others = usize::try_from(others).unwrap_or(usize::MAX);
                most.min((MAX_CONNECTIONS - 1).saturating_sub(others)).max(slots)
            }
            _ => slots,
        }
    }

    /// Adds slots while Slack counts connections of others, and removes them afterwards.
    pub(super) fn adjust_slots(&mut self) {
        let wanted = self.wanted_slots();
        let mut at = self.now;
        for slot in self.setbacks.len()..wanted {
            self.setbacks.push(Setbacks::default());
            at = at + START_STAGGER;
            self.attempt_at(slot, at, None);
        }
        if self.setbacks.len() > wanted {
            self.setbacks.truncate(wanted);
            let surplus = self.connections.iter().filter(|connection| connection.slot >= wanted);
            for id in surplus.map(|connection| connection.id).collect::<Vec<_>>() {
                self.apply(id, Decoded::Surplus);
            }
        }
    }
}
