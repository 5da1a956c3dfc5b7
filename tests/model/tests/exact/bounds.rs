//! Each bound: n are taken, n + 1 are not.

use std::time::Duration;

use socketmode_model::output::{Output, drain};
use socketmode_model::step::{Call, OwnedInput, slack};
use socketmode_protocol::{
    Action, Config, ConnectionError, ConnectionId, IncomingFrame, Input, Instant, Notice, OpenResponse,
    SocketMode, limits,
};

use crate::harness::{Bench, ms};
use crate::unfetched;

/// One bound: what is seen with so many, and with one more.
pub(crate) struct Row {
    /// The field of `Config`, or the constant of `limits`.
    pub(crate) name: &'static str,
    pub(crate) bound: usize,
    pub(crate) seen: fn(usize) -> String,
    pub(crate) within: &'static str,
    pub(crate) beyond: &'static str,
}

#[test]
fn each_bound_is_exact() {
    let mut wrong = Vec::new();
    for Row { name, bound, seen, within, beyond } in rows() {
        for (count, expected) in [(bound, within), (bound + 1, beyond)] {
            let seen = seen(count);
            if seen != expected {
                wrong.push(format!("{name}, {count}: {seen:?} instead of {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

pub(crate) fn rows() -> Vec<Row> {
    of_the_machine().into_iter().chain(unfetched::rows()).collect()
}

fn of_the_machine() -> Vec<Row> {
    vec![
        Row {
            name: "MAX_CONNECTIONS",
            bound: limits::MAX_CONNECTIONS,
            seen: |connections| Config { connections, ..Config::default() }.validate().is_ok().to_string(),
            within: "true",
            beyond: "false",
        },
        Row { name: "open_burst", bound: 3, seen: opens_at_once, within: "3", beyond: "3" },
        Row {
            name: "EAGER_ROTATIONS",
            bound: limits::EAGER_ROTATIONS as usize,
            seen: |times| {
                let mut bench = Bench::active(|_| {});
                for _ in 1..times {
                    rotate(&mut bench);
                }
                bench.told();
                rotate(&mut bench)
            },
            within: "at once",
            beyond: "later",
        },
        Row {
            name: "MAX_RESPONSE_BYTES",
            bound: limits::MAX_RESPONSE_BYTES,
            seen: |bytes| {
                let mut bench = Bench::active(|_| {});
                let token = bench.say(slack::command("e"));
                let frame = r#"{"envelope_id":"e","payload":}"#.len();
                let payload = format!("\"{}\"", "x".repeat(bytes - frame - 2));
                bench.call(Call::Acknowledge(token, Some(payload))).to_string()
            },
            within: "true",
            beyond: "false",
        },
        Row {
            name: "MAX_ENVELOPE_ID_BYTES",
            bound: limits::MAX_ENVELOPE_ID_BYTES,
            seen: |bytes| {
                let mut bench = Bench::active(|_| {});
                bench.input(OwnedInput::Text(slack::command(&"e".repeat(bytes))));
                let told = bench.told();
                told.rsplit(", ").next().map(|last| last.contains("Envelope").to_string()).unwrap_or_default()
            },
            within: "true",
            beyond: "false",
        },
        Row {
            name: "MAX_EVENT_ID_BYTES",
            bound: limits::MAX_EVENT_ID_BYTES,
            seen: |bytes| {
                // Remembered by its event id, or by its envelope's.
                let mut bench = Bench::active(|config| config.deduplicate = Some(Duration::from_secs(600)));
                for envelope in ["e1", "e2"] {
                    bench.input(OwnedInput::Text(slack::event(envelope, &"E".repeat(bytes), 0)));
                    let token = bench.last_token();
                    bench.acknowledge(token);
                    bench.written();
                }
                bench.stats().copies_acknowledged.to_string()
            },
            within: "1",
            beyond: "0",
        },
        Row {
            name: "MAX_DETAIL_BYTES",
            bound: limits::MAX_DETAIL_BYTES,
            seen: |bytes| {
                let mut machine = SocketMode::new(Config::default(), 1, Instant::ZERO).unwrap();
                let id = machine.connections().next().unwrap().connection;
                let detail = "x".repeat(bytes);
                machine.handle_input(Instant::ZERO, id, Input::OpenFailed { detail: &detail });
                drain(&mut machine)
                    .into_iter()
                    .find_map(|output| match output {
                        Output::Notice(Notice::ConnectionError {
                            error: ConnectionError::OpenFailed(detail),
                            ..
                        }) => Some(detail.to_string().matches('x').count().to_string()),
                        _ => None,
                    })
                    .unwrap()
            },
            within: "512",
            beyond: "512",
        },
        Row {
            name: "MAX_DETAIL_BYTES",
            bound: limits::MAX_DETAIL_BYTES,
            seen: |bytes| {
                let (mut machine, id) = up(Config::default());
                let reason = "x".repeat(bytes);
                let text = format!(r#"{{"type":"events_api","envelope_id":"e","retry_reason":"{reason}"}}"#);
                machine.handle_input(
                    Instant::ZERO,
                    id,
                    Input::Frame(IncomingFrame::Text(text.as_str().into())),
                );
                drain(&mut machine)
                    .into_iter()
                    .find_map(|output| match output {
                        Output::Envelope(envelope) => Some(envelope.retry_reason().len().to_string()),
                        _ => None,
                    })
                    .unwrap()
            },
            within: "512",
            beyond: "512",
        },
        Row {
            name: "MAX_URL_BYTES",
            bound: limits::MAX_URL_BYTES,
            seen: |bytes| {
                let mut bench = Bench::opening(|_| {});
                let url = "wss://wss-primary.slack.com/?ticket=";
                let url = format!("{url}{}", "t".repeat(bytes - url.len()));
                bench.input(slack::answered(200, &format!(r#"{{"ok":true,"url":"{url}"}}"#)));
                bench.told().contains("Dial").to_string()
            },
            within: "true",
            beyond: "false",
        },
        Row {
            name: "MAX_OUTSTANDING",
            bound: limits::MAX_OUTSTANDING,
            seen: |count| {
                let (mut machine, id) = up(Config::default());
                for n in 0..count {
                    say(&mut machine, id, n);
                }
                machine.stats().shed.to_string()
            },
            within: "0",
            beyond: "1",
        },
        Row {
            name: "MAX_OUTSTANDING_BYTES",
            bound: limits::MAX_OUTSTANDING_BYTES,
            seen: |bytes| {
                let (mut machine, id) = up(Config::default());
                let mut left = bytes;
                while left > 0 {
                    let size = left.min(limits::MAX_MESSAGE_BYTES);
                    // The last one is as small as an envelope can be.
                    let size = if (1..100).contains(&(left - size)) { size - 100 } else { size };
                    say_bytes(&mut machine, id, size);
                    while machine.poll_output().is_some() {}
                    left -= size;
                }
                machine.stats().shed.to_string()
            },
            within: "0",
            beyond: "1",
        },
        Row {
            name: "MAX_UNPOLLED_NOTICES",
            bound: limits::MAX_UNPOLLED_NOTICES,
            seen: |count| {
                let (mut machine, id) = up(Config::default());
                let mut notice = |n: usize| {
                    let warning = r#"{"type":"disconnect","reason":"warning"}"#;
                    let text = if n % 2 == 0 { "no JSON" } else { warning };
                    machine.handle_input(Instant::ZERO, id, Input::Frame(IncomingFrame::Text(text.into())));
                };
                (0..count).for_each(&mut notice);
                let told = notices(&mut machine);
                // They are told again once those are fetched.
                let text = Input::Frame(IncomingFrame::Text("no JSON".into()));
                machine.handle_input(Instant::ZERO, id, text);
                format!("{told}, then {}, {} bad", notices(&mut machine), machine.stats().bad_messages)
            },
            within: "1024, then 1, 513 bad",
            beyond: "1024, then 1, 514 bad",
        },
        Row {
            name: "MAX_REMEMBERED",
            bound: limits::MAX_REMEMBERED,
            seen: |events| {
                let config = Config { deduplicate: Some(Duration::from_secs(600)), ..Config::default() };
                let (mut machine, id) = up(config);
                for n in 0..events {
                    say(&mut machine, id, n);
                    settle(&mut machine, id);
                }
                say(&mut machine, id, 0);
                machine.stats().copies_acknowledged.to_string()
            },
            within: "1",
            beyond: "0",
        },
        Row {
            name: "MAX_COPIES",
            bound: limits::MAX_COPIES,
            seen: |copies| {
                let config = Config { deduplicate: Some(Duration::from_secs(600)), ..Config::default() };
                let (mut machine, id) = up(config);
                (0..=copies).for_each(|_| say(&mut machine, id, 0));
                machine.stats().copies_shed.to_string()
            },
            within: "0",
            beyond: "1",
        },
        Row {
            name: "MAX_COPY_BYTES",
            bound: limits::MAX_COPY_BYTES,
            seen: |bytes| {
                let config = Config { deduplicate: Some(Duration::from_secs(600)), ..Config::default() };
                let (mut machine, id) = up(config);
                say(&mut machine, id, 0);
                let mut copy = slack::event("e1", "Ev0", 1);
                copy.push_str(&" ".repeat(bytes - copy.len()));
                machine.handle_input(
                    Instant::ZERO,
                    id,
                    Input::Frame(IncomingFrame::Text(copy.as_str().into())),
                );
                machine.stats().copies_shed.to_string()
            },
            within: "0",
            beyond: "1",
        },
        Row {
            // One less than the bound may wait: at it, the link is given up.
            name: "MAX_UNWRITTEN",
            bound: limits::MAX_UNWRITTEN - 1,
            seen: |copies| {
                // Copies of what is done with are acknowledged as they come.
                let config = Config { deduplicate: Some(Duration::from_secs(600)), ..Config::default() };
                let (mut machine, id) = up(config);
                say(&mut machine, id, 0);
                settle(&mut machine, id);
                (0..copies).for_each(|_| say(&mut machine, id, 0));
                why_disconnected(&mut machine)
            },
            within: "None",
            beyond: "Some(TooManyUnwritten)",
        },
        Row {
            name: "MAX_UNWRITTEN_BYTES",
            bound: limits::MAX_UNWRITTEN_BYTES - 1,
            seen: |bytes| {
                let (mut machine, id) = up(Config::default());
                answer_in_bytes(&mut machine, id, bytes);
                why_disconnected(&mut machine)
            },
            within: "None",
            beyond: "Some(TooManyUnwritten)",
        },
    ]
}

/// Why a link has ended, if one has.
fn why_disconnected(machine: &mut SocketMode) -> String {
    let told = drain(machine).into_iter().find_map(|output| match output {
        Output::Notice(Notice::Disconnected { reason, .. }) => Some(reason),
        _ => None,
    });
    format!("{told:?}")
}

/// How many opens go out before the first interval is over, of so many that are wanted.
fn opens_at_once(wanted: usize) -> String {
    let mut bench = Bench::opening(|config| {
        config.open_burst = 3;
        config.open_interval = Duration::from_secs(1_000);
    });
    for _ in 1..wanted {
        bench.input(OwnedInput::OpenFailed);
        bench.advance(ms(100));
        bench.fire();
    }
    bench.stats().opens.to_string()
}

/// Slack asks for a handover of a link that is not stable yet.
fn rotate(bench: &mut Bench) -> String {
    let newest = *bench.ids(&[socketmode_protocol::ConnectionPhase::Active]).last().unwrap();
    bench.told();
    bench.input_to(newest, slack::disconnect("warning"));
    let at_once = bench.told().contains("Open");
    if at_once {
        bench.connect();
        bench.input_to(newest, OwnedInput::Eof);
    }
    if at_once { "at once".into() } else { "later".into() }
}

/// A machine with a link, without the watch: it would look at 16,384 envelopes after each of them.
pub(crate) fn up(config: Config) -> (SocketMode, ConnectionId) {
    let mut machine = SocketMode::new(config, 1, Instant::ZERO).unwrap();
    let id = machine.connections().next().unwrap().connection;
    let body = br#"{"ok":true,"url":"wss://wss-primary.slack.com/?ticket=t"}"#;
    let opened = Input::Opened(OpenResponse { status: 200, retry_after: None, body });
    for input in [opened, Input::Dialed, Input::Frame(IncomingFrame::Text(r#"{"type":"hello"}"#.into()))] {
        machine.handle_input(Instant::ZERO, id, input);
    }
    for output in drain(&mut machine) {
        assert!(!matches!(output, Output::Action { action: Action::Abort, .. }));
    }
    (machine, id)
}

fn say(machine: &mut SocketMode, id: ConnectionId, n: usize) {
    let text = slack::event(&format!("e{n}"), &format!("Ev{n}"), 0);
    machine.handle_input(Instant::ZERO, id, Input::Frame(IncomingFrame::Text(text.as_str().into())));
}

/// An envelope of so many bytes.
pub(crate) fn say_bytes(machine: &mut SocketMode, id: ConnectionId, bytes: usize) {
    let frame = r#"{"type":"slash_commands","envelope_id":"e","payload":""}"#;
    let text = frame.replace("\"\"}", &format!("\"{}\"}}", "x".repeat(bytes - frame.len())));
    assert_eq!(text.len(), bytes);
    machine.handle_input(Instant::ZERO, id, Input::Frame(IncomingFrame::Text(text.as_str().into())));
}

/// Commands come and are answered, in frames of so many bytes all in all. None of them is written.
pub(crate) fn answer_in_bytes(machine: &mut SocketMode, id: ConnectionId, bytes: usize) {
    let command =
        r#"{"type":"slash_commands","envelope_id":"e","accepts_response_payload":true,"payload":""}"#;
    let frame = r#"{"envelope_id":"e","payload":""}"#.len();
    let mut left = bytes;
    while left > 0 {
        // The last two share what is left: a frame around no payload has bytes too.
        let next =
            if left <= limits::MAX_RESPONSE_BYTES { left } else { limits::MAX_RESPONSE_BYTES.min(left / 2) };
        machine.handle_input(Instant::ZERO, id, Input::Frame(IncomingFrame::Text(command.into())));
        let token = machine.unacknowledged("e").unwrap();
        machine
            .acknowledge(Instant::ZERO, token, Some(&format!("\"{}\"", "x".repeat(next - frame))))
            .unwrap();
        left -= next;
    }
}

/// How many bad messages and announced ends are told.
fn notices(machine: &mut SocketMode) -> usize {
    let is_notice = |output: &Output| {
        matches!(output, Output::Notice(Notice::BadMessage { .. } | Notice::Disconnect { .. }))
    };
    drain(machine).into_iter().filter(is_notice).count()
}

/// The application acknowledges everything, and the network takes it.
fn settle(machine: &mut SocketMode, id: ConnectionId) {
    for output in drain(machine) {
        if let Output::Envelope(envelope) = output {
            machine.acknowledge(Instant::ZERO, envelope.token(), None).unwrap();
        }
    }
    for output in drain(machine) {
        if let Output::Transmit { write, .. } = output {
            machine.handle_input(Instant::ZERO, id, Input::Written(write));
        }
    }
}
