//! A limit on what arrives before an answer.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::transport::{TransportError, TransportErrorKind};

/// The largest head of an answer, in bytes. Slack's have about 2,000.
pub const MAX_HEAD_BYTES: usize = 64 * 1024;

/// The number of bytes that may arrive before the head of an answer is complete: any number of informational answers (1xx,
/// RFC 9110, section 15.2), and the head itself.
pub const MAX_BYTES_BEFORE_ANSWER: usize = 256 * 1024;

/// The number of bytes that may still be read. It is shared: the connection counts, and the code that waits for an answer sets
/// and removes the limit.
#[derive(Clone)]
pub(super) struct Allowance(Arc<AtomicUsize>);

impl Allowance {
    pub(super) fn unlimited() -> Self {
        Self(Arc::new(AtomicUsize::new(usize::MAX)))
    }

    /// Sets the limit: the wait for an answer begins.
    pub(super) fn bound(&self) {
        self.0.store(MAX_BYTES_BEFORE_ANSWER, Ordering::Relaxed);
    }

    /// Removes the limit: the answer has arrived.
    pub(super) fn lift(&self) {
        self.0.store(usize::MAX, Ordering::Relaxed);
    }

    /// The number of bytes that may be read.
    pub(super) fn left(&self) -> io::Result<usize> {
        match self.0.load(Ordering::Relaxed) {
            0 => Err(io::Error::new(io::ErrorKind::InvalidData, too_much())),
            left => Ok(left),
        }
    }

    pub(super) fn spend(&self, bytes: usize) {
        let left = self.0.load(Ordering::Relaxed);
        self.0.store(left.saturating_sub(bytes), Ordering::Relaxed);
    }
}

fn too_much() -> TransportError {
    let message = format!(
        "more than {MAX_BYTES_BEFORE_ANSWER} bytes came, and no answer among them: who answers there, or what stands between?"
    );
    TransportError::new(TransportErrorKind::TooLarge, message)
}
