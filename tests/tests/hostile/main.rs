//! Attacks on a client by whoever it talks to: what ends them, and what they cost.
//!
//! The table with all figures: `cargo run --release -p socketmode-tests --example hostile`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers may fail as the tests do"
)]

mod suite;

use std::process::Command;
use std::sync::Mutex;
use suite::{Driver, Outcome, Phase, Trial};

/// Makes a test of each phase on each driver.
macro_rules! on_each_driver {
    ($($test:ident: $phases:expr,)+) => {
        mod tokio { $( #[test] fn $test() { super::survives(super::Driver::Tokio, &$phases); } )+ }
        mod tokio_threads { $( #[test] fn $test() { super::survives(super::Driver::TokioThreads, &$phases); } )+ }
        mod async_std { $( #[test] fn $test() { super::survives(super::Driver::AsyncStd, &$phases); } )+ }
        mod smol { $( #[test] fn $test() { super::survives(super::Driver::Smol, &$phases); } )+ }
    };
}

on_each_driver![
    tcp_and_proxies_that_attack: [super::Phase::Accept, super::Phase::AcceptLink, super::Phase::Proxy],
    tls_that_attacks: [super::Phase::Handshake, super::Phase::Records],
    answers_to_the_open_call_that_attack: [super::Phase::Open],
    answers_to_the_upgrade_that_attack: [super::Phase::Upgrade],
    links_that_attack_before_the_hello: [super::Phase::Hello],
    links_that_attack: [super::Phase::Active],
    links_that_attack_as_they_end: [super::Phase::Draining, super::Phase::Closing],
    answers_of_the_web_api_that_attack: [super::Phase::Web],
];

/// Attacks at a time, in each test: most of them wait for a time-out.
const AT_A_TIME: usize = 4;

/// The client outlives each attack of these phases, within its bounds.
fn survives(driver: Driver, phases: &[Phase]) {
    if suite::run_if_child() {
        return;
    }
    let test = std::thread::current().name().unwrap().to_owned();
    let attacks = Mutex::new(suite::all().into_iter().filter(|attack| phases.contains(&attack.phase)));
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(attack) = { attacks.lock().unwrap().next() } {
                    let trial = Trial { attack, driver };
                    // This test again, as the client.
                    let mut client = Command::new(std::env::current_exe().unwrap());
                    client.args(["--nocapture", "--exact", &test]);
                    let outcome: Outcome = trial.run(client, None);
                    let failed = trial.failures(&outcome);
                    let named = failed.into_iter().map(|failure| format!("{}: {failure}", attack.name));
                    failures.lock().unwrap().extend(named);
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{failures:#?}");
}
