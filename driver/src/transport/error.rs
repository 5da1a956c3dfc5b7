//! The errors of a transport.

use std::borrow::Cow;

/// An error of a transport. Its message is for a person, and holds no secret: no token, no ticket, no proxy password.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.text())]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
}

/// The kind of a [`TransportError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The settings or this machine: no root certificates, an invalid proxy address.
    Setup,
    /// The host cannot be reached: the name, the route, the port.
    Connect,
    /// TLS: an unknown authority, a wrong name, an expired certificate.
    Tls,
    /// A proxy does not open a tunnel, failed, or is of a kind that is not supported.
    Proxy,
    /// The handshake was answered with another status than 101.
    Status(u16),
    /// The peer sent more than is allowed.
    TooLarge,
    /// The peer broke HTTP or the WebSocket protocol.
    Protocol,
    /// The connection is broken.
    Io,
}

impl TransportError {
    /// Creates an error of this kind. The message is for a person, and must not hold a secret.
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Creates an error for a handshake that was answered with this status instead of 101. `details` are the first words of
    /// the answer, or empty; they must not hold a secret.
    pub fn handshake_status(status: u16, details: impl Into<String>) -> Self {
        Self::new(TransportErrorKind::Status(status), details)
    }

    fn text(&self) -> Cow<'_, str> {
        match self.kind {
            TransportErrorKind::Status(status) if self.message.is_empty() => {
                format!("HTTP status {status}").into()
            }
            TransportErrorKind::Status(status) => format!("HTTP status {status}: {}", self.message).into(),
            _ => self.message.as_str().into(),
        }
    }

    /// Its message, without the status of the answer to a handshake.
    pub(crate) fn details(&self) -> &str {
        &self.message
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// The HTTP status of the answer to a handshake, if it was not 101.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.kind {
            TransportErrorKind::Status(status) => Some(status),
            TransportErrorKind::Setup
            | TransportErrorKind::Connect
            | TransportErrorKind::Tls
            | TransportErrorKind::Proxy
            | TransportErrorKind::TooLarge
            | TransportErrorKind::Protocol
            | TransportErrorKind::Io => None,
        }
    }
}
