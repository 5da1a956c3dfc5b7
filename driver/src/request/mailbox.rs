//! Commands from the application to the loop. Sending one never waits. Dropping a handle sends one too.

pub(crate) mod waiters;

use std::fmt;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_channel::oneshot;
use socketmode_protocol::{AckToken, Instant, StopReason};

use self::waiters::Waiters;
use super::outcome::{AckErrorKind, Acked};
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError, store_waker};

/// Acknowledgements by `envelope_id` that may wait for the loop at a time.
const MAX_RESPONDS: usize = 1024;

/// The outcome of an acknowledgement.
pub(crate) type AckResult = Result<Acked, AckError>;

/// What the application wants.
pub(crate) enum Command {
    /// Their number is bounded: each delivery has one handle, and the machine bounds deliveries.
    Acknowledge {
        handle: AckHandle,
        payload: Option<String>,
        reply: oneshot::Sender<AckResult>,
    },
    /// A handle was dropped. Bounded in the same way.
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
    /// The grace of a shutdown that waits until nothing is outstanding.
    when_quiet: Option<Duration>,
    /// When the shortest grace of all that were asked for is over.
    grace_ends: Option<Instant>,
    waiters: Waiters,
    waker: Option<Waker>,
    /// A dropped request wakes the loop: it is stopping, or holds copies.
    waits_for_drops: bool,
    closed: bool,
    /// Why it is closed, unless the loop was dropped before its end.
    reason: Option<StopReason>,
}

/// Why a command was not taken.
pub(crate) enum NotTaken {
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
    pub(crate) fn push(&self, command: Command) -> Result<(), NotTaken> {
        let mut state = self.lock();
        if state.closed {
            return Err(NotTaken::Closed(command));
        }
        match command {
            // It is not urgent: the loop takes it when it wakes for another reason.
            Command::Decline { .. } if !state.waits_for_drops && state.when_quiet.is_none() => {
                state.commands.push(command);
                return Ok(());
            }
            Command::Acknowledge { .. } | Command::Decline { .. } => {}
            Command::Respond { .. } if state.responds >= MAX_RESPONDS => return Err(NotTaken::Full),
            Command::Respond { .. } => state.responds += 1,
        }
        state.commands.push(command);
        wake(state);
        Ok(())
    }

    /// Asks for a shutdown. It is always accepted: it merges with one that the loop has not taken yet.
    pub(crate) fn shutdown(&self, grace: Duration) {
        let mut state = self.lock();
        if !state.closed {
            keep_shorter(&mut state.grace, grace);
            wake(state);
        }
    }

    /// Asks for a shutdown in the first moment without an outstanding request.
    pub(crate) fn shutdown_when_quiet(&self, grace: Duration) {
        let mut state = self.lock();
        if !state.closed {
            keep_shorter(&mut state.when_quiet, grace);
            wake(state);
        }
    }

    /// The grace of such a shutdown, if one was asked for.
    pub(crate) fn when_quiet(&self) -> Option<Duration> {
        self.lock().when_quiet
    }

    /// A shutdown was asked for whose grace is over then.
    pub(crate) fn grace_ends_at(&self, end: Instant) {
        let mut state = self.lock();
        keep_shorter(&mut state.grace_ends, end);
    }

    /// When the grace of the shutdown is over, if one was asked for.
    pub(crate) fn grace_ends(&self) -> Option<Instant> {
        self.lock().grace_ends
    }

    /// Whether the loop has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Swaps the commands for an empty list, and wakes the task when there are more. Returns the grace of a shutdown, if one
    /// was asked for. With `waits_for_drops`, a dropped request wakes the task too.
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
        let before = store_waker(cx.waker(), &mut state.waker);
        let grace = state.grace.take();
        drop(state);
        drop(before);
        grace
    }

    /// Ready when the loop has ended: the reason, or `None` if it was dropped before its end.
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

    /// A task no longer waits for the end.
    pub(crate) fn forget(&self, place: u64) {
        let waker = self.lock().waiters.forget(place);
        drop(waker);
    }

    /// The loop has ended: drops the commands, accepts no more, and wakes the tasks that wait for the end. A second call
    /// changes nothing.
    pub(crate) fn close(&self, reason: Option<StopReason>) {
        let mut state = self.lock();
        if std::mem::replace(&mut state.closed, true) {
            return;
        }
        state.reason = reason;
        let (commands, waiters) = (std::mem::take(&mut state.commands), state.waiters.take());
        drop(state);
        // Outside of the lock: dropping a handle pushes a command.
        drop(commands);
        waiters.for_each(Waker::wake);
    }

    #[cfg(test)]
    pub(crate) fn waiters(&self) -> usize {
        self.lock().waiters.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of two that were asked for, the shorter one counts.
fn keep_shorter<T: Copy + Ord>(kept: &mut Option<T>, other: T) {
    *kept = Some(kept.map_or(other, |kept| kept.min(other)));
}

/// Wakes the loop, outside of the lock.
fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The right to acknowledge one delivery once, from [`Request::split`](crate::Request::split). Dropping it declines the
/// delivery: Slack sends an event again, and shows the user of a command an error.
///
/// ```
/// use socketmode_driver::{AckError, Request};
///
/// async fn on_event(request: Request) -> Result<(), AckError> {
///     let (envelope, handle) = request.split();
///     handle.ack().await?; // Slack waits for this, and not for what follows
///     println!("{}", envelope.payload_json().len());
///     Ok(())
/// }
/// ```
#[must_use = "dropping it declines the delivery: it is not acknowledged"]
pub struct AckHandle {
    token: AckToken,
    pub(super) mailbox: Mailbox,
    /// Whether dropping it declines the delivery.
    armed: bool,
    /// When the envelope arrived, and the number of its type.
    #[cfg(feature = "metrics")]
    stamp: (socketmode_protocol::Instant, usize),
}

impl AckHandle {
    pub(crate) fn new(token: AckToken, mailbox: Mailbox, acknowledged: bool) -> Self {
        Self {
            token,
            mailbox,
            armed: !acknowledged,
            #[cfg(feature = "metrics")]
            stamp: (socketmode_protocol::Instant::ZERO, 0),
        }
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn stamped(mut self, at: socketmode_protocol::Instant, kind: usize) -> Self {
        self.stamp = (at, kind);
        self
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn stamp(&self) -> (socketmode_protocol::Instant, usize) {
        self.stamp
    }

    pub(crate) fn token(&self) -> AckToken {
        self.token
    }

    /// Whether nobody takes an acknowledgement any more.
    pub(crate) fn is_void(&self) -> bool {
        self.mailbox.is_closed()
    }

    pub(crate) fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for AckHandle {
    fn drop(&mut self) {
        if std::mem::take(&mut self.armed) {
            // If the loop has ended, there is nothing to decline.
            let _ = self.mailbox.push(Command::Decline { token: self.token });
        }
    }
}

impl fmt::Debug for AckHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AckHandle").field(&self.token).finish()
    }
}

/// Why an acknowledgement did not go out, or that its outcome is unknown.
///
/// ```
/// use socketmode_driver::{AckErrorKind, AckHandle, protocol};
///
/// async fn answer(handle: AckHandle, payload: String) {
///     if let Err(error) = handle.ack_with_json(payload).await {
///         if let AckErrorKind::Refused(protocol::AckRefusal::TooLarge { bytes }) =
///             error.kind()
///         {
///             eprintln!("{bytes} bytes are too many: use the Web API");
///         }
///         if let Some(handle) = error.into_handle() {
///             drop(handle.ack()); // without a payload, then
///         }
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct AckError {
    pub(crate) kind: AckErrorKind,
    pub(crate) handle: Option<AckHandle>,
}

impl AckError {
    /// Why.
    #[must_use]
    pub fn kind(&self) -> AckErrorKind {
        self.kind.clone()
    }

    /// The handle to acknowledge in another way, if that is possible: the payload was too
    /// large, not accepted, not JSON, or has a part that is too long.
    #[must_use]
    pub fn into_handle(self) -> Option<AckHandle> {
        self.handle
    }
}

#[cfg(test)]
mod tests;
