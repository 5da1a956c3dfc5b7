//! Corners of the machine in which a client can get stuck, run hot or tell what is not so.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use socketmode_model::ids::Alphabet;
use socketmode_model::output::Output;
use socketmode_model::step::{Call, Happening, Step, slack};
use socketmode_model::subject::Subject;
use socketmode_model::world::World;
use socketmode_model::world::app::Acks;
use socketmode_model::world::checks::outcomes;
use socketmode_protocol::{
    AckOutcome, AckRefusal, Config, ConnectionPhase, ConnectionStatus, EndReason, Instant, Notice,
    SocketMode, Stats, limits,
};

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn at_the_end_of_time_nothing_is_due_and_nothing_runs_hot() {
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
fn of_ten_slots_two_warned_at_once_do_not_wait_for_each_other() {
    let mut world = World::connected(Config { connections: 10, ..Config::default() });
    world.run_for(s(60));
    world.app.acks = Acks::After(ms(1_500));
    for _ in 0..20 {
        world.say();
    }
    world.run_for(ms(100));
    let warned = [world.active()[0], world.active()[1]];
    for link in warned {
        world.warn(link, "warning");
    }
    let took = world.run_until("both are replaced", s(20), |world| {
        world.active().len() == 10 && warned.iter().all(|link| !world.active().contains(link))
    });
    assert!(took < s(5), "Slack cuts after 10 s: {took:?}");
    world.run_for(s(10));
    assert_eq!((world.slack.tally.acked, world.slack.tally.acked_twice), (20, 0));
    assert!(outcomes(&world).iter().all(|outcome| matches!(outcome, AckOutcome::Sent { late: false, .. })));
}

#[test]
fn with_ten_slots_a_handler_that_never_acks_blocks_no_rotation() {
    let mut world = World::connected(Config { connections: 10, ..Config::default() });
    world.run_for(s(60));
    world.app.acks = Acks::Never;
    world.slack.redelivers = false;
    world.load(ms(200), 10);
    let warned = world.active();
    for link in &warned[..3] {
        world.warn(*link, "warning");
    }
    let took = world.run_until("all three are replaced", s(30), |world| {
        world.active().len() == 10 && warned[..3].iter().all(|link| !world.active().contains(link))
    });
    assert!(took < s(10), "Slack cuts after 10 s: {took:?}");
}

/// A watched machine with one link that is up, and its id.
fn up(config: &Config) -> (Subject, socketmode_protocol::ConnectionId) {
    let (mut subject, _) = Subject::new(config, 7, Instant::ZERO).unwrap_or_else(|broken| panic!("{broken}"));
    let link = subject.machine().connections().next().unwrap().connection;
    for happening in [slack::opened(1), Happening::Dialed, slack::hello(1, None)] {
        take(&mut subject, Call::Input(link, happening));
    }
    (subject, link)
}

fn take(subject: &mut Subject, call: Call) {
    let (result, _) =
        subject.take(Step { at: Instant::ZERO, call }).unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!(result, Ok(()));
}

#[test]
fn a_write_that_was_never_asked_for_acknowledges_nothing() {
    let (mut subject, link) = up(&Config::default());
    let strangers = Alphabet::new(3);
    take(&mut subject, Call::Input(link, Happening::Text(slack::event("e", "Ev", 0))));
    take(&mut subject, Call::Acknowledge(strangers.tokens[0], None));
    take(&mut subject, Call::Input(link, Happening::Written(strangers.writes[2])));
    let stats = subject.machine().stats();
    assert_eq!((stats.acknowledged, stats.outstanding, stats.stray_inputs), (0, 1, 1));
    take(&mut subject, Call::Input(link, Happening::Written(strangers.writes[0])));
    assert_eq!(subject.machine().stats().acknowledged, 1);
}

#[test]
fn copies_from_a_peer_that_takes_no_writes_cost_bounded_memory() {
    let (mut subject, link) = up(&Config { deduplicate: Some(s(600)), ..Config::default() });
    subject.forget_record();
    take(&mut subject, Call::Input(link, Happening::Text(slack::event("e", "Ev", 0))));
    let strangers = Alphabet::new(1);
    take(&mut subject, Call::Acknowledge(strangers.tokens[0], None));
    take(&mut subject, Call::Input(link, Happening::Written(strangers.writes[0])));
    let copy = slack::event("e", "Ev", 1);
    let mut sent = 0;
    let is_up =
        |status: ConnectionStatus| status.connection == link && status.phase == ConnectionPhase::Active;
    while subject.machine().connections().any(is_up) {
        take(&mut subject, Call::Input(link, Happening::Text(copy.clone())));
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
        take(&mut subject, Call::Input(link, Happening::Text(slack::event(&format!("e{n}"), "Ev", 0))));
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
                socketmode_model::output::Output::Notice(Notice::Shed { envelopes }) => *envelopes,
                _ => 0,
            })
            .sum::<u64>();
    }
    assert_eq!(told, 5);
}

#[test]
fn who_does_not_read_for_a_minute_keeps_link_and_envelopes() {
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

#[test]
fn a_replaced_link_waits_for_its_own_acknowledgements() {
    let mut world = World::connected(Config::default());
    world.run_for(s(60));
    world.app.acks = Acks::After(ms(2_500));
    let old = world.active()[0];
    world.say();
    world.run_for(ms(50));
    world.warn(old, "warning");
    world.run_for(s(10));
    let sent = AckOutcome::Sent { connection: old, elsewhere: false, late: false };
    assert_eq!(outcomes(&world), [sent]);
    assert_eq!((world.active().len(), world.stats().rotations), (1, 1));
}

#[test]
fn links_whose_lives_end_together_are_replaced_in_turn() {
    let mut world = World::connected(Config { connections: 3, ..Config::default() });
    world.slack.open_latency = s(5);
    world.run_for(s(18_060 - 91));
    let mut most = 0;
    let start = world.now();
    while world.now().saturating_since(start) < s(60) {
        world.run_for(ms(100));
        let attempts: usize = [ConnectionPhase::Opening, ConnectionPhase::Dialing, ConnectionPhase::Greeting]
            .into_iter()
            .map(|phase| world.in_phase(phase).len())
            .sum();
        most = most.max(attempts);
    }
    assert_eq!((most, world.stats().rotations, world.active().len()), (1, 3, 3));
}

#[test]
fn what_is_unacknowledged_after_3_s_ends_if_its_link_is_gone() {
    let mut world = World::connected(Config::default());
    world.run_for(s(60));
    world.app.acks = Acks::Never;
    world.slack.redelivers = false;
    let (early, link) = (world.say(), world.active()[0]);
    world.run_for(ms(100));
    world.reset(link);
    world.run_for(s(2));
    assert_eq!(world.stats().outstanding, 1, "there is still time to acknowledge it on another link");
    world.run_for(s(1));
    assert_eq!((world.stats().outstanding, world.stats().expired), (0, 1));
    let token = world.app.deliveries(&early)[0];
    assert_eq!(world.acknowledge(token, None), Err(AckRefusal::Settled));
}
