//! What must hold of calls of `apps.connections.open`.

use std::collections::VecDeque;
use std::time::Duration;

use socketmode_protocol::limits::RETRY_AFTER_CAP;
use socketmode_protocol::{Action, Config, ConnectionPhase, Instant, delay_seconds};

use crate::output::Output;

use super::connections::Connections;
use super::{Invariant, Violation, hold};
use crate::step::{Call, OwnedInput, Step};

/// The windows that are looked at begin at one of so many last opens.
const WINDOWS: usize = 64;

/// What was seen of opens.
#[derive(Clone, Debug)]
pub struct Opens {
    burst: u64,
    interval: Duration,
    last: VecDeque<Instant>,
    hold: Instant,
}

impl Opens {
    /// Nothing has been seen.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let burst = u64::from(config.open_burst);
        Self { burst, interval: config.open_interval, last: VecDeque::new(), hold: Instant::ZERO }
    }

    pub(super) fn step(&mut self, now: Instant, step: &Step, connections: &Connections) {
        let Call::Input(_, OwnedInput::Opened { status: 429, retry_after: Some(seconds), .. }) = &step.call
        else {
            return;
        };
        let asked = connections.known(step).is_some_and(|known| known.phase == ConnectionPhase::Opening);
        if asked {
            self.asked_to_wait(now, seconds);
        }
    }

    /// A call was answered by 429 with this `Retry-After`.
    pub fn asked_to_wait(&mut self, now: Instant, retry_after: &str) {
        if let Some(seconds) = delay_seconds(retry_after) {
            self.hold = self.hold.max(now + Duration::from_secs(seconds).min(RETRY_AFTER_CAP));
        }
    }

    pub(super) fn outputs(&mut self, now: Instant, outputs: &[Output]) -> Result<(), Violation> {
        let is_open = |output: &&Output| matches!(output, Output::Action { action: Action::Open, .. });
        outputs.iter().filter(is_open).try_for_each(|_| self.opened(now))
    }

    /// A call is made.
    ///
    /// # Errors
    /// It is made too early.
    pub fn opened(&mut self, now: Instant) -> Result<(), Violation> {
        hold(now >= self.hold, Invariant::RetryAfterIsHonoured, || {
            format!("opened at {now:?}, asked to wait until {:?}", self.hold)
        })?;
        if self.last.len() == WINDOWS {
            self.last.pop_front();
        }
        self.last.push_back(now);
        for (older, count) in self.last.iter().rev().zip(1_u64..) {
            let window = now.saturating_since(*older);
            let earned = window.as_millis() / self.interval.as_millis().max(1);
            hold(
                u128::from(count) <= u128::from(self.burst) + earned,
                Invariant::OpensStayWithinTheBudget,
                || format!("{count} opens in {window:?}"),
            )?;
        }
        Ok(())
    }
}

pub(super) fn is_open_or_dial(output: &Output) -> bool {
    matches!(output, Output::Action { action: Action::Open | Action::Dial { .. }, .. })
}
