//! Gateways, workers and NATS servers are killed or replaced under load, and every event is counted.
//!
//! Without arguments it is short. By hand:
//! `cargo test --release -p socketmode-jetstream --test kills -- --events 10000 --rate 500 --runs 3 --slack-schedule`.

#[cfg(unix)]
#[path = "../common/mod.rs"]
mod common;
#[cfg(unix)]
mod run;

#[cfg(unix)]
fn main() -> common::Outcome {
    run::run()
}

#[cfg(not(unix))]
fn main() {
    println!("SKIPPED kills: there are no signals here");
}
