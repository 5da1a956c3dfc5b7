//! Everything that can happen, searched to the end.
#![allow(
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that fails panics, and what was searched is told"
)]

use socketmode_model::explorer::Scope;

#[test]
fn nothing_that_can_happen_to_one_slot_breaks_an_invariant() {
    explore(&Scope::one_slot());
}

#[test]
fn nothing_that_can_happen_to_two_slots_breaks_an_invariant() {
    explore(&Scope::two_slots());
}

#[test]
fn nothing_that_can_happen_to_a_slow_driver_breaks_an_invariant() {
    explore(&Scope::slow_driver());
}

#[test]
fn nothing_that_can_happen_to_copies_breaks_an_invariant() {
    explore(&Scope::copies());
}

#[test]
fn nothing_that_can_happen_after_a_stall_breaks_an_invariant() {
    explore(&Scope::stalls());
}

#[test]
fn nothing_that_can_happen_as_links_linger_breaks_an_invariant() {
    explore(&Scope::lingering());
}

#[test]
fn nothing_that_can_happen_among_ghosts_breaks_an_invariant() {
    explore(&Scope::ghosts());
}

fn explore(scope: &Scope) {
    match scope.explore() {
        Ok(report) => println!("{report}"),
        Err(found) => panic!("{found}"),
    }
}
