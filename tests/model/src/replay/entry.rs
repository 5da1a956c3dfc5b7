//! A recording, read.

use socketmode_protocol::{Config, Instant};
use std::time::Duration;

use serde_json::Value;

use crate::step::OwnedInput;

/// A recording.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The version of the driver that made it.
    pub version: String,
    /// The machine's configuration.
    pub config: Config,
    /// The machine's seed.
    pub seed: u64,
    /// When the machine was made.
    pub start: Instant,
    /// Records that are missing at the beginning: with one it cannot be played.
    pub dropped: u64,
    /// In their order.
    pub entries: Vec<Entry>,
}

/// A line.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number in the file.
    pub line: usize,
    /// What it says.
    pub what: What,
    /// It, for a person.
    pub json: Value,
}

/// What was recorded. Ids are numbers: only a machine has the ids themselves.
#[derive(Clone, Debug)]
pub enum What {
    /// `handle_input`.
    Input {
        /// When.
        at: Instant,
        /// On which connection.
        connection: u64,
        /// What.
        said: Said,
    },
    /// `handle_timeout`.
    Timeout(Instant),
    /// `handle_backlog`.
    Backlog(Instant, bool),
    /// `acknowledge`.
    Acknowledge {
        /// When.
        at: Instant,
        /// Which delivery.
        token: u64,
        /// A payload of the recorded size.
        payload: Option<String>,
        /// Why it was refused.
        refused: Option<String>,
    },
    /// `decline`.
    Decline(Instant, u64),
    /// `withhold`.
    Withhold(u64),
    /// `shutdown`.
    Shutdown(Instant, Duration),
    /// An output that was fetched.
    Output,
    /// A message that was pulled, or that there was none.
    Pull {
        /// From which connection.
        connection: u64,
        /// The write and its size.
        write: Option<(u64, u64)>,
    },
    /// So many records could not be written.
    LeftOut(u64),
}

/// What happened to a connection.
#[derive(Clone, Debug)]
pub enum Said {
    /// A text message: it is padded to its size when it is played, so that a long recording fits into memory.
    Text {
        /// Its outer fields.
        text: String,
        /// Its size.
        bytes: usize,
    },
    /// Another input, and the text of its error.
    Input(OwnedInput, String),
    /// Writes are done.
    Written(u64),
    /// Writes will not be done.
    NotWritten(u64),
}
