//! What is shed for want of room, and when that is told.

use socketmode_model::output::{Output, drain};
use socketmode_protocol::{AckToken, Config, ConnectionId, Input, Instant, Notice, SocketMode, limits};

use crate::bounds::{say_bytes, up};

const LARGE: usize = limits::MAX_MESSAGE_BYTES;

#[test]
fn what_is_shed_is_told_when_there_is_room_for_it() {
    let (mut machine, link) = up(Config::default());
    let mut tokens = Vec::new();
    for _ in 0..limits::MAX_OUTSTANDING_BYTES / LARGE - 1 {
        tokens.extend(comes(&mut machine, link, LARGE).0);
    }
    // Two that share the last place, and then none of another's size.
    tokens.extend(comes(&mut machine, link, LARGE - 1_000).0);
    assert_eq!(comes(&mut machine, link, LARGE), (None, 0));
    let (small, told) = comes(&mut machine, link, 500);
    assert_eq!((small.is_some(), told), (true, 0));
    assert_eq!(acknowledge(&mut machine, link, small.unwrap()), 0, "there is no room yet");
    assert_eq!(acknowledge(&mut machine, link, tokens[0]), 1);
}

/// An envelope of so many bytes comes. Whether it is delivered, and how many are told to be shed.
fn comes(machine: &mut SocketMode, link: ConnectionId, bytes: usize) -> (Option<AckToken>, u64) {
    say_bytes(machine, link, bytes);
    let outputs = drain(machine);
    let token = outputs.iter().find_map(|output| match output {
        Output::Envelope(envelope) => Some(envelope.token()),
        _ => None,
    });
    (token, shed(&outputs))
}

/// It is acknowledged, and the network takes that. How many are told to be shed.
fn acknowledge(machine: &mut SocketMode, link: ConnectionId, token: AckToken) -> u64 {
    machine.acknowledge(Instant::ZERO, token, None).unwrap();
    let write = machine.poll_transmit(link, &mut String::new()).unwrap();
    machine.handle_input(Instant::ZERO, link, Input::Written(write));
    shed(&drain(machine))
}

fn shed(outputs: &[Output]) -> u64 {
    let shed = |output: &Output| match output {
        Output::Notice(Notice::Shed { envelopes }) => *envelopes,
        _ => 0,
    };
    outputs.iter().map(shed).sum()
}
