//! Copies of an envelope: they wait for the outcome of the first delivery, and share it.

use alloc::sync::Arc;

use super::{Backlog, Run, SocketMode};
use crate::acks::copies::Waiting;
use crate::connection::Acknowledges;
use crate::envelope::Envelope;
use crate::ids::{AckToken, ConnectionId};
use crate::limits::{ACK_DEADLINE, MAX_RESPONSE_BYTES};
use crate::notice::Notice;
use crate::wire::ack;

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
        let mut shared: Option<Arc<str>> = None;
        for Waiting { envelope, .. } in self.copies.take(token) {
            self.stats.duplicates += 1;
            let payload = payload.filter(|_| envelope.accepts_response_payload);
            let payload = payload.map(|payload| Arc::clone(shared.get_or_insert_with(|| payload.into())));
            self.acknowledge_copy(envelope.connection, envelope.envelope_id, payload);
        }
        let Some(window) = self.config.deduplicate else { return };
        if let Some(effective) = self.dedup.remember(self.now, window, key) {
            self.tell(Notice::DedupShortened { window: effective });
        }
    }

    /// Acknowledges a copy on a link that is there, and else not: Slack sends it again. A payload that its longer
    /// `envelope_id` makes too large is not replaced by none, which would mean something else.
    pub(super) fn acknowledge_copy(
        &mut self,
        carrier: ConnectionId,
        envelope_id: Arc<str>,
        payload: Option<Arc<str>>,
    ) {
        let bytes = ack::size(&envelope_id, payload.as_deref());
        if let Some(id) = self.route(carrier).filter(|_| bytes <= MAX_RESPONSE_BYTES) {
            self.write(id, bytes, Acknowledges::Copy { envelope_id, payload });
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
