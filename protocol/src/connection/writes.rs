//! What a link was asked to write, until its fate is known.

use alloc::collections::VecDeque;

use crate::ids::{AckToken, WriteId};
use crate::limits::{MAX_UNWRITTEN, MAX_UNWRITTEN_BYTES};
use crate::time::Instant;

/// The writes of one link that were asked for and are neither written nor known to be not written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Writes {
    queue: VecDeque<Write>,
    /// Of all their texts.
    bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Write {
    id: WriteId,
    at: Instant,
    bytes: usize,
    /// The delivery that it acknowledges; a duplicate's acknowledgement has none.
    token: Option<AckToken>,
}

impl Writes {
    /// Adds a write of so many bytes, with an id above all others.
    pub(crate) fn push(&mut self, id: WriteId, at: Instant, bytes: usize, token: Option<AckToken>) {
        self.bytes += bytes;
        self.queue.push_back(Write { id, at, bytes, token });
    }

    pub(crate) fn contains(&self, id: WriteId) -> bool {
        self.queue.binary_search_by_key(&id, |write| write.id).is_ok()
    }

    /// Takes out the oldest write up to `id`; inside it the delivery that it acknowledges, if any.
    pub(crate) fn pop_up_to(&mut self, id: WriteId) -> Option<Option<AckToken>> {
        let is_one = self.queue.front().is_some_and(|write| write.id <= id);
        let write = if is_one { self.queue.pop_front() } else { None }?;
        self.bytes -= write.bytes;
        Some(write.token)
    }

    /// Takes out this write and all later ones; the deliveries that they acknowledge.
    pub(crate) fn take_from(&mut self, id: WriteId) -> impl Iterator<Item = AckToken> + use<> {
        let at = self.queue.partition_point(|write| write.id < id);
        let taken = self.queue.split_off(at);
        self.bytes -= taken.iter().map(|write| write.bytes).sum::<usize>();
        taken.into_iter().filter_map(|write| write.token)
    }

    /// Whether more waits than a peer that reads would leave.
    pub(crate) fn are_too_many(&self) -> bool {
        self.queue.len() >= MAX_UNWRITTEN || self.bytes >= MAX_UNWRITTEN_BYTES
    }

    /// Whether a write of so many bytes may come here from another link: this one is not given up for what that one left.
    /// Their number needs no bound of its own, as half of [`MAX_UNWRITTEN`] can be outstanding.
    pub(crate) fn have_room_for_moved(&self, bytes: usize) -> bool {
        self.bytes + bytes <= MAX_UNWRITTEN_BYTES / 2
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Since when the oldest waits.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.queue.front().map(|write| write.at)
    }

    /// Since when each waits, its size and the delivery that it acknowledges, the oldest first.
    #[cfg(feature = "explore")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Instant, usize, Option<AckToken>)> {
        self.queue.iter().map(|write| (write.at, write.bytes, write.token))
    }
}
