//! One connection's I/O: the call, the handshake, the socket.

mod broken;

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use socketmode_protocol::{
    Closed, ConnectionId, ConnectionPhase, ConnectionStatus, IncomingFrame, Input, Instant, SocketMode, Text,
    WriteId,
};

use crate::run::log::Log;
use crate::run::open_call;
use crate::transport::waits::BoxFuture;
use crate::transport::{Frame, Transport, TransportError};

/// Bytes of text that the socket takes before it has to flush them: only so much is ever in doubt when a link ends.
const FLUSH_BYTES: usize = 32 * 1024;

/// Frames read from one connection before the others have their turn.
const READS_PER_TURN: usize = 64;
/// Bytes read from one connection before the others have their turn: some envelopes of the size that Slack sends. The
/// message that goes over it is read.
const BYTES_PER_TURN: usize = 64 * 1024;
/// A text of less than this part of the largest message of its connection is copied. A larger one stays in the buffer of
/// the WebSocket library, which was made for the largest: what an application keeps takes no more than so many times its
/// size, and a read buffer.
const SMALL_PART: usize = 4;

/// What is under way for a connection.
pub(crate) struct ConnectionIo<T: Transport> {
    pub(crate) id: ConnectionId,
    pub(crate) io: Io<T>,
}

pub(crate) enum Io<T: Transport> {
    Opening(BoxFuture<Result<http::Response<Bytes>, TransportError>>),
    Dialing(BoxFuture<Result<T::Socket, TransportError>>),
    Open(OpenSocket<T>),
    /// It is done with; the machine has been told or has told us.
    Gone,
}

impl<T: Transport> ConnectionIo<T> {
    /// Polls what is under way and hands the machine what came of it. The bytes of it, or `None` if nothing did.
    pub(crate) fn read(
        &mut self,
        machine: &mut SocketMode,
        now: Instant,
        cx: &mut Context<'_>,
    ) -> Option<usize> {
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
                Some(0)
            }
            Io::Dialing(dial) => {
                let Poll::Ready(result) = dial.as_mut().poll(cx) else { return None };
                match result {
                    Ok(socket) => {
                        self.io = Io::Open(OpenSocket::new(socket));
                        machine.handle_input(now, id, Input::Dialed);
                    }
                    Err(error) => {
                        self.io = Io::Gone;
                        let (status, detail) = (error.status(), error.to_string());
                        machine.handle_input(now, id, Input::DialFailed { status, detail: &detail });
                    }
                }
                Some(0)
            }
            Io::Open(_) if machine.is_reading() => self.read_turn(machine, now, cx),
            Io::Open(_) => self.read_until_hello(machine, now, cx),
        }
    }

    /// One turn of an open link.
    fn read_turn(&mut self, machine: &mut SocketMode, now: Instant, cx: &mut Context<'_>) -> Option<usize> {
        let mut bytes = None;
        for _ in 0..READS_PER_TURN {
            if bytes >= Some(BYTES_PER_TURN) {
                break;
            }
            let Some(read) = self.read_one(machine, now, cx) else { break };
            *bytes.get_or_insert(0) += read;
        }
        bytes
    }

    /// While the application's queue is full: reads up to the hello, because acknowledgements may wait for a connection that
    /// is up. Before the hello it reads at most as much as one turn.
    fn read_until_hello(
        &mut self,
        machine: &mut SocketMode,
        now: Instant,
        cx: &mut Context<'_>,
    ) -> Option<usize> {
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
        bytes
    }

    /// Reads one frame of an open link, or its end. The bytes of it, or `None` if there is nothing.
    fn read_one(&mut self, machine: &mut SocketMode, now: Instant, cx: &mut Context<'_>) -> Option<usize> {
        let id = self.id;
        let Io::Open(socket) = &mut self.io else { return None };
        // Reading flushes as well, and what is flushed has to be told before the end.
        if let Some(write) = socket.flush_fed(cx) {
            machine.handle_input(now, id, Input::Written(write));
        }
        let Poll::Ready(read) = socket.poll_read(cx) else { return None };
        match read {
            Some(Ok(frame)) => {
                if matches!(frame, Frame::Close(_)) {
                    // What is in the socket goes out before the answer, and nothing else does.
                    socket.outbox.retain(|frame| matches!(frame, Frame::Close(_)));
                }
                return Some(socket.hand_in(frame, id, machine, now));
            }
            Some(Err(error)) => self.end(machine, now, Closed::ReadError(&error.to_string())),
            None => self.end(machine, now, Closed::Eof),
        }
        Some(0)
    }

    /// The link is gone. What broke it is told, not what came of that.
    fn end(&mut self, machine: &mut SocketMode, now: Instant, closed: Closed<'_>) {
        let io = std::mem::replace(&mut self.io, Io::Gone);
        let broken = if let Io::Open(socket) = &io { socket.broken.as_ref() } else { None };
        let closed = broken.map_or(closed, |broken| Closed::WriteError(broken.error()));
        machine.handle_input(now, self.id, Input::Closed(closed));
    }

    /// Writes what waits to be written, and tells the machine what the network has.
    pub(crate) fn flush(&mut self, machine: &mut SocketMode, now: Instant, cx: &mut Context<'_>) -> Flushed {
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

/// What came of a flush.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flushed {
    /// The machine has nothing new to say.
    Nothing,
    /// Something was written. More may follow from that, on any connection.
    Wrote,
    /// Writing has just failed: nothing more is written, and the rest is [read](ConnectionIo::read_rest).
    Broke,
}

pub(crate) struct OpenSocket<T: Transport> {
    socket: T::Socket,
    /// Pings and the close frame, which wait for room in the socket: one ping between two signs of life, at the most.
    outbox: VecDeque<Frame<T::Text>>,
    /// The last write that the socket took and has not flushed.
    fed: Option<WriteId>,
    /// How much text it took since the last flush.
    fed_bytes: usize,
    /// The last write that was flushed and that the machine does not know of.
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

    /// Hands a frame to the machine. The bytes of it.
    fn hand_in(
        &mut self,
        frame: Frame<T::Text>,
        id: ConnectionId,
        machine: &mut SocketMode,
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

    /// Queues a ping or a close frame; the next flush hands it over.
    pub(crate) fn push(&mut self, frame: Frame<T::Text>) {
        self.outbox.push_back(frame);
        self.dirty = true;
    }

    /// Flushes what the socket took before; its last write, if that is done.
    fn flush_fed(&mut self, cx: &mut Context<'_>) -> Option<WriteId> {
        self.fed.filter(|_| self.broken.is_none())?;
        // An error is told by the next flush.
        let Poll::Ready(Ok(())) = Pin::new(&mut self.socket).poll_flush(cx) else { return None };
        self.fed_bytes = 0;
        self.fed.take()
    }

    /// Feeds what waits to be written and flushes, once unless it is much. What the network has is in `written`, also when
    /// there is an error or more to do.
    fn poll_flush(
        &mut self,
        id: ConnectionId,
        machine: &mut SocketMode,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), TransportError>> {
        let mut socket = Pin::new(&mut self.socket);
        loop {
            while self.fed_bytes < FLUSH_BYTES && (machine.has_transmit(id) || !self.outbox.is_empty()) {
                ready!(socket.as_mut().poll_ready(cx))?;
                self.dirty = true;
                let mut text = String::new();
                // The acknowledgements first: a close frame is behind all of them.
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

/// Writing on it has failed.
struct Broken {
    /// Why writing failed.
    error: String,
    /// Until it is over, nothing to read does not mean that there is nothing: the runtime has not looked.
    wait: Option<BoxFuture<()>>,
    reads_left: usize,
}

#[cfg(test)]
mod tests;
