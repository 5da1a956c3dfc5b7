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
//! There are two real ones: `examples/blocking.rs` has a thread for each connection, `examples/epoll.rs` one thread for all
//! of them.
//!
//! # Libraries that buffer
//!
//! A WebSocket library accepts a message at once and writes it when it can, and so does TLS. A message is
//! [`Written`](Input::Written) when a *flush* that began after the library accepted it has returned `Ok`. A flush that would
//! block may have written a part.
//!
//! 1. Flush. While that would block, pull nothing. When it returns `Ok`, report `Written` for the last message that the
//!    library accepted.
//! 2. Pull one message with [`poll_transmit`](SocketMode::poll_transmit), hand it to the library, and go to 1.
//!
//! With this, only one message is not known to be written when a connection ends, and the peer has at most a part of it:
//! none is sent twice. To save system calls, pull several messages before each flush (the drivers: 32 KiB). If the
//! connection ends at that moment, those of them that were written go out a second time. Never pull without a limit: a
//! message that was pulled cannot go out on another connection at once.
//!
//! * Flush also when you have nothing to send: the library answers pings and the peer's close frame by itself, and its
//!   answers wait in the same buffer.
//! * Libraries also flush when they read. If a read returns the end of the connection or an error, flush once more, and on
//!   `Ok` report `Written` before [`Closed`](Input::Closed).
//! * After a close frame a library accepts no message. Pull none then; for one that you have pulled, report
//!   [`NotWritten`](Input::NotWritten).
//! * With tungstenite, `write` has accepted the message also when it returns `WouldBlock`.
//! * With `rustls::Stream` on a socket that does not block, `flush` also returns `Ok` after it has sent a part. It has sent
//!   everything when `wants_write()` is false.
//!
//! # Edge-triggered loops
//!
//! epoll with `EPOLLET`, and so mio, report once that a socket is ready, and again only when something more arrives.
//!
//! * A socket is ready from its event until it returns `WouldBlock`, separately for reading and writing. In each turn of the
//!   loop, try all ready sockets, with a limit of reads for each. Sleep only if nothing was read or written.
//! * Ask [`is_reading`](SocketMode::is_reading) before each read. While it is false, the socket stays ready and unread.
//!   **It turns true by time alone**, without an event: try the ready sockets also after
//!   [`handle_timeout`](SocketMode::handle_timeout).
//! * After the handshake, and in each turn on TLS, try to read without an event: the library may have taken the data from
//!   the socket before.
//! * Sleep until [`poll_timeout`](SocketMode::poll_timeout), rounded up, and call `handle_timeout` also after events.
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
//! * **Its memory is bounded.** Every queue and map has a named limit in [`limits`], also the outputs that nobody polls.
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
mod excerpt;
mod ids;
mod input;
pub mod limits;
mod machine;
mod notice;
mod open;
mod outline;
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
pub use envelope::{Envelope, EnvelopeKind, ResponsePayload};
pub use errors::{AckRefusal, BadMessageError, ConnectionError, Detail, StopReason};
pub use excerpt::excerpt;
pub use ids::{AckToken, ConnectionId, WriteId};
pub use input::{Closed, IncomingFrame, Input, OpenResponse};
pub use machine::SocketMode;
pub use notice::{BadMessage, Disconnect, DisconnectReason, EndReason, Hello, Notice};
pub use open::{OpenResponseError, delay_seconds, read_open_response};
pub use outline::{FrameOutline, OpenOutline};
pub use output::{AckOutcome, Action, Deadline, DeadlineReason, Output};
pub use stats::Stats;
pub use text::Text;
pub use time::Instant;
pub use url::{SocketUrl, UrlError};
