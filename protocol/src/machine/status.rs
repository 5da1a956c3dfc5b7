//! What a machine tells of its state.

use super::{Backlog, Run, SocketMode};
use crate::acks::deliveries::Delivery;
use crate::config::Config;
use crate::connection::{Connection, ConnectionStatus};
use crate::ids::AckToken;
use crate::stats::Stats;

impl SocketMode {
    /// The connections, the oldest first.
    pub fn connections(&self) -> impl Iterator<Item = ConnectionStatus> + '_ {
        self.connections.iter().map(Connection::status)
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            outstanding: self.deliveries.len() as u64,
            copies_held: self.copies.len() as u64,
            ..self.stats
        }
    }

    /// Whether it is stopping or has stopped.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        !matches!(self.run, Run::Running)
    }

    /// The last value given to [`handle_backlog`](Self::handle_backlog).
    #[must_use]
    pub fn is_backlogged(&self) -> bool {
        !matches!(self.backlog, Backlog::Clear)
    }

    /// Whether the machine has stopped, so that [`Output::Stopped`](crate::Output::Stopped) is or was the last
    /// output.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self.run, Run::Stopped)
    }

    /// The latest delivery with this `envelope_id` that is not acknowledged yet. Use it if you do not have its token.
    #[must_use]
    pub fn unacknowledged(&self, envelope_id: &str) -> Option<AckToken> {
        let waits =
            |delivery: &Delivery| delivery.is_unacknowledged() && *delivery.envelope_id == *envelope_id;
        self.deliveries.iter().filter(|(_, delivery)| waits(delivery)).map(|(token, _)| token).last()
    }

    /// The id by which copies of an outstanding delivery are recognised, if [`Config::deduplicate`] is set.
    #[must_use]
    pub fn deduplication_id(&self, token: AckToken) -> Option<&str> {
        self.deliveries.get(token)?.dedup_key.as_deref()
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }
}
