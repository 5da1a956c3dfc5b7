//! An envelope as it is delivered.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Range;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::ids::{AckToken, ConnectionId};
use crate::payload::EventCallback;
use crate::skip;
use crate::text::Text;
use crate::wire::messages;

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
    pub(crate) response_payload: ResponsePayload,
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

    /// What happens to a payload in its acknowledgement.
    #[must_use]
    pub fn response_payload(&self) -> ResponsePayload {
        self.response_payload
    }

    /// Whether the acknowledgement may have a payload. If not, one is refused.
    #[must_use]
    pub fn accepts_response_payload(&self) -> bool {
        self.response_payload != ResponsePayload::Refused
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

    /// The `type` of the event in the payload, as [`EventCallback::event_type`] reads it: without a look at what stands behind
    /// it. `None` if there is none.
    #[must_use]
    pub fn event_type(&self) -> Option<Cow<'_, str>> {
        EventCallback::event_type(self.payload.onwards(&self.raw))
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
            .field("response_payload", &self.response_payload)
            .field("acknowledged", &self.acknowledged)
            .field("retry_attempt", &self.retry_attempt)
            .field("retry_reason", &self.retry_reason)
            .field("payload", &format_args!("<{} bytes>", self.payload_json().len()))
            .finish_non_exhaustive()
    }
}

/// What happens to a payload in the acknowledgement of an envelope. The envelope's flag `accepts_response_payload` and its kind
/// decide: Slack's own clients send such a payload whatever the flag says, and a gateway may drop the flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResponsePayload {
    /// It is sent: the flag is true, or missing.
    Accepted,
    /// It is sent, and its [outcome](crate::AckOutcome::Sent::unasked_payload) says that Slack did not ask for it: the flag is
    /// false, on a slash command, a submission (`view_submission`, `dialog_submission`), a suggestion (`block_suggestion`,
    /// `dialog_suggestion`) or an `interactive_message`. Slack documents answers for each of these.
    Unasked,
    /// It is [refused](crate::AckRefusal::PayloadNotAccepted): the flag is false, and Slack documents no answer.
    Refused,
}

impl ResponsePayload {
    /// By the flag, if there is one, and the kind of the envelope. `payload` is called only if these do not decide: it searches
    /// the end of the payload.
    pub(crate) fn of<'a>(flag: Option<bool>, kind: &EnvelopeKind, payload: impl FnOnce() -> &'a str) -> Self {
        let is_answered = match (flag, kind) {
            (None | Some(true), _) => return Self::Accepted,
            (Some(false), EnvelopeKind::SlashCommands) => true,
            (Some(false), EnvelopeKind::Interactive) => messages::interaction_type(payload())
                .is_some_and(|kind| ANSWERED_INTERACTIONS.contains(&&*kind)),
            (Some(false), EnvelopeKind::EventsApi | EnvelopeKind::Other(_)) => false,
        };
        if is_answered { Self::Unasked } else { Self::Refused }
    }
}

/// The interactions whose acknowledgement may have a payload
/// (<https://docs.slack.dev/surfaces/modals#updating_response>,
/// <https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select>,
/// <https://docs.slack.dev/legacy/legacy-dialogs>, <https://docs.slack.dev/legacy/legacy-messaging/legacy-making-messages-interactive>).
const ANSWERED_INTERACTIONS: [&str; 5] =
    ["view_submission", "block_suggestion", "dialog_submission", "dialog_suggestion", "interactive_message"];

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

    /// The text from the payload on; `null` if there is none. Its end is not searched.
    fn onwards<'a>(&self, text: &'a str) -> &'a str {
        if self.start == 0 { "null" } else { text.get(self.start..).unwrap_or_default() }
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn a_false_flag_counts_where_slack_documents_no_answer() {
        use ResponsePayload::{Accepted, Refused, Unasked};
        let of = |flag, kind, payload: &str| ResponsePayload::of(flag, &kind, || payload);
        let interaction = |kind: &str| format!(r#"{{"type":"{kind}"}}"#);
        for kind in ANSWERED_INTERACTIONS {
            assert_eq!(of(Some(false), EnvelopeKind::Interactive, &interaction(kind)), Unasked, "{kind}");
        }
        for kind in ["block_actions", "shortcut", "message_action", "view_closed", "dialog_cancellation", ""]
        {
            assert_eq!(of(Some(false), EnvelopeKind::Interactive, &interaction(kind)), Refused, "{kind}");
            assert_eq!(of(None, EnvelopeKind::Interactive, &interaction(kind)), Accepted, "{kind}");
        }
        for payload in ["null", "7", r#"{"type":7}"#, "{"] {
            assert_eq!(of(Some(false), EnvelopeKind::Interactive, payload), Refused, "{payload}");
        }
        let other = || EnvelopeKind::Other("x".into());
        assert_eq!(of(Some(false), EnvelopeKind::SlashCommands, "{}"), Unasked);
        assert_eq!(
            [of(Some(false), EnvelopeKind::EventsApi, "{}"), of(Some(false), other(), "{}")],
            [Refused; 2]
        );
        assert_eq!([of(None, EnvelopeKind::EventsApi, "{}"), of(Some(true), other(), "{}")], [Accepted; 2]);
    }

    #[test]
    fn a_payload_is_read_only_where_flag_and_kind_do_not_decide() {
        use EnvelopeKind::{EventsApi, Interactive, SlashCommands};
        let is_read = |flag, kind| {
            let mut is_read = false;
            ResponsePayload::of(flag, &kind, || {
                is_read = true;
                "{}"
            });
            is_read
        };
        for kind in [EventsApi, Interactive, SlashCommands] {
            assert!(!is_read(None, kind.clone()) && !is_read(Some(true), kind));
        }
        assert!(!is_read(Some(false), EventsApi) && !is_read(Some(false), SlashCommands));
        assert!(is_read(Some(false), Interactive));
    }

    #[test]
    fn the_event_type_comes_from_the_payload_alone() {
        let start = r#"{"payload":"#.len();
        for (text, expected) in [
            (r#"{"payload":{"event":{"type":"message"}},"event":{"type":"other"}}"#, Some("message")),
            (r#"{"payload":{"a":{}},"event":{"type":"other"}}"#, None),
            (r#"{"payload":{"event":{}},"type":"other"}"#, None),
        ] {
            let found = EventCallback::event_type(Payload::from(start).onwards(text));
            assert_eq!(found.as_deref(), expected, "{text}");
        }
        assert_eq!(Payload::none().onwards("{}"), "null");
    }
}
