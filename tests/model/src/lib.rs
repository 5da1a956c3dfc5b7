//! What tests of `socketmode-protocol` share, in simulated time: nothing here reads a clock or opens a socket.
//!
//! Five things, kept apart so that each can be used alone:
//!
//! * [`step`]: the vocabulary. Everything that can be done to a machine, as data that can be kept and replayed;
//! * [`invariants`]: what must hold after every step, each with a name and a sentence;
//! * [`subject`]: a machine that is watched: a step goes in, the invariants are checked, the outputs come out;
//! * [`explorer`]: everything that can happen to a machine, searched to the end;
//! * [`world`]: a model of Slack, of the network and of an application around one such machine.
//!
//! Those that choose steps, by chance or one after the other, ask a [`chooser`], which asks a [`choice`]; [`random`] is
//! one, and [`ids`] has what no machine gave out. [`replay`] plays what a client has recorded. [`fuzzing`] has what the fuzz targets run.
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

pub mod choice;
pub mod chooser;
pub mod explorer;
pub mod fuzzing;
pub mod ids;
pub mod invariants;
pub mod output;
pub mod random;
pub mod replay;
pub mod step;
pub mod subject;
pub mod world;
