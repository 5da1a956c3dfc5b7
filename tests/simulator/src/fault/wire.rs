//! One connection through the relay, and what is wrong with it.

use super::relay::{End, Fault, Way};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::watch;

/// A connection, there or gone.
pub(super) struct Wire {
    state: watch::Sender<State>,
    /// Bytes still to come one by one.
    trickle: AtomicU64,
    up: AtomicU64,
    down: AtomicU64,
    gone: AtomicBool,
}

#[derive(Clone, Copy)]
enum State {
    Passing,
    Held,
    Ended(End),
}

impl Wire {
    pub(super) fn new() -> Self {
        Self {
            state: watch::Sender::new(State::Passing),
            trickle: AtomicU64::new(0),
            up: AtomicU64::new(0),
            down: AtomicU64::new(0),
            gone: AtomicBool::new(false),
        }
    }

    pub(super) fn strike(&self, fault: Fault) {
        match fault {
            Fault::Cut => drop(self.state.send_replace(State::Ended(End::Cut))),
            Fault::Reset => drop(self.state.send_replace(State::Ended(End::Reset))),
            Fault::Hold => drop(self.state.send_if_modified(|state| {
                let passes = matches!(state, State::Passing);
                if passes {
                    *state = State::Held;
                }
                passes
            })),
            Fault::Trickle(bytes) => self.trickle.store(bytes, Ordering::SeqCst),
        }
    }

    pub(super) fn resume(&self) {
        self.state.send_if_modified(|state| {
            let held = matches!(state, State::Held);
            if held {
                *state = State::Passing;
            }
            held
        });
    }

    pub(super) fn is_held(&self) -> bool {
        matches!(*self.state.borrow(), State::Held)
    }

    pub(super) fn is_live(&self) -> bool {
        !self.gone.load(Ordering::SeqCst)
    }

    pub(super) fn is_gone(&self) {
        self.gone.store(true, Ordering::SeqCst);
    }

    /// Waits while it is held.
    pub(super) async fn passes(&self) {
        // The sender is in here: it does not end before.
        let _ = self.state.subscribe().wait_for(|state| !matches!(state, State::Held)).await;
    }

    /// Waits until it is ended by order.
    pub(super) async fn ended(&self) -> End {
        let mut states = self.state.subscribe();
        loop {
            if let State::Ended(end) = *states.borrow_and_update() {
                return end;
            }
            // The sender is in here: it does not end before.
            let _ = states.changed().await;
        }
    }

    /// Whether the next byte comes alone.
    pub(super) fn trickles(&self) -> bool {
        let less = |left: u64| left.checked_sub(1);
        self.trickle.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
    }

    pub(super) fn count(&self, way: Way, bytes: usize) {
        self.counter(way).fetch_add(bytes as u64, Ordering::SeqCst);
    }

    pub(super) fn passed(&self, way: Way) -> u64 {
        self.counter(way).load(Ordering::SeqCst)
    }

    fn counter(&self, way: Way) -> &AtomicU64 {
        match way {
            Way::Up => &self.up,
            Way::Down => &self.down,
        }
    }
}
