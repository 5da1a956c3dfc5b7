//! Futures that handle one request after another, so that not every request needs a task of its own.

use std::future::{Future, poll_fn};
use std::task::{Context as Cx, Poll, Waker};

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError, store_waker};

/// Workers without a job that are kept. More end when they are done: each takes some hundred bytes and a task.
const MAX_IDLE: usize = 64;

/// Workers, and the jobs that they have.
pub(super) struct Workers<J>(Arc<Mutex<State<J>>>);

struct State<J> {
    /// By the worker's number.
    slots: Vec<Slot<J>>,
    /// Numbers that no worker has.
    free: Vec<usize>,
    /// The numbers of those without a job. The last one worked last.
    idle: Vec<usize>,
    /// Jobs that are not done.
    under_way: usize,
    /// Who waits until none is under way.
    waiter: Option<Waker>,
}

/// What a worker does.
enum Slot<J> {
    /// It has a job, and has not noticed.
    Given(J),
    Working,
    Idle(Option<Waker>),
    /// There is no such worker.
    Free,
}

impl<J> Workers<J> {
    pub(super) fn new() -> Self {
        let (slots, free, idle) = (Vec::new(), Vec::new(), Vec::new());
        Self(Arc::new(Mutex::new(State { slots, free, idle, under_way: 0, waiter: None })))
    }

    /// Gives a job to a worker that has none. Without one, returns a new worker with this job, which must run.
    #[must_use]
    pub(super) fn give(&self, job: J) -> Option<Worker<J>> {
        let mut state = self.lock();
        state.under_way += 1;
        let idle = state.idle.pop();
        let number = match idle.or_else(|| state.free.pop()) {
            Some(number) => number,
            None => {
                state.slots.push(Slot::Free);
                state.slots.len() - 1
            }
        };
        let before = state.replace(number, Slot::Given(job));
        drop(state);
        if idle.is_none() {
            return Some(Worker { workers: Self(Arc::clone(&self.0)), number });
        }
        if let Slot::Idle(Some(waker)) = before {
            waker.wake();
        }
        None
    }

    /// How many jobs are not done.
    pub(super) fn under_way(&self) -> usize {
        self.lock().under_way
    }

    /// Ready when all jobs are done.
    pub(super) fn poll_done(&self, cx: &Cx<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.under_way == 0 {
            return Poll::Ready(());
        }
        let before = store_waker(cx.waker(), &mut state.waiter);
        drop(state);
        drop(before);
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J> State<J> {
    fn replace(&mut self, number: usize, with: Slot<J>) -> Slot<J> {
        self.slots.get_mut(number).map_or(Slot::Free, |slot| std::mem::replace(slot, with))
    }

    /// One is done. Returns who is to be woken.
    fn done(&mut self) -> Option<Waker> {
        self.under_way -= 1;
        if self.under_way == 0 { self.waiter.take() } else { None }
    }
}

/// Does jobs until it is dropped, or there are enough others without one. Dropping it drops its job where it is.
pub(super) struct Worker<J> {
    workers: Workers<J>,
    number: usize,
}

impl<J> Worker<J> {
    /// Does one job after another.
    pub(super) async fn work<F: Future<Output = ()>>(self, run: impl Fn(J) -> F) {
        while let Some(job) = poll_fn(|cx| self.poll_job(cx)).await {
            let under_way = UnderWay(&self.workers);
            run(job).await;
            drop(under_way);
        }
    }

    /// The next job; none if there are enough other workers for it.
    fn poll_job(&self, cx: &Cx<'_>) -> Poll<Option<J>> {
        let mut state = self.workers.lock();
        match state.replace(self.number, Slot::Working) {
            Slot::Given(job) => return Poll::Ready(Some(job)),
            Slot::Idle(mut waker) => {
                let before = store_waker(cx.waker(), &mut waker);
                state.replace(self.number, Slot::Idle(waker));
                drop(state);
                drop(before);
            }
            Slot::Working | Slot::Free if state.idle.len() >= MAX_IDLE => return Poll::Ready(None),
            Slot::Working | Slot::Free => {
                state.idle.push(self.number);
                state.replace(self.number, Slot::Idle(Some(cx.waker().clone())));
            }
        }
        Poll::Pending
    }
}

impl<J> Drop for Worker<J> {
    fn drop(&mut self) {
        let mut state = self.workers.lock();
        let slot = state.replace(self.number, Slot::Free);
        let waiter = if matches!(slot, Slot::Given(_)) { state.done() } else { None };
        if matches!(slot, Slot::Idle(_)) {
            state.idle.retain(|&number| number != self.number);
        }
        state.free.push(self.number);
        drop(state);
        drop(slot);
        waiter.into_iter().for_each(Waker::wake);
    }
}

/// A job that a worker does: it is over when this is dropped.
struct UnderWay<'a, J>(&'a Workers<J>);

impl<J> Drop for UnderWay<'_, J> {
    fn drop(&mut self) {
        let waiter = self.0.lock().done();
        waiter.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::wakes::Wakes;
    use std::pin::Pin;
    use std::sync::Mutex as StdMutex;

    type Work = Pin<Box<dyn Future<Output = ()>>>;
    type Done = Arc<StdMutex<Vec<usize>>>;

    /// Jobs are numbers. An odd one waits once, 13 panics.
    fn started(worker: Worker<usize>, done: &Done) -> Work {
        let done = Arc::clone(done);
        Box::pin(worker.work(move |job| {
            let done = Arc::clone(&done);
            async move {
                assert_ne!(job, 13);
                let mut waits = job % 2 == 1;
                poll_fn(|_| if std::mem::take(&mut waits) { Poll::Pending } else { Poll::Ready(()) }).await;
                done.lock().unwrap().push(job);
            }
        }))
    }

    fn poll(work: &mut Work, waker: &Waker) -> Poll<()> {
        work.as_mut().poll(&mut Cx::from_waker(waker))
    }

    #[test]
    fn a_worker_without_a_job_is_woken_for_the_next() {
        let (workers, done) = (Workers::new(), Done::default());
        let mut work = started(workers.give(2).unwrap(), &done);
        let (wakes, waker) = Wakes::task();
        assert!(poll(&mut work, &waker).is_pending());
        assert_eq!((&*done.lock().unwrap(), workers.under_way()), (&vec![2], 0));
        assert!(workers.give(3).is_none());
        assert_eq!((wakes.count(), workers.under_way()), (1, 1));
        // The one there is has a job.
        let mut other = started(workers.give(4).unwrap(), &done);
        assert!(poll(&mut work, &waker).is_pending() && poll(&mut other, &waker).is_pending());
        assert_eq!((&*done.lock().unwrap(), workers.under_way()), (&vec![2, 4], 1));
        assert!(poll(&mut work, &waker).is_pending());
        assert_eq!((&*done.lock().unwrap(), workers.under_way()), (&vec![2, 4, 3], 0));
    }

    #[test]
    fn a_worker_that_moved_to_another_task_is_woken_there() {
        let (workers, done) = (Workers::new(), Done::default());
        let mut work = started(workers.give(2).unwrap(), &done);
        let ((old, before), (new, after)) = (Wakes::task(), Wakes::task());
        for task in [&before, &after] {
            assert!(poll(&mut work, task).is_pending());
        }
        assert!(workers.give(4).is_none());
        assert_eq!((old.count(), new.count()), (0, 1));
    }

    #[test]
    fn the_last_job_that_ends_in_any_way_is_told() {
        let ends: [fn(Work); 3] = [
            |mut work| assert!(poll(&mut work, Waker::noop()).is_pending()),
            drop,
            |mut work| {
                let run = std::panic::AssertUnwindSafe(|| poll(&mut work, Waker::noop()));
                assert!(std::panic::catch_unwind(run).is_err());
            },
        ];
        for (job, end) in [2, 2, 13].into_iter().zip(ends) {
            let workers = Workers::new();
            let work = started(workers.give(job).unwrap(), &Done::default());
            let (wakes, waker) = Wakes::task();
            assert!(workers.poll_done(&Cx::from_waker(&waker)).is_pending());
            end(work);
            assert!(workers.poll_done(&Cx::from_waker(&waker)).is_ready());
            assert_eq!((wakes.count(), workers.under_way()), (1, 0), "{job}");
        }
    }

    #[test]
    fn a_worker_that_is_gone_gets_no_job() {
        let (workers, done) = (Workers::new(), Done::default());
        let mut work = started(workers.give(2).unwrap(), &done);
        assert!(poll(&mut work, Waker::noop()).is_pending());
        drop(work);
        let mut other = started(workers.give(4).unwrap(), &done);
        assert!(poll(&mut other, Waker::noop()).is_pending());
        assert!(workers.give(6).is_none());
        drop(other);
        assert_eq!((&*done.lock().unwrap(), workers.under_way()), (&vec![2, 4], 0));
        assert_eq!(workers.lock().slots.len(), 1, "its place is taken again");
    }

    #[test]
    fn after_a_burst_few_workers_stay() {
        let (workers, done) = (Workers::new(), Done::default());
        let burst = 2 * MAX_IDLE;
        let mut all: Vec<_> = (0..burst).map(|job| started(workers.give(2 * job).unwrap(), &done)).collect();
        let stay = |work: &mut Work| poll(work, Waker::noop()).is_pending();
        assert_eq!(all.iter_mut().filter_map(|work| stay(work).then_some(())).count(), MAX_IDLE);
        assert_eq!((done.lock().unwrap().len(), workers.under_way()), (burst, 0));
    }
}
