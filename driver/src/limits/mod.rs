//! What Slack documents as too long: found before anything is sent.
//!
//! Slack answers such a message with `invalid_blocks` or `invalid_arguments`, and drops such an acknowledgement without an
//! error. Here the call or the acknowledgement fails at once, and the error names the field and the limit:
//!
//! ```
//! use serde_json::json;
//! use socketmode_driver::Message;
//!
//! let blocks = json!([{ "type": "section", "text": { "type": "mrkdwn", "text": "x".repeat(3_001) } }]);
//! let error = Message::new("long").blocks(&blocks).check().unwrap_err();
//! assert_eq!(error.path(), "blocks[0].text");
//! assert_eq!((error.found(), error.limit().max), (3_001, 3_000));
//! ```
//!
//! The typed calls of [`Web`](crate::Web), [`Request::ack_with`](crate::Request::ack_with) and
//! [`Response::with_payload`](crate::Response::with_payload) check by themselves. `call` and `ack_with_json` do not: use them
//! for what Slack accepts and this table does not know yet. Only maximums are checked, and characters are counted as Unicode
//! does: nothing that Slack accepts is refused, with one exception. Of a text of more than 40,000 characters Slack drops the
//! rest without an error; here it is an error. An answer in an acknowledgement is serialized once more for its check.

mod check;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;

pub use table::{LIMITS, Limit, Unit};

pub(crate) use check::{fields, message, serialized, view};

/// Something has more than Slack documents. Nothing was sent. It does not hold what was too long.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LimitError {
    path: String,
    found: usize,
    limit: &'static Limit,
}

impl LimitError {
    /// Where: `blocks[3].text`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// How many characters or elements there are.
    #[must_use]
    pub fn found(&self) -> usize {
        self.found
    }

    /// The row of the table.
    #[must_use]
    pub fn limit(&self) -> &'static Limit {
        self.limit
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, found, limit } = self;
        let Limit { max, unit, advice, source, .. } = limit;
        write!(f, "{path} has {found} {unit}, and Slack accepts {max}: {advice} ({source})")
    }
}

impl std::error::Error for LimitError {}
