//! A limit on what is read from a connection without a break: a peer that keeps a socket full must not block the thread.

use std::io;
use std::task::{Context, Poll};

/// The number of bytes that are read from a connection until a read has to wait. At this limit the reader is told to wait even
/// if there is more, and its task is woken again, so that other tasks of the runtime can run. A task that reads several
/// connections, such as the loop, may return to one in the same poll: it must limit how often.
///
/// The smallest thing that a peer can send costs some hundred nanoseconds of work for 2 bytes (an empty frame), or 20 µs
/// for 27 (a key update of TLS): some tens of milliseconds in all.
pub const BYTES_PER_POLL: usize = 64 * 1024;

/// The number of reads of a connection until a read has to wait, for bytes that arrive one by one. It works in the same way.
pub const READS_PER_POLL: usize = 64;

/// What may still be read from a connection without a break. When [`BYTES_PER_POLL`] or [`READS_PER_POLL`] are used up, it
/// returns `Pending` and wakes the task. Readers loop while there is something to read: HTTP over `1xx` answers, TLS over
/// records without data, the WebSocket over fragments. Therefore it must be below all of them, on the raw socket.
pub(super) struct Budget {
    /// [`Sockets::yield_now`](super::Sockets::yield_now) of the runtime.
    yield_now: fn(&mut Context<'_>),
    /// Bytes read since a read had to wait, perhaps in several polls.
    bytes: usize,
    /// Reads since then.
    reads: usize,
}

impl Budget {
    pub(super) fn new(yield_now: fn(&mut Context<'_>)) -> Self {
        Self { yield_now, bytes: 0, reads: 0 }
    }

    /// The largest size of the next read: a large buffer must not exceed the budget.
    pub(super) fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<usize> {
        if self.bytes >= BYTES_PER_POLL || self.reads >= READS_PER_POLL {
            self.renew();
            (self.yield_now)(cx);
            return Poll::Pending;
        }
        Poll::Ready(BYTES_PER_POLL - self.bytes)
    }

    /// Counts a read.
    pub(super) fn count(&mut self, read: &Poll<io::Result<usize>>) {
        match read {
            Poll::Ready(Ok(bytes)) => {
                self.bytes += bytes;
                self.reads += 1;
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.renew(),
        }
    }

    fn renew(&mut self) {
        (self.bytes, self.reads) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::wakes::Wakes;

    fn budget() -> Budget {
        Budget::new(|cx| cx.waker().wake_by_ref())
    }

    /// Reads so many bytes at a time until it has to wait, at the latest where the peer has none for a read: the bytes, the
    /// reads, and how often the task was woken.
    fn one_poll(budget: &mut Budget, bytes_per_read: usize, empty_at: usize) -> (usize, usize, usize) {
        let (woken, waker) = Wakes::task();
        let (mut bytes, mut reads) = (0, 0);
        while let Poll::Ready(room) = budget.poll_room(&mut Context::from_waker(&waker)) {
            if reads == empty_at {
                budget.count(&Poll::Pending);
                break;
            }
            let read = room.min(bytes_per_read);
            budget.count(&Poll::Ready(Ok(read)));
            bytes += read;
            reads += 1;
            assert!(reads <= READS_PER_POLL, "it never waits");
        }
        (bytes, reads, woken.count())
    }

    #[test]
    fn each_poll_reads_so_many_bytes_and_wakes_its_task() {
        for bytes_per_read in [8 * 1024, BYTES_PER_POLL - 1, BYTES_PER_POLL, BYTES_PER_POLL + 1, 1 << 20] {
            let mut budget = budget();
            for _ in 0..3 {
                let (bytes, _, woken) = one_poll(&mut budget, bytes_per_read, usize::MAX);
                assert_eq!((bytes, woken), (BYTES_PER_POLL, 1), "{bytes_per_read}");
            }
        }
    }

    #[test]
    fn each_poll_makes_so_many_reads_of_a_byte_and_wakes_its_task() {
        let mut budget = budget();
        for _ in 0..3 {
            assert_eq!(one_poll(&mut budget, 1, usize::MAX), (READS_PER_POLL, READS_PER_POLL, 1));
        }
    }

    #[test]
    fn a_read_that_had_to_wait_starts_anew_and_wakes_nobody() {
        let mut budget = budget();
        let one_less = READS_PER_POLL - 1;
        assert_eq!(one_poll(&mut budget, 1, one_less), (one_less, one_less, 0));
        assert_eq!(one_poll(&mut budget, 1, usize::MAX), (READS_PER_POLL, READS_PER_POLL, 1));
    }
}
