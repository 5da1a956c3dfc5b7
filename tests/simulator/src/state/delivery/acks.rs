//! Acknowledgements as they come.

use super::Fate;
use crate::journal::{Acked, Fact, Json};
use crate::record::{Ack, LinkId};
use crate::state::State;
use crate::state::waiters::Topic;
use crate::{EnvelopeId, Oversized};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// A response of this many bytes is lost: the limit on a whole frame.
const RESPONSE_LIMIT: usize = 20_480;
/// The code of a close for a frame too long.
const TOO_BIG: u16 = 1009;

#[derive(Deserialize)]
struct Response {
    envelope_id: String,
    payload: Option<Value>,
}

/// What the journal tells of an acknowledgement.
fn acked(ack: &Ack, count: usize, late: bool) -> Fact {
    let acked = Acked {
        envelope_id: ack.envelope_id.clone(),
        link: ack.link,
        ms: ack.after,
        on_carrier: ack.on_carrier,
        payload: ack.payload.as_ref().map(Json::of),
        count,
    };
    if late { Fact::LateAck(acked) } else { Fact::Ack(acked) }
}

impl State {
    /// Handles a text message of the client.
    pub(crate) fn acknowledged(&mut self, link: LinkId, text: &str) {
        let Ok(response) = serde_json::from_str::<Response>(text) else {
            self.counters.strange_messages += 1;
            self.note_unreadable(link, text);
            return;
        };
        if text.len() >= RESPONSE_LIMIT {
            self.counters.oversized_responses += 1;
            self.note_unreadable(link, text);
            if self.options.oversized == Oversized::Close {
                self.close(link, TOO_BIG, "Max frame length of 20480 has been exceeded.");
            }
            return;
        }
        let at = self.now();
        let named = EnvelopeId::new(response.envelope_id);
        let id = self.envelopes.aliases.get(&named).unwrap_or(&named).clone();
        // An app knows nothing of another one's envelopes.
        let own = self.links.get(link).map(|link| link.info.app_id.as_str());
        let sent = self.envelopes.sent.get_mut(&id).filter(|sent| own == Some(&*sent.app_id));
        let Some(sent) = sent else {
            self.counters.unknown_acks += 1;
            self.note_unreadable(link, text);
            return;
        };
        let on_carrier = sent.carrier == Some(link);
        let after = sent.delivered.elapsed();
        let ack = Ack {
            envelope_id: named,
            payload: response.payload,
            link,
            on_carrier,
            after,
            delivery: sent.delivery,
            at,
        };
        self.counters.acks += 1;
        let fact = acked(&ack, sent.acks.len() + 1, sent.overdue);
        self.journal.push(at, fact);
        if let Some(link) = self.links.get_mut(link) {
            link.info.acks += 1;
        }
        if ack.payload.is_some() && !sent.accepts_response_payload {
            self.counters.unwanted_responses += 1;
        }
        if sent.acks.len() >= sent.delivery as usize {
            self.counters.duplicate_acks += 1;
        }
        if sent.overdue {
            self.counters.late_acks += 1;
        }
        if !on_carrier {
            self.counters.acks_on_other_link += 1;
        }
        let counts = on_carrier || self.options.honour_acks_on_other_links;
        let is_answered = sent.takes_answer || (&*sent.kind == "slash_commands" && ack.payload.is_some());
        let answer = (sent.outstanding && counts && is_answered).then(|| ack.payload.clone());
        let number = self.envelopes.acks.push(ack);
        // A duplicate is counted; a client that sends them for ever must not fill the memory.
        if sent.acks.len() < sent.delivery as usize + 8 {
            sent.acks.push(number);
        }
        if let Some(answer) = answer {
            let asked = Arc::clone(&sent.payload);
            self.answered(&asked, answer.as_ref());
        }
        if counts {
            if let Some(sent) = self.envelopes.sent.get_mut(&id).filter(|sent| sent.outstanding) {
                sent.fate = Fate::Acknowledged;
            }
            self.settle(&id);
        }
        self.waiters.wake(&Topic::Ack(id));
    }
}
