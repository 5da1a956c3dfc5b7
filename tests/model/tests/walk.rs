//! Random walks: any input, to any connection, at any time, and every invariant after each step.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails panics")]

use socketmode_model::chooser::{self, Chooser};
use socketmode_model::random::Random;
use socketmode_model::subject::Subject;

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
    let (config, start) = (chooser::config(&mut random, slots), chooser::start(&mut random));
    let (mut subject, outputs) =
        Subject::new(&config, seed, start).unwrap_or_else(|broken| panic!("{broken}"));
    let mut chooser = Chooser::new(start, ENVELOPES);
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
