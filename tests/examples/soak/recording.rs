//! The client's recording: written by its process, replayed by the soak.

use socketmode_model::replay;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// For a disk to take what is left.
const PATIENCE: Duration = Duration::from_secs(60);

/// A file, and whoever waits until it is written.
pub(crate) struct Recording {
    file: File,
    _done: SyncSender<()>,
}

/// Waits for the end of a [`Recording`].
pub(crate) struct Written(Receiver<()>);

impl Recording {
    pub(crate) fn create(path: &Path) -> io::Result<(Self, Written)> {
        let (done, written) = sync_channel(0);
        Ok((Self { file: File::create(path)?, _done: done }, Written(written)))
    }
}

impl Write for Recording {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Written {
    /// The driver is gone: its writer is dropped once everything is written.
    pub(crate) fn wait(&self) {
        let _ = self.0.recv_timeout(PATIENCE);
    }
}

/// Replays it, and tells what is wrong with it.
pub(crate) fn failures(path: &Path) -> Vec<String> {
    let read = std::fs::read_to_string(path).map_err(|error| error.to_string());
    let recording = match read.and_then(|text| replay::read(&text).map_err(|error| error.to_string())) {
        Ok(recording) => recording,
        Err(error) => return vec![format!("the recording cannot be read: {error}")],
    };
    let (played, problems) = replay::play(&recording, false);
    println!("replayed: {} calls, {} outputs the same", played.calls, played.outputs);
    let mut failures: Vec<_> = problems.iter().map(|problem| format!("the recording: {problem}")).collect();
    if played.left_out > 0 {
        failures.push(format!("{} records could not be written", played.left_out));
    }
    failures
}
