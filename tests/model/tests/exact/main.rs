//! Each time and each bound to its edge, as tables: 1 ms before it one thing happens, at it another; n are taken, n + 1
//! are not. The searches move in ticks of seconds and cannot see these.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a broken expectation ends the test"
)]

mod bounds;
mod complete;
mod harness;
mod ranges;
mod rerouting;
mod shedding;
mod times;
mod unfetched;
