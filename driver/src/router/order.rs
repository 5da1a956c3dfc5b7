//! How many handlers run at a time, and which of them wait for one another.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::poll_fn;
use std::task::{Context as Cx, Poll, Waker};

use socketmode_protocol::Envelope;

use super::context::Context;
use super::incoming::Incoming;
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError, store_waker};
use crate::transport::Transport;

/// Requests that may wait for others with the same key, all keys together. With more, no events are read.
pub const MAX_WAITING: usize = 1024;

/// What requests have in common that are handled one after another, for
/// [`Router::ordered_by`](super::Router::ordered_by).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Key {
    /// The channel and the message at the head of the thread.
    Thread,
    /// The user.
    User,
    /// The channel.
    Channel,
    /// The workspace.
    Team,
}

impl Key {
    /// The key of an envelope, for programs that keep an order by themselves. `None` if it has none: a command is in no
    /// thread, for example.
    #[must_use]
    pub fn of(self, envelope: &Envelope) -> Option<String> {
        self.of_incoming(&Incoming::of(envelope))
    }

    fn of_incoming(self, incoming: &Incoming) -> Option<String> {
        match self {
            Self::Thread => Some(format!("{}\n{}", incoming.channel()?, incoming.thread()?)),
            Self::User => incoming.user(),
            Self::Channel => incoming.channel(),
            Self::Team => incoming.team(),
        }
    }
}

/// A [`Key`], or a function of the request. What has no key waits for nothing.
pub trait OrderKey<S, T: Transport>: Send + Sync + 'static {
    /// The key of a request.
    fn key(&self, cx: &Context<S, T>) -> Option<String>;
}

impl<S, T: Transport> OrderKey<S, T> for Key {
    fn key(&self, cx: &Context<S, T>) -> Option<String> {
        self.of_incoming(cx.incoming())
    }
}

impl<S, T: Transport, F> OrderKey<S, T> for F
where
    F: Fn(&Context<S, T>) -> Option<String> + Send + Sync + 'static,
{
    fn key(&self, cx: &Context<S, T>) -> Option<String> {
        self(cx)
    }
}

/// The bounds of what is under way.
#[derive(Clone)]
pub(super) struct Gate(Arc<Mutex<State>>);

struct State {
    limit: usize,
    /// Requests that have their turn.
    active: usize,
    /// Requests that wait for another with their key.
    waiting: usize,
    /// The keys of those that have their turn, and who comes next.
    keys: BTreeMap<String, VecDeque<Waiter>>,
    /// Those whose turn has come and who have not noticed.
    called: BTreeSet<u64>,
    next_id: u64,
    /// Who reads events.
    reader: Option<Waker>,
}

struct Waiter {
    id: u64,
    waker: Option<Waker>,
}

impl Gate {
    pub(super) fn new(limit: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            limit,
            active: 0,
            waiting: 0,
            keys: BTreeMap::new(),
            called: BTreeSet::new(),
            next_id: 0,
            reader: None,
        })))
    }

    /// Ready while there is room for one more.
    pub(super) fn poll_room(&self, cx: &Cx<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.active < state.limit && state.waiting < MAX_WAITING {
            return Poll::Ready(());
        }
        let before = store_waker(cx.waker(), &mut state.reader);
        drop(state);
        drop(before);
        Poll::Pending
    }

    /// A place, behind those with the same key.
    pub(super) fn enter(&self, key: Option<String>) -> Turn {
        let mut state = self.lock();
        let id = state.next_id;
        state.next_id += 1;
        let queue = key.as_ref().and_then(|key| state.keys.get_mut(key));
        let waits = queue.map(|queue| queue.push_back(Waiter { id, waker: None })).is_some();
        if waits {
            state.waiting += 1;
        } else {
            state.active += 1;
            state.keys.extend(key.clone().map(|key| (key, VecDeque::new())));
        }
        Turn { gate: self.clone(), key, id, waits }
    }

    /// How many have their turn, how many wait for it, and how many keys there are.
    #[cfg(test)]
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        let state = self.lock();
        (state.active, state.waiting, state.keys.len())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among those with the same key. Dropping it lets the next one begin.
pub(super) struct Turn {
    gate: Gate,
    key: Option<String>,
    id: u64,
    /// While another one has the turn.
    waits: bool,
}

impl Turn {
    /// Waits for the turn.
    pub(super) async fn begin(&mut self) {
        poll_fn(|cx| self.poll_begin(cx)).await;
    }

    /// Lets the next with the same key begin, and keeps the place. If it still waits, it does so no longer.
    pub(super) fn pass_on(&mut self) {
        let Some(key) = self.key.take() else { return };
        let mut state = self.gate.lock();
        let is_waiting = self.waits && !state.called.remove(&self.id);
        let (gone, next) = if is_waiting {
            (state.leave(Some(&key), self.id), None)
        } else {
            (None, state.pass_on(Some(&key)))
        };
        self.waits = false;
        // The next one takes this place, and this is one more.
        state.active += 1;
        let reader = state.reader.take();
        drop(state);
        drop(gone);
        next.and_then(|next| next.waker).into_iter().chain(reader).for_each(Waker::wake);
    }

    fn poll_begin(&mut self, cx: &Cx<'_>) -> Poll<()> {
        if !self.waits {
            return Poll::Ready(());
        }
        let mut state = self.gate.lock();
        if state.called.remove(&self.id) {
            self.waits = false;
            return Poll::Ready(());
        }
        let waiter = state.waiter(self.key.as_deref(), self.id);
        let before = waiter.and_then(|waiter| store_waker(cx.waker(), &mut waiter.waker));
        drop(state);
        drop(before);
        Poll::Pending
    }
}

impl State {
    fn waiter(&mut self, key: Option<&str>, id: u64) -> Option<&mut Waiter> {
        self.keys.get_mut(key?)?.iter_mut().find(|waiter| waiter.id == id)
    }

    /// Takes one out that still waits.
    fn leave(&mut self, key: Option<&str>, id: u64) -> Option<Waiter> {
        self.waiting -= 1;
        let queue = self.keys.get_mut(key?)?;
        queue.remove(queue.iter().position(|waiter| waiter.id == id)?)
    }

    /// One that had the turn is done: the next with its key takes its place, so that the number of the active stays.
    fn pass_on(&mut self, key: Option<&str>) -> Option<Waiter> {
        let next = key.and_then(|key| self.keys.get_mut(key)).and_then(VecDeque::pop_front);
        match &next {
            Some(next) => {
                self.waiting -= 1;
                self.called.insert(next.id);
            }
            None => {
                self.active -= 1;
                key.and_then(|key| self.keys.remove(key));
            }
        }
        next
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let key = self.key.as_deref();
        let mut state = self.gate.lock();
        let is_waiting = self.waits && !state.called.remove(&self.id);
        let (gone, next) =
            if is_waiting { (state.leave(key, self.id), None) } else { (None, state.pass_on(key)) };
        let reader = state.reader.take();
        drop(state);
        drop(gone);
        next.and_then(|next| next.waker).into_iter().chain(reader).for_each(Waker::wake);
    }
}
