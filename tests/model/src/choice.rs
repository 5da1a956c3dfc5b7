//! Where decisions come from: a seed, the bytes of a fuzzer, or whoever tries every one of them.

use crate::random::Random;

/// A source of decisions.
pub trait Choice {
    /// A number below `end`, or 0.
    fn below(&mut self, end: u64) -> u64;

    /// Whether it has nothing more to decide. From then on everything is 0.
    fn is_over(&self) -> bool;

    /// Whether something happens that happens `times` in `of`.
    fn chance(&mut self, times: u64, of: u64) -> bool {
        self.below(of) < times
    }

    /// One of them.
    ///
    /// # Panics
    /// There is none.
    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

impl Choice for Random {
    fn below(&mut self, end: u64) -> u64 {
        Random::below(self, end)
    }

    fn is_over(&self) -> bool {
        false
    }
}

/// Decisions from bytes, as few as a decision needs: one among 256 takes one byte, one among one takes none.
#[derive(Clone, Debug)]
pub struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    /// Decisions until these are used up.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What is not used up.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.0
    }
}

impl Choice for Bytes<'_> {
    fn below(&mut self, end: u64) -> u64 {
        let (mut number, mut possible) = (0_u64, 1_u64);
        while possible < end {
            let Some((byte, rest)) = self.0.split_first() else { break };
            number = number << 8 | u64::from(*byte);
            possible = possible.saturating_mul(256);
            self.0 = rest;
        }
        number % end.max(1)
    }

    fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_takes_as_many_bytes_as_it_needs() {
        let mut bytes = Bytes::new(&[7, 1, 2, 255, 9]);
        assert_eq!((bytes.below(1), bytes.below(4), bytes.below(1_000)), (0, 3, 258));
        assert_eq!((bytes.below(256), bytes.below(10), bytes.is_over()), (255, 9, true));
        assert_eq!((bytes.below(10), bytes.below(u64::MAX)), (0, 0));
    }
}
