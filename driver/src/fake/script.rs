//! Calls of the Web API that are answered by script.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use socketmode_protocol::Instant;

use crate::sync::{Mutex, PoisonError};

/// A call that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The method, such as `chat.postMessage`; `response_url` for a message to one.
    pub method: String,
    /// The arguments: the JSON, or the fields of a form as texts.
    pub arguments: Value,
}

/// The answers by method, and the calls.
#[derive(Default)]
pub(crate) struct Script {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    now: Option<Instant>,
    answers: BTreeMap<String, VecDeque<Value>>,
    calls: Vec<Call>,
}

impl Script {
    /// The next call of this method gets this answer.
    pub(super) fn push(&self, method: &str, answer: Value) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.answers.entry(method.to_owned()).or_default().push_back(answer);
    }

    /// It passes only while somebody sleeps.
    pub(crate) fn now(&self) -> Instant {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).now.unwrap_or(Instant::ZERO)
    }

    pub(crate) fn sleep_until(&self, at: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.now = state.now.max(Some(at));
    }

    /// The calls so far, which are forgotten.
    pub(super) fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).calls)
    }

    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path();
        let method = path.strip_prefix("/api/").unwrap_or("response_url").to_owned();
        let arguments = arguments(request.body());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let scripted = state.answers.get_mut(&method).and_then(VecDeque::pop_front);
        let answer = scripted.unwrap_or_else(|| default(&method, &arguments));
        state.calls.push(Call { method, arguments });
        Response::new(Bytes::from(answer.to_string()))
    }
}

fn arguments(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| {
        let fields = form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into()));
        Value::Object(fields.collect())
    })
}

/// What Slack answers when all is well, with what the typed calls read.
fn default(method: &str, arguments: &Value) -> Value {
    let channel = arguments.get("channel").cloned().unwrap_or_else(|| super::CHANNEL.into());
    match method {
        "chat.postMessage" | "chat.update" => {
            json!({ "ok": true, "channel": channel, "ts": super::TS, "message": arguments })
        }
        "chat.postEphemeral" => json!({ "ok": true, "message_ts": super::TS }),
        "views.open" | "views.push" | "views.update" | "views.publish" => {
            json!({ "ok": true, "view": { "id": "V0FAKE", "hash": "1.fake" } })
        }
        _ => json!({ "ok": true }),
    }
}
