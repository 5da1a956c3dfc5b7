//! What every input does in every phase, as a table to read and to compare with.
//!
//! After a change that is meant, run with `UPDATE_EXPECT=1` and read the difference.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a broken expectation ends the test")]

use std::fmt::Write;
use std::time::Duration;

use expect_test::expect_file;
use socketmode_model::ids::Alphabet;
use socketmode_model::output::{Output, drain, fetch};
use socketmode_model::step::{Call, OwnedInput, Step, slack};
use socketmode_protocol::{Config, ConnectionId, ConnectionPhase, Instant, SocketMode};

const HELLO: &str = r#"{"type":"hello"}"#;
const ENVELOPE: &str = r#"{"type":"events_api","envelope_id":"e","payload":{}}"#;
const TOO_MANY: &str = r#"{"type":"disconnect","reason":"too_many_websockets"}"#;
const WARNING: &str = r#"{"type":"disconnect","reason":"warning"}"#;

#[test]
fn every_input_in_every_phase_is_decided() {
    let mut table = String::new();
    for (name, subject) in subjects() {
        writeln!(table, "## {name}").unwrap();
        for (input, action) in rows() {
            let mut machine = subject.machine.clone();
            action.apply(&mut machine, subject.connection, subject.now);
            writeln!(table, "{input:<34} {}", outcome(&subject, machine)).unwrap();
        }
        table.push('\n');
    }
    expect_file!["snapshots/phase_table.txt"].assert_eq(&table);
}

/// What is done to a machine with a connection under test.
#[derive(Clone)]
enum Do {
    /// The connection gets an input.
    Input(OwnedInput),
    /// The machine is called.
    Call(Call),
    /// Time passes up to the next deadline.
    Wait,
}

use Do::{Input, Wait};

impl Do {
    fn apply(&self, machine: &mut SocketMode, connection: ConnectionId, now: Instant) {
        let (at, call) = match self {
            Self::Input(input) => (now, Call::Input(connection, input.clone())),
            Self::Call(call) => (now, call.clone()),
            Self::Wait => (machine.poll_timeout().map_or(now, |deadline| deadline.at), Call::Timeout),
        };
        Step { at, call }.apply(machine).unwrap();
    }
}

fn rows() -> Vec<(&'static str, Do)> {
    let first_write = Alphabet::shared().writes[0];
    vec![
        ("opened", opened(200, URL)),
        ("opened, another host", opened(200, r#"{"ok":true,"url":"wss://example.com/"}"#)),
        ("opened, plain ws", opened(200, r#"{"ok":true,"url":"ws://wss-primary.slack.com/"}"#)),
        ("opened, no JSON", opened(200, "<html>")),
        ("opened, internal_error", Input(slack::refused("internal_error"))),
        ("opened, invalid_auth", Input(slack::refused("invalid_auth"))),
        ("opened, missing_scope", Input(slack::refused("missing_scope"))),
        ("opened, 429 after 4 s", Input(slack::rate_limited("4"))),
        ("opened, 429", opened(429, "")),
        ("opened, 503", opened(503, "")),
        ("opened, 302", opened(302, "")),
        ("opened, 404", opened(404, "")),
        ("open failed", Input(OwnedInput::OpenFailed)),
        ("dialed", Input(OwnedInput::Dialed)),
        ("dial failed", Input(OwnedInput::DialFailed(None))),
        ("dial refused, 408", Input(OwnedInput::DialFailed(Some(408)))),
        ("hello", text(HELLO)),
        ("disconnect, warning", text(WARNING)),
        ("disconnect, refresh_requested", text(r#"{"type":"disconnect","reason":"refresh_requested"}"#)),
        ("disconnect, link_disabled", text(r#"{"type":"disconnect","reason":"link_disabled"}"#)),
        ("disconnect, too_many_websockets", text(TOO_MANY)),
        ("disconnect, another reason", text(r#"{"type":"disconnect","reason":"novel"}"#)),
        ("disconnect, no reason", text(r#"{"type":"disconnect"}"#)),
        ("envelope", text(ENVELOPE)),
        ("envelope of a new kind", text(r#"{"type":"novel","envelope_id":"n"}"#)),
        ("text of a new kind", text(r#"{"type":"novel"}"#)),
        ("text, no JSON", text("UNAUTHENTICATED: cache_error")),
        ("binary", Input(OwnedInput::Binary(vec![0]))),
        ("ping", Input(OwnedInput::Ping)),
        ("pong", Input(OwnedInput::Pong)),
        ("close 1000", Input(OwnedInput::CloseFrame(Some(1000)))),
        ("close, no code", Input(OwnedInput::CloseFrame(None))),
        ("closed, end of stream", Input(OwnedInput::Eof)),
        ("closed, reading failed", Input(OwnedInput::ReadError)),
        ("closed, writing failed", Input(OwnedInput::WriteError)),
        ("written, what was asked for", Input(OwnedInput::Written(first_write))),
        ("not written, what was asked for", Input(OwnedInput::NotWritten(first_write))),
        ("its next deadline", Wait),
        ("woken early", Do::Call(Call::Timeout)),
        ("queue full", Do::Call(Call::Backlog { full: true })),
        ("shutdown", Do::Call(Call::Shutdown(Duration::from_secs(5)))),
    ]
}

const URL: &str = r#"{"ok":true,"url":"wss://wss-primary.slack.com/?ticket=t"}"#;

fn opened(status: u16, body: &str) -> Do {
    Input(slack::answered(status, body))
}

fn text(text: &str) -> Do {
    Input(OwnedInput::Text(text.into()))
}

fn up() -> [Do; 3] {
    [opened(200, URL), Input(OwnedInput::Dialed), text(HELLO)]
}

/// A machine with one connection in the phase under test.
#[derive(Clone)]
struct Subject {
    machine: SocketMode,
    connection: ConnectionId,
    now: Instant,
}

fn subjects() -> Vec<(&'static str, Subject)> {
    let acknowledge = || Do::Call(Call::Acknowledge(Alphabet::shared().tokens[0], None));
    let closed = || Input(OwnedInput::CloseFrame(Some(1001)));
    let opening = Subject::new();
    let waiting = opening.after([Input(OwnedInput::OpenFailed)]).newest();
    let dialing = opening.after([opened(200, URL)]);
    let greeting = dialing.after([Input(OwnedInput::Dialed)]);
    let active =
        greeting.after([text(HELLO)]).later(Duration::from_secs(40)).after([Input(OwnedInput::Ping)]);
    let unacked = active.after([text(ENVELOPE)]);
    let unpulled = unacked.unpulled_after(&acknowledge());
    let written = unacked.after([acknowledge()]);
    let draining = active.after([text(WARNING)]);
    let replaced = Subject { connection: active.connection, ..draining.newest().after(up()) };
    let stopping = unacked.after([Do::Call(Call::Shutdown(Duration::from_secs(2)))]);
    let closing = active.after([closed()]);
    let held = unpulled.unpulled_after(&text(TOO_MANY));
    let risked = written.after([closed()]);
    let gone = active.after([Input(OwnedInput::Eof)]);
    let stopped = opening.after([Do::Call(Call::Shutdown(Duration::ZERO))]);
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

impl Subject {
    fn new() -> Self {
        let mut machine = SocketMode::new(Config::default(), 1, Instant::ZERO).unwrap();
        let connection = machine.connections().next().unwrap().connection;
        drain(&mut machine);
        Self { machine, connection, now: Instant::ZERO }
    }

    /// After these actions. All outputs are fetched, and all that is to be sent is pulled.
    fn after(&self, actions: impl IntoIterator<Item = Do>) -> Self {
        let mut subject = self.clone();
        for action in actions {
            action.apply(&mut subject.machine, self.connection, self.now);
            drain(&mut subject.machine);
        }
        subject
    }

    /// After this action. All outputs are fetched, and nothing is pulled.
    fn unpulled_after(&self, action: &Do) -> Self {
        let mut subject = self.clone();
        action.apply(&mut subject.machine, self.connection, self.now);
        fetch(&mut subject.machine).for_each(drop);
        subject
    }

    fn later(self, by: Duration) -> Self {
        Self { now: self.now + by, ..self }
    }

    /// With the newest connection as the one under test.
    fn newest(&self) -> Self {
        Self { connection: self.machine.connections().last().unwrap().connection, ..self.clone() }
    }
}

fn outcome(before: &Subject, mut after: SocketMode) -> String {
    let phase_of =
        |machine: &SocketMode, id| machine.connections().find(|c| c.connection == id).map(|c| c.phase);
    let strays = after.stats().stray_inputs - before.machine.stats().stray_inputs;
    let (old, new) = (phase_of(&before.machine, before.connection), phase_of(&after, before.connection));
    let outputs = drain(&mut after);
    if strays == 1 {
        assert_eq!(outputs, drain(&mut before.machine.clone()), "a stray input puts nothing out");
        assert_eq!(old, new);
        assert_eq!(before.machine.poll_timeout(), after.poll_timeout());
        return "stray".into();
    }
    let name = |phase: Option<ConnectionPhase>| phase.map_or("gone".into(), |phase| format!("{phase:?}"));
    let phase = if old == new { "stays".into() } else { format!("→ {}", name(new)) };
    [vec![phase], outputs.iter().map(brief).collect()].concat().join(" | ")
}

/// An output in a few words; connections by number.
fn brief(output: &Output) -> String {
    match output {
        Output::Action { connection, action } => format!("{connection:?} {action:?}"),
        Output::Transmit { connection, write, .. } => format!("{connection:?} transmits {write:?}"),
        Output::Envelope(envelope) => format!("Envelope {:?}", envelope.token()),
        Output::Acknowledged { token, outcome, .. } => format!("{token:?} {outcome:?}"),
        Output::Notice(notice) => format!("{notice:?}"),
        Output::Stopped(reason) => format!("Stopped({reason:?})"),
    }
}
