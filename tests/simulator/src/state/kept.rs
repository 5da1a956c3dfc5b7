//! Records that are kept: the newest, bounded in number and in bytes.

use super::weigh::Weigh;
use crate::{KEPT_BYTES, KEPT_RECORDS};
use std::collections::VecDeque;

/// Records of one kind, oldest first. The oldest make room for a new one; one that is heavier than the bound by itself
/// is shortened, and costs no other its place.
pub(crate) struct Kept<T> {
    /// Each with its bytes.
    records: VecDeque<(usize, T)>,
    /// The number of the oldest one, or of the next one if there is none.
    first: u64,
    bytes: usize,
    most: usize,
    most_bytes: usize,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self::within(KEPT_RECORDS, KEPT_BYTES)
    }
}

impl<T> Kept<T> {
    fn within(most: usize, most_bytes: usize) -> Self {
        Self { records: VecDeque::new(), first: 0, bytes: 0, most, most_bytes }
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.records.iter().map(|(_, record)| record)
    }

    /// Those from the number `next` on; that is then the number of the next record to come.
    pub(crate) fn since(&self, next: &mut u64) -> impl Iterator<Item = &T> + use<'_, T> {
        let skipped = usize::try_from(next.saturating_sub(self.first)).unwrap_or(usize::MAX);
        *next = self.first + self.records.len() as u64;
        self.iter().skip(skipped)
    }

    /// The number of the oldest record that is still there.
    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.records.len() as u64
    }

    /// The record of this number, if it is still there.
    pub(crate) fn get(&self, number: u64) -> Option<&T> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.records.get(index).map(|(_, record)| record)
    }

    fn make_room(&mut self) {
        while self.records.len() > self.most || self.bytes > self.most_bytes {
            let Some((bytes, _)) = self.records.pop_front() else { return };
            self.bytes -= bytes;
            self.first += 1;
        }
    }
}

impl<T: Weigh> Kept<T> {
    /// Keeps one more, and gives its number: from 0, each the next.
    pub(crate) fn push(&mut self, record: T) -> u64 {
        let number = self.first + self.records.len() as u64;
        let weighed = self.weighed(record);
        self.bytes += weighed.0;
        self.records.push_back(weighed);
        self.make_room();
        number
    }

    /// Changes the record of this number, if it is still there.
    pub(crate) fn update<R>(&mut self, number: u64, act: impl FnOnce(&mut T) -> R) -> Option<R> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let (bytes, record) = self.records.get_mut(index)?;
        let out = act(record);
        let mut now = record.weigh();
        if now > self.most_bytes {
            record.shorten();
            now = record.weigh();
        }
        self.bytes = self.bytes - std::mem::replace(bytes, now) + now;
        self.make_room();
        Some(out)
    }

    /// Changes the newest record that is like this, if there is one.
    pub(crate) fn update_last<R>(
        &mut self,
        like: impl Fn(&T) -> bool,
        act: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        let index = self.records.iter().rposition(|(_, known)| like(known))?;
        self.update(self.first + index as u64, act)
    }

    fn weighed(&self, mut record: T) -> (usize, T) {
        let mut bytes = record.weigh();
        if bytes > self.most_bytes {
            record.shorten();
            bytes = record.weigh();
        }
        (bytes, record)
    }
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
