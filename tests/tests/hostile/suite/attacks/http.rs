//! Answers of HTTP: to the call that opens, to the WebSocket's handshake, of the Web API.

use crate::suite::Attack;
use crate::suite::Ends::{Deadline, Either, Lives, Refused};
use crate::suite::Phase::{Open, Upgrade, Web};
use crate::suite::frames;
use crate::suite::wire::Wire;
use std::io;
use std::time::Duration;

const INFORMATION: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const SLOW: Duration = Duration::from_millis(100);

/// The attacks on any answer of the Web API, with names that begin with `$step`.
macro_rules! answers {
    ($phase:ident, $step:literal) => {
        [
            Attack::endless($phase, concat!($step, ": no answer"), Deadline, Wire::stall),
            Attack::endless($phase, concat!($step, ": does not read"), Deadline, |wire| wire.hold()),
            Attack::new(
                $phase,
                concat!($step, ": an answer in one-byte segments"),
                Lives,
                Wire::dribble_decent,
            ),
            Attack::endless($phase, concat!($step, ": a byte each 100 ms"), Deadline, slow),
            Attack::endless($phase, concat!($step, ": a body, a byte each 100 ms"), Deadline, |wire| {
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n")?;
                wire.dribble(&[b' '; 50_000], SLOW)
            }),
            Attack::endless($phase, concat!($step, ": 103 without end"), Either, |wire| {
                wire.flood(INFORMATION)
            }),
            Attack::endless($phase, concat!($step, ": headers without end"), Refused, headers),
            Attack::endless($phase, concat!($step, ": a header line without end"), Refused, header_line),
            Attack::endless($phase, concat!($step, ": a body of 100 MB"), Refused, |wire| {
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")?;
                wire.flood("    ")
            }),
            Attack::endless($phase, concat!($step, ": chunks without end"), Refused, |wire| {
                wire.send(CHUNKED)?;
                wire.flood(["1000\r\n", &" ".repeat(0x1000), "\r\n"].concat())
            }),
            Attack::endless($phase, concat!($step, ": a chunk's extension without end"), Either, |wire| {
                wire.send(CHUNKED)?;
                wire.send("1;")?;
                wire.flood("more=")
            }),
            Attack::endless($phase, concat!($step, ": trailers without end"), Either, |wire| {
                wire.send(CHUNKED)?;
                wire.send("0\r\n")?;
                wire.flood("X-More: and more\r\n")
            }),
            Attack::endless($phase, concat!($step, ": nonsense without end"), Refused, |wire| {
                wire.flood(b"\x00\xff nonsense")
            }),
            Attack::new($phase, concat!($step, ": closes in the head"), Refused, |wire| {
                wire.send("HTTP/1.1 200 OK\r\nContent-")?;
                wire.end()
            }),
            Attack::new($phase, concat!($step, ": closes in the body"), Refused, |wire| {
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")?;
                wire.end()
            }),
        ]
    };
}

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    attacks.extend(answers!(Open, "open"));
    attacks.extend(answers!(Web, "web"));
    attacks.extend([
        Attack::endless(Upgrade, "upgrade: no answer", Deadline, Wire::stall),
        Attack::endless(Upgrade, "upgrade: does not read", Deadline, |wire| wire.hold()),
        Attack::new(Upgrade, "upgrade: an answer in one-byte segments", Lives, Wire::dribble_decent),
        Attack::endless(Upgrade, "upgrade: a byte each 100 ms", Deadline, slow),
        Attack::endless(Upgrade, "upgrade: 103 without end", Either, |wire| wire.flood(INFORMATION)),
        Attack::endless(Upgrade, "upgrade: headers without end", Refused, headers),
        Attack::endless(Upgrade, "upgrade: a header line without end", Refused, header_line),
        Attack::endless(Upgrade, "upgrade: nonsense without end", Refused, |wire| {
            wire.flood(b"\x00\xff nonsense")
        }),
        Attack::endless(Upgrade, "upgrade: a refusal with a body without end", Refused, |wire| {
            wire.send("HTTP/1.1 403 Forbidden\r\n\r\n")?;
            wire.flood("and more")
        }),
        Attack::new(Upgrade, "upgrade: closes in its answer", Refused, |wire| {
            wire.send("HTTP/1.1 101 Switching Prot")?;
            wire.end()
        }),
        Attack::new(Upgrade, "upgrade: a wrong key", Refused, |wire| {
            wire.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n")?;
            wire.send("Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n")?;
            wire.stall()
        }),
        Attack::new(Upgrade, "upgrade: a flood of pings right behind it", Lives, |wire| {
            wire.decent.extend(frames::ping().repeat(1_000));
            wire.send_decent()
        }),
    ]);
    attacks
}

fn slow(wire: &mut Wire) -> io::Result<()> {
    let decent = std::mem::take(&mut wire.decent);
    wire.dribble(&decent, SLOW)
}

fn headers(wire: &mut Wire) -> io::Result<()> {
    wire.send("HTTP/1.1 200 OK\r\n")?;
    wire.flood("X-More: and more\r\n")
}

fn header_line(wire: &mut Wire) -> io::Result<()> {
    wire.send("HTTP/1.1 200 OK\r\nX-More: ")?;
    wire.flood("and more")
}
