//! What is in the messages.

use crate::suite::Attack;
use crate::suite::Ends::{Deadline, Lives, Refused};
use crate::suite::Phase::{Active, Hello, Open, Web};
use crate::suite::frames;
use crate::suite::wire::Wire;
use std::io;

/// What may wait for the application at a time (64 MiB), and what one message more needs.
const QUEUE: u64 = 64 + 32;

pub(super) fn attacks() -> Vec<Attack> {
    vec![
        Attack::new(Open, "open: 60,000 brackets", Refused, |wire| {
            let brackets = "[".repeat(60_000);
            wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n{brackets}"))
        }),
        Attack::new(Open, "open: no JSON", Refused, |wire| {
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>no</html>")
        }),
        Attack::new(Open, "open: a URL without end", Refused, |wire| {
            let url = "x".repeat(60_000);
            let body = format!(r#"{{"ok":true,"url":"wss://{url}"}}"#);
            wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
        }),
        Attack::new(Web, "web: 100,000 brackets", Refused, |wire| {
            let brackets = "[".repeat(100_000);
            wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{brackets}"))
        }),
        Attack::endless(Hello, "hello: 100,000 brackets in its place", Deadline, |wire| {
            wire.send(frames::text(&"[".repeat(100_000)))?;
            wire.stall()
        }),
        Attack::endless(Active, "active: 100,000 brackets, without end", Lives, |wire| {
            wire.flood_with_envelope(frames::text(&"[".repeat(100_000)))
        }),
        Attack::endless(Active, "active: a payload of 100,000 brackets, without end", Lives, |wire| {
            let brackets = "[".repeat(100_000);
            let text = format!(r#"{{"envelope_id":"deep","type":"events_api","payload":{brackets}"#);
            wire.flood_with_envelope(frames::text(&text))
        }),
        Attack::endless(Active, "active: no JSON, without end", Lives, |wire| {
            wire.flood_with_envelope(frames::text("nonsense"))
        }),
        Attack::endless(Active, "active: an envelope_id of 1 MiB, without end", Lives, |wire| {
            wire.flood_with_envelope(frames::envelope(&"e".repeat(1 << 20), 10))
        }),
        Attack::endless(Active, "active: disconnects of no reason, without end", Lives, |wire| {
            wire.flood_with_envelope(frames::text(r#"{"type":"disconnect","reason":7}"#))
        }),
        Attack::endless(Active, "active: warnings without end", Lives, |wire| wire.flood(frames::warning())),
        Attack::endless(Active, "active: hellos without end", Lives, |wire| {
            wire.flood_with_envelope(frames::hello())
        }),
        Attack::endless(Active, "active: messages of no type, without end", Lives, |wire| {
            wire.flood_with_envelope(frames::text(r#"{"type":"unheard_of"}"#))
        }),
        Attack::new(Active, "active: envelopes of 100 KB that nobody reads", Lives, |wire| {
            unread(wire, 100_000, 800, 500)
        })
        .unread()
        .memory(QUEUE),
        Attack::new(Active, "active: small envelopes that nobody reads", Lives, |wire| {
            unread(wire, 10, 20_000, 800)
        })
        .unread(),
        Attack::endless(Active, "active: no JSON that nobody reads of", Lives, |wire| {
            wire.flood_with_envelope(frames::text("nonsense"))
        })
        .unread(),
    ]
}

/// Sends envelopes of so many bytes, and reads so many acknowledgements of them, by which the queue is half empty again.
fn unread(wire: &mut Wire, bytes: usize, envelopes: usize, acknowledged: usize) -> io::Result<()> {
    for _ in 0..envelopes {
        wire.send(frames::envelope("more", bytes))?;
    }
    for _ in 0..acknowledged {
        frames::until(wire, frames::TEXT)?;
    }
    Ok(())
}
