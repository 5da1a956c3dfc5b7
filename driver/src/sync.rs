//! The locks of what the loop and the application share. The package `tests/schedules` builds this crate with shuttle's, and
//! so chooses which thread goes on at each of them; every other build has the standard library's.

pub(crate) use std::sync::{Arc, PoisonError};
use std::task::Waker;

#[cfg(socketmode_schedules)]
pub(crate) use shuttle::sync::{Mutex, MutexGuard};
#[cfg(not(socketmode_schedules))]
pub(crate) use std::sync::{Mutex, MutexGuard};

/// Stores a waker, and returns that of another task that was there before. Drop it outside of any lock: it may be the last
/// handle of that task, and dropping the task may need the lock.
#[must_use = "drop it outside of the lock"]
pub(crate) fn store_waker(waker: &Waker, place: &mut Option<Waker>) -> Option<Waker> {
    match place {
        Some(known) if known.will_wake(waker) => None,
        _ => place.replace(waker.clone()),
    }
}
