//! What a runtime must provide.

mod error;
pub(crate) mod network;
pub(crate) mod waits;

use core::fmt;
use std::future::Future;

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use socketmode_protocol::{Instant, SocketUrl};

pub use error::{TransportError, TransportErrorKind};
pub use network::{KEEP_ALIVE, Network, Roots};

/// HTTP, the WebSocket and the clock of a runtime. It makes no decisions: it tries once and returns the result.
pub trait Transport: Send + Sync + 'static {
    /// The text of a message in the WebSocket library's own type, or `String`.
    type Text: AsRef<str> + From<String> + Send + Sync + 'static;

    /// An open WebSocket. It must answer pings by itself, join fragments, and accept no message over
    /// [`MAX_MESSAGE_BYTES`](socketmode_protocol::limits::MAX_MESSAGE_BYTES). Sending [`Frame::Close`] after the peer's
    /// close frame must complete the closing handshake. Dropping it must close the connection at once. Nagle's algorithm
    /// must be off.
    type Socket: Stream<Item = Result<Frame<Self::Text>, TransportError>>
        + Sink<Frame<Self::Text>, Error = TransportError>
        + Send
        + Unpin
        + 'static;

    /// Makes an HTTP request and reads the answer, with any status. It must not follow redirects: the request has a bearer
    /// token. A body of more than `limit` bytes must be an error of kind [`TooLarge`](TransportErrorKind::TooLarge). It needs
    /// no time-out: the caller drops the future.
    fn send(
        &self,
        request: http::Request<Bytes>,
        limit: usize,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + Send;

    /// Opens a WebSocket: TCP, TLS, the handshake. It needs no time-out.
    fn dial(&self, url: &SocketUrl) -> impl Future<Output = Result<Self::Socket, TransportError>> + Send;

    /// Waits until this time. If it is pending when first polled, it must end only after the runtime has looked at its
    /// sockets: after a stall of the process, the loop waits in this way for messages that have arrived in the meantime.
    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send;

    /// The time of a monotonic clock, since any fixed origin.
    fn now(&self) -> Instant;
}

/// A transport that can be made from a [`Network`] and can spawn a future, for
/// [`Builder::connect`](crate::Builder::connect).
pub trait Runtime: Transport + Sized {
    /// Makes a transport with these settings.
    ///
    /// # Errors
    /// There are no certificates, or a setting is invalid.
    fn with_network(network: &Network) -> Result<Self, TransportError>;

    /// Runs a future in the background until its end.
    ///
    /// # Errors
    /// There is no runtime.
    fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Result<(), TransportError>;
}

/// A WebSocket message or control frame.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Frame<Text = String> {
    /// A text message. It is sent as one frame.
    Text(Text),
    /// A binary message.
    Binary(Bytes),
    /// A ping.
    Ping,
    /// A pong.
    Pong,
    /// A close frame with its status code, if it has one.
    Close(Option<u16>),
}

impl<Text> fmt::Debug for Frame<Text> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(<redacted>)"),
            Self::Binary(bytes) => write!(f, "Binary(<{} bytes>)", bytes.len()),
            Self::Ping => f.write_str("Ping"),
            Self::Pong => f.write_str("Pong"),
            Self::Close(code) => f.debug_tuple("Close").field(code).finish(),
        }
    }
}
