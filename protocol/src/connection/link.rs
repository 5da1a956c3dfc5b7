//! The open socket of a connection: what arrived last, and what waits to be written.

use super::Writes;
use super::due::ConnectionDue;
use crate::config::Config;
use crate::time::Instant;

/// A socket that can be read and written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Link {
    pub(crate) last_inbound: Instant,
    pub(crate) last_server_ping: Instant,
    pub(crate) last_envelope: Instant,
    pub(crate) pinged: bool,
    pub(crate) writes: Writes,
}

impl Link {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            last_inbound: now,
            last_server_ping: now,
            last_envelope: now,
            pinged: false,
            writes: Writes::default(),
        }
    }

    /// Any frame is a sign of life.
    pub(crate) fn inbound(&mut self, now: Instant) {
        self.last_inbound = now;
        self.pinged = false;
    }

    /// What is due next, in any phase.
    pub(super) fn due(&self, config: &Config) -> (Instant, ConnectionDue) {
        let alive = self.writes.oldest().map_or(self.last_inbound, |stuck| stuck.min(self.last_inbound));
        let silence = (alive + config.silence, ConnectionDue::Silence);
        let ping = config
            .client_ping
            .filter(|_| !self.pinged)
            .map(|quiet| (self.last_inbound + quiet, ConnectionDue::ClientPing));
        let server = config
            .server_ping_timeout
            .map(|timeout| (self.last_server_ping + timeout, ConnectionDue::ServerPing));
        [ping, server].into_iter().flatten().fold(silence, Ord::min)
    }
}
