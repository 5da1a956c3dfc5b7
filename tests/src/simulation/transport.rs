//! A transport in memory: whoever holds the other end says when a call is answered, a handshake ends, a frame arrives
//! or a write goes through, and what time it is.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use socketmode_driver::{Frame, Network, Runtime, Transport, TransportError, TransportErrorKind};
use socketmode_protocol::{Instant, SocketUrl};

/// Names a call, or a handshake and the link that comes of it. Never used twice.
pub type Link = u64;

/// What the client's end did, in order.
#[derive(Debug)]
pub enum Asked {
    /// An HTTP request.
    Call(Link),
    /// It took the answer of the call.
    Heard(Link),
    /// A handshake with this URL.
    Dial(Link, String),
    /// It took a text message from the link.
    Read(Link, String),
    /// It took something else from the link.
    Took(Link),
    /// The network has this frame.
    Sent(Link, Frame),
    /// It was told that the network has everything.
    Flushed(Link),
    /// The call, the handshake or the socket is gone.
    Dropped(Link),
}

/// What the client's end takes from a link.
#[derive(Debug)]
pub enum Received {
    /// A frame.
    Frame(Frame),
    /// The end of the stream.
    Eof,
    /// A failure.
    Error(TransportError),
}

/// Whether writing gets on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gate {
    /// It does.
    #[default]
    Open,
    /// It waits.
    Shut,
    /// It fails.
    Broken,
}

/// The transport, and the handle for whoever plays the network. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    now: Instant,
    next: u64,
    sleepers: BTreeMap<(Instant, u64), Waker>,
    calls: BTreeMap<Link, Waiting<http::Response<Bytes>>>,
    dials: BTreeMap<Link, Waiting<()>>,
    pipes: BTreeMap<Link, Pipe>,
    asked: VecDeque<Asked>,
    loses: Loses,
}

/// How the transport breaks its promises, to see that somebody notices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loses {
    /// It keeps them.
    #[default]
    Nothing,
    /// Text messages vanish and count as written.
    Writes,
    /// Nobody is woken when something arrives.
    WakeUps,
}

#[derive(Debug)]
struct Waiting<T> {
    result: Option<Result<T, TransportError>>,
    waker: Option<Waker>,
}

#[derive(Debug, Default)]
struct Pipe {
    inbox: VecDeque<Received>,
    reader: Option<Waker>,
    writer: Option<Waker>,
    ready: Gate,
    flush: Gate,
    /// While the flush waits, the network has the frames all the same.
    leaks: bool,
    fed: VecDeque<Frame>,
    ended: bool,
}

impl<T> Waiting<T> {
    fn new() -> Self {
        Self { result: None, waker: None }
    }

    fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<T, TransportError>> {
        match self.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                self.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn finish(&mut self, result: Result<T, TransportError>) {
        self.result = Some(result);
        wake(&mut self.waker);
    }
}

/// The network's end.
impl Memory {
    /// The time by the client's clock.
    #[must_use]
    pub fn time(&self) -> Instant {
        self.lock().now
    }

    /// Time passes; sleepers wake. How many.
    pub fn advance(&self, to: Instant) -> usize {
        let mut state = self.lock();
        state.now = state.now.max(to);
        let mut woken = 0;
        while state.sleepers.first_key_value().is_some_and(|(&(at, _), _)| at <= state.now) {
            let Some((_, waker)) = state.sleepers.pop_first() else { break };
            waker.wake();
            woken += 1;
        }
        woken
    }

    /// When the next sleeper wakes.
    #[must_use]
    pub fn next_sleeper(&self) -> Option<Instant> {
        self.lock().sleepers.first_key_value().map(|(&(at, _), _)| at)
    }

    /// How many sleep.
    #[must_use]
    pub fn sleepers(&self) -> usize {
        self.lock().sleepers.len()
    }

    /// What the client's end has done since the last time, in order.
    pub fn asked(&self, into: &mut VecDeque<Asked>) {
        into.append(&mut self.lock().asked);
    }

    /// Answers a call. Whether anybody waits for it.
    pub fn answer(&self, call: Link, result: Result<http::Response<Bytes>, TransportError>) -> bool {
        let mut state = self.lock();
        let waiting = state.calls.get_mut(&call);
        waiting.map(|waiting| waiting.finish(result)).is_some()
    }

    /// Ends a handshake. Whether anybody waits for it; if it went well, the link can be used at once.
    pub fn connect(&self, dial: Link, result: Result<(), TransportError>) -> bool {
        let mut state = self.lock();
        let State { dials, pipes, .. } = &mut *state;
        let Some(waiting) = dials.get_mut(&dial) else { return false };
        if result.is_ok() {
            pipes.insert(dial, Pipe::default());
        }
        waiting.finish(result);
        true
    }

    /// Something arrives by a link. Whether there is one.
    pub fn deliver(&self, link: Link, received: Received) -> bool {
        let mut state = self.lock();
        let loses = state.loses;
        let Some(pipe) = state.pipes.get_mut(&link) else { return false };
        pipe.inbox.push_back(received);
        if loses != Loses::WakeUps {
            wake(&mut pipe.reader);
        }
        true
    }

    /// Whether a link takes more (`poll_ready`), and whether it gets rid of it (`poll_flush`).
    pub fn gate(&self, link: Link, ready: Gate, flush: Gate, leaks: bool) -> bool {
        let mut state = self.lock();
        let Some(pipe) = state.pipes.get_mut(&link) else { return false };
        (pipe.ready, pipe.flush, pipe.leaks) = (ready, flush, leaks);
        if (ready, flush) != (Gate::Shut, Gate::Shut) {
            wake(&mut pipe.writer);
        }
        true
    }

    /// Breaks promises from now on.
    pub fn lose(&self, loses: Loses) {
        self.lock().loses = loses;
    }

    /// The calls that were not answered.
    #[must_use]
    pub fn calls(&self) -> Vec<Link> {
        let state = self.lock();
        state.calls.iter().filter(|(_, waiting)| waiting.result.is_none()).map(|(&link, _)| link).collect()
    }

    /// The handshakes that have not ended.
    #[must_use]
    pub fn dials(&self) -> Vec<Link> {
        let state = self.lock();
        state.dials.iter().filter(|(_, waiting)| waiting.result.is_none()).map(|(&link, _)| link).collect()
    }

    /// The sockets that are open.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        self.lock().pipes.keys().copied().collect()
    }

    /// Calls, handshakes and sockets that the client holds.
    #[must_use]
    pub fn held(&self) -> usize {
        let state = self.lock();
        let dials = state.dials.keys().filter(|link| !state.pipes.contains_key(link)).count();
        state.calls.len() + dials + state.pipes.len()
    }

    /// What lies unread in a link, and what lies unwritten.
    #[must_use]
    pub fn lying(&self, link: Link) -> (usize, usize) {
        self.lock().pipes.get(&link).map_or((0, 0), |pipe| (pipe.inbox.len(), pipe.fed.len()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn drop_link(&self, link: Link) {
        let mut state = self.lock();
        let had = state.calls.remove(&link).is_some()
            | state.dials.remove(&link).is_some()
            | state.pipes.remove(&link).is_some();
        if had {
            state.asked.push_back(Asked::Dropped(link));
        }
    }
}

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
        let State { pipes, asked, .. } = &mut *state;
        let Some(pipe) = pipes.get_mut(&link).filter(|pipe| !pipe.ended) else { return Poll::Ready(None) };
        let Some(received) = pipe.inbox.pop_front() else {
            pipe.reader = Some(cx.waker().clone());
            return Poll::Pending;
        };
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

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}
