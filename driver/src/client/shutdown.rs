//! The end of a client.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use socketmode_protocol::StopReason;

use crate::request::mailbox::Mailbox;

/// A future that waits for the end of a client. It returns the reason, or `None` if the [`Driver`](crate::Driver) was dropped
/// before its end.
///
/// # Cancel safety
/// Dropping it loses only the result.
pub struct Shutdown {
    mailbox: Mailbox,
    /// Its place among those that wait, once it was polled.
    place: Option<u64>,
}

impl Shutdown {
    pub(crate) fn new(mailbox: Mailbox) -> Self {
        Self { mailbox, place: None }
    }
}

impl Future for Shutdown {
    type Output = Option<StopReason>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.mailbox.poll_end(&mut this.place, cx)
    }
}

impl Drop for Shutdown {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.mailbox.forget(place);
        }
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::wakes::Wakes;
    use std::task::Waker;
    use std::time::Duration;

    fn poll(shutdown: &mut Shutdown, task: &Waker) -> Poll<Option<StopReason>> {
        Pin::new(shutdown).poll(&mut Context::from_waker(task))
    }

    #[test]
    fn calls_without_number_leave_one_grace_and_no_waiter() {
        let mailbox = Mailbox::new();
        for grace in (1..=10_000).rev() {
            mailbox.shutdown(Duration::from_secs(grace));
            let mut dropped = Shutdown::new(mailbox.clone());
            assert_eq!(poll(&mut dropped, Waker::noop()), Poll::Pending);
        }
        assert_eq!(mailbox.waiters(), 0);
        let mut commands = Vec::new();
        let grace = mailbox.take(&Context::from_waker(Waker::noop()), false, &mut commands);
        assert_eq!((grace, commands.len()), (Some(Duration::from_secs(1)), 0));
        assert_eq!(mailbox.take(&Context::from_waker(Waker::noop()), true, &mut commands), None);
    }

    #[test]
    fn one_that_is_polled_often_waits_once_and_in_its_last_task() {
        let mailbox = Mailbox::new();
        let ((first, before), (last, after)) = (Wakes::task(), Wakes::task());
        let mut shutdown = Shutdown::new(mailbox.clone());
        for task in [&before, &before, &after] {
            assert_eq!(poll(&mut shutdown, task), Poll::Pending);
        }
        assert_eq!(mailbox.waiters(), 1);
        mailbox.close(Some(StopReason::Requested));
        assert_eq!((first.count(), last.count()), (0, 1));
        assert_eq!(poll(&mut shutdown, &after), Poll::Ready(Some(StopReason::Requested)));
    }

    #[test]
    fn one_that_is_dropped_leaves_the_others_their_places() {
        let mailbox = Mailbox::new();
        let tasks = [Wakes::task(), Wakes::task(), Wakes::task()];
        let mut waiting = [(); 3].map(|()| Some(Shutdown::new(mailbox.clone())));
        for at in 0..2 {
            assert_eq!(poll(waiting[at].as_mut().unwrap(), &tasks[at].1), Poll::Pending);
        }
        waiting[0] = None;
        assert_eq!(poll(waiting[2].as_mut().unwrap(), &tasks[2].1), Poll::Pending);
        mailbox.close(None);
        assert_eq!(tasks.map(|(task, _)| task.count()), [0, 1, 1]);
    }
}
