//! What goes wrong, and when.

use socketmode_model::random::Random;
use socketmode_simulator::fault::{Fault, Relay};
use socketmode_simulator::{OpenAnswer, Simulator};
use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

/// What counts the seconds in which no link was there for the fault.
pub(crate) const NOTHING: &str = "nothing to strike";

/// How long the bytes of a stalled link wait: shorter than the client's patience.
const STALL: Duration = Duration::from_millis(700);
/// How long a half-open link takes until the network says that it is gone: longer than the client's patience.
const HALF_OPEN: Duration = Duration::from_secs(2);
/// How long the client's process stands still: longer than its own patience, shorter than Slack's.
const FROZEN: Duration = Duration::from_millis(2_500);
/// Bytes that come one by one: some ten envelopes.
const TRICKLE: u64 = 8_192;

#[derive(Debug, Clone, Copy)]
enum Kind {
    Reset,
    Cut,
    Stall,
    HalfOpen,
    Trickle,
    /// Slack replaces a link: a warning, some grace, a close.
    Warning,
    /// Slack asks for a link to be replaced, and leaves it there.
    Refresh,
    /// A link breaks, and the next opens fail.
    OpenError,
    /// A link breaks, and the next open is one too many.
    RateLimited,
    /// The client's process stands still, as a laptop that sleeps.
    Freeze,
}

const KINDS: [Kind; 10] = [
    Kind::Reset,
    Kind::Cut,
    Kind::Stall,
    Kind::HalfOpen,
    Kind::Trickle,
    Kind::Warning,
    Kind::Refresh,
    Kind::OpenError,
    Kind::RateLimited,
    Kind::Freeze,
];

/// Draws the faults, and ends those that last.
pub(crate) struct Faults<'a> {
    slack: &'a Simulator,
    relay: &'a Relay,
    /// The client's process.
    client: u32,
    /// Until when it stands still.
    frozen: Option<Instant>,
    random: Random,
    /// Connections that are held: what becomes of them, and when.
    held: Vec<(Instant, usize, Kind)>,
    counts: BTreeMap<String, u64>,
}

impl<'a> Faults<'a> {
    pub(crate) fn new(slack: &'a Simulator, relay: &'a Relay, client: u32, seed: u64) -> Self {
        let random = Random::new(seed);
        Self { slack, relay, client, frozen: None, random, held: Vec::new(), counts: BTreeMap::new() }
    }

    /// One more fault, where there is a link for it.
    pub(crate) fn strike(&mut self, now: Instant) {
        let kind = *self.random.pick(&KINDS);
        let struck = match kind {
            Kind::Reset => self.strike_one(Fault::Reset).is_some(),
            Kind::Cut => self.strike_one(Fault::Cut).is_some(),
            Kind::Trickle => self.strike_one(Fault::Trickle(TRICKLE)).is_some(),
            Kind::Stall | Kind::HalfOpen => {
                let lasts = if matches!(kind, Kind::Stall) { STALL } else { HALF_OPEN };
                let held = self.strike_one(Fault::Hold);
                self.held.extend(held.map(|connection| (now + lasts, connection, kind)));
                held.is_some()
            }
            Kind::Warning | Kind::Refresh => self.replace(kind),
            Kind::OpenError => {
                self.slack.next_open(OpenAnswer::Error("internal_error".into()));
                self.slack.next_open(OpenAnswer::Status(503, Vec::new(), String::new()));
                self.strike_one(Fault::Reset).is_some()
            }
            Kind::RateLimited => {
                self.slack.next_open(OpenAnswer::RateLimited { retry_after_secs: 1 });
                self.strike_one(Fault::Cut).is_some()
            }
            Kind::Freeze => self.freeze(now),
        };
        let name = if struck { format!("{kind:?}") } else { NOTHING.to_owned() };
        *self.counts.entry(name).or_default() += 1;
    }

    /// Ends those that have lasted long enough.
    pub(crate) fn pass(&mut self, now: Instant) {
        let (over, held) = std::mem::take(&mut self.held).into_iter().partition(|(until, ..)| *until <= now);
        self.held = held;
        self.end(over);
        if self.frozen.is_some_and(|until| until <= now) {
            self.thaw();
        }
    }

    /// Ends them all, and tells how many there were of each kind.
    pub(crate) fn over(mut self) -> BTreeMap<String, u64> {
        let held = std::mem::take(&mut self.held);
        self.end(held);
        self.thaw();
        self.counts
    }

    fn freeze(&mut self, now: Instant) -> bool {
        let freezes = self.frozen.is_none() && signal(self.client, "STOP");
        if freezes {
            self.frozen = Some(now + FROZEN);
        }
        freezes
    }

    fn thaw(&mut self) {
        if self.frozen.take().is_some() {
            assert!(signal(self.client, "CONT"), "the client's process goes on");
        }
    }

    fn end(&self, held: Vec<(Instant, usize, Kind)>) {
        for (_, connection, kind) in held {
            match kind {
                Kind::HalfOpen => drop(self.relay.strike(connection, Fault::Reset)),
                _ => self.relay.resume(connection),
            }
        }
    }

    fn strike_one(&mut self, fault: Fault) -> Option<usize> {
        let live = self.relay.live();
        let connection = *live.get(usize::try_from(self.random.below(live.len() as u64)).ok()?)?;
        self.relay.strike(connection, fault).then_some(connection)
    }

    fn replace(&mut self, kind: Kind) -> bool {
        let open: Vec<_> = self.slack.links().into_iter().filter(|link| link.warned_at.is_none()).collect();
        let open: Vec<_> = open.into_iter().filter(socketmode_simulator::LinkInfo::is_open).collect();
        if open.is_empty() {
            return false;
        }
        let link = self.random.pick(&open).id;
        // It may have closed meanwhile.
        match kind {
            Kind::Warning => self.slack.rotate(link).is_ok(),
            _ => self.slack.disconnect_message(link, "refresh_requested").is_ok(),
        }
    }
}

/// Whether the process got the signal.
fn signal(process: u32, name: &str) -> bool {
    let status = Command::new("kill").args(["-s", name, &process.to_string()]).status();
    status.is_ok_and(|status| status.success())
}
