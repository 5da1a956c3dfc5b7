//! What every input does in every phase, as a table to read and to compare with.
//!
//! After a change that is meant, run with `UPDATE_EXPECT=1` and read the difference.

#![allow(clippy::unwrap_used, reason = "a broken expectation ends the test")]

use std::fmt::Write;
use std::time::Duration;

use expect_test::expect_file;
use socketmode_protocol::{
    AckToken, Closed, Config, ConnectionId, ConnectionPhase, IncomingFrame, Input, Instant, OpenResponse,
    Output, SocketMode, WriteId,
};

const START: Instant = Instant::ZERO;
const URL: &[u8] = br#"{"ok":true,"url":"wss://wss-primary.slack.com/?ticket=t"}"#;
const HELLO: &str = r#"{"type":"hello"}"#;
const ENVELOPE: &str = r#"{"type":"events_api","envelope_id":"e","payload":{}}"#;
const TOO_MANY: &str = r#"{"type":"disconnect","reason":"too_many_websockets"}"#;
const WARNING: &str = r#"{"type":"disconnect","reason":"warning"}"#;

#[test]
fn every_input_in_every_phase_is_decided() {
    let mut table = String::new();
    for (name, subject) in subjects() {
        writeln!(table, "## {name}").unwrap();
        for (input, apply) in inputs() {
            let mut machine = subject.machine.clone();
            apply(&mut machine, subject.connection, subject.now);
            writeln!(table, "{input:<34} {}", outcome(&subject, machine)).unwrap();
        }
        table.push('\n');
    }
    expect_file!["snapshots/phase_table.txt"].assert_eq(&table);
}

/// A machine with one connection in the phase under test, and nothing left to put out.
#[derive(Clone)]
struct Subject {
    machine: SocketMode,
    connection: ConnectionId,
    now: Instant,
    /// The last envelope's.
    token: Option<AckToken>,
}

fn subjects() -> Vec<(&'static str, Subject)> {
    let opening = Subject::new();
    let mut waiting = opening.clone();
    waiting.input(Input::OpenFailed { detail: "no route" });
    waiting.connection = waiting.machine.connections().last().unwrap().connection;
    let mut dialing = opening.clone();
    dialing.input(opened(URL));
    let mut greeting = dialing.clone();
    greeting.input(Input::Dialed);
    let mut active = greeting.clone();
    active.input(text(HELLO));
    active.wait(Duration::from_secs(40), IncomingFrame::Ping);
    let mut unacked = active.clone();
    unacked.input(text(ENVELOPE));
    let mut written = unacked.clone();
    written.machine.acknowledge(written.now, written.token.unwrap(), None).unwrap();
    let mut unpulled = written.clone();
    unpulled.fetch();
    written.drain();
    let mut draining = active.clone();
    draining.input(text(WARNING));
    let mut replaced = draining.clone();
    replaced.bring_heir_up();
    let mut closing = active.clone();
    closing.input(Input::Frame(IncomingFrame::Close { code: Some(1001) }));
    let mut risked = written.clone();
    risked.input(Input::Frame(IncomingFrame::Close { code: Some(1001) }));
    let mut held = unpulled.clone();
    held.machine.handle_input(held.now, held.connection, text(TOO_MANY));
    held.fetch();
    let mut gone = active.clone();
    gone.input(Input::Closed(Closed::Eof));
    let mut stopping = unacked.clone();
    stopping.machine.shutdown(stopping.now, Duration::from_secs(2));
    stopping.drain();
    let mut stopped = opening.clone();
    stopped.machine.shutdown(stopped.now, Duration::ZERO);
    stopped.drain();
    vec![
        ("Waiting", waiting),
        ("Opening", opening),
        ("Dialing", dialing),
        ("Greeting", greeting),
        ("Active", active),
        ("Active, an envelope unacknowledged", unacked),
        ("Active, an acknowledgement not pulled", unpulled),
        ("Active, an acknowledgement unwritten", written),
        ("Draining, its heir on the way", draining),
        ("Draining, its heir up", replaced),
        ("Draining, stopping, an envelope unacknowledged", stopping),
        ("Closing", closing),
        ("Closing, an acknowledgement not pulled", held),
        ("Closing, an acknowledgement unwritten", risked),
        ("gone", gone),
        ("stopped", stopped),
    ]
}

type Apply = Box<dyn Fn(&mut SocketMode, ConnectionId, Instant)>;

fn inputs() -> Vec<(&'static str, Apply)> {
    fn input(input: Input<'static>) -> Apply {
        Box::new(move |machine, connection, now| machine.handle_input(now, connection, input.clone()))
    }
    fn answer(status: u16, retry_after: Option<&'static str>, body: &'static [u8]) -> Apply {
        input(Input::Opened(OpenResponse { status, retry_after, body }))
    }
    let machine_only = |apply: fn(&mut SocketMode, Instant)| -> Apply {
        Box::new(move |machine, _, now| apply(machine, now))
    };
    vec![
        ("opened", input(opened(URL))),
        ("opened, another host", input(opened(br#"{"ok":true,"url":"wss://example.com/"}"#))),
        ("opened, plain ws", input(opened(br#"{"ok":true,"url":"ws://wss-primary.slack.com/"}"#))),
        ("opened, no JSON", input(opened(b"<html>"))),
        ("opened, internal_error", input(opened(br#"{"ok":false,"error":"internal_error"}"#))),
        ("opened, invalid_auth", input(opened(br#"{"ok":false,"error":"invalid_auth"}"#))),
        ("opened, missing_scope", input(opened(br#"{"ok":false,"error":"missing_scope"}"#))),
        ("opened, 429 after 4 s", answer(429, Some("4"), b"")),
        ("opened, 429", answer(429, None, b"")),
        ("opened, 503", answer(503, None, b"")),
        ("opened, 302", answer(302, None, b"")),
        ("opened, 404", answer(404, None, b"")),
        ("open failed", input(Input::OpenFailed { detail: "no route" })),
        ("dialed", input(Input::Dialed)),
        ("dial failed", input(Input::DialFailed { status: None, detail: "reset" })),
        ("dial refused, 408", input(Input::DialFailed { status: Some(408), detail: "" })),
        ("hello", input(text(HELLO))),
        ("disconnect, warning", input(text(WARNING))),
        (
            "disconnect, refresh_requested",
            input(text(r#"{"type":"disconnect","reason":"refresh_requested"}"#)),
        ),
        ("disconnect, link_disabled", input(text(r#"{"type":"disconnect","reason":"link_disabled"}"#))),
        ("disconnect, too_many_websockets", input(text(TOO_MANY))),
        ("disconnect, another reason", input(text(r#"{"type":"disconnect","reason":"novel"}"#))),
        ("disconnect, no reason", input(text(r#"{"type":"disconnect"}"#))),
        ("envelope", input(text(ENVELOPE))),
        ("envelope of a new kind", input(text(r#"{"type":"novel","envelope_id":"n"}"#))),
        ("text of a new kind", input(text(r#"{"type":"novel"}"#))),
        ("text, no JSON", input(text("UNAUTHENTICATED: cache_error"))),
        ("binary", input(Input::Frame(IncomingFrame::Binary(b"\x00")))),
        ("ping", input(Input::Frame(IncomingFrame::Ping))),
        ("pong", input(Input::Frame(IncomingFrame::Pong))),
        ("close 1000", input(Input::Frame(IncomingFrame::Close { code: Some(1000) }))),
        ("close, no code", input(Input::Frame(IncomingFrame::Close { code: None }))),
        ("closed, end of stream", input(Input::Closed(Closed::Eof))),
        ("closed, reading failed", input(Input::Closed(Closed::ReadError("reset")))),
        ("closed, writing failed", input(Input::Closed(Closed::WriteError("broken pipe")))),
        (
            "written, what was asked for",
            Box::new(|machine, connection, now| {
                let write = first_write();
                machine.handle_input(now, connection, Input::Written(write));
            }),
        ),
        (
            "not written, what was asked for",
            Box::new(|machine, connection, now| {
                machine.handle_input(now, connection, Input::NotWritten(first_write()));
            }),
        ),
        (
            "its next deadline",
            Box::new(|machine, _, now| {
                let deadline = machine.poll_timeout().map_or(now, |deadline| deadline.at);
                machine.handle_timeout(deadline);
            }),
        ),
        ("woken early", machine_only(SocketMode::handle_timeout)),
        ("queue full", machine_only(|machine, now| machine.handle_backlog(now, true))),
        ("shutdown", machine_only(|machine, now| machine.shutdown(now, Duration::from_secs(5)))),
    ]
}

/// The number of the first write on any connection.
fn first_write() -> WriteId {
    let mut subject = Subject::new();
    for input in [opened(URL), Input::Dialed, text(HELLO), text(ENVELOPE)] {
        subject.input(input);
    }
    subject.machine.acknowledge(subject.now, subject.token.unwrap(), None).unwrap();
    subject.machine.poll_transmit(subject.connection, &mut String::new()).unwrap()
}

fn outcome(before: &Subject, mut after: SocketMode) -> String {
    let phase_of =
        |machine: &SocketMode, id| machine.connections().find(|c| c.connection == id).map(|c| c.phase);
    let strays = after.stats().stray_inputs - before.machine.stats().stray_inputs;
    let (old, new) = (phase_of(&before.machine, before.connection), phase_of(&after, before.connection));
    let outputs = everything(&mut after);
    if strays == 1 {
        assert_eq!(outputs, everything(&mut before.machine.clone()), "a stray input puts nothing out");
        assert_eq!(old, new);
        assert_eq!(before.machine.poll_timeout(), after.poll_timeout());
        return "stray".into();
    }
    let name = |phase: Option<ConnectionPhase>| phase.map_or("gone".into(), |phase| format!("{phase:?}"));
    let phase = if old == new { "stays".into() } else { format!("→ {}", name(new)) };
    [vec![phase], outputs].concat().join(" | ")
}

/// The outputs and what waits to be sent, in a few words.
fn everything(machine: &mut SocketMode) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        let before = all.len();
        all.extend(std::iter::from_fn(|| machine.poll_output()).map(|output| brief(&output)));
        let connections: Vec<_> = machine.connections().map(|status| status.connection).collect();
        for connection in connections {
            while let Some(write) = machine.poll_transmit(connection, &mut String::new()) {
                all.push(format!("{connection:?} transmits {write:?}"));
            }
        }
        if all.len() == before {
            return all;
        }
    }
}

/// An output in a few words; connections by number.
fn brief(output: &Output) -> String {
    match output {
        Output::Action { connection, action } => format!("{connection:?} {action:?}"),
        Output::Envelope(envelope) => format!("Envelope {:?}", envelope.token()),
        Output::Acknowledged { token, outcome, .. } => format!("{token:?} {outcome:?}"),
        Output::Notice(notice) => format!("{notice:?}"),
        Output::Stopped(reason) => format!("Stopped({reason:?})"),
    }
}

fn opened(body: &'static [u8]) -> Input<'static> {
    Input::Opened(OpenResponse { status: 200, retry_after: None, body })
}

fn text(text: &'static str) -> Input<'static> {
    Input::Frame(IncomingFrame::Text(text.into()))
}

impl Subject {
    fn new() -> Self {
        let machine = SocketMode::new(Config::default(), 1, START).unwrap();
        let connection = machine.connections().next().unwrap().connection;
        let mut subject = Self { machine, connection, now: START, token: None };
        subject.drain();
        subject
    }

    fn input(&mut self, input: Input<'_>) {
        self.machine.handle_input(self.now, self.connection, input);
        self.drain();
    }

    /// Fetches the outputs, and pulls what waits to be sent.
    fn drain(&mut self) {
        self.fetch();
        let links: Vec<_> = self.machine.connections().map(|status| status.connection).collect();
        for link in links {
            while self.machine.poll_transmit(link, &mut String::new()).is_some() {}
        }
        self.fetch();
    }

    fn fetch(&mut self) {
        while let Some(output) = self.machine.poll_output() {
            if let Output::Envelope(envelope) = output {
                self.token = Some(envelope.token());
            }
        }
    }

    /// Lets time pass on a link that shows a sign of life at the end of it.
    fn wait(&mut self, duration: Duration, sign: IncomingFrame<'_>) {
        self.now = self.now + duration;
        self.input(Input::Frame(sign));
    }

    /// Brings the connection that is to take over up.
    fn bring_heir_up(&mut self) {
        let heir = self.machine.connections().last().unwrap().connection;
        for input in [opened(URL), Input::Dialed, text(HELLO)] {
            self.machine.handle_input(self.now, heir, input);
        }
        self.drain();
    }
}
