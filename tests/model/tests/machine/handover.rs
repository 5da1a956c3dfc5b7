//! Which slot replaces its link first, and how long the link that it replaces stays.

use std::time::Duration;

use socketmode_model::step::{OwnedInput, slack};
use socketmode_model::world::World;
use socketmode_model::world::app::Acks;
use socketmode_protocol::{AckOutcome, Config, ConnectionId, ConnectionPhase};

use crate::harness::{Stepper, is_closed};
use crate::{ms, outcomes, s};

#[test]
fn ten_warned_slots_are_replaced_with_at_most_ten_links() {
    let mut world = World::connected(Config { connections: 10, ..Config::default() });
    world.run_for(s(60));
    world.load(ms(50), 1);
    let old = world.active();
    assert_eq!(world.longest_dark(), s(0), "before");
    for &link in &old {
        world.warn(link, "warning");
    }
    world.run_until("all replaced", s(120), |world| {
        world.active().len() == 10 && world.active().iter().all(|link| !old.contains(link))
    });
    world.quiet();
    world.run_for(s(10));
    assert!(world.slack.tally.most_links <= 10);
    assert_eq!(world.slack.tally.refused_links, 0);
    assert_eq!(world.app.delivered(), (usize::try_from(world.slack.tally.said).unwrap(), 0));
    // Though all ten are cut at the same moment.
    assert_eq!(world.longest_dark(), s(0));
}

#[test]
fn two_of_ten_slots_warned_at_once_do_not_wait_in_turn() {
    let mut world = World::connected(Config { connections: 10, ..Config::default() });
    world.run_for(s(60));
    world.app.acks = Acks::After(ms(1_500));
    for _ in 0..20 {
        world.say();
    }
    world.run_for(ms(100));
    let warned = [world.active()[0], world.active()[1]];
    for link in warned {
        world.warn(link, "warning");
    }
    let took = world.run_until("both are replaced", s(20), |world| {
        world.active().len() == 10 && warned.iter().all(|link| !world.active().contains(link))
    });
    assert!(took < s(5), "Slack cuts after 10 s: {took:?}");
    world.run_for(s(10));
    assert_eq!((world.slack.tally.acked, world.slack.tally.acked_twice), (20, 0));
    assert!(outcomes(&world).iter().all(|outcome| matches!(outcome, AckOutcome::Sent { late: false, .. })));
}

#[test]
fn a_handler_that_never_acks_blocks_no_rotation_of_ten_slots() {
    let mut world = World::connected(Config { connections: 10, ..Config::default() });
    world.run_for(s(60));
    world.app.acks = Acks::Never;
    world.slack.redelivers = false;
    world.load(ms(200), 10);
    let warned = world.active();
    for link in &warned[..3] {
        world.warn(*link, "warning");
    }
    let took = world.run_until("all three are replaced", s(30), |world| {
        world.active().len() == 10 && warned[..3].iter().all(|link| !world.active().contains(link))
    });
    assert!(took < s(10), "Slack cuts after 10 s: {took:?}");
}

#[test]
fn links_whose_lives_end_together_are_replaced_in_turn() {
    let mut world = World::connected(Config { connections: 3, ..Config::default() });
    world.slack.open_latency = s(5);
    world.run_for(s(18_060 - 91));
    let mut most = 0;
    let start = world.now();
    while world.now().saturating_since(start) < s(60) {
        world.run_for(ms(100));
        let attempts: usize = [ConnectionPhase::Opening, ConnectionPhase::Dialing, ConnectionPhase::Greeting]
            .into_iter()
            .map(|phase| world.in_phase(phase).len())
            .sum();
        most = most.max(attempts);
    }
    assert_eq!((most, world.stats().rotations, world.active().len()), (1, 3, 3));
}

/// Two slots whose links live for ten minutes, and are both due to be replaced.
fn two_that_are_due() -> (Stepper, ConnectionId) {
    let config = Config { connections: 2, rotate_before: Some(s(60)), ..Config::default() };
    let mut stepper = Stepper::new(&config);
    let (_, second) = (stepper.connect_for(Some(600)), stepper.connect_for(Some(600)));
    stepper.live(s(541));
    (stepper, second)
}

#[test]
fn a_planned_rotation_waits_for_another_slots_and_no_longer() {
    let (mut stepper, second) = two_that_are_due();
    assert_eq!(stepper.active(), [second], "one at a time");
    let heir = stepper.in_phase(ConnectionPhase::Opening)[0];
    stepper.happens(heir, OwnedInput::OpenFailed);
    assert_eq!((stepper.in_phase(ConnectionPhase::Opening), stepper.active()), (vec![], vec![second]));
    stepper.wait(s(1));
    let heir = stepper.connect();
    assert_eq!(stepper.active(), [heir], "it is the other's turn");
}

#[test]
fn a_slot_that_is_down_does_not_block_a_planned_rotation() {
    let config = Config { connections: 2, rotate_before: Some(s(60)), ..Config::default() };
    let mut stepper = Stepper::new(&config);
    let (first, second) = (stepper.connect(), stepper.connect_for(Some(600)));
    stepper.live(s(530));
    stepper.happens(first, OwnedInput::Eof);
    let heir = stepper.in_phase(ConnectionPhase::Opening)[0];
    stepper.happens(heir, slack::rate_limited("60"));
    stepper.live(s(11));
    assert_eq!(stepper.in_phase(ConnectionPhase::Draining), [second]);
}

fn nine() -> Stepper {
    Stepper::up(&Config { connections: 9, open_burst: 20, ..Config::default() })
}

#[test]
fn a_link_with_an_heir_closes_at_once_for_one_of_ten_without() {
    let mut stepper = nine();
    let [first, second, ..] = stepper.active()[..] else { panic!("{:?}", stepper.active()) };
    stepper.happens(first, slack::disconnect("warning"));
    stepper.connect();
    assert_eq!(stepper.in_phase(ConnectionPhase::Draining), [first]);
    let outputs = stepper.happens(second, slack::disconnect("warning"));
    assert!(is_closed(&outputs, first) && !is_closed(&outputs, second), "{outputs:?}");
}

#[test]
fn no_link_of_ten_closes_before_its_heir_if_another_leaves() {
    let mut stepper = nine();
    let [first, second, ..] = stepper.active()[..] else { panic!("{:?}", stepper.active()) };
    stepper.happens(first, slack::disconnect("warning"));
    stepper.happens(second, slack::disconnect("warning"));
    stepper.wait(s(4));
    assert_eq!(stepper.in_phase(ConnectionPhase::Draining), [first, second]);
}

#[test]
fn a_replaced_link_closes_after_a_second_without_an_envelope() {
    let (mut stepper, old, _) = Stepper::replaced(&Config::default());
    stepper.wait(ms(900));
    let token = stepper.event(old);
    let (_, write) = stepper.acknowledge(token);
    stepper.happens(old, OwnedInput::Written(write));
    assert_eq!(stepper.in_phase(ConnectionPhase::Draining), [old]);
    assert!(!is_closed(&stepper.wait(ms(999)), old));
    assert!(is_closed(&stepper.wait(ms(1)), old));
}

#[test]
fn a_replaced_link_with_envelopes_is_left_30_s_after_its_heir() {
    let mut stepper = Stepper::new(&Config { rotate_before: Some(s(60)), ..Config::default() });
    let old = stepper.connect_for(Some(600));
    stepper.live(s(541));
    let heir = stepper.connect();
    let mut waited = Duration::ZERO;
    while !is_closed(&stepper.wait(ms(900)), old) {
        waited += ms(900);
        assert!(waited < s(40), "it is still there");
        let token = stepper.event(old);
        let (on, write) = stepper.acknowledge(token);
        stepper.happens(on, OwnedInput::Written(write));
        stepper.happens(heir, OwnedInput::Ping);
    }
    assert!(waited > s(29), "{waited:?}");
}

#[test]
fn a_link_lost_while_its_predecessor_closes_is_replaced_at_once() {
    let (mut stepper, old, heir) = Stepper::replaced(&Config { stable_after: s(10), ..Config::default() });
    assert!(is_closed(&stepper.wait(s(1)), old));
    assert_eq!(stepper.in_phase(ConnectionPhase::Closing), [old]);
    let outputs = stepper.happens(heir, OwnedInput::CloseFrame(Some(1001)));
    assert!(is_closed(&outputs, heir), "{outputs:?}");
    assert_eq!(stepper.in_phase(ConnectionPhase::Lingering), [heir]);
    assert_eq!(stepper.in_phase(ConnectionPhase::Opening).len(), 1, "{outputs:?}");
}

#[test]
fn each_successor_gives_a_draining_link_its_whole_time() {
    let (mut stepper, old, first) = Stepper::replaced(&Config::default());
    stepper.event(old);
    stepper.wait(s(29));
    stepper.happens(first, OwnedInput::CloseFrame(Some(1001)));
    while stepper.in_phase(ConnectionPhase::Opening).is_empty() {
        stepper.wait(ms(100));
    }
    stepper.connect();
    let token = stepper.event(old);
    assert!(!is_closed(&stepper.wait(s(2)), old));
    stepper.acknowledge(token);
}
