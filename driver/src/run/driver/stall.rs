//! After a stall of the process (a blocked thread, SIGSTOP, a laptop that slept): I/O first, then deadlines.

use std::sync::Arc;
use std::task::Context;

use socketmode_protocol::Instant;

use crate::transport::Transport;
use crate::transport::waits::{BoxFuture, ON_TIME, io_first};

/// The number of turns that may read something before deadlines fire anyway: a peer that sends without end must not delay
/// the deadline of another connection.
const READING_TURNS: usize = 32;

/// Whether the machine may be told the time.
#[derive(Default)]
pub(crate) enum Stall {
    /// No stall.
    #[default]
    None,
    /// A deadline is late: the runtime looks at its sockets first.
    IoFirst(BoxFuture<()>),
    /// The runtime has looked at its sockets. Connections are read for at most this number of turns.
    Reading(usize),
}

impl Stall {
    /// Call it first in each poll, while the runtime's budget for the poll is not used up.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) {
        if let Self::IoFirst(sleep) = self {
            if sleep.as_mut().poll(cx).is_ready() {
                *self = Self::Reading(READING_TURNS);
            }
        }
    }

    /// Whether it waits for the runtime. If so, the task will be woken.
    pub(crate) fn is_waiting_for_io(&self) -> bool {
        matches!(self, Self::IoFirst(_))
    }

    /// The time to tell the machine, if deadlines may fire. `due` is the earliest deadline that is not later than `now`,
    /// `read` is whether this turn has read anything, and `reads` is whether the machine lets connections be read.
    pub(crate) fn may_fire<T: Transport>(
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
                *self = Self::IoFirst(io_first(transport, now));
                self.poll(cx);
                None
            }
            Self::IoFirst(_) => None,
            // Only up to the end of the pause: then connections are read before later deadlines fire.
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
