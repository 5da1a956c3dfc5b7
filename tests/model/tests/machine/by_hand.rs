//! What a transport that takes every write at once never shows: each step by hand.

use std::time::Duration;

use socketmode_model::output::{Output, drain};
use socketmode_model::step::{Call, Happening, slack};
use socketmode_protocol::{
    AckOutcome, AckRefusal, Action, Config, ConnectionId, ConnectionPhase, Instant, SocketMode, WriteId,
};

use crate::hand::{Hand, is_closed, outcome, writes};
use crate::{ms, s};

#[test]
fn a_replaced_link_waits_until_what_it_has_to_write_is_written() {
    let (mut hand, old, _) = Hand::replaced(&Config::default());
    let token = hand.event(old);
    let (on, write) = hand.acknowledge(token);
    assert_eq!(on, old);
    let outputs = hand.wait(s(2));
    assert!(!is_closed(&outputs, old), "{outputs:?}");
    let outputs = hand.happens(old, Happening::Written(write));
    let sent = AckOutcome::Sent { connection: old, elsewhere: false, late: false };
    assert_eq!(outcome(&outputs), Some(sent));
    assert!(is_closed(&outputs, old), "{outputs:?}");
}

#[test]
fn an_ack_made_before_a_shutdown_without_grace_goes_out() {
    for grace in [Duration::ZERO, s(1)] {
        let mut hand = Hand::up(&Config::default());
        let link = hand.active()[0];
        let token = hand.event(link);
        let (_, write) = hand.acknowledge(token);
        let (result, _) = hand.call(Call::Shutdown(grace));
        assert_eq!(result, Ok(()));
        assert!(is_closed(&hand.wait(grace), link), "behind the acknowledgement, after {grace:?}");
        let outputs = hand.happens(link, Happening::Written(write));
        let sent = AckOutcome::Sent { connection: link, elsewhere: false, late: false };
        assert_eq!(outcome(&outputs), Some(sent));
        let outputs = hand.happens(link, Happening::Eof);
        assert!(matches!(outputs[..], [Output::Stopped(_)]), "{outputs:?}");
    }
}

/// One of two links is closed by the peer, with an acknowledgement on its way.
fn closed_by_the_peer() -> (Hand, ConnectionId, ConnectionId, WriteId) {
    let mut hand = Hand::up(&Config { connections: 2, ..Config::default() });
    let [closed, other] = hand.active()[..] else { panic!("{:?}", hand.active()) };
    let token = hand.event(closed);
    let (_, write) = hand.acknowledge(token);
    let outputs = hand.happens(closed, Happening::CloseFrame(Some(1000)));
    assert_eq!(writes(&outputs), [], "its fate is not known");
    (hand, closed, other, write)
}

#[test]
fn what_is_written_while_the_link_closes_is_sent() {
    let (mut hand, closed, _, write) = closed_by_the_peer();
    let outputs = hand.happens(closed, Happening::Written(write));
    assert_eq!(
        outcome(&outputs),
        Some(AckOutcome::Sent { connection: closed, elsewhere: false, late: false })
    );
    assert_eq!(writes(&hand.happens(closed, Happening::Eof)), []);
}

#[test]
fn what_is_not_written_while_the_link_closes_moves_once_known() {
    type End = fn(&mut Hand, ConnectionId, WriteId) -> Vec<Output>;
    let ends: [(&str, End); 4] = [
        ("told so", |hand, closed, write| hand.happens(closed, Happening::NotWritten(write))),
        ("the stream ends", |hand, closed, _| hand.happens(closed, Happening::Eof)),
        ("writing fails", |hand, closed, _| hand.happens(closed, Happening::WriteError)),
        ("the close time-out is over", |hand, _, _| {
            assert_eq!(writes(&hand.wait(ms(999))), []);
            hand.wait(ms(1))
        }),
    ];
    for (name, end) in ends {
        let (mut hand, closed, other, write) = closed_by_the_peer();
        let outputs = end(&mut hand, closed, write);
        assert_eq!(writes(&outputs).iter().map(|(on, _)| *on).collect::<Vec<_>>(), [other], "{name}");
        let token = hand.event(other);
        assert!(hand.acknowledge(token).1 > write, "a number is not used twice");
    }
}

#[test]
fn only_what_is_not_written_from_a_write_on_moves() {
    let mut hand = Hand::up(&Config { connections: 2, ..Config::default() });
    let [closed, other] = hand.active()[..] else { panic!("{:?}", hand.active()) };
    let tokens = [0; 3].map(|_| hand.event(closed));
    let asked = tokens.map(|token| hand.acknowledge(token).1);
    hand.happens(closed, Happening::CloseFrame(None));
    let outputs = hand.happens(closed, Happening::NotWritten(asked[1]));
    assert_eq!(writes(&outputs).iter().map(|(on, _)| *on).collect::<Vec<_>>(), [other; 2]);
    let outputs = hand.happens(closed, Happening::Written(asked[0]));
    assert!(matches!(outcome(&outputs), Some(AckOutcome::Sent { elsewhere: false, .. })));
}

#[test]
fn a_link_that_takes_no_more_writes_is_closed() {
    let mut hand = Hand::up(&Config::default());
    let link = hand.active()[0];
    let token = hand.event(link);
    let (_, write) = hand.acknowledge(token);
    let outputs = hand.happens(link, Happening::NotWritten(write));
    assert!(is_closed(&outputs, link), "{outputs:?}");
    assert_eq!(writes(&outputs), [], "it waits for a link");
    let heir = hand.in_phase(ConnectionPhase::Opening)[0];
    for happening in [slack::opened(99), Happening::Dialed] {
        hand.happens(heir, happening);
    }
    assert_eq!(writes(&hand.happens(heir, slack::hello(1, None))).len(), 1);
}

#[test]
fn a_link_with_writes_at_risk_keeps_its_seat_beside_another() {
    let (mut hand, old, heir) = Hand::replaced(&Config { stable_after: s(10), ..Config::default() });
    hand.wait(s(1));
    assert_eq!(hand.in_phase(ConnectionPhase::Closing), [old]);
    let token = hand.event(heir);
    hand.acknowledge(token);
    assert!(is_closed(&hand.happens(heir, Happening::CloseFrame(None)), heir));
    assert_eq!(hand.in_phase(ConnectionPhase::Closing), [old, heir]);
    assert_eq!(hand.in_phase(ConnectionPhase::Opening), []);
    hand.happens(old, Happening::Eof);
    assert_eq!(hand.in_phase(ConnectionPhase::Opening).len(), 1, "there is room for the next one");
}

#[test]
fn an_ack_that_was_not_fetched_moves_at_once() {
    let mut machine =
        SocketMode::new(Config { connections: 2, ..Config::default() }, 1, Instant::ZERO).unwrap();
    let now = Instant::from_millis(1_000);
    machine.handle_timeout(now);
    let links: Vec<_> = machine.connections().map(|status| status.connection).collect();
    for (n, link) in (0..).zip(&links) {
        for happening in [slack::opened(n), Happening::Dialed, slack::hello(2, None)] {
            machine.handle_input(now, *link, happening.as_input());
        }
    }
    machine.handle_input(now, links[0], Happening::Text(slack::event("e", "Ev", 0)).as_input());
    let token = machine.unacknowledged("e").unwrap();
    while machine.poll_output().is_some() {}
    machine.acknowledge(now, token, None).unwrap();
    machine.handle_input(now, links[0], Happening::CloseFrame(None).as_input());
    let outputs = drain(&mut machine);
    assert_eq!(writes(&outputs).iter().map(|(on, _)| *on).collect::<Vec<_>>(), [links[1]]);
}

#[test]
fn a_replaced_link_closes_after_a_second_without_an_envelope() {
    let (mut hand, old, _) = Hand::replaced(&Config::default());
    hand.wait(ms(900));
    let token = hand.event(old);
    let (_, write) = hand.acknowledge(token);
    hand.happens(old, Happening::Written(write));
    assert_eq!(hand.in_phase(ConnectionPhase::Draining), [old]);
    assert!(!is_closed(&hand.wait(ms(999)), old));
    assert!(is_closed(&hand.wait(ms(1)), old));
}

#[test]
fn a_write_that_was_not_asked_for_is_stray_and_settles_nothing() {
    let mut hand = Hand::up(&Config::default());
    let link = hand.active()[0];
    let (first, second) = (hand.event(link), hand.event(link));
    let (_, write) = hand.acknowledge(first);
    hand.happens(link, Happening::Written(write));
    // The other link's numbers begin anew, so that this one is of a machine that wrote more.
    let (_, next) = {
        let mut other = Hand::up(&Config::default());
        let link = other.active()[0];
        let tokens = (other.event(link), other.event(link));
        other.acknowledge(tokens.0);
        other.acknowledge(tokens.1)
    };
    let before = hand.subject.machine().stats();
    assert_eq!(hand.happens(link, Happening::Written(next)), []);
    assert_eq!(hand.subject.machine().stats().stray_inputs, before.stray_inputs + 1);
    assert_eq!(hand.acknowledge(second), (link, next));
}

#[test]
fn a_link_lost_while_its_elder_closes_is_replaced_at_once() {
    let (mut hand, old, heir) = Hand::replaced(&Config { stable_after: s(10), ..Config::default() });
    assert!(is_closed(&hand.wait(s(1)), old));
    assert_eq!(hand.in_phase(ConnectionPhase::Closing), [old]);
    let outputs = hand.happens(heir, Happening::CloseFrame(Some(1001)));
    let aborted = Output::Action { connection: heir, action: Action::Abort };
    assert!(outputs.contains(&aborted), "{outputs:?}");
    assert_eq!(hand.in_phase(ConnectionPhase::Opening).len(), 1, "{outputs:?}");
}

#[test]
fn what_a_lost_link_did_not_write_moves_for_three_seconds() {
    for (after, in_time) in [(ms(2_999), true), (s(3), false)] {
        let (mut hand, old, heir) = Hand::replaced(&Config::default());
        let token = hand.event(old);
        hand.acknowledge(token);
        hand.wait(after);
        let outputs = hand.happens(old, Happening::Eof);
        assert_eq!(
            writes(&outputs).iter().map(|(on, _)| *on).collect::<Vec<_>>(),
            vec![heir; in_time.into()]
        );
        assert_eq!(outcome(&outputs), (!in_time).then_some(AckOutcome::Lost), "{after:?}");
    }
}

#[test]
fn what_is_overdue_can_be_acknowledged_while_its_link_is_there() {
    let mut hand = Hand::up(&Config { connections: 2, ..Config::default() });
    let [lost, left] = hand.active()[..] else { panic!("{:?}", hand.active()) };
    let tokens = [lost, left].map(|link| hand.event(link));
    hand.wait(s(4));
    hand.happens(lost, Happening::Eof);
    assert_eq!(hand.call(Call::Acknowledge(tokens[0], None)).0, Err(AckRefusal::Settled));
    assert_eq!(hand.acknowledge(tokens[1]).0, left);
    assert_eq!((hand.subject.machine().stats().expired, hand.subject.machine().stats().overdue), (1, 2));
}

#[test]
fn an_ack_that_waits_for_a_link_is_lost_when_none_will_open() {
    let mut hand = Hand::up(&Config::default());
    let link = hand.active()[0];
    let token = hand.event(link);
    hand.happens(link, Happening::CloseFrame(Some(1000)));
    assert_eq!(hand.in_phase(ConnectionPhase::Closing), [link]);
    let (result, outputs) = hand.call(Call::Acknowledge(token, None));
    assert_eq!((result, outputs), (Ok(()), vec![]));
    let (_, outputs) = hand.call(Call::Shutdown(s(2)));
    assert_eq!(outcome(&outputs), Some(AckOutcome::Lost), "{outputs:?}");
}

#[test]
fn on_a_closing_link_only_what_is_about_the_app_still_counts() {
    let (mut hand, old, _) = Hand::replaced(&Config::default());
    hand.wait(s(1));
    assert_eq!(hand.in_phase(ConnectionPhase::Closing), [old]);
    for reason in ["warning", "too_many_websockets", "novel"] {
        assert_eq!(hand.happens(old, slack::disconnect(reason)), [], "{reason}");
    }
    hand.happens(old, slack::disconnect("link_disabled"));
    assert!(hand.subject.machine().is_stopping());
}

#[test]
fn a_token_of_another_client_is_unknown_and_a_settled_one_not() {
    let (mut one, mut other) = (Hand::up(&Config::default()), Hand::up(&Config::default()));
    let (link, same) = (one.active()[0], other.active()[0]);
    let settled = one.event(link);
    let _ = one.call(Call::Decline(settled));
    assert_eq!(one.call(Call::Acknowledge(settled, None)).0, Err(AckRefusal::Settled));
    other.event(same);
    let foreign = other.event(same);
    assert_eq!(one.call(Call::Acknowledge(foreign, None)).0, Err(AckRefusal::Unknown));
}

/// Two slots whose links live for ten minutes, and are both due to be replaced.
fn two_that_are_due() -> (Hand, ConnectionId) {
    let config = Config { connections: 2, rotate_before: Some(s(60)), ..Config::default() };
    let mut hand = Hand::new(&config);
    let (_, second) = (hand.connect_for(Some(600)), hand.connect_for(Some(600)));
    hand.live(s(541));
    (hand, second)
}

#[test]
fn a_planned_rotation_waits_for_another_slots_and_no_longer() {
    let (mut hand, second) = two_that_are_due();
    assert_eq!(hand.active(), [second], "one at a time");
    let heir = hand.in_phase(ConnectionPhase::Opening)[0];
    hand.happens(heir, Happening::OpenFailed);
    assert_eq!((hand.in_phase(ConnectionPhase::Opening), hand.active()), (vec![], vec![second]));
    hand.wait(s(1));
    let heir = hand.connect();
    assert_eq!(hand.active(), [heir], "it is the other's turn");
}

#[test]
fn a_slot_that_is_down_does_not_block_a_planned_rotation() {
    let config = Config { connections: 2, rotate_before: Some(s(60)), ..Config::default() };
    let mut hand = Hand::new(&config);
    let (first, second) = (hand.connect(), hand.connect_for(Some(600)));
    hand.live(s(530));
    hand.happens(first, Happening::Eof);
    let heir = hand.in_phase(ConnectionPhase::Opening)[0];
    hand.happens(heir, slack::rate_limited("60"));
    hand.live(s(11));
    assert_eq!(hand.in_phase(ConnectionPhase::Draining), [second]);
}

fn nine() -> Hand {
    Hand::up(&Config { connections: 9, open_burst: 20, ..Config::default() })
}

#[test]
fn of_ten_links_one_with_an_heir_goes_at_once_for_one_without() {
    let mut hand = nine();
    let [first, second, ..] = hand.active()[..] else { panic!("{:?}", hand.active()) };
    hand.happens(first, slack::disconnect("warning"));
    hand.connect();
    assert_eq!(hand.in_phase(ConnectionPhase::Draining), [first]);
    let outputs = hand.happens(second, slack::disconnect("warning"));
    assert!(is_closed(&outputs, first) && !is_closed(&outputs, second), "{outputs:?}");
}

#[test]
fn of_ten_links_none_goes_before_its_heir_if_another_leaves() {
    let mut hand = nine();
    let [first, second, ..] = hand.active()[..] else { panic!("{:?}", hand.active()) };
    hand.happens(first, slack::disconnect("warning"));
    hand.happens(second, slack::disconnect("warning"));
    hand.wait(s(4));
    assert_eq!(hand.in_phase(ConnectionPhase::Draining), [first, second]);
}

#[test]
fn a_replaced_link_with_envelopes_is_left_30_s_after_its_heir() {
    let mut hand = Hand::new(&Config { rotate_before: Some(s(60)), ..Config::default() });
    let old = hand.connect_for(Some(600));
    hand.live(s(541));
    hand.connect();
    let mut waited = Duration::ZERO;
    while !is_closed(&hand.wait(ms(900)), old) {
        waited += ms(900);
        assert!(waited < s(40), "it is still there");
        let token = hand.event(old);
        let (on, write) = hand.acknowledge(token);
        hand.happens(on, Happening::Written(write));
    }
    assert!(waited > s(29), "{waited:?}");
}
