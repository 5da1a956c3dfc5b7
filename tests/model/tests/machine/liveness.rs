//! How long a link counts as alive.

use socketmode_model::world::World;
use socketmode_protocol::{Config, EndReason, limits};

use crate::{ends, ms, s};

#[test]
fn a_half_open_link_is_found_in_the_silence_and_replaced() {
    let mut world = World::connected(Config::default());
    world.run_for(s(60));
    let link = world.active()[0];
    world.freeze(link);
    let took = world
        .run_until("replaced", s(60), |world| !world.active().contains(&link) && !world.active().is_empty());
    assert!(took <= limits::SILENCE + s(1), "{took:?}");
    assert_eq!(ends(&world), [EndReason::Silent]);
    assert_eq!(world.stats().pings_sent, 1, "it was asked once");
}

#[test]
fn a_peer_that_never_pongs_but_sends_envelopes_is_alive() {
    let mut world = World::connected(Config { connections: 1, ..Config::default() });
    world.slack.pongs = false;
    world.slack.ping_every = None;
    world.load(s(20), 1);
    world.run_for(s(3600));
    assert_eq!(ends(&world), []);
    assert!(world.slack.tally.pings > 100, "it was asked in every quiet stretch");
}

#[test]
fn a_peer_that_answers_pings_and_says_nothing_else_is_alive() {
    let mut world = World::new(Config::default());
    world.slack.ping_every = None;
    world.run_for(s(3600));
    assert_eq!(ends(&world), []);
}

#[test]
fn a_link_without_slacks_pings_is_given_up_only_if_asked_for() {
    for (timeout, lost) in [(None, 0), (Some(s(30)), 1)] {
        let mut world = World::new(Config { server_ping_timeout: timeout, ..Config::default() });
        world.slack.ping_every = None;
        world.run_for(s(45));
        assert_eq!(world.stats().lost_connections, lost, "{timeout:?}");
    }
    let mut world = World::new(Config { server_ping_timeout: Some(s(30)), ..Config::default() });
    world.run_for(s(600));
    assert_eq!(ends(&world), [], "Slack's pings come");
}

#[test]
fn a_healthy_link_needs_no_pings_of_ours() {
    let mut world = World::connected(Config::default());
    world.run_for(s(3600));
    assert_eq!((world.stats().pings_sent, world.stats().lost_connections), (0, 0));
}

#[test]
fn a_second_slot_covers_a_half_open_one() {
    let mut world = World::connected(Config { connections: 2, ..Config::default() });
    world.run_for(s(60));
    let link = world.active()[0];
    world.freeze(link);
    world.load(ms(500), 1);
    world.run_for(s(70));
    world.quiet();
    world.run_for(s(60));
    assert_eq!((world.longest_dark(), world.stats().lost_connections), (s(0), 1));
    assert_eq!(world.app.delivered().1, 0, "what the dead link swallowed had not been delivered");
}

#[test]
fn a_peer_that_says_nothing_is_replaced_again_and_again() {
    let mut world = World::new(Config::default());
    world.slack.ping_every = None;
    world.slack.pongs = false;
    world.run_for(s(3600));
    assert!((60..=119).contains(&world.stats().lost_connections), "{}", world.stats().lost_connections);
}
