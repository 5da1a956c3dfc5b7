//! Texts with the recorded outer fields and the recorded size: the machine takes them for those that were not recorded.

use serde_json::{Map, Value, json};

use socketmode_protocol::limits::MAX_ENVELOPE_ID_BYTES;

use crate::step::OwnedInput;

use super::entry::Said;
use super::read::Fields;

/// A text of this size: white space makes up for what was not recorded.
#[must_use]
pub fn padded(text: &str, bytes: usize) -> String {
    text.to_owned() + &" ".repeat(bytes.saturating_sub(text.len()))
}

/// An envelope.
pub(super) fn envelope(fields: &Fields<'_>) -> Result<Said, String> {
    let mut message = Map::new();
    message.insert("type".into(), fields.text("type")?.into());
    message.insert("envelope_id".into(), fields.text("envelope_id")?.into());
    let response_payload = fields.maybe_text("response_payload")?;
    // Without the flag it is accepted.
    if response_payload != Some("accepted") {
        message.insert("accepts_response_payload".into(), false.into());
    }
    for name in ["retry_attempt", "retry_reason"] {
        let default = [json!(0), json!("")];
        if let Some(value) = fields.get(name).filter(|value| !default.contains(value)) {
            message.insert(name.into(), value.clone());
        }
    }
    if let Some(event_id) = fields.maybe_text("event_id")? {
        message.insert("payload".into(), json!({ "event_id": event_id }));
    } else if response_payload == Some("unasked") && fields.text("type")? == "interactive" {
        // Here the payload decides. The shortest type whose acknowledgement may have a payload:
        message.insert("payload".into(), json!({ "type": "view_submission" }));
    }
    message_of_size(message, fields)
}

/// A hello.
pub(super) fn hello(fields: &Fields<'_>) -> Result<Said, String> {
    let mut message = Map::new();
    message.insert("type".into(), "hello".into());
    insert(&mut message, fields, &["num_connections"]);
    let mut debug = Map::new();
    insert(&mut debug, fields, &["host", "build_number", "approximate_connection_time"]);
    let mut connection = Map::new();
    insert(&mut connection, fields, &["app_id"]);
    for (name, object) in [("debug_info", debug), ("connection_info", connection)] {
        if !object.is_empty() {
            message.insert(name.into(), Value::Object(object));
        }
    }
    message_of_size(message, fields)
}

/// A disconnect.
pub(super) fn disconnect(fields: &Fields<'_>) -> Result<Said, String> {
    let mut message = Map::new();
    message.insert("type".into(), "disconnect".into());
    if !fields.text("reason")?.is_empty() {
        message.insert("reason".into(), fields.text("reason")?.into());
    }
    if let Some(host) = fields.maybe_text("host")? {
        message.insert("debug_info".into(), json!({ "host": host }));
    }
    message_of_size(message, fields)
}

/// The shortest text with this error.
pub(super) fn unreadable(fields: &Fields<'_>) -> Result<Said, String> {
    let bytes = fields.size("bytes")?;
    let long_envelope_id =
        format!(r#"{{"type":"","envelope_id":{}}}"#, "1".repeat(MAX_ENVELOPE_ID_BYTES + 1));
    let text = match fields.text("error")? {
        // White space alone is not JSON.
        "NotJson" => "",
        "NotAnObject" => "[",
        "NoType" => "{}",
        "UnknownType" => r#"{"type":""}"#,
        "NoEnvelopeId" => r#"{"type":"events_api"}"#,
        "LongEnvelopeId" => &*long_envelope_id,
        other => return Err(format!("no text has the error {other:?}")),
    };
    of_size(text.into(), bytes)
}

/// The answer of an open call. The ticket is the number of the line: no two are the same.
pub(super) fn opened(fields: &Fields<'_>, line: usize) -> Result<OwnedInput, String> {
    let url = |url: &str| json!({ "ok": true, "url": url }).to_string();
    let body = if let Some(origin) = fields.maybe_text("url")? {
        url(&format!("{origin}/link/?ticket={line}"))
    } else if let Some(error) = fields.maybe_text("bad_url")? {
        match error {
            "Scheme" => url("https://wss-primary.slack.com/"),
            "TooLong" => url(&format!("wss://{}", "x".repeat(1 << 16))),
            "Character" => url("wss://wss-primary.slack.com/ "),
            "Host" => url("wss://"),
            "UserInfo" => url("wss://user@wss-primary.slack.com/"),
            other => return Err(format!("no URL has the error {other:?}")),
        }
    } else if let Some(code) = fields.maybe_text("error")? {
        json!({ "ok": false, "error": code }).to_string()
    } else {
        fields.maybe_text("body")?.unwrap_or_default().to_owned()
    };
    let status = fields.number("status")?;
    let status = u16::try_from(status).map_err(|_| format!("{status} is no HTTP status"))?;
    let retry_after = fields.maybe_number("retry_after")?.map(|seconds| seconds.to_string());
    Ok(OwnedInput::Opened { status, retry_after, body: body.into_bytes() })
}

/// A payload of an acknowledgement. One that was refused as no JSON is none.
pub(super) fn payload(bytes: usize, refused: Option<&str>) -> String {
    match bytes {
        _ if refused == Some("InvalidPayload") => "x".repeat(bytes),
        0 | 1 => "1".repeat(bytes),
        _ => format!("\"{}\"", "x".repeat(bytes - 2)),
    }
}

fn insert(object: &mut Map<String, Value>, fields: &Fields<'_>, names: &[&str]) {
    for &name in names {
        if let Some(value) = fields.get(name) {
            object.insert(name.into(), value.clone());
        }
    }
}

fn message_of_size(message: Map<String, Value>, fields: &Fields<'_>) -> Result<Said, String> {
    of_size(Value::Object(message).to_string(), fields.size("bytes")?)
}

fn of_size(text: String, bytes: usize) -> Result<Said, String> {
    if text.len() > bytes {
        return Err(format!("these fields need {} bytes, and the message had {bytes}", text.len()));
    }
    Ok(Said::Text { text, bytes })
}
