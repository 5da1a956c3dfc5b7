//! The TLS handshake, and the records after it.

use crate::suite::Attack;
use crate::suite::Ends::{Deadline, Either, Lives, Refused};
use crate::suite::Phase::{Active, Handshake, Records, Web};
use crate::suite::frames;
use crate::suite::wire::Wire;
use rustls::ContentType;
use std::io::{self, Write};
use std::time::Duration;

/// A NewSessionTicket (RFC 8446, section 4.6.1) of a ticket of 32 bytes.
const TICKET: &[u8] = &{
    let mut message = [0x7A; 4 + 4 + 4 + 1 + 8 + 2 + 32 + 2];
    let head = [4, 0, 0, 53, 0, 0, 28, 32, 0, 0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 32];
    let mut at = 0;
    while at < head.len() {
        message[at] = head[at];
        at += 1;
    }
    // No extensions.
    message[55] = 0;
    message[56] = 0;
    message
};

/// Between the bytes of a record.
const SLOW: Duration = Duration::from_millis(100);
/// Key updates in one flood, and records before an envelope in another.
const MANY: usize = 20_000;

pub(super) fn attacks() -> Vec<Attack> {
    vec![
        Attack::endless(Handshake, "tls: no answer to the handshake", Deadline, Wire::stall),
        Attack::endless(Handshake, "tls: does not read the handshake", Deadline, |wire| wire.hold()),
        Attack::new(Handshake, "tls: closes in the handshake", Refused, |wire| wire.end()),
        Attack::endless(Handshake, "tls: nonsense in place of the handshake", Refused, |wire| {
            wire.flood("HTTP/1.1 400 Bad Request\r\n\r\n")
        }),
        Attack::endless(Handshake, "tls: a handshake a byte at a time", Deadline, |wire| {
            wire.dribble(&[22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3], Duration::from_millis(300))?;
            wire.stall()
        }),
        Attack::endless(Handshake, "tls: warnings without end", Either, |wire| {
            wire.flood([21, 3, 3, 0, 2, 1, 90])
        }),
        Attack::endless(Handshake, "tls: empty records without end", Either, |wire| {
            wire.flood([22, 3, 3, 0, 0])
        }),
        Attack::endless(Handshake, "tls: changes of cipher without end", Either, |wire| {
            wire.flood([20, 3, 3, 0, 1, 1])
        }),
        Attack::new(Handshake, "tls: a record that is too large", Refused, |wire| {
            wire.send([22, 3, 3, 0xff, 0xff])?;
            wire.stall()
        }),
        Attack::endless(Handshake, "tls: a handshake message of 16 MiB", Either, |wire| {
            let mut record = vec![22, 3, 3, 0x40, 0];
            record.extend([2, 0xff, 0xff, 0xff]);
            record.resize(5 + 0x4000, 0);
            wire.send(&record)?;
            record[5..].fill(0);
            wire.flood(&record)
        }),
        Attack::endless(Records, "tls: no answer to the request", Deadline, Wire::stall),
        Attack::new(Records, "tls: closes behind the handshake", Refused, |wire| wire.end()),
        Attack::endless(Records, "tls: a record in one-byte segments, without end", Deadline, |wire| {
            wire.records()?.raw(&[23, 3, 3, 0x40, 0])?;
            loop {
                std::thread::sleep(SLOW);
                wire.records()?.raw(&[7])?;
            }
        }),
        Attack::endless(Records, "tls: tickets without end, for the call", Deadline, |wire| {
            wire.records()?.repeat(ContentType::Handshake, TICKET, None)
        }),
        Attack::endless(Active, "tls: tickets without end, on a link", Lives, |wire| {
            repeat_with_envelope(wire, ContentType::Handshake, TICKET)
        })
        .over_tls(),
        Attack::endless(Web, "tls: tickets without end, for the Web API", Deadline, |wire| {
            wire.records()?.repeat(ContentType::Handshake, TICKET, None)
        })
        .over_tls(),
        Attack::endless(Records, "tls: empty records, for the call", Either, |wire| {
            wire.records()?.repeat(ContentType::ApplicationData, &[], None)
        }),
        Attack::endless(Active, "tls: empty records, on a link", Either, |wire| {
            repeat_with_envelope(wire, ContentType::ApplicationData, &[])
        })
        .over_tls(),
        Attack::new(Active, "tls: a record for each byte", Lives, |wire| {
            let bytes = frames::envelope("bytes", 20_000);
            let records = wire.records()?;
            bytes.iter().try_for_each(|byte| records.record(ContentType::ApplicationData, &[*byte]))
        })
        .over_tls(),
        Attack::new(Active, "tls: thirty key updates before each ping", Lives, |wire| {
            for _ in 0..MANY / 30 {
                for _ in 0..30 {
                    wire.session()?.refresh_traffic_keys().map_err(io::Error::other)?;
                }
                wire.write_all(&frames::ping())?;
            }
            Ok(())
        })
        .over_tls(),
        Attack::new(Active, "tls: an unknown alert", Refused, |wire| {
            wire.records()?.record(ContentType::Alert, &[1, 200])?;
            wire.stall()
        })
        .over_tls(),
        Attack::endless(Active, "tls: alerts of cancelled users", Either, |wire| {
            wire.records()?.repeat(ContentType::Alert, &[1, 90], None)
        })
        .over_tls(),
        Attack::new(Active, "tls: a handshake message of no kind", Refused, |wire| {
            wire.records()?.record(ContentType::Handshake, &[99, 0, 0, 1, 0])?;
            wire.stall()
        })
        .over_tls(),
        Attack::endless(Active, "tls: a handshake message of 16 MiB, on a link", Either, |wire| {
            wire.records()?.record(ContentType::Handshake, &[4, 0xff, 0xff, 0xff])?;
            wire.records()?.repeat(ContentType::Handshake, &[0; 16_000], None)
        })
        .over_tls(),
        Attack::new(Active, "tls: bytes that are not encrypted", Refused, |wire| {
            wire.records()?.raw(&[23, 3, 3, 0, 32, 7, 7, 7])?;
            wire.records()?.raw(&[7; 64])?;
            wire.stall()
        })
        .over_tls(),
        Attack::new(Active, "tls: the end without a close", Refused, |wire| wire.end()).over_tls(),
    ]
}

/// An envelope comes in the middle.
fn repeat_with_envelope(wire: &mut Wire, kind: ContentType, payload: &[u8]) -> io::Result<()> {
    wire.records()?.repeat(kind, payload, Some(MANY))?;
    wire.send(frames::envelope(frames::AFTER, 10))?;
    wire.records()?.repeat(kind, payload, None)
}
