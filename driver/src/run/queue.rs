//! The bounded queue from the loop to the application. The loop never waits for it.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::task::{Context, Poll, Waker};

use socketmode_protocol::{AckToken, Envelope};

use crate::request::event::Event;
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError, store_waker};

/// Bytes of envelopes that may wait for the application.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The number of events without an envelope that may wait for the application.
const MAX_NOTICES: usize = 1024;

/// The loop's end and the application's are the same type; clones share one queue.
#[derive(Clone)]
pub(crate) struct EventQueue(Arc<Mutex<State>>);

struct State {
    events: VecDeque<Event>,
    capacity: usize,
    envelopes: usize,
    bytes: usize,
    missed: u64,
    /// The loop has been told that the queue is full and waits for it to be half empty.
    full: bool,
    reader: Option<Waker>,
    driver: Option<Waker>,
    /// The loop has ended.
    ended: bool,
    /// The application has dropped its end.
    abandoned: bool,
}

/// What the loop must know about the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) full: bool,
    pub(crate) abandoned: bool,
}

impl EventQueue {
    pub(crate) fn new(capacity: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            events: VecDeque::new(),
            capacity,
            envelopes: 0,
            bytes: 0,
            missed: 0,
            full: false,
            reader: None,
            driver: None,
            ended: false,
            abandoned: false,
        })))
    }

    /// Appends all events, wakes the reader once, and returns whether the queue is full.
    pub(crate) fn extend(&self, events: &mut Vec<Event>, driver: &Waker) -> Level {
        let mut state = self.lock();
        if state.abandoned {
            drop(state);
            // Outside of the lock: a request that is dropped tells the loop so.
            events.clear();
            return Level { full: false, abandoned: true };
        }
        let mut reader = None;
        for event in events.drain(..) {
            match size_of(&event) {
                Some(bytes) => {
                    state.envelopes += 1;
                    state.bytes += bytes;
                    state.events.push_back(event);
                }
                None if matches!(event, Event::Stopped(_)) => {
                    let missed = std::mem::take(&mut state.missed);
                    state.events.extend((missed > 0).then_some(Event::Lagged { missed }));
                    state.events.push_back(event);
                }
                None if state.events.len() - state.envelopes >= MAX_NOTICES => state.missed += 1,
                None => state.events.push_back(event),
            }
            reader = reader.or_else(|| state.reader.take());
        }
        if state.envelopes >= state.capacity || state.bytes >= MAX_BYTES {
            state.full = true;
        }
        let before = store_waker(driver, &mut state.driver);
        let level = Level { full: state.full, abandoned: false };
        drop(state);
        drop(before);
        if let Some(reader) = reader {
            reader.wake();
        }
        level
    }

    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Event>> {
        let mut state = self.lock();
        let Some(event) = state.events.pop_front() else {
            if state.missed > 0 {
                let missed = std::mem::take(&mut state.missed);
                return Poll::Ready(Some(Event::Lagged { missed }));
            }
            if state.ended {
                return Poll::Ready(None);
            }
            let before = store_waker(cx.waker(), &mut state.reader);
            drop(state);
            drop(before);
            return Poll::Pending;
        };
        if let Some(bytes) = size_of(&event) {
            state.envelopes -= 1;
            state.bytes -= bytes;
        }
        let drained = state.full && state.envelopes <= state.capacity / 2 && state.bytes <= MAX_BYTES / 2;
        if drained {
            state.full = false;
        }
        let driver = if drained { state.driver.take() } else { None };
        drop(state);
        if let Some(driver) = driver {
            driver.wake();
        }
        Poll::Ready(Some(event))
    }

    /// Which of these deliveries the application has not taken.
    pub(crate) fn untaken(&self, of: &BTreeSet<AckToken>) -> Vec<AckToken> {
        let state = self.lock();
        let waiting = state.events.iter().filter_map(Event::envelope).map(Envelope::token);
        waiting.filter(|token| of.contains(token)).collect()
    }

    /// The number of envelopes that wait for the application.
    pub(crate) fn envelopes(&self) -> usize {
        self.lock().envelopes
    }

    /// The loop has ended: the reader gets the remaining events, then the end.
    pub(crate) fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        let reader = state.reader.take();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// The application has dropped its end.
    pub(crate) fn abandon(&self) {
        let mut state = self.lock();
        state.abandoned = true;
        let (driver, events) = (state.driver.take(), std::mem::take(&mut state.events));
        drop(state);
        // Outside of the lock: a request that is dropped tells the loop so.
        drop(events);
        if let Some(driver) = driver {
            driver.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for EventQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventQueue").field("waiting", &self.lock().events.len()).finish_non_exhaustive()
    }
}

/// The size of an envelope; `None` for another event.
fn size_of(event: &Event) -> Option<usize> {
    event.envelope().map(|envelope| envelope.raw_json().len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Request;
    use crate::request::mailbox::{AckHandle, Mailbox};
    use crate::testing::delivering::machine_with;
    use crate::testing::wakes::{Wakes, at_its_end, expect_an_end};
    use socketmode_protocol::{Notice, Output, StopReason};

    /// So many requests, as a machine delivers them.
    fn requests(count: usize) -> Vec<Event> {
        requests_of(count, 0)
    }

    /// Requests that are this much longer.
    fn requests_of(count: usize, more_bytes: usize) -> Vec<Event> {
        let text = format!(r#"{{"type":"events_api","envelope_id":"e"{}}}"#, " ".repeat(more_bytes));
        let mut machine = machine_with(std::iter::repeat_n(&*text, count));
        let mailbox = Mailbox::new();
        let wrap = |output| match output {
            Output::Envelope(envelope) => {
                let handle = AckHandle::new(envelope.token(), mailbox.clone(), false);
                Some(Event::EventsApi(Request::new(envelope, handle)))
            }
            _ => None,
        };
        std::iter::from_fn(|| machine.poll_output()).filter_map(wrap).collect()
    }

    fn next(queue: &EventQueue) -> Poll<Option<Event>> {
        queue.poll_next(&Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_full_queue_stays_full_until_half_of_it_is_read() {
        let queue = EventQueue::new(4);
        let level = |events: &mut Vec<Event>| queue.extend(events, Waker::noop()).full;
        assert!(!level(&mut requests(3)));
        assert!(level(&mut requests(1)));
        assert!(next(&queue).is_ready());
        assert!(level(&mut Vec::new()), "one read is not enough");
        assert!(next(&queue).is_ready());
        assert!(!level(&mut Vec::new()));
    }

    #[test]
    fn a_queue_is_full_at_64_mib_and_not_before() {
        let queue = EventQueue::new(1_000);
        let level = |count, bytes| queue.extend(&mut requests_of(count, bytes), Waker::noop()).full;
        assert!(!level(63, 1024 * 1024), "about 63 MiB");
        assert!(level(1, 1024 * 1024));
        for _ in 0..31 {
            assert!(next(&queue).is_ready());
        }
        assert!(level(0, 0), "33 MiB are more than half");
        assert!(next(&queue).is_ready() && next(&queue).is_ready());
        assert!(!level(0, 0));
    }

    #[test]
    fn notices_over_their_bound_are_counted_and_the_end_is_told() {
        let queue = EventQueue::new(4);
        let mut notices: Vec<_> =
            (0..MAX_NOTICES + 3).map(|n| Event::Notice(Notice::Shed { envelopes: n as u64 })).collect();
        notices.push(Event::Stopped(StopReason::Requested));
        queue.extend(&mut notices, Waker::noop());
        queue.end();
        for _ in 0..MAX_NOTICES {
            assert!(matches!(next(&queue), Poll::Ready(Some(Event::Notice(Notice::Shed { .. })))));
        }
        assert!(matches!(next(&queue), Poll::Ready(Some(Event::Lagged { missed: 3 }))));
        assert!(matches!(next(&queue), Poll::Ready(Some(Event::Stopped(_)))));
        assert!(matches!(next(&queue), Poll::Ready(None)));
    }

    #[test]
    fn what_is_missing_is_told_to_a_reader_that_caught_up() {
        let queue = EventQueue::new(4);
        let extend = |count| {
            queue.extend(
                &mut (0..count).map(|n| Event::Notice(Notice::Shed { envelopes: n })).collect(),
                Waker::noop(),
            )
        };
        for _ in 0..2 {
            extend(MAX_NOTICES as u64 + 2);
            for _ in 0..MAX_NOTICES {
                assert!(matches!(next(&queue), Poll::Ready(Some(Event::Notice(Notice::Shed { .. })))));
            }
            assert!(matches!(next(&queue), Poll::Ready(Some(Event::Lagged { missed: 2 }))));
            assert!(next(&queue).is_pending());
        }
    }

    #[test]
    fn envelopes_take_no_room_of_the_notices() {
        let queue = EventQueue::new(MAX_NOTICES);
        queue.extend(&mut requests(MAX_NOTICES), Waker::noop());
        queue.extend(&mut vec![Event::Notice(Notice::Shed { envelopes: 7 })], Waker::noop());
        for _ in 0..MAX_NOTICES {
            assert!(matches!(next(&queue), Poll::Ready(Some(Event::EventsApi(_)))));
        }
        assert!(matches!(next(&queue), Poll::Ready(Some(Event::Notice(Notice::Shed { envelopes: 7 })))));
    }

    #[test]
    fn an_end_before_which_nothing_is_missing_is_told_alone() {
        let queue = EventQueue::new(4);
        let _ = queue.extend(&mut vec![Event::Stopped(StopReason::Requested)], Waker::noop());
        assert!(matches!(next(&queue), Poll::Ready(Some(Event::Stopped(_)))));
        assert!(next(&queue).is_pending());
    }

    #[test]
    fn nothing_is_kept_for_a_reader_that_is_gone() {
        let queue = EventQueue::new(4);
        queue.extend(&mut requests(2), Waker::noop());
        queue.abandon();
        assert_eq!(queue.extend(&mut requests(2), Waker::noop()), Level { full: false, abandoned: true });
        assert_eq!(queue.lock().events.len(), 0);
    }

    #[test]
    fn a_reader_that_moved_to_another_task_is_woken_there() {
        let queue = EventQueue::new(4);
        let ((old, before), (new, after)) = (Wakes::task(), Wakes::task());
        for task in [&before, &after] {
            assert!(queue.poll_next(&Context::from_waker(task)).is_pending());
        }
        queue.extend(&mut requests(1), Waker::noop());
        assert_eq!((old.count(), new.count()), (0, 1), "by an event");
        assert!(queue.poll_next(&Context::from_waker(&before)).is_ready());
        for task in [&after, &before] {
            assert!(queue.poll_next(&Context::from_waker(task)).is_pending());
        }
        queue.end();
        assert_eq!((old.count(), new.count()), (1, 1), "by the end");
    }

    #[test]
    fn a_waker_of_the_reader_may_use_the_queue_as_it_goes() {
        expect_an_end(|| {
            let queue = EventQueue::new(4);
            let again = queue.clone();
            let waker = at_its_end(move || again.abandon());
            assert!(queue.poll_next(&Context::from_waker(&waker)).is_pending());
            drop(waker);
            assert!(next(&queue).is_pending());
        });
    }

    #[test]
    fn a_waker_of_the_loop_may_use_the_queue_as_it_goes() {
        expect_an_end(|| {
            let queue = EventQueue::new(4);
            let again = queue.clone();
            let waker = at_its_end(move || again.end());
            queue.extend(&mut Vec::new(), &waker);
            drop(waker);
            queue.extend(&mut Vec::new(), Waker::noop());
        });
    }

    #[test]
    fn a_loop_that_moved_to_another_task_is_woken_there() {
        let ((old, before), (new, after)) = (Wakes::task(), Wakes::task());
        let queue = EventQueue::new(2);
        queue.extend(&mut requests(1), &before);
        assert!(queue.extend(&mut requests(1), &after).full);
        assert!(next(&queue).is_ready());
        assert_eq!((old.count(), new.count()), (0, 1), "by room in the queue");
        for task in [&after, &before] {
            queue.extend(&mut Vec::new(), task);
        }
        queue.abandon();
        assert_eq!((old.count(), new.count()), (1, 1), "by a reader that is gone");
    }
}
