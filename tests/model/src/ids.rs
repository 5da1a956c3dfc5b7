//! Ids that a machine never gave out: its own are opaque, so another machine makes them.

use std::sync::OnceLock;
use std::time::Duration;

use socketmode_protocol::{AckToken, Config, ConnectionId, Instant, SocketMode, WriteId};

use crate::output::{Output, drain};

use crate::step::slack;

/// Small alphabets of ids, each from 0 on.
#[derive(Clone, Debug)]
pub struct Alphabet {
    /// Connections.
    pub connections: Vec<ConnectionId>,
    /// Deliveries.
    pub tokens: Vec<AckToken>,
    /// Writes.
    pub writes: Vec<WriteId>,
}

/// More writes than a search asks for on any way to a state.
const MANY_WRITES: usize = 1_000;

impl Alphabet {
    /// Six of each.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Alphabet> = OnceLock::new();
        SHARED.get_or_init(|| Self::new(6))
    }

    /// A write that no searched machine has asked for.
    #[must_use]
    pub fn unasked() -> WriteId {
        static UNASKED: OnceLock<WriteId> = OnceLock::new();
        *UNASKED.get_or_init(|| Alphabet::writes_and_tokens(MANY_WRITES).writes[MANY_WRITES - 1])
    }

    /// So many of each.
    #[must_use]
    pub fn new(of_each: usize) -> Self {
        let mut alphabet = Self::writes_and_tokens(of_each);
        let mut now = Instant::ZERO;
        let mut donor = SocketMode::new(Config::default(), 0, now).unwrap();
        // Each attempt that fails makes room for a connection with the next number.
        while alphabet.connections.len() < of_each {
            let current = donor.connections().last().unwrap().connection;
            if alphabet.connections.last() != Some(&current) {
                alphabet.connections.push(current);
            }
            now = donor.poll_timeout().map_or(now, |deadline| deadline.at) + Duration::from_millis(1);
            donor.handle_timeout(now);
        }
        alphabet
    }

    fn writes_and_tokens(of_each: usize) -> Self {
        let mut alphabet = Self { connections: Vec::new(), tokens: Vec::new(), writes: Vec::new() };
        let now = Instant::ZERO;
        let mut donor = SocketMode::new(Config::default(), 0, now).unwrap();
        let first = donor.connections().next().unwrap().connection;
        for input in [slack::opened(0), crate::step::OwnedInput::Dialed, slack::hello(1, None)] {
            donor.handle_input(now, first, input.as_input());
        }
        for n in 0..of_each {
            let text = slack::event(&format!("e{n}"), "Ev", 0);
            donor.handle_input(now, first, crate::step::OwnedInput::Text(text).as_input());
        }
        for output in drain(&mut donor) {
            if let Output::Envelope(envelope) = output {
                alphabet.tokens.push(envelope.token());
                donor.acknowledge(now, envelope.token(), None).unwrap();
            }
        }
        for output in drain(&mut donor) {
            if let Output::Transmit { write, .. } = output {
                alphabet.writes.push(write);
            }
        }
        alphabet
    }
}
