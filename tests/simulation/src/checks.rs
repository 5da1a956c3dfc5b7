//! What is looked at while a client lives.

use std::future::Future;
use std::pin::Pin;

use socketmode_protocol::limits::{MAX_CONNECTIONS, MAX_LINGERING, MAX_OUTSTANDING};

use super::run::Run;
use socketmode_model::invariants::{Invariant, Violation, hold};

/// Polls in one simulated second that nothing has to happen for.
const FREE_POLLS: u64 = 64;

impl Run {
    pub(super) fn check_opening(&self) -> Result<(), Violation> {
        hold(!self.stopping, Invariant::NothingOpensWhileStopping, || "opened".into())?;
        // Those that linger look the same from here.
        let held = self.memory.held();
        let most = MAX_CONNECTIONS + MAX_LINGERING;
        hold(held <= most, Invariant::TenConnectionsAtMost, || format!("{held}"))?;
        let slots = self.plan.config.outnumber.unwrap_or(self.plan.slots);
        let most = 2 * slots + MAX_LINGERING;
        hold(held <= most, Invariant::TwoConnectionsASlot, || format!("{held}"))
    }

    /// Each envelope that was taken from a link is delivered or counted. What came with a link's last breath is stray.
    pub(super) fn check_accounts(&self) -> Result<(), Violation> {
        let stats = self.client.stats();
        let of_copies = stats.copies_acknowledged + stats.copies_held + stats.copies_shed;
        let counted = stats.delivered + of_copies + stats.shed + stats.shed_while_stopping;
        let read = self.ledger.envelopes();
        hold(
            counted <= read && read - counted <= stats.stray_inputs,
            Invariant::EveryDeliveryIsAccountedFor,
            || format!("{read} came: {stats:?}"),
        )?;
        let settled = stats.acknowledged + stats.ack_lost + stats.declined + stats.expired;
        hold(stats.delivered == settled + stats.outstanding, Invariant::EveryDeliveryIsAccountedFor, || {
            format!("{stats:?}")
        })
    }

    pub(super) fn check_pace(&mut self) -> Result<(), Violation> {
        let second = self.now().as_millis() / 1_000;
        if self.second.0 != second {
            self.second = (second, self.driving.polls(), 0);
        }
        let (_, before, stimuli) = self.second;
        let polls = self.driving.polls().saturating_sub(before);
        hold(polls <= FREE_POLLS + 4 * stimuli, Invariant::NoHotLoop, || {
            format!("{polls} polls for {stimuli} events in a second")
        })
    }

    pub(super) fn check_size(&self) -> Result<(), Violation> {
        let outstanding = usize::try_from(self.client.stats().outstanding).unwrap();
        // One of the loop, and one of each link on which writing has failed.
        let sleepers = 1 + self.memory.links().len();
        let small = self.memory.sleepers() <= sleepers && outstanding <= MAX_OUTSTANDING;
        hold(small, Invariant::QueuesAreBounded, || {
            format!("{} sleepers, {outstanding} outstanding", self.memory.sleepers())
        })
    }

    /// A poll that nobody asked for. What the application dropped is not urgent, and found by whatever poll comes next.
    pub(super) fn poll_for_nothing(&mut self) -> Result<(), Violation> {
        let Some(driver) = &mut self.driver else { return Ok(()) };
        if self.told_drops != self.app.dropped() {
            return Ok(());
        }
        let polled = self.driving.poll(|cx| Pin::new(driver).poll(cx));
        self.memory.asked(&mut self.asked);
        // It does not count.
        self.second.1 += 1;
        let idle = polled.is_pending()
            && self.asked.is_empty()
            && !self.driving.is_woken()
            && !self.reading.is_woken();
        hold(idle, Invariant::WakeUpsAreHeard, || format!("{polled:?} {:?}", self.asked))
    }
}
