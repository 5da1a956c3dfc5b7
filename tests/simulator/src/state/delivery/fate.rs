//! What becomes of an envelope that is not acknowledged.

use crate::journal::Fact;
use crate::state::State;
use crate::state::blocks::text;
use crate::state::timers::Deadline;
use crate::state::waiters::Topic;
use crate::{EnvelopeId, Simulator};
use serde_json::Value;
use std::sync::Arc;

/// What has become of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// Its acknowledgement is expected still; of an event, another delivery may be to come.
    Open,
    /// It was acknowledged in time.
    Acknowledged,
    /// A person sees an error: `dispatch_failed` where no link was open or a ghost had it, `operation_timeout` where the
    /// acknowledgement did not come in time.
    Failed(&'static str),
    /// An event that will not come again: not acknowledged, or no link was open.
    Lost(&'static str),
}

/// What a person sees where no link was open, or what was sent went to a ghost.
const DISPATCH_FAILED: &str = "dispatch_failed";
/// What a person sees where the acknowledgement did not come in time.
const OPERATION_TIMEOUT: &str = "operation_timeout";

impl Simulator {
    /// What has become of an envelope; none if no such envelope is known.
    ///
    /// ```
    /// use socketmode_simulator::{Fate, Options, Simulator};
    ///
    /// let slack = Simulator::start(Options::default())?;
    /// // No link is open: Slack keeps no command for later.
    /// let id = slack.command("/deploy", "api");
    /// assert_eq!(slack.fate(&id), Some(Fate::Failed("dispatch_failed")));
    /// # Ok::<_, socketmode_simulator::StartError>(())
    /// ```
    #[must_use]
    pub fn fate(&self, id: &EnvelopeId) -> Option<Fate> {
        self.shared().look(|state| state.envelopes.fate(id))
    }
}

impl State {
    /// No link is open for an envelope.
    pub(super) fn undeliverable(&mut self, id: &EnvelopeId) {
        if !self.comes_again(id) {
            self.fails(id, DISPATCH_FAILED, "no_link");
        }
    }

    /// The acknowledgement did not come in time.
    pub(crate) fn ack_overdue(&mut self, id: &EnvelopeId) {
        let Some(sent) = self.envelopes.sent.get_mut(id) else { return };
        sent.overdue = true;
        sent.timer = None;
        let (error, why) = match sent.carrier {
            None => (DISPATCH_FAILED, "ghost"),
            Some(_) => (OPERATION_TIMEOUT, "not_acknowledged"),
        };
        self.journal.push(self.started.elapsed(), Fact::Overdue { envelope_id: id.clone() });
        if !self.comes_again(id) {
            self.counters.timed_out += 1;
            self.fails(id, error, why);
        }
    }

    /// Sets the time of an event's next delivery, if there is one.
    fn comes_again(&mut self, id: &EnvelopeId) -> bool {
        let Some(sent) = self.envelopes.sent.get_mut(id) else { return false };
        let Some(wait) = self.options.redelivery.get(sent.redeliveries as usize) else { return false };
        if &*sent.kind != "events_api" {
            return false;
        }
        sent.redeliveries += 1;
        sent.retry_attempt += 1;
        "timeout".clone_into(&mut sent.retry_reason);
        sent.timer = Some(self.timers.set(*wait, Deadline::Redeliver(id.clone())));
        true
    }

    /// An envelope will not come any more: a person sees `error`, or an event is lost.
    fn fails(&mut self, id: &EnvelopeId, error: &'static str, why: &'static str) {
        let Some(sent) = self.envelopes.sent.get_mut(id) else { return };
        sent.fate = if &*sent.kind == "events_api" { Fate::Lost(why) } else { Fate::Failed(error) };
        let (fate, payload) = (sent.fate, Arc::clone(&sent.payload));
        if let (Fate::Failed(error), Ok(payload)) = (fate, serde_json::from_str::<Value>(&payload)) {
            let (what, user) = who_sees_it(&payload);
            self.note(Fact::Failed { envelope_id: Some(id.clone()), what, error, user });
        }
        self.note(Fact::Lost { envelope_id: id.clone(), why });
        self.counters.dispatch_failed += u64::from(fate == Fate::Failed(DISPATCH_FAILED));
        self.counters.lost_events += u64::from(matches!(fate, Fate::Lost(_)));
        self.settle(id);
        self.waiters.wake(&Topic::Ack(id.clone()));
    }
}

/// What somebody did, and who.
fn who_sees_it(payload: &Value) -> (&'static str, String) {
    let what = match text(payload, "type") {
        "block_actions" => "click",
        "view_submission" => "submission",
        "view_closed" => "close",
        "block_suggestion" => "suggestion",
        "shortcut" | "message_action" => "shortcut",
        _ => "command",
    };
    let user = payload.get("user").map_or_else(|| text(payload, "user_id"), |user| text(user, "id"));
    (what, user.to_owned())
}
