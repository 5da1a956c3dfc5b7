//! What a client must live through, over real sockets, against the local Slack.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers may fail as the tests do"
)]

mod answers;
mod closing;
mod copies;
mod dropped;
mod ending;
mod envelopes;
mod faults;
mod firewalled;
mod harness;
mod link;
mod network;
mod opening;
mod proxies;
mod rotation;
mod secrets;
mod stall;
#[cfg(unix)]
mod stopped;
mod threads;
mod tls;
mod web_api;
mod wire;
mod with_reqwest;
