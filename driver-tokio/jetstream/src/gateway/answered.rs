//! Requests that somebody waits for, and the answers of workers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_nats::{Client, Message, Subject, SubscribeError, Subscriber};
use futures_util::StreamExt;
use socketmode_tokio::{AckErrorKind, Request};
use tokio::sync::oneshot;
use tracing::debug;

use super::acknowledge;
use crate::answers::{Said, Verdict};
use crate::counters::{Count, Counters};

/// Those that wait for an answer. Their number has the bound of the requests under way.
#[derive(Clone)]
pub(super) struct Waiting(Arc<Inner>);

struct Inner {
    /// The subjects of the answers, without their last part.
    prefix: String,
    subscriber: Mutex<Option<Subscriber>>,
    nats: Client,
    by_id: Mutex<BTreeMap<u64, oneshot::Sender<Answer>>>,
}

/// What a worker has said, and where its verdict goes.
pub(super) struct Answer {
    said: Said,
    reply: Option<Subject>,
    nats: Client,
}

impl Waiting {
    pub(super) async fn start(nats: &Client) -> Result<Self, SubscribeError> {
        let prefix = nats.new_inbox();
        let subscriber = nats.subscribe(format!("{prefix}.*")).await?;
        Ok(Self(Arc::new(Inner {
            prefix,
            subscriber: Mutex::new(Some(subscriber)),
            nats: nats.clone(),
            by_id: Mutex::default(),
        })))
    }

    /// From now on an answer to this request has its place.
    pub(super) fn expect(&self, id: u64) -> Pending {
        let (sender, answer) = oneshot::channel();
        self.lock().insert(id, sender);
        Pending { id, answer, subject: format!("{}.{id}", self.0.prefix), waiting: self.clone() }
    }

    /// Hands answers to those who wait for them.
    pub(super) async fn run(self, counters: Counters) {
        let subscriber = self.0.subscriber.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut subscriber) = subscriber else { return };
        while let Some(message) = subscriber.next().await {
            if let Some((reply, verdict)) = self.hand_on(message, &counters) {
                // If it is lost, the worker does not know, and says so.
                let _ = self.0.nats.publish(reply, verdict.encode()).await;
            }
        }
    }

    /// A verdict, if nobody waits any more, or the question was only that.
    fn hand_on(&self, message: Message, counters: &Counters) -> Option<(Subject, Verdict)> {
        let id = message.subject.rsplit('.').next().and_then(|id| id.parse().ok());
        let Some(said) = Said::decode(message.headers.as_ref(), &message.payload) else {
            let verdict = Verdict::Refused { reason: "the answer cannot be read".to_owned() };
            return message.reply.map(|reply| (reply, verdict));
        };
        let mut by_id = self.lock();
        if said == Said::Ask {
            let waits = id.is_some_and(|id| by_id.contains_key(&id));
            let verdict = if waits { Verdict::Open } else { Verdict::Late };
            return message.reply.map(|reply| (reply, verdict));
        }
        let waiting = id.and_then(|id| by_id.remove(&id));
        drop(by_id);
        let Some(waiting) = waiting else {
            counters.add(Count::LateAnswer);
            return message.reply.map(|reply| (reply, Verdict::Late));
        };
        let answer = Answer { said, reply: message.reply, nats: self.0.nats.clone() };
        // It is held until it is removed here, so somebody takes it.
        let _ = waiting.send(answer);
        None
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, oneshot::Sender<Answer>>> {
        self.0.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that waits for its answer.
pub(super) struct Pending {
    id: u64,
    subject: String,
    answer: oneshot::Receiver<Answer>,
    waiting: Waiting,
}

impl Pending {
    pub(super) fn subject(&self) -> &str {
        &self.subject
    }

    /// Waits for the answer.
    pub(super) async fn answer(&mut self) -> Answer {
        match (&mut self.answer).await {
            Ok(answer) => answer,
            // Only this one removes it otherwise.
            Err(_) => std::future::pending().await,
        }
    }

    /// Waits no longer. There is an answer if one was under way.
    pub(super) async fn close(&mut self) -> Option<Answer> {
        if self.waiting.lock().remove(&self.id).is_some() {
            return None;
        }
        (&mut self.answer).await.ok()
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.waiting.lock().remove(&self.id);
    }
}

impl Answer {
    /// Acknowledges as the worker says, and tells it what became of it.
    pub(super) async fn settle(self, request: Request, counters: &Counters) {
        let verdict = match self.said {
            Said::Answer(payload) => {
                counters.add(Count::Answered);
                match acknowledge(request, payload, counters).await {
                    Ok(()) => Verdict::Sent,
                    Err(AckErrorKind::Refused(refusal)) if refusal.is_retryable() => {
                        Verdict::Refused { reason: refusal.to_string() }
                    }
                    Err(_) => Verdict::Lost,
                }
            }
            Said::Declined => {
                counters.add(Count::Declined);
                drop(request);
                Verdict::Sent
            }
            Said::Ask => return,
        };
        debug!(?verdict, "answered");
        if let Some(reply) = self.reply {
            // If it is lost, the worker does not know, and says so.
            let _ = self.nats.publish(reply, verdict.encode()).await;
        }
    }
}
