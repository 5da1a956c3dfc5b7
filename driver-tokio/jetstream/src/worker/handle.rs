//! One request, from the queue to the end of its handler.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_nats::jetstream::{AckKind, Message};
use async_nats::{Request, RequestErrorKind, Subject};
use socketmode_tokio::detached::{self, Answer, Desk, Step};
use socketmode_tokio::payload;
use socketmode_tokio::router::ANSWER_WITHIN;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tracing::{debug, info, warn};

use super::{Inner, dead};
use crate::answers::{Said, Verdict};
use crate::counters::{Begun, Count};
use crate::headers::{self, names};
use crate::queue::Kind;

/// How long the gateway is waited for.
const VERDICT_WITHIN: Duration = Duration::from_secs(5);
/// The pause before an answer is tried again whose gateway has no connection to NATS.
const AGAIN: Duration = Duration::from_millis(100);
/// How often the server is asked to confirm that a request is done. After that it is handled again.
const CONFIRMATIONS: u32 = 5;
const CONFIRM_WITHIN: Duration = Duration::from_secs(2);

pub(super) struct Handling<S> {
    pub(super) inner: Arc<Inner<S>>,
    pub(super) kind: Kind,
    pub(super) begun: Begun,
    pub(super) place: OwnedSemaphorePermit,
    pub(super) give_back: watch::Receiver<bool>,
}

/// How a handler has ended.
enum End {
    Done,
    /// What went wrong, as far as it is known.
    Failed(Option<String>),
    /// The worker stops.
    GivenBack,
}

impl<S: Send + Sync + 'static> Handling<S> {
    pub(super) async fn run(self, message: Message) {
        let Ok((delivered, number)) = message.info().map(|info| {
            let number = format!("{}:{}", info.stream_sequence, info.published);
            (info.delivered.unsigned_abs(), number)
        }) else {
            return warn!("a message that is not JetStream's");
        };
        if delivered > 1 {
            self.inner.counters.add(Count::Redelivered);
        }
        let read = std::str::from_utf8(&message.payload).ok().and_then(|text| detached::request(text).ok());
        let letter = dead::Letter { kind: self.kind, message: &message, attempts: delivered, number };
        let Some((request, desk)) = read else {
            return self.bury(&letter, "poison: the body is no envelope of Slack").await;
        };
        if delivered > u64::from(self.inner.attempts) {
            let why = "attempts used up: no worker came to its end (they died, or stopped)";
            return self.bury(&letter, why).await;
        }
        if self.is_outdated(&message, request.payload_json()).await {
            self.inner.counters.add(Count::Outdated);
            return self.settle(&message, AckKind::Term).await;
        }
        match self.handle(&message, request, desk).await {
            End::Done => {
                self.inner.counters.add(Count::Handled);
                self.settle(&message, AckKind::Ack).await;
            }
            End::Failed(_) if self.kind == Kind::Answered => {
                // The person has seen an error, or what is said instead; nobody wants it again.
                self.inner.counters.add(Count::Failed);
                self.settle(&message, AckKind::Ack).await;
            }
            End::Failed(why) => {
                self.inner.counters.add(Count::Failed);
                let why = why.unwrap_or_else(|| "the handler did not acknowledge it".to_owned());
                if delivered >= u64::from(self.inner.attempts) {
                    return self.bury(&letter, &format!("attempts used up: {why}")).await;
                }
                self.settle(&message, AckKind::Nak(Some(self.pause(delivered)))).await;
            }
            End::GivenBack => {
                self.inner.counters.add(Count::GivenBack);
                self.settle(&message, AckKind::Nak(None)).await;
            }
        }
        drop((self.begun, self.place));
    }

    /// The pause after so many attempts.
    fn pause(&self, delivered: u64) -> Duration {
        let number = usize::try_from(delivered).unwrap_or(usize::MAX).saturating_sub(1);
        let pauses = &self.inner.back_off;
        pauses.get(number).or(pauses.last()).copied().unwrap_or(Duration::from_secs(1))
    }

    /// Runs the handler, and says meanwhile that this worker lives.
    async fn handle(&self, message: &Message, request: socketmode_tokio::Request, mut desk: Desk) -> End {
        let mut give_back = self.give_back.clone();
        let inner = Arc::clone(&self.inner);
        let dispatch = async move { inner.app.dispatch_queued(request, &inner.responses).await };
        let mut dispatch = std::pin::pin!(dispatch);
        let mut alive = std::pin::pin!(self.say_alive(message));
        let mut is_acknowledged = false;
        let mut is_settled = false;
        let failure = loop {
            tokio::select! {
                biased;
                step = desk.next(), if !is_settled => {
                    is_settled = true;
                    is_acknowledged = self.take(message, step);
                }
                failure = &mut dispatch => break failure,
                // Beside the handler, which must not stand still while NATS takes nothing.
                never = &mut alive => match never {},
                () = asked_back(&mut give_back) => return End::GivenBack,
            }
        };
        // What it did last may still be in the desk.
        if !is_settled && let Ok(step) = timeout(Duration::ZERO, desk.next()).await {
            is_acknowledged = self.take(message, step);
        }
        if is_acknowledged { End::Done } else { End::Failed(failure) }
    }

    /// Says again and again that this worker lives. If that is lost, another worker has the request too, and both handle it.
    async fn say_alive(&self, message: &Message) -> Infallible {
        let mut progress = interval(self.inner.queue.ack_wait() / 3);
        progress.set_missed_tick_behavior(MissedTickBehavior::Delay);
        progress.reset();
        loop {
            progress.tick().await;
            let _ = message.ack_with(AckKind::Progress).await;
        }
    }

    /// Hands on what is done with the request. Returns whether it is acknowledged.
    fn take(&self, message: &Message, step: Step) -> bool {
        match step {
            Step::Acknowledge(answer) => {
                self.acknowledged(message, answer);
                true
            }
            Step::Decline => {
                self.declined(message);
                false
            }
        }
    }

    /// Slack has the acknowledgement of an event. That of a command is with the gateway, which sends it if it is in time.
    fn acknowledged(&self, message: &Message, answer: Answer) {
        if self.kind != Kind::Answered {
            return answer.sent();
        }
        let asker = Asker::of(message);
        let inner = Arc::clone(&self.inner);
        tokio::spawn(async move {
            let said = Said::Answer(answer.payload().map(str::to_owned));
            let counters = &inner.counters;
            match inner.say(&asker, &said).await {
                Some(Verdict::Sent | Verdict::Open) => {
                    counters.add(Count::AnswerSent);
                    answer.sent();
                }
                Some(Verdict::Late) => {
                    counters.add(Count::AnswerLate);
                    answer.settled();
                }
                Some(Verdict::Lost) => {
                    counters.add(Count::AnswerLost);
                    answer.lost();
                }
                Some(Verdict::Refused { reason }) => {
                    warn!(reason = headers::printable(&reason), "the gateway refuses the answer");
                    counters.add(Count::AnswerLost);
                    answer.lost();
                }
                None => {
                    counters.add(Count::AnswerLost);
                    answer.unknown();
                }
            }
        });
    }

    /// Slack shows its error, and does not wait until the gateway acknowledges plainly.
    fn declined(&self, message: &Message) {
        if self.kind != Kind::Answered {
            return;
        }
        let asker = Asker::of(message);
        let inner = Arc::clone(&self.inner);
        tokio::spawn(async move { inner.say(&asker, &Said::Declined).await });
    }

    /// Whether it is a suggestion, and nobody waits for it any more. The clocks of two machines differ: that of this one says
    /// only when to ask.
    async fn is_outdated(&self, message: &Message, json: &str) -> bool {
        let asker = Asker::of(message);
        if self.kind != Kind::Answered || !asker.is_late() {
            return false;
        }
        let kind = payload::field::<String>(json, "type");
        if !kind.is_some_and(|kind| kind == "block_suggestion" || kind == "dialog_suggestion") {
            return false;
        }
        self.inner.say(&asker, &Said::Ask).await != Some(Verdict::Open)
    }

    async fn bury(self, letter: &dead::Letter<'_>, why: &str) {
        match dead::publish(&self.inner.queue, letter, why).await {
            Ok(()) => {
                self.inner.counters.add(Count::Dead);
                warn!(why = headers::printable(why), number = letter.number, "a dead letter");
                self.settle(letter.message, AckKind::Term).await;
            }
            Err(error) => {
                self.inner.counters.add(Count::DeadNotStored);
                warn!(error, "a dead letter cannot be stored: the request stays in the queue");
                self.settle(letter.message, AckKind::Nak(Some(self.pause(letter.attempts)))).await;
            }
        }
    }

    /// Tells the server, until it confirms.
    async fn settle(&self, message: &Message, kind: AckKind) {
        let Some(reply) = message.reply.clone() else { return };
        for _ in 0..CONFIRMATIONS {
            let request = Request::new().payload(kind.into());
            match self.inner.queue.connection.ask(reply.clone(), request, CONFIRM_WITHIN).await {
                Ok(_) => return,
                Err(error) => debug!(%error, "the server has not confirmed it"),
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        info!("the server has not confirmed the end of a request: it may be handled again");
    }
}

/// Ready when the worker gives back what it has. Its end is not enough: it waits for this one.
async fn asked_back(give_back: &mut watch::Receiver<bool>) {
    if give_back.wait_for(|give_back| *give_back).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The gateway that waits for the answer to a request.
struct Asker {
    /// No subject of NATS itself: others can write to the stream, and this worker may do more than they.
    to: Option<Subject>,
    by: Option<String>,
}

impl Asker {
    fn of(message: &Message) -> Self {
        let headers = message.headers.as_ref();
        Self {
            to: headers::get(headers, names::ANSWER_TO).filter(|to| !to.starts_with('$')).map(Subject::from),
            by: headers::get(headers, names::ANSWER_BY).map(str::to_owned),
        }
    }

    /// Whether it has acknowledged plainly, by the clock of this machine.
    fn is_late(&self) -> bool {
        headers::is_over(self.by.as_deref(), SystemTime::now())
    }
}

impl<S> Inner<S> {
    /// Says it to the gateway. `None` if nobody knows what became of it.
    async fn say(&self, asker: &Asker, said: &Said) -> Option<Verdict> {
        let to = asker.to.clone()?;
        let (headers, body) = said.encode();
        let end = Instant::now() + ANSWER_WITHIN;
        loop {
            let request = Request::new().headers(headers.clone()).payload(body.clone());
            match self.queue.connection.ask(to.clone(), request, VERDICT_WITHIN).await {
                Ok(reply) => return Verdict::decode(&reply.payload),
                // The gateway is gone, or its connection to NATS is. Slack may wait for it still.
                Err(error) if error.kind() == RequestErrorKind::NoResponders => {
                    if asker.is_late() {
                        // If it lived, it has acknowledged plainly.
                        return Some(Verdict::Late);
                    }
                    if Instant::now() >= end {
                        return Some(Verdict::Lost);
                    }
                    self.counters.add(Count::AnswerAgain);
                    tokio::time::sleep(AGAIN).await;
                }
                Err(error) => {
                    debug!(%error, "the gateway does not reply");
                    return None;
                }
            }
        }
    }
}
