//! Whom Slack counts, and who gets the next envelope: the links, those half-open among them, and the ghosts.

use super::State;
use crate::record::{LinkEnd, LinkId, LinkState};
use crate::state::links::Order;
use crate::state::timers::Deadline;
use std::time::Instant;

/// A place among the counted ones. The links come first, as they were dialled, and then the ghosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Seat {
    Link(LinkId),
    Ghost(usize),
}

impl State {
    /// The connections of an app, as Slack counts them.
    pub(crate) fn counted(&self, app_id: &str) -> usize {
        self.link_ids_of(app_id).len().saturating_add(self.ghosts_of(app_id))
    }

    /// Ghosts are the default app's.
    pub(crate) fn ghosts_of(&self, app_id: &str) -> usize {
        if app_id == self.apps.default.app_id { self.options.ghosts } else { 0 }
    }

    /// The seat for the next envelope of an app: each in turn.
    pub(crate) fn route(&mut self, app_id: &str, prefer: Option<LinkId>) -> Option<Seat> {
        let last = self.apps.entry(app_id)?.last_seat;
        let state = |id: &LinkId| self.links.get(*id).map(|link| link.info.state);
        let live = self.link_ids_of(app_id);
        let in_turn = |wanted: &[LinkState]| {
            let links = live.iter().filter(|id| state(id).is_some_and(|state| wanted.contains(&state)));
            let ghosts = 0..self.ghosts_of(app_id);
            let mut seats = links.copied().map(Seat::Link).chain(ghosts.map(Seat::Ghost));
            let first = seats.clone().next();
            seats.find(|seat| *seat > last).or(first)
        };
        let any = [LinkState::Open, LinkState::Warned];
        match prefer {
            Some(id) if live.contains(&id) && state(&id).is_some_and(|s| any.contains(&s)) => {
                Some(Seat::Link(id))
            }
            _ if self.options.route_to_warned => in_turn(&any),
            _ => in_turn(&[LinkState::Open]).or_else(|| in_turn(&any)),
        }
    }

    /// A ping goes out. Unless something comes, the link is not counted for ever.
    pub(crate) fn expect_a_sign(&mut self, id: LinkId) {
        let after = self.options.counts_dead_for;
        let Some(link) = self.links.get_mut(id) else { return };
        if link.sign_due.is_none() && link.info.state != LinkState::Closed {
            link.sign_due = Some(self.timers.set(after, Deadline::Silent(id)));
        }
    }

    /// Something came from the client.
    pub(crate) fn alive(&mut self, id: LinkId) {
        if let Some(link) = self.links.get_mut(id) {
            link.heard = Instant::now();
            self.timers.cancel(link.sign_due.take());
        }
    }

    /// Nothing has come for as long as a dead link is counted.
    pub(crate) fn give_up(&mut self, id: LinkId) {
        self.end(id, Order::Reset, LinkEnd::Silent);
    }
}
