//! Random walks: any input, to any connection, at any time, and every invariant after each step.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails panics")]

use std::hash::{DefaultHasher, Hasher};
use std::time::Duration;

use socketmode_model::chooser::{self, Chooser};
use socketmode_model::output::drain;
use socketmode_model::random::Random;
use socketmode_model::step::Step;
use socketmode_model::subject::Subject;
use socketmode_protocol::{Instant, SocketMode};

/// Steps of each test.
const STEPS: u64 = 200_000;
/// A machine that lives longer than this gives way to the next one.
const LIFE: u64 = 2_000;
/// Envelopes that differ.
const ENVELOPES: u64 = 400;

#[test]
fn no_walk_of_one_slot_breaks_an_invariant() {
    walk(1);
}

#[test]
fn no_walk_of_two_slots_breaks_an_invariant() {
    walk(2);
}

#[test]
fn no_walk_of_ten_slots_breaks_an_invariant() {
    walk(10);
}

/// The explorer would not end if what it knows a state by told the hour.
#[test]
fn the_same_run_at_another_time_has_the_same_canonical_hash() {
    const LATER: Duration = Duration::from_secs(70_000);
    let mut keys = std::collections::BTreeSet::new();
    for seed in 0..80 {
        let slots = [1, 2, 10][usize::try_from(seed).unwrap() % 3];
        let mut random = Random::new(seed);
        let (config, start) = (chooser::config(&mut random, slots, false), Instant::from_millis(10_000));
        let mut early = SocketMode::new(config.clone(), seed, start).unwrap();
        let mut late = SocketMode::new(config, seed, start + LATER).unwrap();
        let mut chooser = Chooser::new(start, ENVELOPES);
        for n in 0..LIFE {
            let step = chooser.step(&mut random, &early);
            // A lifetime up to the end of time is shorter for whoever starts later.
            if format!("{:?}", step.call).contains(&u64::MAX.to_string()) {
                break;
            }
            let shifted = Step { at: step.at + LATER, call: step.call.clone() };
            assert_eq!(step.apply(&mut early), shifted.apply(&mut late), "step {n}");
            let outputs = drain(&mut early);
            let same = drain(&mut late);
            assert_eq!(outputs, same, "step {n}");
            chooser.remember(&outputs);
            assert_eq!(canonical_hash(&early), canonical_hash(&late), "step {n}: {step:?}");
            keys.insert(canonical_hash(&early));
        }
    }
    assert!(keys.len() > 5_000, "{} states", keys.len());
}

fn canonical_hash(machine: &SocketMode) -> u64 {
    let mut hasher = DefaultHasher::new();
    machine.hash_canonical(&mut hasher);
    hasher.finish()
}

fn walk(slots: usize) {
    let (mut steps, mut seed) = (0, 0);
    while steps < STEPS {
        seed += 1;
        steps += life(slots, seed);
    }
}

/// One machine's walk, and its length.
fn life(slots: usize, seed: u64) -> u64 {
    let mut random = Random::new(seed);
    let among_ghosts = seed % 4 == 3;
    let config = chooser::config(&mut random, slots, among_ghosts);
    let start = chooser::start(&mut random);
    let (mut subject, outputs) =
        Subject::new(&config, seed, start).unwrap_or_else(|broken| panic!("{broken}"));
    let mut chooser = Chooser::new(start, ENVELOPES).among_ghosts(among_ghosts);
    chooser.remember(&outputs);
    // Two more steps after the end, to see that nothing comes after it.
    let mut after_the_end = 0;
    while subject.steps() < LIFE && after_the_end < 3 {
        let step = chooser.step(&mut random, subject.machine());
        let (_, outputs) = subject.take(step).unwrap_or_else(|broken| panic!("{broken}"));
        chooser.remember(&outputs);
        after_the_end += u64::from(subject.machine().is_stopped());
    }
    subject.replay().unwrap_or_else(|broken| panic!("{broken}"));
    subject.steps()
}
