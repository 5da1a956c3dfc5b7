//! Connections that Slack counts and nobody reads: left by none, noticed, outnumbered.

use socketmode_model::output::Output;
use socketmode_model::world::World;
use socketmode_model::world::checks::ends;
use socketmode_protocol::{Config, ConnectionPhase, EndReason, Notice, limits};

use crate::s;

/// What was told of others: how many, and how many were expected.
fn told(world: &World) -> Vec<(u32, u32)> {
    let others = |output: &Output| match output {
        Output::Notice(Notice::OtherConnections { others, expected, .. }) => Some((*others, *expected)),
        _ => None,
    };
    world.app.events.iter().filter_map(|(_, output)| others(output)).collect()
}

/// With so many ghosts from the start.
fn among(ghosts: usize, config: Config) -> World {
    let mut world = World::new(config);
    world.slack.ghosts = ghosts;
    world.run_until("up", s(10), |world| !world.active().is_empty());
    world
}

#[test]
fn the_first_hello_tells_of_nine_ghosts() {
    let world = among(9, Config::default());
    assert_eq!((told(&world), world.machine().other_connections()), (vec![(9, 0)], Some(9)));
}

#[test]
fn connections_that_are_expected_are_not_told() {
    for (ghosts, expected) in [(0, 0), (2, 2), (1, 4)] {
        let config = Config { expect_other_connections: expected, ..Config::default() };
        assert_eq!(told(&among(ghosts, config)), []);
    }
}

#[test]
fn own_connections_are_not_others_in_any_rotation() {
    let mut world = World::connected(Config { connections: 3, ..Config::default() });
    for _ in 0..5 {
        for link in world.active() {
            world.warn(link, "warning");
        }
        world.run_for(s(60));
    }
    assert_eq!((told(&world), world.machine().other_connections()), (vec![], Some(0)));
}

/// The clicks that arrive, of ninety.
fn clicks(world: &mut World) -> usize {
    let commands: Vec<_> = (0..90).map(|_| world.command()).collect();
    world.run_for(s(10));
    commands.iter().filter(|id| !world.app.deliveries(id).is_empty()).count()
}

#[test]
fn three_ghosts_are_outnumbered_until_they_are_gone() {
    let mut alone = among(3, Config::default());
    assert!((20..=25).contains(&clicks(&mut alone)));

    let mut world = among(3, Config { outnumber: Some(6), ..Config::default() });
    world.run_until("six are up", s(20), |world| world.active().len() == 6);
    world.run_for(s(60));
    assert!((58..=62).contains(&clicks(&mut world)));
    assert_eq!((world.active().len(), world.slack.counted()), (6, 9));

    world.slack.ghosts = 0;
    world.warn(world.active()[0], "warning");
    world.run_for(s(30));
    assert_eq!((world.active().len(), world.slack.counted()), (1, 1));
    let surplus = ends(&world).into_iter().filter(|reason| *reason == EndReason::Surplus).count();
    assert_eq!((surplus, world.stats().lost_connections), (5, 0));
    assert_eq!(told(&world).last(), Some(&(0, 0)));
}

#[test]
fn outnumbering_leaves_room_for_a_rotation() {
    for (ghosts, expected) in [(2, 6), (4, 5), (6, 3), (8, 1), (9, 1)] {
        let mut world = among(ghosts, Config { outnumber: Some(6), ..Config::default() });
        world.run_for(s(120));
        assert_eq!(world.active().len(), expected, "{ghosts} ghosts");
        assert!(world.slack.tally.most_links <= 10);
    }
}

#[test]
fn a_dead_link_leaves_no_ghost_once_its_path_heals() {
    let mut world = World::connected(Config::default());
    world.slack.counts_dead_for = s(3_600);
    world.run_for(s(60));
    let dead = world.active()[0];
    world.freeze(dead);
    world.run_for(s(60));
    assert_eq!(world.in_phase(ConnectionPhase::Lingering), [dead]);
    assert_eq!((world.active().len(), world.slack.counted()), (1, 2));
    world.thaw(dead);
    world.run_for(s(1));
    assert_eq!((world.in_phase(ConnectionPhase::Lingering).len(), world.slack.counted()), (0, 1));
}

#[test]
fn a_dead_link_is_kept_for_three_minutes() {
    let mut world = World::connected(Config::default());
    let dead = world.active()[0];
    world.freeze(dead);
    world.run_until("silent", s(31), |world| world.in_phase(ConnectionPhase::Lingering) == [dead]);
    world.run_for(s(179));
    assert_eq!(world.in_phase(ConnectionPhase::Lingering), [dead]);
    world.run_for(s(1));
    assert!(world.machine().connections().all(|status| status.connection != dead));
}

#[test]
fn the_eleventh_link_that_lingers_drops_the_oldest() {
    let mut world = World::connected(Config { linger: s(100_000), ..Config::default() });
    let mut dead = Vec::new();
    for _ in 0..limits::MAX_LINGERING + 3 {
        let link = world.active()[0];
        dead.push(link);
        world.freeze(link);
        world.run_until("another is up", s(60), |world| world.active().iter().any(|up| *up != link));
    }
    assert_eq!(world.in_phase(ConnectionPhase::Lingering), dead[3..]);
}
