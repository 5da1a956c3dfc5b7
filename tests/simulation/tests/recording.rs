//! What a client records can be replayed: the pure machine puts out the same, and no invariant breaks.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

use std::time::Duration;

use socketmode_driver::Recording;
use socketmode_model::invariants::Invariant;
use socketmode_model::replay::{self, Played, Problem};
use socketmode_simulation::{Plan, record};

const HOUR: Duration = Duration::from_secs(3_600);
/// More than any of these lives needs.
const ALL: usize = 1 << 30;

fn life(seed: u64, hours: u32) -> Recording {
    let (result, recording) = record(&Plan { recording_bytes: ALL, ..Plan::of(seed, HOUR * hours) });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(recording.dropped(), 0);
    recording
}

fn play(text: &str) -> (Played, Vec<Problem>) {
    let recording = replay::read(text).unwrap_or_else(|error| panic!("{error}"));
    replay::play(&recording, false)
}

fn invariants(text: &str) -> Vec<Invariant> {
    play(text).1.into_iter().map(|problem| problem.violation.invariant).collect()
}

#[test]
fn recorded_lives_among_faults_replay_to_the_same_outputs() {
    let (mut calls, mut outputs) = (0, 0);
    for seed in 0..40 {
        let (played, problems) = play(&life(seed, 3).to_string());
        assert!(problems.is_empty(), "seed {seed}: {}", problems[0]);
        calls += played.calls;
        outputs += played.outputs;
    }
    println!("{calls} calls, {outputs} outputs");
    assert!(calls > 100_000 && outputs > 50_000, "{calls} {outputs}");
}
