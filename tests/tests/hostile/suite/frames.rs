//! WebSocket frames of a server, and the messages in them.

use std::io::{self, Read};

pub(super) const CONTINUATION: u8 = 0x0;
pub(super) const TEXT: u8 = 0x1;
pub(super) const BINARY: u8 = 0x2;
pub(super) const CLOSE: u8 = 0x8;
pub(super) const PING: u8 = 0x9;
pub(super) const PONG: u8 = 0xA;
/// The last frame of a message.
pub(super) const FIN: u8 = 0x80;

/// The `envelope_id` that says that Slack is decent again.
pub(super) const AFTER: &str = "after";

/// A frame of any first byte.
pub(super) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..=125 => frame.push(length as u8),
        length @ 126..=0xffff => {
            frame.push(126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => frame.extend(header(first, length as u64).into_iter().skip(1)),
    }
    frame.extend(payload);
    frame
}

/// The beginning of a frame of any length.
pub(super) fn header(first: u8, length: u64) -> Vec<u8> {
    let mut header = vec![first, 127];
    header.extend(length.to_be_bytes());
    header
}

pub(super) fn text(text: &str) -> Vec<u8> {
    frame(FIN | TEXT, text.as_bytes())
}

pub(super) fn ping() -> Vec<u8> {
    frame(FIN | PING, b"Ping from applink-1")
}

pub(super) fn hello() -> Vec<u8> {
    text(concat!(
        r#"{"type":"hello","num_connections":1,"connection_info":{"app_id":"A1"},"#,
        r#""debug_info":{"host":"applink-1","approximate_connection_time":18060}}"#
    ))
}

/// Slack is about to replace the link.
pub(super) fn warning() -> Vec<u8> {
    text(r#"{"type":"disconnect","reason":"warning","debug_info":{"host":"applink-1"}}"#)
}

/// An envelope with so many bytes in its payload.
pub(super) fn envelope(id: &str, bytes: usize) -> Vec<u8> {
    let filler = "x".repeat(bytes);
    text(&format!(
        r#"{{"envelope_id":"{id}","type":"events_api","payload":{{"type":"event_callback","event":{{"type":"message","text":"{filler}"}}}}}}"#
    ))
}

/// Reads a client's frames until one of this kind has come.
pub(super) fn until(stream: &mut impl Read, kind: u8) -> io::Result<()> {
    loop {
        let mut start = [0; 2];
        stream.read_exact(&mut start)?;
        let [first, second] = start;
        let length = match second & 0x7f {
            126 => {
                let mut length = [0; 2];
                stream.read_exact(&mut length)?;
                u64::from(u16::from_be_bytes(length))
            }
            127 => {
                let mut length = [0; 8];
                stream.read_exact(&mut length)?;
                u64::from_be_bytes(length)
            }
            length => u64::from(length),
        };
        // The mask goes before the payload.
        io::copy(&mut stream.take(length + 4), &mut io::sink())?;
        if first & 0xf == kind {
            return Ok(());
        }
    }
}
