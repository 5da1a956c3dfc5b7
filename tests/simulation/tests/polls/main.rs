//! Single polls of a driver, on a transport in memory.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod acknowledging;
mod breaking;
mod calls;
mod copies;
mod debug;
mod dropping;
mod full;
mod logs;
mod reading;
mod settings;
mod stall;
mod stopping;
mod telling;
mod up;
