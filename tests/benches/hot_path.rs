//! Instructions for an envelope and its acknowledgement, by callgrind: the same number on every machine.
//!
//! `cargo install gungraun-runner@0.18.2 && cargo bench -p socketmode-tests --bench hot_path` (it needs valgrind).
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a benchmark may fail as tests do")]

use std::hint::black_box;
use std::time::Duration;

use gungraun::{library_benchmark, library_benchmark_group, main};
use socketmode_protocol::{
    Action, Config, ConnectionId, IncomingFrame, Input, Instant, OpenResponse, Output, SocketMode,
};

/// Envelopes in one run.
const ENVELOPES: u32 = 1_000;

/// A machine with a link that is up, and messages of about this many bytes.
fn connected(bytes: usize) -> (SocketMode, ConnectionId, Vec<String>) {
    let now = Instant::ZERO;
    let mut machine = SocketMode::new(Config::default(), 1, now).unwrap();
    let mut link = None;
    while let Some(output) = machine.poll_output() {
        let Output::Action { connection, action } = output else { continue };
        match action {
            Action::Open => {
                let body = br#"{"ok":true,"url":"wss://wss-primary.slack.com/link/?ticket=t"}"#;
                let response = OpenResponse { status: 200, retry_after: None, body };
                machine.handle_input(now, connection, Input::Opened(response));
            }
            Action::Dial { .. } => {
                machine.handle_input(now, connection, Input::Dialed);
                machine.handle_input(
                    now,
                    connection,
                    Input::Frame(IncomingFrame::Text(r#"{"type":"hello"}"#.into())),
                );
                link = Some(connection);
            }
            _ => {}
        }
    }
    let text = "a word or two. ".repeat(bytes / 15);
    let message = |n| {
        format!(
            r#"{{"envelope_id":"{n:08}-0000-4000-8000-000000000000","type":"events_api","accepts_response_payload":false,"retry_attempt":0,"retry_reason":"","payload":{{"type":"event_callback","event_id":"Ev{n:08}","event":{{"type":"message","channel":"C1","user":"U1","text":"{text}"}}}}}}"#
        )
    };
    (machine, link.unwrap(), (0..ENVELOPES).map(message).collect())
}

#[library_benchmark]
#[bench::half_a_kilobyte(connected(256))]
#[bench::two_kilobytes(connected(1_800))]
#[bench::twenty_kilobytes(connected(20_000))]
fn a_thousand_envelopes(
    (mut machine, link, messages): (SocketMode, ConnectionId, Vec<String>),
) -> SocketMode {
    for (n, message) in (1_u64..).zip(&messages) {
        let now = Instant::ZERO + Duration::from_millis(n);
        machine.handle_input(now, link, Input::Frame(IncomingFrame::Text(message.as_str().into())));
        while let Some(output) = machine.poll_output() {
            if let Output::Envelope(envelope) = black_box(output) {
                machine.acknowledge(now, envelope.token(), None).unwrap();
            }
        }
        let mut text = String::new();
        while let Some(write) = machine.poll_transmit(link, &mut text) {
            black_box(&text);
            text.clear();
            machine.handle_input(now, link, Input::Written(write));
        }
    }
    assert_eq!(machine.stats().acknowledged, u64::from(ENVELOPES));
    machine
}

library_benchmark_group!(name = hot_path; benchmarks = a_thousand_envelopes);
main!(library_benchmark_groups = hot_path);
