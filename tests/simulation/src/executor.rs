//! Tasks without a runtime: each has a flag that its waker raises, and is polled while the flag is up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

/// Something that is polled when it was woken.
#[derive(Debug)]
pub struct Task {
    flag: Arc<Flag>,
    waker: Waker,
    polls: u64,
}

#[derive(Debug)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Default for Task {
    /// A new task is to be polled.
    fn default() -> Self {
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        Self { waker: Waker::from(Arc::clone(&flag)), flag, polls: 0 }
    }
}

impl Task {
    /// Whether it is to be polled.
    #[must_use]
    pub fn is_woken(&self) -> bool {
        self.flag.0.load(Ordering::Relaxed)
    }

    /// It is to be polled.
    pub fn wake(&self) {
        self.flag.0.store(true, Ordering::Relaxed);
    }

    /// Polls it.
    pub fn poll<R>(&mut self, future: impl FnOnce(&mut Context<'_>) -> R) -> R {
        self.polls += 1;
        self.flag.0.store(false, Ordering::Relaxed);
        future(&mut Context::from_waker(&self.waker))
    }

    /// How often it was polled.
    #[must_use]
    pub fn polls(&self) -> u64 {
        self.polls
    }
}
