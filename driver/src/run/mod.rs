//! The loop, and what it works with: the I/O of its connections, the queue to the application, the log.

mod connection_io;
pub(crate) mod driver;
mod log;
pub(crate) mod open_call;
pub(crate) mod queue;
