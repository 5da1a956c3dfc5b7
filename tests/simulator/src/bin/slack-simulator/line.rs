//! What a line says.

use crate::arguments::seconds;
use crate::session::Place;
use serde_json::{Value, json};
use std::time::Duration;

/// A line, understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Line {
    Nothing,
    Help,
    Quit,
    Links,
    /// What is done: the name in the control API, and its parameters.
    Act(String, Value),
    /// An act of a journal, likewise.
    Again(String, Value),
    /// Sends the last event again.
    RedeliverLast,
    /// Something with a message: the name in the control API, the parameters beside the message, and whose message it is.
    WithMessage(&'static str, Value, Whose),
    CloseView,
    As(String),
    In(String),
    Thread(Option<String>),
    Wait(Duration),
    Timeout(Duration),
    Expect(Expected),
}

/// What is waited for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expected {
    Links(usize),
    Ack { within: Option<Duration> },
    Call { method: String, text: String },
    NoCall { method: String, within: Option<Duration> },
    Message(String),
    Lost,
}

/// Which message a line is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The newest in the channel.
    Anybody,
    /// One's own newest.
    Own,
    /// The one with this time stamp.
    Named(String),
}

/// The orders to links.
const ORDERS: [&str; 9] =
    [":warn", ":refresh", ":rotate", ":close", ":cut", ":reset", ":garbage", ":freeze", ":thaw"];

/// Reads a line that somebody types at this place.
///
/// # Errors
///
/// What is wrong with it, and what to write instead.
pub(crate) fn read(line: &str, place: &Place) -> Result<Line, String> {
    let line = line.trim();
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let act = |name: &str, params: Value| Ok(Line::Act(name.to_owned(), place.around(params)));
    let plain = |name: &str, params: Value| Ok(Line::Act(name.to_owned(), params));
    match first {
        "" => Ok(Line::Nothing),
        _ if first.starts_with('#') => Ok(Line::Nothing),
        _ if first.starts_with('{') => entry(line),
        ":help" => Ok(Line::Help),
        ":quit" => Ok(Line::Quit),
        ":links" => Ok(Line::Links),
        ":as" => named(first, rest, "USER").map(Line::As),
        ":in" => named(first, rest, "CHANNEL").map(Line::In),
        ":thread" => Ok(Line::Thread(Some(rest.to_owned()).filter(|ts| !ts.is_empty()))),
        ":mention" => act("mention", place.in_thread(json!({"text": rest}))),
        ":press" => {
            let (action, value) = two(rest);
            let mut params = json!({"action_id": named(first, action, "ACTION")?, "user": place.user});
            if let (Some(fields), false) = (params.as_object_mut(), value.is_empty()) {
                fields.insert("value".to_owned(), json_or_text(value));
            }
            plain("press", params)
        }
        ":submit" => {
            let (callback_id, values) = two(rest);
            let values = if values.is_empty() { json!({}) } else { json_of(values)? };
            let values = values.get("values").cloned().unwrap_or(values);
            let callback_id = named(first, callback_id, "CALLBACK_ID")?;
            plain("submit", json!({"callback_id": callback_id, "values": values, "user": place.user}))
        }
        ":suggest" => {
            let (action, value) = two(rest);
            let action_id = named(first, action, "ACTION")?;
            plain("suggest", json!({"action_id": action_id, "value": value, "user": place.user}))
        }
        ":shortcut" => {
            let (callback_id, ts) = two(rest);
            let callback_id = named(first, callback_id, "CALLBACK_ID")?;
            let params = json!({"callback_id": callback_id, "user": place.user});
            if ts.is_empty() {
                return plain("shortcut", params);
            }
            plain(
                "shortcut",
                json!({
                    "callback_id": callback_id, "user": place.user, "channel": place.channel, "ts": ts,
                }),
            )
        }
        ":react" | ":unreact" => {
            let (name, ts) = two(rest);
            let name = named(first, name.trim_matches(':'), "NAME")?;
            let whose = if ts.is_empty() { Whose::Anybody } else { Whose::Named(ts.to_owned()) };
            let params = json!({"name": name, "remove": first == ":unreact", "user": place.user});
            Ok(Line::WithMessage("react", params, whose))
        }
        ":edit" => Ok(Line::WithMessage("edit", json!({"text": rest, "user": place.user}), Whose::Own)),
        ":delete" => Ok(Line::WithMessage("delete", json!({"user": place.user}), Whose::Own)),
        ":close-view" => Ok(Line::CloseView),
        ":home" => plain("home", json!({"user": place.user})),
        ":event" => plain("event", json!({"event": json_of(rest)?})),
        ":envelope" => {
            let (kind, payload) = two(rest);
            plain("envelope", json!({"type": named(first, kind, "TYPE")?, "payload": json_of(payload)?}))
        }
        ":redeliver" if rest.is_empty() => Ok(Line::RedeliverLast),
        ":redeliver" => plain("redeliver", json!({"envelope_id": rest})),
        order if ORDERS.contains(&order) => {
            let link = if rest.is_empty() { "all" } else { rest };
            plain(&format!("links/{link}/{}", order.trim_start_matches(':')), json!({}))
        }
        ":refuse" => refuse(rest),
        ":answer" => {
            let (method, body) = two(rest);
            plain(&format!("calls/{}", named(first, method, "METHOD")?), json!({"body": json_of(body)?}))
        }
        ":hold" => plain(&format!("hold/{}", named(first, rest, "METHOD")?), json!({"held": true})),
        ":release" => plain(&format!("hold/{}", named(first, rest, "METHOD")?), json!({"held": false})),
        ":ghosts" => match rest.parse::<usize>() {
            Ok(count) => plain("ghosts", json!({"count": count})),
            Err(_) => Err(format!("{rest:?} is no number of ghosts; write something like :ghosts 3")),
        },
        ":wait" => Ok(Line::Wait(time(rest)?)),
        ":timeout" => Ok(Line::Timeout(time(rest)?)),
        other if other.starts_with(":expect-") => expected(other, rest).map(Line::Expect),
        other if other.starts_with(':') => Err(format!("unknown: {other}; :help tells what there is")),
        command if command.starts_with('/') => act("command", json!({"command": command, "text": rest})),
        _ => act("say", place.in_thread(json!({"text": line}))),
    }
}

/// A line of a journal: of its entries only the acts are done again.
fn entry(line: &str) -> Result<Line, String> {
    let entry = json_of(line)?;
    if entry.get("kind").is_none_or(|kind| kind != "act") {
        return Ok(Line::Nothing);
    }
    let name = entry.get("name").and_then(Value::as_str).ok_or("an act of a journal has a name")?;
    Ok(Line::Again(name.to_owned(), entry.get("params").cloned().unwrap_or_default()))
}

fn expected(first: &str, rest: &str) -> Result<Expected, String> {
    let (one, other) = two(rest);
    let within = |text: &str| Some(text).filter(|text| !text.is_empty()).map(time).transpose();
    match first {
        ":expect-links" => match rest.parse() {
            Ok(number) => Ok(Expected::Links(number)),
            Err(_) => Err(format!("{rest:?} is no number of links; write something like :expect-links 1")),
        },
        ":expect-ack" => Ok(Expected::Ack { within: within(rest)? }),
        ":expect-call" => Ok(Expected::Call { method: named(first, one, "METHOD")?, text: other.to_owned() }),
        ":expect-no-call" => {
            Ok(Expected::NoCall { method: named(first, one, "METHOD")?, within: within(other)? })
        }
        ":expect-message" => Ok(Expected::Message(rest.to_owned())),
        ":expect-lost" => Ok(Expected::Lost),
        other => Err(format!("unknown: {other}; :help tells what there is")),
    }
}

fn refuse(rest: &str) -> Result<Line, String> {
    let (what, seconds) = two(rest);
    let params = match (what, what.parse::<u16>()) {
        ("", _) => return Err("write :refuse invalid_auth, :refuse 429 30 or :refuse off".to_owned()),
        ("off", _) => json!({}),
        (_, Ok(status)) if seconds.is_empty() => json!({"status": status}),
        (_, Ok(status)) => match seconds.parse::<u64>() {
            Ok(seconds) => json!({"status": status, "retry_after": seconds}),
            Err(_) => return Err(format!("{seconds:?} is no whole number of seconds; write :refuse 429 30")),
        },
        (error, Err(_)) => json!({"error": error}),
    };
    Ok(Line::Act("opens".to_owned(), params))
}

/// The first word and the rest.
fn two(text: &str) -> (&str, &str) {
    text.split_once(char::is_whitespace).map_or((text, ""), |(first, rest)| (first, rest.trim()))
}

fn named(first: &str, word: &str, what: &str) -> Result<String, String> {
    if word.is_empty() { Err(format!("write {first} {what}")) } else { Ok(word.to_owned()) }
}

fn json_of(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}"))
}

fn json_or_text(text: &str) -> Value {
    // A number is what somebody typed, no number.
    let structured = text.starts_with(['{', '[']).then(|| serde_json::from_str(text).ok()).flatten();
    structured.unwrap_or_else(|| json!(text))
}

fn time(text: &str) -> Result<Duration, String> {
    seconds(text).map(Duration::from_secs_f64)
}
