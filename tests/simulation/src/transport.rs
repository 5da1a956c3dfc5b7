//! A transport in memory: whoever holds the other end says when a call is answered, a handshake ends, a frame arrives
//! or a write goes through, and what time it is.

mod socket;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use socketmode_driver::{Frame, TransportError};
use socketmode_protocol::Instant;

/// Names a call, or a handshake and the link that comes of it. Never used twice.
pub type Link = u64;

pub use socket::Socket;

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
    /// The runtime does not look at its sockets.
    stands: bool,
    /// How much time each read takes.
    read_takes: Duration,
    /// Reads that the runtime allows before the task has to yield.
    allowed: Option<usize>,
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
    /// What arrived while the runtime did not look.
    unseen: VecDeque<Received>,
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
#[allow(clippy::must_use_candidate, reason = "whether anybody was there is not always of interest")]
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
        let (loses, stands) = (state.loses, state.stands);
        let Some(pipe) = state.pipes.get_mut(&link) else { return false };
        if stands {
            pipe.unseen.push_back(received);
            return true;
        }
        pipe.inbox.push_back(received);
        if loses != Loses::WakeUps {
            wake(&mut pipe.reader);
        }
        true
    }

    /// The process stands still: what arrives is seen only once the runtime looks at its sockets again.
    pub fn stand_still(&self) {
        self.lock().stands = true;
    }

    /// The runtime looks at its sockets, if it has not since the process stood still. What is to be read now.
    pub fn look(&self) -> usize {
        let mut state = self.lock();
        let State { pipes, stands, loses, .. } = &mut *state;
        if !std::mem::take(stands) {
            return 0;
        }
        let mut seen = 0;
        for pipe in pipes.values_mut().filter(|pipe| !pipe.unseen.is_empty()) {
            seen += pipe.unseen.len();
            pipe.inbox.append(&mut pipe.unseen);
            if *loses != Loses::WakeUps {
                wake(&mut pipe.reader);
            }
        }
        seen
    }

    /// Whether a link takes more (`poll_ready`), and whether it gets rid of it (`poll_flush`).
    pub fn gate(&self, link: Link, ready: Gate, flush: Gate, leaks: bool) -> bool {
        let mut state = self.lock();
        let Some(pipe) = state.pipes.get_mut(&link) else { return false };
        (pipe.ready, pipe.flush, pipe.leaks) = (ready, flush, leaks);
        // With a leak some of what was written goes on its way, though the rest does not.
        if leaks || (ready, flush) != (Gate::Shut, Gate::Shut) {
            wake(&mut pipe.writer);
        }
        true
    }

    /// Each frame that is read takes so much time from now on.
    pub fn read_takes(&self, time: Duration) {
        self.lock().read_takes = time;
    }

    /// So many more reads are allowed; one beyond them has to wait and wakes its task, as with the cooperative budget of
    /// a runtime.
    pub fn allow_reads(&self, reads: usize) {
        self.lock().allowed = Some(reads);
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
        let count = |pipe: &Pipe| (pipe.inbox.len() + pipe.unseen.len(), pipe.fed.len());
        self.lock().pipes.get(&link).map_or((0, 0), count)
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

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}
