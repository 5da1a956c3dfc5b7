//! A Slack Socket Mode client for tokio: tokio-tungstenite for the socket, reqwest for HTTP and the handshake, rustls
//! with ring for TLS.
//!
//! ```no_run
//! use serde_json::json;
//! use socketmode_tokio::{AppToken, Client, Event};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let (_client, mut events) = Client::builder(AppToken::from_env()?).connect()?;
//!     while let Some(event) = events.next().await {
//!         match event {
//!             Event::SlashCommand(command) => drop(command.ack_with(&json!({ "text": "on it" })).await?),
//!             Event::EventsApi(request) | Event::Interactive(request) => drop(request.ack().await?),
//!             Event::Stopped(reason) => eprintln!("stopped: {reason}"),
//!             _ => {}
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! Everything that is decided (back-off, rotation, liveness, acknowledgements) is decided in
//! [`protocol`]; the loop and the types above are [`socketmode_driver`]'s.
#![forbid(unsafe_code)]

mod error;
mod socket;
mod transport;

pub use socket::{TokioSocket, TokioText};
pub use socketmode_driver::protocol;
pub use socketmode_driver::{
    AckError, AckErrorKind, AckHandle, Acked, Acknowledgement, AppToken, BotToken, BuildError, Event, Events,
    OpenError, PayloadError, Request, RespondError, Response, Shutdown, TokenError, TransportError,
    TransportErrorKind, WebError,
};
pub use transport::TokioTransport;

/// A handle on a running client.
pub type Client = socketmode_driver::Client<TokioTransport>;
/// Sets a client up.
pub type Builder = socketmode_driver::Builder<TokioTransport>;
/// The future that does all the work.
pub type Driver = socketmode_driver::Driver<TokioTransport>;
/// The Web API with a bot token.
pub type Web = socketmode_driver::Web<TokioTransport>;
