//! What time does to a link: its rotation, and the end of its TCP connection.

use super::State;
use super::links::{NORMAL_CLOSE, Order};
use super::timers::Deadline;
use crate::record::{LinkEnd, LinkId};
use std::time::Duration;

impl State {
    /// Rotates a link as Slack does: a warning, some grace, a close. Once the next link has said hello, or at the end of
    /// the grace, `refresh_requested` comes on the old one.
    pub(crate) fn rotate(&mut self, id: LinkId) {
        self.disconnect(id, "warning");
        if let Some(link) = self.links.get_mut(id) {
            link.refresh_due = !self.options.lenient;
        }
        let grace = self.options.rotation_grace;
        self.set_fate(id, grace, Deadline::CutWarned(id));
    }

    /// The grace of a link that rotates is over.
    pub(crate) fn cut_warned(&mut self, id: LinkId) {
        self.refresh(id);
        if self.options.rotation_without_close {
            self.end(id, Order::Drop, LinkEnd::Dropped);
        } else {
            self.close(id, NORMAL_CLOSE, "rotated");
        }
    }

    /// A link that rotates is to be left at once; it is told so once.
    pub(super) fn refresh(&mut self, id: LinkId) {
        if self.links.get_mut(id).is_some_and(|link| std::mem::take(&mut link.refresh_due)) {
            self.disconnect(id, "refresh_requested");
        }
    }

    /// TCP is not left to the client for ever.
    pub(super) fn limit_tcp(&mut self, id: LinkId) {
        let wait =
            if self.options.closes_tcp() { self.options.close_wait } else { self.options.counts_dead_for };
        self.set_fate(id, wait, Deadline::CloseUnanswered(id));
    }

    fn set_fate(&mut self, id: LinkId, after: Duration, deadline: Deadline) {
        let Some(link) = self.links.get_mut(id) else { return };
        self.timers.cancel(link.fate.take());
        link.fate = Some(self.timers.set(after, deadline));
    }
}
