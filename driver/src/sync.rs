//! The locks of what the loop and the application share. The package `tests/schedules` builds this crate with shuttle's, and
//! so chooses which thread goes on at each of them; every other build has the standard library's.

pub(crate) use std::sync::{Arc, PoisonError};

#[cfg(socketmode_schedules)]
pub(crate) use shuttle::sync::{Mutex, MutexGuard};
#[cfg(not(socketmode_schedules))]
pub(crate) use std::sync::{Mutex, MutexGuard};
