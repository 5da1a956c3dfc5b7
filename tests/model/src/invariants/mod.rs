//! What must always hold, whoever drives the machine: each with a name and a sentence.

mod acknowledgements;
mod backoff;
mod connections;
mod copies;
mod counters;
mod deadlines;
mod names;
mod opens;

use std::panic::{AssertUnwindSafe, catch_unwind};

use socketmode_protocol::limits::{MAX_ENVELOPE_ID_BYTES, MAX_OUTSTANDING};
use socketmode_protocol::{AckRefusal, Config, ConnectionPhase, Instant, SocketMode, Stats};

use crate::output::Output;

use crate::step::{Call, OwnedInput, Step, slack};
use acknowledgements::Acknowledgements;
use backoff::Backoff;
use connections::Connections;
use copies::Copies;
use counters::Counters;
use deadlines::Deadlines;
pub use names::{Invariant, Violation};
pub use opens::Opens;

/// The observer: it sees each step, its outputs and the machine's getters, and nothing of the machine's inside.
#[derive(Clone, Debug)]
pub struct Watch {
    now: Instant,
    slots: usize,
    connections: Connections,
    copies: Copies,
    acknowledgements: Acknowledgements,
    opens: Opens,
    backoff: Backoff,
    counters: Counters,
    deadlines: Deadlines,
    before: Stats,
    deadline: Option<Instant>,
    stopping: bool,
    stopped: bool,
    shows_anything: bool,
}

impl Watch {
    /// Nothing has been seen.
    #[must_use]
    pub fn new(config: &Config, start: Instant) -> Self {
        Self {
            now: start,
            slots: config.connections,
            connections: Connections::new(config),
            copies: Copies::new(config),
            acknowledgements: Acknowledgements::new(config),
            opens: Opens::new(config),
            backoff: Backoff::new(config),
            counters: Counters::new(config),
            deadlines: Deadlines::new(config),
            before: Stats::default(),
            deadline: None,
            stopping: false,
            stopped: false,
            shows_anything: false,
        }
    }

    /// The peer may say the secret's word where it is none: from now on it is not looked for.
    pub fn let_the_peer_say_anything(&mut self) {
        self.shows_anything = true;
    }

    /// The latest time that was seen.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Looks at a new machine.
    ///
    /// # Errors
    /// What does not hold.
    pub fn begin(&mut self, machine: &SocketMode, outputs: &[Output]) -> Result<(), Violation> {
        self.connections.outputs(outputs, None)?;
        self.opens.outputs(self.now, outputs)?;
        self.backoff.check(self.now, machine, self.connections.now(), None, outputs)?;
        self.counters.outputs(outputs, &self.connections);
        self.counters.look(machine, None, self.stopping)?;
        self.look(machine, None)
    }

    /// Looks at what a step did.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(
        &mut self,
        machine: &SocketMode,
        step: &Step,
        result: Result<(), AckRefusal>,
        outputs: &[Output],
    ) -> Result<(), Violation> {
        // The machine's time ends a millisecond before that of its clock: what is due then never comes.
        self.now = self.now.max(step.at).min(Instant::from_millis(u64::MAX - 1));
        self.check_end(machine, outputs)?;
        self.check_stray(machine, step, outputs)?;
        self.opens.step(self.now, step, &self.connections);
        self.opens.outputs(self.now, outputs)?;
        let known = self.connections.known(step);
        self.connections.step(step);
        let mut shared = self.copies.check(self.now, machine, step, result, known.as_ref(), outputs)?;
        self.acknowledgements.step(self.now, machine, step, result, known.as_ref())?;
        let all_copies = self.copies.tells_all();
        self.acknowledgements.outputs(self.now, outputs, machine, &mut shared, all_copies)?;
        self.connections.outputs(outputs, Some(step))?;
        self.backoff.check(self.now, machine, self.connections.now(), Some(step), outputs)?;
        self.deadlines.step(self.now, step, result, known.as_ref());
        self.deadlines.outputs(self.now, machine, outputs, &self.connections, &shared)?;
        self.counters.step(step, result, known.map(|status| status.phase));
        self.counters.outputs(outputs, &self.connections);
        self.counters.look(machine, Some(step), self.stopping)?;
        self.check_fate(machine, step, known.map(|status| status.phase))?;
        self.check_time(machine, step)?;
        self.check_size(machine, step, outputs)?;
        self.look(machine, Some(step))
    }

    /// No secret is in what a machine shows of itself.
    ///
    /// # Errors
    /// One is.
    pub fn check_secrets(&self, machine: &SocketMode) -> Result<(), Violation> {
        let shown = format!("{machine:?}");
        hold(self.shows_anything || !shown.contains(slack::SECRET), Invariant::NoSecretIsShown, || {
            "the machine shows one".into()
        })
    }

    fn look(&mut self, machine: &SocketMode, step: Option<&Step>) -> Result<(), Violation> {
        self.connections.look(machine, self.slots)?;
        self.deadlines.look(self.now, machine, step, &self.connections)?;
        self.acknowledgements.look(self.now, machine)?;
        self.before = machine.stats();
        self.deadline = machine.poll_timeout().map(|deadline| deadline.at);
        self.stopping = machine.is_stopping();
        Ok(())
    }

    fn check_end(&mut self, machine: &SocketMode, outputs: &[Output]) -> Result<(), Violation> {
        let is_stopped = |output: &Output| matches!(output, Output::Stopped(_));
        let told = outputs.iter().filter(|output| is_stopped(output)).count();
        let in_order = if self.stopped {
            outputs.is_empty()
        } else {
            told <= 1 && (told == 0 || outputs.last().is_some_and(is_stopped))
        };
        self.stopped |= told > 0;
        hold(in_order && machine.is_stopped() == self.stopped, Invariant::StoppedOnceAndLast, || {
            format!("{outputs:?}")
        })?;
        let nothing_left = machine.connections().next().is_none()
            && machine.poll_timeout().is_none()
            && machine.stats().outstanding == 0;
        hold(!self.stopped || nothing_left, Invariant::StoppedOnceAndLast, || {
            "something is left after it".into()
        })?;
        hold(!self.stopping || machine.is_stopping(), Invariant::StoppedOnceAndLast, || {
            "it runs again".into()
        })?;
        let opens = outputs.iter().any(opens::is_open_or_dial);
        hold(!machine.is_stopping() || !opens, Invariant::NothingOpensWhileStopping, || {
            format!("{outputs:?}")
        })
    }

    /// What is for a connection that is gone changes nothing but a counter.
    fn check_stray(&self, machine: &SocketMode, step: &Step, outputs: &[Output]) -> Result<(), Violation> {
        let Call::Input(connection, _) = &step.call else { return Ok(()) };
        let nothing_due = self.deadline.is_none_or(|deadline| self.now < deadline);
        if self.connections.is_there(*connection) || !nothing_due {
            return Ok(());
        }
        let mut expected = self.before;
        expected.stray_inputs += 1;
        let same = machine.stats() == expected
            && machine.connections().eq(self.connections.now().values().copied())
            && machine.poll_timeout().map(|deadline| deadline.at) == self.deadline;
        hold(outputs.is_empty() && same, Invariant::StrayInputsChangeNothing, || format!("{outputs:?}"))
    }

    /// Whatever the phase of its connection, an envelope is not passed over.
    fn check_fate(
        &self,
        machine: &SocketMode,
        step: &Step,
        phase: Option<ConnectionPhase>,
    ) -> Result<(), Violation> {
        let comes = match &step.call {
            Call::Input(_, OwnedInput::Text(text)) if phase >= Some(ConnectionPhase::Greeting) => {
                if !is_envelope(text) {
                    return Ok(());
                }
                1
            }
            _ => 0,
        };
        let fates = |stats: Stats| {
            let of_copies = stats.copies_acknowledged + stats.copies_held + stats.copies_shed;
            stats.delivered + of_copies + stats.shed + stats.shed_while_stopping
        };
        let (fates, before) = (fates(machine.stats()), fates(self.before));
        hold(fates == before + comes, Invariant::EnvelopesHaveOneFate, || {
            format!("{before} fates, then {fates}, by {:?}", step.call)
        })
    }

    fn check_time(&self, machine: &SocketMode, step: &Step) -> Result<(), Violation> {
        let deadline = machine.poll_timeout();
        hold(deadline.is_some() != machine.is_stopped(), Invariant::AlwaysADeadline, || {
            format!("{deadline:?}")
        })?;
        let passed = step.call == Call::Timeout;
        hold(
            !passed || deadline.is_none_or(|deadline| deadline.at > self.now),
            Invariant::DeadlinesLieAhead,
            || format!("{deadline:?} at {:?}", self.now),
        )
    }

    fn check_size(&self, machine: &SocketMode, step: &Step, outputs: &[Output]) -> Result<(), Violation> {
        let slots = machine.config().outnumber.unwrap_or(self.slots);
        let bound =
            8 * (slots + 1) + 2 * usize::try_from(self.before.outstanding + self.before.copies_held).unwrap();
        hold(outputs.len() <= bound, Invariant::OutputsAreBounded, || {
            format!("{} outputs of one step", outputs.len())
        })?;
        let outstanding = machine.stats().outstanding;
        hold(outstanding <= MAX_OUTSTANDING as u64, Invariant::QueuesAreBounded, || {
            format!("{outstanding} outstanding")
        })?;
        let opened = machine.stats().opens - self.before.opens;
        hold(opened <= slots as u64, Invariant::AStepOpensOncePerSlot, || {
            format!("{opened} opens by {:?}", step.call)
        })?;
        let shown = if outputs.is_empty() { String::new() } else { format!("{outputs:?}") };
        hold(self.shows_anything || !shown.contains(slack::SECRET), Invariant::NoSecretIsShown, || {
            "an output shows one".into()
        })
    }
}

/// A call to `handle_timeout` before the deadline and before `until` changes nothing that can be seen. `now` is the
/// machine's.
///
/// # Errors
/// It does.
pub fn waking_early(machine: &SocketMode, now: Instant, until: Instant) -> Result<(), Violation> {
    let Some(deadline) = machine.poll_timeout() else { return Ok(()) };
    let early = Instant::from_millis(deadline.at.as_millis().saturating_sub(1)).min(until);
    if early < now || early >= deadline.at {
        return Ok(());
    }
    let mut woken = machine.clone();
    woken.handle_timeout(early);
    let same = woken.poll_output().is_none()
        && woken.poll_timeout() == machine.poll_timeout()
        && woken.connections().eq(machine.connections())
        && woken.stats() == machine.stats();
    hold(same, Invariant::WakingEarlyChangesNothing, || format!("woken at {early:?}, before {deadline:?}"))
}

/// What a call returns, or that it panics, which then has a seed and steps as any other violation has.
///
/// # Errors
/// It panics.
pub fn without_panic<T>(call: impl FnOnce() -> T) -> Result<T, Violation> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text");
        Violation::new(Invariant::NothingPanics, text.to_owned())
    })
}

/// Whether a text is an envelope of a known kind, by another reader than the machine's.
fn is_envelope(text: &str) -> bool {
    let Ok(message) = serde_json::from_str::<serde_json::Value>(text) else { return false };
    let field = |name: &str| message.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let known = ["events_api", "slash_commands", "interactive"].contains(&field("type"));
    known && (1..=MAX_ENVELOPE_ID_BYTES).contains(&field("envelope_id").len())
}

/// Something that must hold, or how it does not.
///
/// # Errors
/// It does not.
pub fn hold(holds: bool, invariant: Invariant, detail: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::new(invariant, detail())) }
}
