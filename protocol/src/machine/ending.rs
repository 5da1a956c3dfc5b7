//! The end of a connection: its close frame, and what becomes of its acknowledgements.

use alloc::vec::Vec;

use super::SocketMode;
use super::table::{Decoded, End, NORMAL_CLOSURE};
use super::transitions::Place;
use crate::connection::{Close, Connection, Phase, Writes};
use crate::ids::ConnectionId;
use crate::limits::MAX_LINGERING;
use crate::output::Action;
use crate::time::Instant;

impl SocketMode {
    /// Ends a connection, or begins to close it. Its writes go out on another connection as soon as it is known that they
    /// are not written on this one.
    pub(super) fn end(&mut self, Place { id, slot }: Place, end: End) {
        if let Some(Phase::Active { link, .. } | Phase::Draining { link, .. }) = self.phase(id) {
            self.rare.dark_since = self.rare.dark_since.max(Some(link.last_inbound));
        }
        let mut writes =
            self.connection_mut(id).and_then(Connection::writes_mut).map(core::mem::take).unwrap_or_default();
        let free = match end {
            End::Close(_) => Vec::new(),
            End::Abort | End::Answer(_) | End::Dead => writes.take_queued(),
            End::Gone | End::Unanswered | End::TimedOut => writes.take_all(),
        };

        // A slot has room for two connections, and the next one needs a place. If another one is ending too, drop this one
        // at once, unless it has pulled writes.
        let crowded = !self.is_stopping()
            && writes.is_empty()
            && self.connections.iter().any(|other| other.slot == slot && other.id != id && other.is_ending());
        if let Some(until) = self.lingers_until(id, end, writes.is_empty(), crowded) {
            self.linger(id, until);
            return self.reroute(id, free);
        }
        let close = match end {
            End::Close(code) if writes.has_queued() => Close::AfterWrites(code),
            End::Close(code) if !crowded => {
                self.act(id, Action::Close { code });
                Close::Asked
            }
            End::Answer(code) if !crowded => {
                self.act(id, Action::Close { code });
                Close::Answered
            }
            End::Dead if !crowded && !self.config.linger.is_zero() => {
                self.act(id, Action::Close { code: NORMAL_CLOSURE });
                Close::Asked
            }
            End::Close(_) | End::Answer(_) | End::Dead | End::Abort => {
                self.act(id, Action::Abort);
                Close::Aborted
            }
            End::Unanswered | End::TimedOut => {
                if !matches!(self.phase(id), Some(Phase::Closing { close: Close::Aborted, .. })) {
                    self.act(id, Action::Abort);
                }
                Close::Aborted
            }
            End::Gone => Close::Aborted,
        };
        if close == Close::Aborted && writes.is_empty() {
            self.connections.retain(|connection| connection.id != id);
        } else {
            let deadline = self.now + self.config.close_timeout;
            self.enter(id, Phase::Closing { deadline, writes, close });
        }
        self.reroute(id, free);
    }

    /// Until when a connection that ends lingers, which takes no place in its slot. `None` while its writes can still go out,
    /// and while everything stops.
    fn lingers_until(&self, id: ConnectionId, end: End, is_written: bool, crowded: bool) -> Option<Instant> {
        if self.config.linger.is_zero() || self.is_stopping() {
            return None;
        }
        let lingers = self.now + self.config.linger;
        match end {
            End::Dead if is_written => Some(lingers),
            End::Close(_) if crowded => Some(lingers),
            // The peer has said that it ends the connection.
            End::Answer(_) if crowded => Some(self.now + self.config.close_timeout),
            End::Unanswered => {
                let answered = [Close::Answered, Close::Aborted];
                let is_answered =
                    matches!(self.phase(id), Some(Phase::Closing { close, .. }) if answered.contains(close));
                Some(lingers).filter(|_| !is_answered)
            }
            End::Gone | End::Abort | End::Dead | End::Close(_) | End::Answer(_) | End::TimedOut => None,
        }
    }

    /// Keeps the socket of a dead connection, with a close frame that the network may take later.
    fn linger(&mut self, id: ConnectionId, until: Instant) {
        if !matches!(self.phase(id), Some(Phase::Closing { close: Close::Asked, .. })) {
            self.act(id, Action::Close { code: NORMAL_CLOSURE });
        }
        self.enter(id, Phase::Lingering { until });
        let mut lingering = self.connections.iter().filter(|other| other.is_lingering());
        let oldest = lingering.next().map(|oldest| oldest.id);
        if let (Some(oldest), true) = (oldest, lingering.count() >= MAX_LINGERING) {
            self.apply(oldest, Decoded::LingerTimedOut);
        }
    }

    /// The peer takes no more writes on a closing connection.
    pub(super) fn close_now(&mut self, id: ConnectionId) {
        let free = self.connection_mut(id).and_then(Connection::writes_mut).map(Writes::take_queued);
        self.close_if_pulled(id);
        if let Some(Phase::Closing { close: close @ Close::Asked, .. }) =
            self.connection_mut(id).map(|connection| &mut connection.phase)
        {
            *close = Close::Answered;
        }
        self.reroute(id, free.unwrap_or_default());
    }

    /// Puts out the close frame once all writes are pulled.
    pub(super) fn close_if_pulled(&mut self, id: ConnectionId) {
        let Some(Connection { phase: Phase::Closing { writes, close, .. }, .. }) = self.connection_mut(id)
        else {
            return;
        };
        if let (Close::AfterWrites(code), false) = (*close, writes.has_queued()) {
            *close = Close::Asked;
            self.act(id, Action::Close { code });
        }
    }
}
