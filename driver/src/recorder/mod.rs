//! The flight recorder: what goes into the state machine and what comes out of it, without payloads and secrets.
//!
//! The inputs of the machine are all there is to a bug, so a recording can be replayed in the machine alone
//! (`tests/model/examples/replay.rs`). The loop writes records as bytes into a batch of its own, and hands them over at the
//! end of each poll: it takes a lock then, and writes no JSON.

mod batch;
mod bytes;
mod header;
mod lines;
mod machine;
mod ring;
mod stream;
mod tag;

use std::fmt::{self, Display};
use std::io;

use socketmode_protocol::{Config, ConnectionId, Instant, Text};

use self::batch::Batch;
use self::header::Header;
pub(crate) use self::machine::Machine;
use self::ring::{BATCH_BYTES, Piece, Ring};
use self::stream::Stream;
use crate::sync::{Arc, Mutex, PoisonError};

/// Default of [`Builder::recording_bytes`](crate::Builder::recording_bytes): about 3,000 envelopes with their
/// acknowledgements, or a quiet day.
pub(crate) const RECORDING_BYTES: usize = 256 * 1024;

/// Where a recording is to be kept.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) bytes: usize,
    pub(crate) writer: Option<Box<dyn io::Write + Send>>,
}

/// The loop's end.
pub(crate) struct Recorder {
    batch: Batch,
    /// A text that the machine is reading: if it panics, this is the last record.
    unread: Option<(Instant, ConnectionId, Text)>,
    stream: Option<Stream>,
    ring: Arc<Mutex<Ring>>,
}

/// The application's end.
#[derive(Clone)]
pub(crate) struct Kept {
    header: Arc<Header>,
    ring: Arc<Mutex<Ring>>,
}

/// Both ends; `None` if nothing is to be recorded.
///
/// # Errors
/// The operating system gives no thread for the writer.
pub(crate) fn start(
    settings: Settings,
    config: &Config,
    seed: u64,
    start: Instant,
) -> io::Result<Option<(Recorder, Kept)>> {
    if settings.bytes == 0 && settings.writer.is_none() {
        return Ok(None);
    }
    let header = Arc::new(Header { config: config.clone(), seed, start });
    let stream = settings.writer.map(|writer| Stream::start(writer, Arc::clone(&header))).transpose()?;
    let ring = Arc::new(Mutex::new(Ring::new(settings.bytes)));
    let recorder = Recorder { batch: Batch::new(start), unread: None, stream, ring: Arc::clone(&ring) };
    Ok(Some((recorder, Kept { header, ring })))
}

impl Recorder {
    #[inline]
    fn publish_if_much(&mut self) {
        if self.batch.piece.bytes.len() >= BATCH_BYTES {
            self.publish();
        }
    }

    fn publish(&mut self) {
        if let Some((now, id, text)) = self.unread.take() {
            let frame = socketmode_protocol::IncomingFrame::Text(text);
            self.batch.input(now, id, &socketmode_protocol::Input::Frame(frame));
        }
        if self.batch.piece.records == 0 {
            return;
        }
        if let Some(stream) = &mut self.stream {
            stream.send(&self.batch.piece);
        }
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.push(&self.batch.piece);
        ring.unwritten = self.stream.as_ref().map_or(0, |stream| stream.unwritten);
        drop(ring);
        self.batch.clear();
    }
}

impl Kept {
    pub(crate) fn recording(&self) -> Recording {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let (pieces, dropped, unwritten) = (ring.pieces(), ring.dropped(), ring.unwritten);
        drop(ring);
        Recording { header: self.header.line(dropped, unwritten), pieces, dropped }
    }
}

/// What a client has recorded, from [`Client::recording`](crate::Client::recording). `Display` writes it as lines of JSON.
///
/// **In it:** a header (version, seed, start, and the configuration), and a line for each input, call and output of the state
/// machine. Times are milliseconds of the transport's clock, sizes are bytes. A line with `in` is an input: `c` is the
/// connection, `t` the time. `do` is a call, `a` the delivery. `out` is an output, `w` a write. Of a message it has `type`,
/// `envelope_id`, whether it takes a payload, the retry, the size, and with [`Config::deduplicate`] the `event_id`; of a hello
/// and a disconnect what they say; of an error its text.
///
/// **Not in it:** payloads, of Slack's envelopes and of your answers; tokens, tickets and response URLs; headers and bodies of
/// calls. Host names are in it, and what errors say of addresses.
///
/// It has the whole life of the client while that fits into [`Builder::recording_bytes`](crate::Builder::recording_bytes):
/// then it can be replayed. When the oldest records have made room, [`dropped`](Self::dropped) is not 0, and what is left is
/// a timeline.
///
/// ```
/// use socketmode_driver::{Client, Runtime};
///
/// fn report<R: Runtime>(client: &Client<R>) -> std::io::Result<()> {
///     client.recording().write_to(std::fs::File::create("bug.jsonl")?)
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Recording {
    header: String,
    pieces: Vec<Piece>,
    dropped: u64,
}

impl Recording {
    /// The records that are missing at the beginning. With 0 it can be replayed.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The number of records in it. 0 if recording is off.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.records).sum()
    }

    /// Writes it as lines of JSON.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_to(&self, mut writer: impl io::Write) -> io::Result<()> {
        writer.write_all(self.to_string().as_bytes())?;
        writer.flush()
    }
}

impl Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.header)?;
        self.pieces.iter().try_for_each(|piece| lines::write(piece, f))
    }
}
