//! What a client has recorded (`Client::recording`), played again in the machine alone.
//!
//! * [`read`]: the lines of a file, as steps and outputs. The file comes from a user: what is wrong with it is an error;
//! * [`play`]: the steps on a machine, with the outputs compared, and on a machine that is watched;
//! * [`timeline`]: what happened, for a person;
//! * [`as_test`]: the same as a test that can be pasted.

mod brief;
mod config;
mod entry;
mod play;
mod print;
mod read;
mod synthetic;

pub use entry::{Entry, Recording, Said, What};
pub use play::{Played, Problem, play};
pub use print::{as_test, timeline};
pub use read::{ReadError, read};
pub use synthetic::padded;
