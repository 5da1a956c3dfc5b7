//! Whole clients in simulated time, among faults. The long run is `cargo run -p socketmode-simulation --example simulate`.
#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "tests")]

use std::time::Duration;

use socketmode_model::invariants::Invariant;
use socketmode_model::random::Random;
use socketmode_protocol::{AckPolicy, Config};
use socketmode_simulation::{Plan, Sabotage, driver_socket, run};

const HOUR: Duration = Duration::from_secs(3_600);

/// The plan of a seed that failed: it can be told by its one line.
fn told_by_the_environment() -> Option<Plan> {
    let seed = std::env::var("SIMULATION_SEED").ok()?.parse().expect("SIMULATION_SEED is a number");
    let hours = std::env::var("SIMULATION_HOURS").map_or(24, |hours| hours.parse().expect("a number"));
    Some(Plan { remembers: true, ..Plan::of(seed, HOUR * hours) })
}

#[test]
fn forty_half_days_of_faults_break_no_invariant() {
    for seed in 0..40 {
        run(&Plan::of(seed, 12 * HOUR)).unwrap_or_else(|failure| panic!("{failure}"));
    }
}

#[test]
fn seeds_that_once_broke_an_invariant_break_none() {
    // A call that was decided on goes out though the next answer of the same turn forbids it; an envelope that came before
    // the hello.
    for seed in [1189, 1684, 1908] {
        run(&Plan::of(seed, 12 * HOUR)).unwrap_or_else(|failure| panic!("{failure}"));
    }
}

/// Without `SIMULATION_SEED` it repeats one that is known.
#[test]
fn replay() {
    let plan = told_by_the_environment().unwrap_or_else(|| Plan::of(1, 6 * HOUR));
    let report = run(&plan).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(run(&plan).unwrap(), report, "the same seed goes the same way");
}

#[test]
fn seeds_go_different_ways() {
    let trace = |seed| run(&Plan::of(seed, HOUR)).unwrap().trace;
    assert_ne!(trace(1), trace(2));
}

/// A plan in which the application acknowledges.
fn by_hand(seed: u64, sabotage: Sabotage) -> Plan {
    let policy = AckPolicy::Manual;
    let plan = Plan::of(seed, HOUR).sabotaged(sabotage);
    // With de-duplication, the copy of what was forgotten would be acknowledged.
    let config = Config {
        ack_events_api: policy,
        ack_slash_commands: policy,
        ack_interactive: policy,
        deduplicate: None,
        ..plan.config
    };
    Plan { config, ..plan }
}

fn found(sabotage: Sabotage) -> Invariant {
    run(&by_hand(1, sabotage)).expect_err("what is broken on purpose is found").violation.invariant
}

#[test]
fn an_application_that_forgets_is_noticed() {
    assert_eq!(found(Sabotage::ForgetfulApplication), Invariant::DeliveredWhenSlackBehaves);
}

#[test]
fn a_write_that_vanishes_is_noticed() {
    assert_eq!(found(Sabotage::LostWrites), Invariant::OutcomesAreTrue);
}

#[test]
fn a_wake_up_that_is_lost_is_noticed() {
    assert_eq!(found(Sabotage::LostWakeUps), Invariant::WakeUpsAreHeard);
}

#[test]
fn a_failure_is_told_by_one_line_that_repeats_it() {
    let failure = run(&by_hand(7, Sabotage::ForgetfulApplication)).unwrap_err();
    let told = failure.to_string();
    assert!(told.starts_with("SIMULATION_SEED=7 SIMULATION_HOURS=1 cargo test"), "{told}");
}

#[test]
fn two_thousand_random_strings_of_bytes_break_no_driver() {
    let mut random = Random::new(1);
    for _ in 0..2_000 {
        let bytes: Vec<u8> = (0..401).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
        driver_socket(&bytes);
    }
}
