//! Each bound of what waits to be fetched: at half of it nothing more is read, and beyond it envelopes are shed.

use socketmode_model::step::slack;
use socketmode_protocol::{AckPolicy, Config, IncomingFrame, Input, Instant, SocketMode, limits};

use crate::bounds::{Row, up};

pub(crate) fn rows() -> Vec<Row> {
    vec![
        Row {
            name: "MAX_UNPOLLED_OUTPUTS",
            bound: limits::MAX_UNPOLLED_OUTPUTS,
            seen: |count| with_events(count).stats().shed.to_string(),
            within: "0",
            beyond: "1",
        },
        Row {
            name: "MAX_UNPOLLED_OUTPUTS",
            bound: limits::MAX_UNPOLLED_OUTPUTS / 2 - 1,
            seen: |count| with_events(count).is_reading().to_string(),
            within: "true",
            beyond: "false",
        },
        Row {
            name: "MAX_OUTSTANDING_BYTES",
            bound: limits::MAX_OUTSTANDING_BYTES,
            seen: |bytes| with_bytes(bytes).stats().shed.to_string(),
            within: "0",
            beyond: "1",
        },
        Row {
            name: "MAX_OUTSTANDING_BYTES",
            bound: limits::MAX_OUTSTANDING_BYTES / 2 - 1,
            seen: |bytes| with_bytes(bytes).is_reading().to_string(),
            within: "true",
            beyond: "false",
        },
    ]
}

fn with_events(count: usize) -> SocketMode {
    unfetched((0..count).map(|n| slack::event(&n.to_string(), "Ev", 0)))
}

/// Events of so many bytes, the first ones of the largest size.
fn with_bytes(bytes: usize) -> SocketMode {
    let event = slack::event("e", "Ev", 0);
    let mut left = bytes;
    unfetched(core::iter::from_fn(|| {
        // What is left for the last one is enough for an event.
        let size = left.min(limits::MAX_MESSAGE_BYTES - 1_000);
        left -= size;
        (size > 0).then(|| format!("{event}{}", " ".repeat(size - event.len())))
    }))
}

/// Events come that are acknowledged as they come; that is written, and nobody fetches one of them.
fn unfetched(events: impl Iterator<Item = String>) -> SocketMode {
    let (mut machine, id) = up(Config { ack_events_api: AckPolicy::OnReceive, ..Config::default() });
    for text in events {
        machine.handle_input(Instant::ZERO, id, Input::Frame(IncomingFrame::Text(text.as_str().into())));
        while let Some(write) = machine.poll_transmit(id, &mut String::new()) {
            machine.handle_input(Instant::ZERO, id, Input::Written(write));
        }
    }
    machine
}
