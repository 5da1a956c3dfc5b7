//! What goes wrong by order: links, opens, calls, ghosts.

use super::ask::Asked;
use super::{ControlError, Outcome};
use crate::record::LinkState;
use crate::server::reply::frames;
use crate::state::State;
use crate::{CallAnswer, LinkId, LinkInfo, LinkUnknown, OpenAnswer, RawFrame, Simulator};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Answers that may be scripted at once, of opens and of the calls of one method.
const SCRIPTED_ANSWERS: usize = 1_000;
/// Bytes that the scripted answers may take together.
const SCRIPTED_BYTES: usize = 64 << 20;
/// Methods whose answers may be scripted, or held back, at once.
const SCRIPTED_METHODS: usize = 256;
/// The longest name of a method, in bytes.
const METHOD_NAME: usize = 100;
/// The most ghosts there may be.
const GHOSTS: usize = 1_000;
/// The longest life of a link, in seconds: a year.
const LONGEST_LIFE: f64 = 31_536_000.0;
/// A text that real links have carried in place of JSON.
const GARBAGE: &str = "UNAUTHENTICATED: cache_error";

type Order = fn(&Simulator, LinkId) -> Result<(), LinkUnknown>;

/// The orders to a link.
const ORDERS: &[(&str, Order)] = &[
    ("warn", |slack, link| slack.disconnect_message(link, "warning")),
    ("refresh", |slack, link| slack.disconnect_message(link, "refresh_requested")),
    ("disable", |slack, link| slack.disconnect_message(link, "link_disabled")),
    ("rotate", Simulator::rotate),
    ("close", |slack, link| slack.close(link, crate::state::links::NORMAL_CLOSE)),
    ("cut", Simulator::drop_link),
    ("reset", Simulator::reset),
    ("freeze", Simulator::freeze),
    ("thaw", Simulator::thaw),
    ("garbage", |slack, link| slack.send_raw(link, &RawFrame::Text(GARBAGE.to_owned()))),
    ("stop_reading", Simulator::stop_reading),
    ("resume_reading", Simulator::resume_reading),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Opens {
    status: Option<u16>,
    error: Option<String>,
    retry_after: Option<u64>,
    times: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Calls {
    status: Option<u16>,
    #[serde(default)]
    headers: Map<String, Value>,
    body: Value,
    times: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hold {
    held: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ghosts {
    count: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lifetime {
    /// Null where links live for ever; not to be left out.
    seconds: Value,
}

pub(super) fn link(slack: &Simulator, asked: &Asked) -> Outcome {
    let Nothing {} = asked.body()?;
    let name = asked.part(1);
    let Some((_, order)) = ORDERS.iter().find(|(known, _)| *known == name) else {
        let known: Vec<_> = ORDERS.iter().map(|(known, _)| *known).collect();
        return Err(ControlError::not_found(format!("there is no order {name:?}: use {}", known.join(", "))));
    };
    let links = match asked.part(0) {
        "all" => {
            let there = |link: &LinkInfo| link.gone_at.is_none() && link.state != LinkState::Closed;
            let links: Vec<_> = slack.links().iter().filter(|link| there(link)).map(|link| link.id).collect();
            // One may have closed meanwhile.
            links.into_iter().filter(|link| order(slack, *link).is_ok()).collect()
        }
        one => {
            let number = one.strip_prefix("applink-").unwrap_or(one);
            let link = number.parse().map(LinkId).map_err(|_| {
                ControlError::not_found(format!(
                    "there is no link {one:?}: use a number of /_control/state, or all"
                ))
            })?;
            order(slack, link)?;
            vec![link]
        }
    };
    Ok(json!({"links": links}))
}

pub(super) fn opens(slack: &Simulator, asked: &Asked) -> Outcome {
    let Opens { status, error, retry_after, times } = asked.body()?;
    let times = times.map(|times| bounded("times", times, SCRIPTED_ANSWERS)).transpose()?;
    let status = status.map(checked_status).transpose()?;
    let answer = match (status, error, retry_after) {
        (None, None, None) => None,
        (None | Some(429), None, Some(retry_after_secs)) => {
            Some(OpenAnswer::RateLimited { retry_after_secs })
        }
        (Some(429), None, None) => Some(OpenAnswer::RateLimited { retry_after_secs: 1 }),
        (None | Some(200), Some(error), None) => Some(OpenAnswer::Error(error)),
        (status, error, retry_after) => {
            let headers = retry_after.map(|seconds| ("retry-after".to_owned(), seconds.to_string()));
            let body =
                error.map_or_else(String::new, |error| json!({"ok": false, "error": error}).to_string());
            Some(OpenAnswer::Status(status.unwrap_or(200), headers.into_iter().collect(), body))
        }
    };
    slack.shared().change(|state| match (answer, times) {
        (None, _) => {
            state.script.opens.clear();
            state.script.all_opens = None;
            Ok(())
        }
        (Some(answer), None) => {
            state.script.all_opens = Some(answer);
            Ok(())
        }
        (Some(answer), Some(times)) => {
            if state.script.opens.len() + times > SCRIPTED_ANSWERS {
                return Err(too_many_answers("times"));
            }
            has_room(state, answer.bytes(), times)?;
            state.script.opens.extend(std::iter::repeat_n(answer, times));
            Ok(())
        }
    })?;
    Ok(json!({}))
}

pub(super) fn calls(slack: &Simulator, asked: &Asked) -> Outcome {
    let Calls { status, headers, body, times } = asked.body()?;
    let method = method(asked)?;
    let times = bounded("times", times.unwrap_or(1), SCRIPTED_ANSWERS)?;
    let status = checked_status(status.unwrap_or(200))?;
    let headers = headers.into_iter().map(header).collect::<Result<_, _>>()?;
    let answer = CallAnswer { status, headers, body };
    slack.shared().change(|state| {
        has_room(state, answer.bytes(), times)?;
        let scripted = &mut state.script.calls;
        if scripted.len() >= SCRIPTED_METHODS && !scripted.contains_key(&method) {
            return Err(too_many_methods());
        }
        let answers = scripted.entry(method).or_default();
        if answers.len() + times > SCRIPTED_ANSWERS {
            return Err(too_many_answers("times"));
        }
        answers.extend(std::iter::repeat_n(answer, times));
        Ok(json!({}))
    })
}

pub(super) fn hold(slack: &Simulator, asked: &Asked) -> Outcome {
    let Hold { held } = asked.body()?;
    let method = method(asked)?;
    if !held {
        slack.release_answers(&method);
        return Ok(json!({}));
    }
    let is_full = |state: &mut State| {
        state.script.held.len() >= SCRIPTED_METHODS && !state.script.held.contains(&method)
    };
    if slack.shared().look(is_full) {
        return Err(too_many_methods());
    }
    slack.hold_answers(&method);
    Ok(json!({}))
}

pub(super) fn ghosts(slack: &Simulator, asked: &Asked) -> Outcome {
    let Ghosts { count } = asked.body()?;
    slack.set_ghosts(bounded("count", count, GHOSTS)?);
    Ok(json!({"connections": slack.connections()}))
}

pub(super) fn lifetime(slack: &Simulator, asked: &Asked) -> Outcome {
    let Lifetime { seconds } = asked.body()?;
    let lifetime = match (&seconds, seconds.as_f64()) {
        (Value::Null, _) => None,
        (_, Some(seconds)) if (0.0..=LONGEST_LIFE).contains(&seconds) => {
            Some(Duration::from_secs_f64(seconds))
        }
        _ => {
            let words = format!("seconds: write a number from 0 to {LONGEST_LIFE}, or null for no end");
            return Err(ControlError::invalid_field(words));
        }
    };
    slack.shared().change(|state| state.options.lifetime = lifetime);
    Ok(json!({}))
}

/// The method in the path.
fn method(asked: &Asked) -> Result<String, ControlError> {
    let method = asked.part(0);
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'_';
    if method.is_empty() || method.len() > METHOD_NAME || !method.bytes().all(is_name) {
        return Err(ControlError::not_found(
            "that is no name of a method: use one such as chat.postMessage, or response_url",
        ));
    }
    Ok(method.to_owned())
}

fn header((name, value): (String, Value)) -> Result<(String, String), ControlError> {
    let text = match &value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err(ControlError::invalid_field(format!("headers.{name}: write a string"))),
    };
    match (http::HeaderName::try_from(&name), http::HeaderValue::try_from(&text)) {
        (Ok(header), Ok(_)) if !frames(&header) => Ok((name, text)),
        (Ok(_), Ok(_)) => Err(ControlError::invalid_field(format!(
            "headers.{name}: it follows from the body: leave it out"
        ))),
        _ => Err(ControlError::invalid_field(format!("headers.{name}: that is no header of HTTP"))),
    }
}

fn checked_status(status: u16) -> Result<u16, ControlError> {
    match status {
        200..=599 => Ok(status),
        _ => Err(ControlError::invalid_field("status: write a number from 200 to 599")),
    }
}

fn bounded(field: &str, number: usize, most: usize) -> Result<usize, ControlError> {
    if number <= most {
        Ok(number)
    } else {
        Err(ControlError::invalid_field(format!("{field}: write a number from 0 to {most}")))
    }
}

/// Whether so many answers of so many bytes fit beside those that wait.
fn has_room(state: &State, bytes: usize, times: usize) -> Result<(), ControlError> {
    if state.script.bytes().saturating_add(bytes.saturating_mul(times)) <= SCRIPTED_BYTES {
        return Ok(());
    }
    Err(ControlError::invalid_field(format!(
        "times: the answers that wait take {SCRIPTED_BYTES} bytes at most, counted as they are in memory"
    )))
}

fn too_many_answers(field: &str) -> ControlError {
    ControlError::invalid_field(format!("{field}: at most {SCRIPTED_ANSWERS} answers can wait at once"))
}

fn too_many_methods() -> ControlError {
    ControlError::invalid_field(format!(
        "method: at most {SCRIPTED_METHODS} of them can have a script at once"
    ))
}
