//! What the loop tells of itself at the end of each poll, for those who look from outside.

use std::task::Waker;
use std::time::Duration;

use socketmode_protocol::{ConnectionPhase, Instant, Notice, SocketMode, Stats};

use super::{Phases, Reconnects};
use crate::request::mailbox::waiters::Waiters;
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The loop's end and the application's are the same type; clones share one. It holds the latest beat and no earlier one.
#[derive(Clone, Default)]
pub(crate) struct Pulse(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    beat: Beat,
    waiters: Waiters,
}

/// The loop and its machine at the end of a poll.
#[derive(Clone, Copy, Default)]
pub(crate) struct Beat {
    pub(crate) stats: Stats,
    /// When the loop turned last.
    pub(crate) turned: Option<Instant>,
    /// When it turns next if nothing happens before. `None` once it has ended.
    pub(crate) due: Option<Instant>,
    /// When the oldest outstanding envelope arrived.
    pub(crate) oldest: Option<Instant>,
    /// When the last frame arrived on a connection that is up.
    pub(crate) last_frame: Option<Instant>,
    pub(crate) standing: Standing,
}

/// What stays the same from one poll to the next unless something happens to a connection, the queue or the client. Whoever
/// watches is woken when it changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) connections: Phases,
    pub(crate) reconnects: Reconnects,
    /// Since when a connection is up, or none is.
    pub(crate) since: Option<Instant>,
    pub(crate) gap: Option<Duration>,
    pub(crate) other_connections: Option<u32>,
    pub(crate) backlogged: bool,
    pub(crate) delivering: bool,
    pub(crate) stopping: bool,
    pub(crate) ended: bool,
}

impl Standing {
    /// What a notice changes.
    pub(crate) fn notice(&mut self, notice: &Notice) {
        match notice {
            Notice::Connected { gap: Some(gap), .. } if !gap.is_zero() => self.gap = Some(*gap),
            Notice::Disconnected { reason, .. } => self.reconnects.ended(reason),
            Notice::ConnectionError { .. } => self.reconnects.failed(),
            _ => {}
        }
    }

    /// The state of the machine. Returns when the last frame arrived on a connection that is up.
    fn look(&mut self, machine: &SocketMode, now: Instant) -> Option<Instant> {
        let was_up = self.connections.are_up();
        let mut last_frame = None;
        self.connections = Phases::default();
        for status in machine.connections() {
            self.connections.add(status.phase);
            if matches!(status.phase, ConnectionPhase::Active | ConnectionPhase::Draining) {
                last_frame = last_frame.max(status.last_frame);
            }
        }
        if self.since.is_none() || was_up != self.connections.are_up() {
            self.since = Some(now);
        }
        self.other_connections = machine.other_connections();
        self.backlogged = machine.is_backlogged();
        self.delivering = machine.is_delivering();
        self.stopping = machine.is_stopping();
        last_frame
    }
}

impl Pulse {
    /// The end of a poll. `due` is when the next one is, at the latest.
    pub(crate) fn beat(
        &self,
        standing: &mut Standing,
        machine: &SocketMode,
        now: Instant,
        due: Option<Instant>,
    ) {
        let last_frame = standing.look(machine, now);
        let (stats, oldest) = (machine.stats(), machine.oldest_outstanding());
        self.publish(Beat { stats, turned: Some(now), due, oldest, last_frame, standing: *standing });
    }

    /// The loop has ended, and its connections with it.
    pub(crate) fn end(&self, standing: &mut Standing, machine: &SocketMode, now: Instant) {
        let turned = self.get().turned;
        let was_up = standing.connections.are_up();
        standing.connections = Phases::default();
        if was_up {
            standing.since = Some(now);
        }
        (standing.stopping, standing.ended) = (true, true);
        let (stats, oldest) = (machine.stats(), machine.oldest_outstanding());
        self.publish(Beat { stats, turned, due: None, oldest, last_frame: None, standing: *standing });
    }

    fn publish(&self, beat: Beat) {
        let mut state = self.lock();
        let is_change = state.beat.standing != beat.standing;
        state.beat = beat;
        if is_change {
            let waiting = state.waiters.take();
            drop(state);
            waiting.for_each(Waker::wake);
        }
    }

    pub(crate) fn get(&self) -> Beat {
        self.lock().beat
    }

    pub(crate) fn stats(&self) -> Stats {
        self.lock().beat.stats
    }

    /// The latest beat. The task is woken at the next change.
    pub(crate) fn watch(&self, place: &mut Option<u64>, waker: &Waker) -> Beat {
        let mut state = self.lock();
        let before = state.waiters.wait(place, waker);
        let beat = state.beat;
        drop(state);
        drop(before);
        beat
    }

    /// A task no longer watches.
    pub(crate) fn forget(&self, place: u64) {
        let waker = self.lock().waiters.forget(place);
        drop(waker);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl Pulse {
    pub(crate) fn waiters(&self) -> usize {
        self.lock().waiters.len()
    }
}
