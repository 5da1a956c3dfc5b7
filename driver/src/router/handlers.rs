//! Handlers under way, without a runtime.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::FutureExt;
use futures_util::stream::FuturesUnordered;
use tracing::error;

/// The handlers that are under way, for a program that reads [`Events`](crate::Events) itself and has no runtime's task set:
/// what was acknowledged is finished before the program ends. [`Client::serve`](crate::Client::serve) has its own.
///
/// They run while [`beside`](Self::beside) or [`finish`](Self::finish) is awaited, in the task that awaits. Their number has
/// no bound: read no more events while [`len`](Self::len) is too large. A panic in one ends this one, and is logged.
///
/// ```
/// use socketmode_driver::Events;
/// use socketmode_driver::router::Handlers;
///
/// async fn run(mut events: Events) {
///     let mut handlers = Handlers::new();
///     while let Some(event) = handlers.beside(events.next()).await {
///         handlers.push(async move {
///             if let Ok(request) = event.into_request() {
///                 let _ = request.ack().await;
///                 // … work …
///             }
///         });
///     }
///     handlers.finish().await; // nobody sends again what was acknowledged
/// }
/// ```
#[derive(Default)]
pub struct Handlers {
    under_way: FuturesUnordered<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Handlers {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one. It is polled when something is awaited beside it.
    pub fn push(&mut self, handler: impl Future<Output = ()> + Send + 'static) {
        self.under_way.push(Box::pin(async move {
            if AssertUnwindSafe(handler).catch_unwind().await.is_err() {
                error!("a handler panicked; the others go on");
            }
        }));
    }

    /// How many are under way.
    #[must_use]
    pub fn len(&self) -> usize {
        self.under_way.len()
    }

    /// Whether none is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Waits for something else, such as the next event, and runs the handlers meanwhile.
    ///
    /// # Cancel safety
    /// The handlers stay. What was waited for is dropped.
    pub async fn beside<F: Future>(&mut self, other: F) -> F::Output {
        let mut other = pin!(other);
        poll_fn(|cx| {
            self.poll_done(cx);
            other.as_mut().poll(cx)
        })
        .await
    }

    /// Waits until all are done.
    ///
    /// # Cancel safety
    /// The handlers stay.
    pub async fn finish(&mut self) {
        poll_fn(|cx| {
            self.poll_done(cx);
            if self.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Forgets those that are done.
    pub(super) fn poll_done(&mut self, cx: &mut Context<'_>) {
        while let Poll::Ready(Some(())) = Pin::new(&mut self.under_way).poll_next(cx) {}
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handlers").field("len", &self.len()).finish()
    }
}
