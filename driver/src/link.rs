//! One connection's I/O: the call, the handshake, the socket.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use socketmode_protocol::{ConnectionId, WriteId};

use crate::transport::{Frame, Transport, TransportError};

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What is under way for a connection.
pub(crate) struct Link<T: Transport> {
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

pub(crate) struct OpenSocket<T: Transport> {
    socket: T::Socket,
    /// What waits for room in the socket. The machine bounds it.
    outbox: VecDeque<(Option<WriteId>, Frame<T::Text>)>,
    /// The last write that the socket took and has not flushed.
    fed: Option<WriteId>,
    dirty: bool,
}

impl<T: Transport> OpenSocket<T> {
    pub(crate) fn new(socket: T::Socket) -> Self {
        Self { socket, outbox: VecDeque::new(), fed: None, dirty: false }
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<T::Text>, TransportError>>> {
        Pin::new(&mut self.socket).poll_next(cx)
    }

    /// Queues a frame; [`poll_flush`](Self::poll_flush) hands it over.
    pub(crate) fn push(&mut self, write: Option<WriteId>, frame: Frame<T::Text>) {
        self.outbox.push_back((write, frame));
        self.dirty = true;
    }

    /// Queues a close frame. What is queued before it and not yet in the socket has gone elsewhere by the machine's own
    /// account, and would be said twice.
    pub(crate) fn close(&mut self, code: u16) {
        self.outbox.retain(|(write, _)| write.is_none());
        self.push(None, Frame::Close(Some(code)));
    }

    pub(crate) fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Feeds everything and flushes once. Ready with the last write that the network has now.
    pub(crate) fn poll_flush(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<WriteId>, TransportError>> {
        let mut socket = Pin::new(&mut self.socket);
        while !self.outbox.is_empty() {
            ready!(socket.as_mut().poll_ready(cx))?;
            if let Some((write, frame)) = self.outbox.pop_front() {
                socket.as_mut().start_send(frame)?;
                self.fed = write.or(self.fed);
            }
        }
        ready!(socket.poll_flush(cx))?;
        self.dirty = false;
        Poll::Ready(Ok(self.fed.take()))
    }
}
