//! A bound on what one poll reads: a peer that keeps a socket full must not keep the thread.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite, IoSlice};

/// How many bytes of one connection are read before the runtime's other tasks have their turn. The smallest thing that a
/// peer can send costs some hundred nanoseconds of work for 2 bytes (an empty frame), or 20 µs for 27 (a key update of
/// TLS): some tens of milliseconds in all.
pub const BYTES_PER_POLL: usize = 64 * 1024;

/// How many reads of one connection are made before the runtime's other tasks have their turn: for bytes that come one by
/// one.
pub const READS_PER_POLL: usize = 64;

/// A stream that answers "not yet" after [`BYTES_PER_POLL`] or [`READS_PER_POLL`], and has its task woken. What reads
/// it may loop for as long as there is something to read: HTTP over answers of `1xx`, TLS over records without data, the
/// WebSocket over fragments. It belongs below all of them, on the raw socket.
pub(super) struct Budgeted<S> {
    stream: S,
    /// [`Sockets::yield_now`](super::Sockets::yield_now) of the runtime.
    yield_now: fn(&mut Context<'_>),
    /// Since a read last had to wait.
    bytes: usize,
    reads: usize,
}

impl<S> Budgeted<S> {
    pub(super) fn new(stream: S, yield_now: fn(&mut Context<'_>)) -> Self {
        Self { stream, yield_now, bytes: 0, reads: 0 }
    }

    fn is_spent(&self) -> bool {
        self.bytes >= BYTES_PER_POLL || self.reads >= READS_PER_POLL
    }

    fn renew(&mut self) {
        (self.bytes, self.reads) = (0, 0);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Budgeted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_spent() {
            self.renew();
            (self.yield_now)(cx);
            return Poll::Pending;
        }
        // A large buffer must not go far beyond the budget.
        let room = buffer.len().min(BYTES_PER_POLL - self.bytes);
        let buffer = buffer.get_mut(..room).unwrap_or_default();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        match &read {
            Poll::Ready(Ok(bytes)) => {
                self.bytes += bytes;
                self.reads += 1;
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.renew(),
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Budgeted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wakes::Wakes;

    /// Gives so many bytes a read, for ever, but for the reads that it has none for.
    struct Endless {
        bytes_per_read: usize,
        reads: usize,
        empty_at: Option<usize>,
    }

    impl AsyncRead for Endless {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            self.reads += 1;
            if self.empty_at == Some(self.reads) {
                return Poll::Pending;
            }
            Poll::Ready(Ok(buffer.len().min(self.bytes_per_read)))
        }
    }

    fn endless(bytes_per_read: usize) -> Budgeted<Endless> {
        Budgeted::new(Endless { bytes_per_read, reads: 0, empty_at: None }, |cx| cx.waker().wake_by_ref())
    }

    /// Reads until it has to wait: the bytes, the reads, and how often the task was woken.
    fn one_poll(stream: &mut Budgeted<Endless>, buffer_bytes: usize) -> (usize, usize, usize) {
        let (woken, waker) = Wakes::task();
        let (mut bytes, mut reads, mut buffer) = (0, 0, vec![0; buffer_bytes]);
        while let Poll::Ready(read) =
            Pin::new(&mut *stream).poll_read(&mut Context::from_waker(&waker), &mut buffer)
        {
            bytes += read.unwrap();
            reads += 1;
            assert!(reads <= READS_PER_POLL, "it never waits");
        }
        (bytes, reads, woken.count())
    }

    #[test]
    fn each_poll_reads_so_many_bytes_and_wakes_its_task() {
        for buffer_bytes in [8 * 1024, BYTES_PER_POLL - 1, BYTES_PER_POLL, BYTES_PER_POLL + 1, 1 << 20] {
            let mut stream = endless(usize::MAX);
            for _ in 0..3 {
                let (bytes, _, woken) = one_poll(&mut stream, buffer_bytes);
                assert_eq!((bytes, woken), (BYTES_PER_POLL, 1), "{buffer_bytes}");
            }
        }
    }

    #[test]
    fn each_poll_makes_so_many_reads_of_a_byte_and_wakes_its_task() {
        let mut stream = endless(1);
        for _ in 0..3 {
            assert_eq!(one_poll(&mut stream, 4096), (READS_PER_POLL, READS_PER_POLL, 1));
        }
    }

    #[test]
    fn a_stream_that_had_to_wait_starts_anew_and_wakes_nobody() {
        let mut stream = endless(1);
        stream.stream.empty_at = Some(READS_PER_POLL);
        // One read less than would be too many.
        assert_eq!(one_poll(&mut stream, 4096), (READS_PER_POLL - 1, READS_PER_POLL - 1, 0));
        assert_eq!(one_poll(&mut stream, 4096), (READS_PER_POLL, READS_PER_POLL, 1));
    }
}
