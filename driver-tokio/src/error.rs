//! From the libraries' errors to ours, without their URLs: a ticket is in one.

use std::error::Error as StdError;

use socketmode_driver::{TransportError, TransportErrorKind};
use tokio_tungstenite::tungstenite::Error as WebSocketError;
use tokio_tungstenite::tungstenite::error::ProtocolError;

/// An error of reqwest; `otherwise` is its kind where nothing else can be told.
pub(crate) fn of_reqwest(error: reqwest::Error, otherwise: TransportErrorKind) -> TransportError {
    let error = error.without_url();
    let mut chain: Vec<&(dyn StdError + 'static)> = vec![&error];
    while let Some(source) = chain.last().copied().and_then(StdError::source) {
        chain.push(source);
    }
    let mut messages: Vec<String> = Vec::new();
    for message in chain.iter().map(ToString::to_string) {
        // Some layers repeat what lies below them.
        if !messages.iter().any(|above| above.contains(&message)) {
            messages.push(message);
        }
    }
    let kind = if chain.iter().any(|error| error.is::<rustls::Error>()) {
        TransportErrorKind::Tls
    } else if messages.iter().any(|message| message.contains("tunnel")) {
        TransportErrorKind::Proxy
    } else if error.is_connect() {
        TransportErrorKind::Connect
    } else {
        otherwise
    };
    TransportError::new(kind, messages.join(": "))
}

/// An error of the WebSocket.
pub(crate) fn of_websocket(error: &WebSocketError) -> TransportError {
    let kind = match error {
        WebSocketError::Io(_) => TransportErrorKind::Io,
        WebSocketError::Tls(_) => TransportErrorKind::Tls,
        WebSocketError::Capacity(_) => TransportErrorKind::TooLarge,
        _ => TransportErrorKind::Protocol,
    };
    TransportError::new(kind, error.to_string())
}

/// Whether it only says that the connection is over.
pub(crate) fn is_end(error: &WebSocketError) -> bool {
    matches!(
        error,
        WebSocketError::ConnectionClosed
            | WebSocketError::AlreadyClosed
            | WebSocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake)
    )
}
