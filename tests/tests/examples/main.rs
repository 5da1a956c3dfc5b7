//! The examples of the drivers, each run as the process that a newcomer would start, against the local Slack.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers may fail as the tests do"
)]

mod agent;
mod bot;
mod cargo;
#[cfg(unix)]
mod graceful_shutdown;
mod health;
mod modal;
mod pairs;
mod router;
mod slash_command;
mod standup;
mod transcript;
mod unfurl_any_event;
