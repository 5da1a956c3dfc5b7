//! The outputs of the machine, and the events of the application.

use std::sync::Arc;
use std::task::Context;

use futures_channel::oneshot;
use socketmode_protocol::{AckOutcome, Envelope, EnvelopeKind, Instant, Output};

use super::Driver;
use crate::request::Request;
use crate::request::event::Event;
use crate::request::mailbox::{AckError, AckHandle, AckResult};
use crate::request::outcome::{AckErrorKind, Acked};
use crate::transport::Transport;

impl<T: Transport> Driver<T> {
    /// Performs an action, or tells the application.
    pub(super) fn handle_output(&mut self, output: Output) {
        let event = match output {
            Output::Action { connection, action } => return self.act(connection, action),
            Output::Envelope(envelope) => self.request(envelope),
            Output::Acknowledged { token, envelope_id, outcome } => {
                self.meter.acknowledged(token, &outcome);
                let receipt = self.receipts.remove(&token);
                match report_outcome(receipt, envelope_id, outcome) {
                    Some(event) => event,
                    None => return,
                }
            }
            Output::Notice(notice) => {
                self.standing.notice(&notice);
                self.meter.notice(&notice);
                Event::Notice(notice)
            }
            Output::Stopped(reason) => {
                self.stopped = Some(reason.clone());
                Event::Stopped(reason)
            }
        };
        self.events.push(event);
    }

    fn request(&self, envelope: Envelope) -> Event {
        let handle = AckHandle::new(envelope.token(), self.mailbox.clone(), envelope.is_acknowledged());
        let handle = self.meter.delivered(envelope.kind(), handle);
        let wrap = match envelope.kind() {
            EnvelopeKind::EventsApi => Event::EventsApi,
            EnvelopeKind::SlashCommands => |request: Request| Event::SlashCommand(request.retyped()),
            EnvelopeKind::Interactive => Event::Interactive,
            EnvelopeKind::Other(_) => Event::Other,
        };
        wrap(Request::new(envelope, handle))
    }

    /// Puts the events into the queue, and tells the machine whether the queue is full.
    pub(super) fn deliver(&mut self, now: Instant, cx: &Context<'_>) -> bool {
        let level = self.queue.extend(&mut self.events, cx.waker());
        if level.abandoned {
            let grace = self.machine.config().shutdown_grace;
            if !self.machine.is_stopping() {
                self.machine.shutdown(now, grace);
                return true;
            }
            return false;
        }
        let before = self.machine.is_backlogged();
        if level.full != before {
            self.machine.handle_backlog(now, level.full);
        }
        // When there is room again, there may be something to read.
        self.machine.is_backlogged() != before
    }
}

/// Sends the outcome of an acknowledgement to its future. Returns an event if it is lost.
fn report_outcome(
    receipt: Option<oneshot::Sender<AckResult>>,
    envelope_id: Arc<str>,
    outcome: AckOutcome,
) -> Option<Event> {
    let (result, event) = match outcome {
        AckOutcome::Sent { connection, elsewhere, late, unasked_payload } => {
            (Ok(Acked { connection, elsewhere, late, unasked_payload }), None)
        }
        AckOutcome::Lost => {
            let error = AckError { kind: AckErrorKind::Lost, handle: None };
            (Err(error), Some(Event::AckLost { envelope_id }))
        }
    };
    if let Some(receipt) = receipt {
        // The future may have been dropped.
        let _ = receipt.send(result);
    }
    event
}
