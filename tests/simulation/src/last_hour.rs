//! The last hour of a run: Slack behaves, the client has to be well, and then it ends.

use std::time::Duration;

use socketmode_protocol::Instant;

use super::application::{Manner, PROMPT};
use super::run::Run;
use super::transport::Gate;
use super::{Report, Sabotage};
use socketmode_model::invariants::{Invariant, Violation, hold};
use socketmode_model::world::agenda::Wire;
use socketmode_model::world::script::OpenAnswer;
use socketmode_model::world::slack::disconnect;

/// Slack behaves for so long before the end. It has asked for waits of ten minutes.
const CALM: Duration = Duration::from_secs(1_200);
/// After so much of it the client has to be well.
const RECOVERY: Duration = Duration::from_secs(900);
/// What people say then.
const LAST_WORDS: u64 = 12;
/// The longest that an end takes.
const END: Duration = Duration::from_secs(90);

impl Run {
    pub(super) fn calm_at(&self) -> Instant {
        let calm = self.plan.lasts.saturating_sub(CALM);
        Instant::ZERO + calm
    }

    /// The whole of it.
    pub(super) fn live(&mut self) -> Result<Report, Violation> {
        self.schedule_fault();
        self.next_words();
        self.live_until(self.calm_at())?;
        self.calm_down();
        self.live_until(self.calm_at() + RECOVERY)?;
        let said = self.say(LAST_WORDS);
        self.live_until(Instant::ZERO + self.plan.lasts)?;
        self.check_health(&said)?;
        let stats_before = self.client.stats();
        self.end()?;
        let stats = self.client.stats();
        let is_on = stats.frames >= stats_before.frames && stats.outstanding == 0 || self.reason.is_none();
        hold(is_on, Invariant::StoppedOnceAndLast, || format!("{stats:?}"))?;
        Ok(Report {
            trace: self.trace.hash(),
            lived: self.now().saturating_since(Instant::ZERO),
            polls: self.driving.polls(),
            faults: self.faults.counts.clone(),
            dark: self.faults.dark.clone(),
            stats,
        })
    }

    fn calm_down(&mut self) {
        self.faults.over = true;
        self.slack.default_answer = OpenAnswer::Link;
        self.slack.ghosts = 0;
        self.slack.answers.clear();
        self.slack.dials.clear();
        self.slack.greetings.clear();
        self.make_brisk();
        for link in self.memory.links() {
            self.memory.gate(link, Gate::Open, Gate::Open, false);
        }
        self.cables.values_mut().for_each(|cable| cable.delay = Duration::ZERO);
        self.app.manner = Manner { forgets: self.app.manner.forgets, ..PROMPT };
        self.app.reads_at = self.app.reads_at.min(self.memory.time() + Duration::from_secs(1));
        self.reading.wake();
    }

    fn check_health(&mut self, said: &[String]) -> Result<(), Violation> {
        let links = self.memory.links();
        let live = links.iter().filter(|&&link| self.slack.is_live(link)).count();
        hold(live >= self.plan.slots, Invariant::ConnectedWhenSlackBehaves, || {
            format!("{live} of {links:?}")
        })?;
        let lost: Vec<_> = said.iter().filter(|id| !self.slack.is_acknowledged(id)).collect();
        hold(lost.is_empty() && self.slack.waiting() == 0, Invariant::DeliveredWhenSlackBehaves, || {
            format!("{lost:?} were not acknowledged, {} wait", self.slack.waiting())
        })?;
        let lying: usize = links.iter().map(|&link| self.memory.lying(link)).map(|(r, w)| r + w).sum();
        hold(lying == 0, Invariant::QueuesAreBounded, || format!("{lying} frames lie in the links"))?;
        let waits = self.app.waits_for();
        hold(waits == 0, Invariant::OneOutcomeForEachAck, || format!("{waits} without a result"))?;
        let (told, delivered) = (self.ledger.delivered(), self.client.stats().delivered);
        hold(told == delivered, Invariant::EveryDeliveryIsAccountedFor, || {
            format!("{told} of {delivered} deliveries reached the application")
        })
    }

    /// One of the ways to end, and what must be so after each.
    fn end(&mut self) -> Result<(), Violation> {
        // Something is under way.
        self.say(LAST_WORDS);
        let soon = Duration::from_millis(self.random.below(60));
        self.live_until(self.now() + soon)?;
        let way = self.random.below(5);
        self.trace.note(self.agenda.now(), format_args!("the end, by way {way}"));
        match way {
            0 => {
                self.stopping = true;
                let grace = Duration::from_millis(self.random.below(6_000));
                drop(self.client.shutdown(grace));
            }
            1 => {
                self.stopping = true;
                self.app.drop_events();
            }
            2 => {
                self.driver = None;
                self.reading.wake();
            }
            3 => {
                for link in self.memory.links() {
                    self.slack.send(&mut self.agenda, link, Wire::Text(disconnect("link_disabled")));
                }
            }
            _ => {
                self.slack.default_answer = OpenAnswer::Error("invalid_auth".into());
                for link in self.memory.links() {
                    self.slack.warn(&mut self.agenda, link, "warning");
                }
            }
        }
        self.live_until(self.now() + END)?;
        self.check_end(way)
    }

    fn check_end(&self, way: u64) -> Result<(), Violation> {
        hold(self.driver.is_none(), Invariant::StoppedOnceAndLast, || "the driver goes on".into())?;
        let held = (self.memory.held(), self.memory.sleepers());
        hold(held == (0, 0), Invariant::NothingIsLeftOpen, || format!("{held:?}"))?;
        let waits = self.app.waits_for();
        hold(waits == 0, Invariant::OneOutcomeForEachAck, || format!("{waits} without a result"))?;
        let (told, ended) = (self.ledger.stopped(), self.ledger.has_ended());
        match way {
            // Nobody was there to be told.
            1 => Ok(()),
            2 => hold(told.is_none() && ended, Invariant::StoppedOnceAndLast, || format!("{told:?} {ended}")),
            _ => {
                let is_told = told == self.reason.as_ref() && told.is_some() && ended;
                hold(is_told, Invariant::StoppedOnceAndLast, || format!("{told:?} {ended}"))?;
                hold(self.ledger.is_all_down(), Invariant::DisconnectedOnceAfterConnected, || {
                    "something is up after the end".into()
                })
            }
        }
    }
}

impl super::Plan {
    /// The same, broken in this way.
    #[must_use]
    pub fn sabotaged(self, sabotage: Sabotage) -> Self {
        Self { sabotage, ..self }
    }
}
