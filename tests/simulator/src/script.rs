//! Scripted answers: what the next opens, dials and calls get instead of Slack's usual.

use serde_json::Value;
use std::time::Duration;

/// The answer to an `apps.connections.open`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenAnswer {
    /// What Slack does: a link's URL, or the error that fits the token.
    Link,
    /// HTTP 200 with `{"ok":false,"error":…}`.
    Error(String),
    /// HTTP 429 with this `Retry-After`.
    RateLimited {
        /// The seconds in the header.
        retry_after_secs: u64,
    },
    /// This status, these headers, this body.
    Status(u16, Vec<(String, String)>, String),
    /// HTTP 302 to this address.
    Redirect(String),
    /// HTTP 200 with this body, JSON or not.
    Body(String),
    /// HTTP 200 with a body of so many bytes of white space.
    HugeBody(u64),
    /// No answer, TCP stays up.
    Hang,
    /// No answer, TCP is closed.
    Drop,
    /// This answer, so much later.
    Delay(Duration, Box<OpenAnswer>),
}

/// The answer to a dial: the WebSocket handshake and what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DialAnswer {
    /// What Slack does: a link with a hello, or 403 where the ticket is no good.
    Link,
    /// The handshake is refused with this status.
    Status(u16),
    /// The handshake is never answered, TCP stays up.
    Hang,
    /// The handshake is not answered, TCP is closed.
    Drop,
    /// A link that says nothing, not even hello.
    NoHello,
    /// A link whose first message is this text instead of a hello.
    WithoutHello(String),
    /// A link with a hello and, right after it, this text.
    HelloThen(String),
    /// This answer, so much later.
    Delay(Duration, Box<DialAnswer>),
}

/// The answer to a call of the Web API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Headers besides the content type.
    pub headers: Vec<(String, String)>,
    /// The body: JSON, or a string that is sent as it is.
    pub body: Value,
}

impl OpenAnswer {
    /// This answer for a caller whose token deserves `error`: no link for it, however scripted.
    pub(crate) fn refusing(self, error: &str) -> Self {
        match self {
            Self::Link => Self::Error(error.to_owned()),
            Self::Delay(by, answer) => Self::Delay(by, Box::new(answer.refusing(error))),
            other @ (Self::Error(_)
            | Self::RateLimited { .. }
            | Self::Status(..)
            | Self::Redirect(_)
            | Self::Body(_)
            | Self::HugeBody(_)
            | Self::Hang
            | Self::Drop) => other,
        }
    }
}

impl DialAnswer {
    /// This answer for a dial with a bad ticket: no link for it, however scripted.
    pub(crate) fn refusing(self, status: u16) -> Self {
        match self {
            Self::Link | Self::NoHello | Self::WithoutHello(_) | Self::HelloThen(_) => Self::Status(status),
            Self::Delay(by, answer) => Self::Delay(by, Box::new(answer.refusing(status))),
            other @ (Self::Status(_) | Self::Hang | Self::Drop) => other,
        }
    }
}
