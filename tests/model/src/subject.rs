//! A machine that is watched.

use std::collections::VecDeque;

use socketmode_protocol::{AckRefusal, Config, Instant, SocketMode};

use crate::output::Output;

use crate::invariants::{Invariant, Violation, Watch, waking_early, without_panic};
use crate::output::drain;
use crate::random::Random;
use crate::step::{Call, Step};

/// The last steps that a failure shows.
const SHOWN: usize = 24;

/// A machine, what must hold of it, and how it got where it is.
#[derive(Clone, Debug)]
pub struct Subject {
    machine: SocketMode,
    watch: Watch,
    seed: u64,
    start: Instant,
    steps: u64,
    last: VecDeque<Step>,
    record: Option<Record>,
}

/// Everything that went in and came out.
#[derive(Clone, Debug, Default)]
struct Record {
    steps: Vec<Step>,
    outputs: Vec<Output>,
}

impl Subject {
    /// A new machine, and its first outputs.
    ///
    /// # Errors
    /// An invariant does not hold.
    pub fn new(config: &Config, seed: u64, start: Instant) -> Result<(Self, Vec<Output>), Violation> {
        let mut machine = SocketMode::new(config.clone(), seed, start).unwrap();
        let mut watch = Watch::new(config, start);
        let outputs = drain(&mut machine);
        watch.begin(&machine, &outputs)?;
        let record = Some(Record { steps: Vec::new(), outputs: outputs.clone() });
        Ok((Self { machine, watch, seed, start, steps: 0, last: VecDeque::new(), record }, outputs))
    }

    /// Without a record, [`Self::replay`] has nothing to compare: for runs of very many steps.
    pub fn forget_record(&mut self) {
        self.record = None;
    }

    /// See [`Watch::let_the_peer_say_anything`].
    pub fn let_the_peer_say_anything(&mut self) {
        self.watch.let_the_peer_say_anything();
    }

    /// The machine.
    #[must_use]
    pub fn machine(&self) -> &SocketMode {
        &self.machine
    }

    /// The latest time that was seen.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.watch.now()
    }

    /// How many steps it has taken.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Takes a step and checks every invariant. What the step returned, and the outputs.
    ///
    /// # Errors
    /// An invariant does not hold.
    pub fn take(&mut self, step: Step) -> Result<(Result<(), AckRefusal>, Vec<Output>), Violation> {
        self.steps += 1;
        // A wake-up that nobody asked for, and a look at everything: more often would only be slower.
        let size = self.machine.stats().outstanding;
        if self.steps % (5 + size) == 0 {
            let woken = waking_early(&self.machine, self.watch.now(), step.at);
            woken.map_err(|violation| self.explain(violation))?;
        }
        if self.last.len() == SHOWN {
            self.last.pop_front();
        }
        self.last.push_back(step.clone());
        let machine = &mut self.machine;
        let taken = without_panic(|| (step.apply(machine), drain(machine)));
        let (result, outputs) = taken.map_err(|violation| self.explain(violation))?;
        let checked = self.watch.check(&self.machine, &step, result, &outputs);
        if let Some(record) = &mut self.record {
            record.steps.push(step);
            record.outputs.extend(outputs.iter().cloned());
        }
        checked.map_err(|violation| self.explain(violation))?;
        if self.steps % (64 + 4 * size) == 1 {
            self.check_secrets()?;
        }
        Ok((result, outputs))
    }

    /// No secret is in what the machine shows of itself. Looked at now and then; here at once.
    ///
    /// # Errors
    /// One is.
    pub fn check_secrets(&self) -> Result<(), Violation> {
        self.watch.check_secrets(&self.machine).map_err(|violation| self.explain(violation))
    }

    /// The same seed and steps on a new machine give the same outputs.
    ///
    /// # Errors
    /// They do not.
    pub fn replay(&self) -> Result<(), Violation> {
        let Some(record) = &self.record else { return Ok(()) };
        let (machine, outputs) = self.again(record, || true);
        self.compare((&self.machine, &record.outputs), (&machine, &outputs))
    }

    /// The same, with the outputs fetched now and then. What nobody has fetched can still change its connection, so
    /// that they may differ from those that are fetched after each step.
    ///
    /// # Errors
    /// They are others.
    pub fn replay_in_batches(&self, random: &Random) -> Result<(), Violation> {
        let Some(record) = &self.record else { return Ok(()) };
        let run = || {
            let mut random = random.clone();
            self.again(record, move || random.chance(1, 3))
        };
        let ((machine, outputs), (other, others)) = (run(), run());
        self.compare((&machine, &outputs), (&other, &others))
    }

    fn again(&self, record: &Record, mut now: impl FnMut() -> bool) -> (SocketMode, Vec<Output>) {
        let mut machine = SocketMode::new(self.machine.config().clone(), self.seed, self.start).unwrap();
        let mut outputs = drain(&mut machine);
        for step in &record.steps {
            let _ = step.apply(&mut machine);
            if now() {
                outputs.extend(drain(&mut machine));
            }
        }
        outputs.extend(drain(&mut machine));
        (machine, outputs)
    }

    fn compare(
        &self,
        one: (&SocketMode, &[Output]),
        other: (&SocketMode, &[Output]),
    ) -> Result<(), Violation> {
        let ((machine, outputs), (other, others)) = (one, other);
        if let Some(n) = (0..outputs.len().max(others.len())).find(|&n| outputs.get(n) != others.get(n)) {
            let detail = format!("output {n}: {:?}, now {:?}", outputs.get(n), others.get(n));
            return Err(self.explain(Violation::new(Invariant::ReplayIsTheSame, detail)));
        }
        if machine != other {
            let detail = "the outputs are the same, the machine is not".into();
            return Err(self.explain(Violation::new(Invariant::ReplayIsTheSame, detail)));
        }
        Ok(())
    }

    fn explain(&self, violation: Violation) -> Violation {
        let shown = |step: &Step| match &step.call {
            Call::Input(connection, input) => {
                format!("  {:?} {connection:?} {input:?}\n", step.at)
            }
            call => format!("  {:?} {call:?}\n", step.at),
        };
        let steps: String = self.last.iter().map(shown).collect();
        let connections: String =
            self.machine.connections().map(|status| format!("  {status:?}\n")).collect();
        let detail = format!(
            "{}\nseed {}, step {}; the last steps:\n{steps}the connections:\n{connections}next: {:?}",
            violation.detail,
            self.seed,
            self.steps,
            self.machine.poll_timeout()
        );
        Violation { detail, ..violation }
    }
}
