//! A connection to which writing failed: what the peer has already sent is read, and then the connection ends.

use std::task::{Context, Poll};

use socketmode_protocol::{Closed, Instant};

use super::{Broken, ConnectionIo, Io};
use crate::recorder::Machine;
use crate::transport::Transport;
use crate::transport::waits::BoxFuture;

/// The number of polls that may still read something before the connection ends anyway: a peer that sends on and reads
/// nothing must not delay the acknowledgements.
const LAST_READS: usize = 8;

impl Broken {
    pub(super) fn new(error: String) -> Self {
        Self { error, wait: None, reads_left: LAST_READS }
    }

    pub(super) fn error(&self) -> &str {
        &self.error
    }

    fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let polled = self.wait.as_mut().map_or(Poll::Ready(()), |wait| wait.as_mut().poll(cx));
        if polled.is_ready() {
            self.wait = None;
        }
        polled
    }
}

impl<T: Transport> ConnectionIo<T> {
    fn broken(&mut self) -> Option<&mut Broken> {
        let Io::Open(socket) = &mut self.io else { return None };
        socket.broken.as_mut()
    }

    /// Writing has failed: the connection ends when this is over and there is nothing to read.
    pub(crate) fn end_after(&mut self, wait: BoxFuture<()>, cx: &mut Context<'_>) {
        let Some(broken) = self.broken() else { return };
        broken.wait = Some(wait);
        if broken.poll_wait(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
    }

    /// Reads the rest from a connection to which writing failed, and ends it if there is no more. Call it at the start of a
    /// poll, while the runtime's budget for the poll is not used up. If the application's queue is full, it reads once.
    /// Returns the number of bytes.
    pub(crate) fn read_rest(&mut self, machine: &mut Machine, now: Instant, cx: &mut Context<'_>) -> usize {
        let Some(broken) = self.broken() else { return 0 };
        if broken.poll_wait(cx).is_pending() {
            return 0;
        }
        broken.reads_left -= 1;
        let is_last = broken.reads_left == 0 || !machine.is_reading();
        let read = self.read_turn(machine, now, cx);
        if self.broken().is_some() {
            if is_last || read.is_none() {
                self.end(machine, now, Closed::Eof);
            } else {
                cx.waker().wake_by_ref();
            }
        }
        read.unwrap_or_default().bytes
    }
}
