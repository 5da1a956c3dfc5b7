//! A recording that is written while it is made, by a thread of its own: the loop never waits for a disk.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

use super::header::Header;
use super::lines::{self, Line};
use super::ring::Piece;

/// Batches that may wait for the writer: at most some hundred KB. Those after them are left out, and counted.
const MOST_WAITING: usize = 64;

/// The loop's end.
pub(super) struct Stream {
    to: SyncSender<Part>,
    /// The records since the last part that was taken.
    left_out: u64,
    /// The records that were left out in all.
    pub(super) unwritten: u64,
}

struct Part {
    /// Records that were left out before it.
    left_out: u64,
    piece: Piece,
}

impl Stream {
    /// # Errors
    /// The operating system gives no thread.
    pub(super) fn start(writer: Box<dyn Write + Send>, header: Arc<Header>) -> io::Result<Self> {
        let (to, parts) = sync_channel(MOST_WAITING);
        let work = move || {
            // After an error nobody takes the parts any more, and the loop counts what it leaves out.
            let _ = write_all(&mut BufWriter::new(writer), &header, &parts);
        };
        thread::Builder::new().name("socketmode-recording".into()).spawn(work)?;
        Ok(Self { to, left_out: 0, unwritten: 0 })
    }

    pub(super) fn send(&mut self, batch: &Piece) {
        let part = Part { left_out: self.left_out, piece: batch.clone() };
        if self.to.try_send(part).is_ok() {
            self.left_out = 0;
        } else {
            self.left_out += batch.records;
            self.unwritten += batch.records;
        }
    }
}

/// Tells what was left out last, if that can be told without a wait.
impl Drop for Stream {
    fn drop(&mut self) {
        if self.left_out > 0 {
            let _ = self.to.try_send(Part { left_out: self.left_out, piece: Piece::default() });
        }
    }
}

fn write_all(writer: &mut impl Write, header: &Header, parts: &Receiver<Part>) -> io::Result<()> {
    writer.write_all(header.line(0, 0).as_bytes())?;
    let mut text = String::new();
    loop {
        let part = match parts.try_recv() {
            Ok(part) => part,
            Err(TryRecvError::Disconnected) => break,
            Err(TryRecvError::Empty) => {
                // What was written is there for whoever looks, before the wait for more.
                writer.flush()?;
                match parts.recv() {
                    Ok(part) => part,
                    Err(_) => break,
                }
            }
        };
        text.clear();
        if part.left_out > 0 {
            text.push_str(&Line::new().with("left_out", part.left_out).end());
        }
        // A `String` takes everything.
        let _ = lines::write(&part.piece, &mut text);
        writer.write_all(text.as_bytes())?;
    }
    writer.flush()
}
