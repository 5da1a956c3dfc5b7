//! What one link leaves unwritten does not end another.

use socketmode_model::output::{Output, drain};
use socketmode_protocol::{
    Closed, Config, ConnectionId, IncomingFrame, Input, Instant, Notice, OpenResponse, SocketMode, limits,
};

use crate::bounds::answer_in_bytes;

/// What the links of a machine are asked for and told.
#[derive(Default)]
struct Told {
    bytes: usize,
    ended: Vec<ConnectionId>,
}

#[test]
fn what_moves_to_a_link_fills_half_of_it_and_no_more() {
    let half = limits::MAX_UNWRITTEN_BYTES / 2;
    assert_eq!(moved(half), half);
    let more = moved(half + 1);
    assert!((half - limits::MAX_RESPONSE_BYTES..half).contains(&more), "{more}");
}

#[test]
fn what_moves_to_a_link_that_answers_does_not_end_it() {
    let (mut machine, [one, other]) = two_up();
    answer_in_bytes(&mut machine, one, limits::MAX_UNWRITTEN_BYTES - 1);
    fetch(&mut machine, other);
    machine.handle_input(Instant::ZERO, one, Input::Closed(Closed::Eof));
    answer_in_bytes(&mut machine, other, limits::MAX_RESPONSE_BYTES);
    assert_eq!(fetch(&mut machine, other).ended, [one]);
}

/// How many of so many bytes that nobody wrote on one link go out on the other at once.
fn moved(bytes: usize) -> usize {
    let (mut machine, [one, other]) = two_up();
    answer_in_bytes(&mut machine, one, bytes);
    fetch(&mut machine, other);
    machine.handle_input(Instant::ZERO, one, Input::Closed(Closed::Eof));
    fetch(&mut machine, other).bytes
}

fn fetch(machine: &mut SocketMode, link: ConnectionId) -> Told {
    let mut told = Told::default();
    for output in drain(machine) {
        match output {
            Output::Transmit { connection, text, .. } if connection == link => {
                told.bytes += text.len();
            }
            Output::Notice(Notice::Disconnected { connection, .. }) => told.ended.push(connection),
            _ => {}
        }
    }
    told
}

fn two_up() -> (SocketMode, [ConnectionId; 2]) {
    let config = Config { connections: 2, ..Config::default() };
    let mut machine = SocketMode::new(config, 1, Instant::ZERO).unwrap();
    let now = Instant::ZERO + limits::START_STAGGER;
    machine.handle_timeout(now);
    let links: Vec<_> = machine.connections().map(|status| status.connection).collect();
    let body = br#"{"ok":true,"url":"wss://wss-primary.slack.com/?ticket=t"}"#;
    for &link in &links {
        let opened = Input::Opened(OpenResponse { status: 200, retry_after: None, body });
        for input in [opened, Input::Dialed, Input::Frame(IncomingFrame::Text(r#"{"type":"hello"}"#.into()))]
        {
            machine.handle_input(now, link, input);
        }
    }
    fetch(&mut machine, links[0]);
    (machine, [links[0], links[1]])
}

/// What the documentation of the bound promises.
#[test]
fn a_full_queue_may_be_answered_with_the_largest_responses() {
    const QUEUE: usize = 1_024;
    const { assert!(QUEUE * limits::MAX_RESPONSE_BYTES <= limits::MAX_UNWRITTEN_BYTES / 3) };
}
