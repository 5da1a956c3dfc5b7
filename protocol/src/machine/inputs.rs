//! What happened: every phase × input, written out.

use super::transitions::{CLOSE_NORMAL, Leave, Retry};
use super::{Backlog, SocketMode};
use crate::connection::{Connection, Phase};
use crate::decode::{self, Message};
use crate::event::{
    BadMessage, BadMessageError, ConnectionError, Detail, Disconnect, DisconnectReason, DisconnectedReason,
    Event, Hello, StopReason,
};
use crate::ids::{ConnectionId, WriteId};
use crate::input::{Closed, Frame, Input, OpenResponse};
use crate::open;

impl SocketMode {
    pub(super) fn on_input(&mut self, index: usize, input: Input<'_>) {
        let Some(connection) = self.connections.get(index) else { return };
        let id = connection.id;
        match (input, &connection.phase) {
            (Input::Opened(response), Phase::Opening { .. }) => self.on_opened(index, response),
            (Input::OpenFailed { detail }, Phase::Opening { .. }) => {
                self.fail(
                    index,
                    ConnectionError::OpenFailed(Detail::new(detail)),
                    Retry::Backoff,
                    Leave::Gone,
                );
            }
            (Input::Dialed, Phase::Dialing { .. }) => self.greet(index),
            (Input::DialFailed { status, detail }, Phase::Dialing { .. }) => {
                let detail = Detail::new(detail);
                let error = match status {
                    Some(status) => ConnectionError::DialStatus { status, detail },
                    None => ConnectionError::DialFailed(detail),
                };
                self.fail(index, error, Retry::Backoff, Leave::Gone);
            }
            (Input::Frame(frame), Phase::Greeting { .. } | Phase::Active { .. } | Phase::Draining { .. }) => {
                self.on_frame(index, id, frame);
            }
            (Input::Frame(frame), Phase::Closing { .. }) => self.on_last_frame(index, id, frame),
            (
                Input::Written(write),
                Phase::Greeting { .. }
                | Phase::Active { .. }
                | Phase::Draining { .. }
                | Phase::Closing { .. },
            ) => {
                self.on_written(index, write);
            }
            (
                Input::NotWritten(write),
                Phase::Greeting { .. }
                | Phase::Active { .. }
                | Phase::Draining { .. }
                | Phase::Closing { .. },
            ) => {
                self.on_not_written(index, id, write);
            }
            (
                Input::Closed(closed),
                Phase::Greeting { .. } | Phase::Active { .. } | Phase::Draining { .. },
            ) => {
                self.on_closed(index, id, closed);
            }
            (Input::Closed(_), Phase::Closing { .. }) => self.leave(index, Leave::Gone),
            (Input::Closed(closed), Phase::Opening { .. }) => {
                let error = ConnectionError::OpenFailed(closed.detail());
                self.fail(index, error, Retry::Backoff, Leave::Gone);
            }
            (Input::Closed(closed), Phase::Dialing { .. }) => {
                let error = ConnectionError::DialFailed(closed.detail());
                self.fail(index, error, Retry::Backoff, Leave::Gone);
            }
            (Input::Opened(_) | Input::OpenFailed { .. }, Phase::Waiting(_) | Phase::Dialing { .. })
            | (
                Input::Opened(_) | Input::OpenFailed { .. },
                Phase::Greeting { .. }
                | Phase::Active { .. }
                | Phase::Draining { .. }
                | Phase::Closing { .. },
            )
            | (Input::Dialed | Input::DialFailed { .. }, Phase::Waiting(_) | Phase::Opening { .. })
            | (
                Input::Dialed | Input::DialFailed { .. },
                Phase::Greeting { .. }
                | Phase::Active { .. }
                | Phase::Draining { .. }
                | Phase::Closing { .. },
            )
            | (
                Input::Frame(_) | Input::Written(_) | Input::NotWritten(_),
                Phase::Waiting(_) | Phase::Opening { .. } | Phase::Dialing { .. },
            )
            | (Input::Closed(_), Phase::Waiting(_)) => self.stray(),
        }
    }

    pub(super) fn on_backlog(&mut self, full: bool) {
        match (&self.backlog, full) {
            (Backlog::Clear, true) if !self.is_stopping() => {
                self.backlog = Backlog::Paused { until: self.now + self.config.backlog_pause };
            }
            (Backlog::Paused { .. } | Backlog::Shedding { .. }, false) => self.clear_backlog(),
            (Backlog::Clear, _) | (Backlog::Paused { .. } | Backlog::Shedding { .. }, true) => {}
        }
    }

    pub(super) fn clear_backlog(&mut self) {
        if let Backlog::Shedding { envelopes: envelopes @ 1.. } = self.backlog {
            self.tell(Event::Shed { envelopes });
        }
        self.backlog = Backlog::Clear;
    }

    fn on_opened(&mut self, index: usize, response: OpenResponse<'_>) {
        match open::read_open_response(&self.config, response) {
            Ok(url) => self.dial(index, url),
            Err(refusal) => match refusal.stop_reason() {
                Some(reason) => {
                    self.stats.failed_attempts += 1;
                    self.leave(index, Leave::Gone);
                    let grace = self.config.shutdown_grace;
                    self.stop(reason, grace);
                }
                None => self.fail(index, refusal.error, Retry::after(refusal.retry_after), Leave::Gone),
            },
        }
    }

    /// A frame on a link that is open.
    fn on_frame(&mut self, index: usize, id: ConnectionId, frame: Frame<'_>) {
        let now = self.now;
        self.stats.frames += 1;
        let Some(link) = self.connections.get_mut(index).and_then(|connection| connection.link_mut()) else {
            return;
        };
        link.inbound(now);
        match frame {
            Frame::Pong => {}
            Frame::Ping => {
                link.server_ping(now);
                self.stats.pings_received += 1;
            }
            Frame::Close { code } => self.on_peer_close(index, code),
            Frame::Binary(bytes) => self.bad_message(id, BadMessageError::Binary, bytes),
            Frame::Text(text) => match decode::message(text) {
                Ok(Message::Envelope(header)) => {
                    link.envelope(now);
                    self.on_envelope(id, header, text);
                }
                Ok(Message::Hello(hello)) => self.on_hello(index, id, hello, text),
                Ok(Message::Disconnect(disconnect)) => self.on_disconnect(index, id, disconnect),
                Err(error) => self.bad_message(id, error, text.as_bytes()),
            },
        }
    }

    /// A frame that the peer sent before it saw our close frame.
    fn on_last_frame(&mut self, index: usize, id: ConnectionId, frame: Frame<'_>) {
        self.stats.frames += 1;
        match frame {
            Frame::Text(text) => match decode::message(text) {
                Ok(Message::Envelope(header)) => self.on_envelope(id, header, text),
                // The one reason that is about the app, not about this connection.
                Ok(Message::Disconnect(disconnect))
                    if disconnect.reason == DisconnectReason::LinkDisabled =>
                {
                    self.on_disconnect(index, id, disconnect);
                }
                Ok(Message::Hello(_) | Message::Disconnect(_)) => {}
                Err(error) => self.bad_message(id, error, text.as_bytes()),
            },
            Frame::Binary(bytes) => self.bad_message(id, BadMessageError::Binary, bytes),
            Frame::Ping => self.stats.pings_received += 1,
            // The answer to ours; the end of the stream follows, or the deadline.
            Frame::Close { .. } | Frame::Pong => {}
        }
    }

    fn on_hello(&mut self, index: usize, id: ConnectionId, hello: Hello, text: &str) {
        let Some(connection) = self.connections.get(index) else { return };
        match connection.phase {
            Phase::Greeting { .. } => {
                let lifetime = hello.approximate_connection_time;
                self.tell(Event::Hello { connection: id, hello });
                self.activate(index, lifetime);
            }
            Phase::Active { .. }
            | Phase::Draining { .. }
            | Phase::Waiting(_)
            | Phase::Opening { .. }
            | Phase::Dialing { .. }
            | Phase::Closing { .. } => self.bad_message(id, BadMessageError::SecondHello, text.as_bytes()),
        }
    }

    fn on_disconnect(&mut self, index: usize, id: ConnectionId, disconnect: Disconnect) {
        let reason = disconnect.reason.clone();
        self.notice(Event::Disconnect { connection: id, disconnect });
        let Some(connection) = self.connections.get(index) else { return };
        match (reason, &connection.phase) {
            (DisconnectReason::LinkDisabled, _) => {
                let grace = self.config.shutdown_grace;
                self.stop(StopReason::LinkDisabled, grace);
            }
            (DisconnectReason::TooManyWebsockets, Phase::Greeting { .. }) => {
                self.fail(
                    index,
                    ConnectionError::TooManyWebsockets,
                    Retry::TooMany,
                    Leave::Close(CLOSE_NORMAL),
                );
            }
            (DisconnectReason::TooManyWebsockets, Phase::Active { .. }) => {
                self.lose(
                    index,
                    DisconnectedReason::TooManyWebsockets,
                    Retry::TooMany,
                    Leave::Close(CLOSE_NORMAL),
                );
            }
            (DisconnectReason::TooManyWebsockets, Phase::Draining { .. }) => {
                self.close(index, CLOSE_NORMAL, DisconnectedReason::TooManyWebsockets);
            }
            (
                DisconnectReason::Warning | DisconnectReason::RefreshRequested | DisconnectReason::Other(_),
                Phase::Greeting { .. },
            ) => self.fail(
                index,
                ConnectionError::DisconnectedBeforeHello,
                Retry::Backoff,
                Leave::Close(CLOSE_NORMAL),
            ),
            (
                DisconnectReason::Warning | DisconnectReason::RefreshRequested | DisconnectReason::Other(_),
                Phase::Active { .. },
            ) => self.rotate(index, self.now),
            // It is being replaced already, or there is nothing to replace.
            (
                DisconnectReason::Warning | DisconnectReason::RefreshRequested | DisconnectReason::Other(_),
                Phase::Draining { .. },
            )
            | (
                DisconnectReason::TooManyWebsockets
                | DisconnectReason::Warning
                | DisconnectReason::RefreshRequested
                | DisconnectReason::Other(_),
                Phase::Waiting(_) | Phase::Opening { .. } | Phase::Dialing { .. } | Phase::Closing { .. },
            ) => {}
        }
    }

    /// The network will not take this write nor any later one of the connection.
    fn on_not_written(&mut self, index: usize, id: ConnectionId, write: WriteId) {
        let Some(writes) = self.connections.get_mut(index).and_then(Connection::writes_mut) else { return };
        if !writes.contains(write) {
            return self.stray();
        }
        let free: alloc::vec::Vec<_> = writes.take_from(write).collect();
        // A link that takes no more writes is closed, whoever says so first.
        self.on_peer_close(index, None);
        self.detach(id, free);
    }

    fn on_peer_close(&mut self, index: usize, code: Option<u16>) {
        let echo = code.unwrap_or(CLOSE_NORMAL);
        let reason = DisconnectedReason::Closed { code };
        let Some(connection) = self.connections.get(index) else { return };
        match connection.phase {
            Phase::Greeting { .. } => {
                self.fail(index, ConnectionError::ClosedBeforeHello, Retry::Backoff, Leave::Answer(echo));
            }
            Phase::Active { .. } => self.lose(index, reason, Retry::AtOnce, Leave::Answer(echo)),
            // Slack closes what it asked away, as a rule before we do.
            Phase::Draining { .. } if !self.is_stopping() && self.is_up(connection.slot) => {
                self.part(index, DisconnectedReason::Rotated, Leave::Answer(echo));
            }
            Phase::Draining { .. } => self.part(index, reason, Leave::Answer(echo)),
            Phase::Waiting(_) | Phase::Opening { .. } | Phase::Dialing { .. } | Phase::Closing { .. } => {}
        }
    }

    fn on_closed(&mut self, index: usize, id: ConnectionId, closed: Closed<'_>) {
        match closed {
            Closed::Eof => {}
            Closed::ReadError(detail) => {
                self.tell(Event::IncomingError { connection: id, detail: Detail::new(detail) });
            }
            Closed::WriteError(detail) => {
                self.tell(Event::WriteError { connection: id, detail: Detail::new(detail) });
            }
        }
        let Some(connection) = self.connections.get(index) else { return };
        match connection.phase {
            Phase::Greeting { .. } => {
                self.fail(index, ConnectionError::ClosedBeforeHello, Retry::Backoff, Leave::Gone);
            }
            Phase::Active { .. } => self.lose(index, DisconnectedReason::Lost, Retry::AtOnce, Leave::Gone),
            Phase::Draining { .. } => self.part(index, DisconnectedReason::Lost, Leave::Gone),
            Phase::Waiting(_) | Phase::Opening { .. } | Phase::Dialing { .. } | Phase::Closing { .. } => {}
        }
    }

    fn bad_message(&mut self, connection: ConnectionId, error: BadMessageError, message: &[u8]) {
        self.stats.bad_messages += 1;
        self.notice(Event::BadMessage { connection, message: BadMessage::new(error, message) });
    }
}
