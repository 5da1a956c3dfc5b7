//! Slack's Socket Mode as a pure state machine.
#![no_std]
#![forbid(unsafe_code)]
#![warn(clippy::wildcard_enum_match_arm)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod ack;
mod backoff;
mod config;
mod connection;
mod decode;
mod dedup;
mod envelope;
mod event;
mod ids;
mod input;
pub mod limits;
mod machine;
mod open;
mod output;
mod random;
mod skip;
mod stats;
mod time;
mod url;
pub mod verdict;

pub use ack::{AckError, AckOutcome};
pub use config::{AckPolicy, Config, ConfigError};
pub use connection::{ConnectionPhase, ConnectionStatus};
pub use envelope::{Envelope, EnvelopeKind};
pub use event::{
    BadMessage, BadMessageError, ConnectionError, Detail, Disconnect, DisconnectReason, DisconnectedReason,
    Event, Hello, StopReason,
};
pub use ids::{AckToken, ConnectionId, WriteId};
pub use input::{Closed, Frame, Input, OpenResponse};
pub use machine::SocketMode;
pub use open::{OpenError, read_open_response};
pub use output::{Action, Deadline, DeadlineReason, Output};
pub use stats::Stats;
pub use time::Instant;
pub use url::{SocketUrl, UrlError};
