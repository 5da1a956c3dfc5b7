//! Records that are kept: the newest, bounded in number and in bytes.

use crate::record::{Ack, Call, DialRecord, FrameRecord, OpenRecord};
use crate::{DialAnswer, KEPT_BYTES, KEPT_RECORDS, OpenAnswer};
use serde_json::{Map, Value};
use std::collections::VecDeque;

/// Records of one kind, oldest first. The oldest make room for a new one; one that is heavier than the bound is
/// not kept.
pub(crate) struct Kept<T> {
    /// Each with its bytes.
    records: VecDeque<(usize, T)>,
    /// The number of the oldest one, or of the next one if there is none.
    first: u64,
    bytes: usize,
    most: usize,
    most_bytes: usize,
}

/// What a record takes of the memory.
pub(crate) trait Weigh {
    /// Its bytes, those behind its pointers included; rather too many than too few.
    fn weigh(&self) -> usize;
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
        let bytes = record.weigh();
        self.records.push_back((bytes, record));
        self.bytes += bytes;
        self.make_room();
        number
    }

    /// Puts a record in the place of the first one that is like this, or gives it back.
    pub(crate) fn replace(&mut self, like: impl Fn(&T) -> bool, record: T) -> Result<(), T> {
        let Some(place) = self.records.iter_mut().find(|(_, known)| like(known)) else { return Err(record) };
        self.bytes -= place.0;
        *place = (record.weigh(), record);
        self.bytes += place.0;
        self.make_room();
        Ok(())
    }
}

impl Weigh for FrameRecord {
    fn weigh(&self) -> usize {
        size_of::<Self>() + self.bytes.len()
    }
}

impl Weigh for Call {
    fn weigh(&self) -> usize {
        let error = self.error.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.method.len() + error + behind(&self.body)
    }
}

impl Weigh for Ack {
    fn weigh(&self) -> usize {
        size_of::<Self>() + self.envelope_id.as_str().len() + self.payload.as_ref().map_or(0, behind)
    }
}

impl Weigh for Map<String, Value> {
    fn weigh(&self) -> usize {
        size_of::<Self>() + behind_map(self)
    }
}

impl Weigh for OpenRecord {
    fn weigh(&self) -> usize {
        let answer = match &self.outcome {
            OpenAnswer::Error(text) | OpenAnswer::Redirect(text) | OpenAnswer::Body(text) => text.len(),
            OpenAnswer::Status(_, headers, body) => {
                let text = |(name, value): &(String, String)| name.len() + value.len();
                size_of_val(headers.as_slice()) + headers.iter().map(text).sum::<usize>() + body.len()
            }
            OpenAnswer::Delay(_, then) => {
                Self { at: self.at, app_id: None, outcome: OpenAnswer::clone(then) }.weigh()
            }
            OpenAnswer::Link
            | OpenAnswer::RateLimited { .. }
            | OpenAnswer::HugeBody(_)
            | OpenAnswer::Hang
            | OpenAnswer::Drop => 0,
        };
        size_of::<Self>() + self.app_id.as_ref().map_or(0, String::len) + answer
    }
}

impl Weigh for DialRecord {
    fn weigh(&self) -> usize {
        let answer = match &self.outcome {
            DialAnswer::WithoutHello(text) | DialAnswer::HelloThen(text) => text.len(),
            DialAnswer::Delay(_, then) => Self { at: self.at, outcome: DialAnswer::clone(then) }.weigh(),
            DialAnswer::Link
            | DialAnswer::Status(_)
            | DialAnswer::Hang
            | DialAnswer::Drop
            | DialAnswer::NoHello => 0,
        };
        size_of::<Self>() + answer
    }
}

/// The bytes behind a value's pointers.
fn behind(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        // A vector that grew may have room for twice as many.
        Value::Array(values) => 2 * size_of_val(values.as_slice()) + values.iter().map(behind).sum::<usize>(),
        Value::Object(fields) => behind_map(fields),
    }
}

fn behind_map(fields: &Map<String, Value>) -> usize {
    /// A node of a map has room for so many fields.
    const NODE: usize = 11;
    /// So many of them are used at least where there is more than one node.
    const USED: usize = 5;
    let nodes = fields.len().div_ceil(USED);
    let room = nodes * NODE * (size_of::<String>() + size_of::<Value>());
    room + fields.iter().map(|(name, value)| name.len() + behind(value)).sum::<usize>()
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
