//! Slack's Socket Mode as a pure state machine: HTTP answers, frames and time go in; actions and envelopes come out.
//!
//! [`SocketMode`] opens no socket, reads no clock and starts no thread. It makes every decision of a Socket Mode client:
//! when to open a connection and after which back-off, when to replace one before Slack closes it, when a connection is
//! dead, which connection an acknowledgement goes out on, when to stop. Your code (the *embedder*) performs the
//! [`Action`]s and reports what happened. `socketmode-tokio` is a finished client around it.
//!
//! # The loop around it
//!
//! A complete blocking driver. `Network` stands for your sockets:
//!
//! ```
//! use socketmode_protocol::*;
//! use std::time::Duration;
//!
//! trait Network {
//!     fn post_open(&mut self) -> (u16, Vec<u8>);
//!     fn dial(
//!         &mut self,
//!         connection: ConnectionId,
//!         url: &str,
//!     ) -> Result<(), String>;
//!     fn send(
//!         &mut self,
//!         connection: ConnectionId,
//!         text: &str,
//!     ) -> Result<(), String>;
//!     fn ping(&mut self, connection: ConnectionId);
//!     fn close(&mut self, connection: ConnectionId);
//!     /// The next text from any connection, or nothing within this time.
//!     fn receive(&mut self, wait: Duration) -> Option<(ConnectionId, String)>;
//! }
//!
//! fn run(
//!     network: &mut impl Network,
//!     now: impl Fn() -> Instant,
//! ) -> Result<(), Box<dyn std::error::Error>> {
//!     let mut machine = SocketMode::new(Config::default(), 42, now())?;
//!     let mut sockets = Vec::new();
//!     loop {
//!         // Take the outputs.
//!         while let Some(output) = machine.poll_output() {
//!             let (id, action) = match output {
//!                 Output::Action { connection, action } => (connection, action),
//!                 Output::Envelope(envelope) => {
//!                     println!(
//!                         "{}: {}",
//!                         envelope.kind().as_str(),
//!                         envelope.payload_json()
//!                     );
//!                     machine.acknowledge(now(), envelope.token(), None)?;
//!                     // One envelope is enough for this example.
//!                     machine.shutdown(now(), Duration::from_secs(5));
//!                     continue;
//!                 }
//!                 Output::Stopped(_) => return Ok(()),
//!                 Output::Acknowledged { .. } | Output::Notice(_) => continue,
//!             };
//!             match action {
//!                 Action::Open => {
//!                     let (status, body) = network.post_open();
//!                     let response =
//!                         OpenResponse { status, retry_after: None, body: &body };
//!                     machine.handle_input(now(), id, Input::Opened(response));
//!                 }
//!                 Action::Dial { url } => {
//!                     match network.dial(id, url.expose_secret()) {
//!                         Ok(()) => {
//!                             sockets.push(id);
//!                             machine.handle_input(now(), id, Input::Dialed);
//!                         }
//!                         Err(why) => machine.handle_input(
//!                             now(),
//!                             id,
//!                             Input::DialFailed { status: None, detail: &why },
//!                         ),
//!                     }
//!                 }
//!                 Action::SendPing => network.ping(id),
//!                 Action::Close { .. } => {
//!                     network.close(id);
//!                     machine.handle_input(now(), id, Input::Closed(Closed::Eof));
//!                 }
//!                 Action::Abort => network.close(id),
//!             }
//!         }
//!         // Send the acknowledgements.
//!         sockets.retain(|&id| {
//!             machine.connections().any(|status| status.connection == id)
//!         });
//!         let mut has_sent = false;
//!         for &id in &sockets {
//!             let mut text = String::new();
//!             while let Some(write) = machine.poll_transmit(id, &mut text) {
//!                 match network.send(id, &std::mem::take(&mut text)) {
//!                     Ok(()) => {
//!                         machine.handle_input(now(), id, Input::Written(write))
//!                     }
//!                     Err(why) => machine.handle_input(
//!                         now(),
//!                         id,
//!                         Input::Closed(Closed::WriteError(&why)),
//!                     ),
//!                 }
//!                 has_sent = true;
//!             }
//!         }
//!         if has_sent {
//!             continue; // there may be new outputs
//!         }
//!         // Receive, and report the time.
//!         let wait = machine.poll_timeout().map_or(Duration::ZERO, |deadline| {
//!             deadline.at.saturating_since(now())
//!         });
//!         if let Some((id, text)) = network.receive(wait) {
//!             machine.handle_input(
//!                 now(),
//!                 id,
//!                 Input::Frame(IncomingFrame::Text(text.into())),
//!             );
//!         }
//!         // Always: on a busy connection, `receive` never waits.
//!         machine.handle_timeout(now());
//!     }
//! }
//! # #[derive(Default)]
//! # struct Fake { connection: Option<ConnectionId>, said: usize, sent: Vec<String>, closed: bool }
//! # impl Network for Fake {
//! #     fn post_open(&mut self) -> (u16, Vec<u8>) {
//! #         (200, br#"{"ok":true,"url":"wss://wss-primary.slack.com/link/?ticket=t"}"#.to_vec())
//! #     }
//! #     fn dial(&mut self, connection: ConnectionId, _: &str) -> Result<(), String> {
//! #         self.connection = Some(connection);
//! #         Ok(())
//! #     }
//! #     fn send(&mut self, _: ConnectionId, text: &str) -> Result<(), String> {
//! #         self.sent.push(text.to_owned());
//! #         Ok(())
//! #     }
//! #     fn ping(&mut self, _: ConnectionId) {}
//! #     fn close(&mut self, _: ConnectionId) {
//! #         self.closed = true;
//! #     }
//! #     fn receive(&mut self, _: Duration) -> Option<(ConnectionId, String)> {
//! #         let lines = [r#"{"type":"hello"}"#, r#"{"type":"events_api","envelope_id":"e1","payload":{"a":1}}"#];
//! #         self.said += 1;
//! #         Some((self.connection?, lines.get(self.said - 1)?.to_string()))
//! #     }
//! # }
//! # let mut network = Fake::default();
//! # run(&mut network, || Instant::from_millis(1)).unwrap();
//! # assert_eq!(network.sent, [r#"{"envelope_id":"e1"}"#]);
//! # assert!(network.closed);
//! ```
//!
//! `examples/blocking.rs` is a real one: threads, tungstenite and ureq.
//!
//! # Guarantees
//!
//! * **It cannot fail.** `handle_*` accept any input in any order. If a peer breaks the protocol, you get a [`Notice`] and
//!   a counter in [`Stats`]. Only the application's own calls return a `Result`.
//! * **Calls need no fixed order.** You may pass several inputs before you take the outputs. Calling
//!   [`handle_timeout`](SocketMode::handle_timeout) early changes nothing. If the clock goes back, the machine keeps the
//!   latest time.
//! * **It never hangs and never spins.** Until it has stopped, there is always a deadline, and after `handle_timeout` that
//!   deadline is in the future. Calls of `apps.connections.open` stay within a budget, whatever the peer does.
//! * **Its memory is bounded.** Every queue and map has a named limit in [`limits`].
//! * **It is deterministic.** The same seed and the same inputs give the same outputs.
//!
//! # Payloads
//!
//! The payload of an envelope is JSON text. The machine does not parse it; [`payload`] has types to read it into.
//!
//! The machine reads the fields behind the payload from the end of the message. Slack sends no other object or array behind
//! the payload. If a message has one, the fields `accepts_response_payload`, `retry_attempt` and `retry_reason` between the
//! two count as missing. A payload that is not JSON may be delivered: reading it returns the error.
//!
//! # The life of a connection
//!
//! `Waiting → Opening → Dialing → Greeting → Active → Draining → Closing → gone`, see [`ConnectionPhase`]. Every phase
//! except `Active` has a deadline. `Active` ends when nothing arrives for [`Config::silence`].
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod acks;
mod backoff;
mod config;
mod connection;
mod envelope;
mod errors;
mod ids;
mod input;
pub mod limits;
mod machine;
mod notice;
mod open;
mod output;
pub mod payload;
mod random;
mod skip;
mod stats;
mod text;
mod time;
mod url;
pub mod verdict;
mod wire;

pub use acks::AckPolicy;
pub use config::{Config, ConfigError};
pub use connection::{ConnectionPhase, ConnectionStatus};
pub use envelope::{Envelope, EnvelopeKind};
pub use errors::{AckRefusal, BadMessageError, ConnectionError, Detail, StopReason};
pub use ids::{AckToken, ConnectionId, WriteId};
pub use input::{Closed, IncomingFrame, Input, OpenResponse};
pub use machine::SocketMode;
pub use notice::{BadMessage, Disconnect, DisconnectReason, EndReason, Hello, Notice};
pub use open::{OpenResponseError, delay_seconds, read_open_response};
pub use output::{AckOutcome, Action, Deadline, DeadlineReason, Output};
pub use stats::Stats;
pub use text::Text;
pub use time::Instant;
pub use url::{SocketUrl, UrlError};
