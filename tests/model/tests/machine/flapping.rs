//! Networks that cut links again and again, and outages of the API alone.

use std::time::Duration;

use socketmode_model::world::World;
use socketmode_model::world::checks::ends;
use socketmode_model::world::script::{Greeting, OpenAnswer};
use socketmode_protocol::{Config, ConnectionPhase, EndReason};

use crate::{errors, ms, s};

/// Links are cut when they have been up for so long, for four minutes. An envelope is acknowledged on each.
fn with_links_cut_every(life: Duration) -> World {
    let mut world = World::connected(Config::default());
    let end = world.now() + s(240);
    while world.now() < end {
        world.say();
        world.run_for(life);
        world.reset(world.active()[0]);
        world.run_until("cut", s(1), |world| world.active().is_empty());
        world.run_until("up again", s(120), |world| !world.active().is_empty());
    }
    let tally = world.slack.tally;
    assert_eq!((tally.acked, tally.redelivered), (tally.said, 0), "{tally:?}");
    world
}

fn dark_with_links_cut_every(life: Duration) -> Duration {
    with_links_cut_every(life).dark()
}

#[test]
fn links_cut_every_5_s_leave_at_most_half_the_time_dark() {
    let dark = dark_with_links_cut_every(s(5));
    assert!(dark <= s(120), "{dark:?}");
}

#[test]
fn links_cut_every_25_s_leave_at_most_a_tenth_dark() {
    let dark = dark_with_links_cut_every(s(25));
    assert!(dark <= s(24), "{dark:?}");
}

#[test]
fn links_cut_every_second_stay_within_the_budget_of_opens() {
    let world = with_links_cut_every(s(1));
    // Twelve at once, and then twelve a minute.
    assert!((40..=61).contains(&world.opens().len()), "{}", world.opens().len());
}

#[test]
fn a_link_is_kept_until_its_successor_is_up() {
    for warns in ["refresh_requested", "warning", "too_many_websockets"] {
        let mut world = World::connected(Config::default());
        world.run_for(s(60));
        let old = world.active()[0];
        world.slack.default_answer = OpenAnswer::Status(503, None, String::new());
        world.send_text(old, &format!(r#"{{"type":"disconnect","reason":"{warns}"}}"#));
        world.run_for(s(600));
        let envelope = world.say();
        world.run_for(s(1));
        assert_eq!(world.in_phase(ConnectionPhase::Draining), [old], "{warns}");
        assert!(world.slack.is_acknowledged(&envelope), "{warns}");
        world.slack.default_answer = OpenAnswer::Link;
        world.run_until("the successor is up", s(61), |world| !world.active().is_empty());
        world.run_for(s(5));
        assert_eq!((world.dark(), ends(&world)), (Duration::ZERO, vec![EndReason::Rotated]), "{warns}");
    }
}

#[test]
fn a_planned_rotation_waits_for_its_successor_as_well() {
    let mut world = World::new(Config { rotate_before: Some(s(90)), ..Config::default() });
    world.slack.announces = Some(400);
    world.run_until("up", s(5), |world| !world.active().is_empty());
    world.run_for(s(300));
    world.slack.default_answer = OpenAnswer::Drop;
    world.run_for(s(300));
    assert_eq!((world.in_phase(ConnectionPhase::Draining).len(), world.dark()), (1, Duration::ZERO));
}

#[test]
fn a_seat_that_becomes_free_is_taken_within_30_s() {
    for seed in 0..20 {
        let mut world = World::with_seed(Config::default(), seed);
        let refusal = Greeting::Disconnect("too_many_websockets");
        world.slack.greetings.extend([refusal.clone(), refusal.clone(), refusal]);
        let took = world.run_until("up", s(120), |world| !world.active().is_empty());
        assert!(took <= s(30), "{took:?} with seed {seed}");
        assert_eq!(errors(&world).len(), 3);
    }
}

#[test]
fn a_successor_that_finds_ten_links_gets_the_place_of_its_own_one() {
    let mut world = World::connected(Config::default());
    world.run_for(s(60));
    world.slack.ghosts = 9;
    let old = world.active()[0];
    world.warn(old, "refresh_requested");
    world.run_until("the successor is up", s(9), |world| {
        world.active().first().is_some_and(|&link| link != old)
    });
    assert_eq!(ends(&world), [EndReason::MadeRoom]);
    assert!(world.longest_dark() < ms(1_500), "{:?}", world.longest_dark());
}
