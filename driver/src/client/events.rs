//! The stream of events.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::request::event::Event;
use crate::run::queue::EventQueue;

/// The stream of [`Event`]s.
///
/// ```
/// use socketmode_driver::{AckError, Event, Events};
///
/// async fn serve(mut events: Events) -> Result<(), AckError> {
///     while let Some(event) = events.next().await {
///         match event {
///             Event::EventsApi(request) | Event::Interactive(request) => {
///                 drop(request.ack().await?)
///             }
///             Event::SlashCommand(command) => {
///                 drop(command.ack_with("on it").await?)
///             }
///             Event::Stopped(reason) => println!("stopped: {reason}"),
///             _ => {}
///         }
///     }
///     Ok(())
/// }
/// ```
///
/// Dropping it shuts the client down, because nobody is left to acknowledge envelopes.
#[derive(Debug)]
pub struct Events {
    queue: EventQueue,
}

impl Events {
    pub(crate) fn new(queue: EventQueue) -> Self {
        Self { queue }
    }

    /// Waits for the next event. Returns `None` after the last one, when the client has stopped.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Event> {
        std::future::poll_fn(|cx| self.queue.poll_next(cx)).await
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.queue.poll_next(cx)
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.queue.abandon();
    }
}
