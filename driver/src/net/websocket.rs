//! The WebSocket, by whatever carries tungstenite's messages.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use socketmode_protocol::limits::MAX_MESSAGE_BYTES;
use tungstenite::error::{CapacityError, ProtocolError};
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tungstenite::{Error, Message, Utf8Bytes};

use crate::transport::{Frame, TransportError, TransportErrorKind};

/// What one read takes from the socket, in bytes, and what each connection holds while idle. Larger messages take
/// several reads.
const READ_BUFFER_BYTES: usize = 8 * 1024;

/// The limits that a connection should have.
#[must_use]
pub fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES))
}

/// A [`Transport::Socket`](crate::Transport::Socket) over the `WebSocketStream` of tokio-tungstenite or
/// async-tungstenite, made with [`config`].
pub struct WebSocket<S> {
    stream: S,
    peer_closed: bool,
}

impl<S> WebSocket<S> {
    /// The handshake is done.
    pub fn new(stream: S) -> Self {
        Self { stream, peer_closed: false }
    }
}

impl<S> Stream for WebSocket<S>
where
    S: Stream<Item = Result<Message, Error>> + Unpin,
{
    type Item = Result<Frame<Text>, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let message = ready!(Pin::new(&mut self.stream).poll_next(cx));
        Poll::Ready(match message {
            None => None,
            Some(Err(error)) if is_end(&error) => None,
            Some(Err(error)) => Some(Err(transport_error(&error))),
            Some(Ok(message)) => Some(Ok(match message {
                Message::Text(text) => Frame::Text(Text(text)),
                Message::Binary(bytes) => Frame::Binary(bytes),
                Message::Ping(_) => Frame::Ping,
                // A bare frame is never read.
                Message::Pong(_) | Message::Frame(_) => Frame::Pong,
                Message::Close(close) => {
                    self.peer_closed = true;
                    Frame::Close(close.map(|close| close.code.into()))
                }
            })),
        })
    }
}

impl<S> Sink<Frame<Text>> for WebSocket<S>
where
    S: Sink<Message, Error = Error> + Unpin,
{
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Pin::new(&mut self.stream).poll_ready(cx).map_err(|error| transport_error(&error))
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Frame<Text>) -> Result<(), TransportError> {
        let message =
            match frame {
                Frame::Text(text) => Message::Text(text.0),
                Frame::Binary(bytes) => Message::Binary(bytes),
                Frame::Ping => Message::Ping(Bytes::new()),
                Frame::Pong => Message::Pong(Bytes::new()),
                // tungstenite has queued the answer to the peer's close frame; flushing sends it.
                Frame::Close(_) if self.peer_closed => return Ok(()),
                Frame::Close(code) => Message::Close(code.map(|code| CloseFrame {
                    code: CloseCode::from(code),
                    reason: Utf8Bytes::from_static(""),
                })),
            };
        Pin::new(&mut self.stream).start_send(message).map_err(|error| transport_error(&error))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(ready!(Pin::new(&mut self.stream).poll_flush(cx)).or_else(|error| ignore_end(&error)))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(ready!(Pin::new(&mut self.stream).poll_close(cx)).or_else(|error| ignore_end(&error)))
    }
}

impl<S> fmt::Debug for WebSocket<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket").finish_non_exhaustive()
    }
}

/// The text of a message, as it was read. Debug does not show it.
#[derive(Clone)]
pub struct Text(Utf8Bytes);

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.0.as_str()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text(<{} bytes>)", self.0.len())
    }
}

/// An error of tungstenite, of a handshake or later.
#[must_use]
pub fn transport_error(error: &Error) -> TransportError {
    let kind = match error {
        Error::Http(response) => {
            let status = response.status().as_u16();
            return TransportError::refused_handshake(status);
        }
        Error::Io(_) => TransportErrorKind::Io,
        Error::Tls(_) => TransportErrorKind::Tls,
        Error::Capacity(CapacityError::TooManyHeaders) => TransportErrorKind::Protocol,
        Error::Capacity(_) => TransportErrorKind::TooLarge,
        _ => TransportErrorKind::Protocol,
    };
    TransportError::new(kind, error.to_string())
}

/// Whether it only says that the connection is over.
fn is_end(error: &Error) -> bool {
    matches!(
        error,
        Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)
    )
}

/// The end of the connection is told by reading; a flush that finds it has nothing to add.
fn ignore_end(error: &Error) -> Result<(), TransportError> {
    if is_end(error) { Ok(()) } else { Err(transport_error(error)) }
}
