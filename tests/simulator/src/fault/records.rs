//! TLS records, as far as it takes to break off in the middle of one.

use super::relay::End;

/// Where a stream of TLS records is.
#[derive(Default)]
pub(super) struct Records {
    /// Of the record under way: type, version (two bytes), length (two bytes).
    header: Vec<u8>,
    /// Bytes to come after the header.
    left: usize,
    /// The record under way is to be the last, and comes by half.
    end: Option<End>,
}

impl Records {
    const HEADER: usize = 5;

    /// What of these bytes may pass. Each record asks at its beginning whether it is the last.
    pub(super) fn pass<'a>(&mut self, bytes: &'a [u8], is_last: impl Fn() -> Option<End>) -> &'a [u8] {
        for (index, byte) in bytes.iter().enumerate() {
            if self.over().is_some() {
                return bytes.get(..index).unwrap_or(bytes);
            }
            if self.header.is_empty() {
                self.end = is_last();
            }
            if self.header.len() < Self::HEADER {
                self.header.push(*byte);
                if let [_, _, _, high, low] = *self.header.as_slice() {
                    let length = usize::from(u16::from_be_bytes([high, low]));
                    self.left = if self.end.is_some() { length / 2 } else { length };
                }
            } else {
                self.left -= 1;
            }
            if self.header.len() == Self::HEADER && self.left == 0 && self.end.is_none() {
                self.header.clear();
            }
        }
        bytes
    }

    /// How the connection ends, where all has passed that may.
    pub(super) fn over(&self) -> Option<End> {
        self.end.filter(|_| self.header.len() == Self::HEADER && self.left == 0)
    }
}
