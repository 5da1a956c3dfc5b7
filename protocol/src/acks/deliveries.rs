//! The outstanding deliveries.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use crate::envelope::ResponsePayload;
use crate::ids::{AckToken, ConnectionId};
use crate::limits::{ACK_DEADLINE, MAX_OUTSTANDING, MAX_OUTSTANDING_BYTES};
use crate::output::DeadlineReason;
use crate::time::Instant;

/// The outstanding deliveries, by token. That is the order in which they arrived, and the order of their deadlines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Deliveries {
    by_token: BTreeMap<AckToken, Delivery>,
    /// The size of all their envelopes.
    bytes: usize,
    /// The first token for which [`ACK_DEADLINE`] has not been handled.
    due_from: u64,
    next: u64,
    auto: BTreeSet<(Instant, AckToken)>,
}

/// Something that is due. At the same time, the first in this list comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AckDue {
    Auto,
    Overdue,
    Expired,
}

impl AckDue {
    pub(crate) fn reason(self) -> DeadlineReason {
        match self {
            Self::Auto => DeadlineReason::AutoAck,
            Self::Overdue => DeadlineReason::AckOverdue,
            Self::Expired => DeadlineReason::AckExpired,
        }
    }
}

/// An outstanding delivery.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Delivery {
    /// The connection on which it arrived.
    pub(crate) connection: ConnectionId,
    pub(crate) envelope_id: Arc<str>,
    /// The size of the envelope.
    pub(crate) bytes: usize,
    pub(crate) response_payload: ResponsePayload,
    pub(crate) received: Instant,
    pub(crate) state: AckState,
    /// When the policy acknowledges it.
    pub(crate) auto_at: Option<Instant>,
    /// Its id for de-duplication.
    pub(crate) dedup_key: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AckState {
    /// It is not acknowledged.
    Unacknowledged,
    /// It is acknowledged, and the acknowledgement waits for a connection.
    Parked(Ack),
    /// The acknowledgement is in the writes of a connection.
    InFlight(Ack),
}

/// An acknowledgement, kept until it is written.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Ack {
    pub(crate) payload: Option<Box<str>>,
    /// The application made it, and is told the outcome.
    pub(crate) by_application: bool,
}

impl core::fmt::Debug for Ack {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Ack {{ payload: {}, by_application: {} }}", self.payload.is_some(), self.by_application)
    }
}

impl Delivery {
    pub(crate) fn is_unacknowledged(&self) -> bool {
        matches!(self.state, AckState::Unacknowledged)
    }

    pub(crate) fn is_late(&self, now: Instant) -> bool {
        now >= self.received + ACK_DEADLINE
    }
}

impl Deliveries {
    pub(crate) fn len(&self) -> usize {
        self.by_token.len()
    }

    /// Whether another envelope of this size may be outstanding.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.by_token.len() < MAX_OUTSTANDING && self.bytes + bytes <= MAX_OUTSTANDING_BYTES
    }

    /// A new token, for an envelope that arrives now. A held copy is delivered later, or never.
    pub(crate) fn next_token(&mut self) -> AckToken {
        let token = AckToken(self.next);
        self.next += 1;
        token
    }

    pub(crate) fn insert(&mut self, token: AckToken, delivery: Delivery) {
        self.auto.extend(delivery.auto_at.map(|at| (at, token)));
        self.bytes += delivery.bytes;
        self.by_token.insert(token, delivery);
    }

    /// Whether [`ACK_DEADLINE`] has been handled for this one.
    pub(crate) fn is_overdue(&self, token: AckToken) -> bool {
        token.0 < self.due_from
    }

    /// Whether the token was ever issued.
    pub(crate) fn knows(&self, token: AckToken) -> bool {
        token.0 < self.next
    }

    pub(crate) fn get(&self, token: AckToken) -> Option<&Delivery> {
        self.by_token.get(&token)
    }

    pub(crate) fn get_mut(&mut self, token: AckToken) -> Option<&mut Delivery> {
        self.by_token.get_mut(&token)
    }

    pub(crate) fn remove(&mut self, token: AckToken) -> Option<Delivery> {
        let delivery = self.by_token.remove(&token)?;
        self.bytes -= delivery.bytes;
        if let Some(at) = delivery.auto_at {
            self.auto.remove(&(at, token));
        }
        Some(delivery)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (AckToken, &Delivery)> {
        self.by_token.iter().map(|(&token, delivery)| (token, delivery))
    }

    /// Those for which the deadline has passed.
    pub(crate) fn overdue(&self) -> impl Iterator<Item = (AckToken, &Delivery)> {
        self.by_token.range(..AckToken(self.due_from)).map(|(&token, delivery)| (token, delivery))
    }

    /// Those for which the deadline has not passed.
    pub(crate) fn in_time(&self) -> impl Iterator<Item = (AckToken, &Delivery)> {
        self.by_token.range(AckToken(self.due_from)..).map(|(&token, delivery)| (token, delivery))
    }

    /// Those whose acknowledgement waits for a connection. None of them is overdue: it would be lost.
    pub(crate) fn parked(&self) -> Vec<AckToken> {
        let parked = self.in_time().filter(|(_, delivery)| matches!(delivery.state, AckState::Parked(_)));
        parked.map(|(token, _)| token).collect()
    }

    /// What is due next. `window` is how long a delivery can still be acknowledged.
    pub(crate) fn due(&self, window: Duration) -> Option<(Instant, AckDue)> {
        let auto = self.auto.first().map(|&(at, _)| (at, AckDue::Auto));
        let in_time = self.in_time().next();
        let overdue = in_time.map(|(_, delivery)| (delivery.received + ACK_DEADLINE, AckDue::Overdue));
        let oldest = self.by_token.values().next();
        let expired = oldest.map(|delivery| (delivery.received + window, AckDue::Expired));
        [auto, overdue, expired].into_iter().flatten().min()
    }

    /// Takes the next delivery whose deadline has to be handled.
    pub(crate) fn next_overdue(&mut self) -> Option<AckToken> {
        let token = self.in_time().next().map(|(token, _)| token)?;
        self.due_from = token.0 + 1;
        Some(token)
    }

    pub(crate) fn oldest(&self) -> Option<AckToken> {
        self.by_token.first_key_value().map(|(&token, _)| token)
    }

    /// Those that the policy acknowledges by then.
    pub(crate) fn auto_due(&self, now: Instant) -> impl Iterator<Item = AckToken> + '_ {
        self.auto.iter().take_while(move |(at, _)| *at <= now).map(|&(_, token)| token)
    }

    /// The policy no longer acknowledges this delivery.
    pub(crate) fn cancel_auto(&mut self, token: AckToken) {
        let delivery = self.by_token.get_mut(&token);
        if let Some(at) = delivery.and_then(|delivery| delivery.auto_at.take()) {
            self.auto.remove(&(at, token));
        }
    }

    /// Takes the next delivery that the policy acknowledges.
    pub(crate) fn next_auto(&mut self) -> Option<AckToken> {
        self.auto.pop_first().map(|(_, token)| token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    /// A delivery of so many bytes that the policy acknowledges then.
    fn delivery(bytes: usize, auto_at: Option<Instant>) -> Delivery {
        Delivery {
            connection: ConnectionId(0),
            envelope_id: "e".into(),
            bytes,
            response_payload: ResponsePayload::Refused,
            received: Instant::ZERO,
            state: AckState::Unacknowledged,
            auto_at,
            dedup_key: None,
        }
    }

    #[test]
    fn what_is_removed_makes_room_again() {
        let mut deliveries = Deliveries::default();
        for _ in 0..2 {
            let token = deliveries.next_token();
            deliveries.insert(token, delivery(MAX_OUTSTANDING_BYTES, None));
            assert!(!deliveries.has_room(1));
            assert!(deliveries.remove(token).is_some());
            assert!(deliveries.has_room(MAX_OUTSTANDING_BYTES));
        }
    }

    #[test]
    fn the_policy_acknowledges_what_is_due_and_was_not_cancelled() {
        let mut deliveries = Deliveries::default();
        let [early, late] = [10, 20].map(|millis| {
            let token = deliveries.next_token();
            deliveries.insert(token, delivery(1, Some(at(millis))));
            token
        });
        let due = |deliveries: &Deliveries, millis| deliveries.auto_due(at(millis)).collect::<Vec<_>>();
        assert_eq!(
            [9, 10, 20].map(|millis| due(&deliveries, millis)),
            [vec(&[]), vec(&[early]), vec(&[early, late])]
        );
        deliveries.cancel_auto(early);
        assert_eq!(due(&deliveries, 20), [late]);
        assert_eq!(deliveries.due(Duration::from_secs(60)), Some((at(20), AckDue::Auto)));
        assert_eq!((deliveries.next_auto(), deliveries.next_auto()), (Some(late), None));
    }

    fn vec(tokens: &[AckToken]) -> Vec<AckToken> {
        tokens.into()
    }
}
