//! An envelope before it is sent.

use crate::LinkId;
use crate::state::apps::App;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// An envelope to send with [`Simulator::send_envelope`](crate::Simulator::send_envelope).
///
/// ```
/// use socketmode_simulator::Envelope;
/// let again = Envelope::new("events_api", serde_json::json!({"type": "app_rate_limited"}))
///     .envelope_id("57d6a792")
///     .retry(1, "timeout");
/// # let _ = again;
/// ```
#[derive(Debug, Clone)]
pub struct Envelope {
    pub(crate) kind: String,
    pub(crate) payload: Value,
    /// None is as Slack has it for this kind of payload.
    pub(crate) accepts_response_payload: Option<bool>,
    pub(crate) retry_attempt: u32,
    pub(crate) retry_reason: String,
    pub(crate) envelope_id: Option<EnvelopeId>,
    pub(crate) app_id: Option<String>,
    pub(crate) link: Option<LinkId>,
}

impl Envelope {
    /// An envelope of the type `kind` (`events_api`, `slash_commands`, `interactive`, or any other).
    #[must_use]
    pub fn new(kind: impl Into<String>, payload: Value) -> Self {
        Self {
            accepts_response_payload: None,
            kind: kind.into(),
            payload,
            retry_attempt: 0,
            retry_reason: String::new(),
            envelope_id: None,
            app_id: None,
            link: None,
        }
    }

    /// Says whether an acknowledgement may carry a response. By default commands, suggestions and submissions
    /// of views do (these if [`Options::submissions_accept_answers`](crate::Options::submissions_accept_answers)), clicks,
    /// shortcuts and events do not.
    #[must_use]
    pub fn accepts_response_payload(mut self, accepts: bool) -> Self {
        self.accepts_response_payload = Some(accepts);
        self
    }

    /// Sends it as a retry; the simulator's own redeliveries count on from `attempt`.
    #[must_use]
    pub fn retry(mut self, attempt: u32, reason: impl Into<String>) -> Self {
        self.retry_attempt = attempt;
        self.retry_reason = reason.into();
        self
    }

    /// Sends it under this id; one that was used before makes it another delivery of the same envelope.
    #[must_use]
    pub fn envelope_id(mut self, id: impl Into<String>) -> Self {
        self.envelope_id = Some(EnvelopeId::new(id));
        self
    }

    /// Sends it to this app instead of the default one.
    #[must_use]
    pub fn for_app(mut self, app: &App) -> Self {
        self.app_id = Some(app.app_id.clone());
        self
    }

    /// Sends its first delivery by this link while that is open, instead of the next in turn.
    #[must_use]
    pub fn by_link(mut self, link: LinkId) -> Self {
        self.link = Some(link);
        self
    }
}

/// The `envelope_id` of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvelopeId(Arc<str>);

impl EnvelopeId {
    /// The id with this text.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into().into())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EnvelopeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for EnvelopeId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
