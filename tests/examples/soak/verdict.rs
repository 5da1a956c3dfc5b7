//! What the run has shown, and whether that is good.

use serde_json::Value;
use socketmode_simulator::Counters;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::client::CONNECTIONS;
use crate::faults::NOTHING;
use crate::memory::Memory;

/// Everything that is looked at.
pub(crate) struct Figures {
    pub(crate) sent: u64,
    pub(crate) took: Duration,
    pub(crate) faults: BTreeMap<String, u64>,
    pub(crate) slack: Counters,
    /// Whether Slack had all acknowledgements in the end.
    pub(crate) quiet: bool,
    pub(crate) connections: usize,
    /// The client's.
    pub(crate) memory: Memory,
    pub(crate) must_be_flat: bool,
    pub(crate) client: Value,
}

impl Figures {
    pub(crate) fn print(&self) {
        let Counters { deliveries, redeliveries, acks, late_acks, opens, longest_gap, .. } = self.slack;
        let rate = self.sent as f64 / self.took.as_secs_f64();
        println!("sent: {} events in {:.1} s, {rate:.0} a second", self.sent, self.took.as_secs_f64());
        println!("faults: {:?}", self.faults);
        println!(
            "slack: {deliveries} deliveries ({redeliveries} again), {acks} acknowledgements ({late_acks} late),"
        );
        println!("  {} unknown, {} duplicate,", self.slack.unknown_acks, self.slack.duplicate_acks);
        println!("  {} given up, {} forgotten,", self.slack.timed_out, self.slack.forgotten);
        println!("  {opens} opens, {} links; longest time without any: {longest_gap:?}", self.slack.hellos);
        println!("wire: {} connections", self.connections);
        println!("client: {:#}", self.client);
        println!("memory: {}", self.memory);
    }

    /// What must not be.
    pub(crate) fn failures(&self) -> Vec<String> {
        let slack = &self.slack;
        let outcomes: u64 = ["sent", "elsewhere", "late", "lost"]
            .iter()
            .map(|name| self.client(&format!("/outcomes/{name}")))
            .sum();
        // Each open has a cause that the client tells of.
        let causes = CONNECTIONS as u64
            + ["lost_connections", "rotations", "failed_attempts"]
                .iter()
                .map(|name| self.client(&format!("/{name}")))
                .sum::<u64>();
        let struck = self.faults.iter().filter(|(kind, _)| *kind != NOTHING).map(|(_, many)| many).sum();
        let none = [
            ("events not acknowledged in the end", u64::from(!self.quiet) * slack.unacked.max(1)),
            ("events that Slack gave up", slack.timed_out),
            ("events that Slack lost", slack.lost_events),
            ("events that Slack forgot", slack.forgotten),
            ("events that were not delivered", self.sent - self.told("/delivered")),
            ("events delivered again though acknowledged", self.told("/again_though_acknowledged")),
            ("acknowledgements without an outcome", self.told("/without_an_outcome")),
            ("acknowledgements with an outcome of another kind", self.told("/requests") - outcomes),
            ("acknowledgements of what was never sent", slack.unknown_acks),
            ("acknowledgements beyond one a delivery", slack.duplicate_acks),
            ("messages that are no acknowledgement", slack.strange_messages),
            ("messages that were not understood", self.client("/bad_messages")),
            ("opens without a cause", slack.opens.saturating_sub(causes)),
            ("faults fewer than one in two seconds", (self.took.as_secs() / 2).saturating_sub(struck)),
        ];
        let mut failures: Vec<_> =
            none.iter().filter(|(_, many)| *many > 0).map(|(what, many)| format!("{many} {what}")).collect();
        match self.memory.first_and_last() {
            _ if !self.must_be_flat => {}
            Some((first, last)) if last.abs_diff(first) * 40 < first => {}
            Some((first, last)) => {
                failures.push(format!("the memory is not flat: {first} KiB, then {last} KiB"));
            }
            None => failures.push("the memory was not measured".to_owned()),
        }
        failures
    }

    /// What the client always tells.
    fn told(&self, pointer: &str) -> u64 {
        self.client.pointer(pointer).and_then(Value::as_u64).expect(pointer)
    }

    /// What the client tells of if there was any.
    fn client(&self, pointer: &str) -> u64 {
        self.client.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
    }
}
