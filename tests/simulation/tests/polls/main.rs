//! Single polls of a driver, on a transport in memory.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod acknowledgements;
mod calls;
mod copies;
mod debug;
mod dropped_driver;
mod failed_writes;
mod full_queue;
mod harness;
mod health;
mod logs;
mod metrics;
mod notices;
mod reading;
mod settings;
mod shutdown;
mod stall;
