//! Copies of an envelope: they are held until the first delivery is settled, and get the same outcome.

use alloc::sync::Arc;

use super::{Backlog, Run, SocketMode};
use crate::acks::copies::HeldCopy;
use crate::connection::Acknowledges;
use crate::envelope::Envelope;
use crate::ids::{AckToken, ConnectionId};
use crate::limits::{ACK_DEADLINE, MAX_RESPONSE_BYTES};
use crate::notice::Notice;
use crate::time::Instant;
use crate::wire::ack;

impl SocketMode {
    /// A copy of an outstanding delivery arrived.
    pub(super) fn hold_copy(&mut self, first: AckToken, envelope: Envelope) {
        if self.copies.has_room(first, envelope.raw.len()) {
            let received = self.now;
            self.copies.push(first, HeldCopy { envelope, received });
        } else {
            self.stats.copies_shed += 1;
        }
    }

    /// The acknowledgement of a delivery was written: acknowledges its copies in the same way, each on its own connection.
    pub(super) fn acknowledge_copies(&mut self, token: AckToken, key: Arc<str>, payload: Option<&str>) {
        let mut shared: Option<Arc<str>> = None;
        for HeldCopy { envelope, .. } in self.copies.take(token) {
            self.stats.copies_acknowledged += 1;
            let payload = payload.filter(|_| envelope.accepts_response_payload());
            let payload = payload.map(|payload| Arc::clone(shared.get_or_insert_with(|| payload.into())));
            self.acknowledge_copy(envelope.connection, envelope.envelope_id, payload);
        }
        let Some(window) = self.config.deduplicate else { return };
        if let Some(effective) = self.dedup.remember(self.now, window, key) {
            self.tell(Notice::DedupShortened { window: effective });
        }
    }

    /// Acknowledges a copy if a link is there; if not, Slack sends it again. With a longer `envelope_id` the payload may be
    /// too large. Then the copy is not acknowledged: without the payload the answer would have another meaning.
    pub(super) fn acknowledge_copy(
        &mut self,
        connection: ConnectionId,
        envelope_id: Arc<str>,
        payload: Option<Arc<str>>,
    ) {
        let bytes = ack::size(&envelope_id, payload.as_deref());
        if let Some(id) = self.route(connection).filter(|_| bytes <= MAX_RESPONSE_BYTES) {
            self.write(id, bytes, Acknowledges::Copy { envelope_id, payload });
        }
    }

    /// A delivery was settled without a written acknowledgement: delivers its newest copy instead, and holds the older ones
    /// for that delivery.
    pub(super) fn deliver_held_copy(&mut self, token: AckToken, key: Arc<str>) {
        let mut copies = self.copies.take(token);
        let can_be_acknowledged = |copy: &HeldCopy| self.can_be_acknowledged(copy);
        let live = copies.iter().rposition(can_be_acknowledged);
        let newest = live.or_else(|| copies.len().checked_sub(1));
        let Some(HeldCopy { envelope, received }) = newest.and_then(|index| copies.remove(index)) else {
            return self.dedup.release(&key);
        };
        if self.sheds(1 + copies.len(), envelope.raw.len()) {
            return self.dedup.release(&key);
        }
        let token = envelope.token;
        self.dedup.replace(&key, token);
        for copy in copies {
            // If no copy can be acknowledged, one delivery is enough: it expires at once, and the others would too.
            if live.is_some() {
                self.copies.push(token, copy);
            } else {
                self.stats.copies_shed += 1;
            }
        }
        self.deliver(envelope, received, Some(key));
        if self.deliveries.is_overdue(token) {
            // The policy acknowledges before the deadline, so it comes first.
            if self.deliveries.get(token).is_some_and(|delivery| delivery.auto_at.is_some()) {
                self.acknowledge_by_policy(token);
            }
            self.on_overdue(token);
        }
    }

    fn can_be_acknowledged(&self, copy: &HeldCopy) -> bool {
        let is_late = self.now >= copy.received + ACK_DEADLINE;
        let is_over = self.now >= copy.received + self.config.late_ack_window;
        !is_over && (!is_late || self.is_writable(copy.envelope.connection))
    }

    /// When the oldest outstanding delivery arrived: one without an outcome, as [`Stats::outstanding`](crate::Stats::outstanding) counts.
    #[must_use]
    pub fn oldest_outstanding(&self) -> Option<Instant> {
        self.deliveries.iter().next().map(|(_, delivery)| delivery.received)
    }

    /// Whether an envelope that arrives now is read and delivered: the machine [reads](Self::is_reading), has room for it, and
    /// does not stop. If not, it waits unread, or is shed.
    #[must_use]
    pub fn is_delivering(&self) -> bool {
        let keeps_up = matches!(self.backlog, Backlog::Clear) && self.can_deliver(1);
        matches!(self.run, Run::Running) && self.is_reading() && keeps_up
    }

    /// Whether envelopes that arrive now are shed: neither delivered nor acknowledged. If so, counts them. `bytes` is the size
    /// of the one to be delivered.
    pub(super) fn sheds(&mut self, envelopes: usize, bytes: usize) -> bool {
        let envelopes = envelopes as u64;
        if !matches!(self.run, Run::Running) {
            self.stats.shed_while_stopping += envelopes;
            return true;
        }
        if !self.can_deliver(bytes) {
            self.rare.overflow.add(envelopes, bytes);
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

    /// Whether there is room for an envelope of this size, among the outstanding deliveries and the outputs.
    pub(super) fn can_deliver(&self, bytes: usize) -> bool {
        self.deliveries.has_room(bytes) && self.outputs.have_room(bytes)
    }
}
