//! A week of a healthy Slack, with links that live five hours.

use std::time::Duration;

use socketmode_model::world::World;
use socketmode_protocol::{Config, limits};

use crate::{nothing_lost, s};

const DAY: u64 = 24 * 3600;
const LIFETIME: u64 = 18_060;

/// Lives `days` days with people who do something every `every`, and checks that nobody noticed a rotation.
fn live(config: Config, days: u64, every: Duration, lifetime: Duration) -> World {
    let slots = config.connections;
    let mut world = World::new(config);
    world.slack.warns_after = Some(s(LIFETIME - 10));
    world.run_until("every slot is up", s(10), |world| world.active().len() == slots);
    let up = world.now();
    world.load(every, 1);
    world.run_for(s(days * DAY));
    world.quiet();
    world.run_for(s(30));
    let (stats, tally) = (world.stats(), world.slack.tally);
    nothing_lost(&world);
    assert_eq!(world.longest_dark(), Duration::ZERO, "there was always a live link");
    assert_eq!(
        (stats.lost_connections, stats.failed_attempts, stats.shed),
        (0, 0, 0),
        "nothing happened that was not planned"
    );
    assert_eq!(stats.opens, stats.rotations + slots as u64);
    assert_eq!(stats.connected, stats.opens);
    let lived = world.now().saturating_since(up).as_secs();
    let planned = slots as u64 * (lived / lifetime.as_secs());
    assert!(
        stats.rotations.abs_diff(planned) <= slots as u64,
        "{} rotations, {planned} planned",
        stats.rotations
    );
    assert!(tally.most_links <= limits::MAX_CONNECTIONS);
    world
}

fn config(connections: usize) -> Config {
    Config { connections, ..Config::default() }
}

#[test]
fn a_day_on_one_link_has_exactly_its_planned_rotations() {
    let world = live(config(1), 1, s(1), s(LIFETIME) - limits::ROTATE_BEFORE);
    // 86,430 s of links that live 17,970 s each.
    assert_eq!(world.stats().rotations, 4);
}

#[test]
fn a_week_on_one_slot_loses_nothing_and_is_never_dark() {
    live(config(1), 7, s(60), s(LIFETIME) - limits::ROTATE_BEFORE);
}

#[test]
fn a_week_on_ten_slots_loses_nothing_and_is_never_dark() {
    live(config(10), 7, s(60), s(LIFETIME) - limits::ROTATE_BEFORE);
}

#[test]
fn a_week_of_warnings_on_one_slot_loses_nothing_and_stays_up() {
    live(Config { rotate_before: None, ..config(1) }, 7, s(60), s(LIFETIME - 10));
}

#[test]
fn a_week_of_warnings_on_ten_slots_loses_nothing_and_stays_up() {
    live(Config { rotate_before: None, ..config(10) }, 7, s(60), s(LIFETIME - 10));
}
