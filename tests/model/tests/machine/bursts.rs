//! Much at once, and what a dead link leaves behind.

use socketmode_model::output::Output;
use socketmode_model::world::World;
use socketmode_model::world::agenda::Wire;
use socketmode_model::world::app::Acks;
use socketmode_model::world::script::{Answer, Dial, First};
use socketmode_protocol::{AckOutcome, Config, Notice};

use crate::{ms, nothing_lost, nothing_lost_and_nothing_twice, outcomes, s};

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
fn a_replacement_that_fails_leaves_the_good_old_link_alone() {
    let mut world = World::connected(Config::default());
    world.run_for(s(18_060 - 91));
    let old = world.active()[0];
    world.slack.dials.extend([Dial::Refused(Some(408)), Dial::Refused(Some(409)), Dial::Silence]);
    world.slack.answers.extend([Answer::Http(503, None, String::new()), Answer::Fails]);
    world.slack.firsts.push_back(First::Silence);
    world.load(ms(500), 1);
    world.run_until("replaced", s(90), |world| world.active().iter().any(|&link| link != old));
    world.quiet();
    world.run_for(s(40));
    nothing_lost_and_nothing_twice(&world);
    assert_eq!((world.longest_dark(), world.stats().lost_connections), (s(0), 0));
}

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
fn a_burst_of_1024_envelopes_is_delivered_and_acknowledged() {
    let mut world = World::connected(Config::default());
    for _ in 0..1_024 {
        world.say();
    }
    world.run_for(s(1));
    nothing_lost_and_nothing_twice(&world);
    assert_eq!(world.slack.tally.acked, 1_024);
}

#[test]
fn ten_thousand_pings_in_a_burst_are_just_pings() {
    let mut world = World::connected(Config::default());
    let link = world.active()[0];
    for _ in 0..10_000 {
        world.send(link, Wire::Ping);
    }
    world.say();
    world.run_for(s(1));
    nothing_lost_and_nothing_twice(&world);
    assert!(world.stats().pings_received >= 10_000);
}

#[test]
fn of_megabytes_that_are_no_json_only_the_start_is_kept() {
    let mut world = World::connected(Config::default());
    let link = world.active()[0];
    let big = "x".repeat(8 << 20);
    world.send_text(link, &format!(r#"{{"type":"events_api","envelope_id":"big","payload":"{big}"}}"#));
    world.send_text(link, &big);
    world.run_for(s(1));
    assert_eq!(world.app.deliveries("big").len(), 1);
    let kept = world.app.events.iter().find_map(|(_, event)| match event {
        Output::Notice(Notice::BadMessage { message, .. }) => Some((message.bytes(), message.start().len())),
        _ => None,
    });
    assert_eq!(kept, Some((8 << 20, 512)));
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
fn a_peer_that_says_nothing_is_replaced_for_ever_and_slowly() {
    let mut world = World::new(Config::default());
    world.slack.ping_every = None;
    world.slack.pongs = false;
    world.run_for(s(3600));
    assert!((60..=119).contains(&world.stats().lost_connections), "{}", world.stats().lost_connections);
}

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
