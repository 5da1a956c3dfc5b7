//! Why the control API does not do what it is asked for.

use crate::{ActError, LinkUnknown};

/// What the control API answers with a status of 400 or more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ControlError {
    status: u16,
    code: &'static str,
    message: String,
    allowed: Option<&'static str>,
}

impl ControlError {
    /// The HTTP status, from 400 on.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The `error` of the answer, such as `invalid_field` or `not_found`. The text of this error is its `message`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The methods that a path has, where the one asked with is none of them.
    pub(super) fn allowed(&self) -> Option<&'static str> {
        self.allowed
    }

    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), allowed: None }
    }

    pub(super) fn invalid_json(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_json", message)
    }

    pub(super) fn invalid_field(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_field", message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "not_found", message)
    }

    pub(super) fn method_not_allowed(allowed: &'static str) -> Self {
        let message = format!("this path takes {allowed} alone: see /_control/openapi.json");
        Self { allowed: Some(allowed), ..Self::new(405, "method_not_allowed", message) }
    }

    pub(super) fn timeout(message: impl Into<String>) -> Self {
        Self::new(408, "timed_out", message)
    }

    pub(super) fn timed_out(message: impl Into<String>) -> Self {
        Self::new(409, "timed_out", message)
    }

    pub(super) fn too_large(message: impl Into<String>) -> Self {
        Self::new(413, "too_large", message)
    }

    pub(super) fn not_json() -> Self {
        Self::new(415, "unsupported_media_type", "send the body as JSON, with content-type: application/json")
    }

    /// The same for an act of a replay.
    pub(super) fn of_act(self, number: usize, name: &str) -> Self {
        Self { message: format!("act {number}, {name}: {}", self.message), ..self }
    }

    pub(super) fn stopped() -> Self {
        Self::new(503, "stopped", "the simulator is about to end: start it again")
    }
}

impl From<ActError> for ControlError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::NotAnEvent(_) => Self::invalid_field(format!("envelope_id: {error}")),
            ActError::NotSeen { .. } => Self::invalid_field(format!("user: {error}")),
            ActError::WrongValue { .. } => Self::invalid_field(format!("value: {error}")),
            ActError::NoInput { .. } | ActError::Unfilled(_) => {
                Self::invalid_field(format!("values: {error}"))
            }
            ActError::NoUser(_)
            | ActError::NoChannel(_)
            | ActError::NoMessage { .. }
            | ActError::NoView(_)
            | ActError::NoElement { .. }
            | ActError::NoEnvelope(_) => Self::not_found(error.to_string()),
            other => Self::invalid_field(other.to_string()),
        }
    }
}

impl From<LinkUnknown> for ControlError {
    fn from(error: LinkUnknown) -> Self {
        Self::not_found(error.to_string())
    }
}
