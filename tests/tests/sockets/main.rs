//! What a client must live through, over real sockets, against the local Slack.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers may fail as the tests do"
)]

mod answers;
mod blocked_thread;
mod copies;
#[cfg(unix)]
mod dead_end;
mod deaths;
mod dropped_client;
mod envelopes;
mod firewalled;
mod flapping;
mod framing;
mod ghosts;
mod half_open;
mod harness;
mod health;
mod link_failures;
mod network;
mod opening;
mod peer_close;
mod proxies;
mod rotation;
mod router;
mod secrets;
mod shutdown;
#[cfg(unix)]
mod suspended_process;
mod threads;
mod tls;
mod unread;
mod web_api;
mod wire_faults;
mod with_reqwest;
