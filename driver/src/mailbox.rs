//! From the application to the loop: commands, each handed over without waiting.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use futures_channel::oneshot;
use socketmode_protocol::{AckToken, Stats, StopReason};

use crate::ack::{AckError, AckHandle, Acked};

/// Commands other than acknowledgements that may wait for the loop at a time.
const MAX_COMMANDS: usize = 1024;

/// What becomes of an acknowledgement.
pub(crate) type AckResult = Result<Acked, AckError>;

/// What the application wants.
pub(crate) enum Command {
    /// There is one handle for each delivery, and the machine bounds those.
    Acknowledge {
        handle: AckHandle,
        payload: Option<String>,
        reply: oneshot::Sender<AckResult>,
    },
    /// The same, by the handle's drop.
    Decline {
        token: AckToken,
    },
    Respond {
        envelope_id: String,
        payload: Option<String>,
        reply: oneshot::Sender<AckResult>,
    },
    Shutdown {
        grace: Duration,
        stopped: oneshot::Sender<StopReason>,
    },
}

/// The application's end and the loop's are the same type; clones share one box.
#[derive(Clone)]
pub(crate) struct Mailbox(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    commands: Vec<Command>,
    others: usize,
    waker: Option<Waker>,
    /// The loop ends once nothing is outstanding.
    ending: bool,
    closed: bool,
    stats: Stats,
}

/// Why a command was not taken.
pub(crate) enum Refused {
    /// The loop has ended.
    Closed(Command),
    /// Too many wait.
    Full,
}

impl Mailbox {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State::default())))
    }

    /// Hands a command over and wakes the loop.
    pub(crate) fn push(&self, command: Command) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed(command));
        }
        match command {
            // Nothing is urgent about it: the loop finds it when it wakes for something else.
            Command::Decline { .. } if !state.ending => {
                state.commands.push(command);
                return Ok(());
            }
            Command::Acknowledge { .. } | Command::Decline { .. } => {}
            Command::Respond { .. } | Command::Shutdown { .. } if state.others >= MAX_COMMANDS => {
                return Err(Refused::Full);
            }
            Command::Respond { .. } | Command::Shutdown { .. } => state.others += 1,
        }
        state.commands.push(command);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// Swaps what is there for an empty list, and wakes the task when there is more. A loop that is `ending` waits for
    /// dropped requests as well.
    pub(crate) fn take(&self, cx: &Context<'_>, ending: bool, commands: &mut Vec<Command>) {
        let mut state = self.lock();
        std::mem::swap(&mut state.commands, commands);
        state.others = 0;
        state.ending = ending;
        match &mut state.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
    }

    pub(crate) fn publish(&self, stats: Stats) {
        self.lock().stats = stats;
    }

    pub(crate) fn stats(&self) -> Stats {
        self.lock().stats
    }

    /// The loop has ended: nothing is taken any more, and what waits is dropped.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let commands = std::mem::take(&mut state.commands);
        drop(state);
        // Outside of the lock: dropping an acknowledgement's handle pushes.
        drop(commands);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
