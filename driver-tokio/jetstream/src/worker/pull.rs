//! One consumer: requests are pulled when there is room for them, and never before.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout_at};
use tracing::{debug, warn};

use super::Inner;
use super::handle::Handling;
use crate::queue::Lane;
use crate::queue::connection::with_source;

/// How long one pull waits for requests. A worker that stops waits until its pulls are over: what was sent to it meanwhile
/// would otherwise wait for `ack_wait`. A server that dies takes the pulls with it, so they are short.
const PULL_FOR: Duration = Duration::from_secs(1);
/// When a pull has died with its server, which says when it is over.
const DEAD_AFTER: Duration = Duration::from_millis(1_500);
/// How often a consumer without a free handler counts as asked.
const STILL_HERE: Duration = Duration::from_secs(5);
/// The pause after a pull that has failed.
const PAUSE: Duration = Duration::from_millis(250);
/// Requests in one pull.
const MAX_BATCH: usize = 256;

pub(super) struct Pull<S> {
    pub(super) inner: Arc<Inner<S>>,
    pub(super) lane: Lane,
    /// One for each request in hand.
    pub(super) places: Arc<Semaphore>,
    pub(super) ends: watch::Receiver<Option<Instant>>,
    pub(super) give_back: watch::Receiver<bool>,
}

impl<S: Send + Sync + 'static> Pull<S> {
    /// Ends when the worker stops.
    pub(super) async fn run(mut self, asked: impl Fn()) {
        while !self.is_stopping() {
            // A pull that was asked for without a connection would be forgotten by both sides.
            tokio::select! {
                _ = self.ends.changed() => continue,
                () = self.inner.queue.connection.up() => {}
            }
            // The places are for what comes; nobody else takes from them but those who give back.
            let free = tokio::select! {
                _ = self.ends.changed() => continue,
                place = self.places.acquire() => {
                    drop(place);
                    self.places.available_permits().clamp(1, MAX_BATCH)
                }
                // All handlers are busy, which is no failure.
                () = tokio::time::sleep(STILL_HERE) => {
                    asked();
                    continue;
                }
            };
            match self.pull(free).await {
                Ok(()) => asked(),
                Err(error) => {
                    warn!(error, kind = self.lane.kind.word(), "nothing can be pulled; it is tried again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn is_stopping(&self) -> bool {
        self.ends.borrow().is_some()
    }

    async fn pull(&self, free: usize) -> Result<(), String> {
        let batch = self.lane.consumer.batch().max_messages(free).expires(PULL_FOR).messages();
        let end = Instant::now() + DEAD_AFTER;
        let batch = timeout_at(end, batch).await.map_err(|_| "NATS takes nothing".to_owned())?;
        let mut batch = batch.map_err(|error| with_source(&error))?;
        loop {
            let next = tokio::select! {
                next = timeout_at(end, batch.next()) => next,
                () = self.inner.queue.connection.lost() => return Err("the connection to NATS is lost".to_owned()),
            };
            let Some(message) = next.map_err(|_| "JetStream does not answer".to_owned())? else { break };
            let message = message.map_err(|error| error.to_string())?;
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { return Ok(()) };
            let handling = Handling {
                inner: Arc::clone(&self.inner),
                kind: self.lane.kind,
                begun: self.inner.counters.begin(),
                place,
                give_back: self.give_back.clone(),
            };
            tokio::spawn(handling.run(message));
        }
        debug!(kind = self.lane.kind.word(), "pulled");
        Ok(())
    }
}
