//! What drivers share on the network side, so that two runtimes behave as one: settings, TLS, proxies, the WebSocket.
//!
//! [`Network`] is for everyone. The rest is for those who write a driver, each part behind a feature of its own, and
//! speaks the language of the libraries underneath: `tls` (`rustls`), `proxy` (`proxy`), `handshake` and `websocket`
//! (`tungstenite`), and `Http` (`http1`), which does everything over the sockets that a runtime brings.

#[cfg(feature = "http1")]
mod addresses;
#[cfg(feature = "http1")]
mod allowance;
#[cfg(feature = "http1")]
mod budget;
#[cfg(feature = "http1")]
mod connect;
#[cfg(feature = "tungstenite")]
pub mod handshake;
#[cfg(feature = "http1")]
mod http1;
mod network;
#[cfg(feature = "proxy")]
mod no_proxy;
#[cfg(feature = "proxy")]
pub mod proxy;
#[cfg(feature = "http1")]
mod sockets;
mod target;
#[cfg(all(test, feature = "http1"))]
mod testing;
#[cfg(feature = "rustls")]
pub mod tls;
#[cfg(feature = "tungstenite")]
pub mod websocket;

use std::error::Error as StdError;
use std::time::Duration;

use http::Uri;
use socketmode_protocol::SocketUrl;

#[cfg(feature = "http1")]
pub use addresses::{CONNECTION_ATTEMPT_DELAY, MAX_ADDRESSES};
#[cfg(feature = "http1")]
pub use allowance::{MAX_BYTES_BEFORE_ANSWER, MAX_HEAD_BYTES};
#[cfg(feature = "http1")]
pub use budget::{BYTES_PER_POLL, READS_PER_POLL};
#[cfg(feature = "http1")]
pub use connect::Connection;
#[cfg(feature = "http1")]
pub use http1::{Http, Upgraded};
pub use network::{Network, Roots};
#[cfg(feature = "http1")]
pub use sockets::Sockets;
pub use target::{Target, origin_form};
pub(crate) use target::{has_usable_port, is_loopback};

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

/// An error of this type that lies somewhere below.
#[cfg(feature = "rustls")]
fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // An io::Error passes over what is directly in it.
        next = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// The error of a connection that broke.
#[must_use]
pub fn broken(error: &(dyn StdError + 'static)) -> TransportError {
    TransportError::new(TransportErrorKind::Io, describe(error))
}

/// The error of an answer with a larger body than was asked for.
#[must_use]
pub fn too_large(limit: usize) -> TransportError {
    TransportError::new(TransportErrorKind::TooLarge, format!("the answer is larger than {limit} bytes"))
}
