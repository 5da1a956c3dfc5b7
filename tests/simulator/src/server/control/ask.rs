//! What somebody asks the control API for.

use super::ControlError;
use crate::record::BODY_LIMIT;
use crate::state::Shared;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A request to the control API.
#[derive(Debug)]
pub(super) struct Asked {
    /// What stands for the names in the route's path, in order.
    pub(super) parts: Vec<String>,
    query: BTreeMap<String, String>,
    /// An object.
    pub(super) body: Value,
    /// The number of the last server-sent event that a client has had.
    pub(super) last_event: Option<String>,
}

impl Asked {
    pub(super) fn of(parts: Vec<String>, body: Value) -> Result<Self, ControlError> {
        if !body.is_object() {
            return Err(ControlError::invalid_json("the body must be a JSON object, such as {}"));
        }
        Ok(Self { parts, query: BTreeMap::new(), body, last_event: None })
    }

    /// The body as what the route takes.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, ControlError> {
        serde_path_to_error::deserialize(&self.body).map_err(|error| {
            let field = error.path().to_string();
            let words = error.into_inner().to_string();
            // Serde names a field that is missing or unknown, and no path leads to it.
            ControlError::invalid_field(if field == "." { words } else { format!("{field}: {words}") })
        })
    }

    /// What stands for a name in the route's path.
    pub(super) fn part(&self, index: usize) -> &str {
        self.parts.get(index).map_or("", String::as_str)
    }

    /// The query, which may have these fields and no others.
    pub(super) fn query(&self, known: &[&str]) -> Result<&BTreeMap<String, String>, ControlError> {
        match self.query.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(&self.query),
            Some(name) if known.is_empty() => {
                Err(ControlError::invalid_field(format!("{name}: this path takes no query")))
            }
            Some(name) => {
                let known = known.join(", ");
                Err(ControlError::invalid_field(format!("{name}: the query may have {known}")))
            }
        }
    }
}

/// A whole number in a query.
pub(super) fn number(query: &BTreeMap<String, String>, name: &str) -> Result<Option<u64>, ControlError> {
    let number = |text: &String| {
        text.parse().map_err(|_| ControlError::invalid_field(format!("{name}: write a whole number")))
    };
    query.get(name).map(number).transpose()
}

/// Reads a request.
///
/// # Errors
///
/// For a body that is no JSON object, too long, or does not come in time.
pub(super) async fn read(
    shared: &Shared,
    parts: Vec<String>,
    request: Request<Incoming>,
) -> Result<Asked, ControlError> {
    let (head, body) = request.into_parts();
    let bytes = body_of(shared, body).await?;
    let query = head.uri.query().unwrap_or_default().as_bytes();
    let query = form_urlencoded::parse(query).into_owned().collect();
    let last_event = head.headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let body = match (head.method == Method::POST, bytes.is_empty()) {
        (true, false) => {
            let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            if !is_json(kind) {
                return Err(ControlError::not_json());
            }
            serde_json::from_slice(&bytes)
                .map_err(|error| ControlError::invalid_json(format!("the body is no JSON: {error}")))?
        }
        _ => Value::Object(Map::new()),
    };
    Ok(Asked { query, last_event, ..Asked::of(parts, body)? })
}

fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

async fn body_of(shared: &Shared, body: Incoming) -> Result<Bytes, ControlError> {
    let wait = shared.look(|state| state.options.client_timeout);
    match tokio::time::timeout(wait, Limited::new(body, BODY_LIMIT).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(ControlError::too_large(format!("a body has {BODY_LIMIT} bytes at most")))
        }
        Ok(Err(_)) => Err(ControlError::invalid_json("the body is broken off: send all of it")),
        Err(_) => Err(ControlError::timeout(format!("the body did not come within {wait:?}"))),
    }
}
