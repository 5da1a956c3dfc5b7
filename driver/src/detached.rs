//! Requests that came another way than by a connection of this process: through a queue, or from a file.
//!
//! [`request`] makes one of the text of its envelope ([`Envelope::raw_json`](crate::protocol::Envelope::raw_json) in the
//! process that received it). The [`Desk`] stands where the client would: it checks what is acknowledged as a client does,
//! gives it out, and is told what became of it.
//!
//! ```
//! use socketmode_driver::detached::{self, Step};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let text = r#"{"type":"slash_commands","envelope_id":"e1","payload":{"command":"/hi"}}"#;
//! let (request, mut desk) = detached::request(text)?;
//! let acknowledgement = request.ack_with_json(r#"{"text":"Hello"}"#);
//! if let Step::Acknowledge(answer) = desk.next().await {
//!     assert_eq!(answer.payload(), Some(r#"{"text":"Hello"}"#));
//!     // … hand it to the process that has the connection …
//!     answer.sent();
//! }
//! acknowledgement.await?;
//! # Ok(())
//! # }
//! # smol::block_on(run()).unwrap();
//! ```

use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll};

use futures_channel::oneshot;
use socketmode_protocol::{
    AckRefusal, Config, ConnectionId, IncomingFrame, Input, Instant, OpenResponse, Output, ResponsePayload,
    SocketMode,
};

use crate::request::Request;
use crate::request::mailbox::{AckError, AckHandle, AckResult, Command, Mailbox};
use crate::request::outcome::{AckErrorKind, Acked};

/// The text is no envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is no envelope: it is not JSON, or has no type or no envelope_id")]
pub struct NotAnEnvelope;

/// Reads an envelope, as a client reads it from its connection. The second value takes its acknowledgement. No time passes for
/// it: it is never too late to acknowledge, unless the desk is told so.
///
/// # Errors
/// The text is no envelope.
pub fn request(envelope: &str) -> Result<(Request, Desk), NotAnEnvelope> {
    let mut machine = SocketMode::new(Config::default(), 1, Instant::ZERO).map_err(|_| NotAnEnvelope)?;
    let connection = machine.connections().next().ok_or(NotAnEnvelope)?.connection;
    let body = br#"{"ok":true,"url":"wss://wss-primary.slack.com/"}"#;
    let opened = Input::Opened(OpenResponse { status: 200, retry_after: None, body });
    let frames = [r#"{"type":"hello","num_connections":1}"#, envelope];
    let frames = frames.map(|text| Input::Frame(IncomingFrame::Text(text.into())));
    for input in [opened, Input::Dialed].into_iter().chain(frames) {
        machine.handle_input(Instant::ZERO, connection, input);
    }
    let envelope = std::iter::from_fn(|| machine.poll_output()).find_map(|output| match output {
        Output::Envelope(envelope) => Some(envelope),
        _ => None,
    });
    let envelope = envelope.ok_or(NotAnEnvelope)?;
    let mailbox = Mailbox::new();
    let is_unasked = envelope.response_payload() == ResponsePayload::Unasked;
    let handle = AckHandle::new(envelope.token(), mailbox.clone(), false);
    let desk = Desk { machine, connection, is_unasked, mailbox };
    Ok((Request::new(envelope, handle), desk))
}

/// The client's side of a [detached](self) request. Dropping it is as if the client had stopped: an acknowledgement is refused
/// with [`AckRefusal::Stopped`].
pub struct Desk {
    /// It knows what can be acknowledged.
    machine: SocketMode,
    connection: ConnectionId,
    is_unasked: bool,
    mailbox: Mailbox,
}

/// What is done with a request. There is one for each request.
#[derive(Debug)]
pub enum Step {
    /// It is acknowledged: say what became of it.
    Acknowledge(Answer),
    /// It was dropped without an acknowledgement.
    Decline,
}

impl Desk {
    /// Waits for what is done with the request. Ready once. An answer that a client would refuse, such as one that is too large,
    /// is refused here, and does not appear.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn next(&mut self) -> Step {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    pub(crate) fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Step> {
        let mut commands = Vec::new();
        self.mailbox.take(cx, true, &mut commands);
        let mut step = Poll::Pending;
        for command in commands {
            match command {
                Command::Acknowledge { handle, payload, reply } => {
                    if let Some(answer) = self.check(handle, payload, reply) {
                        step = Poll::Ready(Step::Acknowledge(answer));
                    }
                }
                Command::Decline { .. } => step = Poll::Ready(Step::Decline),
                // Only a client sends it.
                Command::Respond { .. } => {}
            }
        }
        step
    }

    fn check(
        &mut self,
        handle: AckHandle,
        payload: Option<String>,
        reply: oneshot::Sender<AckResult>,
    ) -> Option<Answer> {
        if let Err(refusal) = self.machine.acknowledge(Instant::ZERO, handle.token(), payload.as_deref()) {
            let handle = refusal.is_retryable().then_some(handle);
            // The receiver may be gone.
            let _ = reply.send(Err(AckError { kind: AckErrorKind::Refused(refusal), handle }));
            return None;
        }
        handle.disarm();
        Some(Answer { payload, reply, connection: self.connection, is_unasked: self.is_unasked })
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.mailbox.close(None);
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}

/// An acknowledgement that waits for its outcome. Dropping it refuses it with [`AckRefusal::Stopped`]. `Debug` does not show
/// the payload.
#[must_use = "the application waits for the outcome"]
pub struct Answer {
    payload: Option<String>,
    reply: oneshot::Sender<AckResult>,
    connection: ConnectionId,
    is_unasked: bool,
}

impl Answer {
    /// The response payload as JSON text, if there is one.
    #[must_use]
    pub fn payload(&self) -> Option<&str> {
        self.payload.as_deref()
    }

    /// It was handed to the network, in time.
    pub fn sent(self) {
        let unasked_payload = self.is_unasked && self.payload.is_some();
        let acked = Acked { connection: self.connection, elsewhere: false, late: false, unasked_payload };
        self.end(Ok(acked));
    }

    /// Somebody else has acknowledged the request before, plainly: the answer to a command goes to its `response_url`.
    pub fn settled(self) {
        self.refused(AckRefusal::Settled);
    }

    /// It was refused, and nothing was sent.
    pub fn refused(self, refusal: AckRefusal) {
        self.end(Err(AckErrorKind::Refused(refusal)));
    }

    /// It could not be sent while Slack waited.
    pub fn lost(self) {
        self.end(Err(AckErrorKind::Lost));
    }

    /// Nobody knows whether it was sent.
    pub fn unknown(self) {
        self.end(Err(AckErrorKind::Unknown));
    }

    fn end(self, outcome: Result<Acked, AckErrorKind>) {
        // The receiver may be gone.
        let _ = self.reply.send(outcome.map_err(|kind| AckError { kind, handle: None }));
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("payload_bytes", &self.payload.as_ref().map(String::len)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAND: &str = r#"{"type":"slash_commands","envelope_id":"e","payload":{"command":"/x"}}"#;

    fn kind(result: AckResult) -> AckErrorKind {
        result.unwrap_err().kind()
    }

    #[test]
    fn what_is_no_envelope_is_refused() {
        for text in ["", "{", "null", "[]", r#"{"type":"hello"}"#, r#"{"type":"slash_commands"}"#, "\u{0}"] {
            assert_eq!(request(text).unwrap_err(), NotAnEnvelope, "{text}");
        }
    }

    #[test]
    fn the_outcome_is_what_the_desk_was_told() {
        smol::block_on(async {
            let told: [fn(Answer); 4] = [Answer::settled, Answer::lost, Answer::unknown, drop];
            let kinds = [
                AckErrorKind::Refused(AckRefusal::Settled),
                AckErrorKind::Lost,
                AckErrorKind::Unknown,
                AckErrorKind::Refused(AckRefusal::Stopped),
            ];
            for (tell, wanted) in told.into_iter().zip(kinds) {
                let (request, mut desk) = request(COMMAND).unwrap();
                assert_eq!(request.envelope().raw_json(), COMMAND);
                let acknowledgement = request.ack();
                let Step::Acknowledge(answer) = desk.next().await else { panic!("declined") };
                assert_eq!(answer.payload(), None);
                tell(answer);
                assert_eq!(kind(acknowledgement.await), wanted);
            }
        });
    }

    #[test]
    fn a_dropped_request_is_declined_and_a_dropped_desk_has_stopped() {
        smol::block_on(async {
            let (dropped, mut desk) = request(COMMAND).unwrap();
            drop(dropped);
            assert!(matches!(desk.next().await, Step::Decline));
            let (late, desk) = request(COMMAND).unwrap();
            drop(desk);
            assert_eq!(kind(late.ack().await), AckErrorKind::Refused(AckRefusal::Stopped));
        });
    }

    #[test]
    fn a_large_answer_is_refused_and_a_smaller_one_is_taken() {
        smol::block_on(async {
            let (request, mut desk) = request(COMMAND).unwrap();
            let large = format!(r#"{{"text":"{}"}}"#, "x".repeat(21_000));
            let acknowledgement = request.ack_with_json(large);
            let waits = poll_fn(|cx| Poll::Ready(desk.poll_next(cx).is_pending())).await;
            assert!(waits);
            let error = acknowledgement.await.unwrap_err();
            let again = error.into_handle().unwrap().ack();
            let Step::Acknowledge(answer) = desk.next().await else { panic!("declined") };
            answer.sent();
            assert!(!again.await.unwrap().late);
        });
    }
}
