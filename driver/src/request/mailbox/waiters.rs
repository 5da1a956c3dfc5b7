//! Those who wait for something that the loop does.

use std::collections::BTreeMap;
use std::task::Waker;

use crate::sync::store_waker;

/// The tasks that wait: one waker for each [`Shutdown`](crate::Shutdown) or [`HealthChanges`](crate::HealthChanges) that was polled
/// and is still held. What bounds it is the application, which holds something larger for each.
#[derive(Default)]
pub(crate) struct Waiters {
    wakers: BTreeMap<u64, Option<Waker>>,
    next: u64,
}

impl Waiters {
    /// Waits on, in the task that polls now. The waker of the task before, to be dropped as [`store_waker`] says.
    pub(crate) fn wait(&mut self, place: &mut Option<u64>, waker: &Waker) -> Option<Waker> {
        let place = *place.get_or_insert_with(|| {
            self.next += 1;
            self.next
        });
        store_waker(waker, self.wakers.entry(place).or_default())
    }

    /// Takes the wakers of all, to be woken outside of the lock. Those that wait on keep their places.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Waker> + use<> {
        std::mem::take(&mut self.wakers).into_values().flatten()
    }

    /// No longer waits. Drop the waker in the same way.
    pub(crate) fn forget(&mut self, place: u64) -> Option<Waker> {
        self.wakers.remove(&place).flatten()
    }
}

#[cfg(test)]
impl Waiters {
    pub(crate) fn len(&self) -> usize {
        self.wakers.len()
    }
}
