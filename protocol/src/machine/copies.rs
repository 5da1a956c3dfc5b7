//! Copies of an envelope: they wait for the outcome of the first delivery, and share it.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;

use super::{Backlog, Run, SocketMode};
use crate::ack;
use crate::envelope::Envelope;
use crate::event::Event;
use crate::ids::{AckToken, ConnectionId};
use crate::limits::{ACK_DEADLINE, MAX_COPIES, MAX_COPY_BYTES};
use crate::time::Instant;

/// The copies of outstanding deliveries, by the delivery's token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Copies {
    /// The oldest first.
    waiting: BTreeMap<AckToken, VecDeque<Waiting>>,
    len: usize,
    bytes: usize,
}

/// A copy that is neither delivered nor acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Waiting {
    /// Its token is of the time when it came: the order of tokens is that of arrivals.
    pub(super) envelope: Envelope,
    pub(super) received: Instant,
}

impl Copies {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Those of one delivery, the oldest first.
    pub(super) fn of(&self, first: AckToken) -> impl Iterator<Item = &Waiting> {
        self.waiting.get(&first).into_iter().flatten()
    }

    /// Whether there is room for another copy of this size.
    fn has_room(&self, first: AckToken, bytes: usize) -> bool {
        self.of(first).count() < MAX_COPIES && self.bytes + bytes <= MAX_COPY_BYTES
    }

    fn push(&mut self, first: AckToken, copy: Waiting) {
        self.len += 1;
        self.bytes += copy.envelope.raw.len();
        self.waiting.entry(first).or_default().push_back(copy);
    }

    fn take(&mut self, first: AckToken) -> VecDeque<Waiting> {
        let copies = self.waiting.remove(&first).unwrap_or_default();
        self.len -= copies.len();
        self.bytes -= copies.iter().map(|copy| copy.envelope.raw.len()).sum::<usize>();
        copies
    }
}

impl SocketMode {
    /// A copy of what is outstanding came.
    pub(super) fn keep_copy(&mut self, first: AckToken, envelope: Envelope) {
        if self.copies.has_room(first, envelope.raw.len()) {
            let received = self.now;
            self.copies.push(first, Waiting { envelope, received });
        } else {
            self.stats.copies_shed += 1;
        }
    }

    /// A delivery's acknowledgement was written: its copies are acknowledged alike, each on its own connection.
    pub(super) fn share_outcome(&mut self, token: AckToken, key: Arc<str>, payload: Option<&str>) {
        for Waiting { envelope, .. } in self.copies.take(token) {
            self.stats.duplicates += 1;
            let payload = payload.filter(|_| envelope.accepts_response_payload);
            self.acknowledge_copy(envelope.connection, &envelope.envelope_id, payload);
        }
        let Some(window) = self.config.deduplicate else { return };
        if let Some(effective) = self.dedup.remember(self.now, window, key) {
            self.tell(Event::DedupShortened { window: effective });
        }
    }

    /// Acknowledges a copy on a link that is there, and else not: Slack sends it again. A payload that its longer
    /// `envelope_id` makes too large is not replaced by none, which would mean something else.
    pub(super) fn acknowledge_copy(
        &mut self,
        carrier: ConnectionId,
        envelope_id: &str,
        payload: Option<&str>,
    ) {
        if let (Some(index), Ok(text)) = (self.route(carrier), ack::encode(envelope_id, payload)) {
            self.write(index, None, text);
        }
    }

    /// A delivery ended without an acknowledgement that was written: its newest copy is delivered in its place, and
    /// the older ones wait for that one.
    pub(super) fn lapse(&mut self, token: AckToken, key: Arc<str>) {
        let mut copies = self.copies.take(token);
        let can_be_acknowledged = |copy: &Waiting| self.can_be_acknowledged(copy);
        let live = copies.iter().rposition(can_be_acknowledged);
        let newest = live.or_else(|| copies.len().checked_sub(1));
        let Some(Waiting { envelope, received }) = newest.and_then(|index| copies.remove(index)) else {
            return self.dedup.release(&key);
        };
        if self.refuses(1 + copies.len(), envelope.raw.len()) {
            return self.dedup.release(&key);
        }
        let token = envelope.token;
        self.dedup.hand_over(&key, token);
        for copy in copies {
            // With nothing that can be acknowledged, once is enough: it ends as it begins, and so would they.
            if live.is_some() {
                self.copies.push(token, copy);
            } else {
                self.stats.copies_shed += 1;
            }
        }
        self.deliver(envelope, received, Some(key));
        if self.ledger.is_overdue(token) {
            // The policy's time was earlier.
            if self.ledger.get(token).is_some_and(|delivery| delivery.auto_at.is_some()) {
                self.acknowledge_by_policy(token);
            }
            self.on_overdue(token);
        }
    }

    fn can_be_acknowledged(&self, copy: &Waiting) -> bool {
        let is_late = self.now >= copy.received + ACK_DEADLINE;
        let is_over = self.now >= copy.received + self.config.late_ack_window;
        !is_over && (!is_late || self.is_writable(copy.envelope.connection))
    }

    /// Whether envelopes that come now are neither delivered nor acknowledged; so many are counted. One of them would be
    /// delivered: `bytes` is its size.
    pub(super) fn refuses(&mut self, envelopes: usize, bytes: usize) -> bool {
        let envelopes = envelopes as u64;
        if !matches!(self.run, Run::Running) {
            self.stats.left += envelopes;
            return true;
        }
        if !self.ledger.has_room(bytes) {
            self.overflow.add(envelopes, bytes);
            self.stats.shed += envelopes;
            return true;
        }
        if let Backlog::Shedding { envelopes: shed } = &mut self.backlog {
            *shed += envelopes;
            self.stats.shed += envelopes;
            return true;
        }
        false
    }
}
