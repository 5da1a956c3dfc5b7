//! What the local Slack does, seen by a bare client: an HTTP connection and a WebSocket, no more.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers may fail as the tests do"
)]

mod acks;
mod acts;
mod block_kit;
mod bounds;
mod browser;
mod client;
mod command_line;
mod config;
mod control;
mod ghosts;
mod handles;
mod journal;
mod links;
mod load;
mod malformed;
mod openapi;
mod opening;
mod origin;
mod people;
mod program;
mod raw_frames;
mod redelivery;
mod refusals;
mod responses;
mod script;
mod terminal;
mod tokens;
mod views;
mod web_api;
mod workspace;
