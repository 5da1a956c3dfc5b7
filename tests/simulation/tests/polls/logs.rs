//! What is said to `tracing`, by a subscriber that keeps each value as it was given.

use std::cell::RefCell;
use std::fmt::{Debug, Write};
use std::sync::Once;
use std::task::Poll;
use std::time::Duration;

use socketmode_driver::{Event, Frame, Response, TransportError, TransportErrorKind};
use socketmode_model::step::{OwnedInput, slack};
use socketmode_protocol::AckPolicy;
use socketmode_protocol::verdict::Verdict;
use socketmode_simulation::transport::Received;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

use crate::harness::Up;

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Keeps each line in its thread. One for the whole process: `tracing` remembers where nobody listened.
struct Lines;

struct Line(String);

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {field}={value}").unwrap();
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("socketmode")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        LINES.with_borrow_mut(|lines| lines.push(line.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Begins to write this thread's lines down.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Lines).unwrap());
    LINES.take();
}

fn lines_with(text: &str) -> Vec<String> {
    LINES.with_borrow(|lines| lines.iter().filter(|line| line.contains(text)).cloned().collect())
}

/// A line feed, a terminal's escape, C1, a line separator, a right-to-left override, a byte order mark.
const FORGED: &str = "x\r\n\x1b[2K\u{9b}\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}INFO connected";

fn in_json(text: &str) -> String {
    text.chars().map(|char| format!("\\u{:04x}", u32::from(char))).collect()
}

/// That what was forged is there, on one line, with nothing that a terminal obeys.
fn harmless(what: &str) {
    let lines = lines_with("INFO connected");
    assert!(lines.iter().any(|line| line.contains(what)), "nobody says {what}: {lines:#?}");
    for line in lines {
        let obeyed = |char: char| {
            char.is_control() || FORGED.chars().any(|forged| forged == char && !forged.is_ascii())
        };
        assert!(!line.contains(obeyed), "{line:?}");
        assert!(line.contains(r"\n\u{1b}[2K\u{9b}\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}INFO"), "{line}");
    }
}

fn failure() -> TransportError {
    TransportError::new(TransportErrorKind::Io, FORGED)
}

#[test]
fn an_envelope_id_forges_no_line() {
    listen();
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    up.say(up.links[0], OwnedInput::Text(slack::event(&in_json(FORGED), "Ev1", 0)));
    up.say(up.links[0], OwnedInput::Text(slack::event(&in_json(FORGED), "Ev2", 0)));
    up.poll();
    let request = up.request();
    drop(request.ack());
    up.memory.advance(up.memory.time() + Duration::from_secs(3));
    up.poll();
    harmless("not acknowledged within 3 s");
    harmless("outcome=");
    harmless("envelope=");
}

#[test]
fn what_is_no_envelope_forges_no_line() {
    listen();
    let mut up = Up::new(1, AckPolicy::Manual);
    up.say(up.links[0], slack::disconnect(&in_json(FORGED)));
    up.poll();
    harmless("announces the end");
    let retried = slack::event("e1", "Ev1", 1).replace("\"timeout\"", &format!("\"{}\"", in_json(FORGED)));
    up.say(up.links[0], OwnedInput::Text(retried));
    up.poll();
    harmless("retry_reason");
}

#[test]
fn a_hello_forges_no_line() {
    listen();
    let mut up = Up::built(|builder| builder);
    up.poll();
    up.open();
    let OwnedInput::Text(hello) = slack::hello(1, None) else { panic!("a text") };
    for dial in up.memory.dials() {
        up.memory.connect(dial, Ok(()));
        let hello = OwnedInput::Text(hello.replace("applink-1", &in_json(FORGED)));
        up.say(dial, hello);
    }
    up.poll();
    harmless("hello");
}

#[test]
fn what_a_transport_says_forges_no_line() {
    listen();
    let mut up = Up::new(2, AckPolicy::Manual);
    up.memory.deliver(up.links[0], Received::Error(failure()));
    up.poll();
    harmless("reading failed");

    let mut up = Up::built(|builder| builder);
    up.poll();
    for call in up.memory.calls() {
        up.memory.answer(call, Err(failure()));
    }
    up.poll();
    harmless("could not be called");

    let mut up = Up::built(|builder| builder);
    up.poll();
    up.open();
    for dial in up.memory.dials() {
        up.memory.connect(dial, Err(failure()));
    }
    up.poll();
    harmless("could not be opened");
}

#[test]
fn a_code_forges_no_line() {
    listen();
    let refuse = |up: &mut Up| {
        up.poll();
        for call in up.memory.calls() {
            let body = format!(r#"{{"ok":false,"error":"{}"}}"#, in_json(FORGED));
            up.memory.answer(call, Ok(http::Response::new(body.into())));
        }
    };
    let mut up = Up::built(|builder| builder);
    refuse(&mut up);
    up.poll();
    harmless("the attempt failed");

    let verdict = (FORGED.to_owned(), Verdict::Rejected);
    let mut up = Up::built(|builder| builder.config(|config| config.verdicts.push(verdict)));
    refuse(&mut up);
    up.end();
    harmless("stopped");
}

#[test]
fn each_step_of_a_connections_life_is_logged_in_order() {
    listen();
    let mut up = Up::new(1, AckPolicy::Manual);
    up.event(up.links[0], "e1");
    up.poll();
    while up.next_event().is_ready() {}
    up.poll();
    up.say(up.links[0], slack::disconnect("warning"));
    up.poll();
    drop(up.client.shutdown(Duration::ZERO));
    up.poll();
    up.end();
    let all = lines_with("message=");
    let mut lines = all.iter();
    for step in [
        "INFO message=connecting",
        "DEBUG message=calling apps.connections.open",
        "DEBUG message=opening the WebSocket",
        "DEBUG message=hello",
        "INFO message=connected",
        "TRACE message=envelope",
        "WARN message=a request was dropped without an acknowledgement",
        "INFO message=Slack announces the end of the connection",
        "INFO message=disconnected",
        "DEBUG message=closing",
        "INFO message=stopped",
    ] {
        assert!(lines.any(|line| line.starts_with(step)), "{step}: {all:#?}");
    }
    assert!(lines_with(slack::SECRET).is_empty());
}

#[test]
fn a_request_that_was_acknowledged_is_dropped_without_a_warning() {
    listen();
    let after = Duration::from_secs(2);
    for policy in [AckPolicy::OnReceive, AckPolicy::BeforeDeadline(after), AckPolicy::Manual] {
        let mut up = Up::new(1, policy);
        while up.next_event().is_ready() {}
        up.event(up.links[0], "e1");
        up.poll();
        let request = up.request();
        if policy == AckPolicy::Manual {
            drop(up.client.respond(Response::new("e1")));
        }
        up.memory.advance(up.memory.time() + after);
        up.poll();
        assert_eq!(up.client.stats().acknowledged, 1);
        drop(request);
        up.poll();
        assert_eq!(lines_with("dropped without"), Vec::<String>::new(), "{policy:?}");
    }
}

/// Lines of one kind in a second.
const LINES_A_SECOND: usize = 10;

#[test]
fn bad_messages_are_told_ten_times_a_second_and_counted() {
    listen();
    let mut up = Up::new(1, AckPolicy::Manual);
    let flood = |up: &Up, count| {
        for _ in 0..count {
            up.memory.deliver(up.links[0], Received::Frame(Frame::Text("no JSON".into())));
        }
    };
    flood(&up, LINES_A_SECOND);
    let (told, rest) = ("cannot be understood", "suppressed");
    let poll = |up: &mut Up| {
        up.poll();
        (lines_with(told).len(), lines_with(rest))
    };
    assert_eq!(poll(&mut up), (LINES_A_SECOND, vec![]));
    flood(&up, 1);
    assert_eq!(poll(&mut up), (LINES_A_SECOND, vec![]), "one more");
    flood(&up, 6);
    up.memory.advance(up.memory.time() + Duration::from_millis(999));
    assert_eq!(poll(&mut up).0, LINES_A_SECOND);
    up.memory.advance(up.memory.time() + Duration::from_millis(1));
    flood(&up, 1);
    let (lines, counts) = poll(&mut up);
    assert_eq!((lines, counts.len()), (LINES_A_SECOND + 1, 1), "{counts:?}");
    assert!(counts[0].contains("suppressed=7") && counts[0].contains("bad messages"), "{counts:?}");
}

#[test]
fn announced_ends_are_told_ten_times_a_second_and_summed_up() {
    listen();
    let mut up = Up::new(1, AckPolicy::Manual);
    for _ in 0..LINES_A_SECOND + 3 {
        up.say(up.links[0], slack::disconnect("warning"));
    }
    up.poll();
    assert_eq!(lines_with("announces the end").len(), LINES_A_SECOND);
    assert!(lines_with("suppressed").is_empty());
    up.driver = None;
    let counts = lines_with("suppressed");
    assert!(matches!(&counts[..], [count] if count.contains("suppressed=3")), "{counts:?}");
}

#[test]
fn what_envelopes_cause_is_told_ten_times_a_second() {
    listen();
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    for number in 0..4 * LINES_A_SECOND {
        let id = format!("e{number}");
        up.event(up.links[0], &id);
    }
    up.poll();
    let mut requests = Vec::new();
    while let Poll::Ready(Some(Event::EventsApi(request))) = up.next_event() {
        requests.push(request);
    }
    requests.drain(..LINES_A_SECOND + 1).for_each(drop);
    for request in requests.drain(..LINES_A_SECOND + 1) {
        drop(request.ack_with_json("{}"));
    }
    up.poll();
    // Those that are still held.
    up.memory.advance(up.memory.time() + Duration::from_secs(3));
    up.poll();
    let told = |what| lines_with(what).len();
    assert_eq!(told("dropped without an acknowledgement"), LINES_A_SECOND);
    assert_eq!(told("an acknowledgement was refused"), LINES_A_SECOND);
    assert_eq!(told("not acknowledged within 3 s"), LINES_A_SECOND);
    up.driver = None;
    // A request whose acknowledgement was refused, and that nobody takes back, is dropped as well.
    for (what, suppressed) in [
        ("acknowledgements refused", 1),
        ("requests dropped", LINES_A_SECOND + 2),
        ("envelopes not acknowledged in time", requests.len() - LINES_A_SECOND),
    ] {
        let lines = lines_with(what);
        assert!(
            lines.iter().any(|line| line.contains(&format!("suppressed={suppressed} "))),
            "{what}: {lines:?}"
        );
    }
}
