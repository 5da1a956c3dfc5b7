//! From nothing to a link.

use socketmode_model::output::Output;
use socketmode_model::world::World;
use socketmode_model::world::checks::longest_pause;
use socketmode_model::world::script::{DialAnswer, Greeting, OpenAnswer};
use socketmode_protocol::{Config, ConnectionError, Instant, Notice, limits};

use crate::{errors, ms, s};

fn until_up(world: &mut World) -> std::time::Duration {
    world.run_until("up", s(200), |world| !world.active().is_empty())
}

#[test]
fn a_healthy_start_takes_one_open_and_one_dial() {
    let world = World::connected(Config::default());
    assert_eq!(world.now().as_millis(), 150 + 120 + 60 + 20);
    assert_eq!((world.stats().opens, world.stats().dials, world.stats().failed_attempts), (1, 1, 0));
}

#[test]
fn a_silent_open_call_is_given_up_and_tried_again() {
    let mut world = World::new(Config::default());
    world.slack.answers.push_back(OpenAnswer::Hang);
    let took = until_up(&mut world);
    assert!(took > s(15) && took <= s(15) + s(1) + ms(350), "{took:?}");
    assert_eq!(errors(&world), [ConnectionError::OpenTimedOut]);
}

#[test]
fn a_silent_dial_is_tried_again_with_a_fresh_ticket() {
    let mut world = World::new(Config::default());
    world.slack.dials.push_back(DialAnswer::Hang);
    until_up(&mut world);
    assert_eq!(errors(&world), [ConnectionError::DialTimedOut]);
    assert_eq!((world.stats().opens, world.stats().dials), (2, 2));
}

#[test]
fn a_link_without_a_hello_is_tried_again_with_a_fresh_ticket() {
    let mut world = World::new(Config::default());
    world.slack.greetings.push_back(Greeting::NoHello);
    until_up(&mut world);
    assert_eq!(errors(&world), [ConnectionError::HelloTimedOut]);
    assert_eq!((world.stats().opens, world.stats().dials), (2, 2));
}

#[test]
fn a_close_or_disconnect_before_the_hello_is_a_failure() {
    let mut world = World::new(Config::default());
    world.slack.greetings.extend([
        Greeting::Close,
        Greeting::Disconnect("warning"),
        Greeting::Disconnect(""),
    ]);
    until_up(&mut world);
    let before = ConnectionError::DisconnectedBeforeHello;
    assert_eq!(errors(&world), [ConnectionError::ClosedBeforeHello, before.clone(), before]);
    assert_eq!(world.stats().lost_connections, 0);
}

#[test]
fn a_retry_after_is_waited_for_once_and_exactly() {
    let mut world = World::new(Config::default());
    world.slack.answers.push_back(OpenAnswer::Status(429, Some("4"), String::new()));
    let took = until_up(&mut world);
    assert_eq!(took, ms(150) + s(4) + ms(350));
    assert_eq!(world.opens().len(), 2);
}

#[test]
fn a_retry_after_holds_for_all_slots() {
    let mut world = World::new(Config { connections: 3, ..Config::default() });
    world.slack.answers.push_back(OpenAnswer::Status(429, Some("4"), String::new()));
    world.run_until("up", s(20), |world| world.active().len() == 3);
    let after: Vec<_> = world.opens().iter().map(|at| at.as_millis()).collect();
    assert_eq!(after, [0, 4_150, 4_150, 4_150]);
}

#[test]
fn a_refused_handshake_is_tried_again_with_a_fresh_ticket() {
    let refusals = [302, 403, 408, 409, 503].map(DialAnswer::Status);
    for dial in refusals.into_iter().chain([DialAnswer::Drop]) {
        let mut world = World::new(Config::default());
        world.slack.dials.push_back(dial);
        until_up(&mut world);
        assert_eq!((world.stats().opens, world.stats().failed_attempts), (2, 1), "{dial:?}");
    }
}

#[test]
fn a_minute_without_dns_ends_with_a_link() {
    let mut world = World::new(Config::default());
    world.slack.default_answer = OpenAnswer::Drop;
    world.run_for(s(60));
    assert!(errors(&world).iter().all(|error| matches!(error, ConnectionError::OpenFailed(_))));
    assert!(errors(&world).len() >= 4);
    world.slack.default_answer = OpenAnswer::Link;
    assert!(until_up(&mut world) <= s(61));
}

#[test]
fn the_back_off_neither_overflows_nor_passes_its_cap() {
    let mut world = World::new(Config::default());
    world.slack.default_answer = OpenAnswer::Drop;
    world.run_until("10,000 failures", s(10_000 * 61), |world| world.stats().failed_attempts >= 10_000);
    assert!(longest_pause(world.opens()) <= s(60) + ms(150));
    let waits: Vec<_> = world
        .app
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            Output::Notice(Notice::ConnectionError { retry_in, .. }) => Some(*retry_in),
            _ => None,
        })
        .collect();
    assert!(waits.iter().all(|wait| *wait >= ms(100) && *wait <= s(60)));
    assert!(waits.iter().any(|wait| *wait > s(50)), "it is jittered over the whole range");
    world.slack.default_answer = OpenAnswer::Link;
    assert!(until_up(&mut world) <= s(61));
}

#[test]
fn too_many_websockets_before_the_hello_causes_few_opens() {
    let mut world = World::new(Config::default());
    world.slack.default_greeting = Greeting::Disconnect("too_many_websockets");
    world.run_for(s(600));
    let opens = world.opens();
    // Up to 30 s apart: there may be room at any moment.
    assert!((20..=60).contains(&opens.len()), "{opens:?}");
    let apart = |pair: &[Instant]| pair[1].saturating_since(pair[0]);
    assert!(opens.windows(2).all(|pair| apart(pair) <= limits::TOO_MANY_CAP + s(1)), "{opens:?}");
    assert!(errors(&world).iter().all(|error| *error == ConnectionError::TooManyWebsockets));
    assert_eq!(world.stats().connected, 0);
}

#[test]
fn a_peer_that_greets_and_disconnects_causes_few_opens() {
    for reason in ["warning", "refresh_requested", "something_new"] {
        let mut world = World::new(Config::default());
        world.slack.default_greeting = Greeting::HelloAndDisconnect(reason);
        world.run_for(s(600));
        is_a_trickle(&world, reason);
    }
}

#[test]
fn a_peer_that_accepts_and_closes_causes_few_opens() {
    for first in [Greeting::Close, Greeting::Disconnect("warning")] {
        let mut world = World::new(Config::default());
        world.slack.default_greeting = first.clone();
        world.run_for(s(600));
        is_a_trickle(&world, &format!("{first:?}"));
    }
}

/// Ten minutes of attempts that went on, and did not storm.
fn is_a_trickle(world: &World, what: &str) {
    let opens = world.opens();
    assert!((10..=40).contains(&opens.len()), "{what}: {} opens", opens.len());
    assert!(longest_pause(opens) <= limits::BACKOFF_CAP + s(5), "{what}: it still tries");
}

#[test]
fn an_outage_of_a_day_causes_few_jittered_attempts() {
    for (connections, a_minute) in [(1, 1..=3), (10, 10..=12)] {
        let mut world = World::new(Config { connections, ..Config::default() });
        world.slack.default_answer = OpenAnswer::Status(503, None, String::new());
        world.run_for(s(24 * 3600));
        let opens = world.opens();
        assert!(a_minute.contains(&(opens.len() / (24 * 60))), "{connections} slots: {} opens", opens.len());
        assert!(longest_pause(opens) <= limits::BACKOFF_CAP + s(1));
        let pauses: std::collections::BTreeSet<_> =
            opens.windows(2).map(|pair| pair[1].saturating_since(pair[0])).collect();
        assert!(pauses.len() > 50, "{} different pauses: they are spread", pauses.len());
    }
}
