//! Reads from a raw socket more than was asked for: what reads above it asks for little at a time.

use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;

use super::budget::{BYTES_PER_POLL, Budget};

/// The size of the first buffer, in bytes.
const SMALLEST: usize = 4 * 1024;

/// So many waits free the buffer, counted since the last read that found much: a few pings, where nothing else comes. Between
/// two bursts of envelopes there is one, and to make a large buffer anew costs as much as to read it.
const WAITS_OF_A_BUSY_SOCKET: u8 = 4;

/// What was read from a raw socket and not taken yet, within a [`Budget`]. It goes into a buffer while the socket has more than
/// what is asked for at a time. A read asks for twice as much as the one before if that was full, and for half if it was nearly
/// empty. A socket that is idle loses its buffer.
pub(super) struct ReadAhead {
    budget: Budget,
    buffer: Vec<u8>,
    /// What was not taken yet.
    unread: Range<usize>,
    /// The size of the next read into the buffer.
    size: usize,
    /// How many more waits leave the buffer; none if the socket is not busy.
    waits_left: u8,
    /// The last read had to wait. A task that is woken for something else reads once more, and that is the same wait.
    waits: bool,
}

impl ReadAhead {
    pub(super) fn new(budget: Budget) -> Self {
        Self { budget, buffer: Vec::new(), unread: 0..0, size: SMALLEST, waits_left: 0, waits: false }
    }

    pub(super) fn poll_read(
        &mut self,
        stream: impl AsyncRead + Unpin,
        cx: &mut Context<'_>,
        target: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.unread.is_empty() && !target.is_empty() {
            let room = ready!(self.budget.poll_room(cx));
            if self.waits_left == 0 || target.len() >= self.size {
                return self.poll_direct(stream, cx, target, room);
            }
            ready!(self.poll_fill(stream, cx, room))?;
        }
        let unread = self.buffer.get(self.unread.clone()).unwrap_or_default();
        let taken = unread.len().min(target.len());
        if let (Some(target), Some(unread)) = (target.get_mut(..taken), unread.get(..taken)) {
            target.copy_from_slice(unread);
        }
        self.unread.start += taken;
        Poll::Ready(Ok(taken))
    }

    /// Reads once, past the buffer.
    fn poll_direct(
        &mut self,
        mut stream: impl AsyncRead + Unpin,
        cx: &mut Context<'_>,
        target: &mut [u8],
        room: usize,
    ) -> Poll<io::Result<usize>> {
        let size = target.len().min(room);
        let read = Pin::new(&mut stream).poll_read(cx, target.get_mut(..size).unwrap_or_default());
        self.count(&read);
        if matches!(read, Poll::Ready(Ok(bytes)) if bytes == size) {
            self.waits_left = WAITS_OF_A_BUSY_SOCKET;
            self.size = self.size.max(size * 2).min(BYTES_PER_POLL);
        }
        read
    }

    /// Reads once. Without a byte and without an error, the peer has ended its side.
    fn poll_fill(
        &mut self,
        mut stream: impl AsyncRead + Unpin,
        cx: &mut Context<'_>,
        room: usize,
    ) -> Poll<io::Result<()>> {
        let size = self.size.min(room);
        if self.buffer.len() < size {
            self.buffer = vec![0; size];
        }
        let read = Pin::new(&mut stream).poll_read(cx, self.buffer.get_mut(..size).unwrap_or_default());
        self.count(&read);
        let Poll::Ready(Ok(bytes)) = read else { return read.map_ok(drop) };
        self.unread = 0..bytes;
        if bytes >= size.min(SMALLEST) {
            self.waits_left = WAITS_OF_A_BUSY_SOCKET;
        }
        if bytes == size {
            self.size = (self.size * 2).min(BYTES_PER_POLL);
        } else if bytes < self.size / 4 {
            self.size = (self.size / 2).max(SMALLEST);
        }
        Poll::Ready(Ok(()))
    }

    /// Counts a read of the socket.
    fn count(&mut self, read: &Poll<io::Result<usize>>) {
        self.budget.count(read);
        let waited = std::mem::replace(&mut self.waits, read.is_pending());
        if self.waits && !waited {
            self.waits_left = self.waits_left.saturating_sub(1);
            if self.waits_left == 0 {
                self.buffer = Vec::new();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;
    use std::task::Waker;

    /// A socket: what each read finds at the most; `None` where it has to wait. The numbers of its bytes go up.
    #[derive(Default)]
    struct Socket {
        arrives: VecDeque<Option<usize>>,
        next: u8,
        /// What the reads asked for.
        asked: Vec<usize>,
    }

    impl AsyncRead for Socket {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            target: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            self.asked.push(target.len());
            let Some(found) = self.arrives.pop_front().unwrap_or(Some(0)) else { return Poll::Pending };
            let bytes = found.min(target.len());
            for byte in target.iter_mut().take(bytes) {
                *byte = self.next;
                self.next = self.next.wrapping_add(1);
            }
            if found > bytes {
                self.arrives.push_front(Some(found - bytes));
            }
            Poll::Ready(Ok(bytes))
        }
    }

    fn ahead() -> ReadAhead {
        ReadAhead::new(Budget::new(|cx| cx.waker().wake_by_ref()))
    }

    /// Reads so much at a time until a read has to wait, or finds the end.
    fn read(ahead: &mut ReadAhead, socket: &mut Socket, at_a_time: usize) -> Vec<u8> {
        let (mut all, mut part) = (Vec::new(), vec![0; at_a_time]);
        let mut cx = Context::from_waker(Waker::noop());
        while let Poll::Ready(Ok(bytes @ 1..)) = ahead.poll_read(&mut *socket, &mut cx, &mut part) {
            all.extend_from_slice(&part[..bytes]);
        }
        all
    }

    #[test]
    fn all_bytes_arrive_in_their_order() {
        for at_a_time in [1, 2, 100, SMALLEST, 100_000] {
            let found = [1, 3, SMALLEST, SMALLEST + 1, 50_000, 7, 1];
            let mut socket = Socket { arrives: found.map(Some).into(), ..Socket::default() };
            let mut ahead = ahead();
            let mut all = Vec::new();
            // The budget makes a read wait in between.
            while !socket.arrives.is_empty() || !ahead.unread.is_empty() {
                all.extend(read(&mut ahead, &mut socket, at_a_time));
            }
            let expected: Vec<u8> = (0..=u8::MAX).cycle().take(found.iter().sum()).collect();
            assert!(all == expected, "{at_a_time} at a time: {} bytes", all.len());
        }
    }

    #[test]
    fn a_burst_takes_few_reads_of_the_socket() {
        let mut socket = Socket { arrives: [Some(60_000), None].into(), ..Socket::default() };
        assert_eq!(read(&mut ahead(), &mut socket, 2048).len(), 60_000);
        assert_eq!(socket.asked, [2048, 4096, 8192, 16_384, 32_768, BYTES_PER_POLL - 60_000]);
    }

    #[test]
    fn a_burst_of_tls_takes_few_reads_of_the_socket() {
        // The TLS library asks for so much at a time.
        let mut socket = Socket { arrives: [Some(60_000), None].into(), ..Socket::default() };
        assert_eq!(read(&mut ahead(), &mut socket, 4096).len(), 60_000);
        assert_eq!(socket.asked, [4096, 8192, 16_384, 32_768, BYTES_PER_POLL - 60_000]);
    }

    #[test]
    fn an_idle_socket_has_no_buffer() {
        let mut ahead = ahead();
        let mut busy = vec![Some(SMALLEST), None];
        busy.extend([Some(2), None].repeat(usize::from(WAITS_OF_A_BUSY_SOCKET) - 1));
        for arrives in [vec![None], vec![Some(100), None], busy] {
            let waits = arrives.iter().filter(|read| read.is_none()).count();
            let mut socket = Socket { arrives: arrives.into(), ..Socket::default() };
            for _ in 0..waits {
                read(&mut ahead, &mut socket, 2048);
            }
            assert_eq!(ahead.buffer.capacity(), 0);
        }
    }

    #[test]
    fn a_busy_socket_keeps_its_buffer_between_bursts() {
        let mut ahead = ahead();
        for _ in 0..3 {
            let mut socket =
                Socket { arrives: [Some(SMALLEST), None, None, None].into(), ..Socket::default() };
            for _ in 0..3 {
                read(&mut ahead, &mut socket, 2048);
            }
            assert!(ahead.buffer.capacity() >= SMALLEST);
        }
    }

    #[test]
    fn reads_without_need_leave_a_busy_socket_its_buffer() {
        let mut ahead = ahead();
        let mut buffers = Vec::new();
        for _ in 0..3 {
            // A task that is woken for something else reads without need.
            let mut arrives = vec![Some(100_000)];
            arrives.resize(20, None);
            let mut socket = Socket { arrives: arrives.into(), ..Socket::default() };
            while !socket.arrives.is_empty() {
                read(&mut ahead, &mut socket, 2048);
            }
            buffers.push((ahead.buffer.as_ptr(), ahead.buffer.len()));
        }
        assert_eq!(buffers[0].1, BYTES_PER_POLL);
        assert_eq!(buffers[1..], [buffers[0]; 2]);
    }

    #[test]
    fn a_small_socket_is_asked_for_little_again() {
        let mut ahead = ahead();
        let mut socket = Socket { arrives: [Some(60_000), None].into(), ..Socket::default() };
        read(&mut ahead, &mut socket, 2048);
        socket.asked.clear();
        for _ in 0..5 {
            socket.arrives = [Some(10), None].into();
            read(&mut ahead, &mut socket, 2048);
        }
        // Then past the buffer.
        assert_eq!(socket.asked, [32_768, 16_384, 16_384, 8192, 8192, 4096, 2048, 2048, 2048, 2048]);
    }
}
