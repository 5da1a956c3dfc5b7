//! What waits to be fetched.

use alloc::collections::VecDeque;

use crate::limits::{MAX_OUTSTANDING_BYTES, MAX_UNPOLLED_NOTICES, MAX_UNPOLLED_OUTPUTS};
use crate::notice::Notice;
use crate::output::Output;

/// The outputs that nobody has fetched, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Outputs {
    queue: VecDeque<Output>,
    /// How many of them tell of what a peer may send without end.
    notices: usize,
    /// The size of the envelopes among them, as they came.
    bytes: usize,
}

impl Outputs {
    pub(super) fn push(&mut self, output: Output) {
        self.notices += usize::from(is_without_end(&output));
        self.bytes += bytes(&output);
        self.queue.push_back(output);
    }

    pub(super) fn pop(&mut self) -> Option<Output> {
        let output = self.queue.pop_front()?;
        self.notices -= usize::from(is_without_end(&output));
        self.bytes -= bytes(&output);
        Some(output)
    }

    pub(super) fn newest(&self) -> Option<&Output> {
        self.queue.back()
    }

    /// Whether one more may wait that tells of what a peer may send without end.
    pub(super) fn have_room_for_notice(&self) -> bool {
        self.notices < MAX_UNPOLLED_NOTICES
    }

    /// Whether an envelope of this size may wait among them.
    pub(super) fn have_room(&self, bytes: usize) -> bool {
        !self.are_full() && self.bytes + bytes <= MAX_OUTSTANDING_BYTES
    }

    /// Whether nothing may be begun that adds to them.
    pub(super) fn are_full(&self) -> bool {
        self.queue.len() >= MAX_UNPOLLED_OUTPUTS
    }

    /// Whether so much waits that nothing more should be read: some time before anything is refused, as what has been read
    /// is handed in all the same.
    pub(super) fn are_many(&self) -> bool {
        self.queue.len() >= MAX_UNPOLLED_OUTPUTS / 2 || self.bytes >= MAX_OUTSTANDING_BYTES / 2
    }
}

fn is_without_end(output: &Output) -> bool {
    matches!(output, Output::Notice(Notice::BadMessage { .. } | Notice::Disconnect { .. }))
}

fn bytes(output: &Output) -> usize {
    if let Output::Envelope(envelope) = output { envelope.raw.len() } else { 0 }
}
