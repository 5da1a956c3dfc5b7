//! Jitter without entropy: the seed is the caller's.

use core::time::Duration;

/// SplitMix64 (Steele, Lea, Flood 2014): one word of state, enough for spreading retries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A duration between the two, both included, in whole milliseconds.
    pub(crate) fn between(&mut self, low: Duration, high: Duration) -> Duration {
        let low = crate::time::millis_ceil(low);
        let high = crate::time::millis_ceil(high).max(low);
        let span = (high - low).saturating_add(1);
        Duration::from_millis(low.saturating_add(self.next() % span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers that implementations of SplitMix64 give for this seed.
    #[test]
    fn it_is_split_mix_64() {
        let mut random = Random::new(1_234_567);
        let known = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
        ];
        assert_eq!(known.map(|_| random.next()), known);
    }

    #[test]
    fn it_stays_within_its_bounds_and_reaches_both() {
        let mut random = Random::new(7);
        let (low, high) = (Duration::from_millis(2), Duration::from_millis(5));
        let seen: alloc::collections::BTreeSet<_> = (0..200).map(|_| random.between(low, high)).collect();
        assert_eq!(seen.first(), Some(&low));
        assert_eq!(seen.last(), Some(&high));
        assert_eq!(seen.len(), 4);
        assert_eq!(random.between(high, low), high);
    }
}
