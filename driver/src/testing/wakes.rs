//! For tests: a task that counts how often it is woken, and one whose end does something.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Wake, Waker};
use std::thread;
use std::time::Duration;

/// Far more than anything takes that does not wait for itself.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Default)]
pub(crate) struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Wakes {
    /// A task, and what its futures are polled with.
    pub(crate) fn task() -> (Arc<Self>, Waker) {
        let task = Arc::<Self>::default();
        (Arc::clone(&task), Waker::from(task))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Calls it when the last waker is dropped.
struct AtItsEnd<F: Fn()>(F);

impl<F: Fn() + Send + Sync + 'static> Wake for AtItsEnd<F> {
    fn wake(self: Arc<Self>) {}
}

impl<F: Fn()> Drop for AtItsEnd<F> {
    fn drop(&mut self) {
        self.0();
    }
}

/// The waker of a task that does this when it ends.
pub(crate) fn at_its_end(end: impl Fn() + Send + Sync + 'static) -> Waker {
    Waker::from(Arc::new(AtItsEnd(end)))
}

/// Does this in a thread of its own, and fails if it never ends.
pub(crate) fn expect_an_end(work: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let thread = thread::spawn(move || {
        work();
        let _ = done.send(());
    });
    match wait.recv_timeout(PATIENCE) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it waits for itself"),
        Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => thread.join().unwrap(),
    }
}
