//! What the application is told.

use std::task::Context;

use socketmode_protocol::{AckOutcome, EnvelopeKind, Event as MachineEvent, Instant};

use super::Driver;
use crate::request::Request;
use crate::request::event::Event;
use crate::request::mailbox::{AckError, AckHandle};
use crate::request::outcome::{AckErrorKind, Acked};
use crate::transport::Transport;

impl<T: Transport> Driver<T> {
    pub(super) fn tell(&mut self, event: MachineEvent) {
        let event = match event {
            MachineEvent::Envelope(envelope) => {
                let handle =
                    AckHandle::new(envelope.token(), self.mailbox.clone(), envelope.is_acknowledged());
                let wrap = match envelope.kind() {
                    EnvelopeKind::EventsApi => Event::EventsApi,
                    EnvelopeKind::SlashCommands => |request: Request| Event::SlashCommand(request.retyped()),
                    EnvelopeKind::Interactive => Event::Interactive,
                    EnvelopeKind::Other(_) => Event::Other,
                };
                wrap(Request::new(envelope, handle))
            }
            MachineEvent::Acknowledged { token, envelope_id, outcome } => {
                let receipt = self.receipts.remove(&token);
                let (result, event) = match outcome {
                    AckOutcome::Sent { connection, elsewhere, late } => {
                        (Ok(Acked { connection, elsewhere, late }), None)
                    }
                    AckOutcome::Lost => {
                        let error = AckError { kind: AckErrorKind::Lost, handle: None };
                        (Err(error), Some(Event::AckLost { envelope_id }))
                    }
                };
                if let Some(receipt) = receipt {
                    // Nobody has to wait for it.
                    let _ = receipt.send(result);
                }
                let Some(event) = event else { return };
                event
            }
            MachineEvent::AckOverdue { envelope_id, .. } => Event::AckOverdue { envelope_id },
            MachineEvent::Connecting { connection, attempt } => Event::Connecting { connection, attempt },
            MachineEvent::Hello { connection, hello } => Event::Hello { connection, hello },
            MachineEvent::Connected { connection } => Event::Connected { connection },
            MachineEvent::Disconnect { connection, disconnect } => {
                Event::Disconnect { connection, disconnect }
            }
            MachineEvent::Disconnected { connection, reason } => Event::Disconnected { connection, reason },
            MachineEvent::ConnectionError { connection, error, retry_in } => {
                Event::ConnectionError { connection, error, retry_in }
            }
            MachineEvent::BadMessage { connection, message } => Event::BadMessage { connection, message },
            MachineEvent::IncomingError { connection, detail } => Event::IncomingError { connection, detail },
            MachineEvent::WriteError { connection, detail } => Event::WriteError { connection, detail },
            MachineEvent::Shed { envelopes } => Event::Shed { envelopes },
            MachineEvent::DedupShortened { window } => Event::DedupShortened { window },
            MachineEvent::Stopped(reason) => {
                self.stopped = Some(reason.clone());
                Event::Stopped(reason)
            }
            _ => return,
        };
        self.events.push(event);
    }

    /// Hands the events over, and tells the machine how the application keeps up.
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
        // With room again there may be something to read.
        self.machine.is_backlogged() != before
    }
}
