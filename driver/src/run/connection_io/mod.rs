//! The I/O of one connection: the call, the handshake, the socket.

mod broken;

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use socketmode_protocol::{
    Closed, ConnectionId, ConnectionPhase, ConnectionStatus, IncomingFrame, Input, Instant, Text, WriteId,
};

use crate::recorder::Machine;
use crate::run::log::Log;
use crate::run::open_call;
use crate::transport::waits::BoxFuture;
use crate::transport::{Frame, Transport, TransportError};

/// The number of bytes written to the socket before a flush. When a connection ends, at most this much may be written or not.
const FLUSH_BYTES: usize = 32 * 1024;

/// The number of frames read from one connection in a turn.
const READS_PER_TURN: usize = 64;
/// The number of bytes read from one connection in a turn, plus the message that exceeds it: some envelopes of usual size.
const BYTES_PER_TURN: usize = 64 * 1024;
/// A text that is smaller than this part of the largest message of its connection is copied. A larger one stays in the buffer
/// of the WebSocket library, which has the size of the largest: so an envelope that the application keeps takes at most this
/// many times its size, and a read buffer.
const SMALL_PART: usize = 4;

/// The I/O of a connection.
pub(crate) struct ConnectionIo<T: Transport> {
    pub(crate) id: ConnectionId,
    pub(crate) io: Io<T>,
}

pub(crate) enum Io<T: Transport> {
    Opening(BoxFuture<Result<http::Response<Bytes>, TransportError>>),
    Dialing(BoxFuture<Result<T::Socket, TransportError>>),
    /// Boxed: it is large, and a client has room for four connections from the start.
    Open(Box<OpenSocket<T>>),
    /// It has ended, and the machine knows it.
    Gone,
}

impl<T: Transport> ConnectionIo<T> {
    /// Polls the I/O and reports to the machine. Returns what was read, or `None` if nothing happened.
    pub(crate) fn read(&mut self, machine: &mut Machine, now: Instant, cx: &mut Context<'_>) -> Option<Read> {
        let id = self.id;
        match &mut self.io {
            Io::Gone => None,
            Io::Opening(call) => {
                let Poll::Ready(result) = call.as_mut().poll(cx) else { return None };
                self.io = Io::Gone;
                match result {
                    Ok(response) => {
                        machine.handle_input(now, id, Input::Opened(open_call::as_input(&response)));
                    }
                    Err(error) => {
                        machine.handle_input(now, id, Input::OpenFailed { detail: &error.to_string() });
                    }
                }
                Some(Read::default())
            }
            Io::Dialing(dial) => {
                let Poll::Ready(result) = dial.as_mut().poll(cx) else { return None };
                match result {
                    Ok(socket) => {
                        self.io = Io::Open(Box::new(OpenSocket::new(socket)));
                        machine.handle_input(now, id, Input::Dialed);
                    }
                    Err(error) => {
                        self.io = Io::Gone;
                        let (status, detail) = (error.status(), error.details());
                        machine.handle_input(now, id, Input::DialFailed { status, detail });
                    }
                }
                Some(Read::default())
            }
            Io::Open(_) if machine.is_reading() => self.read_turn(machine, now, cx),
            Io::Open(_) => self.read_until_hello(machine, now, cx),
        }
    }

    /// One turn of an open connection.
    fn read_turn(&mut self, machine: &mut Machine, now: Instant, cx: &mut Context<'_>) -> Option<Read> {
        let mut read: Option<Read> = None;
        while read.is_none_or(|read| read.frames < READS_PER_TURN && read.bytes < BYTES_PER_TURN) {
            let Some(bytes) = self.read_one(machine, now, cx) else {
                return read.map(|read| Read { waits: true, ..read });
            };
            let before = read.unwrap_or_default();
            read = Some(Read { frames: before.frames + 1, bytes: before.bytes + bytes, waits: false });
        }
        read
    }

    /// While the application's queue is full: reads up to the hello, because acknowledgements may wait for a connection that
    /// is up. Before the hello it reads at most as much as one turn.
    fn read_until_hello(
        &mut self,
        machine: &mut Machine,
        now: Instant,
        cx: &mut Context<'_>,
    ) -> Option<Read> {
        let id = self.id;
        let mut bytes = None;
        while let Io::Open(socket) = &mut self.io {
            let greets = |status: ConnectionStatus| {
                status.connection == id && status.phase == ConnectionPhase::Greeting
            };
            let (frames, early_bytes) = socket.early;
            if frames >= READS_PER_TURN || early_bytes >= BYTES_PER_TURN || !machine.connections().any(greets)
            {
                break;
            }
            let Some(read) = self.read_one(machine, now, cx) else { break };
            *bytes.get_or_insert(0) += read;
            if let Io::Open(socket) = &mut self.io {
                socket.early = (frames + 1, early_bytes + read);
            }
        }
        bytes.map(|bytes| Read { bytes, ..Read::default() })
    }

    /// Reads one frame of an open connection, or its end. Returns the number of bytes, or `None` if there is nothing.
    fn read_one(&mut self, machine: &mut Machine, now: Instant, cx: &mut Context<'_>) -> Option<usize> {
        let id = self.id;
        let Io::Open(socket) = &mut self.io else { return None };
        // Reading flushes too, and what is flushed must be reported before the end.
        if let Some(write) = socket.flush_fed(cx) {
            machine.handle_input(now, id, Input::Written(write));
        }
        let Poll::Ready(read) = socket.poll_read(cx) else { return None };
        match read {
            Some(Ok(frame)) => {
                if matches!(frame, Frame::Close(_)) {
                    // Before the answer only those messages go out that the socket already has.
                    socket.outbox.retain(|frame| matches!(frame, Frame::Close(_)));
                }
                return Some(socket.hand_in(frame, id, machine, now));
            }
            Some(Err(error)) => self.end(machine, now, Closed::ReadError(&error.to_string())),
            None => self.end(machine, now, Closed::Eof),
        }
        Some(0)
    }

    /// The connection is gone. If writing failed first, that is the error to report.
    fn end(&mut self, machine: &mut Machine, now: Instant, closed: Closed<'_>) {
        let io = std::mem::replace(&mut self.io, Io::Gone);
        let broken = if let Io::Open(socket) = &io { socket.broken.as_ref() } else { None };
        let closed = broken.map_or(closed, |broken| Closed::WriteError(broken.error()));
        machine.handle_input(now, self.id, Input::Closed(closed));
    }

    /// Writes what waits to be written, and reports to the machine what was written.
    pub(crate) fn flush(&mut self, machine: &mut Machine, now: Instant, cx: &mut Context<'_>) -> Flushed {
        let id = self.id;
        let Io::Open(socket) = &mut self.io else { return Flushed::Nothing };
        if socket.broken.is_some() || !(socket.dirty || machine.has_transmit(id)) {
            return Flushed::Nothing;
        }
        let flushed = socket.poll_flush(id, machine, cx);
        let written = socket.written.take();
        if let Some(write) = written {
            machine.handle_input(now, id, Input::Written(write));
        }
        if let Poll::Ready(Err(error)) = flushed {
            socket.broken = Some(Broken::new(error.to_string()));
            return Flushed::Broke;
        }
        if written.is_some() { Flushed::Wrote } else { Flushed::Nothing }
    }
}

/// What was read from a connection.
#[derive(Clone, Copy, Default)]
pub(crate) struct Read {
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
    /// The socket has no more, and wakes the task when it has.
    pub(crate) waits: bool,
}

/// The result of a flush.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flushed {
    /// Nothing was written.
    Nothing,
    /// Something was written. There may be new outputs.
    Wrote,
    /// Writing has just failed: nothing more is written, and the rest is [read](ConnectionIo::read_rest).
    Broke,
}

pub(crate) struct OpenSocket<T: Transport> {
    socket: T::Socket,
    /// Pings and the close frame that wait for room in the socket. Between two signs of life there is at most one ping.
    outbox: VecDeque<Frame<T::Text>>,
    /// The last write that the socket has taken and not flushed yet.
    fed: Option<WriteId>,
    /// The number of bytes that it has taken since the last flush.
    fed_bytes: usize,
    /// The last write that was flushed and not reported to the machine yet.
    written: Option<WriteId>,
    dirty: bool,
    /// Frames and bytes that were read before the hello, while the application's queue was full.
    early: (usize, usize),
    /// The size of the largest message so far.
    largest_message: usize,
    /// Writing has failed.
    broken: Option<Broken>,
}

impl<T: Transport> OpenSocket<T> {
    pub(crate) fn new(socket: T::Socket) -> Self {
        Self {
            socket,
            outbox: VecDeque::new(),
            fed: None,
            fed_bytes: 0,
            written: None,
            dirty: false,
            early: (0, 0),
            largest_message: 0,
            broken: None,
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<T::Text>, TransportError>>> {
        Pin::new(&mut self.socket).poll_next(cx)
    }

    /// Passes a frame to the machine. Returns its number of bytes.
    fn hand_in(
        &mut self,
        frame: Frame<T::Text>,
        id: ConnectionId,
        machine: &mut Machine,
        now: Instant,
    ) -> usize {
        let mut input = |frame| machine.handle_input(now, id, Input::Frame(frame));
        let mut bytes = 0;
        match frame {
            Frame::Text(text) => {
                bytes = text.as_ref().len();
                self.largest_message = self.largest_message.max(bytes);
                let is_small_part = bytes < self.largest_message / SMALL_PART;
                input(IncomingFrame::Text(if is_small_part {
                    text.as_ref().into()
                } else {
                    Text::new(text)
                }));
            }
            Frame::Binary(binary) => {
                bytes = binary.len();
                self.largest_message = self.largest_message.max(bytes);
                input(IncomingFrame::Binary(&binary));
            }
            Frame::Ping => input(IncomingFrame::Ping),
            Frame::Pong => input(IncomingFrame::Pong),
            Frame::Close(code) => input(IncomingFrame::Close { code }),
        }
        bytes
    }

    /// Queues a ping or a close frame for the next flush.
    pub(crate) fn push(&mut self, frame: Frame<T::Text>) {
        self.outbox.push_back(frame);
        self.dirty = true;
    }

    /// Flushes what the socket has taken. Returns the last write if that is done.
    fn flush_fed(&mut self, cx: &mut Context<'_>) -> Option<WriteId> {
        self.fed.filter(|_| self.broken.is_none())?;
        // The next flush returns an error again.
        let Poll::Ready(Ok(())) = Pin::new(&mut self.socket).poll_flush(cx) else { return None };
        self.fed_bytes = 0;
        self.fed.take()
    }

    /// Writes what waits to be written, and flushes (several times if it is much). Sets `written`, even if it returns an
    /// error or is pending.
    fn poll_flush(
        &mut self,
        id: ConnectionId,
        machine: &mut Machine,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), TransportError>> {
        let mut socket = Pin::new(&mut self.socket);
        loop {
            while self.fed_bytes < FLUSH_BYTES && (machine.has_transmit(id) || !self.outbox.is_empty()) {
                ready!(socket.as_mut().poll_ready(cx))?;
                self.dirty = true;
                let mut text = String::new();
                // Acknowledgements first: a close frame comes after all of them.
                if let Some(write) = machine.poll_transmit(id, &mut text) {
                    Log::transmit(id, write);
                    self.fed_bytes += text.len();
                    self.fed = Some(write);
                    socket.as_mut().start_send(Frame::Text(text.into()))?;
                } else if let Some(frame) = self.outbox.pop_front() {
                    socket.as_mut().start_send(frame)?;
                }
            }
            ready!(socket.as_mut().poll_flush(cx))?;
            self.written = self.fed.take().or(self.written);
            self.fed_bytes = 0;
            if self.outbox.is_empty() && !machine.has_transmit(id) {
                self.dirty = false;
                return Poll::Ready(Ok(()));
            }
        }
    }
}

/// Writing has failed.
struct Broken {
    /// Why writing failed.
    error: String,
    /// Until it is over, the runtime may not have looked at the socket: something may arrive though a read is pending.
    wait: Option<BoxFuture<()>>,
    reads_left: usize,
}

#[cfg(test)]
mod tests;
