//! Time that jumps, that never ends, and that is at its end.

use std::time::Duration;

use socketmode_model::output::Output;
use socketmode_model::step::{Call, OwnedInput};
use socketmode_model::world::World;
use socketmode_model::world::app::Acks;
use socketmode_protocol::{
    AckOutcome, Config, DeadlineReason, EndReason, Instant, Notice, SocketMode, Stats,
};

use crate::harness::Stepper;
use crate::{ms, outcomes, s};

#[test]
fn eight_hours_of_sleep_cost_every_slot_one_reconnect() {
    for slots in [1, 2, 10] {
        let mut world = World::connected(Config { connections: slots, ..Config::default() });
        world.run_for(s(60));
        world.sleep(s(8 * 3600));
        world.run_until("up", s(10), |world| world.active().len() == slots);
        world.run_for(s(120));
        assert_eq!((world.opens().len(), world.active().len()), (2 * slots, slots));
        // The announced end has passed as well in that night, so that some links count as replaced; none counts twice.
        assert_eq!(world.stats().lost_connections + world.stats().rotations, slots as u64);
    }
}

#[test]
fn an_acknowledgement_held_over_a_sleep_is_reported_lost() {
    let mut world = World::connected(Config::default());
    world.app.acks = Acks::Never;
    world.slack.redelivers = false;
    let id = world.say();
    world.run_for(ms(500));
    let token = world.app.deliveries(&id)[0];
    assert_eq!(world.acknowledge(token, None), Ok(()));
    world.sleep(s(8 * 3600));
    world.run_for(s(60));
    assert_eq!(outcomes(&world), [AckOutcome::Lost]);
}

#[test]
fn nothing_is_due_and_nothing_runs_hot_at_the_end_of_time() {
    for before in [0, 1, 2, 20_000] {
        let mut machine =
            SocketMode::new(Config::default(), 7, Instant::from_millis(u64::MAX - before)).unwrap();
        for _ in 0..3 {
            machine.handle_timeout(Instant::from_millis(u64::MAX));
        }
        assert!(machine.poll_timeout().is_some_and(|deadline| deadline.at == Instant::from_millis(u64::MAX)));
        assert!(machine.stats().opens <= 2, "{before}");
    }
}

#[test]
fn of_what_is_due_at_a_time_the_smaller_reason_comes_first() {
    let mut stepper = Stepper::up(&Config { backlog_pause: s(3), ..Config::default() });
    stepper.event(stepper.active()[0]);
    stepper.call(Call::Backlog { full: true }).0.unwrap();
    let due = stepper.subject.machine().poll_timeout().unwrap();
    assert_eq!((due.at, due.reason), (stepper.now + s(3), DeadlineReason::AckOverdue));
}

#[test]
fn of_links_that_fall_silent_together_the_older_ends_first() {
    let mut stepper = Stepper::up(&Config { connections: 3, ..Config::default() });
    let links = stepper.active();
    for &link in &links {
        stepper.happens(link, OwnedInput::Ping);
    }
    let outputs = stepper.wait(s(60));
    let end = |output: &Output| match output {
        Output::Notice(Notice::Disconnected { connection, .. }) => Some(*connection),
        _ => None,
    };
    assert_eq!(outputs.iter().filter_map(end).collect::<Vec<_>>(), links);
}

#[test]
fn durations_that_never_end_are_taken_as_they_are() {
    let longest = Duration::MAX;
    let config = Config {
        rotate_before: Some(longest),
        silence: longest,
        client_ping: Some(s(12)),
        drain_timeout: longest,
        close_timeout: longest,
        stable_after: longest,
        backoff_base: longest,
        backoff_cap: longest,
        too_many_backoff: longest,
        open_interval: longest,
        deduplicate: Some(longest),
        ..Config::default()
    };
    let mut world = World::new(config);
    world.run_for(s(60));
    world.say();
    world.run_for(s(1));
    let link = world.active()[0];
    world.warn(link, "warning");
    world.run_for(s(60));
    assert_eq!((world.active().len(), world.slack.tally.acked), (1, 1));
}

#[test]
fn a_link_that_died_in_a_sleep_is_lost_and_not_rotated() {
    let mut world = World::connected(Config { connections: 10, ..Config::default() });
    world.run_for(s(60));
    world.sleep(s(8 * 3600));
    world.run_for(s(60));
    let Stats { opens, lost_connections, rotations, .. } = world.stats();
    assert_eq!((opens, lost_connections, rotations), (20, 10, 0), "one reconnect for each slot");
    let ends = world.app.count(|event| {
        matches!(event, Output::Notice(Notice::Disconnected { reason: EndReason::Silent, .. }))
    });
    assert_eq!((ends, world.active().len()), (10, 10));
}

#[test]
fn a_night_of_sleep_costs_one_reconnect() {
    let mut world = World::connected(Config::default());
    world.run_for(s(60));
    world.sleep(s(8 * 3600));
    world.run_for(s(120));
    assert_eq!(
        (world.stats().lost_connections, world.stats().opens, world.stats().failed_attempts),
        (1, 2, 0)
    );
    assert_eq!(world.active().len(), 1);
}
