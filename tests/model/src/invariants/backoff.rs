//! What must hold of failures and the waits that follow them.

use std::collections::BTreeMap;
use std::time::Duration;

use socketmode_protocol::limits::{
    BACKOFF_FLOOR, EAGER_ROTATIONS, RETRY_AFTER_CAP, RETRY_AFTER_FLOOR, SHORTEST_USEFUL_LIFE, TOO_MANY_CAP,
    UP_TO_DARK,
};
use socketmode_protocol::{
    Config, ConnectionError, ConnectionId, ConnectionPhase, ConnectionStatus, EndReason, Instant, Notice,
    SocketMode, delay_seconds,
};

use crate::output::Output;

use super::{Invariant, Violation, hold};
use crate::step::{Call, OwnedInput, Step};

/// What was seen of failures.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    slots: Vec<Slot>,
    /// Links that are up, and since when.
    up: BTreeMap<ConnectionId, Instant>,
    /// When the budget of opens is full again, in milliseconds.
    full_at: u64,
    /// Slack's `Retry-After`.
    hold: Instant,
}

#[derive(Clone, Debug, Default)]
struct Slot {
    /// Attempts that failed and links that were lost, since the last stable link.
    failures: u32,
    /// Links that were asked away before they were stable, since then.
    early_rotations: u32,
    /// No attempt before this.
    due: Instant,
    /// A link that was up for a useful while has ended: the attempt that follows begins then at the latest, if it may.
    latest: Option<Instant>,
}

impl Backoff {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            slots: vec![Slot::default(); config.connections],
            up: BTreeMap::new(),
            full_at: 0,
            hold: Instant::ZERO,
        }
    }

    /// Looks at what a step did. `before` is where the connections stood.
    pub(super) fn check(
        &mut self,
        now: Instant,
        machine: &SocketMode,
        before: &BTreeMap<ConnectionId, ConnectionStatus>,
        step: Option<&Step>,
        outputs: &[Output],
    ) -> Result<(), Violation> {
        if machine.is_stopping() {
            return Ok(());
        }
        let after: BTreeMap<_, _> = machine.connections().map(|status| (status.connection, status)).collect();
        let slot_of = |id: &ConnectionId| before.get(id).or_else(|| after.get(id)).map(|status| status.slot);
        let is_up =
            |id: &ConnectionId| after.get(id).is_some_and(|status| status.phase == ConnectionPhase::Active);
        let ended: Vec<_> =
            self.up.iter().filter(|(id, _)| !is_up(id)).map(|(&id, &since)| (id, since)).collect();
        for (id, since) in ended {
            self.up.remove(&id);
            let Some(slot) = slot_of(&id).and_then(|slot| self.slots.get_mut(slot)) else { continue };
            slot.end(now, machine.config(), since, is_lost(id, outputs));
        }
        for output in outputs {
            match output {
                Output::Notice(Notice::Connected { connection, .. }) => {
                    self.up.insert(*connection, now);
                }
                Output::Notice(Notice::ConnectionError { connection, error, retry_in }) => {
                    let Some(slot) = slot_of(connection).and_then(|slot| self.slots.get_mut(slot)) else {
                        continue;
                    };
                    slot.failures += 1;
                    slot.due = now + *retry_in;
                    slot.latest = None;
                    if *error == ConnectionError::RateLimited {
                        self.hold = self.hold.max(slot.due);
                    }
                    let number = slot_of(connection);
                    let up = |own: bool| {
                        before.values().any(|status| {
                            let phases = [ConnectionPhase::Active, ConnectionPhase::Draining];
                            phases.contains(&status.phase) && (Some(status.slot) == number) == own
                        })
                    };
                    let (least, most) = match error {
                        // The old one of its slot makes room after the second.
                        ConnectionError::TooManyWebsockets if up(true) && slot.failures > 1 => {
                            (Duration::ZERO, Duration::ZERO)
                        }
                        ConnectionError::TooManyWebsockets if up(false) && !up(true) => {
                            let most = machine.config().too_many_backoff;
                            (most / 2, whole_millis(most))
                        }
                        ConnectionError::TooManyWebsockets => {
                            let (least, most) = bounds(machine.config(), slot.setbacks(), step);
                            (least.min(TOO_MANY_CAP), most.min(TOO_MANY_CAP))
                        }
                        _ => bounds(machine.config(), slot.setbacks(), step),
                    };
                    hold((least..=most).contains(retry_in), Invariant::BackoffIsKept, || {
                        format!("{retry_in:?} after {error:?}, setback {}", slot.setbacks())
                    })?;
                }
                Output::Notice(Notice::Connecting { connection, attempt }) => {
                    let Some(slot) = slot_of(connection).and_then(|slot| self.slots.get(slot)) else {
                        continue;
                    };
                    hold(*attempt == slot.failures + 1, Invariant::AttemptsAreCounted, || {
                        format!("{connection:?} is attempt {attempt} after {} failures", slot.failures)
                    })?;
                    hold(now >= slot.due, Invariant::BackoffIsKept, || {
                        format!("{connection:?} at {now:?}, not before {:?}", slot.due)
                    })?;
                    let interval = whole_millis(machine.config().open_interval).as_millis();
                    let from = self.full_at.max(now.as_millis());
                    self.full_at = from.saturating_add(u64::try_from(interval).unwrap_or(u64::MAX));
                }
                _ => {}
            }
        }
        self.check_dark(now, machine, step)
    }

    /// After a link that was up for a useful while, a slot waits no longer than for the budget, for Slack's `Retry-After`,
    /// or for a share of that while. Several slots wait for one another as well, and are not looked at, nor are those that may
    /// be added against ghosts.
    fn check_dark(
        &mut self,
        now: Instant,
        machine: &SocketMode,
        step: Option<&Step>,
    ) -> Result<(), Violation> {
        let [slot] = self.slots.as_mut_slice() else { return Ok(()) };
        if machine.config().outnumber.is_some() {
            return Ok(());
        }
        let waits = |status: &ConnectionStatus| status.phase == ConnectionPhase::Waiting;
        let waiting = machine.connections().filter(waits).count();
        if waiting == 0 {
            slot.latest = None;
        }
        let (Some(latest), Some(Call::Timeout)) = (slot.latest, step.map(|step| &step.call)) else {
            return Ok(());
        };
        let config = machine.config();
        let interval = whole_millis(config.open_interval).as_millis();
        let spare = interval * u128::from(config.open_burst.saturating_sub(1));
        let available = u128::from(self.full_at).saturating_sub(spare);
        let may = latest <= now && self.hold <= now && available <= u128::from(now.as_millis());
        let has_room = machine.connections().count() - waiting < 2;
        hold(!may || !has_room, Invariant::DarkForAShareOfTheLastLife, || {
            format!("an attempt waits at {now:?}, and could have begun at {latest:?}")
        })
    }
}

impl Slot {
    fn setbacks(&self) -> u32 {
        self.failures + self.early_rotations
    }

    /// A link that was up no longer is: lost, or being replaced.
    fn end(&mut self, now: Instant, config: &Config, since: Instant, lost: bool) {
        let stable = now >= since + config.stable_after;
        if stable {
            (self.failures, self.early_rotations) = (0, 0);
        }
        if lost {
            self.failures += 1;
        } else if !stable {
            self.early_rotations += 1;
        }
        // The first loss is mended at once, and so are the first few replacements of young links.
        let at_once = if lost { 1 } else { EAGER_ROTATIONS };
        self.due = if self.setbacks() > at_once { now + BACKOFF_FLOOR.min(config.backoff_cap) } else { now };
        let life = now.saturating_since(since);
        self.latest = (life >= SHORTEST_USEFUL_LIFE).then(|| now + life / UP_TO_DARK);
    }
}

fn is_lost(id: ConnectionId, outputs: &[Output]) -> bool {
    outputs.iter().any(|output| match output {
        Output::Notice(Notice::Disconnected { connection, reason }) if *connection == id => {
            *reason != EndReason::Rotated
        }
        _ => false,
    })
}

/// Between which waits one has to lie.
fn bounds(config: &Config, setbacks: u32, step: Option<&Step>) -> (Duration, Duration) {
    if let Some(Call::Input(_, OwnedInput::Opened { retry_after: Some(text), .. })) =
        step.map(|step| &step.call)
    {
        if let Some(seconds) = delay_seconds(text) {
            let wait = Duration::from_secs(seconds).clamp(RETRY_AFTER_FLOOR, RETRY_AFTER_CAP);
            return (wait, wait);
        }
    }
    let doubled = config.backoff_base.saturating_mul(1 << (setbacks - 1).min(20));
    let ceiling = doubled.min(config.backoff_cap).max(BACKOFF_FLOOR);
    (BACKOFF_FLOOR, whole_millis(ceiling))
}

/// The machine counts in whole milliseconds, rounded up.
fn whole_millis(duration: Duration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX))
}
