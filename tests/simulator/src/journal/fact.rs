//! What an entry of the journal tells.

use crate::record::TokenKind;
use crate::{EnvelopeId, LinkId};
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;

/// As much of a frame's text as an entry has, in bytes.
const FRAME_TEXT: usize = 2 * 1024;

/// Something that happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Fact {
    /// What somebody asked for: the path of the control API below its prefix, and the body.
    Act { name: String, params: Json },
    /// An `apps.connections.open`.
    Open {
        ok: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// A WebSocket handshake.
    Dial {
        #[serde(skip_serializing_if = "Option::is_none")]
        link: Option<LinkId>,
        ok: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
    /// A link has come to another state of its life.
    Link {
        link: LinkId,
        state: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A frame to the client that is no envelope.
    Sent { link: LinkId, frame: &'static str, text: String },
    /// A frame of the client that is no acknowledgement.
    Received { link: LinkId, frame: &'static str, text: String },
    /// A delivery.
    Envelope {
        envelope_id: EnvelopeId,
        #[serde(rename = "type", serialize_with = "text")]
        kind: Arc<str>,
        link: Option<LinkId>,
        retry_attempt: u32,
        deadline_ms: u64,
        payload: Json,
    },
    /// An acknowledgement in time.
    Ack(Acked),
    /// One after the deadline.
    LateAck(Acked),
    /// An acknowledgement did not come in time.
    Overdue { envelope_id: EnvelopeId },
    /// An event comes again.
    Redelivery { envelope_id: EnvelopeId, attempt: u32 },
    /// Nobody will get this envelope any more.
    Lost { envelope_id: EnvelopeId, why: &'static str },
    /// What a person sees where the bot did not answer.
    Failed {
        #[serde(skip_serializing_if = "Option::is_none")]
        envelope_id: Option<EnvelopeId>,
        what: &'static str,
        error: &'static str,
        user: String,
    },
    /// A call of the Web API.
    Call {
        method: String,
        body: Json,
        token: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// Anything else: the kind, and an object with the fields of the entry.
    #[serde(skip)]
    Object { kind: &'static str, fields: Json },
}

/// An acknowledgement.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Acked {
    pub(crate) envelope_id: EnvelopeId,
    pub(crate) link: LinkId,
    /// Milliseconds since the delivery.
    #[serde(serialize_with = "milliseconds")]
    pub(crate) ms: Duration,
    pub(crate) on_carrier: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) payload: Option<Json>,
    /// Which acknowledgement of the envelope it is, from 1.
    pub(crate) count: usize,
}

/// A JSON value as its text, shared and not copied.
#[derive(Debug, Clone)]
pub(crate) struct Json(Arc<str>);

impl Json {
    pub(crate) fn of(value: &Value) -> Self {
        Self(value.to_string().into())
    }

    /// This text, which must be JSON.
    pub(crate) fn text(text: &Arc<str>) -> Self {
        Self(Arc::clone(text))
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::from_str::<&RawValue>(&self.0) {
            Ok(raw) => raw.serialize(serializer),
            Err(_) => self.0.serialize(serializer),
        }
    }
}

impl Fact {
    /// What happened to a message, a view or anything else that is an object.
    pub(crate) fn object(kind: &'static str, fields: &Value) -> Self {
        Self::Object { kind, fields: Json::of(fields) }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Act { .. } => "act",
            Self::Open { .. } => "open",
            Self::Dial { .. } => "dial",
            Self::Link { .. } => "link",
            Self::Sent { .. } => "sent",
            Self::Received { .. } => "received",
            Self::Envelope { .. } => "envelope",
            Self::Ack(_) => "ack",
            Self::LateAck(_) => "late_ack",
            Self::Overdue { .. } => "overdue",
            Self::Redelivery { .. } => "redelivery",
            Self::Lost { .. } => "lost",
            Self::Failed { .. } => "failed",
            Self::Call { .. } => "call",
            Self::Object { kind, .. } => kind,
        }
    }

    /// The entry of this number.
    pub(super) fn json(&self, number: u64, at: Duration) -> String {
        let start = format!("{{\"seq\":{number},\"at_ms\":{}", at.as_millis());
        let (kind, fields) = match self {
            Self::Object { kind, fields } => (Some(kind), fields.0.to_string()),
            // Its parts are JSON already: this cannot fail.
            other => (None, serde_json::to_string(other).unwrap_or_default()),
        };
        let kind = kind.map_or_else(String::new, |kind| format!(",\"kind\":\"{kind}\""));
        match fields.strip_prefix('{').and_then(|fields| fields.strip_suffix('}')) {
            Some("") | None => format!("{start}{kind}}}"),
            Some(fields) => format!("{start}{kind},{fields}}}"),
        }
    }

    /// The bytes behind its pointers; a payload counts in full though others may hold it too.
    pub(super) fn weigh(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        match self {
            Self::Act { name, params } => name.len() + params.0.len(),
            Self::Open { error, .. } => text(error),
            Self::Link { reason, .. } => text(reason),
            Self::Sent { text, .. } | Self::Received { text, .. } => text.len(),
            Self::Envelope { envelope_id, kind, payload, .. } => {
                envelope_id.as_str().len() + kind.len() + payload.0.len()
            }
            Self::Ack(ack) | Self::LateAck(ack) => {
                ack.envelope_id.as_str().len() + ack.payload.as_ref().map_or(0, |payload| payload.0.len())
            }
            Self::Overdue { envelope_id }
            | Self::Redelivery { envelope_id, .. }
            | Self::Lost { envelope_id, .. } => envelope_id.as_str().len(),
            Self::Failed { envelope_id, user, .. } => {
                envelope_id.as_ref().map_or(0, |id| id.as_str().len()) + user.len()
            }
            Self::Call { method, body, error, .. } => method.len() + body.0.len() + text(error),
            Self::Object { fields, .. } => fields.0.len(),
            Self::Dial { .. } => 0,
        }
    }

    /// This entry with a mark in the place of what makes it heavy.
    pub(super) fn without_contents(mut self, bytes: usize) -> Self {
        let mark = Json::of(&Value::from(format!("<{bytes} bytes are not kept>")));
        match &mut self {
            Self::Act { params: contents, .. }
            | Self::Envelope { payload: contents, .. }
            | Self::Ack(Acked { payload: Some(contents), .. })
            | Self::LateAck(Acked { payload: Some(contents), .. })
            | Self::Call { body: contents, .. } => *contents = mark,
            Self::Object { fields, .. } => *fields = Json::of(&serde_json::json!({"not_kept_bytes": bytes})),
            _ => {}
        }
        self
    }
}

impl TokenKind {
    /// Its name in the journal.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::App => "app",
            Self::Bot => "bot",
            Self::Unknown => "unknown",
        }
    }
}

/// As much of a frame's contents as an entry has.
pub(crate) fn frame_text(bytes: &[u8]) -> String {
    let shown = bytes.get(..FRAME_TEXT).unwrap_or(bytes);
    let mut text = String::from_utf8_lossy(shown).into_owned();
    if shown.len() < bytes.len() {
        text.push('…');
    }
    text
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    // To the microsecond.
    serializer.serialize_f64((time.as_secs_f64() * 1_000_000.0).round() / 1_000.0)
}

fn text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}
