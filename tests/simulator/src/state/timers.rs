//! Every deadline, in one table.

use super::waiters::Topic;
use crate::{EnvelopeId, LinkId};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Why a deadline exists.
#[derive(Debug, Clone)]
pub(crate) enum Deadline {
    /// A link's next ping is due.
    Ping(LinkId),
    /// A link has reached its lifetime.
    Rotate(LinkId),
    /// A warned link's grace is over.
    CutWarned(LinkId),
    /// The client had its time to answer the close frame.
    CloseUnanswered(LinkId),
    /// A link was pinged, and nothing has come for as long as a dead one is counted.
    Silent(LinkId),
    /// An envelope's acknowledgement should have come.
    AckDue(EnvelopeId),
    /// An event is to be delivered again.
    Redeliver(EnvelopeId),
    /// Somebody waits no longer.
    WaitOver(Topic),
}

/// An entry of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimerKey(Instant, u64);

/// The table, by time. Its size is bounded by those of the links, the envelopes and the waits.
#[derive(Default)]
pub(crate) struct Timers {
    table: BTreeMap<TimerKey, Deadline>,
    next: u64,
    sooner: bool,
}

impl Timers {
    pub(crate) fn set(&mut self, after: Duration, deadline: Deadline) -> TimerKey {
        let key = TimerKey(later(after), self.next);
        self.next += 1;
        self.sooner |= self.table.first_key_value().is_none_or(|(first, _)| key < *first);
        self.table.insert(key, deadline);
        key
    }

    pub(crate) fn cancel(&mut self, key: Option<TimerKey>) {
        if let Some(key) = key {
            self.table.remove(&key);
        }
    }

    pub(crate) fn pop(&mut self, now: Instant) -> Option<Deadline> {
        let entry = self.table.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }

    pub(crate) fn earliest(&self) -> Option<Instant> {
        self.table.first_key_value().map(|(key, _)| key.0)
    }

    /// Whether the earliest deadline has come forward since this was last asked.
    pub(crate) fn take_sooner(&mut self) -> bool {
        std::mem::take(&mut self.sooner)
    }
}

/// Now and so much later; a year where the clock cannot count that far.
pub(crate) fn later(after: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    let now = Instant::now();
    now.checked_add(after).unwrap_or(now + YEAR)
}
