//! What can happen to a connection.

use core::fmt;

use crate::errors::Detail;
use crate::ids::WriteId;
use crate::text::Text;

/// Something that happened to one connection: the result of an [`Action`](crate::Action), or what the peer did.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Input<'a> {
    /// `apps.connections.open` was answered, with any status.
    Opened(OpenResponse<'a>),
    /// `apps.connections.open` got no answer: a network error, a TLS error, or a body over its limit.
    OpenFailed {
        /// What went wrong, for a person. It must not hold secrets.
        detail: &'a str,
    },
    /// The WebSocket handshake is done.
    Dialed,
    /// The WebSocket handshake failed.
    DialFailed {
        /// The HTTP status of the answer, if there was an answer.
        status: Option<u16>,
        /// What went wrong, for a person. It must not hold secrets.
        detail: &'a str,
    },
    /// A frame arrived.
    Frame(IncomingFrame<'a>),
    /// Everything up to and including this write has been handed to the network.
    Written(WriteId),
    /// This write and all later ones of the connection were not handed to the network and never will be. This happens
    /// when the peer's close frame has arrived, as a WebSocket library then sends nothing more. Their acknowledgements go
    /// out on another connection at once. Without this input they wait for [`Closed`](Self::Closed) or
    /// [`Config::close_timeout`](crate::Config::close_timeout). On a connection that is not closing, it counts as the
    /// peer's close frame.
    NotWritten(WriteId),
    /// The connection is gone. Nothing more arrives on it, and writes that were not reported as
    /// [`Written`](Self::Written) will not be written. During `apps.connections.open` or the handshake it means that this
    /// step failed.
    Closed(Closed<'a>),
}

/// The HTTP answer of `apps.connections.open`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OpenResponse<'a> {
    /// The status code.
    pub status: u16,
    /// The unchanged `Retry-After` header, if there is one.
    pub retry_after: Option<&'a str>,
    /// The body, or its first [`MAX_OPEN_BODY_BYTES`](crate::limits::MAX_OPEN_BODY_BYTES). **Holds a secret.**
    pub body: &'a [u8],
}

/// A message or control frame that arrived on a WebSocket. The embedder joins fragments.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum IncomingFrame<'a> {
    /// A text message.
    Text(Text),
    /// A binary message. Slack sends none.
    Binary(&'a [u8]),
    /// A ping. The embedder (or its WebSocket library) answers it.
    Ping,
    /// A pong.
    Pong,
    /// The peer's close frame.
    Close {
        /// Its status code, if it has one.
        code: Option<u16>,
    },
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Closed<'a> {
    /// The peer ended the stream.
    Eof,
    /// Reading failed: a reset, a TLS error, or a violation of RFC 6455.
    ReadError(&'a str),
    /// Writing failed.
    WriteError(&'a str),
}

impl Closed<'_> {
    /// What went wrong, for an attempt that it ends.
    pub(crate) fn detail(&self) -> Detail {
        match self {
            Self::Eof => Detail::new("the connection was closed"),
            Self::ReadError(detail) | Self::WriteError(detail) => Detail::new(detail),
        }
    }
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened(response) => f.debug_tuple("Opened").field(response).finish(),
            Self::OpenFailed { detail } => f.debug_struct("OpenFailed").field("detail", detail).finish(),
            Self::Dialed => f.write_str("Dialed"),
            Self::DialFailed { status, detail } => {
                f.debug_struct("DialFailed").field("status", status).field("detail", detail).finish()
            }
            Self::Frame(frame) => f.debug_tuple("Frame").field(frame).finish(),
            Self::Written(write) => f.debug_tuple("Written").field(write).finish(),
            Self::NotWritten(write) => f.debug_tuple("NotWritten").field(write).finish(),
            Self::Closed(closed) => f.debug_tuple("Closed").field(closed).finish(),
        }
    }
}

impl fmt::Debug for OpenResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenResponse")
            .field("status", &self.status)
            .field("retry_after", &self.retry_after)
            .field("body", &format_args!("<{} bytes>", self.body.len()))
            .finish()
    }
}

impl fmt::Debug for IncomingFrame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text(<{} bytes>)", text.len()),
            Self::Binary(bytes) => write!(f, "Binary(<{} bytes>)", bytes.len()),
            Self::Ping => f.write_str("Ping"),
            Self::Pong => f.write_str("Pong"),
            Self::Close { code } => f.debug_struct("Close").field("code", code).finish(),
        }
    }
}
