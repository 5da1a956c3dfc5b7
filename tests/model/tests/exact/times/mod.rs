//! Each duration, in every phase in which it runs.

mod acknowledgements;
mod attempts;
mod links;

use std::time::Duration;

use crate::harness::{Bench, ms};

/// One duration in one phase. `lasts` after what `begin` gives, `probe` sees `at`; 1 ms earlier it sees `before`.
pub(crate) struct Row {
    /// The field of `Config`, or the constant of `limits`.
    pub(crate) name: &'static str,
    phase: &'static str,
    begin: fn() -> Bench,
    lasts: Duration,
    probe: fn(&mut Bench) -> String,
    before: &'static str,
    at: &'static str,
}

/// The time is handed in; what is put out counts.
fn time(bench: &mut Bench) -> String {
    bench.fire();
    bench.told()
}

/// A row about what happens by time alone.
fn timer(
    name: &'static str,
    phase: &'static str,
    begin: fn() -> Bench,
    lasts: Duration,
    at: &'static str,
) -> Row {
    Row { name, phase, begin, lasts, probe: time, before: "", at }
}

#[test]
fn each_duration_is_exact_to_the_millisecond() {
    let mut wrong = Vec::new();
    for Row { name, phase, begin, lasts, probe, before, at } in rows() {
        for (early, expected) in [(ms(1), before), (Duration::ZERO, at)] {
            let mut bench = begin();
            bench.told();
            bench.advance(lasts - early);
            let seen = probe(&mut bench);
            if seen != expected {
                wrong.push(format!("{name}, {phase}, {early:?} early: {seen:?} instead of {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

pub(crate) fn rows() -> Vec<Row> {
    [
        attempts::attempts(),
        attempts::handshakes(),
        links::links(),
        links::handovers(),
        links::endings(),
        acknowledgements::acknowledgements(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
