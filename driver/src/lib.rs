//! The async loop around [`socketmode_protocol`], and the API of a Slack Socket Mode client.
//!
//! This crate contains no runtime. A driver crate (`socketmode-tokio`, `socketmode-async-std`) provides a [`Transport`]:
//! HTTP, the WebSocket, a clock. Everything else is here, once for all runtimes:
//!
//! * [`Builder`]: makes a [`Client`], its [`Events`], and the [`Driver`] future from a token;
//! * [`Event`] and [`Request`]: what Slack sends, and how to acknowledge it;
//! * [`router`]: which handler runs for which request, and [`Client::serve`];
//! * [`Health`]: whether a client receives, from [`Client::health`], and what a probe is told;
//! * [`web`]: the Web API over the same transport; [`limits`]: what Slack documents as too long;
//! * [`AppToken`], [`BotToken`]: secrets that do not print;
//! * [`Network`]: proxies and certificates.
//!
//! The features are for driver crates: each adds a part of [`net`], and `probes` adds `Client::answer_probes`.
#![cfg_attr(feature = "tungstenite", doc = "")]
#![cfg_attr(feature = "tungstenite", doc = include_str!("own_transport.md"))]
#![forbid(unsafe_code)]

// The folders are layers, and each imports only from those below it: router, client, run, web, net, transport. `health`, `recorder` and
// `request` stand below run, and need none of the others; `health` needs `request`, and `metrics` both. `limits` needs none.
mod client;
#[cfg(any(test, feature = "detached", feature = "testing"))]
#[cfg_attr(not(feature = "detached"), allow(dead_code, unreachable_pub, reason = "tests need a part of it"))]
pub mod detached;
mod escape;
#[cfg(any(test, feature = "testing"))]
pub mod fake;
mod health;
pub mod limits;
#[cfg(feature = "metrics")]
pub mod metrics;
#[cfg(not(feature = "metrics"))]
mod metrics;
pub mod net;
mod recorder;
mod request;
pub mod router;
mod run;
// Only in the build of tests/schedules.
#[cfg(socketmode_schedules)]
#[path = "../../tests/schedules/bodies/mod.rs"]
pub mod schedules;
mod sync;
#[cfg(test)]
mod testing;
mod token;
mod transport;
pub mod web;

pub use client::builder::{BuildError, Builder};
pub use client::events::Events;
pub use client::health::HealthChanges;
pub use client::shutdown::Shutdown;
pub use client::{Client, RespondError, Response};
pub use health::{Health, Phases, Probe, Reconnects, STALLED_AFTER, Unready};
pub use limits::LimitError;
pub use net::{Network, Roots};
pub use recorder::Recording;
pub use request::acknowledgement::Acknowledgement;
pub use request::event::Event;
pub use request::interaction::InteractionRequest;
pub use request::mailbox::{AckError, AckHandle};
pub use request::outcome::{AckErrorKind, Acked};
pub use request::response::{
    DialogErrors, DialogOptions, MenuOption, Message, OptionGroup, Responds, Suggestions, View, ViewResponse,
};
pub use request::{Any, PayloadError, Request};
pub use run::driver::Driver;
pub use run::open_call::OpenError;
pub use token::{AppToken, BotToken, TokenError};
pub use transport::{Frame, Runtime, Transport, TransportError, TransportErrorKind};
pub use web::{Web, WebError};

/// The state machine under this crate; its types appear in this crate's API.
pub use socketmode_protocol as protocol;
#[doc(no_inline)]
pub use socketmode_protocol::payload;
#[doc(inline)]
pub use socketmode_protocol::{
    AckPolicy, AckRefusal, BadMessage, Config, ConnectionError, ConnectionId, Disconnect, DisconnectReason,
    EndReason, Hello, Notice, StopReason,
};
