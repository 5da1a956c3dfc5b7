//! How long nothing arrived before a connection that is up.

use std::time::Duration;

use socketmode_model::output::Output;
use socketmode_model::step::{OwnedInput, slack};
use socketmode_protocol::{Config, ConnectionPhase, EndReason, Instant, Notice};

use crate::harness::Stepper;
use crate::s;

/// The next attempt succeeds: the gap that is told.
fn gap(stepper: &mut Stepper) -> Option<Duration> {
    let opening = stepper.in_phase(ConnectionPhase::Opening)[0];
    // A ticket is used once.
    stepper.happens(opening, slack::opened(1_000 + stepper.now.as_millis()));
    stepper.happens(opening, OwnedInput::Dialed);
    let outputs = stepper.happens(opening, slack::hello(1, None));
    let told = |output: &Output| match output {
        Output::Notice(Notice::Connected { gap, .. }) => Some(*gap),
        _ => None,
    };
    outputs.iter().find_map(told).unwrap()
}

/// Time passes until an attempt is in progress.
fn wait_for_an_attempt(stepper: &mut Stepper) {
    while stepper.in_phase(ConnectionPhase::Opening).is_empty() {
        stepper.wait(s(1));
    }
}

#[test]
fn the_first_connection_has_no_gap() {
    let mut stepper = Stepper::new(&Config::default());
    let opening = stepper.in_phase(ConnectionPhase::Opening)[0];
    stepper.happens(opening, slack::refused("internal_error"));
    wait_for_an_attempt(&mut stepper);
    assert_eq!(gap(&mut stepper), None, "nothing could be missed before");
}

#[test]
fn a_planned_rotation_leaves_no_gap() {
    let mut stepper = Stepper::up(&Config::default());
    stepper.happens(stepper.active()[0], slack::disconnect("warning"));
    stepper.wait(s(3));
    assert_eq!(gap(&mut stepper), Some(Duration::ZERO));
}

#[test]
fn a_gap_begins_with_the_last_frame_and_not_with_its_end() {
    let mut stepper = Stepper::up(&Config::default());
    let link = stepper.active()[0];
    stepper.happens(link, OwnedInput::Ping);
    let last = stepper.now;
    // Half open: nothing comes any more, and it is found after the silence.
    let mut ended = Vec::new();
    while stepper.active().contains(&link) {
        ended = stepper.wait(s(1));
    }
    let is_silent = |output: &Output| {
        matches!(output, Output::Notice(Notice::Disconnected { reason: EndReason::Silent, .. }))
    };
    assert!(ended.iter().any(is_silent), "{ended:?}");
    wait_for_an_attempt(&mut stepper);
    stepper.wait(s(4));
    let gap = gap(&mut stepper);
    assert_eq!(gap, Some(stepper.now.saturating_since(last)));
    assert!(gap >= Some(s(34)), "{gap:?}");
}

#[test]
fn failed_attempts_lengthen_a_gap() {
    let mut stepper = Stepper::up(&Config::default());
    let link = stepper.active()[0];
    stepper.happens(link, OwnedInput::CloseFrame(Some(1001)));
    let last = stepper.now;
    stepper.happens(link, OwnedInput::Eof);
    for _ in 0..5 {
        wait_for_an_attempt(&mut stepper);
        let opening = stepper.in_phase(ConnectionPhase::Opening)[0];
        stepper.happens(opening, OwnedInput::OpenFailed);
    }
    wait_for_an_attempt(&mut stepper);
    assert_eq!(gap(&mut stepper), Some(stepper.now.saturating_since(last)));
}

#[test]
fn there_is_no_gap_while_another_slot_is_up() {
    let mut stepper = Stepper::up(&Config { connections: 2, ..Config::default() });
    let [first, second] = stepper.active()[..] else { panic!("two") };
    stepper.happens(first, OwnedInput::Eof);
    wait_for_an_attempt(&mut stepper);
    assert_eq!(gap(&mut stepper), Some(Duration::ZERO));
    // The frames of the other one count when both are gone.
    let third = stepper.active().into_iter().find(|link| *link != second).unwrap();
    stepper.happens(second, OwnedInput::Ping);
    let last: Instant = stepper.now;
    stepper.wait(s(5));
    stepper.happens(second, OwnedInput::Eof);
    stepper.happens(third, OwnedInput::Eof);
    wait_for_an_attempt(&mut stepper);
    let gap = gap(&mut stepper);
    assert_eq!(gap, Some(stepper.now.saturating_since(last)));
    assert!(gap >= Some(s(5)), "{gap:?}");
}
