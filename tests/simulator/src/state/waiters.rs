//! Who waits, and for what.

use crate::EnvelopeId;
use futures_channel::oneshot::Sender;
use std::collections::BTreeMap;

/// What a wait is about; a change wakes only those it may concern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    /// Anything at all.
    Any,
    /// A call of the Web API.
    Call,
    /// An acknowledgement of this envelope.
    Ack(EnvelopeId),
    /// An entry of the journal.
    Journal,
    /// That answers are no longer held back.
    Release,
}

/// The waits under way: as many as the test has.
#[derive(Default)]
pub(crate) struct Waiters {
    waiting: BTreeMap<Topic, Vec<Sender<()>>>,
    woken: Vec<Sender<()>>,
}

impl Waiters {
    pub(crate) fn register(&mut self, topic: &Topic, waiter: Sender<()>) {
        self.waiting.entry(topic.clone()).or_default().push(waiter);
    }

    /// Forgets those who gave up waiting.
    pub(crate) fn tidy(&mut self, topic: &Topic) {
        if let Some(waiters) = self.waiting.get_mut(topic) {
            waiters.retain(|waiter| !waiter.is_canceled());
            if waiters.is_empty() {
                self.waiting.remove(topic);
            }
        }
    }

    pub(crate) fn wake(&mut self, topic: &Topic) {
        if let Some(waiters) = self.waiting.remove(topic) {
            self.woken.extend(waiters);
        }
    }

    /// Something changed.
    pub(crate) fn changed(&mut self) {
        self.wake(&Topic::Any);
    }

    pub(crate) fn wake_all(&mut self) {
        self.woken.extend(std::mem::take(&mut self.waiting).into_values().flatten());
    }

    /// Those to be woken once the lock is free.
    pub(crate) fn take_woken(&mut self) -> Vec<Sender<()>> {
        std::mem::take(&mut self.woken)
    }
}

#[cfg(test)]
#[path = "waiters_tests.rs"]
mod tests;
