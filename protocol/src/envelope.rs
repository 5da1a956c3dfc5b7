//! An envelope as it was delivered.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Range;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::ids::{AckToken, ConnectionId};
use crate::skip;
use crate::text::Text;

/// Something that Slack wants the application to know, and to acknowledge within 3 s.
///
/// The payload is the JSON text as it came, unparsed: read it with any JSON library. It may hold secrets
/// (`response_url`, `bot_access_token`), so Debug shows its length only.
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
    /// What to acknowledge it with.
    #[must_use]
    pub fn token(&self) -> AckToken {
        self.token
    }

    /// The connection that it came by.
    #[must_use]
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// Its `type`.
    #[must_use]
    pub fn kind(&self) -> &EnvelopeKind {
        &self.kind
    }

    /// Its `envelope_id`. Two deliveries can share one: Slack sends again what was not acknowledged in time.
    #[must_use]
    pub fn envelope_id(&self) -> &str {
        &self.envelope_id
    }

    /// Whether the acknowledgement may carry a payload. False where Slack did not say.
    #[must_use]
    pub fn accepts_response_payload(&self) -> bool {
        self.accepts_response_payload
    }

    /// Whether it has been acknowledged by [policy](crate::AckPolicy::OnReceive) already.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged
    }

    /// Which retry this is, 0 for the first sending or where Slack did not say.
    #[must_use]
    pub fn retry_attempt(&self) -> u32 {
        self.retry_attempt
    }

    /// Why Slack sent it again (`timeout`), empty where it did not say.
    #[must_use]
    pub fn retry_reason(&self) -> &str {
        &self.retry_reason
    }

    /// The payload as the JSON text that it came as; `null` where there was none.
    #[must_use]
    pub fn payload_json(&self) -> &str {
        self.payload.of(&self.raw)
    }

    /// The whole message as it came.
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

/// Where the payload stands in the text of its envelope. Its end is looked for when somebody asks for it.
pub(crate) struct Payload {
    start: usize,
    /// 0 if it is not known yet.
    end: AtomicUsize,
}

impl Payload {
    /// There is none.
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

    /// The payload in this text; `null` where there is none.
    pub(crate) fn of<'a>(&self, text: &'a str) -> &'a str {
        if self.start == 0 {
            return "null";
        }
        // The same for whoever looks, so that the order does not matter.
        let mut end = self.end.load(Ordering::Relaxed);
        if end == 0 {
            // One that has no end is no JSON. Whoever reads it learns where it breaks off.
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EnvelopeKind {
    /// `events_api`: what the app subscribed to in the Events API.
    EventsApi,
    /// `slash_commands`.
    SlashCommands,
    /// `interactive`: buttons, menus, modals, shortcuts.
    Interactive,
    /// A type that Slack added since. It can be acknowledged like any other.
    Other(Box<str>),
}

impl EnvelopeKind {
    /// The name on the wire.
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
