//! The arguments of a call, refusals, and pages.

use serde_json::{Map, Value, json};

/// The most entries of a page (<https://docs.slack.dev/apis/web-api/pagination>).
const MOST_ENTRIES: usize = 1_000;
/// How many entries a page has unless it is asked for others.
const ENTRIES: usize = 100;
/// What a cursor begins with.
const CURSOR: &str = "after:";

/// Why a call is refused: the code, and what Slack says besides in `response_metadata`.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) messages: Vec<String>,
}

/// The answer to a call: an object without its `ok`.
pub(super) type Answer = Result<Value, Refusal>;

impl From<&'static str> for Refusal {
    fn from(code: &'static str) -> Self {
        Self { code, messages: Vec::new() }
    }
}

impl Refusal {
    pub(super) fn with(code: &'static str, messages: Vec<String>) -> Self {
        Self { code, messages }
    }

    /// The body of the answer.
    pub(super) fn body(&self) -> Value {
        let mut body = json!({"ok": false, "error": self.code});
        if let (Some(body), false) = (body.as_object_mut(), self.messages.is_empty()) {
            body.insert("response_metadata".to_owned(), json!({"messages": self.messages}));
        }
        body
    }
}

/// The arguments of a call.
#[derive(Clone, Copy)]
pub(super) struct Arguments<'a>(pub(super) &'a Value);

impl<'a> Arguments<'a> {
    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text that is not empty.
    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// Whether it is true, as JSON or as the text of a form.
    pub(super) fn flag(self, name: &str) -> bool {
        match self.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text == "true" || text == "1",
            _ => false,
        }
    }

    /// A number, as JSON or as the text of a form.
    pub(super) fn number(self, name: &str) -> Option<usize> {
        match self.get(name)? {
            Value::Number(number) => number.as_u64().and_then(|number| usize::try_from(number).ok()),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The page that is asked for, as `name`, and the cursor of the next one.
    pub(super) fn page(self, name: &str, all: Vec<Value>) -> Answer {
        let start = match self.text("cursor") {
            None => 0,
            Some(cursor) => {
                let number = cursor.strip_prefix(CURSOR).and_then(|number| number.parse::<usize>().ok());
                number.ok_or("invalid_cursor")?
            }
        };
        let limit = match self.get("limit") {
            None => ENTRIES,
            Some(_) => self.number("limit").filter(|limit| *limit <= MOST_ENTRIES).ok_or("invalid_limit")?,
        };
        let limit = if limit == 0 { ENTRIES } else { limit };
        let has_more = all.len().saturating_sub(start) > limit;
        let next = if has_more { format!("{CURSOR}{}", start + limit) } else { String::new() };
        let page: Vec<_> = all.into_iter().skip(start).take(limit).collect();
        let mut answer = Map::new();
        answer.insert(name.to_owned(), Value::Array(page));
        answer.insert("has_more".to_owned(), json!(has_more));
        answer.insert("response_metadata".to_owned(), json!({"next_cursor": next}));
        Ok(Value::Object(answer))
    }
}
