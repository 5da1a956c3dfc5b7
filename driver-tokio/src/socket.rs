//! The WebSocket.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use reqwest::Upgraded;
use socketmode_driver::protocol::limits::MAX_MESSAGE_BYTES;
use socketmode_driver::{Frame, TransportError};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use crate::error;

/// What one read takes from the socket, in bytes, and what each connection holds while idle. Larger messages take
/// several reads.
const READ_BUFFER_BYTES: usize = 8 * 1024;

/// An open WebSocket.
pub struct TokioSocket {
    stream: WebSocketStream<Upgraded>,
    peer_closed: bool,
}

impl TokioSocket {
    pub(crate) async fn new(upgraded: Upgraded) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .max_message_size(Some(MAX_MESSAGE_BYTES))
            .max_frame_size(Some(MAX_MESSAGE_BYTES));
        let stream = WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await;
        Self { stream, peer_closed: false }
    }
}

impl Stream for TokioSocket {
    type Item = Result<Frame<TokioText>, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let message = ready!(Pin::new(&mut self.stream).poll_next(cx));
        Poll::Ready(match message {
            None => None,
            Some(Err(error)) if error::is_end(&error) => None,
            Some(Err(error)) => Some(Err(error::of_websocket(&error))),
            Some(Ok(message)) => Some(Ok(match message {
                Message::Text(text) => Frame::Text(TokioText(text)),
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

impl Sink<Frame<TokioText>> for TokioSocket {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Pin::new(&mut self.stream).poll_ready(cx).map_err(|error| error::of_websocket(&error))
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Frame<TokioText>) -> Result<(), TransportError> {
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
        Pin::new(&mut self.stream).start_send(message).map_err(|error| error::of_websocket(&error))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(ready!(Pin::new(&mut self.stream).poll_flush(cx)).or_else(|error| ignore_end(&error)))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(ready!(Pin::new(&mut self.stream).poll_close(cx)).or_else(|error| ignore_end(&error)))
    }
}

/// The end of the connection is told by reading; a flush that finds it has nothing to add.
fn ignore_end(error: &Error) -> Result<(), TransportError> {
    if error::is_end(error) { Ok(()) } else { Err(error::of_websocket(error)) }
}

impl fmt::Debug for TokioSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokioSocket").finish_non_exhaustive()
    }
}

/// The text of a message.
#[derive(Clone)]
pub struct TokioText(Utf8Bytes);

impl AsRef<str> for TokioText {
    fn as_ref(&self) -> &str {
        self.0.as_str()
    }
}

impl From<String> for TokioText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for TokioText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokioText(<{} bytes>)", self.0.len())
    }
}
