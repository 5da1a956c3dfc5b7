//! Held copies of outstanding deliveries.

use alloc::collections::{BTreeMap, VecDeque};

use crate::envelope::Envelope;
use crate::ids::AckToken;
use crate::limits::{MAX_COPIES, MAX_COPY_BYTES};
use crate::time::Instant;

/// The held copies of outstanding deliveries, by the token of the delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Copies {
    /// The oldest first.
    held: BTreeMap<AckToken, VecDeque<HeldCopy>>,
    len: usize,
    bytes: usize,
}

/// A copy that is held until the first delivery is settled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct HeldCopy {
    /// It got its token when it arrived: tokens are in the order of arrival.
    pub(crate) envelope: Envelope,
    pub(crate) received: Instant,
}

impl Copies {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The copies of one delivery, the oldest first.
    pub(crate) fn of(&self, first: AckToken) -> impl Iterator<Item = &HeldCopy> {
        self.held.get(&first).into_iter().flatten()
    }

    /// Whether there is room for another copy of this size.
    pub(crate) fn has_room(&self, first: AckToken, bytes: usize) -> bool {
        self.of(first).count() < MAX_COPIES && self.bytes + bytes <= MAX_COPY_BYTES
    }

    pub(crate) fn push(&mut self, first: AckToken, copy: HeldCopy) {
        self.len += 1;
        self.bytes += copy.envelope.raw.len();
        self.held.entry(first).or_default().push_back(copy);
    }

    pub(crate) fn take(&mut self, first: AckToken) -> VecDeque<HeldCopy> {
        let copies = self.held.remove(&first).unwrap_or_default();
        self.len -= copies.len();
        self.bytes -= copies.iter().map(|copy| copy.envelope.raw.len()).sum::<usize>();
        copies
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{EnvelopeKind, Payload, ResponsePayload};
    use crate::ids::ConnectionId;
    use alloc::boxed::Box;

    fn copy(token: u64) -> HeldCopy {
        let envelope = Envelope {
            token: AckToken(token),
            connection: ConnectionId(0),
            kind: EnvelopeKind::EventsApi,
            envelope_id: "e".into(),
            response_payload: ResponsePayload::Refused,
            acknowledged: false,
            retry_attempt: 1,
            retry_reason: Box::default(),
            raw: "{}".into(),
            payload: Payload::none(),
        };
        HeldCopy { envelope, received: Instant::ZERO }
    }

    #[test]
    fn copies_that_are_taken_leave_nothing_behind() {
        let mut copies = Copies::default();
        copies.push(AckToken(0), copy(1));
        copies.push(AckToken(0), copy(2));
        assert_eq!((copies.len(), copies.bytes), (2, 4));
        assert_eq!(copies.take(AckToken(0)), [copy(1), copy(2)]);
        assert_eq!(copies, Copies::default());
    }
}
