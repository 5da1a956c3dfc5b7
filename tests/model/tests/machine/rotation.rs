//! From a link to its successor.

use std::time::Duration;

use socketmode_model::output::Output;
use socketmode_model::world::World;
use socketmode_model::world::app::Acks;
use socketmode_model::world::script::{DialAnswer, Greeting, OpenAnswer};
use socketmode_protocol::{AckOutcome, Config, ConnectionPhase, StopReason, limits};

use crate::{ms, nothing_lost, nothing_lost_and_nothing_twice, outcomes, s};

fn slots(connections: usize) -> Config {
    Config { connections, ..Config::default() }
}

/// A world whose only link has been up long enough to be trusted.
fn settled(config: Config) -> World {
    let mut world = World::connected(config);
    world.run_for(s(60));
    world
}

/// Nobody noticed.
fn assert_unnoticed(world: &World) {
    nothing_lost(world);
    assert!(world.slack.tally.acked_elsewhere <= 2, "{:?}", world.slack.tally);
    assert_eq!(world.longest_dark(), Duration::ZERO, "there was always a live link");
}

#[test]
fn a_warning_under_load_loses_and_doubles_nothing_without_a_gap() {
    for (every, events) in [(ms(5), 2), (ms(1), 2)] {
        let mut world = settled(Config::default());
        world.load(every, events);
        world.run_for(s(1));
        let old = world.active()[0];
        world.warn(old, "warning");
        world.run_for(s(15));
        world.quiet();
        world.run_for(s(5));
        assert_unnoticed(&world);
        assert_eq!((world.stats().rotations, world.stats().opens), (1, 2));
        assert!(!world.active().contains(&old));
    }
}

#[test]
fn what_comes_on_a_warned_link_is_acknowledged_there() {
    let mut world = settled(Config::default());
    let old = world.active()[0];
    world.slack.answers.push_back(OpenAnswer::Hang);
    world.warn(old, "warning");
    world.run_for(s(1));
    let envelope = world.say();
    world.run_for(s(1));
    assert_eq!(world.in_phase(ConnectionPhase::Draining), [old]);
    assert_eq!(world.app.deliveries(&envelope).len(), 1);
    assert_eq!((world.slack.tally.acked, world.slack.tally.acked_elsewhere), (1, 0));
}

#[test]
fn two_slots_asked_in_the_same_second_rotate_one_at_a_time() {
    let mut world = settled(slots(2));
    world.load(ms(10), 1);
    for link in world.active() {
        world.warn(link, "refresh_requested");
    }
    world.run_for(ms(100));
    let attempts = |world: &World| {
        let phases = [ConnectionPhase::Opening, ConnectionPhase::Dialing, ConnectionPhase::Greeting];
        phases.into_iter().map(|phase| world.in_phase(phase).len()).sum::<usize>()
    };
    assert_eq!((attempts(&world), world.in_phase(ConnectionPhase::Waiting).len()), (1, 1));
    world.run_until("both are up", s(5), |world| world.active().len() == 2);
    world.quiet();
    world.run_for(s(20));
    assert_unnoticed(&world);
}

#[test]
fn a_slow_handover_of_one_slot_does_not_cost_the_other_its_own() {
    let mut world = settled(slots(2));
    world.slack.answers.push_back(OpenAnswer::Hang);
    for link in world.active() {
        world.warn(link, "warning");
    }
    world.run_for(ms(20));
    assert_eq!(world.active(), []);
    let took = world.run_until("one is up again", s(9), |world| !world.active().is_empty());
    assert!(took >= limits::TURN_LIMIT && took < s(4), "{took:?}");
}

#[test]
fn a_link_that_no_longer_closes_is_dropped_within_a_second() {
    let mut world = settled(Config::default());
    world.slack.holds_tcp = true;
    let old = world.active()[0];
    world.warn(old, "warning");
    world
        .run_until("the old one is closing", s(5), |world| world.in_phase(ConnectionPhase::Closing) == [old]);
    let took =
        world.run_until("it is gone", s(2), |world| world.in_phase(ConnectionPhase::Closing).is_empty());
    assert_eq!(took, s(1));
}

#[test]
fn a_reset_right_after_the_warning_reopens_at_once() {
    let mut world = settled(Config::default());
    let old = world.active()[0];
    world.warn(old, "warning");
    world.reset(old);
    let took = world
        .run_until("up again", s(2), |world| !world.active().is_empty() && !world.active().contains(&old));
    assert!(took < ms(500), "{took:?}");
}

#[test]
fn a_link_that_was_disabled_stops_the_client_with_that_reason() {
    let mut world = settled(slots(2));
    let link = world.active()[0];
    world.warn(link, "link_disabled");
    assert_eq!(world.run_until_stopped(s(7)), StopReason::LinkDisabled);
}

#[test]
fn ten_slots_never_have_an_eleventh_connection() {
    let mut world = settled(slots(10));
    world.load(ms(20), 1);
    for link in world.active() {
        world.warn(link, "warning");
    }
    world.run_for(s(60));
    world.quiet();
    world.run_for(s(5));
    assert_eq!(world.active().len(), 10);
    assert_eq!((world.slack.tally.refused_links, world.slack.tally.most_links), (0, 10));
    assert_eq!(world.slack.tally.acked, world.slack.tally.said);
    assert_eq!(world.longest_dark(), Duration::ZERO);
}

#[test]
fn a_refused_handshake_leaves_the_old_link_alone() {
    for status in [408, 409, 403, 302] {
        let mut world = settled(Config::default());
        let old = world.active()[0];
        world.slack.dials.extend([DialAnswer::Status(status); 2]);
        world.warn(old, "warning");
        world.run_for(ms(600));
        let envelope = world.say();
        world.run_until("handed over", s(9), |world| !world.active().is_empty());
        assert_eq!(world.app.deliveries(&envelope).len(), 1, "{status}");
        assert_eq!(world.longest_dark(), Duration::ZERO, "{status}");
        assert_eq!(world.stats().dials, 4, "each with a ticket of its own");
    }
}

#[test]
fn a_fatal_answer_in_a_rotation_lets_acknowledgements_out_first() {
    let mut world = settled(Config::default());
    world.app.acks = Acks::After(s(2));
    world.say();
    world.run_for(ms(500));
    world.slack.answers.push_back(OpenAnswer::Error("token_revoked".into()));
    let old = world.active()[0];
    world.warn(old, "warning");
    let reason = world.run_until_stopped(s(6));
    assert_eq!(reason, StopReason::Unauthorized { code: "token_revoked".into() });
    assert_eq!((world.slack.tally.acked, world.slack.tally.acked_late), (1, 0));
    assert_eq!(world.app.count(|event| matches!(event, Output::Stopped(_))), 1);
}

#[test]
fn a_new_link_that_slack_disconnects_is_replaced_without_a_gap() {
    let mut world = World::connected(Config::default());
    world.load(ms(5), 1);
    for _ in 0..limits::EAGER_ROTATIONS {
        let link = world.active()[0];
        world.warn(link, "warning");
        world.run_for(ms(200));
        world.run_until("replaced", s(1), |world| !world.active().is_empty());
    }
    world.quiet();
    world.run_for(s(15));
    nothing_lost(&world);
    assert_eq!(world.longest_dark(), Duration::ZERO, "there was always a live link");
}

#[test]
fn an_early_rotation_under_load_loses_nothing() {
    let mut world = World::connected(Config::default());
    world.run_for(s(18_060 - 90 - 5));
    world.load(ms(10), 2);
    world.run_for(s(45));
    world.quiet();
    world.run_for(s(5));
    nothing_lost(&world);
    assert_eq!((world.longest_dark(), world.stats().rotations), (s(0), 1));
}

#[test]
fn a_replacement_that_fails_leaves_the_old_link_alone() {
    let mut world = World::connected(Config::default());
    world.run_for(s(18_060 - 91));
    let old = world.active()[0];
    world.slack.dials.extend([DialAnswer::Status(408), DialAnswer::Status(409), DialAnswer::Hang]);
    world.slack.answers.extend([OpenAnswer::Status(503, None, String::new()), OpenAnswer::Drop]);
    world.slack.greetings.push_back(Greeting::NoHello);
    world.load(ms(500), 1);
    world.run_until("replaced", s(90), |world| world.active().iter().any(|&link| link != old));
    world.quiet();
    world.run_for(s(40));
    nothing_lost_and_nothing_twice(&world);
    assert_eq!((world.longest_dark(), world.stats().lost_connections), (s(0), 0));
}

#[test]
fn a_replaced_link_waits_for_its_own_acknowledgements() {
    let mut world = World::connected(Config::default());
    world.run_for(s(60));
    world.app.acks = Acks::After(ms(2_500));
    let old = world.active()[0];
    world.say();
    world.run_for(ms(50));
    world.warn(old, "warning");
    world.run_for(s(10));
    let sent = AckOutcome::Sent { connection: old, elsewhere: false, late: false, unasked_payload: false };
    assert_eq!(outcomes(&world), [sent]);
    assert_eq!((world.active().len(), world.stats().rotations), (1, 1));
}
