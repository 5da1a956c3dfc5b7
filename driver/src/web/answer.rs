//! Reads answers: first the fields of every answer, then the rest into the caller's type.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use socketmode_protocol::payload::Json;
use tracing::warn;

use crate::escape::Escaped;

use super::error::{self, SlackError, WebError};

/// An answer of Slack's that says `ok`.
pub(super) struct Accepted {
    pub(super) body: Bytes,
    /// The cursor of the next page, if there is one. An error if it is too long to be sent back.
    pub(super) next_cursor: Result<Option<String>, WebError>,
}

/// What came back, with the fields of every answer, if it is one of Slack's. They are read once.
pub(super) struct Answer {
    pub(super) response: Response<Bytes>,
    pub(super) fields: Option<Fields>,
}

impl Answer {
    pub(super) fn of(response: Response<Bytes>) -> Self {
        let fields = Fields::read(response.body());
        Self { response, fields }
    }

    /// Whether the rate limit stopped the call: a status or a code says so.
    pub(super) fn is_rate_limited(&self) -> bool {
        self.response.status() == StatusCode::TOO_MANY_REQUESTS
            || self.fields.as_ref().is_some_and(Fields::is_rate_limited)
    }

    /// The answer of a method.
    pub(super) fn accept(self, method: &str) -> Result<Accepted, WebError> {
        let status = self.response.status();
        let Some(fields) = self.fields else { return Err(WebError::Status(status.as_u16())) };
        for warning in &fields.warnings {
            warn!(method, warning = %Escaped(warning), "Slack warns");
        }
        if !fields.ok {
            return Err(WebError::Slack(Box::new(fields.error)));
        }
        if !status.is_success() {
            return Err(WebError::Status(status.as_u16()));
        }
        Ok(Accepted { body: self.response.into_body(), next_cursor: fields.next_cursor })
    }
}

/// The body as a type.
pub(super) fn typed<A: DeserializeOwned>(body: &[u8]) -> Result<A, WebError> {
    serde_json::from_slice(body).map_err(|_| WebError::Answer { wanted: std::any::type_name::<A>() })
}

/// The body as a type, and unparsed.
pub(super) fn with_raw<A: DeserializeOwned>(body: &[u8]) -> Result<(A, Json), WebError> {
    Ok((typed(body)?, typed(body)?))
}

/// What every answer has. Only `ok` must be what it should be: an odd answer is still Slack's.
pub(super) struct Fields {
    pub(super) ok: bool,
    /// Empty where it is `ok`.
    pub(super) error: SlackError,
    warnings: Vec<String>,
    next_cursor: Result<Option<String>, WebError>,
}

/// The same on the wire. A field is looked into only when all of them are found.
#[derive(Deserialize)]
struct Wire<'a> {
    ok: bool,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    needed: Option<&'a RawValue>,
    #[serde(borrow, default)]
    provided: Option<&'a RawValue>,
    #[serde(borrow, default)]
    warning: Option<&'a RawValue>,
    #[serde(borrow, default)]
    response_metadata: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Metadata<'a> {
    #[serde(borrow, default)]
    next_cursor: Option<&'a RawValue>,
    #[serde(borrow, default)]
    messages: Option<&'a RawValue>,
    #[serde(borrow, default)]
    warnings: Option<&'a RawValue>,
}

impl Fields {
    fn read(body: &[u8]) -> Option<Self> {
        let wire: Wire<'_> = serde_json::from_slice(body).ok()?;
        let metadata: Metadata<'_> = read(wire.response_metadata).unwrap_or_default();
        let bounded = |raw, max_bytes| string(raw).map(|text| error::bounded(&text, max_bytes));
        Some(Self {
            ok: wire.ok,
            error: SlackError {
                error: bounded(wire.error, error::MAX_CODE_BYTES).unwrap_or_default(),
                needed: bounded(wire.needed, error::MAX_SCOPES_BYTES),
                provided: bounded(wire.provided, error::MAX_SCOPES_BYTES),
                messages: texts(metadata.messages),
            },
            warnings: warnings(&string(wire.warning).unwrap_or_default(), texts(metadata.warnings)),
            next_cursor: match string(metadata.next_cursor) {
                Some(cursor) if cursor.len() > error::MAX_CURSOR_BYTES => {
                    Err(WebError::CursorTooLong { bytes: cursor.len() })
                }
                cursor => Ok(cursor.filter(|cursor| !cursor.is_empty())),
            },
        })
    }

    fn is_rate_limited(&self) -> bool {
        !self.ok && matches!(self.error.error.as_str(), "ratelimited" | "rate_limited")
    }
}

fn read<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

fn string(raw: Option<&RawValue>) -> Option<String> {
    read(raw)
}

/// The strings of a list, the first of them.
fn texts(raw: Option<&RawValue>) -> Vec<String> {
    let all = read::<Vec<&RawValue>>(raw).unwrap_or_default();
    let texts = all.into_iter().filter_map(|raw| string(Some(raw))).take(error::MAX_MESSAGES);
    texts.map(|text| error::bounded(&text, error::MAX_MESSAGE_BYTES)).collect()
}

/// Each warning once, of those in the one place (with commas between) and the other.
fn warnings(codes: &str, more: Vec<String>) -> Vec<String> {
    let codes = codes.split(',').filter(|code| !code.is_empty()).take(error::MAX_MESSAGES);
    let mut warnings: Vec<_> = codes.map(|code| error::bounded(code.trim(), error::MAX_CODE_BYTES)).collect();
    for warning in more {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn accept(response: Response<Bytes>) -> Result<Bytes, WebError> {
        Answer::of(response).accept("chat.postMessage").map(|accepted| accepted.body)
    }

    fn slack_error(body: &Value) -> SlackError {
        let response = Response::new(Bytes::from(body.to_string()));
        match accept(response) {
            Err(WebError::Slack(error)) => *error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_error_is_read_with_everything_that_helps() {
        let error = slack_error(&json!({
            "ok": false, "error": "missing_scope", "needed": "chat:write", "provided": "commands,im:history",
            "response_metadata": { "messages": ["[ERROR] one", 2, "[ERROR] three"] },
        }));
        assert_eq!(error.error, "missing_scope");
        assert_eq!(error.needed.as_deref(), Some("chat:write"));
        assert_eq!(error.provided.as_deref(), Some("commands,im:history"));
        assert_eq!(error.messages, ["[ERROR] one", "[ERROR] three"]);
    }

    #[test]
    fn an_odd_error_is_an_error_and_has_its_bounds() {
        let odd = slack_error(&json!({ "ok": false, "error": 7, "needed": [], "response_metadata": "none" }));
        assert_eq!((odd.error.as_str(), odd.needed, odd.messages.len()), ("", None, 0));
        let long = "ü".repeat(10_000);
        let messages = vec![long.clone(); 1_000];
        let huge = slack_error(&json!({
            "ok": false, "error": long, "needed": long, "response_metadata": { "messages": messages },
        }));
        assert!(huge.error.len() <= error::MAX_CODE_BYTES + 3, "{}", huge.error.len());
        assert_eq!(huge.messages.len(), error::MAX_MESSAGES);
        assert!(huge.messages.iter().all(|text| text.len() <= error::MAX_MESSAGE_BYTES + 3));
        assert!(huge.needed.unwrap().len() <= error::MAX_SCOPES_BYTES + 3);
    }

    #[test]
    fn what_slack_says_of_an_error_shows_no_secret_and_has_bounds() {
        for (secret, shown) in
            [("xoxb-1-hidden", "<redacted>".to_owned()), (&*"s".repeat(9_999), "s…".into())]
        {
            let error = slack_error(&json!({
                "ok": false, "error": secret, "needed": secret, "provided": secret,
                "response_metadata": { "messages": [secret] },
            }));
            let texts = [&error.error, &error.needed.unwrap(), &error.provided.unwrap(), &error.messages[0]];
            for text in texts {
                assert!(text.ends_with(&shown) && text.len() <= error::MAX_SCOPES_BYTES + 3, "{text}");
            }
        }
    }

    #[test]
    fn an_error_counts_before_the_status() {
        let response =
            Response::builder().status(403).body(Bytes::from(r#"{"ok":false,"error":"not_authed"}"#));
        let Err(WebError::Slack(error)) = accept(response.unwrap()) else {
            panic!("Slack returned an error")
        };
        assert_eq!(error.error, "not_authed");
    }

    #[test]
    fn warnings_have_bounds_and_show_no_secret() {
        let many = vec!["see xoxb-1-hidden"; 1_000];
        let codes = (0..1_000).map(|n| format!("xapp-{n}")).collect::<Vec<_>>().join(",");
        for body in [
            json!({ "ok": true, "warning": codes }),
            json!({ "ok": true, "response_metadata": { "warnings": many } }),
            json!({ "ok": true, "warning": "w".repeat(10_000) }),
        ] {
            let warnings = Fields::read(body.to_string().as_bytes()).unwrap().warnings;
            assert!((1..=error::MAX_MESSAGES).contains(&warnings.len()), "{}", warnings.len());
            for warning in warnings {
                assert!(warning == "<redacted>" || warning.len() <= error::MAX_CODE_BYTES + 3, "{warning}");
            }
        }
    }

    #[test]
    fn what_is_not_slacks_is_told_by_its_status() {
        for body in ["", "<html>", "ok", "[]", "{}", r#"{"ok":"true"}"#, r#"{"ok":true"#] {
            let response = Response::builder().status(502).body(Bytes::from(body)).unwrap();
            assert_eq!(accept(response), Err(WebError::Status(502)), "{body}");
        }
        let response = Response::builder().status(500).body(Bytes::from(r#"{"ok":true}"#)).unwrap();
        assert_eq!(accept(response), Err(WebError::Status(500)));
    }

    #[test]
    fn warnings_are_named_once() {
        let body = json!({
            "ok": true, "warning": "missing_charset,superfluous_charset",
            "response_metadata": { "warnings": ["missing_charset", "another"], "next_cursor": "" },
        });
        let fields = Fields::read(body.to_string().as_bytes()).unwrap();
        assert_eq!(fields.warnings, ["missing_charset", "superfluous_charset", "another"]);
        assert_eq!(fields.next_cursor, Ok(None));
    }

    #[test]
    fn a_cursor_may_have_its_limit_and_not_a_byte_more() {
        for bytes in [1, 100, error::MAX_CURSOR_BYTES, error::MAX_CURSOR_BYTES + 1, 1_000_000] {
            let cursor = "x".repeat(bytes);
            let body = json!({ "ok": true, "response_metadata": { "next_cursor": cursor } });
            let read = Fields::read(body.to_string().as_bytes()).unwrap().next_cursor;
            if bytes <= error::MAX_CURSOR_BYTES {
                assert_eq!(read, Ok(Some(cursor)));
            } else {
                assert_eq!(read, Err(WebError::CursorTooLong { bytes }));
            }
        }
    }

    #[test]
    fn the_rate_limit_is_known_by_status_or_by_code() {
        let is_rate_limited = |status: u16, body: &'static str| {
            let response = Response::builder().status(status).body(Bytes::from_static(body.as_bytes()));
            Answer::of(response.unwrap()).is_rate_limited()
        };
        for body in ["", "<html>", r#"{"ok":false,"error":"ratelimited"}"#] {
            assert!(is_rate_limited(429, body), "{body}");
        }
        for body in [r#"{"ok":false,"error":"ratelimited"}"#, r#"{"ok":false,"error":"rate_limited"}"#] {
            assert!(is_rate_limited(200, body), "{body}");
        }
        for body in
            ["", "ok", r#"{"ok":true,"error":"ratelimited"}"#, r#"{"ok":false,"error":"fatal_error"}"#]
        {
            assert!(!is_rate_limited(200, body), "{body}");
        }
        assert!(!is_rate_limited(503, ""));
    }
}
