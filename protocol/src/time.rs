//! Points in time.

use core::fmt;
use core::ops::Add;
use core::time::Duration;

/// A point in time: milliseconds since an origin that the caller chooses.
///
/// The machine never reads a clock. The embedder tells it the time, as the distance from a fixed moment of a *monotonic*
/// clock: the start of the process, for example.
///
/// ```
/// use core::time::Duration;
/// use socketmode_protocol::Instant;
///
/// let start = Instant::from_millis(1_000);
/// assert_eq!((start + Duration::from_secs(3)).as_millis(), 4_000);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

impl Instant {
    /// The origin.
    pub const ZERO: Self = Self(0);

    /// The last point at which something can happen. A deadline after it is never reached, so it is always in the future.
    pub(crate) const LAST: Self = Self(u64::MAX - 1);

    /// The point `millis` milliseconds after the origin.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// The point this long after the origin, in whole milliseconds, rounded down.
    #[must_use]
    pub fn from_elapsed(elapsed: Duration) -> Self {
        Self(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
    }

    /// Milliseconds since the origin.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The time since `earlier`; zero if `earlier` is later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// Saturates at the largest value, and rounds up to the millisecond: a deadline is never early.
impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(millis_ceil(rhs)))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}

/// A duration in whole milliseconds, rounded up.
pub(crate) fn millis_ceil(duration: Duration) -> u64 {
    let below_a_second = u64::from(duration.subsec_nanos().div_ceil(1_000_000));
    duration.as_secs().saturating_mul(1_000).saturating_add(below_a_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_never_early_and_never_overflows() {
        assert_eq!(Instant::ZERO + Duration::from_nanos(1), Instant::from_millis(1));
        assert_eq!(Instant::from_millis(5) + Duration::MAX, Instant::from_millis(u64::MAX));
        assert_eq!(Instant::ZERO + Duration::from_secs(u64::MAX / 1_000 + 1), Instant::from_millis(u64::MAX));
        assert_eq!(Instant::from_millis(3).saturating_since(Instant::from_millis(9)), Duration::ZERO);
    }
}
