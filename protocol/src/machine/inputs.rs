//! Decodes inputs for the [table](super::table), and tells the notices that do not depend on it.

use super::table::Decoded;
use super::{Backlog, SocketMode};
use crate::errors::{BadMessageError, ConnectionError, Detail};
use crate::ids::ConnectionId;
use crate::input::{Closed, IncomingFrame, Input};
use crate::notice::{BadMessage, DisconnectReason, Notice};
use crate::open;
use crate::wire::messages::{self, Message};

impl SocketMode {
    pub(super) fn on_input(&mut self, id: ConnectionId, input: Input<'_>) {
        let decoded = match input {
            Input::Opened(response) => match open::read_open_response(&self.config, response) {
                Ok(url) => Decoded::Opened(url),
                Err(error) => Decoded::OpenError(error),
            },
            Input::OpenFailed { detail } => Decoded::OpenFailed(Detail::new(detail)),
            Input::Dialed => Decoded::Dialed,
            Input::DialFailed { status: None, detail } => {
                Decoded::DialFailed(ConnectionError::DialFailed(Detail::new(detail)))
            }
            Input::DialFailed { status: Some(status), detail } => {
                Decoded::DialFailed(ConnectionError::DialStatus { status, detail: Detail::new(detail) })
            }
            Input::Frame(frame) => return self.on_frame(id, &frame),
            Input::Written(write) => Decoded::Written(write),
            Input::NotWritten(write) => Decoded::NotWritten(write),
            Input::Closed(closed) => {
                if self.is_writable(id) {
                    self.tell_end(id, closed);
                }
                Decoded::Ended(closed)
            }
        };
        self.apply(id, decoded);
    }

    fn on_frame(&mut self, id: ConnectionId, frame: &IncomingFrame<'_>) {
        let now = self.now;
        let Some(connection) = self.connection_mut(id) else { return self.stray() };
        if connection.has_socket() {
            let is_ping = matches!(frame, IncomingFrame::Ping);
            if let Some(link) = connection.link_mut() {
                link.inbound(now);
                if is_ping {
                    link.last_server_ping = now;
                }
            }
            self.stats.frames += 1;
            self.stats.pings_received += u64::from(is_ping);
        }
        let decoded = match frame {
            IncomingFrame::Text(text) => match messages::message(text) {
                Ok(Message::Envelope(header)) => Decoded::Envelope(header, text),
                Ok(Message::Hello(hello)) => Decoded::Hello(hello, text),
                Ok(Message::Disconnect(disconnect)) => {
                    let reason = disconnect.reason.clone();
                    // While a connection closes, only this reason matters: it concerns the whole app.
                    if self.is_writable(id) || reason == DisconnectReason::LinkDisabled && self.has_socket(id)
                    {
                        self.notice(Notice::Disconnect { connection: id, disconnect });
                    }
                    Decoded::Disconnect(reason)
                }
                Err(error) => Decoded::Unreadable(error, text.as_bytes()),
            },
            IncomingFrame::Binary(bytes) => Decoded::Unreadable(BadMessageError::Binary, bytes),
            IncomingFrame::Ping | IncomingFrame::Pong => Decoded::SignOfLife,
            IncomingFrame::Close { code } => Decoded::CloseFrame(*code),
        };
        self.apply(id, decoded);
    }

    fn tell_end(&mut self, connection: ConnectionId, closed: Closed<'_>) {
        match closed {
            Closed::Eof => {}
            Closed::ReadError(detail) => {
                self.tell(Notice::IncomingError { connection, detail: Detail::new(detail) });
            }
            Closed::WriteError(detail) => {
                self.tell(Notice::WriteError { connection, detail: Detail::new(detail) });
            }
        }
    }

    pub(super) fn report(&mut self, connection: ConnectionId, error: BadMessageError, message: &[u8]) {
        self.stats.bad_messages += 1;
        self.notice(Notice::BadMessage { connection, message: BadMessage::new(error, message) });
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
        match self.backlog {
            // It is told with what comes after it.
            Backlog::Shedding { envelopes: envelopes @ 1.. } if self.outputs.are_full() => {
                self.rare.overflow.add(envelopes, 0);
            }
            Backlog::Shedding { envelopes: envelopes @ 1.. } => self.tell(Notice::Shed { envelopes }),
            _ => {}
        }
        self.backlog = Backlog::Clear;
    }
}
