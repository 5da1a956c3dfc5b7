//! Reading answers: Slack's verdict first, the rest as whoever called wants it.

use std::fmt;

use bytes::Bytes;
use http::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tracing::warn;

use super::error::{self, Refusal, WebError};

/// The body of an answer that says `ok`.
pub(super) fn accept(method: &str, response: Response<Bytes>) -> Result<Bytes, WebError> {
    let status = response.status();
    let Some(verdict) = Verdict::read(response.body()) else {
        return Err(WebError::Status(status.as_u16()));
    };
    for warning in verdict.warnings() {
        warn!(method, %warning, "Slack warns");
    }
    if !verdict.ok {
        return Err(WebError::Slack(Box::new(verdict.refusal())));
    }
    if !status.is_success() {
        return Err(WebError::Status(status.as_u16()));
    }
    Ok(response.into_body())
}

/// The body as a type.
pub(super) fn typed<A: DeserializeOwned>(body: &[u8]) -> Result<A, WebError> {
    serde_json::from_slice(body).map_err(|_| WebError::Answer { wanted: std::any::type_name::<A>() })
}

/// The body as a type, and as it came.
pub(super) fn with_raw<A: DeserializeOwned>(body: &[u8]) -> Result<(A, RawJson), WebError> {
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(WebError::Answer { wanted: std::any::type_name::<A>() });
    };
    Ok((typed(body)?, RawJson(text.into())))
}

/// What every answer has. Only `ok` must be what it should be: an odd answer is still Slack's.
#[derive(Deserialize)]
pub(super) struct Verdict {
    ok: bool,
    #[serde(default)]
    error: Value,
    #[serde(default)]
    needed: Value,
    #[serde(default)]
    provided: Value,
    #[serde(default)]
    warning: Value,
    #[serde(default)]
    response_metadata: Value,
}

impl Verdict {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    pub(super) fn is_ok(&self) -> bool {
        self.ok
    }

    /// Slack's code, unbounded.
    pub(super) fn error(&self) -> &str {
        self.error.as_str().unwrap_or_default()
    }

    pub(super) fn is_rate_limited(&self) -> bool {
        !self.ok && matches!(self.error(), "ratelimited" | "rate_limited")
    }

    /// Where the next page begins, if there is one.
    pub(super) fn next_cursor(&self) -> Option<&str> {
        self.response_metadata.get("next_cursor")?.as_str().filter(|cursor| !cursor.is_empty())
    }

    fn refusal(&self) -> Refusal {
        Refusal {
            error: error::bounded(self.error(), error::MAX_CODE_BYTES),
            needed: self.needed.as_str().map(|text| error::bounded(text, error::MAX_SCOPES_BYTES)),
            provided: self.provided.as_str().map(|text| error::bounded(text, error::MAX_SCOPES_BYTES)),
            messages: self.texts("messages"),
        }
    }

    fn warnings(&self) -> Vec<String> {
        let codes = self.warning.as_str().unwrap_or_default().split(',').filter(|code| !code.is_empty());
        let mut warnings: Vec<_> = codes
            .take(error::MAX_MESSAGES)
            .map(|code| error::bounded(code.trim(), error::MAX_CODE_BYTES))
            .collect();
        for more in self.texts("warnings") {
            if !warnings.contains(&more) {
                warnings.push(more);
            }
        }
        warnings
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let texts = self.response_metadata.get(name).and_then(Value::as_array).into_iter().flatten();
        texts
            .filter_map(Value::as_str)
            .take(error::MAX_MESSAGES)
            .map(|text| error::bounded(text, error::MAX_MESSAGE_BYTES))
            .collect()
    }
}

/// An answer as it came, for the fields that a type here leaves out. Debug shows its size only: people's words are
/// in it.
///
/// ```
/// use serde::Deserialize;
/// use socketmode_driver::web::{PostedMessage, WebError};
///
/// #[derive(Deserialize)]
/// struct Answer {
///     message: Stored,
/// }
///
/// #[derive(Deserialize)]
/// struct Stored {
///     text: String,
/// }
///
/// fn text_as_stored(posted: &PostedMessage) -> Result<String, WebError> {
///     Ok(posted.raw.read::<Answer>()?.message.text)
/// }
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RawJson(Box<str>);

impl RawJson {
    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads it into any type.
    ///
    /// # Errors
    /// It does not fit.
    pub fn read<A: DeserializeOwned>(&self) -> Result<A, WebError> {
        typed(self.0.as_bytes())
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson(<{} bytes>)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(body: &Value) -> Refusal {
        let response = Response::new(Bytes::from(body.to_string()));
        match accept("chat.postMessage", response) {
            Err(WebError::Slack(refusal)) => *refusal,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_refusal_is_read_with_everything_that_helps() {
        let refusal = refused(&json!({
            "ok": false, "error": "missing_scope", "needed": "chat:write", "provided": "commands,im:history",
            "response_metadata": { "messages": ["[ERROR] one", 2, "[ERROR] three"] },
        }));
        assert_eq!(refusal.error, "missing_scope");
        assert_eq!(refusal.needed.as_deref(), Some("chat:write"));
        assert_eq!(refusal.provided.as_deref(), Some("commands,im:history"));
        assert_eq!(refusal.messages, ["[ERROR] one", "[ERROR] three"]);
    }

    #[test]
    fn an_odd_refusal_is_a_refusal_and_has_its_bounds() {
        let odd = refused(&json!({ "ok": false, "error": 7, "needed": [], "response_metadata": "none" }));
        assert_eq!((odd.error.as_str(), odd.needed, odd.messages.len()), ("", None, 0));
        let long = "ü".repeat(10_000);
        let messages = vec![long.clone(); 1_000];
        let huge = refused(&json!({
            "ok": false, "error": long, "needed": long, "response_metadata": { "messages": messages },
        }));
        assert!(huge.error.len() <= error::MAX_CODE_BYTES + 3, "{}", huge.error.len());
        assert_eq!(huge.messages.len(), error::MAX_MESSAGES);
        assert!(huge.messages.iter().all(|text| text.len() <= error::MAX_MESSAGE_BYTES + 3));
        assert!(huge.needed.unwrap().len() <= error::MAX_SCOPES_BYTES + 3);
    }

    #[test]
    fn what_is_not_slacks_is_told_by_its_status() {
        for body in ["", "<html>", "ok", "[]", "{}", r#"{"ok":"true"}"#, r#"{"ok":true"#] {
            let response = Response::builder().status(502).body(Bytes::from(body)).unwrap();
            assert_eq!(accept("api.test", response), Err(WebError::Status(502)), "{body}");
        }
        let response = Response::builder().status(500).body(Bytes::from(r#"{"ok":true}"#)).unwrap();
        assert_eq!(accept("api.test", response), Err(WebError::Status(500)));
    }

    #[test]
    fn warnings_are_named_once() {
        let body = json!({
            "ok": true, "warning": "missing_charset,superfluous_charset",
            "response_metadata": { "warnings": ["missing_charset", "another"], "next_cursor": "" },
        });
        let verdict = Verdict::read(body.to_string().as_bytes()).unwrap();
        assert_eq!(verdict.warnings(), ["missing_charset", "superfluous_charset", "another"]);
        assert_eq!(verdict.next_cursor(), None);
    }

    #[test]
    fn an_answer_does_not_print_itself() {
        let raw = RawJson(r#"{"text":"hush"}"#.into());
        assert_eq!(format!("{raw:?}"), "RawJson(<15 bytes>)");
        assert_eq!(raw.read::<Value>().unwrap(), json!({ "text": "hush" }));
    }
}
