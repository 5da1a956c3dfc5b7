//! What is going to happen in the world, in order.

use std::collections::BTreeMap;
use std::time::Duration;

use socketmode_protocol::{AckToken, ConnectionId, Instant, WriteId};

use super::script::{DialAnswer, OpenAnswer};

/// Something that happens in the world at a moment. `L` names a link.
#[derive(Clone, Debug)]
pub enum WorldEvent<L = ConnectionId> {
    /// `apps.connections.open` is answered.
    Answered(L, OpenAnswer),
    /// The handshake ends.
    Dialed(L, DialAnswer),
    /// The network takes a write.
    Written(L, WriteId),
    /// Something that Slack sent reaches the client.
    Arrives(L, Wire),
    /// Something that the client sent reaches Slack.
    Heard(L, Sent),
    /// Slack sends its first message.
    Greets(L),
    /// Slack pings.
    Pings(L),
    /// Slack announces the end of a link that has lived long enough.
    Warns(L),
    /// Slack ends a link.
    Cuts(L),
    /// Slack looks whether an envelope was acknowledged.
    Redelivers(String),
    /// People do something: the steady load.
    Says,
    /// The application acknowledges.
    Acks(AckToken),
}

/// What Slack sends.
#[derive(Clone, Debug)]
pub enum Wire {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A ping.
    Ping,
    /// A pong.
    Pong,
    /// A close frame.
    Close(Option<u16>),
    /// The end of the stream.
    Eof,
    /// A TCP reset.
    Reset,
}

/// What the client sends.
#[derive(Clone, Debug)]
pub enum Sent {
    /// A text message.
    Text(String),
    /// A ping.
    Ping,
    /// A close frame.
    Close,
    /// Nothing more: the socket is gone.
    Gone,
}

/// The time, and what is to come.
#[derive(Clone, Debug)]
pub struct Agenda<L = ConnectionId> {
    now: Instant,
    next: u64,
    queue: BTreeMap<(Instant, u64), WorldEvent<L>>,
}

impl<L> Default for Agenda<L> {
    fn default() -> Self {
        Self { now: Instant::ZERO, next: 0, queue: BTreeMap::new() }
    }
}

impl<L> Agenda<L> {
    /// The time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Puts something down for later. Of two for the same moment, the one put down first happens first.
    pub fn after(&mut self, delay: Duration, event: WorldEvent<L>) {
        self.queue.insert((self.now + delay, self.next), event);
        self.next += 1;
    }

    /// When the next one happens.
    #[must_use]
    pub fn next_at(&self) -> Option<Instant> {
        self.queue.first_key_value().map(|(&(at, _), _)| at)
    }

    /// Takes the next one out.
    pub fn take(&mut self) -> Option<WorldEvent<L>> {
        self.queue.pop_first().map(|(_, event)| event)
    }

    /// Time passes.
    pub fn advance(&mut self, to: Instant) {
        self.now = self.now.max(to);
    }
}
