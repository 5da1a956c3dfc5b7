//! Acknowledgements on their way to the network: written late, in part, or not at all.

use std::time::Duration;

use socketmode_model::output::{Output, drain};
use socketmode_model::step::{Call, OwnedInput, slack};
use socketmode_protocol::{
    AckOutcome, AckRefusal, Config, ConnectionId, ConnectionPhase, Instant, SocketMode, WriteId,
};

use crate::harness::{Stepper, is_closed, outcome, writes};
use crate::{ms, s};

#[test]
fn a_replaced_link_waits_until_what_it_has_to_write_is_written() {
    let (mut stepper, old, _) = Stepper::replaced(&Config::default());
    let token = stepper.event(old);
    let (on, write) = stepper.acknowledge(token);
    assert_eq!(on, old);
    let outputs = stepper.wait(s(2));
    assert!(!is_closed(&outputs, old), "{outputs:?}");
    let outputs = stepper.happens(old, OwnedInput::Written(write));
    let sent = AckOutcome::Sent { connection: old, elsewhere: false, late: false, unasked_payload: false };
    assert_eq!(outcome(&outputs), Some(sent));
    assert!(is_closed(&outputs, old), "{outputs:?}");
}

#[test]
fn an_ack_made_before_a_shutdown_without_grace_goes_out() {
    for grace in [Duration::ZERO, s(1)] {
        let mut stepper = Stepper::up(&Config::default());
        let link = stepper.active()[0];
        let token = stepper.event(link);
        let (_, write) = stepper.acknowledge(token);
        let (result, _) = stepper.call(Call::Shutdown(grace));
        assert_eq!(result, Ok(()));
        assert!(is_closed(&stepper.wait(grace), link), "behind the acknowledgement, after {grace:?}");
        let outputs = stepper.happens(link, OwnedInput::Written(write));
        let sent =
            AckOutcome::Sent { connection: link, elsewhere: false, late: false, unasked_payload: false };
        assert_eq!(outcome(&outputs), Some(sent));
        let outputs = stepper.happens(link, OwnedInput::Eof);
        assert!(matches!(outputs[..], [Output::Stopped(_)]), "{outputs:?}");
    }
}

/// One of two links is closed by the peer, with an acknowledgement on its way.
fn closed_by_the_peer() -> (Stepper, ConnectionId, ConnectionId, WriteId) {
    let mut stepper = Stepper::up(&Config { connections: 2, ..Config::default() });
    let [closed, other] = stepper.active()[..] else { panic!("{:?}", stepper.active()) };
    let token = stepper.event(closed);
    let (_, write) = stepper.acknowledge(token);
    let outputs = stepper.happens(closed, OwnedInput::CloseFrame(Some(1000)));
    assert_eq!(writes(&outputs), [], "its fate is not known");
    (stepper, closed, other, write)
}

#[test]
fn what_is_written_while_the_link_closes_is_sent() {
    let (mut stepper, closed, _, write) = closed_by_the_peer();
    let outputs = stepper.happens(closed, OwnedInput::Written(write));
    assert_eq!(
        outcome(&outputs),
        Some(AckOutcome::Sent { connection: closed, elsewhere: false, late: false, unasked_payload: false })
    );
    assert_eq!(writes(&stepper.happens(closed, OwnedInput::Eof)), []);
}

#[test]
fn what_is_not_written_while_the_link_closes_moves_once_known() {
    type End = fn(&mut Stepper, ConnectionId, WriteId) -> Vec<Output>;
    let ends: [(&str, End); 4] = [
        ("told so", |stepper, closed, write| stepper.happens(closed, OwnedInput::NotWritten(write))),
        ("the stream ends", |stepper, closed, _| stepper.happens(closed, OwnedInput::Eof)),
        ("writing fails", |stepper, closed, _| stepper.happens(closed, OwnedInput::WriteError)),
        ("the close time-out is over", |stepper, _, _| {
            assert_eq!(writes(&stepper.wait(ms(999))), []);
            stepper.wait(ms(1))
        }),
    ];
    for (name, end) in ends {
        let (mut stepper, closed, other, write) = closed_by_the_peer();
        let outputs = end(&mut stepper, closed, write);
        assert_eq!(writes(&outputs).iter().map(|(on, _)| *on).collect::<Vec<_>>(), [other], "{name}");
        let token = stepper.event(other);
        assert!(stepper.acknowledge(token).1 > write, "a number is not used twice");
    }
}

#[test]
fn only_what_is_not_written_from_a_write_on_moves() {
    let mut stepper = Stepper::up(&Config { connections: 2, ..Config::default() });
    let [closed, other] = stepper.active()[..] else { panic!("{:?}", stepper.active()) };
    let tokens = [0; 3].map(|_| stepper.event(closed));
    let asked = tokens.map(|token| stepper.acknowledge(token).1);
    stepper.happens(closed, OwnedInput::CloseFrame(None));
    let outputs = stepper.happens(closed, OwnedInput::NotWritten(asked[1]));
    assert_eq!(writes(&outputs).iter().map(|(on, _)| *on).collect::<Vec<_>>(), [other; 2]);
    let outputs = stepper.happens(closed, OwnedInput::Written(asked[0]));
    assert!(matches!(outcome(&outputs), Some(AckOutcome::Sent { elsewhere: false, .. })));
}

#[test]
fn a_link_that_takes_no_more_writes_is_closed() {
    let mut stepper = Stepper::up(&Config::default());
    let link = stepper.active()[0];
    let token = stepper.event(link);
    let (_, write) = stepper.acknowledge(token);
    let outputs = stepper.happens(link, OwnedInput::NotWritten(write));
    assert!(is_closed(&outputs, link), "{outputs:?}");
    assert_eq!(writes(&outputs), [], "it waits for a link");
    let heir = stepper.in_phase(ConnectionPhase::Opening)[0];
    for input in [slack::opened(99), OwnedInput::Dialed] {
        stepper.happens(heir, input);
    }
    assert_eq!(writes(&stepper.happens(heir, slack::hello(1, None))).len(), 1);
}

#[test]
fn two_closing_links_with_unwritten_acks_block_a_third_link() {
    let (mut stepper, old, heir) = Stepper::replaced(&Config { stable_after: s(10), ..Config::default() });
    stepper.wait(s(1));
    assert_eq!(stepper.in_phase(ConnectionPhase::Closing), [old]);
    let token = stepper.event(heir);
    stepper.acknowledge(token);
    assert!(is_closed(&stepper.happens(heir, OwnedInput::CloseFrame(None)), heir));
    assert_eq!(stepper.in_phase(ConnectionPhase::Closing), [old, heir]);
    assert_eq!(stepper.in_phase(ConnectionPhase::Opening), []);
    stepper.happens(old, OwnedInput::Eof);
    assert_eq!(stepper.in_phase(ConnectionPhase::Opening).len(), 1, "there is room for the next one");
}

#[test]
fn an_ack_that_was_not_fetched_moves_at_once() {
    let mut machine =
        SocketMode::new(Config { connections: 2, ..Config::default() }, 1, Instant::ZERO).unwrap();
    let now = Instant::from_millis(1_000);
    machine.handle_timeout(now);
    let links: Vec<_> = machine.connections().map(|status| status.connection).collect();
    for (n, link) in (0..).zip(&links) {
        for input in [slack::opened(n), OwnedInput::Dialed, slack::hello(2, None)] {
            machine.handle_input(now, *link, input.as_input());
        }
    }
    machine.handle_input(now, links[0], OwnedInput::Text(slack::event("e", "Ev", 0)).as_input());
    let token = machine.unacknowledged("e").unwrap();
    while machine.poll_output().is_some() {}
    machine.acknowledge(now, token, None).unwrap();
    machine.handle_input(now, links[0], OwnedInput::CloseFrame(None).as_input());
    let outputs = drain(&mut machine);
    assert_eq!(writes(&outputs).iter().map(|(on, _)| *on).collect::<Vec<_>>(), [links[1]]);
}

#[test]
fn a_write_that_was_not_asked_for_is_stray_and_settles_nothing() {
    let mut stepper = Stepper::up(&Config::default());
    let link = stepper.active()[0];
    let (first, second) = (stepper.event(link), stepper.event(link));
    let (_, write) = stepper.acknowledge(first);
    stepper.happens(link, OwnedInput::Written(write));
    // The other link's numbers begin anew, so that this one is of a machine that wrote more.
    let (_, next) = {
        let mut other = Stepper::up(&Config::default());
        let link = other.active()[0];
        let tokens = (other.event(link), other.event(link));
        other.acknowledge(tokens.0);
        other.acknowledge(tokens.1)
    };
    let before = stepper.subject.machine().stats();
    assert_eq!(stepper.happens(link, OwnedInput::Written(next)), []);
    assert_eq!(stepper.subject.machine().stats().stray_inputs, before.stray_inputs + 1);
    assert_eq!(stepper.acknowledge(second), (link, next));
}

#[test]
fn what_a_lost_link_did_not_write_moves_for_three_seconds() {
    for (after, in_time) in [(ms(2_999), true), (s(3), false)] {
        let (mut stepper, old, heir) = Stepper::replaced(&Config::default());
        let token = stepper.event(old);
        stepper.acknowledge(token);
        stepper.wait(after);
        let outputs = stepper.happens(old, OwnedInput::Eof);
        assert_eq!(
            writes(&outputs).iter().map(|(on, _)| *on).collect::<Vec<_>>(),
            vec![heir; in_time.into()]
        );
        assert_eq!(outcome(&outputs), (!in_time).then_some(AckOutcome::Lost), "{after:?}");
    }
}

#[test]
fn what_is_overdue_can_be_acknowledged_while_its_link_is_there() {
    let mut stepper = Stepper::up(&Config { connections: 2, ..Config::default() });
    let [lost, left] = stepper.active()[..] else { panic!("{:?}", stepper.active()) };
    let tokens = [lost, left].map(|link| stepper.event(link));
    stepper.wait(s(4));
    stepper.happens(lost, OwnedInput::Eof);
    assert_eq!(stepper.call(Call::Acknowledge(tokens[0], None)).0, Err(AckRefusal::Settled));
    assert_eq!(stepper.acknowledge(tokens[1]).0, left);
    assert_eq!(
        (stepper.subject.machine().stats().expired, stepper.subject.machine().stats().overdue),
        (1, 2)
    );
}

#[test]
fn an_ack_that_waits_for_a_link_is_lost_when_none_will_open() {
    let mut stepper = Stepper::up(&Config::default());
    let link = stepper.active()[0];
    let token = stepper.event(link);
    stepper.happens(link, OwnedInput::CloseFrame(Some(1000)));
    assert_eq!(stepper.in_phase(ConnectionPhase::Closing), [link]);
    let (result, outputs) = stepper.call(Call::Acknowledge(token, None));
    assert_eq!((result, outputs), (Ok(()), vec![]));
    let (_, outputs) = stepper.call(Call::Shutdown(s(2)));
    assert_eq!(outcome(&outputs), Some(AckOutcome::Lost), "{outputs:?}");
}

#[test]
fn only_link_disabled_still_counts_on_a_closing_link() {
    let (mut stepper, old, _) = Stepper::replaced(&Config::default());
    stepper.wait(s(1));
    assert_eq!(stepper.in_phase(ConnectionPhase::Closing), [old]);
    for reason in ["warning", "too_many_websockets", "novel"] {
        assert_eq!(stepper.happens(old, slack::disconnect(reason)), [], "{reason}");
    }
    stepper.happens(old, slack::disconnect("link_disabled"));
    assert!(stepper.subject.machine().is_stopping());
}

#[test]
fn a_token_of_another_client_is_unknown_and_a_settled_one_not() {
    let (mut one, mut other) = (Stepper::up(&Config::default()), Stepper::up(&Config::default()));
    let (link, same) = (one.active()[0], other.active()[0]);
    let settled = one.event(link);
    let _ = one.call(Call::Decline(settled));
    assert_eq!(one.call(Call::Acknowledge(settled, None)).0, Err(AckRefusal::Settled));
    other.event(same);
    let foreign = other.event(same);
    assert_eq!(one.call(Call::Acknowledge(foreign, None)).0, Err(AckRefusal::Unknown));
}
