//! The control API, `/_control/…`: the simulator's commands and what it knows, as JSON over HTTP, for any language.

use super::reply::{self, Reply};
use crate::Simulator;
use crate::journal::Json;
use crate::state::Shared;
use ask::Asked;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Request, StatusCode};
use hyper::body::Incoming;
use routes::{Found, Handler};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub use error::ControlError;

mod ask;
mod elements;
mod error;
mod faults;
mod look;
mod messages;
mod people;
mod replay;
mod routes;
mod stream;
mod wait;

/// What the paths of the control API begin with.
pub(crate) const PREFIX: &str = "/_control/";
/// The description of the control API, an OpenAPI document.
const DESCRIPTION: &str = include_str!("openapi.json");

/// What a handler gives: the fields beside `ok`, or why there are none.
type Outcome = Result<Value, ControlError>;

pub(super) async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Reply {
    answer_to(shared, request).await.unwrap_or_else(|error| refusal(&error))
}

async fn answer_to(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Reply, ControlError> {
    let path = request.uri().path().strip_prefix(PREFIX).unwrap_or_default().to_owned();
    let Found { route, parts } = routes::find(request.method().as_str(), &path)?;
    let asked = ask::read(&shared, parts, request).await?;
    let fields = match route.handler {
        Handler::Description => {
            asked.query(&[])?;
            return Ok(reply::custom(200, &[], DESCRIPTION.to_owned(), true));
        }
        Handler::Stream => return stream::answer(shared, &asked),
        Handler::Journal => return look::journal(&shared, &asked),
        Handler::Wait => wait::answer(&shared, &asked).await?,
        Handler::Replay => replay::answer(&shared, &asked).await?,
        Handler::Look(look) => look(&running(&shared)?, &asked)?,
        Handler::Act(act) => perform(&running(&shared)?, &path, act, &asked)?,
    };
    Ok(reply::json(&with_ok(fields)))
}

/// The handle of the simulator, unless it is about to end.
fn running(shared: &Shared) -> Result<Simulator, ControlError> {
    Simulator::of(shared).ok_or_else(ControlError::stopped)
}

/// Does what an act asks for, and enters it in the journal.
fn perform(slack: &Simulator, path: &str, act: fn(&Simulator, &Asked) -> Outcome, asked: &Asked) -> Outcome {
    slack.shared().journaled(path, Json::of(&asked.body), || act(slack, asked))
}

impl Simulator {
    /// Does what a POST to `/_control/{name}` with the body `params` does, an object or null, and gives its answer:
    /// an object. What is waited for or replayed is not among it.
    ///
    /// ```
    /// use serde_json::json;
    /// use socketmode_simulator::{Options, Simulator};
    ///
    /// let slack = Simulator::start(Options::default())?;
    /// let said = slack.perform("say", &json!({"text": "hello"}))?;
    /// assert!(said["envelope_id"].is_string());
    /// assert_eq!(slack.perform("say", &json!({"txt": "hello"})).unwrap_err().code(), "invalid_field");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What the control API answers to it with a status of 400 or more.
    pub fn perform(&self, name: &str, params: &Value) -> Result<Value, ControlError> {
        let Found { route, parts } = routes::find("POST", name)?;
        let body = if params.is_null() { Value::Object(Map::new()) } else { params.clone() };
        let asked = Asked::of(parts, body)?;
        match route.handler {
            Handler::Act(act) => perform(self, name, act, &asked).map(with_ok),
            _ => Err(ControlError::not_found(format!("{name} is no act: ask for it by HTTP"))),
        }
    }
}

fn with_ok(mut fields: Value) -> Value {
    if let Some(fields) = fields.as_object_mut() {
        fields.insert("ok".to_owned(), json!(true));
    }
    fields
}

fn refusal(error: &ControlError) -> Reply {
    let body = json!({"ok": false, "error": error.code(), "message": error.to_string()});
    let mut reply = reply::json(&body);
    *reply.status_mut() = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    if let Some(allowed) = error.allowed() {
        reply.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    }
    reply
}

/// An answer of the type of server-sent events, or of JSON that is written already.
fn typed(mut reply: Reply, kind: &'static str) -> Reply {
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    reply
}

#[cfg(test)]
#[path = "description_tests.rs"]
mod tests;
