//! A connection: its stream, and the limits of reading.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite, IoSlice};

use super::allowance::Allowance;
use super::budget::Budget;
use super::read_ahead::ReadAhead;

/// A connection, encrypted or not, perhaps through a proxy.
pub struct Connection {
    stream: Box<dyn Bytestream>,
    /// Of the raw socket alone: what lies above it reads through it.
    ahead: Option<ReadAhead>,
    allowance: Allowance,
}

pub(super) trait Bytestream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytestream for T {}

impl Connection {
    pub(super) fn new(stream: impl Bytestream + 'static, budget: Option<Budget>) -> Self {
        Self {
            stream: Box::new(stream),
            ahead: budget.map(ReadAhead::new),
            allowance: Allowance::unlimited(),
        }
    }

    /// What bounds reading.
    pub(super) fn allowance(&self) -> Allowance {
        self.allowance.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let room = buffer.len().min(this.allowance.left()?);
        let buffer = buffer.get_mut(..room).unwrap_or_default();
        let read = match &mut this.ahead {
            Some(ahead) => ahead.poll_read(&mut this.stream, cx, buffer),
            None => Pin::new(&mut this.stream).poll_read(cx, buffer),
        };
        if let Poll::Ready(Ok(bytes)) = read {
            this.allowance.spend(bytes);
        }
        read
    }
}

impl AsyncWrite for Connection {
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

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}
