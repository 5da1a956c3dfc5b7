//! The writes of a link, until it is known whether they are written.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::ids::{AckToken, WriteId};
use crate::limits::{MAX_UNWRITTEN, MAX_UNWRITTEN_BYTES};
use crate::time::Instant;

/// The acknowledgements of one link of which it is not known yet whether they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Writes {
    /// Not pulled yet: they can still go out on another connection.
    queued: VecDeque<Queued>,
    /// Pulled: they can go out on another connection only when it is known that they are not written.
    pulled: VecDeque<Pulled>,
    /// The size of all their texts.
    bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Queued {
    at: Instant,
    bytes: usize,
    what: Acknowledges,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pulled {
    id: WriteId,
    at: Instant,
    bytes: usize,
    /// The delivery that it acknowledges; `None` for a copy.
    token: Option<AckToken>,
}

/// What a write acknowledges.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Acknowledges {
    /// A delivery. Its payload is in the delivery.
    Delivery(AckToken),
    /// A copy of an acknowledged delivery.
    Copy { envelope_id: Arc<str>, payload: Option<Arc<str>> },
}

impl core::fmt::Debug for Acknowledges {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Delivery(token) => write!(f, "Delivery({token:?})"),
            Self::Copy { envelope_id, payload } => {
                write!(f, "Copy {{ envelope_id: {envelope_id:?}, payload: {} }}", payload.is_some())
            }
        }
    }
}

impl Writes {
    /// Queues a text of this size.
    pub(crate) fn push(&mut self, at: Instant, bytes: usize, what: Acknowledges) {
        self.bytes += bytes;
        self.queued.push_back(Queued { at, bytes, what });
    }

    /// Pulls the next write. `id` must be greater than all earlier ids.
    pub(crate) fn pull(&mut self, id: WriteId) -> Option<Acknowledges> {
        let Queued { at, bytes, what } = self.queued.pop_front()?;
        let token = match what {
            Acknowledges::Delivery(token) => Some(token),
            Acknowledges::Copy { .. } => None,
        };
        self.pulled.push_back(Pulled { id, at, bytes, token });
        Some(what)
    }

    /// Removes the last pulled write: it must not be written.
    pub(crate) fn discard_last_pulled(&mut self) {
        self.bytes -= self.pulled.pop_back().map_or(0, |write| write.bytes);
    }

    /// Whether this write was pulled, and it is not known whether it is written.
    pub(crate) fn contains(&self, id: WriteId) -> bool {
        self.pulled.binary_search_by_key(&id, |write| write.id).is_ok()
    }

    /// Removes the oldest pulled write up to `id`. Returns the delivery that it acknowledges; `Some(None)` for a copy.
    pub(crate) fn pop_up_to(&mut self, id: WriteId) -> Option<Option<AckToken>> {
        let is_one = self.pulled.front().is_some_and(|write| write.id <= id);
        let write = if is_one { self.pulled.pop_front() } else { None }?;
        self.bytes -= write.bytes;
        Some(write.token)
    }

    /// Removes this write and all that were pulled after it. Returns the deliveries that they acknowledge.
    pub(crate) fn take_from(&mut self, id: WriteId) -> Vec<AckToken> {
        let at = self.pulled.partition_point(|write| write.id < id);
        let taken = self.pulled.split_off(at);
        self.bytes -= taken.iter().map(|write| write.bytes).sum::<usize>();
        taken.into_iter().filter_map(|write| write.token).collect()
    }

    /// Removes the writes that were not pulled. Returns the deliveries that they acknowledge.
    pub(crate) fn take_queued(&mut self) -> Vec<AckToken> {
        let taken = core::mem::take(&mut self.queued);
        self.bytes -= taken.iter().map(|write| write.bytes).sum::<usize>();
        let token = |write: Queued| match write.what {
            Acknowledges::Delivery(token) => Some(token),
            Acknowledges::Copy { .. } => None,
        };
        taken.into_iter().filter_map(token).collect()
    }

    /// Removes all writes. Returns the deliveries that they acknowledge.
    pub(crate) fn take_all(&mut self) -> Vec<AckToken> {
        let mut taken = self.take_from(WriteId(0));
        taken.extend(self.take_queued());
        taken
    }

    /// Whether there is something to pull.
    pub(crate) fn has_queued(&self) -> bool {
        !self.queued.is_empty()
    }

    /// Whether there are more writes than a peer that reads would let grow.
    pub(crate) fn is_overfull(&self) -> bool {
        self.queued.len() + self.pulled.len() >= MAX_UNWRITTEN || self.bytes >= MAX_UNWRITTEN_BYTES
    }

    /// Whether a text of this size may come here from another connection. They fill at most half of a link, so that they
    /// alone never end it. Their number needs no limit, as at most half of [`MAX_UNWRITTEN`] can be outstanding.
    pub(crate) fn has_room_for_rerouted(&self, bytes: usize) -> bool {
        self.bytes + bytes <= MAX_UNWRITTEN_BYTES / 2
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queued.is_empty() && self.pulled.is_empty()
    }

    /// When the oldest write was queued.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        let pulled = self.pulled.front().map(|write| write.at);
        pulled.or_else(|| self.queued.front().map(|write| write.at))
    }

    /// For each pulled write: when it was queued, its size, and the delivery that it acknowledges.
    #[cfg(feature = "explore")]
    pub(crate) fn pulled(&self) -> impl ExactSizeIterator<Item = (Instant, usize, Option<AckToken>)> {
        self.pulled.iter().map(|write| (write.at, write.bytes, write.token))
    }

    /// For each other write: when it was queued, its size, and what it acknowledges.
    #[cfg(feature = "explore")]
    pub(crate) fn queued(&self) -> impl ExactSizeIterator<Item = (Instant, usize, &Acknowledges)> {
        self.queued.iter().map(|write| (write.at, write.bytes, &write.what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: WriteId = WriteId(1);
    const TWO: WriteId = WriteId(2);
    const TOKEN: AckToken = AckToken(7);

    /// Two acknowledgements of which the first was pulled.
    fn two() -> Writes {
        let mut writes = Writes::default();
        writes.push(Instant::ZERO, 30, Acknowledges::Delivery(TOKEN));
        writes.push(Instant::ZERO, 40, Acknowledges::Copy { envelope_id: "e".into(), payload: None });
        assert_eq!(writes.pull(ONE), Some(Acknowledges::Delivery(TOKEN)));
        writes
    }

    #[test]
    fn what_leaves_makes_room_again() {
        let mut writes = two();
        assert!(writes.pull(TWO).is_some());
        assert_eq!([writes.pop_up_to(TWO), writes.pop_up_to(TWO)], [Some(Some(TOKEN)), Some(None)]);
        assert_eq!((writes.pop_up_to(TWO), writes), (None, Writes::default()));

        let mut writes = two();
        writes.discard_last_pulled();
        assert_eq!((writes.take_queued(), writes), (Vec::new(), Writes::default()));

        let mut writes = two();
        assert_eq!((writes.take_from(ONE), writes.bytes), (Vec::from([TOKEN]), 40));
        assert_eq!((writes.take_all(), writes), (Vec::new(), Writes::default()));
    }

    #[test]
    fn what_was_pulled_is_known_until_its_fate_is() {
        let mut writes = two();
        assert_eq!([ONE, TWO].map(|id| writes.contains(id)), [true, false]);
        assert_eq!(writes.pop_up_to(WriteId(0)), None);
        assert_eq!(writes.take_from(TWO), []);
        assert!(writes.contains(ONE) && writes.has_queued());
        assert_eq!(writes.take_all(), [TOKEN]);
        assert!(writes.is_empty() && !writes.contains(ONE));
    }
}
