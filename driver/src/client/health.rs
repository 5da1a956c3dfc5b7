//! The health of a client, and whoever watches it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use socketmode_protocol::Instant;

use super::Client;
use crate::health::pulse::{Pulse, Standing};
use crate::health::{Health, Unready};
use crate::run::queue::EventQueue;
use crate::transport::Transport;
use crate::transport::waits::BoxFuture;

impl<T: Transport> Client<T> {
    /// Whether the client receives, and what is known of why: for probes of an orchestrator, and for people.
    ///
    /// It takes two locks for a moment, and waits for nothing: a loop that does not turn is seen, as its silence is. The
    /// loop itself tells of its state once in a poll, and not for each envelope.
    #[must_use]
    pub fn health(&self) -> Health {
        let now = self.transport.now();
        Health::of(&self.pulse.get(), now, self.config.silence, self.queue.envelopes()).0
    }

    /// Waits until the client is [ready](Health::ready). Returns `None` if it has stopped, and so never will be.
    ///
    /// ```
    /// use socketmode_driver::{Client, Transport};
    ///
    /// async fn announce<T: Transport>(client: Client<T>) {
    ///     match client.ready().await {
    ///         Some(health) => println!("receiving, after {:?}", health.gap),
    ///         None => println!("stopped before anything could arrive"),
    ///     }
    /// }
    /// ```
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn ready(&self) -> Option<Health> {
        let mut changes = self.health_changes();
        loop {
            let health = changes.next().await?;
            if health.ready {
                return Some(health);
            }
        }
    }

    /// Watches the health. [`HealthChanges::next`] returns the health as it is now, and then at each change.
    #[must_use]
    pub fn health_changes(&self) -> HealthChanges<T> {
        HealthChanges {
            transport: Arc::clone(&self.transport),
            pulse: self.pulse.clone(),
            queue: self.queue.clone(),
            silence: self.config.silence,
            place: None,
            seen: None,
            sleep: None,
            over: false,
        }
    }
}

/// The changes of a client's [`Health`]: a stream that ends when the client has stopped.
///
/// A change is one of [`unready`](Health::unready), of the phases of connections, of the counters in
/// [`reconnects`](Health::reconnects), of [`gap`](Health::gap) or of [`other_connections`](Health::other_connections). Times
/// and the numbers of envelopes are no changes. It holds no queue: of several changes that were not waited for, only the
/// latest health is returned. It also wakes by itself when the loop does not turn.
///
/// ```
/// use socketmode_driver::{Client, Transport};
///
/// async fn tell<T: Transport>(client: Client<T>) {
///     let mut changes = client.health_changes();
///     while let Some(health) = changes.next().await {
///         match health.unready {
///             None => println!("receiving"),
///             Some(reason) => println!("not receiving: {reason}"),
///         }
///     }
/// }
/// ```
pub struct HealthChanges<T: Transport> {
    transport: Arc<T>,
    pulse: Pulse,
    queue: EventQueue,
    silence: Duration,
    /// Its place among those that watch, once it was polled.
    place: Option<u64>,
    seen: Option<(Standing, Option<Unready>)>,
    /// Until time alone changes the health.
    sleep: Option<(Instant, BoxFuture<()>)>,
    over: bool,
}

impl<T: Transport> HealthChanges<T> {
    /// The health now, if this is the first call; later, the health at its next change. Returns `None` after that of the
    /// client's end.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Health> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Health>> {
        if self.over {
            return Poll::Ready(None);
        }
        loop {
            let beat = self.pulse.watch(&mut self.place, cx.waker());
            let now = self.transport.now();
            let (health, until) = Health::of(&beat, now, self.silence, self.queue.envelopes());
            let seen = Some((beat.standing, health.unready));
            if self.seen != seen {
                self.seen = seen;
                self.over = health.stopped;
                return Poll::Ready(Some(health));
            }
            let Some(until) = until else {
                self.sleep = None;
                return Poll::Pending;
            };
            let (_, sleep) = match &mut self.sleep {
                // Waking early changes nothing.
                Some(sleep) if sleep.0 <= until => sleep,
                sleep => {
                    let transport = Arc::clone(&self.transport);
                    sleep.insert((until, Box::pin(async move { transport.sleep_until(until).await })))
                }
            };
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.sleep = None;
        }
    }
}

impl<T: Transport> Stream for HealthChanges<T> {
    type Item = Health;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Health>> {
        self.poll(cx)
    }
}

// Nothing in it is pinned: the sleep is boxed.
impl<T: Transport> Unpin for HealthChanges<T> {}

impl<T: Transport> Drop for HealthChanges<T> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.pulse.forget(place);
        }
    }
}

impl<T: Transport> fmt::Debug for HealthChanges<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthChanges").finish_non_exhaustive()
    }
}
