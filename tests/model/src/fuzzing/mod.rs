//! What the fuzz targets run: bytes go in, and whatever must not be panics.
//!
//! A target in `fuzz/` calls one of these functions, and so does a test for each file of the committed [`corpus`]. One
//! target more is with the drivers: `socketmode_simulation::driver_socket`.

pub mod corpus;
mod differential;
mod frame_text;
mod open_response;
pub mod seeds;
mod steps;

pub use differential::differential;
pub use frame_text::frame_text;
pub use open_response::open_response;
pub use steps::steps;

use crate::output::Output;

use crate::invariants::Violation;
use crate::step::{Call, Step};
use crate::subject::Subject;

/// A function that takes a fuzzer's bytes.
pub type Target = fn(&[u8]);

/// Every target of the state machine, by the name of its corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("differential", differential),
    ("frame_text", frame_text),
    ("open_response", open_response),
    ("steps", steps),
];

fn must<T>(result: Result<T, Violation>) -> T {
    result.unwrap_or_else(|broken| panic!("{broken}"))
}

/// Takes a step at the latest time that was seen.
fn take_now(subject: &mut Subject, call: Call) -> Vec<Output> {
    let at = subject.now();
    must(subject.take(Step { at, call })).1
}

/// Wakes the machine at its deadline.
fn wake(subject: &mut Subject) -> Vec<Output> {
    let Some(deadline) = subject.machine().poll_timeout() else { return Vec::new() };
    must(subject.take(Step { at: deadline.at, call: Call::Timeout })).1
}
