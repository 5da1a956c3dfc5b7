//! Envelopes: which link carries one, whether it is acknowledged, and when it comes again.

mod acks;
mod fate;

pub use fate::Fate;

use super::State;
use super::blocks::text;
use super::kept::Kept;
use super::links::Order;
use super::seats::Seat;
use super::timers::{Deadline, TimerKey};
use crate::journal::{Fact, Json};
use crate::record::{Ack, LinkId};
use crate::{ActError, Envelope, EnvelopeId, KEPT_RECORDS};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;
use tokio_tungstenite::tungstenite::Message;

/// So many bytes of the payloads of settled events are kept, to be sent again by hand: the last ones.
const SETTLED_BYTES: usize = 4 << 20;
/// So many bytes of payloads may wait for their acknowledgements; the oldest are forgotten for more.
const OUTSTANDING_BYTES: usize = 128 << 20;
/// Envelopes that may wait for a link of an app; the oldest is forgotten for one more.
const WAITING_ENVELOPES: usize = 100_000;

/// The envelopes, the last [`KEPT_RECORDS`] of them.
#[derive(Default)]
pub(crate) struct Envelopes {
    sent: BTreeMap<EnvelopeId, Sent>,
    /// Redeliveries' own ids, and whose they are.
    aliases: BTreeMap<EnvelopeId, EnvelopeId>,
    order: VecDeque<EnvelopeId>,
    pub(crate) acks: Kept<Ack>,
    outstanding: u64,
    outstanding_bytes: usize,
    /// Settled events whose payload may still be there, each with its bytes and how often it had been settled.
    settled: VecDeque<(EnvelopeId, usize, u32)>,
    settled_bytes: usize,
}

struct Sent {
    kind: Arc<str>,
    app_id: String,
    /// As JSON; empty once it can no longer be sent again.
    payload: Arc<str>,
    accepts_response_payload: bool,
    retry_attempt: u32,
    retry_reason: String,
    prefer: Option<LinkId>,
    /// The ids its redeliveries had, where those differ.
    aliases: Vec<EnvelopeId>,
    redeliveries: u32,
    delivery: u32,
    carrier: Option<LinkId>,
    delivered: Instant,
    /// The numbers of its first acknowledgements, some more than were due.
    acks: Vec<u64>,
    /// How often it was settled.
    settlements: u32,
    /// Whether its acknowledgement is still expected.
    outstanding: bool,
    overdue: bool,
    /// Whether it is a submitted view or a suggestion: something is done with its acknowledgement.
    takes_answer: bool,
    fate: Fate,
    timer: Option<TimerKey>,
}

#[derive(Serialize)]
struct Wire<'a> {
    envelope_id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    accepts_response_payload: bool,
    payload: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_reason: Option<&'a str>,
}

impl Envelopes {
    pub(crate) fn outstanding(&self) -> u64 {
        self.outstanding
    }

    /// Whether there is an envelope of this id.
    pub(crate) fn knows(&self, id: &EnvelopeId) -> bool {
        self.sent.contains_key(self.aliases.get(id).unwrap_or(id))
    }

    /// The acknowledgements of an envelope, in order.
    pub(crate) fn acks_of(&self, id: &EnvelopeId) -> Vec<Ack> {
        let original = self.aliases.get(id).unwrap_or(id);
        let numbers = self.sent.get(original).map_or(&[][..], |sent| sent.acks.as_slice());
        numbers.iter().filter_map(|number| self.acks.get(*number).cloned()).collect()
    }

    pub(crate) fn fate(&self, id: &EnvelopeId) -> Option<Fate> {
        let original = self.aliases.get(id).unwrap_or(id);
        self.sent.get(original).map(|sent| sent.fate)
    }

    pub(crate) fn describe(&self, id: &EnvelopeId) -> String {
        match self.sent.get(id) {
            None => "no envelope of that id was sent".to_owned(),
            Some(sent) => format!(
                "{} acks, {} deliveries, the last by {}",
                sent.acks.len(),
                sent.delivery,
                sent.carrier.map_or("none, or a ghost".to_owned(), |link| link.to_string())
            ),
        }
    }
}

impl State {
    /// Sends an envelope.
    pub(crate) fn send(&mut self, envelope: Envelope) -> EnvelopeId {
        let id = envelope.envelope_id.unwrap_or_else(|| EnvelopeId::new(self.serial.uuid()));
        let payload: Arc<str> = envelope.payload.to_string().into();
        if let Some(sent) = self.envelopes.sent.get_mut(&id) {
            // The same id once more: another delivery of the same envelope.
            if sent.outstanding {
                self.envelopes.outstanding_bytes -= sent.payload.len();
            }
            self.envelopes.outstanding_bytes += payload.len();
            sent.payload = payload;
            sent.retry_attempt = envelope.retry_attempt;
            sent.retry_reason = envelope.retry_reason;
            sent.prefer = envelope.link;
            self.timers.cancel(sent.timer.take());
            sent.fate = Fate::Open;
            if !std::mem::replace(&mut sent.outstanding, true) {
                self.envelopes.outstanding += 1;
            }
        } else {
            self.make_room();
            let takes_answer =
                matches!(text(&envelope.payload, "type"), "view_submission" | "block_suggestion");
            let app_id = envelope.app_id.unwrap_or_else(|| self.apps.default.app_id.clone());
            let accepts = envelope
                .accepts_response_payload
                .unwrap_or_else(|| self.options.accepts_answers(&envelope.kind, &envelope.payload));
            self.envelopes.outstanding_bytes += payload.len();
            let sent = Sent {
                kind: envelope.kind.into(),
                app_id,
                payload,
                accepts_response_payload: accepts,
                retry_attempt: envelope.retry_attempt,
                retry_reason: envelope.retry_reason,
                prefer: envelope.link,
                aliases: Vec::new(),
                redeliveries: 0,
                delivery: 0,
                carrier: None,
                delivered: Instant::now(),
                acks: Vec::new(),
                settlements: 0,
                outstanding: true,
                overdue: false,
                takes_answer,
                fate: Fate::Open,
                timer: None,
            };
            self.envelopes.sent.insert(id.clone(), sent);
            self.envelopes.order.push_back(id.clone());
            self.envelopes.outstanding += 1;
            self.counters.envelopes += 1;
        }
        self.bound_payloads(&id);
        self.deliver(&id);
        id
    }

    /// Delivers what waited for a link of this app.
    pub(crate) fn deliver_waiting(&mut self, app_id: &str) {
        let Some(entry) = self.apps.entry(app_id) else { return };
        for id in std::mem::take(&mut entry.waiting) {
            self.deliver(&id);
        }
    }

    /// An event's next delivery is due.
    pub(crate) fn redeliver(&mut self, id: &EnvelopeId) {
        self.counters.redeliveries += 1;
        self.deliver_again(id);
    }

    /// Sends an event again whether or not that is due.
    pub(crate) fn redeliver_by_hand(&mut self, id: &EnvelopeId) -> Result<(), ActError> {
        let unknown = || ActError::NoEnvelope(id.clone());
        let id = self.envelopes.aliases.get(id).unwrap_or(id).clone();
        let sent = self.envelopes.sent.get_mut(&id).ok_or_else(unknown)?;
        if &*sent.kind != "events_api" {
            return Err(ActError::NotAnEvent(sent.kind.to_string()));
        }
        if sent.payload.is_empty() {
            return Err(unknown());
        }
        sent.retry_attempt += 1;
        "timeout".clone_into(&mut sent.retry_reason);
        self.timers.cancel(sent.timer.take());
        if !std::mem::replace(&mut sent.outstanding, true) {
            self.envelopes.outstanding += 1;
            self.envelopes.outstanding_bytes += sent.payload.len();
        }
        sent.fate = Fate::Open;
        let app_id = sent.app_id.clone();
        self.bound_payloads(&id);
        if self.apps.entry(&app_id).is_none_or(|entry| !entry.waiting.contains(&id)) {
            self.deliver_again(&id);
        }
        Ok(())
    }

    fn deliver_again(&mut self, id: &EnvelopeId) {
        let Some(sent) = self.envelopes.sent.get_mut(id) else { return };
        sent.timer = None;
        sent.prefer = None;
        let attempt = sent.retry_attempt;
        self.journal.push(self.started.elapsed(), Fact::Redelivery { envelope_id: id.clone(), attempt });
        if self.options.redeliver_with_new_id {
            let alias = EnvelopeId::new(self.serial.uuid());
            sent.aliases.push(alias.clone());
            self.envelopes.aliases.insert(alias, id.clone());
        }
        self.deliver(id);
    }

    /// Puts an envelope on a link or gives it to a ghost. Without either it fails, or comes later if it is an event.
    fn deliver(&mut self, id: &EnvelopeId) {
        let Some((app_id, prefer)) = self.envelopes.sent.get(id).map(|s| (s.app_id.clone(), s.prefer)) else {
            return;
        };
        let Some(seat) = self.route(&app_id, prefer) else {
            if self.options.lenient {
                self.wait_for_a_link(&app_id, id);
            } else {
                self.undeliverable(id);
            }
            return;
        };
        let carrier = match seat {
            Seat::Link(link) => Some(link),
            Seat::Ghost(_) => None,
        };
        let deadline = self.options.ack_deadline;
        let Some(sent) = self.envelopes.sent.get_mut(id) else { return };
        let Ok(payload) = serde_json::from_str::<&RawValue>(&sent.payload) else { return };
        let is_event = &*sent.kind == "events_api";
        let hides_attempt = self.options.redeliver_as_first && sent.redeliveries > 0;
        let (attempt, reason) =
            if hides_attempt { (0, "") } else { (sent.retry_attempt, &*sent.retry_reason) };
        let wire = Wire {
            envelope_id: sent.aliases.last().unwrap_or(id).as_str(),
            kind: &sent.kind,
            accepts_response_payload: sent.accepts_response_payload,
            payload,
            retry_attempt: (is_event || sent.retry_attempt > 0).then_some(attempt),
            retry_reason: (is_event || sent.retry_attempt > 0).then_some(reason),
        };
        // Its parts are JSON already: this cannot fail.
        let text = serde_json::to_string(&wire).unwrap_or_default();
        sent.delivery += 1;
        sent.carrier = carrier;
        sent.delivered = Instant::now();
        sent.overdue = false;
        sent.timer = Some(self.timers.set(deadline, Deadline::AckDue(id.clone())));
        self.counters.deliveries += 1;
        let fact = Fact::Envelope {
            envelope_id: sent.aliases.last().unwrap_or(id).clone(),
            kind: Arc::clone(&sent.kind),
            link: carrier,
            retry_attempt: sent.retry_attempt,
            deadline_ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
            payload: Json::text(&sent.payload),
        };
        self.journal.push(self.started.elapsed(), fact);
        if let Some(entry) = self.apps.entry(&app_id) {
            entry.last_seat = seat;
        }
        let Some(link) = carrier else {
            self.counters.swallowed += 1;
            return;
        };
        if let Some(link) = self.links.get_mut(link) {
            link.info.envelopes += 1;
        }
        self.order(link, Order::Send(Message::text(text)));
    }

    fn wait_for_a_link(&mut self, app_id: &str, id: &EnvelopeId) {
        let Some(entry) = self.apps.entry(app_id) else { return };
        entry.waiting.push_back(id.clone());
        if entry.waiting.len() > WAITING_ENVELOPES {
            if let Some(oldest) = entry.waiting.pop_front() {
                self.forget(&oldest);
            }
        }
    }

    /// The oldest payloads make room for the newest one.
    fn bound_payloads(&mut self, newest: &EnvelopeId) {
        while self.envelopes.outstanding_bytes > OUTSTANDING_BYTES {
            let Envelopes { order, sent, .. } = &mut self.envelopes;
            let waits =
                |id: &&EnvelopeId| *id != newest && sent.get(*id).is_some_and(|sent| sent.outstanding);
            let Some(oldest) = order.iter().find(waits).cloned() else { return };
            if let Some(sent) = sent.get_mut(&oldest) {
                sent.fate = Fate::Lost("forgotten");
                if let Some(entry) = self.apps.entry(&sent.app_id) {
                    entry.waiting.retain(|id| *id != oldest);
                }
            }
            self.forget(&oldest);
        }
    }

    /// An envelope is kept no longer; if its acknowledgement was still expected, that is told.
    fn forget(&mut self, id: &EnvelopeId) {
        if self.envelopes.sent.get(id).is_some_and(|sent| sent.outstanding) {
            self.counters.forgotten += 1;
            self.note(Fact::Lost { envelope_id: id.clone(), why: "forgotten" });
        }
        self.settle(id);
    }

    /// Expects no acknowledgement of an envelope any more.
    fn settle(&mut self, id: &EnvelopeId) {
        let Some(sent) = self.envelopes.sent.get_mut(id) else { return };
        self.timers.cancel(sent.timer.take());
        if !std::mem::take(&mut sent.outstanding) {
            return;
        }
        self.envelopes.outstanding -= 1;
        self.envelopes.outstanding_bytes -= sent.payload.len();
        if &*sent.kind != "events_api" {
            sent.payload = Arc::default();
            return;
        }
        sent.settlements += 1;
        let bytes = sent.payload.len();
        self.envelopes.settled.push_back((id.clone(), bytes, sent.settlements));
        self.envelopes.settled_bytes += bytes;
        while self.envelopes.settled_bytes > SETTLED_BYTES {
            let Some((oldest, bytes, settlement)) = self.envelopes.settled.pop_front() else { return };
            self.envelopes.settled_bytes -= bytes;
            // One that was sent again since then is settled later, or outstanding.
            let settled = self.envelopes.sent.get_mut(&oldest);
            if let Some(sent) = settled.filter(|sent| !sent.outstanding && sent.settlements == settlement) {
                sent.payload = Arc::default();
            }
        }
    }

    fn make_room(&mut self) {
        while self.envelopes.order.len() >= KEPT_RECORDS {
            let Some(oldest) = self.envelopes.order.pop_front() else { return };
            self.forget(&oldest);
            if let Some(sent) = self.envelopes.sent.remove(&oldest) {
                for alias in sent.aliases {
                    self.envelopes.aliases.remove(&alias);
                }
            }
        }
    }
}
