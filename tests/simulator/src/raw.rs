//! Frames sent by hand, well-formed or not.

use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// A frame, or a run of them, for [`Simulator::send_raw`](crate::Simulator::send_raw).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawFrame {
    /// A text frame.
    Text(String),
    /// A text frame of any bytes, UTF-8 or not.
    TextBytes(Vec<u8>),
    /// One text message in as many frames as there are parts.
    Fragments {
        /// The message's pieces, in order.
        parts: Vec<Vec<u8>>,
        /// Whether a ping goes between two pieces, as the standard allows.
        pings_between: bool,
    },
    /// The beginning of a text message that never ends.
    Unfinished(Vec<u8>),
    /// A binary frame.
    Binary(Vec<u8>),
    /// A ping.
    Ping(Vec<u8>),
    /// A pong nobody asked for.
    Pong(Vec<u8>),
    /// A close frame with its code and reason: starts the close handshake.
    Close(u16, String),
}

/// What kind of frame a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    /// A later part of a fragmented message (outbound only: inbound messages are recorded whole).
    Continuation,
    /// Text.
    Text,
    /// Binary.
    Binary,
    /// Close: the code in two bytes, then the reason.
    Close,
    /// Ping.
    Ping,
    /// Pong.
    Pong,
}

/// The messages that put `raw` on the wire; `None` for a close, which is more than a frame.
pub(crate) fn messages(raw: &RawFrame) -> Option<Vec<Message>> {
    let data =
        |bytes: &[u8], code, last| Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(code), last));
    Some(match raw {
        RawFrame::Text(text) => vec![Message::text(text.as_str())],
        RawFrame::TextBytes(bytes) => vec![data(bytes, Data::Text, true)],
        RawFrame::Binary(bytes) => vec![data(bytes, Data::Binary, true)],
        RawFrame::Unfinished(bytes) => vec![data(bytes, Data::Text, false)],
        RawFrame::Ping(bytes) => vec![Message::Ping(bytes.clone().into())],
        RawFrame::Pong(bytes) => vec![Message::Frame(Frame::pong(bytes.clone()))],
        RawFrame::Close(..) => return None,
        RawFrame::Fragments { parts, pings_between } => {
            let mut run = Vec::new();
            for (index, part) in parts.iter().enumerate() {
                if *pings_between && index > 0 {
                    run.push(Message::Ping("between".into()));
                }
                let code = if index == 0 { Data::Text } else { Data::Continue };
                run.push(data(part, code, index + 1 == parts.len()));
            }
            run
        }
    })
}

/// The kind and the bytes of `message`, for the record.
pub(crate) fn describe(message: Message) -> (Opcode, bytes::Bytes) {
    match message {
        Message::Text(text) => (Opcode::Text, text.into()),
        Message::Binary(bytes) => (Opcode::Binary, bytes),
        Message::Ping(bytes) => (Opcode::Ping, bytes),
        Message::Pong(bytes) => (Opcode::Pong, bytes),
        Message::Close(frame) => (Opcode::Close, Frame::close(frame).into_payload()),
        Message::Frame(frame) => {
            let opcode = match frame.header().opcode {
                OpCode::Data(Data::Text) => Opcode::Text,
                OpCode::Data(Data::Continue) => Opcode::Continuation,
                OpCode::Data(Data::Binary | Data::Reserved(_)) => Opcode::Binary,
                OpCode::Control(Control::Ping) => Opcode::Ping,
                OpCode::Control(Control::Pong) => Opcode::Pong,
                OpCode::Control(Control::Close | Control::Reserved(_)) => Opcode::Close,
            };
            (opcode, frame.into_payload())
        }
    }
}
