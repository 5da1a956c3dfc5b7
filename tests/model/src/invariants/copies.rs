//! What must hold of copies of an envelope: they share the outcome of the first delivery.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use socketmode_protocol::limits::{MAX_COPIES, MAX_EVENT_ID_BYTES, MAX_REMEMBERED};
use socketmode_protocol::{
    AckOutcome, AckPolicy, AckRefusal, AckToken, Config, ConnectionId, ConnectionPhase, ConnectionStatus,
    Envelope, Instant, SocketMode, Stats,
};

use crate::output::Output;

use super::{Invariant, Violation, hold};
use crate::step::{Call, OwnedInput, Step};

/// What was seen of envelopes that have the same key.
#[derive(Clone, Debug)]
pub(super) struct Copies {
    window: Option<Duration>,
    /// All is acknowledged by the application, which is told of each: every acknowledgement's end can be seen.
    all_is_told: bool,
    /// The deliveries without an outcome. One that expired stays until the next of its key, or until nothing is
    /// outstanding.
    first: BTreeMap<String, First>,
    /// What was acknowledged and written, the oldest first.
    written: VecDeque<(Instant, String)>,
    /// What came and is neither delivered nor acknowledged, the oldest first.
    waiting: Vec<Arrival>,
    before: Stats,
}

#[derive(Clone, Copy, Debug)]
struct First {
    token: AckToken,
    /// `acknowledge` has taken it.
    taken: bool,
}

/// An envelope that came.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arrival {
    key: String,
    pub(super) id: String,
    pub(super) carrier: ConnectionId,
    at: Instant,
}

/// What one step does.
#[derive(Debug, Default)]
pub(super) struct Shared {
    came: Option<Arrival>,
    /// The keys whose deliveries ended without an acknowledgement that was written, and those of which one was delivered.
    lapsed: Vec<String>,
    delivered: Vec<String>,
    /// When what it delivers came: a copy came before. `None` if it cannot be told which copy it is: which of them ended is
    /// not told where a policy acknowledges.
    arrivals: BTreeMap<AckToken, Option<Instant>>,
    /// The copies that it may acknowledge, where that can be told.
    pub(super) acknowledged: Vec<Arrival>,
}

impl Shared {
    /// When a delivery that is told now came.
    pub(super) fn arrival(&self, token: AckToken, now: Instant) -> Option<Instant> {
        self.arrivals.get(&token).copied().unwrap_or(Some(now))
    }
}

impl Copies {
    pub(super) fn new(config: &Config) -> Self {
        let policies =
            [config.ack_events_api, config.ack_slash_commands, config.ack_interactive, config.ack_other];
        Self {
            window: config.deduplicate,
            all_is_told: policies.iter().all(|policy| *policy == AckPolicy::Manual),
            first: BTreeMap::new(),
            written: VecDeque::new(),
            waiting: Vec::new(),
            before: Stats::default(),
        }
    }

    /// Whether [`Shared::acknowledged`] is complete.
    pub(super) fn tells_all(&self) -> bool {
        self.all_is_told && self.window.is_some()
    }

    /// Looks at a step. `known` is where its connection stood.
    pub(super) fn check(
        &mut self,
        now: Instant,
        machine: &SocketMode,
        step: &Step,
        result: Result<(), AckRefusal>,
        known: Option<&ConnectionStatus>,
        outputs: &[Output],
    ) -> Result<Shared, Violation> {
        let Some(window) = self.window else { return Ok(Shared::default()) };
        while self.written.front().is_some_and(|(at, _)| *at + window <= now) {
            self.written.pop_front();
        }
        let stats = machine.stats();
        let before = std::mem::replace(&mut self.before, stats);
        let mut shared = Shared { came: came(now, step, known), ..Shared::default() };
        self.begin(&mut shared, step, result, stats.declined > before.declined);
        let refused = |stats: &Stats| stats.shed_while_stopping + stats.shed + stats.copies_shed;
        let mut refused = refused(&stats) - refused(&before);
        // Copies that are shed are those of other deliveries.
        let is_taken = (stats.shed_while_stopping, stats.shed) == (before.shed_while_stopping, before.shed);
        if let Some(came) = shared.came.take_if(|came| is_taken && self.is_written(&came.key)) {
            shared.acknowledged.push(came);
        }
        // What finds no room is shed before anything that is due.
        let finds_no_room = |came: &mut Arrival| refused > 0 && self.waiting_of(&came.key) == MAX_COPIES;
        if shared.came.take_if(finds_no_room).is_some() {
            refused -= 1;
        }
        for output in outputs {
            match output {
                Output::Acknowledged { token, outcome, .. } => {
                    let Some(key) = self.key_of(*token) else { continue };
                    match outcome {
                        AckOutcome::Sent { .. } => self.settle(now, &key, &mut shared),
                        AckOutcome::Lost => shared.lapsed.push(key),
                    }
                }
                Output::Envelope(envelope) => self.deliver(machine, envelope, &mut shared)?,
                _ => {}
            }
        }
        let waiting = usize::try_from(stats.copies_held).unwrap();
        let came = shared.came.take();
        if self.tells_all() {
            let dropped = self.drop_ended(machine, &shared);
            hold(dropped <= refused, Invariant::CopiesTakeOver, || {
                format!("{dropped} copies of what ended are gone, {refused} may be")
            })?;
            refused -= dropped;
        }
        // What came waits, or was refused.
        self.waiting.extend(came.filter(|_| refused == 0 || waiting > self.waiting.len()));
        if self.tells_all() {
            let swallowed = stats.copies_acknowledged - before.copies_acknowledged;
            let may_be = shared.acknowledged.len() as u64;
            hold(swallowed == may_be, Invariant::OnlyTheAcknowledgedIsSwallowed, || {
                format!("{swallowed} copies acknowledged, {:?} may be", shared.acknowledged)
            })?;
            let counted = self.waiting.len();
            hold(waiting == counted, Invariant::CopiesTakeOver, || {
                format!("{waiting} copies wait, not {:?}", self.waiting)
            })?;
            self.check_bound()?;
        }
        if stats.outstanding == 0 {
            hold(waiting == 0, Invariant::CopiesTakeOver, || format!("{waiting} copies wait for nothing"))?;
            self.first.clear();
        }
        if waiting == 0 {
            self.waiting.clear();
        }
        Ok(shared)
    }

    /// What the step says, before its outputs.
    fn begin(&mut self, shared: &mut Shared, step: &Step, result: Result<(), AckRefusal>, declined: bool) {
        match &step.call {
            Call::Acknowledge(token, _) if result.is_ok() => {
                if let Some(first) = self.first.values_mut().find(|first| first.token == *token) {
                    first.taken = true;
                }
            }
            Call::Decline(token) if declined => shared.lapsed.extend(self.key_of(*token)),
            _ => {}
        }
    }

    /// An acknowledgement was written: the copies are acknowledged in the same step.
    fn settle(&mut self, now: Instant, key: &str, shared: &mut Shared) {
        self.first.remove(key);
        if self.written.len() == MAX_REMEMBERED {
            self.written.pop_front();
        }
        self.written.push_back((now, key.to_owned()));
        shared.acknowledged.extend(self.take(key));
    }

    fn deliver(
        &mut self,
        machine: &SocketMode,
        envelope: &Envelope,
        shared: &mut Shared,
    ) -> Result<(), Violation> {
        let Some((key, id)) = key_and_id(envelope.raw_json()) else { return Ok(()) };
        let is_it =
            |copy: &Arrival| (&copy.key, &copy.id, copy.carrier) == (&key, &id, envelope.connection());
        // The newest takes over, and what came in this step is newer than those that wait.
        let came = shared.came.take_if(|came| is_it(came));
        let copy = self.waiting.iter().rposition(is_it).filter(|_| came.is_none());
        let Some(arrival) = came.or_else(|| copy.map(|copy| self.waiting.remove(copy))) else {
            return Ok(());
        };
        if self.all_is_told {
            let ended = shared.lapsed.contains(&key);
            let beside = self.first.get(&key).is_some_and(|first| !ended && is_there(machine, *first));
            hold(!beside, Invariant::CopiesWait, || format!("{arrival:?} is delivered beside its first"))?;
            hold(!self.is_written(&key), Invariant::TheAcknowledgedIsDeliveredOnce, || {
                format!("{arrival:?}")
            })?;
        }
        let is_clear = self.all_is_told || copy.is_none();
        shared.arrivals.insert(envelope.token(), Some(arrival.at).filter(|_| is_clear));
        shared.lapsed.retain(|lapsed| *lapsed != key);
        shared.delivered.push(key.clone());
        self.first.insert(key, First { token: envelope.token(), taken: false });
        Ok(())
    }

    /// Copies of what ended may be refused as envelopes that come now are, all of a key together. How many were.
    fn drop_ended(&mut self, machine: &SocketMode, shared: &Shared) -> u64 {
        for key in &shared.lapsed {
            self.first.remove(key);
        }
        let mut dropped = 0;
        loop {
            let ended = |copy: &&Arrival| {
                let Some(&first) = self.first.get(&copy.key) else { return true };
                let has_lost = shared.delivered.contains(&copy.key) && !has_copies(machine, first);
                has_lost || !is_there(machine, first)
            };
            let Some(key) = self.waiting.iter().find(ended).map(|copy| copy.key.clone()) else {
                return dropped;
            };
            dropped += self.take(&key).len() as u64;
        }
    }

    /// Those that wait, of one key.
    fn take(&mut self, key: &str) -> Vec<Arrival> {
        let (taken, left) = std::mem::take(&mut self.waiting).into_iter().partition(|copy| copy.key == key);
        self.waiting = left;
        taken
    }

    fn check_bound(&self) -> Result<(), Violation> {
        let many = self.waiting.iter().find(|copy| self.waiting_of(&copy.key) > MAX_COPIES);
        hold(many.is_none(), Invariant::QueuesAreBounded, || format!("too many copies: {many:?}"))
    }

    fn waiting_of(&self, key: &str) -> usize {
        self.waiting.iter().filter(|copy| copy.key == key).count()
    }

    fn is_written(&self, key: &str) -> bool {
        self.written.iter().any(|(_, written)| *written == key)
    }

    fn key_of(&self, token: AckToken) -> Option<String> {
        self.first.iter().find(|(_, first)| first.token == token).map(|(key, _)| key.clone())
    }
}

/// The counters without this delivery, if it is there and not acknowledged: what waits for it takes over or is refused.
fn without(machine: &SocketMode, first: First) -> Stats {
    let mut trial = machine.clone();
    trial.decline(Instant::ZERO, first.token);
    trial.stats()
}

/// Whether a delivery has no outcome yet.
fn is_there(machine: &SocketMode, first: First) -> bool {
    // A declined one is counted only if it was there.
    first.taken || without(machine, first).declined > machine.stats().declined
}

/// Whether copies wait for a delivery that is not acknowledged.
fn has_copies(machine: &SocketMode, first: First) -> bool {
    without(machine, first).copies_held < machine.stats().copies_held
}

/// The envelope that a step brings.
fn came(now: Instant, step: &Step, known: Option<&ConnectionStatus>) -> Option<Arrival> {
    let Call::Input(carrier, OwnedInput::Text(text)) = &step.call else { return None };
    known.filter(|known| known.phase >= ConnectionPhase::Greeting)?;
    key_and_id(text).map(|(key, id)| Arrival { key, id, carrier: *carrier, at: now })
}

/// What an envelope's copies share, and its own id.
fn key_and_id(text: &str) -> Option<(String, String)> {
    let message: serde_json::Value = serde_json::from_str(text).ok()?;
    let id = message.get("envelope_id")?.as_str()?.to_owned();
    let event = message.get("payload").and_then(|payload| payload.get("event_id"));
    let event = event.and_then(serde_json::Value::as_str);
    let key = event.filter(|event| {
        message.get("type").is_some_and(|kind| kind == "events_api")
            && (1..=MAX_EVENT_ID_BYTES).contains(&event.len())
    });
    Some((key.unwrap_or(&id).to_owned(), id))
}
