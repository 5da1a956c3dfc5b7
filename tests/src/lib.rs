//! Whole clients in virtual time, and beside this library the tests of the drivers: over real sockets against the local
//! Slack, of the examples, and of whatever else is embedded.
//!
//! What the [`simulation`] has in common with the tests of the state machine alone is in `socketmode_model`.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::needless_pass_by_value,
    clippy::wildcard_enum_match_arm,
    reason = "test support: a broken expectation ends the test"
)]

pub mod simulation;
