//! Waits by the control API.

use super::ask::Asked;
use super::look::milliseconds;
use super::{ControlError, Outcome};
use crate::journal::Fact;
use crate::record::{Ack, Call};
use crate::state::waiters::Topic;
use crate::state::{Shared, State};
use crate::wait::{Wait, WaitError};
use crate::{EnvelopeId, PostedMessage};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// How long a wait is unless it is asked for another.
const USUAL_MS: u64 = 5_000;
/// How long it is at most.
const LONGEST_MS: u64 = 60_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct For {
    r#for: What,
    envelope_id: Option<String>,
    method: Option<String>,
    count: Option<usize>,
    timeout_ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Ack,
    Call,
    Message,
    Links,
    Connections,
    Lost,
}

pub(super) async fn answer(shared: &Shared, asked: &Asked) -> Outcome {
    let For { r#for, envelope_id, method, count, timeout_ms } = asked.body()?;
    let timeout = match timeout_ms.unwrap_or(USUAL_MS) {
        ms @ 0..=LONGEST_MS => Duration::from_millis(ms),
        _ => return Err(invalid(format!("timeout_ms: write a number from 0 to {LONGEST_MS}"))),
    };
    let known = |id: Option<String>| {
        let id = EnvelopeId::new(id.ok_or_else(|| invalid("envelope_id: this wait needs one".to_owned()))?);
        match shared.look(|state| state.envelopes.knows(&id)) {
            true => Ok(id),
            false => Err(ControlError::not_found(format!(
                "no envelope {id} is known: take the id that an act gave"
            ))),
        }
    };
    let number = || count.ok_or_else(|| invalid("count: this wait needs one".to_owned()));
    match r#for {
        What::Ack => {
            let (id, count) = (known(envelope_id)?, count.unwrap_or(1));
            let acks = |state: &mut State| {
                let acks = state.envelopes.acks_of(&id);
                (acks.len() >= count).then(|| acks.iter().map(ack).collect::<Vec<_>>())
            };
            let wait = Wait::begin(shared, Topic::Ack(id.clone()), timeout);
            let awaited = || format!("{count} acknowledgements of {id}");
            let acks = wait.for_some(awaited, |state| state.envelopes.describe(&id), acks).await;
            Ok(json!({"acks": acks.map_err(timed_out)?}))
        }
        What::Call => {
            let method = method.ok_or_else(|| invalid("method: this wait needs one".to_owned()))?;
            let wait = Wait::begin(shared, Topic::Call, timeout);
            let take = |state: &mut State| state.records.take_call(&method);
            let seen = |state: &State| state.records.fresh_methods();
            let call =
                wait.for_some(|| format!("a call of {method}"), seen, take).await.map_err(timed_out)?;
            Ok(json!({"call": called(&call)}))
        }
        What::Message => {
            let wait = Wait::begin(shared, Topic::Any, timeout);
            let take = |state: &mut State| {
                let message: PostedMessage = state.messages.take()?;
                Some(message.shown())
            };
            let message = wait.for_some(|| "a message of the bot".to_owned(), counted, take).await;
            Ok(json!({"message": message.map_err(timed_out)?}))
        }
        What::Links => {
            let count = number()?;
            let enough = |state: &mut State| (state.links.open() >= count).then(|| state.links.open());
            let wait = Wait::begin(shared, Topic::Any, timeout);
            let open = wait.for_some(|| format!("{count} open links"), counted, enough).await;
            Ok(json!({"count": open.map_err(timed_out)?}))
        }
        What::Connections => {
            let count = number()?;
            let exact = |state: &mut State| {
                let counted = state.counted(&state.apps.default.app_id);
                (counted == count).then_some(counted)
            };
            let wait = Wait::begin(shared, Topic::Any, timeout);
            let counted = wait.for_some(|| format!("{count} connections"), counted, exact).await;
            Ok(json!({"count": counted.map_err(timed_out)?}))
        }
        What::Lost => {
            let id = known(envelope_id)?;
            let mut seen = 0;
            let lost = |state: &mut State| {
                let why = state.journal.facts_since(seen).find_map(|fact| match fact {
                    Fact::Lost { envelope_id, why } if *envelope_id == id => Some(*why),
                    _ => None,
                });
                seen = state.journal.last();
                why
            };
            let wait = Wait::begin(shared, Topic::Journal, timeout);
            let awaited = || format!("the loss of {id}");
            let why = wait.for_some(awaited, |state| state.envelopes.describe(&id), lost).await;
            Ok(json!({"envelope_id": id, "why": why.map_err(timed_out)?}))
        }
    }
}

fn ack(ack: &Ack) -> Value {
    let mut shown = json!({
        "envelope_id": ack.envelope_id,
        "link": ack.link,
        "ms": milliseconds(ack.after),
        "on_carrier": ack.on_carrier,
        "delivery": ack.delivery,
        "at_ms": milliseconds(ack.at),
    });
    if let (Some(fields), Some(payload)) = (shown.as_object_mut(), &ack.payload) {
        fields.insert("payload".to_owned(), payload.clone());
    }
    shown
}

fn called(call: &Call) -> Value {
    let mut shown = json!({
        "method": call.method,
        "body": call.body,
        "token": call.token_kind.name(),
        "at_ms": milliseconds(call.at),
    });
    if let (Some(fields), Some(error)) = (shown.as_object_mut(), &call.error) {
        fields.insert("error".to_owned(), json!(error));
    }
    shown
}

fn counted(state: &State) -> String {
    let counted = state.counted(&state.apps.default.app_id);
    format!("{} open links, {counted} connections, {} calls", state.links.open(), state.counters.calls)
}

fn invalid(words: String) -> ControlError {
    ControlError::invalid_field(words)
}

fn timed_out(error: WaitError) -> ControlError {
    match error {
        WaitError::Stopped { .. } => ControlError::stopped(),
        other => ControlError::timed_out(other.to_string()),
    }
}
