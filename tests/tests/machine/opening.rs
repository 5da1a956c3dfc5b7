//! Scenarios 1 to 3 and 8: from nothing to a link.

use socketmode_protocol::{Config, ConnectionError, Event};
use socketmode_tests::world::slack::{Answer, Dial, First};
use socketmode_tests::world::World;

use crate::{ms, s};

fn errors(world: &World) -> Vec<ConnectionError> {
    let errors = world.app.events.iter().filter_map(|(_, event)| match event {
        Event::ConnectionError { error, .. } => Some(error.clone()),
        _ => None,
    });
    errors.collect()
}

#[test]
fn a_healthy_start_takes_one_open_and_one_dial() {
    let world = World::connected(Config::default());
    assert_eq!(world.now().as_millis(), 150 + 120 + 60 + 20);
    assert_eq!((world.stats().opens, world.stats().dials, world.stats().failed_attempts), (1, 1, 0));
}

#[test]
fn a_silent_open_call_is_given_up_and_tried_again_with_a_fresh_ticket() {
    let mut world = World::new(Config::default());
    world.slack.answers.push_back(Answer::Silence);
    let took = world.run_until("up", s(30), |world| !world.active().is_empty());
    assert!(took > s(15) && took <= s(15) + s(1) + ms(350), "{took:?}");
    assert_eq!(errors(&world), [ConnectionError::OpenTimedOut]);
}

#[test]
fn a_silent_dial_is_given_up_and_tried_again_with_a_fresh_ticket() {
    let mut world = World::new(Config::default());
    world.slack.dials.push_back(Dial::Silence);
    world.run_until("up", s(30), |world| !world.active().is_empty());
    assert_eq!(errors(&world), [ConnectionError::DialTimedOut]);
    assert_eq!((world.stats().opens, world.stats().dials), (2, 2));
}

#[test]
fn a_link_without_a_hello_is_given_up_and_tried_again_with_a_fresh_ticket() {
    let mut world = World::new(Config::default());
    world.slack.firsts.push_back(First::Silence);
    world.run_until("up", s(30), |world| !world.active().is_empty());
    assert_eq!(errors(&world), [ConnectionError::HelloTimedOut]);
    assert_eq!((world.stats().opens, world.stats().dials), (2, 2));
}
