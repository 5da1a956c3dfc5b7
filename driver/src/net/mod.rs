//! What drivers share on the network side, so that two runtimes behave as one: settings, TLS, proxies, the WebSocket.
//!
//! [`Network`] is for everyone. The rest is for those who write a driver, each part behind a feature of its own, and
//! speaks the language of the libraries underneath: [`tls`] (`rustls`), [`proxy`] (`proxy`), [`websocket`]
//! (`tungstenite`).

mod network;
#[cfg(feature = "proxy")]
pub mod proxy;
#[cfg(feature = "rustls")]
pub mod tls;
#[cfg(feature = "tungstenite")]
pub mod websocket;

use std::error::Error as StdError;
use std::time::Duration;

use http::Uri;
use socketmode_protocol::SocketUrl;

pub use network::{Network, Roots};

use crate::transport::{TransportError, TransportErrorKind};

/// How long a connection to the Web API is kept for the next call.
pub const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// The URL of a WebSocket as HTTP libraries take it: `https` for `wss`, `http` for `ws`.
///
/// # Errors
/// HTTP libraries read it in another way than [`SocketUrl`] does.
pub fn http_uri(url: &SocketUrl) -> Result<Uri, TransportError> {
    let text = url.expose_secret();
    let http = match text.strip_prefix("wss://") {
        Some(rest) => format!("https://{rest}"),
        None => text.replacen("ws://", "http://", 1),
    };
    let uri = http.parse::<Uri>().ok().filter(|uri| uri.host() == Some(url.host()));
    uri.ok_or_else(|| {
        TransportError::new(TransportErrorKind::Protocol, "the WebSocket URL cannot be read as a URL of HTTP")
    })
}

/// An error and what lies below it, in one line.
#[must_use]
pub fn describe(error: &(dyn StdError + 'static)) -> String {
    let mut messages: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let message = error.to_string();
        // Some layers repeat what lies below them.
        if !messages.iter().any(|above| above.contains(&message)) {
            messages.push(message);
        }
        next = error.source();
    }
    messages.join(": ")
}

/// The error of an answer with a larger body than was asked for.
#[must_use]
pub fn too_large(limit: usize) -> TransportError {
    TransportError::new(TransportErrorKind::TooLarge, format!("the answer is larger than {limit} bytes"))
}

/// The error of a connection that took longer than [`Network::connect_timeout`].
#[must_use]
pub fn connect_timed_out(host: &str, after: Duration) -> TransportError {
    let message = format!("no connection to {host} within {after:?}");
    TransportError::new(TransportErrorKind::Connect, message)
}
