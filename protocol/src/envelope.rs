//! An envelope as it is delivered.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Range;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::ids::{AckToken, ConnectionId};
use crate::skip;
use crate::text::Text;

/// A message from Slack that the application must acknowledge within 3 s.
///
/// The payload is unparsed JSON text: read it with any JSON library. It may hold secrets (`response_url`,
/// `bot_access_token`), so `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Envelope {
    pub(crate) token: AckToken,
    pub(crate) connection: ConnectionId,
    pub(crate) kind: EnvelopeKind,
    pub(crate) envelope_id: Arc<str>,
    pub(crate) accepts_response_payload: bool,
    pub(crate) acknowledged: bool,
    pub(crate) retry_attempt: u32,
    pub(crate) retry_reason: Box<str>,
    pub(crate) raw: Text,
    pub(crate) payload: Payload,
}

impl Envelope {
    /// The token for [`SocketMode::acknowledge`](crate::SocketMode::acknowledge).
    #[must_use]
    pub fn token(&self) -> AckToken {
        self.token
    }

    /// The connection on which it arrived.
    #[must_use]
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// Its `type`.
    #[must_use]
    pub fn kind(&self) -> &EnvelopeKind {
        &self.kind
    }

    /// Its `envelope_id`. Two deliveries can have the same one: Slack sends again what was not acknowledged in time.
    #[must_use]
    pub fn envelope_id(&self) -> &str {
        &self.envelope_id
    }

    /// Whether the acknowledgement may have a payload. False if Slack did not say so.
    #[must_use]
    pub fn accepts_response_payload(&self) -> bool {
        self.accepts_response_payload
    }

    /// Whether the [policy](crate::AckPolicy::OnReceive) has already acknowledged it.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged
    }

    /// The number of this retry. 0 for the first delivery, or if Slack did not say.
    #[must_use]
    pub fn retry_attempt(&self) -> u32 {
        self.retry_attempt
    }

    /// Why Slack sent it again (`timeout`). Empty if Slack did not say.
    #[must_use]
    pub fn retry_reason(&self) -> &str {
        &self.retry_reason
    }

    /// The payload as JSON text; `null` if there was none.
    #[must_use]
    pub fn payload_json(&self) -> &str {
        self.payload.of(&self.raw)
    }

    /// The whole message, unchanged.
    #[must_use]
    pub fn raw_json(&self) -> &str {
        &self.raw
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("token", &self.token)
            .field("connection", &self.connection)
            .field("kind", &self.kind)
            .field("envelope_id", &self.envelope_id)
            .field("accepts_response_payload", &self.accepts_response_payload)
            .field("acknowledged", &self.acknowledged)
            .field("retry_attempt", &self.retry_attempt)
            .field("retry_reason", &self.retry_reason)
            .field("payload", &format_args!("<{} bytes>", self.payload_json().len()))
            .finish_non_exhaustive()
    }
}

/// The place of the payload in the text of its envelope. Its end is searched for when it is first read.
pub(crate) struct Payload {
    start: usize,
    /// 0 while it is not known.
    end: AtomicUsize,
}

impl Payload {
    /// No payload.
    pub(crate) fn none() -> Self {
        Self::at(0..0)
    }

    pub(crate) fn at(range: Range<usize>) -> Self {
        Self { start: range.start, end: AtomicUsize::new(range.end) }
    }

    /// An object or an array that begins here.
    pub(crate) fn from(start: usize) -> Self {
        Self { start, end: AtomicUsize::new(0) }
    }

    /// The payload in this text; `null` if there is none.
    pub(crate) fn of<'a>(&self, text: &'a str) -> &'a str {
        if self.start == 0 {
            return "null";
        }
        // Every thread finds the same end, so the order does not matter.
        let mut end = self.end.load(Ordering::Relaxed);
        if end == 0 {
            // Without an end it is not JSON. Parsing it returns the error.
            end = skip::container_end(text.as_bytes(), self.start).unwrap_or(text.len());
            self.end.store(end, Ordering::Relaxed);
        }
        text.get(self.start..end).unwrap_or_default()
    }
}

impl Clone for Payload {
    fn clone(&self) -> Self {
        Self { start: self.start, end: AtomicUsize::new(self.end.load(Ordering::Relaxed)) }
    }
}

/// The same text has the same end.
impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.start == other.start
    }
}

impl Eq for Payload {}

impl Hash for Payload {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.start.hash(hasher);
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload {{ start: {} }}", self.start)
    }
}

/// The `type` of an envelope.
///
/// It has all kinds that Slack documents. It is not `#[non_exhaustive]`, so that a `match` without `_` compiles: a kind that
/// Slack adds arrives as [`Other`](Self::Other). It gets a variant of its own only in a version that may break code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EnvelopeKind {
    /// `events_api`: what the app subscribed to in the Events API.
    EventsApi,
    /// `slash_commands`.
    SlashCommands,
    /// `interactive`: buttons, menus, modals, shortcuts.
    Interactive,
    /// A type that this library does not know. It can be acknowledged like any other.
    Other(Box<str>),
}

impl EnvelopeKind {
    /// The name as Slack sends it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::EventsApi => "events_api",
            Self::SlashCommands => "slash_commands",
            Self::Interactive => "interactive",
            Self::Other(name) => name,
        }
    }
}
