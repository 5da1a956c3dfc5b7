//! The async loop around [`socketmode_protocol`], and what users of a Slack Socket Mode client hold in their hands.
//!
//! There is no runtime in here. A driver crate (`socketmode-tokio`, `socketmode-async-std`) brings a [`Transport`]:
//! HTTP, the WebSocket, a clock; this crate brings everything else, so that it exists once:
//!
//! * [`Builder`]: from a token to a [`Client`], its [`Events`], and the [`Driver`] future;
//! * [`Event`] and [`Request`]: what Slack sends, and how to acknowledge it;
//! * [`web`]: the Web API by the same way;
//! * [`AppToken`], [`BotToken`]: secrets that do not print themselves;
//! * [`Network`]: proxies and certificates.
//!
//! The feature flags are for drivers: each adds something that they share, in [`net`].
#![cfg_attr(feature = "tungstenite", doc = "")]
#![cfg_attr(feature = "tungstenite", doc = include_str!("own_transport.md"))]
#![forbid(unsafe_code)]

mod ack;
mod builder;
mod client;
#[cfg(test)]
mod delivering;
mod driver;
mod escape;
mod event;
mod interaction;
mod link;
mod log;
mod mailbox;
pub mod net;
mod open;
mod queue;
mod request;
mod response;
// In no build but that of tests/schedules.
#[cfg(socketmode_schedules)]
#[path = "../../tests/schedules/bodies/mod.rs"]
pub mod schedules;
mod shutdown;
mod stall;
mod sync;
mod token;
mod transport;
#[cfg(test)]
mod wakes;
pub mod web;

pub use ack::{AckError, AckErrorKind, AckHandle, Acked, Acknowledgement};
pub use builder::{BuildError, Builder};
pub use client::{Client, RespondError, Response};
pub use driver::Driver;
pub use event::{Event, Events};
pub use interaction::InteractionRequest;
pub use net::{Network, Roots};
pub use open::OpenError;
pub use request::{Any, PayloadError, Request};
pub use response::{
    DialogErrors, DialogOptions, MenuOption, Message, OptionGroup, Responds, Suggestions, View, ViewResponse,
};
pub use shutdown::Shutdown;
pub use token::{AppToken, BotToken, TokenError};
pub use transport::{Frame, Runtime, Transport, TransportError, TransportErrorKind};
pub use web::{Web, WebError};

/// The state machine under this crate; its types appear in this crate's API.
pub use socketmode_protocol as protocol;
#[doc(no_inline)]
pub use socketmode_protocol::payload;
