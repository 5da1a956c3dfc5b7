//! Slack's Socket Mode as a pure state machine: HTTP answers, frames and time go in; actions and envelopes come out.
//!
//! [`SocketMode`] opens no socket, reads no clock and starts no thread. It decides everything that a Socket Mode client
//! has to decide: when to open a connection and with which back-off, when to replace one before Slack cuts it, when a
//! link is dead, which link an acknowledgement goes out on, when to stop. Whoever embeds it performs the
//! [`Action`]s and says what happened. `socketmode-tokio` is a finished client around it.
//!
//! # The loop around it
//!
//! A complete blocking driver over a made-up `Network`:
//!
//! ```
//! use socketmode_protocol::*;
//! use std::time::Duration;
//!
//! trait Network {
//!     fn post_open(&mut self) -> (u16, Vec<u8>);
//!     fn dial(&mut self, connection: ConnectionId, url: &str) -> Result<(), String>;
//!     fn send(&mut self, connection: ConnectionId, text: &str) -> Result<(), String>;
//!     fn ping(&mut self, connection: ConnectionId);
//!     fn close(&mut self, connection: ConnectionId);
//!     /// The next text from any connection, or nothing within this time.
//!     fn receive(&mut self, wait: Duration) -> Option<(ConnectionId, String)>;
//! }
//!
//! fn run(network: &mut impl Network, now: impl Fn() -> Instant) -> Result<(), Box<dyn std::error::Error>> {
//!     let mut machine = SocketMode::new(Config::default(), 42, now())?;
//!     let mut sockets = Vec::new();
//!     loop {
//!         // What the machine asks for and tells.
//!         while let Some(output) = machine.poll_output() {
//!             let (id, action) = match output {
//!                 Output::Action { connection, action } => (connection, action),
//!                 Output::Envelope(envelope) => {
//!                     println!("{}: {}", envelope.kind().as_str(), envelope.payload_json());
//!                     machine.acknowledge(now(), envelope.token(), None)?;
//!                     machine.shutdown(now(), Duration::from_secs(5)); // one is enough for this example
//!                     continue;
//!                 }
//!                 Output::Stopped(_) => return Ok(()),
//!                 Output::Acknowledged { .. } | Output::Notice(_) => continue,
//!             };
//!             match action {
//!                 Action::Open => {
//!                     let (status, body) = network.post_open();
//!                     let response = OpenResponse { status, retry_after: None, body: &body };
//!                     machine.handle_input(now(), id, Input::Opened(response));
//!                 }
//!                 Action::Dial { url } => match network.dial(id, url.expose_secret()) {
//!                     Ok(()) => {
//!                         sockets.push(id);
//!                         machine.handle_input(now(), id, Input::Dialed);
//!                     }
//!                     Err(why) => machine.handle_input(now(), id, Input::DialFailed { status: None, detail: &why }),
//!                 },
//!                 Action::SendPing => network.ping(id),
//!                 Action::Close { .. } => {
//!                     network.close(id);
//!                     machine.handle_input(now(), id, Input::Closed(Closed::Eof));
//!                 }
//!                 Action::Abort => network.close(id),
//!             }
//!         }
//!         // What waits to be sent.
//!         sockets.retain(|&id| machine.connections().any(|status| status.connection == id));
//!         let mut has_sent = false;
//!         for &id in &sockets {
//!             let mut text = String::new();
//!             while let Some(write) = machine.poll_transmit(id, &mut text) {
//!                 match network.send(id, &std::mem::take(&mut text)) {
//!                     Ok(()) => machine.handle_input(now(), id, Input::Written(write)),
//!                     Err(why) => machine.handle_input(now(), id, Input::Closed(Closed::WriteError(&why))),
//!                 }
//!                 has_sent = true;
//!             }
//!         }
//!         if has_sent {
//!             continue; // there may be something to do again
//!         }
//!         // What arrives, and time.
//!         let wait = machine.poll_timeout().map_or(Duration::ZERO, |deadline| deadline.at.saturating_since(now()));
//!         if let Some((id, text)) = network.receive(wait) {
//!             machine.handle_input(
//!                 now(),
//!                 id,
//!                 Input::Frame(IncomingFrame::Text(text.into())),
//!             );
//!         }
//!         machine.handle_timeout(now()); // in any case: on a busy link no wait runs out
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
//! `examples/blocking.rs` is such a loop for real: threads, tungstenite and ureq, in one file.
//!
//! # What holds
//!
//! * **It cannot fail.** `handle_*` take whatever comes in whatever order; what a peer does wrong is a [`Notice`] and a
//!   counter in [`Stats`]. Only what the application asks for is answered by a `Result`.
//! * **It has no contract to break.** Several inputs may go in before the outputs come out; waking early changes
//!   nothing; a clock that runs backwards is taken as standing still.
//! * **It is never stuck and never hot.** Until it has stopped there is a deadline, and after
//!   [`handle_timeout`](SocketMode::handle_timeout) it lies ahead. Opens stay within a budget whatever the peer does.
//! * **It is bounded.** Every queue and map has a limit with a name in [`limits`].
//! * **It repeats itself.** The same seed and the same inputs give the same outputs.
//!
//! # What is in a payload
//!
//! An envelope's payload is text, which the machine does not parse. [`payload`] has types to read it into.
//!
//! The fields behind the payload are read from the end of the message. In a message with another object or array behind the
//! payload, as Slack sends none, `accepts_response_payload`, `retry_attempt` and `retry_reason` between the two are taken as
//! missing; and a payload that is no JSON may be delivered: whoever reads it gets the error.
//!
//! # A connection's life
//!
//! `Waiting → Opening → Dialing → Greeting → Active → Draining → Closing → gone`, see [`ConnectionPhase`]. Every phase
//! but `Active` has a deadline; `Active` ends when nothing arrives for [`Config::silence`].
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
