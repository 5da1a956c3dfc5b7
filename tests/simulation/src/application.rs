//! The application: it reads events and acknowledges, sooner or later, or never.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use socketmode_driver::{Acknowledgement, Event, Events, Request};
use socketmode_protocol::Instant;

use super::ledger::{Delivery, Ledger};
use socketmode_model::invariants::Violation;
use socketmode_model::random::Random;

/// How it treats what it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// The longest that it takes to acknowledge.
    pub slowest: Duration,
    /// Of a thousand requests, how many it drops.
    pub drops: u64,
    /// Of a thousand acknowledgements, of how many it does not want to know what became of them.
    pub ignores: u64,
    /// Whether it forgets everything: nothing is ever acknowledged or dropped.
    pub forgets: bool,
}

/// It answers at once.
pub const PROMPT: Manner = Manner { slowest: Duration::ZERO, drops: 0, ignores: 0, forgets: false };

/// The application.
pub(super) struct Application {
    /// How it behaves.
    pub manner: Manner,
    /// It reads nothing until then.
    pub reads_at: Instant,
    events: Option<Events>,
    requests: BTreeMap<(Instant, u64), (Delivery, Request)>,
    acks: Vec<(Delivery, Acknowledgement)>,
    forgotten: Vec<Request>,
    random: Random,
    next: u64,
    dropped: u64,
    acked: u64,
}

impl Application {
    pub(super) fn new(events: Events, manner: Manner, random: Random) -> Self {
        Self {
            manner,
            reads_at: Instant::ZERO,
            events: Some(events),
            requests: BTreeMap::new(),
            acks: Vec::new(),
            forgotten: Vec::new(),
            random,
            next: 0,
            dropped: 0,
            acked: 0,
        }
    }

    /// When it does something by itself.
    pub(super) fn next_at(&self, now: Instant) -> Option<Instant> {
        let due = self.requests.first_key_value().map(|(&(at, _), _)| at);
        let reads = Some(self.reads_at).filter(|&at| at > now && self.events.is_some());
        [due, reads].into_iter().flatten().min()
    }

    /// Requests that it dropped, of which the client learns when it wakes up for something else.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Acknowledgements that it made.
    pub(super) fn acked(&self) -> u64 {
        self.acked
    }

    /// Acknowledgements of which it does not know what became of them.
    pub(super) fn waits_for(&self) -> usize {
        self.acks.len()
    }

    /// It ends: no more events.
    pub(super) fn drop_events(&mut self) {
        self.events = None;
    }

    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
        ledger: &mut Ledger,
    ) -> Result<(), Violation> {
        while now >= self.reads_at {
            let Some(events) = &mut self.events else { break };
            match Pin::new(events).poll_next(cx) {
                Poll::Pending => break,
                Poll::Ready(None) => {
                    self.events = None;
                    ledger.events_ended()?;
                }
                Poll::Ready(Some(event)) => self.told(event, now, ledger)?,
            }
        }
        while let Some(due) = self.requests.first_entry().filter(|due| due.key().0 <= now) {
            let (delivery, request) = due.remove();
            self.acknowledge(delivery, request);
        }
        let mut waiting = Vec::with_capacity(self.acks.len());
        for (delivery, mut ack) in self.acks.drain(..) {
            match Pin::new(&mut ack).poll(cx) {
                Poll::Pending => waiting.push((delivery, ack)),
                Poll::Ready(result) => {
                    ledger.acknowledged(&delivery, &result)?;
                    // Refused, it gives the request back.
                    self.dropped += u64::from(result.is_err_and(|error| error.into_handle().is_some()));
                }
            }
        }
        self.acks = waiting;
        Ok(())
    }

    fn told(&mut self, event: Event, now: Instant, ledger: &mut Ledger) -> Result<(), Violation> {
        ledger.told(&event)?;
        let Ok(request) = event.into_request() else { return Ok(()) };
        let delivery = Delivery::of(request.envelope());
        if self.manner.forgets {
            self.forgotten.push(request);
        } else if request.envelope().is_acknowledged() {
            drop(request);
        } else if self.random.chance(self.manner.drops, 1_000) {
            self.dropped += 1;
            drop(request);
        } else {
            let slowest = u64::try_from(self.manner.slowest.as_millis()).unwrap();
            match self.random.below(slowest + 1) {
                0 => self.acknowledge(delivery, request),
                after => {
                    self.next += 1;
                    self.requests
                        .insert((now + Duration::from_millis(after), self.next), (delivery, request));
                }
            }
        }
        Ok(())
    }

    fn acknowledge(&mut self, delivery: Delivery, request: Request) {
        self.acked += 1;
        // Where no payload is accepted it is refused, and the refusal's drop lets the request go: a prompt one knows.
        let tries = self.manner.drops > 0 || request.envelope().accepts_response_payload();
        let ack = match self.random.below(8) {
            0 if tries => request.ack_with_json(r#"{"text":"done"}"#),
            _ => request.ack(),
        };
        if !self.random.chance(self.manner.ignores, 1_000) {
            self.acks.push((delivery, ack));
        }
    }
}
