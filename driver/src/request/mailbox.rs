//! From the application to the loop: commands, each handed over without waiting.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_channel::oneshot;
use socketmode_protocol::{AckToken, Stats, StopReason};

use super::acknowledgement::{AckError, AckHandle, Acked};
use crate::client::shutdown::Waiters;
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError, leave};

/// Acknowledgements by `envelope_id` that may wait for the loop at a time.
const MAX_RESPONDS: usize = 1024;

/// What becomes of an acknowledgement.
pub(crate) type AckResult = Result<Acked, AckError>;

/// What the application wants.
pub(crate) enum Command {
    /// There is one handle for each delivery, and the machine bounds those.
    Acknowledge {
        handle: AckHandle,
        payload: Option<String>,
        reply: oneshot::Sender<AckResult>,
    },
    /// The same, by the handle's drop.
    Decline {
        token: AckToken,
    },
    Respond {
        envelope_id: String,
        payload: Option<String>,
        reply: oneshot::Sender<AckResult>,
    },
}

/// The application's end and the loop's are the same type; clones share one box.
#[derive(Clone)]
pub(crate) struct Mailbox(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    commands: Vec<Command>,
    responds: usize,
    /// A shutdown that the loop has not taken: the shortest grace of all that were asked for.
    grace: Option<Duration>,
    waiters: Waiters,
    waker: Option<Waker>,
    /// The loop waits for requests that are dropped: it ends once nothing is outstanding, or holds copies of them.
    waits_for_drops: bool,
    closed: bool,
    /// Why it is closed, unless the loop was dropped before its end.
    reason: Option<StopReason>,
    stats: Stats,
}

/// Why a command was not taken.
pub(crate) enum Refused {
    /// The loop has ended.
    Closed(Command),
    /// Too many wait.
    Full,
}

impl Mailbox {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State::default())))
    }

    /// Hands a command over and wakes the loop.
    pub(crate) fn push(&self, command: Command) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed(command));
        }
        match command {
            // Nothing is urgent about it: the loop finds it when it wakes for something else.
            Command::Decline { .. } if !state.waits_for_drops => {
                state.commands.push(command);
                return Ok(());
            }
            Command::Acknowledge { .. } | Command::Decline { .. } => {}
            Command::Respond { .. } if state.responds >= MAX_RESPONDS => return Err(Refused::Full),
            Command::Respond { .. } => state.responds += 1,
        }
        state.commands.push(command);
        wake(state);
        Ok(())
    }

    /// Asks for the end. It is never refused: one that the loop has not taken yet and this one become one.
    pub(crate) fn shutdown(&self, grace: Duration) {
        let mut state = self.lock();
        if !state.closed {
            state.grace = Some(state.grace.map_or(grace, |other| other.min(grace)));
            wake(state);
        }
    }

    /// Swaps what is there for an empty list, and wakes the task when there is more. The grace of a shutdown that
    /// was asked for since. A loop that `waits_for_drops` is woken by a dropped request as well.
    pub(crate) fn take(
        &self,
        cx: &Context<'_>,
        waits_for_drops: bool,
        commands: &mut Vec<Command>,
    ) -> Option<Duration> {
        let mut state = self.lock();
        std::mem::swap(&mut state.commands, commands);
        state.responds = 0;
        state.waits_for_drops = waits_for_drops;
        let before = leave(cx.waker(), &mut state.waker);
        let grace = state.grace.take();
        drop(state);
        drop(before);
        grace
    }

    /// Ready once the loop has ended: the reason, or `None` if it was dropped before.
    pub(crate) fn poll_end(&self, place: &mut Option<u64>, cx: &Context<'_>) -> Poll<Option<StopReason>> {
        let mut state = self.lock();
        if state.closed {
            return Poll::Ready(state.reason.clone());
        }
        let before = state.waiters.wait(place, cx.waker());
        drop(state);
        drop(before);
        Poll::Pending
    }

    /// One of those that wait for the end is gone.
    pub(crate) fn forget(&self, place: u64) {
        let waker = self.lock().waiters.forget(place);
        drop(waker);
    }

    pub(crate) fn publish(&self, stats: Stats) {
        self.lock().stats = stats;
    }

    pub(crate) fn stats(&self) -> Stats {
        self.lock().stats
    }

    /// The loop has ended: nothing is taken any more, what waits is dropped, and who waits for the end is woken. A
    /// second call changes nothing.
    pub(crate) fn close(&self, reason: Option<StopReason>) {
        let mut state = self.lock();
        if std::mem::replace(&mut state.closed, true) {
            return;
        }
        state.reason = reason;
        let (commands, waiters) = (std::mem::take(&mut state.commands), std::mem::take(&mut state.waiters));
        drop(state);
        // Outside of the lock: dropping an acknowledgement's handle pushes.
        drop(commands);
        waiters.into_iter().for_each(Waker::wake);
    }

    #[cfg(test)]
    pub(crate) fn waiters(&self) -> usize {
        self.lock().waiters.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the loop, outside of the lock.
fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::delivering::machine_with;
    use crate::testing::wakes::{Wakes, at_its_end, expect_an_end};

    /// One that a machine has made.
    fn delivery() -> AckToken {
        machine_with([r#"{"type":"events_api","envelope_id":"e"}"#]).outstanding("e").unwrap()
    }

    fn respond(mailbox: &Mailbox) -> Result<(), Refused> {
        let (reply, _) = oneshot::channel();
        mailbox.push(Command::Respond { envelope_id: "e".into(), payload: None, reply })
    }

    #[test]
    fn a_loop_that_moved_to_another_task_is_woken_there() {
        let mailbox = Mailbox::new();
        let ((old, before), (new, after)) = (Wakes::task(), Wakes::task());
        for task in [&before, &after] {
            mailbox.take(&Context::from_waker(task), false, &mut Vec::new());
        }
        assert!(respond(&mailbox).is_ok());
        assert_eq!((old.count(), new.count()), (0, 1), "by a command");
        for task in [&after, &before] {
            mailbox.take(&Context::from_waker(task), false, &mut Vec::new());
        }
        mailbox.shutdown(Duration::ZERO);
        assert_eq!((old.count(), new.count()), (1, 1), "by a shutdown");
    }

    #[test]
    fn a_waker_of_the_loop_may_use_the_mailbox_as_it_goes() {
        expect_an_end(|| {
            let mailbox = Mailbox::new();
            let again = mailbox.clone();
            let waker = at_its_end(move || again.shutdown(Duration::ZERO));
            mailbox.take(&Context::from_waker(&waker), false, &mut Vec::new());
            drop(waker);
            mailbox.take(&Context::from_waker(Waker::noop()), false, &mut Vec::new());
        });
    }

    #[test]
    fn a_waker_of_a_shutdown_may_use_the_mailbox_as_it_goes() {
        expect_an_end(|| {
            let mailbox = Mailbox::new();
            let again = mailbox.clone();
            let waker = at_its_end(move || again.shutdown(Duration::ZERO));
            let mut place = None;
            assert_eq!(mailbox.poll_end(&mut place, &Context::from_waker(&waker)), Poll::Pending);
            drop(waker);
            assert_eq!(mailbox.poll_end(&mut place, &Context::from_waker(Waker::noop())), Poll::Pending);
        });
    }

    #[test]
    fn what_waits_at_the_end_may_use_the_mailbox_as_it_goes() {
        expect_an_end(|| {
            let mailbox = Mailbox::new();
            let (reply, mut result) = oneshot::channel();
            // Its drop tells the loop so.
            let handle = AckHandle::new(delivery(), mailbox.clone(), false);
            assert!(mailbox.push(Command::Acknowledge { handle, payload: None, reply }).is_ok());
            mailbox.close(None);
            assert!(result.try_recv().is_err(), "nobody answers any more");
            assert!(matches!(respond(&mailbox), Err(Refused::Closed(_))));
        });
    }

    #[test]
    fn so_many_responds_wait_and_the_next_is_refused() {
        let mailbox = Mailbox::new();
        for _ in 0..2 {
            assert!((0..MAX_RESPONDS).all(|_| respond(&mailbox).is_ok()));
            assert!(matches!(respond(&mailbox), Err(Refused::Full)));
            let mut commands = Vec::new();
            mailbox.take(&Context::from_waker(Waker::noop()), false, &mut commands);
            assert_eq!(commands.len(), MAX_RESPONDS);
        }
    }
}
