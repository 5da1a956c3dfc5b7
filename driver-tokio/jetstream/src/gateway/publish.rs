//! From Slack into the stream, in the order of arrival.

use std::time::Duration;

use async_nats::jetstream::context::{PublishAckFuture, PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::{debug, warn};

use super::answered::{Pending, Waiting};
use super::{Taken, acknowledge};
use crate::counters::{Count, Counters};
use crate::queue::connection::with_source;
use crate::queue::{Kind, OpenQueue, is_stored};

/// After which silence of JetStream a request is published again, with the same id.
const PUBACK_WITHIN: Duration = Duration::from_millis(800);
/// The pause before that, if JetStream has said no: a stream without a leader gets one.
const PAUSE: Duration = Duration::from_millis(100);
/// JetStream's code for a stream that is full, whose limit is that of messages or bytes
/// (<https://github.com/nats-io/nats-server/blob/main/server/errors.json>, `JSStreamStoreFailedF`).
const STREAM_STORE_FAILED: u64 = 10077;

/// Why a request is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Disconnected,
    TimedOut,
    Full,
    NoStream,
}

impl Cause {
    fn count(self) -> Count {
        match self {
            Self::Disconnected => Count::Disconnected,
            Self::TimedOut => Count::TimedOut,
            Self::Full => Count::Full,
            Self::NoStream => Count::NoStream,
        }
    }
}

pub(super) struct Publisher {
    pub(super) queue: OpenQueue,
    pub(super) counters: Counters,
    pub(super) waiting: Waiting,
}

impl Publisher {
    /// Publishes one after another, and waits for the stream in a task for each.
    pub(super) async fn run(self, mut taken: UnboundedReceiver<Taken>) {
        while let Some(mut taken) = taken.recv().await {
            // What is published while there is no connection would be stored long after it was given up.
            if timeout_at(taken.deadline, self.queue.connection.up()).await.is_err() {
                self.give_up(&taken, Cause::Disconnected, "no connection");
                continue;
            }
            let pending = (taken.kind == Kind::Answered).then(|| self.waiting.expect(taken.begun.id()));
            if let Some(pending) = &pending {
                taken.expect_answer(pending.subject());
            }
            let first = timeout_at(taken.deadline, self.send(&taken)).await;
            let publisher = Self {
                queue: self.queue.clone(),
                counters: self.counters.clone(),
                waiting: self.waiting.clone(),
            };
            tokio::spawn(async move {
                match pending {
                    Some(pending) => publisher.answered(taken, first.ok(), pending).await,
                    None => publisher.stored(taken, first.ok()).await,
                }
            });
        }
    }

    /// Acknowledges when it is stored.
    async fn stored(&self, taken: Taken, first: Option<Result<PublishAckFuture, PublishError>>) {
        match self.store(&taken, first).await {
            Ok(ack) => {
                self.count(&ack);
                let _ = acknowledge(taken.request, None, &self.counters).await;
            }
            Err((cause, why)) => self.give_up(&taken, cause, &why),
        }
    }

    /// Acknowledges with the answer of a worker, or plainly if there is none in time.
    async fn answered(
        &self,
        taken: Taken,
        first: Option<Result<PublishAckFuture, PublishError>>,
        mut pending: Pending,
    ) {
        let mut is_stored = false;
        let answer = {
            let mut storing = std::pin::pin!(self.store(&taken, first));
            loop {
                tokio::select! {
                    biased;
                    answer = pending.answer() => break Some(answer),
                    stored = &mut storing, if !is_stored => match stored {
                        Ok(ack) => {
                            self.count(&ack);
                            is_stored = true;
                        }
                        Err((cause, why)) => {
                            // It may be stored all the same, and answered while this is decided.
                            let Some(answer) = pending.close().await else {
                                return self.give_up(&taken, cause, &why);
                            };
                            break Some(answer);
                        }
                    },
                    () = sleep_until(taken.deadline), if is_stored => break pending.close().await,
                }
            }
        };
        if !is_stored {
            // A worker has it, so the stream had.
            self.counters.add(Count::Stored);
        }
        match answer {
            Some(answer) => answer.settle(taken.request, &self.counters).await,
            None => {
                debug!("no worker has answered in time: acknowledged plainly");
                self.counters.add(Count::Unanswered);
                let _ = acknowledge(taken.request, None, &self.counters).await;
            }
        }
    }

    async fn send(&self, taken: &Taken) -> Result<PublishAckFuture, PublishError> {
        let message = PublishMessage::build().headers(taken.headers.clone()).payload(taken.body.clone());
        self.queue.context.send_publish(taken.subject.clone(), message).await
    }

    /// Waits until the stream has it, and publishes it again, with the same id, while there is time.
    async fn store(
        &self,
        taken: &Taken,
        mut sent: Option<Result<PublishAckFuture, PublishError>>,
    ) -> Result<PublishAck, (Cause, String)> {
        let mut failure = (Cause::TimedOut, "JetStream did not answer".to_owned());
        loop {
            match sent {
                Some(Ok(future)) => {
                    let until = (Instant::now() + PUBACK_WITHIN).min(taken.deadline);
                    match timeout_at(until, future.into_future()).await {
                        Ok(Ok(ack)) if is_stored(&ack, &self.queue.names.stream()) => return Ok(ack),
                        Ok(Ok(_)) => {
                            failure = (Cause::NoStream, "what was confirmed is not stored".to_owned());
                        }
                        Ok(Err(error)) => failure = (cause(&error), with_source(&error)),
                        Err(_) => failure = (Cause::TimedOut, "JetStream did not answer".to_owned()),
                    }
                }
                Some(Err(error)) => failure = (cause(&error), with_source(&error)),
                None => {}
            }
            if failure.0 == Cause::Full || Instant::now() + PAUSE >= taken.deadline {
                return Err(failure);
            }
            tokio::time::sleep(PAUSE).await;
            if !self.queue.connection.is_up() {
                failure = (Cause::Disconnected, "no connection".to_owned());
            }
            let again = async {
                self.queue.connection.up().await;
                self.send(taken).await
            };
            match timeout_at(taken.deadline, again).await {
                Ok(again) => sent = Some(again),
                Err(_) => return Err(failure),
            }
        }
    }

    fn count(&self, ack: &PublishAck) {
        self.counters.add(if ack.duplicate { Count::Duplicate } else { Count::Stored });
    }

    /// Slack sends an event again, and shows the person behind anything else an error.
    fn give_up(&self, taken: &Taken, cause: Cause, why: &str) {
        self.counters.add(cause.count());
        let envelope_id = crate::headers::printable(taken.request.envelope_id());
        warn!(?cause, why, envelope_id, "not stored, and not acknowledged");
    }
}

fn cause(error: &PublishError) -> Cause {
    match error.kind() {
        PublishErrorKind::TimedOut => Cause::TimedOut,
        PublishErrorKind::BrokenPipe => Cause::Disconnected,
        _ => {
            let source = std::error::Error::source(error);
            let said = source.and_then(|source| source.downcast_ref::<async_nats::jetstream::Error>());
            let is_full = said.is_some_and(|said| {
                said.error_code().0 == STREAM_STORE_FAILED && said.to_string().contains("maximum")
            });
            if is_full { Cause::Full } else { Cause::NoStream }
        }
    }
}
