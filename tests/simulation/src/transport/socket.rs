//! The client's end: what a driver holds.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use socketmode_driver::{Frame, Network, Runtime, Transport, TransportError, TransportErrorKind};
use socketmode_protocol::{Instant, SocketUrl};

use super::{Asked, Gate, Link, Loses, Memory, Received, State, Waiting};

impl Transport for Memory {
    type Text = String;
    type Socket = Socket;

    fn send(
        &self,
        _: http::Request<Bytes>,
        _: usize,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + Send {
        let mut state = self.lock();
        state.next += 1;
        let link = state.next;
        state.calls.insert(link, Waiting::new());
        state.asked.push_back(Asked::Call(link));
        let end = End { link, memory: self.clone() };
        std::future::poll_fn(move |cx| {
            let mut state = end.memory.lock();
            let polled = state.calls.get_mut(&link).map_or(Poll::Pending, |waiting| waiting.poll(cx));
            if polled.is_ready() {
                state.asked.push_back(Asked::Heard(link));
            }
            polled
        })
    }

    fn dial(&self, url: &SocketUrl) -> impl Future<Output = Result<Socket, TransportError>> + Send {
        let mut state = self.lock();
        state.next += 1;
        let link = state.next;
        state.dials.insert(link, Waiting::new());
        state.asked.push_back(Asked::Dial(link, url.expose_secret().to_owned()));
        let mut end = Some(End { link, memory: self.clone() });
        let memory = self.clone();
        std::future::poll_fn(move |cx| {
            let mut state = memory.lock();
            let polled = state.dials.get_mut(&link).map_or(Poll::Pending, |waiting| waiting.poll(cx));
            if let Poll::Ready(Ok(())) = polled {
                state.dials.remove(&link);
            }
            drop(state);
            polled.map(|result| match (result, end.take()) {
                (Ok(()), Some(end)) => Ok(Socket(end)),
                (Err(error), _) => Err(error),
                (Ok(()), None) => Err(TransportError::new(TransportErrorKind::Io, "polled after its end")),
            })
        })
    }

    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send {
        Sleep { at, key: None, memory: self.clone() }
    }

    fn now(&self) -> Instant {
        self.lock().now
    }
}

/// There is no network, and there is no runtime: a simulation builds its client and polls it.
impl Runtime for Memory {
    fn with_network(_: &Network) -> Result<Self, TransportError> {
        Ok(Self::default())
    }

    fn spawn(_: impl Future<Output = ()> + Send + 'static) -> Result<(), TransportError> {
        Err(TransportError::new(TransportErrorKind::Setup, "a transport in memory has no runtime"))
    }
}

/// The client's end of a call, a handshake or a link.
#[derive(Debug)]
struct End {
    link: Link,
    memory: Memory,
}

impl Drop for End {
    fn drop(&mut self) {
        self.memory.drop_link(self.link);
    }
}

struct Sleep {
    at: Instant,
    key: Option<(Instant, u64)>,
    memory: Memory,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut state = this.memory.lock();
        if state.now >= this.at {
            return Poll::Ready(());
        }
        let key = *this.key.get_or_insert_with(|| {
            state.next += 1;
            (this.at, state.next)
        });
        state.sleepers.insert(key, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.memory.lock().sleepers.remove(&key);
        }
    }
}

/// The client's end of an open link.
#[derive(Debug)]
pub struct Socket(End);

impl Stream for Socket {
    type Item = Result<Frame, TransportError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let link = self.0.link;
        let mut state = self.0.memory.lock();
        let State { now, pipes, asked, read_takes, allowed, .. } = &mut *state;
        let Some(pipe) = pipes.get_mut(&link).filter(|pipe| !pipe.ended) else { return Poll::Ready(None) };
        if let Some(allowed) = allowed {
            let Some(left) = allowed.checked_sub(1) else {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            };
            *allowed = left;
        }
        let Some(received) = pipe.inbox.pop_front() else {
            pipe.reader = Some(cx.waker().clone());
            return Poll::Pending;
        };
        *now = *now + *read_takes;
        asked.push_back(match &received {
            Received::Frame(Frame::Text(text)) => Asked::Read(link, text.clone()),
            _ => Asked::Took(link),
        });
        Poll::Ready(match received {
            Received::Frame(frame) => Some(Ok(frame)),
            Received::Error(error) => Some(Err(error)),
            Received::Eof => {
                pipe.ended = true;
                None
            }
        })
    }
}

impl Socket {
    fn poll_gate(&self, cx: &Context<'_>, flush: bool) -> Poll<Result<(), TransportError>> {
        let link = self.0.link;
        let mut state = self.0.memory.lock();
        let State { pipes, asked, loses, .. } = &mut *state;
        let broken = || Err(TransportError::new(TransportErrorKind::Io, "broken pipe"));
        let Some(pipe) = pipes.get_mut(&link) else { return Poll::Ready(broken()) };
        let gate = if flush { pipe.flush } else { pipe.ready };
        if flush && (gate == Gate::Open || (gate == Gate::Shut && pipe.leaks)) {
            for frame in mem::take(&mut pipe.fed) {
                if *loses != Loses::Writes || !matches!(frame, Frame::Text(_)) {
                    asked.push_back(Asked::Sent(link, frame));
                }
            }
        }
        match gate {
            Gate::Broken => Poll::Ready(broken()),
            Gate::Shut => {
                pipe.writer = Some(cx.waker().clone());
                Poll::Pending
            }
            Gate::Open => {
                if flush {
                    asked.push_back(Asked::Flushed(link));
                }
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl Sink<Frame> for Socket {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.poll_gate(cx, false)
    }

    fn start_send(self: Pin<&mut Self>, frame: Frame) -> Result<(), TransportError> {
        if let Some(pipe) = self.0.memory.lock().pipes.get_mut(&self.0.link) {
            pipe.fed.push_back(frame);
        }
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.poll_gate(cx, true)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.poll_gate(cx, true)
    }
}
