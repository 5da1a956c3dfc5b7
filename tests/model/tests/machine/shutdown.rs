//! The end that the application asks for, in each phase.

use socketmode_model::output::Output;
use socketmode_model::world::World;
use socketmode_model::world::app::Acks;
use socketmode_model::world::script::{DialAnswer, Greeting, OpenAnswer};
use socketmode_protocol::{AckOutcome, Config, ConnectionPhase, StopReason};

use crate::{ms, s};

/// A world whose only connection is in this phase, and stays there.
fn in_phase(phase: ConnectionPhase) -> World {
    let mut world = World::new(Config::default());
    let slack = &mut world.slack;
    match phase {
        ConnectionPhase::Waiting => {
            slack.answers.push_back(OpenAnswer::Status(429, Some("30"), String::new()));
        }
        ConnectionPhase::Opening => slack.answers.push_back(OpenAnswer::Hang),
        ConnectionPhase::Dialing => slack.dials.push_back(DialAnswer::Hang),
        ConnectionPhase::Greeting => slack.greetings.push_back(Greeting::NoHello),
        ConnectionPhase::Active => {}
        ConnectionPhase::Lingering => {
            world.run_for(s(60));
            let link = world.active()[0];
            world.freeze(link);
            world.run_for(s(30));
        }
        ConnectionPhase::Draining | ConnectionPhase::Closing => {
            slack.holds_tcp = true;
            world.run_for(s(60));
            let link = world.active()[0];
            if phase == ConnectionPhase::Draining {
                world.slack.answers.push_back(OpenAnswer::Hang);
                world.warn(link, "warning");
            } else {
                world.cut(link);
            }
        }
    }
    world.run_until("there", s(5), |world| world.in_phase(phase).len() == 1);
    world
}

#[test]
fn a_shutdown_in_any_phase_ends_once_and_within_the_grace() {
    for phase in [
        ConnectionPhase::Waiting,
        ConnectionPhase::Opening,
        ConnectionPhase::Dialing,
        ConnectionPhase::Greeting,
        ConnectionPhase::Active,
        ConnectionPhase::Draining,
        ConnectionPhase::Closing,
    ] {
        let mut world = in_phase(phase);
        let (start, opens) = (world.now(), world.stats().opens);
        world.shutdown(s(5));
        assert_eq!(world.run_until_stopped(s(2)), StopReason::Requested, "{phase:?}");
        assert!(world.now().saturating_since(start) <= s(1), "nothing was outstanding: {phase:?}");
        world.run_for(s(600));
        assert_eq!(world.app.count(|event| matches!(event, Output::Stopped(_))), 1);
        assert_eq!(world.stats().opens, opens, "nothing is opened any more: {phase:?}");
    }
}

#[test]
fn acknowledgements_that_are_outstanding_go_out_before_the_end() {
    let mut world = World::connected(Config::default());
    world.app.acks = Acks::After(s(2));
    for _ in 0..10 {
        world.say();
    }
    world.run_for(ms(100));
    world.shutdown(s(5));
    world.run_until_stopped(s(4));
    assert_eq!((world.slack.tally.acked, world.slack.tally.acked_late), (10, 0));
    let sent = |output: &Output| {
        matches!(output, Output::Acknowledged { outcome: AckOutcome::Sent { elsewhere: false, .. }, .. })
    };
    assert_eq!(world.app.count(sent), 10);
}

#[test]
fn what_arrives_after_the_shutdown_is_left_for_another_client() {
    let mut world = World::connected(Config::default());
    world.app.acks = Acks::After(s(1));
    world.say();
    world.run_for(ms(100));
    world.shutdown(s(5));
    let late = world.say();
    world.run_until_stopped(s(4));
    assert_eq!(world.app.deliveries(&late), []);
    assert_eq!((world.stats().shed_while_stopping, world.slack.tally.acked), (1, 1));
}

#[test]
fn a_grace_that_is_over_ends_it_with_acknowledgements_missing() {
    let mut world = World::connected(Config::default());
    world.app.acks = Acks::Never;
    world.say();
    world.run_for(ms(100));
    let start = world.now();
    world.shutdown(s(2));
    world.run_until_stopped(s(4));
    let took = world.now().saturating_since(start);
    assert!(took >= s(2) && took <= s(3), "{took:?}");
    assert_eq!(world.stats().expired, 1);
}

#[test]
fn a_second_shutdown_can_shorten_the_grace() {
    let mut world = World::connected(Config::default());
    world.app.acks = Acks::Never;
    world.say();
    world.run_for(ms(100));
    world.shutdown(s(3));
    world.run_for(ms(100));
    let start = world.now();
    world.shutdown(ms(0));
    world.run_until_stopped(s(2));
    assert!(world.now().saturating_since(start) <= s(1));
}

#[test]
fn what_nobody_acknowledges_holds_the_end_for_the_grace() {
    let mut world = World::connected(Config::default());
    world.app.acks = Acks::Never;
    world.say();
    world.run_for(ms(100));
    let start = world.now();
    world.shutdown(s(20));
    world.run_until_stopped(s(30));
    let took = world.now().saturating_since(start);
    assert!(took >= s(20) && took <= s(21), "{took:?}");
    assert_eq!(world.stats().expired, 1);
}

#[test]
fn an_ack_within_the_grace_is_taken_and_ends_it() {
    let mut world = World::connected(Config::default());
    world.app.acks = Acks::After(s(5));
    world.say();
    world.run_for(ms(100));
    let start = world.now();
    world.shutdown(s(60));
    world.run_until_stopped(s(60));
    let took = world.now().saturating_since(start);
    assert!(took >= ms(4_900) && took <= s(6), "{took:?}");
    assert_eq!((world.stats().acknowledged, world.stats().acknowledged_late), (1, 1));
}

#[test]
fn a_dead_link_does_not_hold_the_end() {
    let mut world = World::connected(Config::default());
    let link = world.active()[0];
    world.freeze(link);
    world.shutdown(s(5));
    world.run_until_stopped(ms(1_100));
}
