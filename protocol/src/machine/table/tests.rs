#![allow(clippy::wildcard_enum_match_arm, reason = "most transitions have no more to show than their name")]

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use std::sync::LazyLock;

use expect_test::expect_file;

use super::*;
use crate::envelope::{EnvelopeKind, Payload};
use crate::errors::Detail;
use crate::verdict::Verdict;

static TEXT: LazyLock<Text> = LazyLock::new(|| Text::from(""));

const STATES: [State; 10] = [
    State::Waiting,
    State::Opening,
    State::Dialing,
    State::Greeting,
    State::Active,
    State::Draining,
    State::Replaced,
    State::Stopping,
    State::Closing,
    State::Lingering,
];

/// After a change that is meant, run with `UPDATE_EXPECT=1` and read the difference.
#[test]
fn every_input_leads_somewhere_in_every_state() {
    let header = STATES.map(|state| format!("{state:?}")).to_vec();
    let mut rows = Vec::from([("", header)]);
    for (name, input) in inputs() {
        rows.push((name, STATES.map(|state| brief(&transition(input(), state))).to_vec()));
    }
    let widths: Vec<usize> =
        (0..STATES.len()).map(|at| rows.iter().map(|(_, cells)| cells[at].len()).max().unwrap()).collect();
    let mut matrix = String::new();
    for (name, cells) in rows {
        matrix += &format!("{name:<20}");
        for (cell, width) in cells.iter().zip(&widths) {
            matrix += &format!(" | {cell:<width$}");
        }
        matrix = matrix.trim_end().to_string() + "\n";
    }
    expect_file!["../../../tests/snapshots/transitions.txt"].assert_eq(&matrix);
}

type Make = fn() -> Decoded<'static>;

fn inputs() -> Vec<(&'static str, Make)> {
    use Decoded as In;
    Vec::from([
        ("opened", (|| In::Opened(SocketUrl::parse("wss://h/").unwrap())) as Make),
        ("error, retry", || open_error(Verdict::Retry, None)),
        ("error, Retry-After", || open_error(Verdict::RateLimited, Some(Duration::from_secs(4)))),
        ("error, stop", || open_error(Verdict::Rejected, None)),
        ("open failed", || In::OpenFailed(Detail::new(""))),
        ("open timed out", || In::OpenTimedOut),
        ("dialed", || In::Dialed),
        ("dial failed", || In::DialFailed(ConnectionError::DialFailed(Detail::new("")))),
        ("dial timed out", || In::DialTimedOut),
        ("hello", || In::Hello(Hello::default(), "")),
        ("hello timed out", || In::HelloTimedOut),
        ("warning", || In::Disconnect(DisconnectReason::Warning)),
        ("refresh_requested", || In::Disconnect(DisconnectReason::RefreshRequested)),
        ("another reason", || In::Disconnect(DisconnectReason::Other("".into()))),
        ("too_many_websockets", || In::Disconnect(DisconnectReason::TooManyWebsockets)),
        ("link_disabled", || In::Disconnect(DisconnectReason::LinkDisabled)),
        ("envelope", || In::Envelope(envelope(), &TEXT)),
        ("unreadable", || In::Unreadable(BadMessageError::NotJson, b"")),
        ("ping or pong", || In::SignOfLife),
        ("close frame", || In::CloseFrame(Some(1001))),
        ("end of stream", || In::Ended(Closed::Eof)),
        ("dead", || In::Dead(EndReason::Silent)),
        ("quiet too long", || In::QuietTooLong),
        ("drained", || In::Drained),
        ("drain timed out", || In::DrainTimedOut),
        ("room needed", || In::MakeRoom),
        ("close timed out", || In::CloseTimedOut),
        ("linger timed out", || In::LingerTimedOut),
        ("surplus", || In::Surplus),
        ("written", || In::Written(WriteId(0))),
        ("not written", || In::NotWritten(WriteId(0))),
    ])
}

fn open_error(verdict: Verdict, retry_after: Option<Duration>) -> Decoded<'static> {
    Decoded::OpenError(OpenResponseError {
        error: ConnectionError::OpenStatus { status: 500, detail: Detail::new("") },
        verdict,
        retry_after,
    })
}

fn envelope() -> Header<'static> {
    Header {
        kind: EnvelopeKind::EventsApi,
        envelope_id: Cow::Borrowed("e"),
        accepts_response_payload: Some(false),
        retry_attempt: 0,
        retry_reason: Cow::Borrowed(""),
        payload: Payload::none(),
    }
}

/// A transition in a few words. What does not fit is a dot.
fn brief(transition: &Transition<'_>) -> String {
    match transition {
        Transition::Stray => ".".into(),
        Transition::Fail { error, retry, end } => format!("Fail {}, {retry:?}, {end:?}", name(error)),
        Transition::Lose { reason, retry, end } => format!("Lose {}, {retry:?}, {end:?}", name(reason)),
        Transition::Finish { reason, end } => format!("Finish {}, {end:?}", name(reason)),
        Transition::End(end) => format!("End {end:?}"),
        Transition::Report(error, _) => format!("Report {error:?}"),
        Transition::Stop(reason) => format!("Stop {reason:?}"),
        other => name(other),
    }
}

/// The name of an enum's variant.
fn name(value: &impl core::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split(['(', ' ']).next().unwrap_or_default().into()
}
