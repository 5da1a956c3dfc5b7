//! What goes wrong in a transport.

/// What went wrong in a transport. The message is for a person and holds no secret: no token, no ticket, no proxy
/// password.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// This machine's set-up: no root certificates, a malformed proxy address.
    Setup,
    /// No way there: the name, the route, the port.
    Connect,
    /// TLS: an unknown authority, a wrong name, an expired certificate.
    Tls,
    /// A proxy refused, failed, or is of a kind that is not supported.
    Proxy,
    /// The handshake was answered with another status than 101.
    Status(u16),
    /// The peer sent more than it may.
    TooLarge,
    /// The peer broke HTTP or the WebSocket protocol.
    Protocol,
    /// The connection broke.
    Io,
}

impl TransportError {
    /// An error of this kind, with a message for a person, which must hold no secret.
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// The handshake was answered with this status instead of 101.
    #[must_use]
    pub fn handshake_status(status: u16) -> Self {
        Self::new(TransportErrorKind::Status(status), format!("HTTP status {status}"))
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// The HTTP status that refused a handshake.
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
