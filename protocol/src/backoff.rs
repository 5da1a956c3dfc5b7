//! How long to wait before the next attempt, and how many attempts there may be.

use core::time::Duration;

use crate::config::Config;
use crate::limits::BACKOFF_FLOOR;
use crate::random::Random;
use crate::time::{Instant, millis_ceil};

/// Capped exponential back-off with full jitter: anywhere between [`BACKOFF_FLOOR`] and a ceiling that
/// doubles with every failure. `failures` counts from 1.
pub(crate) fn delay(config: &Config, random: &mut Random, failures: u32) -> Duration {
    let ceiling = ceiling(config, failures);
    random.between(BACKOFF_FLOOR.min(ceiling), ceiling)
}

fn ceiling(config: &Config, failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(31);
    config.backoff_base.saturating_mul(1 << doublings).min(config.backoff_cap).max(BACKOFF_FLOOR)
}

/// The number of failures from which on the back-off no longer grows.
#[cfg(any(test, feature = "explore"))]
pub(crate) fn failures_at_cap(config: &Config) -> u32 {
    let most = ceiling(config, u32::MAX);
    (1..32).find(|&failures| ceiling(config, failures) == most).unwrap_or(32)
}

/// The budget of opens over all slots: `burst` at once, then one every `interval`.
///
/// A leaky bucket as one number (the "generic cell rate algorithm"): the moment at which the bucket
/// will be full again, in milliseconds, which may lie beyond the end of time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct OpenBudget {
    full_at: u128,
}

impl OpenBudget {
    pub(crate) fn new(now: Instant) -> Self {
        Self { full_at: now.as_millis().into() }
    }

    /// When the next open may be made.
    pub(crate) fn available_at(&self, config: &Config) -> Instant {
        let spare = u128::from(millis_ceil(config.open_interval)) * u128::from(config.open_burst.max(1) - 1);
        Instant::from_millis(u64::try_from(self.full_at.saturating_sub(spare)).unwrap_or(u64::MAX))
    }

    /// How far from full the bucket is.
    #[cfg(any(test, feature = "explore"))]
    pub(crate) fn ahead(&self, now: Instant) -> u128 {
        self.full_at.saturating_sub(now.as_millis().into())
    }

    /// Takes one open out of the budget.
    pub(crate) fn take(&mut self, config: &Config, now: Instant) {
        let interval = millis_ceil(config.open_interval);
        self.full_at = self.full_at.max(now.as_millis().into()).saturating_add(interval.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_failures_neither_overflow_nor_pass_the_cap() {
        let config = Config::default();
        let mut random = Random::new(1);
        for failures in 0..10_000 {
            let delay = delay(&config, &mut random, failures);
            assert!(delay >= BACKOFF_FLOOR && delay <= config.backoff_cap, "{failures}: {delay:?}");
        }
        assert_eq!(ceiling(&config, 1), Duration::from_secs(1));
        assert_eq!(ceiling(&config, 2), Duration::from_secs(2));
        assert_eq!(ceiling(&config, 7), config.backoff_cap);
        assert_eq!(ceiling(&config, u32::MAX), config.backoff_cap);
    }

    #[test]
    fn the_back_off_grows_up_to_the_failures_at_cap_and_no_further() {
        for seconds in [1, 2, 3, 60, 3_600, u64::MAX] {
            let config = Config { backoff_cap: Duration::from_secs(seconds), ..Config::default() };
            let last = failures_at_cap(&config);
            assert_eq!(ceiling(&config, last), ceiling(&config, u32::MAX), "{seconds} s");
            assert!((1..last).all(|n| ceiling(&config, n) < ceiling(&config, n + 1)), "{seconds} s: {last}");
        }
        assert_eq!(failures_at_cap(&Config::default()), 7);
    }

    #[test]
    fn the_budget_says_how_far_from_full_it_is() {
        let (config, now) = (Config::default(), Instant::from_millis(700));
        let mut budget = OpenBudget::new(now);
        assert_eq!(budget.ahead(now), 0);
        budget.take(&config, now);
        assert_eq!(budget.ahead(now), config.open_interval.as_millis());
        assert_eq!(budget.ahead(now + config.open_interval), 0);
    }

    #[test]
    fn the_budget_holds_at_the_end_of_time() {
        let config = Config { open_burst: 3, ..Config::default() };
        let mut budget = OpenBudget::new(Instant::LAST);
        for _ in 0..3 {
            assert!(budget.available_at(&config) <= Instant::LAST);
            budget.take(&config, Instant::LAST);
        }
        assert!(budget.available_at(&config) > Instant::LAST);
    }

    #[test]
    fn the_budget_allows_a_burst_and_then_a_trickle() {
        let config = Config { open_burst: 3, open_interval: Duration::from_secs(5), ..Config::default() };
        let start = Instant::from_millis(1_000);
        let mut budget = OpenBudget::new(start);
        for _ in 0..3 {
            assert!(budget.available_at(&config) <= start);
            budget.take(&config, start);
        }
        assert_eq!(budget.available_at(&config), start + Duration::from_secs(5));
        let later = start + Duration::from_secs(60);
        assert!(budget.available_at(&config) <= later);
        budget.take(&config, later);
        assert!(
            budget.available_at(&config) <= later,
            "an hour of rest fills the bucket, and no more than that"
        );
    }
}
