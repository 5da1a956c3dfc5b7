//! A process that stood still (a blocked thread, SIGSTOP, a laptop that slept): I/O first, then verdicts.

use std::sync::Arc;
use std::task::Context;

use socketmode_protocol::Instant;

use crate::transport::Transport;
use crate::transport::waits::{BoxFuture, ON_TIME, io_first};

/// Turns of the loop that read something before the time is handed in all the same: a peer that sends without end
/// must not keep another link from its verdict.
const READING_TURNS: usize = 32;

/// Whether the time may be handed to the machine.
#[derive(Default)]
pub(crate) enum Stall {
    /// Nothing is suspected.
    #[default]
    None,
    /// A deadline was found late, and the reactor has its turn.
    Waiting(BoxFuture<()>),
    /// The reactor had its turn, and the links are read for so many turns at most.
    Reading(usize),
}

impl Stall {
    /// To be called first in each poll, while a runtime that gives each poll a budget has some left.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) {
        if let Self::Waiting(sleep) = self {
            if sleep.as_mut().poll(cx).is_ready() {
                *self = Self::Reading(READING_TURNS);
            }
        }
    }

    /// Whether it waits for the reactor: then the task is going to be woken.
    pub(crate) fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting(_))
    }

    /// The time that the machine may be told, if any: `due` is the earliest deadline if it is not later than `now`, `read`
    /// whether this turn has read anything, and `reads` whether the machine lets the links be read.
    pub(crate) fn may_judge<T: Transport>(
        &mut self,
        transport: &Arc<T>,
        due: Option<Instant>,
        now: Instant,
        (read, reads): (bool, bool),
        cx: &mut Context<'_>,
    ) -> Option<Instant> {
        let Some(due) = due else {
            *self = Self::None;
            return None;
        };
        match self {
            Self::None if now.saturating_since(due) <= ON_TIME => Some(now),
            Self::None => {
                *self = Self::Waiting(io_first(transport, now));
                self.poll(cx);
                None
            }
            Self::Waiting(_) => None,
            // Up to the end of the pause, and the links are read before the rest.
            Self::Reading(_) if !reads => Some(due),
            Self::Reading(turns) if read && *turns > 0 => {
                *turns -= 1;
                None
            }
            Self::Reading(_) => {
                *self = Self::None;
                Some(now)
            }
        }
    }
}
