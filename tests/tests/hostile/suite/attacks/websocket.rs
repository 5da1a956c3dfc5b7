//! Frames of the WebSocket.

use crate::suite::Attack;
use crate::suite::Ends::{Any, Deadline, Either, Lives, Refused};
use crate::suite::Phase::{Active, Closing, Draining, Hello};
use crate::suite::frames::{self, BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT, frame, header};
use crate::suite::wire::Wire;
use std::time::Duration;

/// The largest message that is read, in MiB.
const MESSAGE: usize = 16;

pub(super) fn attacks() -> Vec<Attack> {
    [before_the_hello(), active(), nonsense(), at_the_end()].concat()
}

fn before_the_hello() -> Vec<Attack> {
    vec![
        Attack::endless(Hello, "hello: none", Deadline, Wire::stall),
        Attack::new(Hello, "hello: in one-byte segments", Lives, Wire::dribble_decent),
        Attack::endless(Hello, "hello: pings without end", Deadline, |wire| {
            wire.read_all()?;
            wire.flood(frames::ping())
        }),
        Attack::endless(Hello, "hello: pings without end, of a peer that does not read", Deadline, |wire| {
            wire.flood(frames::ping())
        }),
        Attack::endless(Hello, "hello: empty continuations without end", Deadline, |wire| {
            wire.send(frame(TEXT, b"{"))?;
            wire.flood(frame(CONTINUATION, b""))
        }),
        Attack::endless(Hello, "hello: nonsense without end", Any, |wire| {
            wire.flood(frames::text("nonsense"))
        }),
        Attack::new(Hello, "hello: the end", Refused, |wire| wire.end()),
        Attack::new(Hello, "hello: a frame of the largest length", Refused, |wire| {
            wire.send(header(FIN | TEXT, u64::MAX >> 1))?;
            wire.stall()
        }),
    ]
}

fn active() -> Vec<Attack> {
    vec![
        Attack::endless(Active, "active: nothing", Deadline, Wire::stall),
        Attack::endless(Active, "active: pings without end", Lives, |wire| {
            wire.read_all()?;
            wire.flood_with_envelope(frames::ping())
        }),
        // Sooner or later an acknowledgement cannot be written.
        Attack::endless(
            Active,
            "active: pings and envelopes without end, of a peer that does not read",
            Deadline,
            |wire| wire.flood([frames::ping().repeat(50_000), frames::envelope("more", 10)].concat()),
        ),
        Attack::endless(Active, "active: pongs without end", Lives, |wire| {
            wire.flood_with_envelope(frame(FIN | PONG, b""))
        }),
        Attack::endless(Active, "active: a million tiny messages", Lives, |wire| {
            let tiny = frames::text("{}");
            wire.flood_with(&tiny, 1_000_000 * tiny.len())
        }),
        Attack::endless(Active, "active: empty continuations without end", Either, |wire| {
            wire.send(frame(TEXT, b"{"))?;
            wire.flood(frame(CONTINUATION, b""))
        }),
        Attack::endless(Active, "active: a message in fragments without end", Either, |wire| {
            wire.send(frame(TEXT, b"{"))?;
            wire.flood(frame(CONTINUATION, &[b' '; 100]))
        }),
        Attack::endless(Active, "active: messages of 16 MiB, one after the other", Lives, |wire| {
            wire.flood_with_envelope(frame(FIN | TEXT, " ".repeat(MESSAGE << 20).as_bytes()))
        }),
        Attack::new(Active, "active: a message of more than 16 MiB", Refused, |wire| {
            wire.send(header(FIN | TEXT, (MESSAGE as u64) << 20 | 1))?;
            wire.stall()
        }),
        Attack::new(Active, "active: a frame of the largest length", Refused, |wire| {
            wire.send(header(FIN | TEXT, u64::MAX >> 1))?;
            wire.stall()
        }),
        Attack::endless(Active, "active: a frame that stops in the middle", Deadline, |wire| {
            wire.send(header(FIN | TEXT, 16 << 20))?;
            wire.send([b' '; 1000])?;
            wire.stall()
        }),
        Attack::new(Active, "active: an envelope a byte at a time", Lives, |wire| {
            wire.dribble(&frames::envelope("slow", 100), Duration::from_millis(1))
        }),
        Attack::endless(Active, "active: a frame a byte at a time, without end", Deadline, |wire| {
            wire.send(header(FIN | TEXT, 16 << 20))?;
            wire.dribble(&[b' '; 10_000], Duration::from_millis(50))
        }),
        Attack::new(Active, "active: the end in the middle of a frame", Refused, |wire| {
            wire.send(header(FIN | TEXT, 1000))?;
            wire.end()
        }),
    ]
}

fn nonsense() -> Vec<Attack> {
    vec![
        Attack::new(Active, "active: a masked frame", Refused, |wire| {
            wire.send([FIN | TEXT, 0x82, 1, 2, 3, 4, b'h', b'i'])?;
            wire.stall()
        }),
        Attack::new(Active, "active: a frame of no kind", Refused, |wire| {
            wire.send(frame(FIN | 0x5, b"hi"))?;
            wire.stall()
        }),
        Attack::new(Active, "active: a reserved bit", Refused, |wire| {
            wire.send(frame(FIN | 0x40 | TEXT, b"hi"))?;
            wire.stall()
        }),
        Attack::new(Active, "active: a ping that is too large", Refused, |wire| {
            wire.send(frame(FIN | PING, &[b'.'; 126]))?;
            wire.stall()
        }),
        Attack::new(Active, "active: a ping in fragments", Refused, |wire| {
            wire.send(frame(PING, b"hi"))?;
            wire.stall()
        }),
        Attack::new(Active, "active: a continuation of nothing", Refused, |wire| {
            wire.send(frame(FIN | CONTINUATION, b"hi"))?;
            wire.stall()
        }),
        Attack::new(Active, "active: a message within a message", Refused, |wire| {
            wire.send(frame(TEXT, b"{"))?;
            wire.send(frames::text("{}"))?;
            wire.stall()
        }),
        Attack::new(Active, "active: text that is not UTF-8", Refused, |wire| {
            wire.send(frame(FIN | TEXT, b"\xff\xfe"))?;
            wire.stall()
        }),
        Attack::endless(Active, "active: binary messages without end", Lives, |wire| {
            wire.flood_with_envelope(frame(FIN | BINARY, b"nonsense"))
        }),
        Attack::new(Active, "active: a close with half a code", Refused, |wire| {
            wire.send(frame(FIN | CLOSE, &[3]))?;
            wire.stall()
        }),
        Attack::endless(Active, "active: closes without end", Refused, |wire| {
            wire.flood(frame(FIN | CLOSE, &[3, 232]))
        }),
    ]
}

fn at_the_end() -> Vec<Attack> {
    vec![
        Attack::endless(Draining, "draining: nothing", Lives, Wire::stall),
        Attack::endless(
            Draining,
            "draining: pings without end, of a peer that does not read",
            Lives,
            |wire| wire.flood(frames::ping()),
        ),
        Attack::endless(Draining, "draining: empty continuations without end", Lives, |wire| {
            wire.send(frame(TEXT, b"{"))?;
            wire.flood(frame(CONTINUATION, b""))
        }),
        Attack::endless(Draining, "draining: envelopes without end", Lives, |wire| {
            wire.read_all()?;
            wire.flood(frames::envelope("more", 1_000))
        }),
        Attack::new(Draining, "draining: the end in the middle of a frame", Refused, |wire| {
            wire.send(header(FIN | TEXT, 1000))?;
            wire.end()
        }),
        Attack::endless(Closing, "closing: no answer", Lives, Wire::stall),
        Attack::endless(Closing, "closing: does not read", Lives, |wire| wire.hold()),
        Attack::endless(Closing, "closing: pings without end", Lives, |wire| wire.flood(frames::ping())),
        Attack::endless(Closing, "closing: envelopes without end", Lives, |wire| {
            wire.flood(frames::envelope("more", 1_000))
        }),
        Attack::endless(Closing, "closing: empty continuations without end", Lives, |wire| {
            wire.send(frame(TEXT, b"{"))?;
            wire.flood(frame(CONTINUATION, b""))
        }),
        Attack::endless(Closing, "closing: closes without end", Lives, |wire| {
            wire.flood(frame(FIN | CLOSE, &[3, 232]))
        }),
        Attack::endless(Closing, "closing: half a close", Lives, |wire| {
            wire.send([FIN | CLOSE])?;
            wire.stall()
        }),
    ]
}
