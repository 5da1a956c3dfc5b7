//! Much at once, and what a client keeps of it.

use socketmode_model::ids::Alphabet;
use socketmode_model::output::Output;
use socketmode_model::step::{Call, OwnedInput, Step, slack};
use socketmode_model::subject::Subject;
use socketmode_model::world::World;
use socketmode_model::world::agenda::Wire;
use socketmode_protocol::{Config, ConnectionId, ConnectionPhase, ConnectionStatus, Instant, Notice, limits};

use crate::{ms, nothing_lost_and_nothing_twice, s};

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
fn ten_thousand_pings_in_a_burst_delay_nothing() {
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
fn only_the_start_of_megabytes_without_json_is_kept() {
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
fn a_client_that_stops_reading_for_a_minute_keeps_its_link() {
    let mut world = World::connected(Config::default());
    world.run_for(s(60));
    world.stop_reading();
    world.load(ms(20), 1);
    world.run_for(s(60));
    assert!(world.app.queue.len() <= world.app.queue_capacity + 256, "{}", world.app.queue.len());
    assert!(world.stats().shed > 1_000, "the rest is left to Slack: {:?}", world.stats());
    assert_eq!((world.stats().lost_connections, world.active().len()), (0, 1));
    assert!(world.longest_unread() <= limits::BACKLOG_PAUSE, "a pong is no later than this");
    world.quiet();
    world.read_again();
    let shed = world
        .app
        .count(|event| matches!(event, Output::Notice(Notice::Shed { envelopes }) if *envelopes > 1_000));
    assert_eq!(shed, 1, "the application is told how many");
    let before = world.app.delivered().0;
    world.run_for(s(60));
    assert!(world.app.delivered().0 > before, "what Slack sends again arrives");
    let late = world.say();
    world.run_for(s(1));
    assert_eq!(world.app.deliveries(&late).len(), 1);
    assert!(world.in_phase(ConnectionPhase::Active).len() == 1);
}

/// A watched machine with one link that is up, and its id.
fn up(config: &Config) -> (Subject, ConnectionId) {
    let (mut subject, _) = Subject::new(config, 7, Instant::ZERO).unwrap_or_else(|broken| panic!("{broken}"));
    let link = subject.machine().connections().next().unwrap().connection;
    for input in [slack::opened(1), OwnedInput::Dialed, slack::hello(1, None)] {
        take(&mut subject, Call::Input(link, input));
    }
    (subject, link)
}

fn take(subject: &mut Subject, call: Call) {
    let (result, _) =
        subject.take(Step { at: Instant::ZERO, call }).unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!(result, Ok(()));
}

#[test]
fn copies_from_a_peer_that_takes_no_writes_use_bounded_memory() {
    let (mut subject, link) = up(&Config { deduplicate: Some(s(600)), ..Config::default() });
    subject.forget_record();
    take(&mut subject, Call::Input(link, OwnedInput::Text(slack::event("e", "Ev", 0))));
    let strangers = Alphabet::new(1);
    take(&mut subject, Call::Acknowledge(strangers.tokens[0], None));
    take(&mut subject, Call::Input(link, OwnedInput::Written(strangers.writes[0])));
    let copy = slack::event("e", "Ev", 1);
    let mut sent = 0;
    let is_up =
        |status: ConnectionStatus| status.connection == link && status.phase == ConnectionPhase::Active;
    while subject.machine().connections().any(is_up) {
        take(&mut subject, Call::Input(link, OwnedInput::Text(copy.clone())));
        sent += 1;
        assert!(sent <= limits::MAX_UNWRITTEN + 8, "it is given up");
    }
    assert_eq!(subject.machine().stats().lost_connections, 1);
}

#[test]
fn envelopes_beyond_what_can_be_outstanding_are_shed_and_told() {
    let (mut subject, link) = up(&Config::default());
    subject.forget_record();
    for n in 0..limits::MAX_OUTSTANDING + 5 {
        take(&mut subject, Call::Input(link, OwnedInput::Text(slack::event(&format!("e{n}"), "Ev", 0))));
    }
    let stats = subject.machine().stats();
    assert_eq!((stats.outstanding, stats.shed), (limits::MAX_OUTSTANDING as u64, 5));
    let later = Instant::from_millis(61_000);
    let mut told = 0;
    for at in [Instant::from_millis(3_000), later] {
        let (_, outputs) =
            subject.take(Step { at, call: Call::Timeout }).unwrap_or_else(|broken| panic!("{broken}"));
        told += outputs
            .iter()
            .map(|output| match output {
                Output::Notice(Notice::Shed { envelopes }) => *envelopes,
                _ => 0,
            })
            .sum::<u64>();
    }
    assert_eq!(told, 5);
}

#[test]
fn a_write_that_was_never_asked_for_acknowledges_nothing() {
    let (mut subject, link) = up(&Config::default());
    let strangers = Alphabet::new(3);
    take(&mut subject, Call::Input(link, OwnedInput::Text(slack::event("e", "Ev", 0))));
    take(&mut subject, Call::Acknowledge(strangers.tokens[0], None));
    take(&mut subject, Call::Input(link, OwnedInput::Written(strangers.writes[2])));
    let stats = subject.machine().stats();
    assert_eq!((stats.acknowledged, stats.outstanding, stats.stray_inputs), (0, 1, 1));
    take(&mut subject, Call::Input(link, OwnedInput::Written(strangers.writes[0])));
    assert_eq!(subject.machine().stats().acknowledged, 1);
}
