//! Deliveries, from the envelope to the outcome of its acknowledgement.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::table::Decoded;
use super::{Overflow, Run, SocketMode};
use crate::acks::AckPolicy;
use crate::acks::dedup::{Dedup, Known};
use crate::acks::deliveries::{Ack, AckState, Delivery};
use crate::connection::{Acknowledges, Connection, Writes};
use crate::envelope::{Envelope, EnvelopeKind, ResponsePayload};
use crate::errors::{AckRefusal, truncate};
use crate::ids::{AckToken, ConnectionId, WriteId};
use crate::notice::Notice;
use crate::output::{AckOutcome, Output};
use crate::text::Text;
use crate::time::Instant;
use crate::wire::ack;
use crate::wire::messages::{self, Header};

impl SocketMode {
    /// An envelope arrived. It is delivered in any phase: an envelope before the hello, or after our close frame, counts
    /// like any other.
    pub(super) fn on_envelope(&mut self, connection: ConnectionId, header: Header<'_>, text: &Text) {
        let now = self.now;
        if let Some(link) = self.connection_mut(connection).and_then(Connection::link_mut) {
            link.last_envelope = now;
        }
        if self.sheds(1, text.len()) {
            return;
        }
        let envelope_id: Arc<str> = header.envelope_id.into();
        let token = self.deliveries.next_token();
        let mut first = None;
        let dedup_key = self.config.deduplicate.map(|window| {
            let payload = header.payload.of(text);
            let event_id = match header.kind {
                EnvelopeKind::EventsApi => messages::event_id(payload),
                _ => None,
            };
            let key = Dedup::key(&envelope_id, event_id.as_deref());
            first = self.dedup.begin(self.now, window, &key, token).err();
            key
        });
        if first == Some(Known::Acknowledged) {
            self.stats.copies_acknowledged += 1;
            return self.acknowledge_copy(connection, envelope_id, None);
        }
        let response_payload =
            ResponsePayload::of(header.accepts_response_payload, &header.kind, || header.payload.of(text));
        let envelope = Envelope {
            token,
            connection,
            kind: header.kind,
            envelope_id,
            response_payload,
            acknowledged: false,
            retry_attempt: header.retry_attempt,
            retry_reason: truncate(&header.retry_reason).into(),
            raw: text.clone(),
            payload: header.payload,
        };
        match first {
            Some(Known::Outstanding(first)) => self.hold_copy(first, envelope),
            Some(Known::Acknowledged) | None => self.deliver(envelope, self.now, dedup_key),
        }
    }

    /// Hands an envelope to the application.
    pub(super) fn deliver(&mut self, mut envelope: Envelope, received: Instant, dedup_key: Option<Arc<str>>) {
        let token = envelope.token;
        let policy = self.config.ack_policy(&envelope.kind);
        let auto_at = match policy {
            AckPolicy::Manual | AckPolicy::OnReceive => None,
            AckPolicy::BeforeDeadline(after) => Some(received + after),
        };
        self.deliveries.insert(
            token,
            Delivery {
                connection: envelope.connection,
                envelope_id: Arc::clone(&envelope.envelope_id),
                bytes: envelope.raw.len(),
                response_payload: envelope.response_payload,
                received,
                state: AckState::Unacknowledged,
                auto_at,
                dedup_key,
            },
        );
        self.stats.delivered += 1;
        if policy == AckPolicy::OnReceive {
            self.acknowledge_by_policy(token);
            envelope.acknowledged = true;
        }
        self.outputs.push(Output::Envelope(envelope));
    }

    pub(super) fn on_acknowledge(
        &mut self,
        token: AckToken,
        payload: Option<&str>,
    ) -> Result<(), AckRefusal> {
        if matches!(self.run, Run::Stopped) {
            return Err(AckRefusal::Stopped);
        }
        let Some(delivery) = self.deliveries.get(token) else {
            return Err(if self.deliveries.knows(token) { AckRefusal::Settled } else { AckRefusal::Unknown });
        };
        if !delivery.is_unacknowledged() {
            return Err(AckRefusal::AlreadyAcknowledged);
        }
        if payload.is_some() && delivery.response_payload == ResponsePayload::Refused {
            return Err(AckRefusal::PayloadNotAccepted);
        }
        let payload = ack::check(&delivery.envelope_id, payload)?;
        let connection = delivery.connection;
        if self.is_stopping() && self.route(connection).is_none() {
            return Err(AckRefusal::Stopped);
        }
        let ack = Ack { payload: payload.map(Box::from), by_application: true };
        self.send_or_park(token, ack);
        Ok(())
    }

    pub(super) fn on_decline(&mut self, token: AckToken) {
        if self.deliveries.get(token).is_some_and(Delivery::is_unacknowledged) {
            self.stats.declined += 1;
            if let Some(key) = self.deliveries.remove(token).and_then(|delivery| delivery.dedup_key) {
                self.deliver_held_copy(token, key);
            }
        }
    }

    /// Every write up to this one is written.
    pub(super) fn on_written(&mut self, id: ConnectionId, write: WriteId) {
        if self.writes_with(id, write).is_none() {
            return self.stray();
        }
        let next = |machine: &mut Self| machine.connection_mut(id)?.writes_mut()?.pop_up_to(write);
        while let Some(token) = next(self) {
            if let Some(token) = token {
                self.settle_ack(token, Some(id));
            }
        }
    }

    /// This write and all later ones of the connection will not be written.
    pub(super) fn on_not_written(&mut self, id: ConnectionId, write: WriteId) {
        let Some(writes) = self.writes_with(id, write) else { return self.stray() };
        let free = writes.take_from(write);
        // The peer has closed a link that takes no more writes, even if its close frame is reported later.
        self.apply(id, Decoded::CloseFrame(None));
        self.reroute(id, free);
    }

    fn writes_with(&mut self, id: ConnectionId, write: WriteId) -> Option<&mut Writes> {
        let writes = self.connection_mut(id).and_then(Connection::writes_mut);
        writes.filter(|writes| writes.contains(write))
    }

    pub(super) fn acknowledge_by_policy(&mut self, token: AckToken) {
        if self.deliveries.get(token).is_some_and(Delivery::is_unacknowledged) {
            self.send_or_park(token, Ack { payload: None, by_application: false });
        }
    }

    /// A connection can no longer be written to. The `free` acknowledgements, which were not and will not be written on it,
    /// go out on another connection or are lost. Its overdue deliveries can no longer be acknowledged.
    pub(super) fn reroute(&mut self, connection: ConnectionId, free: Vec<AckToken>) {
        for token in free {
            let Some(delivery) = self.deliveries.get_mut(token) else { continue };
            let late = delivery.is_late(self.now);
            match core::mem::replace(&mut delivery.state, AckState::Unacknowledged) {
                AckState::InFlight(ack) if late => {
                    delivery.state = AckState::InFlight(ack);
                    self.settle_ack(token, None);
                }
                AckState::InFlight(ack) => self.send_or_park(token, ack),
                other @ (AckState::Parked(_) | AckState::Unacknowledged) => delivery.state = other,
            }
        }
        let expired: Vec<_> = self
            .deliveries
            .overdue()
            .filter(|(_, delivery)| delivery.connection == connection && delivery.is_unacknowledged())
            .map(|(token, _)| token)
            .collect();
        for token in expired {
            self.expire(token);
        }
    }

    /// A connection is up: parked acknowledgements go out.
    pub(super) fn send_parked(&mut self) {
        for token in self.deliveries.parked() {
            let Some(delivery) = self.deliveries.get_mut(token) else { continue };
            match core::mem::replace(&mut delivery.state, AckState::Unacknowledged) {
                AckState::Parked(ack) => self.send_or_park(token, ack),
                other @ (AckState::InFlight(_) | AckState::Unacknowledged) => delivery.state = other,
            }
        }
    }

    /// Slack's 3 s are over for a delivery.
    pub(super) fn on_overdue(&mut self, token: AckToken) {
        let Some(delivery) = self.deliveries.get(token) else { return };
        let (connection, envelope_id) = (delivery.connection, Arc::clone(&delivery.envelope_id));
        match delivery.state {
            AckState::Unacknowledged => {
                self.stats.overdue += 1;
                self.tell(Notice::AckOverdue { token, envelope_id });
                if !self.is_writable(connection) {
                    self.expire(token);
                }
            }
            AckState::Parked(_) => self.settle_ack(token, None),
            // It was made in time. When it is written, its outcome is "late".
            AckState::InFlight(_) => {}
        }
    }

    /// Tells how many envelopes were shed because there was no room, when there is room again.
    pub(super) fn tell_overflow(&mut self) {
        if self.can_deliver(self.rare.overflow.least) {
            self.tell_shed();
        }
    }

    /// Tells how many envelopes were shed because there was no room, if any.
    pub(super) fn tell_shed(&mut self) {
        let Overflow { envelopes, .. } = core::mem::take(&mut self.rare.overflow);
        if envelopes > 0 {
            self.tell(Notice::Shed { envelopes });
        }
    }

    /// The time of a delivery is over.
    pub(super) fn on_expired(&mut self, token: AckToken) {
        match self.deliveries.get(token).map(Delivery::is_unacknowledged) {
            Some(true) => self.expire(token),
            Some(false) => self.settle_ack(token, None),
            None => {}
        }
    }

    /// The machine stops: settles all deliveries.
    pub(super) fn settle_all(&mut self) {
        while let Some(token) = self.deliveries.oldest() {
            self.on_expired(token);
        }
    }

    /// Whether a delivery can still be acknowledged, or an acknowledgement is not written yet.
    pub(super) fn is_waiting_for_acks(&self) -> bool {
        self.deliveries.len() > 0 || self.connections.iter().any(Connection::has_unwritten)
    }

    /// Whether Slack still waits for an acknowledgement on this connection, or one is not written yet.
    pub(super) fn is_waiting_for_acks_of(&self, connection: &Connection) -> bool {
        connection.has_unwritten()
            || self.deliveries.in_time().any(|(_, delivery)| delivery.connection == connection.id)
    }

    /// Settles the parked acknowledgements as lost, because no connection will be opened any more.
    pub(super) fn lose_parked(&mut self) {
        for token in self.deliveries.parked() {
            self.settle_ack(token, None);
        }
    }

    /// Where to acknowledge an envelope that arrived on `connection`: there, else on an active connection, else on a draining
    /// one.
    pub(super) fn route(&self, connection: ConnectionId) -> Option<ConnectionId> {
        let find = |test: &dyn Fn(&Connection) -> bool| {
            self.connections.iter().find(|connection| test(connection)).map(|connection| connection.id)
        };
        find(&|candidate| candidate.id == connection && candidate.link().is_some())
            .or_else(|| find(&Connection::is_active))
            .or_else(|| find(&Connection::is_draining))
    }

    pub(super) fn is_writable(&self, id: ConnectionId) -> bool {
        self.connection(id).is_some_and(|connection| connection.link().is_some())
    }

    fn send_or_park(&mut self, token: AckToken, ack: Ack) {
        let Some(delivery) = self.deliveries.get(token) else { return };
        let connection = delivery.connection;
        let bytes = ack::size(&delivery.envelope_id, ack.payload.as_deref());
        // Acknowledgements from other connections must not fill a link up to its limit.
        let takes = |&id: &ConnectionId| {
            id == connection
                || self
                    .connection(id)
                    .and_then(Connection::writes)
                    .is_some_and(|writes| writes.has_room_for_rerouted(bytes))
        };
        let link = self.route(connection).filter(takes);
        let is_sent = link.is_some_and(|id| self.write(id, bytes, Acknowledges::Delivery(token)));
        if let Some(delivery) = self.deliveries.get_mut(token) {
            delivery.state = if is_sent { AckState::InFlight(ack) } else { AckState::Parked(ack) };
        }
    }

    /// Queues a write, if the connection has a link.
    pub(super) fn write(&mut self, id: ConnectionId, bytes: usize, what: Acknowledges) -> bool {
        let now = self.now;
        let link = self.connection_mut(id).and_then(Connection::link_mut);
        link.map(|link| link.writes.push(now, bytes, what)).is_some()
    }

    /// Appends the text of the next write of a connection.
    pub(super) fn pull(&mut self, id: ConnectionId, text: &mut String) -> Option<WriteId> {
        let write = WriteId(self.next_write);
        loop {
            let writes = self.connections.iter_mut().find(|connection| connection.id == id)?.writes_mut()?;
            match writes.pull(write)? {
                Acknowledges::Copy { envelope_id, payload } => {
                    ack::encode(&envelope_id, payload.as_deref(), text);
                }
                Acknowledges::Delivery(token) => match self.deliveries.get(token) {
                    Some(Delivery { envelope_id, state: AckState::InFlight(ack), .. }) => {
                        ack::encode(envelope_id, ack.payload.as_deref(), text);
                    }
                    // It waited for too long and was settled as lost.
                    _ => {
                        writes.discard_last_pulled();
                        continue;
                    }
                },
            }
            self.next_write += 1;
            return Some(write);
        }
    }

    /// Settles a delivery: its acknowledgement was written on a connection, or is lost.
    fn settle_ack(&mut self, token: AckToken, written_on: Option<ConnectionId>) {
        let Some(mut delivery) = self.deliveries.remove(token) else { return };
        let ack = match core::mem::replace(&mut delivery.state, AckState::Unacknowledged) {
            AckState::Parked(ack) | AckState::InFlight(ack) => Some(ack),
            AckState::Unacknowledged => None,
        };
        let outcome = match written_on {
            Some(connection) => {
                let has_payload = ack.as_ref().is_some_and(|ack| ack.payload.is_some());
                let unasked_payload = has_payload && delivery.response_payload == ResponsePayload::Unasked;
                let elsewhere = connection != delivery.connection;
                let late = delivery.is_late(self.now);
                self.stats.acknowledged += 1;
                self.stats.acknowledged_elsewhere += u64::from(elsewhere);
                self.stats.acknowledged_late += u64::from(late);
                AckOutcome::Sent { connection, elsewhere, late, unasked_payload }
            }
            None => {
                self.stats.ack_lost += 1;
                AckOutcome::Lost
            }
        };
        if ack.as_ref().is_some_and(|ack| ack.by_application) {
            let envelope_id = Arc::clone(&delivery.envelope_id);
            self.outputs.push(Output::Acknowledged { token, envelope_id, outcome });
        }
        let Some(key) = delivery.dedup_key.take() else { return };
        if written_on.is_some() {
            self.acknowledge_copies(token, key, ack.and_then(|ack| ack.payload).as_deref());
        } else {
            self.deliver_held_copy(token, key);
        }
    }

    fn expire(&mut self, token: AckToken) {
        let Some(delivery) = self.deliveries.remove(token) else { return };
        self.stats.expired += 1;
        if let Some(key) = delivery.dedup_key {
            self.deliver_held_copy(token, key);
        }
    }
}
