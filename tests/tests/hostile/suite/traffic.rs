//! How much the peer has sent, told to the client's process by a file: the other task there measures its waits in bytes,
//! which no busy machine makes longer.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The peer's end. The file is removed when it is dropped.
pub(super) struct Traffic {
    path: PathBuf,
    sent: Mutex<(u64, File)>,
}

impl Traffic {
    pub(super) fn new() -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("socketmode-hostile-{}-{count}", std::process::id()));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
        file.write_all(&0_u64.to_ne_bytes())?;
        Ok(Self { path, sent: Mutex::new((0, file)) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn add(&self, bytes: usize) -> io::Result<()> {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let (total, file) = &mut *sent;
        *total += bytes as u64;
        file.rewind()?;
        file.write_all(&total.to_ne_bytes())
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        // A file that stays behind harms nobody.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The client's end.
pub(super) struct Gauge(File);

impl Gauge {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        File::open(path).map(Self)
    }

    /// The bytes that were sent up to now.
    pub(super) fn sent(&mut self) -> io::Result<u64> {
        let mut total = [0; 8];
        self.0.rewind()?;
        self.0.read_exact(&mut total)?;
        Ok(u64::from_ne_bytes(total))
    }
}
