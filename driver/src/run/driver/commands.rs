//! The commands of the application.

use std::task::Context;

use futures_channel::oneshot;
use socketmode_protocol::{AckRefusal, AckToken, Instant};

use super::{Driver, FEW};
use crate::request::mailbox::{AckError, AckHandle, AckResult, Command};
use crate::request::outcome::AckErrorKind;
use crate::transport::Transport;

impl<T: Transport> Driver<T> {
    /// Hands the commands to the machine. Returns whether there may soon be more.
    pub(super) fn take_commands(&mut self, now: Instant, cx: &Context<'_>) -> bool {
        let mut commands = std::mem::take(&mut self.commands);
        let grace = self.mailbox.take(cx, self.waits_for_drops(), &mut commands);
        let more = commands.len() > FEW;
        for command in commands.drain(..) {
            match command {
                Command::Acknowledge { handle, payload, reply } => {
                    self.acknowledge(now, handle, payload.as_deref(), reply);
                }
                Command::Decline { token } => {
                    let before = self.machine.stats().declined;
                    self.machine.decline(now, token);
                    // It may already be acknowledged: by the policy, or by its id.
                    if self.machine.stats().declined > before {
                        self.log.declined(now, token);
                    }
                }
                Command::Respond { envelope_id, payload, reply } => {
                    let result = match self.machine.unacknowledged(&envelope_id) {
                        Some(token) => {
                            self.machine.acknowledge(now, token, payload.as_deref()).map(|()| token)
                        }
                        None => Err(AckRefusal::Settled),
                    };
                    match result {
                        Ok(token) => {
                            self.meter.acknowledging_by_id(token);
                            self.expect(token, reply);
                        }
                        Err(refusal) => {
                            let _ = reply
                                .send(Err(AckError { kind: AckErrorKind::Refused(refusal), handle: None }));
                        }
                    }
                }
            }
        }
        self.commands = commands;
        // Last, so that earlier acknowledgements still count.
        if let Some(grace) = grace {
            self.machine.shutdown(now, grace);
        }
        more
    }

    /// Whether a dropped request is urgent.
    pub(super) fn waits_for_drops(&self) -> bool {
        self.machine.is_stopping() || self.machine.stats().copies_held > 0
    }

    fn acknowledge(
        &mut self,
        now: Instant,
        handle: AckHandle,
        payload: Option<&str>,
        reply: oneshot::Sender<AckResult>,
    ) {
        let token = handle.token();
        match self.machine.acknowledge(now, token, payload) {
            Ok(()) => {
                self.meter.acknowledging(&handle);
                handle.disarm();
                self.expect(token, reply);
            }
            Err(refusal) => {
                self.log.refused(now, token, refusal);
                let handle = if refusal.is_retryable() {
                    Some(handle)
                } else {
                    handle.disarm();
                    None
                };
                // If nobody receives it, the handle is dropped and declines the delivery.
                let _ = reply.send(Err(AckError { kind: AckErrorKind::Refused(refusal), handle }));
            }
        }
    }

    fn expect(&mut self, token: AckToken, reply: oneshot::Sender<AckResult>) {
        if !reply.is_canceled() {
            self.receipts.insert(token, reply);
        }
    }
}
