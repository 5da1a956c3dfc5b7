//! All that a runtime must bring.

use core::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use socketmode_protocol::{Instant, SocketUrl};

use crate::net::Network;
use crate::stall::{IO_FIRST, ON_TIME};

/// HTTP, the WebSocket and the clock of a runtime. It decides nothing: it tries once and reports.
pub trait Transport: Send + Sync + 'static {
    /// The text of a message, as the WebSocket library holds it. `String` will do.
    type Text: AsRef<str> + From<String> + Send + 'static;

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

/// What the future gives, or `None` if it takes longer. After a stall of the process what came meanwhile is taken before
/// it is given up.
pub(crate) async fn within<T: Transport, O>(
    transport: &T,
    time: Duration,
    future: impl Future<Output = O>,
) -> Option<O> {
    let end = transport.now() + time;
    let mut future = pin!(future);
    let output = before(transport.sleep_until(end), future.as_mut()).await;
    let now = transport.now();
    if output.is_some() || now.saturating_since(end) <= ON_TIME {
        return output;
    }
    before(transport.sleep_until(now + IO_FIRST), future).await
}

/// What the future gives until the sleep is over: it is asked once more then, as its answer may have come between the two.
pub(crate) async fn before<O>(
    sleep: impl Future<Output = ()>,
    mut future: Pin<&mut impl Future<Output = O>>,
) -> Option<O> {
    let mut sleep = pin!(sleep);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if sleep.as_mut().poll(cx).is_pending() => Poll::Pending,
        Poll::Pending => Poll::Ready(match future.as_mut().poll(cx) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }),
    })
    .await
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
    pub fn refused_handshake(status: u16) -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn what_comes_as_the_time_runs_out_is_taken() {
        let arrived = Cell::new(false);
        let sleep = poll_fn(|_| {
            arrived.set(true);
            Poll::Ready(())
        });
        let work = poll_fn(|_| if arrived.get() { Poll::Ready("the answer") } else { Poll::Pending });
        assert_eq!(smol::block_on(before(sleep, pin!(work))), Some("the answer"));
    }

    #[test]
    fn what_does_not_come_in_its_time_is_given_up() {
        let never = std::future::pending::<()>();
        assert_eq!(smol::block_on(before(std::future::ready(()), pin!(never))), None);
    }
}
