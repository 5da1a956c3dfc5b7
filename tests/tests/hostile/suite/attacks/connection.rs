//! TCP, and a proxy's answer to CONNECT.

use crate::suite::Ends::{Deadline, Lives, Refused};
use crate::suite::Phase::{Accept, AcceptLink, Proxy};
use crate::suite::wire::Wire;
use crate::suite::{Attack, Ends};
use std::time::Duration;

const INFORMATION: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";

pub(super) fn attacks() -> Vec<Attack> {
    vec![
        Attack::endless(Accept, "accept: no answer", Deadline, Wire::stall),
        Attack::endless(Accept, "accept: does not read", Deadline, |wire| wire.hold()),
        Attack::new(Accept, "accept: closes at once", Refused, |wire| wire.end()),
        Attack::endless(Accept, "accept: a flood before the request", Ends::Either, |wire| {
            wire.flood(b"\x00\xff nonsense \r\n")
        }),
        Attack::endless(Accept, "accept: no answer to TLS", Deadline, |wire| wire.hold()).over_tls(),
        Attack::endless(Accept, "accept: no answer of a proxy", Deadline, |wire| wire.hold()).over_proxy(),
        Attack::endless(AcceptLink, "accept: no answer to the link", Deadline, |wire| wire.hold()),
        Attack::endless(AcceptLink, "accept: no answer to the link's TLS", Deadline, |wire| wire.hold())
            .over_tls(),
        Attack::endless(AcceptLink, "accept: no answer of a proxy to the link", Deadline, |wire| wire.hold())
            .over_proxy(),
        Attack::new(AcceptLink, "accept: the link is closed at once", Refused, |wire| wire.end()),
        Attack::endless(Proxy, "proxy: no answer", Deadline, Wire::stall),
        Attack::endless(Proxy, "proxy: does not read", Deadline, |wire| wire.hold()),
        Attack::endless(Proxy, "proxy: an answer a byte at a time", Deadline, |wire| {
            let decent = std::mem::take(&mut wire.decent);
            wire.dribble(&decent, Duration::from_millis(100))?;
            wire.stall()
        }),
        Attack::new(Proxy, "proxy: an answer in one-byte segments", Lives, Wire::dribble_decent),
        Attack::endless(Proxy, "proxy: 103 without end", Ends::Either, |wire| wire.flood(INFORMATION)),
        Attack::endless(Proxy, "proxy: headers without end", Refused, |wire| {
            wire.send("HTTP/1.1 200 OK\r\n")?;
            wire.flood("X-More: and more\r\n")
        }),
        Attack::endless(Proxy, "proxy: a header line without end", Refused, |wire| {
            wire.send("HTTP/1.1 200 OK\r\nX-More: ")?;
            wire.flood("and more")
        }),
        Attack::endless(Proxy, "proxy: a refusal with a body without end", Refused, |wire| {
            wire.send("HTTP/1.1 403 Forbidden\r\n\r\n")?;
            wire.flood("and more")
        }),
        Attack::endless(Proxy, "proxy: nonsense without end", Refused, |wire| {
            wire.flood(b"\x00\xff nonsense")
        }),
        Attack::new(Proxy, "proxy: closes in its answer", Refused, |wire| {
            wire.send("HTTP/1.1 200 Conn")?;
            wire.end()
        }),
        Attack::endless(Proxy, "proxy: bytes behind its answer", Refused, |wire| {
            wire.send("HTTP/1.1 200 OK\r\n\r\nand these bytes")?;
            wire.stall()
        }),
        Attack::endless(Proxy, "proxy: a flood behind its answer", Refused, |wire| {
            wire.send("HTTP/1.1 200 OK\r\n\r\n")?;
            wire.flood("and more")
        }),
    ]
}
