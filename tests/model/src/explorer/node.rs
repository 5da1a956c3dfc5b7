//! One state: a machine, what has been seen of it, and what its world would have to know to go on.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::time::Duration;

use socketmode_protocol::{AckToken, ConnectionId, ConnectionPhase, Instant, SocketMode, WriteId};

use crate::output::Output;

use super::Scope;
use super::op::{Op, Word, input};
use crate::ids::Alphabet;
use crate::invariants::{Violation, Watch, waking_early, without_panic};
use crate::output::drain;
use crate::step::{Call, OwnedInput, Step, slack};

/// Where a search begins: late enough for a clock to go back.
const START: Instant = Instant::from_millis(1_000_000);
/// Ticks of a stall: longer than any time-out.
const STALL: u32 = 3;
/// The last deliveries that the application may still try to acknowledge.
const TOKENS: usize = 4;

#[derive(Clone)]
pub(super) struct Node {
    machine: SocketMode,
    watch: Watch,
    now: Instant,
    dozed: bool,
    /// It stood still, and what is due was not handled yet.
    stalled: bool,
    tokens: Vec<AckToken>,
    writes: BTreeMap<ConnectionId, Vec<WriteId>>,
    /// The connection that went last.
    gone: Option<ConnectionId>,
}

impl Node {
    pub(super) fn start(scope: &Scope) -> Result<Self, Violation> {
        let mut machine =
            SocketMode::new(scope.config.clone(), 1, START).expect("a configuration that works");
        let mut watch = Watch::new(&scope.config, START);
        let outputs = drain(&mut machine);
        watch.begin(&machine, &outputs)?;
        let (tokens, writes) = (Vec::new(), BTreeMap::new());
        Ok(Self { machine, watch, now: START, dozed: false, stalled: false, tokens, writes, gone: None })
    }

    /// What tells this state from others: 128 bits of a hash, in which no two of so few will meet.
    pub(super) fn key(&self) -> u128 {
        let mut bytes = Bytes(Vec::with_capacity(512));
        self.machine.hash_canonical(&mut bytes);
        bytes.write_u8(u8::from(self.dozed) + 2 * u8::from(self.stalled));
        let half = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u8(salt);
            hasher.write(&bytes.0);
            u128::from(hasher.finish())
        };
        half(0) << 64 | half(1)
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.machine.is_stopping()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.machine.is_stopped()
    }

    /// Whether every slot that is configured is up.
    pub(super) fn is_up(&self) -> bool {
        let up = self.machine.connections().filter(|status| status.phase == ConnectionPhase::Active);
        up.count() >= self.machine.config().connections
    }

    /// What holds of a state, however it was reached.
    pub(super) fn check(&self, scope: &Scope) -> Result<(), Violation> {
        self.watch.check_secrets(&self.machine)?;
        waking_early(&self.machine, self.watch.now(), self.now + scope.tick)
    }

    /// Everything that can happen next.
    pub(super) fn ops(&self, scope: &Scope) -> Vec<Op> {
        let mut ops = vec![Op::Tick];
        if scope.rude {
            ops.push(Op::WakeInThePast);
        }
        if scope.dozes && !self.dozed {
            ops.push(Op::Doze);
        }
        if scope.stalls && !self.stalled {
            ops.push(Op::Stall);
        }
        let stats = self.machine.stats();
        let room = stats.outstanding < scope.outstanding;
        let unwritten: usize = self.writes.values().map(Vec::len).sum();
        let has_end = unwritten < scope.unwritten;
        for status in self.machine.connections() {
            let words = Word::ALL.into_iter().filter(|word| match word {
                Word::Event if word.fits(status.phase) => room && has_end,
                Word::HelloWithGhosts => scope.ghosts,
                Word::Copy => stats.copies_held < scope.copies && has_end,
                Word::WrittenAll | Word::NotWrittenAll => self.writes.contains_key(&status.connection),
                Word::WrittenOne | Word::NotWrittenOne => {
                    self.writes.get(&status.connection).is_some_and(|of| of.len() > 1)
                }
                _ => true,
            });
            let words = words.filter(|word| scope.rude || word.is_polite(status.phase));
            let words = words.filter(|word| scope.copies == 0 || word.is_of_envelopes());
            ops.extend(words.map(|word| Op::Input(status.connection, word)));
        }
        // What is refused, and what is settled, changes nothing: the rude scopes see to it that it does not.
        if scope.rude {
            ops.extend(self.gone.map(|gone| Op::Input(gone, Word::Hello)));
            for &token in &self.tokens {
                ops.extend([
                    Op::Acknowledge(token, None),
                    Op::Acknowledge(token, Some("{}")),
                    Op::Decline(token),
                ]);
            }
        } else if let Some(&token) = self.tokens.last() {
            ops.extend([Op::Acknowledge(token, None), Op::Decline(token)]);
        }
        if scope.backlog {
            ops.extend([Op::Backlog(true), Op::Backlog(false)]);
        }
        if scope.copies == 0 {
            ops.extend([Op::Shutdown { grace: true }, Op::Shutdown { grace: false }]);
        }
        ops
    }

    /// Whether a step is one that Slack, the network and time take by themselves when all is well. An end needs no more
    /// than time.
    pub(super) fn is_kind(&self, op: &Op) -> bool {
        match op {
            Op::Tick => true,
            Op::Input(connection, word) => {
                let fits = self
                    .machine
                    .connections()
                    .any(|status| status.connection == *connection && word.fits(status.phase));
                !self.is_stopping() && word.is_kind() && fits
            }
            _ => false,
        }
    }

    /// Takes a step and checks every invariant.
    pub(super) fn take(&mut self, scope: &Scope, op: &Op) -> Result<(), Violation> {
        let call = match op {
            Op::Doze => {
                self.now = self.now + scope.tick;
                self.dozed = true;
                return Ok(());
            }
            Op::Tick => {
                if !self.dozed && !std::mem::take(&mut self.stalled) {
                    self.now = self.now + scope.tick;
                }
                Call::Timeout
            }
            Op::Stall => {
                self.now = self.now + STALL * scope.tick;
                self.stalled = true;
                return Ok(());
            }
            Op::WakeInThePast => return self.wake_in_the_past(scope),
            Op::Input(connection, word) => {
                Call::Input(*connection, self.input(*connection, *word).expect("a word that has a meaning"))
            }
            Op::Acknowledge(token, payload) => Call::Acknowledge(*token, payload.map(str::to_owned)),
            Op::Decline(token) => Call::Decline(*token),
            Op::Backlog(full) => Call::Backlog { full: *full },
            Op::Shutdown { grace } => Call::Shutdown(if *grace { scope.tick } else { Duration::ZERO }),
        };
        self.apply(call)?;
        // Whoever was late looks at the clock next.
        if std::mem::take(&mut self.dozed) && *op != Op::Tick {
            self.apply(Call::Timeout)?;
        }
        Ok(())
    }

    fn apply(&mut self, call: Call) -> Result<(), Violation> {
        let there: Vec<_> = self.machine.connections().map(|status| status.connection).collect();
        let step = Step { at: self.now, call };
        let machine = &mut self.machine;
        let (result, outputs) = without_panic(|| (step.apply(machine), drain(machine)))?;
        match &step.call {
            Call::Input(connection, OwnedInput::Written(write)) => {
                self.writes.entry(*connection).or_default().retain(|other| other > write);
            }
            Call::Input(connection, OwnedInput::NotWritten(write)) => {
                self.writes.entry(*connection).or_default().retain(|other| other < write);
            }
            _ => {}
        }
        self.remember(&outputs);
        let is_there = |id| self.machine.connections().any(|status| status.connection == id);
        self.gone = there.into_iter().rfind(|id| !is_there(*id)).or(self.gone);
        self.writes.retain(|id, writes| !writes.is_empty() && is_there(*id));
        self.watch.check(&self.machine, &step, result, &outputs)
    }

    fn remember(&mut self, outputs: &[Output]) {
        for output in outputs {
            match output {
                Output::Envelope(envelope) => self.tokens.push(envelope.token()),
                Output::Transmit { connection, write, .. } => {
                    self.writes.entry(*connection).or_default().push(*write);
                }
                _ => {}
            }
        }
        // An acknowledgement of one that was let go of is refused like that of any other that is settled.
        while self.tokens.len() > TOKENS {
            self.tokens.remove(0);
        }
    }

    /// A clock that goes back changes nothing at all, unless something is due already.
    fn wake_in_the_past(&self, scope: &Scope) -> Result<(), Violation> {
        if self.machine.poll_timeout().is_some_and(|deadline| deadline.at <= self.watch.now()) {
            return Ok(());
        }
        let past = Instant::from_millis(self.now.as_millis().saturating_sub(2 * millis(scope.tick)));
        let mut woken = self.machine.clone();
        woken.handle_timeout(past);
        if woken == self.machine {
            return Ok(());
        }
        let detail = format!("woken at {past:?} by a clock that went back");
        Err(Violation::new(crate::invariants::Invariant::WakingEarlyChangesNothing, detail))
    }

    fn input(&self, connection: ConnectionId, word: Word) -> Option<OwnedInput> {
        let stats = self.machine.stats();
        let written = |write: Option<&WriteId>| write.map(|&write| OwnedInput::Written(write));
        let writes = self.writes.get(&connection);
        match word {
            Word::Copy => {
                let envelope = format!("c{}", stats.copies_held);
                Some(OwnedInput::Text(slack::event(&envelope, "Ev0", 1)))
            }
            Word::WrittenOne => written(writes?.first()),
            Word::WrittenAll => written(writes?.last()),
            Word::NotWrittenOne => writes?.last().copied().map(OwnedInput::NotWritten),
            Word::NotWrittenAll => writes?.first().copied().map(OwnedInput::NotWritten),
            Word::WrittenUnasked => written(Some(&Alphabet::unasked())),
            word => input(word, connection.number(), stats.outstanding),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).expect("short")
}

/// A hasher that keeps what it is fed.
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}
