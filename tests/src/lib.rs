//! What the tests of all crates share: a simulated world around the machine, in simulated time.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "test support: a broken expectation ends the test"
)]

pub mod ids;
pub mod invariants;
pub mod random;
pub mod step;
pub mod subject;
pub mod world;
