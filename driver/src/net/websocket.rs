//! The WebSocket, over any stream of tungstenite's messages.

#[doc(hidden)]
pub mod opaque;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use socketmode_protocol::excerpt;
use socketmode_protocol::limits::{MAX_MESSAGE_BYTES, MAX_RESPONSE_BYTES};
use tungstenite::error::{CapacityError, ProtocolError};
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tungstenite::{Error, Message, Utf8Bytes};

#[doc(inline)]
pub use opaque::opaque_socket;

use crate::transport::{Frame, TransportError, TransportErrorKind};

/// What one read takes from the connection, in bytes, and what it holds while idle. Larger messages take several reads, and
/// one read of the socket below has room for many.
const READ_BUFFER_BYTES: usize = 2 * 1024;

/// How much of what is said is gathered for one write, in bytes.
const WRITE_BUFFER_BYTES: usize = 128 * 1024;

/// The most that waits for a peer that does not read, in bytes: answers to its pings among it, of which the latest alone
/// waits for room (RFC 6455, section 5.5.3). It has room for several of the largest responses beyond
/// the 128 KiB that are gathered for one write.
pub const MAX_WRITE_BUFFER_BYTES: usize = 256 * 1024;

/// What a frame of ours has before its payload, in bytes, at the most (RFC 6455, section 5.2).
const FRAME_HEADER_BYTES: usize = 14;

/// The longest pong, in bytes: a control frame has a payload of at most 125 (RFC 6455, section 5.5).
const MAX_PONG_BYTES: usize = FRAME_HEADER_BYTES + 125;

/// The limits for a connection.
#[must_use]
pub fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES))
}

/// A [`Transport::Socket`](crate::Transport::Socket) over the `WebSocketStream` of tokio-tungstenite or
/// async-tungstenite, made with [`config`].
pub struct WebSocket<S> {
    stream: S,
    peer_closed: bool,
    /// How much the write buffer holds, at the most: all that it was given since it was last seen empty.
    buffered_bytes: usize,
    /// What waits for an empty write buffer: the close frame, or a message that is larger than any response and for which
    /// there was no room. A sink that is ready holds nothing.
    held: Option<Message>,
}

impl<S> WebSocket<S> {
    /// The handshake is done.
    pub fn new(stream: S) -> Self {
        Self { stream, peer_closed: false, buffered_bytes: 0, held: None }
    }
}

impl<S> WebSocket<S>
where
    S: Sink<Message, Error = Error> + Unpin,
{
    /// Ready once nothing is held.
    fn poll_held(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.held.is_some() {
            // Twice: the answer to the latest ping finds room behind the first, and must not follow a close frame.
            for _ in 0..2 {
                ready!(self.poll_empty(cx))?;
            }
            if let Some(message) = self.held.take() {
                // The buffer is empty: a message that it still has no room for is too large.
                Pin::new(&mut self.stream).start_send(message)?;
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Ready once the buffer has room for the largest response. An accepted message must not wait for room: after the peer's
    /// close frame it would never be sent, and no error would tell so.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        ready!(self.poll_held(cx))?;
        if self.buffered_bytes + FRAME_HEADER_BYTES + MAX_RESPONSE_BYTES > MAX_WRITE_BUFFER_BYTES {
            ready!(self.poll_empty(cx))?;
        }
        Pin::new(&mut self.stream).poll_ready(cx)
    }

    /// Ready once everything is written but the answer to the latest ping, for which there may have been no room.
    fn poll_empty(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.buffered_bytes = MAX_PONG_BYTES;
        Poll::Ready(Ok(()))
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
                Message::Ping(_) => {
                    self.buffered_bytes += MAX_PONG_BYTES;
                    Frame::Ping
                }
                // A bare frame is never read.
                Message::Pong(_) | Message::Frame(_) => Frame::Pong,
                Message::Close(close) => {
                    self.peer_closed = true;
                    // The answer takes the place of ours, and tungstenite takes no second one.
                    self.held.take_if(|held| held.is_close());
                    Frame::Close(close.and_then(|close| close_code(&close)))
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
        self.poll_room(cx).map_err(|error| transport_error(&error))
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Frame<Text>) -> Result<(), TransportError> {
        let message = match frame {
            Frame::Text(text) => Message::Text(text.0),
            Frame::Binary(bytes) => Message::Binary(bytes),
            Frame::Ping => Message::Ping(Bytes::new()),
            Frame::Pong => Message::Pong(Bytes::new()),
            // tungstenite has queued the answer to the peer's close frame; flushing sends it.
            Frame::Close(_) if self.peer_closed => return Ok(()),
            // Flushing sends it, once the buffer is empty: tungstenite takes no second one where it had no room.
            Frame::Close(code) => {
                self.held = Some(Message::Close(code.map(|code| CloseFrame {
                    code: CloseCode::from(code),
                    reason: Utf8Bytes::from_static(""),
                })));
                return Ok(());
            }
        };
        self.buffered_bytes += FRAME_HEADER_BYTES + message.len();
        match Pin::new(&mut self.stream).start_send(message) {
            Ok(()) => Ok(()),
            Err(Error::WriteBufferFull(message)) => {
                self.held = Some(*message);
                Ok(())
            }
            Err(error) => Err(transport_error(&error)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        if let Err(error) = ready!(self.poll_held(cx)) {
            return Poll::Ready(ignore_end(&error));
        }
        Poll::Ready(ready!(self.poll_empty(cx)).or_else(|error| ignore_end(&error)))
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

/// The unchanged text of a message. `Debug` does not show it.
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

/// The code of a close frame. tungstenite puts 1002 in the place of a code that must not be sent, such as 1005 and 1006: there
/// is none then (RFC 6455, section 7.4.1).
fn close_code(close: &CloseFrame) -> Option<u16> {
    let is_replaced = close.code == CloseCode::Protocol && close.reason.as_str() == "Protocol violation";
    (!is_replaced).then(|| close.code.into())
}

/// An error of tungstenite, of a handshake or later.
#[must_use]
pub fn transport_error(error: &Error) -> TransportError {
    let kind = match error {
        Error::Http(response) => {
            let words = response.body().as_deref().map(excerpt).unwrap_or_default();
            return TransportError::handshake_status(response.status().as_u16(), words);
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

#[cfg(test)]
mod tests;
