//! What is told of attempts and of links that end.

use socketmode_model::output::Output;
use socketmode_model::step::{OwnedInput, slack};
use socketmode_protocol::{Config, ConnectionError, ConnectionPhase, EndReason, Notice};

use crate::harness::Stepper;
use crate::s;

fn told(outputs: &[Output]) -> Vec<&Notice> {
    outputs
        .iter()
        .filter_map(|output| if let Output::Notice(notice) = output { Some(notice) } else { None })
        .collect()
}

#[test]
fn what_is_closed_while_it_opens_or_dials_has_failed() {
    for input in [OwnedInput::Eof, OwnedInput::ReadError] {
        let mut stepper = Stepper::new(&Config::default());
        let opening = stepper.in_phase(ConnectionPhase::Opening)[0];
        let outputs = stepper.happens(opening, input.clone());
        let failed = told(&outputs);
        assert!(
            matches!(failed[..], [Notice::ConnectionError { error: ConnectionError::OpenFailed(_), .. }]),
            "{failed:?}"
        );
        stepper.wait(s(1));
        let dialing = stepper.in_phase(ConnectionPhase::Opening)[0];
        stepper.happens(dialing, slack::opened(1));
        let outputs = stepper.happens(dialing, input);
        let failed = told(&outputs);
        assert!(
            matches!(failed[..], [Notice::ConnectionError { error: ConnectionError::DialFailed(_), .. }]),
            "{failed:?}"
        );
        stepper.wait(s(5));
        assert_eq!(stepper.in_phase(ConnectionPhase::Opening).len(), 1, "it is tried again");
        assert_eq!(stepper.subject.machine().stats().stray_inputs, 0);
    }
}

#[test]
fn a_new_link_that_slack_disconnects_is_no_failed_attempt() {
    let mut stepper = Stepper::up(&Config { stable_after: s(3_600), ..Config::default() });
    for _ in 0..3 {
        let link = stepper.active()[0];
        let outputs = stepper.happens(link, slack::disconnect("warning"));
        let attempt = told(&outputs).into_iter().find_map(|event| match event {
            Notice::Connecting { attempt, .. } => Some(*attempt),
            _ => None,
        });
        assert_eq!(attempt, Some(1));
        stepper.connect();
        stepper.happens(link, OwnedInput::Eof);
    }
    let link = stepper.active()[0];
    let outputs = stepper.happens(link, slack::disconnect("warning"));
    assert!(
        !told(&outputs).iter().any(|event| matches!(event, Notice::Connecting { .. })),
        "too many at once"
    );
}

#[test]
fn a_replaced_link_that_slack_closes_first_is_rotated() {
    let (mut stepper, old, _) = Stepper::replaced(&Config::default());
    let outputs = stepper.happens(old, OwnedInput::CloseFrame(Some(1000)));
    let rotated = Notice::Disconnected { connection: old, reason: EndReason::Rotated };
    assert_eq!(told(&outputs), [&rotated]);
}

#[test]
fn a_link_that_slack_closes_before_its_heir_is_up_is_closed() {
    let mut stepper = Stepper::up(&Config::default());
    let old = stepper.active()[0];
    stepper.happens(old, slack::disconnect("warning"));
    let outputs = stepper.happens(old, OwnedInput::CloseFrame(Some(1000)));
    let reason = EndReason::Closed { code: Some(1000) };
    assert_eq!(told(&outputs), [&Notice::Disconnected { connection: old, reason }]);
}
