//! All that a runtime must bring.

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

/// HTTP, the WebSocket and the clock of a runtime. It decides nothing: it tries once and reports.
pub trait Transport: Send + Sync + 'static {
    /// The text of a message, as the WebSocket library holds it. `String` will do.
    type Text: AsRef<str> + From<String> + Send + Sync + 'static;

    /// An open WebSocket. It answers pings by itself, joins fragments, and accepts no message over
    /// [`MAX_MESSAGE_BYTES`](socketmode_protocol::limits::MAX_MESSAGE_BYTES). Sending [`Frame::Close`] after the peer
    /// has sent its own completes the closing handshake. Dropping it closes the connection at once. Nagle's
    /// algorithm is off.
    type Socket: Stream<Item = Result<Frame<Self::Text>, TransportError>>
        + Sink<Frame<Self::Text>, Error = TransportError>
        + Send
        + Unpin
        + 'static;

    /// Makes an HTTP request and reads the answer, whatever its status. Redirects are not followed: the request
    /// carries a bearer token. A body of more than `limit` bytes is an error of kind
    /// [`TooLarge`](TransportErrorKind::TooLarge). It may take as long as it likes; whoever waits drops it.
    fn send(
        &self,
        request: http::Request<Bytes>,
        limit: usize,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + Send;

    /// Opens a WebSocket: TCP, TLS, the handshake. It may take as long as it likes.
    fn dial(&self, url: &SocketUrl) -> impl Future<Output = Result<Self::Socket, TransportError>> + Send;

    /// Waits until then. A wait that was not over when it was first polled ends only after the runtime has looked at its
    /// sockets: after a stall of the process the loop waits so for what came meanwhile.
    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send;

    /// The time by a monotonic clock, since an origin of the transport's choice.
    fn now(&self) -> Instant;
}

/// A transport that can be made from nothing and can run a future by itself, for
/// [`Builder::connect`](crate::Builder::connect).
pub trait Runtime: Transport + Sized {
    /// A transport that reaches the network in this way.
    ///
    /// # Errors
    /// What it needs and did not find: certificates, a proxy's address that can be read.
    fn with_network(network: &Network) -> Result<Self, TransportError>;

    /// Runs a future to its end in the background.
    ///
    /// # Errors
    /// There is no runtime to run it on.
    fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Result<(), TransportError>;
}

/// A WebSocket message or control frame.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Frame<Text = String> {
    /// A text message, in one frame when it is sent.
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
