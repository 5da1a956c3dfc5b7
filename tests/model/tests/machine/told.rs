//! What is told of attempts and of links that end.

use socketmode_model::output::Output;
use socketmode_model::step::{Happening, slack};
use socketmode_protocol::{Config, ConnectionError, ConnectionPhase, EndReason, Notice};

use crate::hand::Hand;
use crate::s;

fn told(outputs: &[Output]) -> Vec<&Notice> {
    outputs
        .iter()
        .filter_map(|output| if let Output::Notice(notice) = output { Some(notice) } else { None })
        .collect()
}

#[test]
fn what_is_closed_while_it_opens_or_dials_has_failed() {
    for happening in [Happening::Eof, Happening::ReadError] {
        let mut hand = Hand::new(&Config::default());
        let opening = hand.in_phase(ConnectionPhase::Opening)[0];
        let outputs = hand.happens(opening, happening.clone());
        let failed = told(&outputs);
        assert!(
            matches!(failed[..], [Notice::ConnectionError { error: ConnectionError::OpenFailed(_), .. }]),
            "{failed:?}"
        );
        hand.wait(s(1));
        let dialing = hand.in_phase(ConnectionPhase::Opening)[0];
        hand.happens(dialing, slack::opened(1));
        let outputs = hand.happens(dialing, happening);
        let failed = told(&outputs);
        assert!(
            matches!(failed[..], [Notice::ConnectionError { error: ConnectionError::DialFailed(_), .. }]),
            "{failed:?}"
        );
        hand.wait(s(5));
        assert_eq!(hand.in_phase(ConnectionPhase::Opening).len(), 1, "it is tried again");
        assert_eq!(hand.subject.machine().stats().stray_inputs, 0);
    }
}

#[test]
fn a_young_link_that_is_asked_away_is_no_failed_attempt() {
    let mut hand = Hand::up(&Config { stable_after: s(3_600), ..Config::default() });
    for _ in 0..3 {
        let link = hand.active()[0];
        let outputs = hand.happens(link, slack::disconnect("warning"));
        let attempt = told(&outputs).into_iter().find_map(|event| match event {
            Notice::Connecting { attempt, .. } => Some(*attempt),
            _ => None,
        });
        assert_eq!(attempt, Some(1));
        hand.connect();
        hand.happens(link, Happening::Eof);
    }
    let link = hand.active()[0];
    let outputs = hand.happens(link, slack::disconnect("warning"));
    assert!(
        !told(&outputs).iter().any(|event| matches!(event, Notice::Connecting { .. })),
        "too many at once"
    );
}

#[test]
fn a_replaced_link_that_slack_closes_first_is_rotated() {
    let (mut hand, old, _) = Hand::replaced(&Config::default());
    let outputs = hand.happens(old, Happening::CloseFrame(Some(1000)));
    let rotated = Notice::Disconnected { connection: old, reason: EndReason::Rotated };
    assert_eq!(told(&outputs), [&rotated]);
}

#[test]
fn a_link_that_slack_closes_before_its_heir_is_up_is_closed() {
    let mut hand = Hand::up(&Config::default());
    let old = hand.active()[0];
    hand.happens(old, slack::disconnect("warning"));
    let outputs = hand.happens(old, Happening::CloseFrame(Some(1000)));
    let reason = EndReason::Closed { code: Some(1000) };
    assert_eq!(told(&outputs), [&Notice::Disconnected { connection: old, reason }]);
}
