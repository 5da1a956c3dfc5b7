//! What must hold of failures and the waits that follow them.

use std::collections::BTreeMap;
use std::time::Duration;

use socketmode_protocol::limits::{BACKOFF_FLOOR, EAGER_ROTATIONS, RETRY_AFTER_CAP, RETRY_AFTER_FLOOR};
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
}

#[derive(Clone, Debug, Default)]
struct Slot {
    /// Attempts that failed and links that were lost, since the last stable link.
    failures: u32,
    /// Links that were asked away before they were stable, since then.
    early_rotations: u32,
    /// No attempt before this.
    due: Instant,
}

impl Backoff {
    pub(super) fn new(config: &Config) -> Self {
        Self { slots: vec![Slot::default(); config.connections], up: BTreeMap::new() }
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
                Output::Notice(Notice::Connected { connection }) => {
                    self.up.insert(*connection, now);
                }
                Output::Notice(Notice::ConnectionError { connection, error, retry_in }) => {
                    let Some(slot) = slot_of(connection).and_then(|slot| self.slots.get_mut(slot)) else {
                        continue;
                    };
                    slot.failures += 1;
                    slot.due = now + *retry_in;
                    let (least, most) = bounds(machine.config(), slot.setbacks(), error, step);
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
                }
                _ => {}
            }
        }
        Ok(())
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
    }
}

fn is_lost(id: ConnectionId, outputs: &[Output]) -> bool {
    outputs.iter().any(|output| match output {
        Output::Notice(Notice::Disconnected { connection, reason }) if *connection == id => {
            !matches!(reason, EndReason::Rotated | EndReason::DrainTimedOut)
        }
        _ => false,
    })
}

/// Between which waits one has to lie.
fn bounds(
    config: &Config,
    setbacks: u32,
    error: &ConnectionError,
    step: Option<&Step>,
) -> (Duration, Duration) {
    if let Some(Call::Input(_, OwnedInput::Opened { retry_after: Some(text), .. })) =
        step.map(|step| &step.call)
    {
        if let Some(seconds) = delay_seconds(text) {
            let wait = Duration::from_secs(seconds).clamp(RETRY_AFTER_FLOOR, RETRY_AFTER_CAP);
            return (wait, wait);
        }
    }
    if *error == ConnectionError::TooManyWebsockets {
        return (config.too_many_backoff / 2, whole_millis(config.too_many_backoff));
    }
    let doubled = config.backoff_base.saturating_mul(1 << (setbacks - 1).min(20));
    let ceiling = doubled.min(config.backoff_cap).max(BACKOFF_FLOOR);
    (BACKOFF_FLOOR, whole_millis(ceiling))
}

/// The machine counts in whole milliseconds, rounded up.
fn whole_millis(duration: Duration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX))
}
