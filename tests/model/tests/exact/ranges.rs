//! Waits that are drawn: each value between the two ends comes up, and none beside them.

use std::collections::BTreeSet;
use std::time::Duration;

use socketmode_model::output::Output;
use socketmode_model::step::{Call, OwnedInput, Step, slack};
use socketmode_model::subject::Subject;
use socketmode_protocol::{Config, Instant, Notice, limits};

use crate::harness::ms;

/// The waits after the last of these, over a thousand seeds.
fn waits(config: &Config, script: &[OwnedInput]) -> BTreeSet<Duration> {
    let mut waits = BTreeSet::new();
    for seed in 0..1_000 {
        let (mut subject, mut outputs) = Subject::new(config, seed, Instant::ZERO).unwrap();
        let mut now = Instant::ZERO;
        for input in script {
            while subject.machine().connections().all(|status| !takes(status.phase, input)) {
                now = subject.machine().poll_timeout().unwrap().at;
                let step = Step { at: now, call: Call::Timeout };
                let (_, _) = subject.take(step).unwrap_or_else(|broken| panic!("{broken}"));
            }
            let id =
                subject.machine().connections().find(|status| takes(status.phase, input)).unwrap().connection;
            let call = Call::Input(id, input.clone());
            outputs = subject.take(Step { at: now, call }).unwrap_or_else(|broken| panic!("{broken}")).1;
        }
        waits.extend(outputs.iter().find_map(|output| match output {
            Output::Notice(Notice::ConnectionError { retry_in, .. }) => Some(*retry_in),
            _ => None,
        }));
    }
    waits
}

fn takes(phase: socketmode_protocol::ConnectionPhase, input: &OwnedInput) -> bool {
    use socketmode_protocol::ConnectionPhase::{Dialing, Greeting, Opening};
    match input {
        OwnedInput::Opened { .. } | OwnedInput::OpenFailed => phase == Opening,
        OwnedInput::Dialed | OwnedInput::DialFailed(_) => phase == Dialing,
        _ => phase == Greeting,
    }
}

fn between(from: Duration, to: Duration) -> BTreeSet<Duration> {
    let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap();
    (millis(from)..=millis(to)).map(ms).collect()
}

#[test]
fn a_back_off_is_drawn_from_floor_to_ceiling() {
    let floor = limits::BACKOFF_FLOOR;
    let config = |base, cap| Config { backoff_base: floor + base, backoff_cap: cap, ..Config::default() };
    let failed = |times| vec![OwnedInput::OpenFailed; times];
    let far = Duration::from_secs(60);
    assert_eq!(waits(&config(ms(3), far), &failed(1)), between(floor, floor + ms(3)), "backoff_base");
    assert_eq!(
        waits(&config(ms(3), floor + ms(5)), &failed(2)),
        between(floor, floor + ms(5)),
        "backoff_cap"
    );
    let doubled = waits(&config(ms(3), far), &failed(2));
    assert!(
        doubled.iter().max() > Some(&(floor + ms(3))) && doubled.iter().max() <= Some(&((floor + ms(3)) * 2))
    );
}

#[test]
fn too_many_connections_wait_for_half_to_all_of_it() {
    let config = Config { too_many_backoff: ms(8), connections: 2, ..Config::default() };
    let first = [slack::opened(1), OwnedInput::Dialed, slack::hello(1, None)];
    let second = [slack::opened(2), OwnedInput::Dialed, slack::disconnect("too_many_websockets")];
    assert_eq!(waits(&config, &[first, second].concat()), between(ms(4), ms(8)));
}

#[test]
fn with_no_link_up_the_wait_for_room_is_at_most_30_s() {
    let config = Config { backoff_base: ms(90_000), backoff_cap: ms(90_000), ..Config::default() };
    let script = [slack::opened(1), OwnedInput::Dialed, slack::disconnect("too_many_websockets")];
    let waits = waits(&config, &script);
    assert_eq!(waits.last(), Some(&limits::TOO_MANY_CAP));
    assert!(waits.first() < Some(&ms(1_000)), "{waits:?}");
}
