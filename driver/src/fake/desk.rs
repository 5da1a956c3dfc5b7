//! The client's side of a request: a state machine on which it has arrived, and which takes its acknowledgement.

use std::task::Context;

use serde_json::Value;
use socketmode_protocol::{
    AckOutcome, Config, ConnectionId, IncomingFrame, Input, Instant, OpenResponse, Output, SocketMode,
};

use super::Incoming;
use crate::request::Request;
use crate::request::mailbox::{AckError, AckHandle, Command, Mailbox};
use crate::request::outcome::{AckErrorKind, Acked};

const ENVELOPE_ID: &str = "fake-envelope";

pub(super) struct Desk {
    machine: SocketMode,
    connection: ConnectionId,
    mailbox: Mailbox,
    written: Option<String>,
}

impl Desk {
    /// The desk and the request, and whether its handler is too slow.
    #[allow(clippy::expect_used, reason = "the default configuration is valid, and the envelope is ours")]
    pub(super) fn with(incoming: &Incoming) -> (Self, Request, bool) {
        let mut machine =
            SocketMode::new(Config::default(), 1, Instant::ZERO).expect("a valid configuration");
        let connection = machine.connections().next().expect("a connection").connection;
        let body = br#"{"ok":true,"url":"wss://wss-primary.slack.com/"}"#;
        let opened = Input::Opened(OpenResponse { status: 200, retry_after: None, body });
        let hello = r#"{"type":"hello","num_connections":1}"#.to_owned();
        let frames = [hello, incoming.text_with(ENVELOPE_ID)];
        let frames = frames.map(|text| Input::Frame(IncomingFrame::Text(text.as_str().into())));
        for input in [opened, Input::Dialed].into_iter().chain(frames) {
            machine.handle_input(Instant::ZERO, connection, input);
        }
        let mailbox = Mailbox::new();
        let request = std::iter::from_fn(|| machine.poll_output()).find_map(|output| match output {
            Output::Envelope(envelope) => {
                let handle = AckHandle::new(envelope.token(), mailbox.clone(), false);
                Some(Request::new(envelope, handle))
            }
            _ => None,
        });
        let desk = Self { machine, connection, mailbox, written: None };
        (desk, request.expect("the envelope"), incoming.is_too_slow)
    }

    /// Takes what was acknowledged. Returns whether there was anything.
    pub(super) fn work(&mut self, cx: &Context<'_>) -> bool {
        let mut commands = Vec::new();
        self.mailbox.take(cx, true, &mut commands);
        let is_some = !commands.is_empty();
        for command in commands {
            if let Command::Acknowledge { handle, payload, reply } = command {
                // The receiver may be gone.
                let _ = reply.send(self.acknowledge(handle, payload.as_deref()));
            }
        }
        is_some
    }

    fn acknowledge(&mut self, handle: AckHandle, payload: Option<&str>) -> Result<Acked, AckError> {
        if let Err(refusal) = self.machine.acknowledge(Instant::ZERO, handle.token(), payload) {
            let handle = refusal.is_retryable().then_some(handle);
            return Err(AckError { kind: AckErrorKind::Refused(refusal), handle });
        }
        handle.disarm();
        let mut text = String::new();
        while let Some(write) = self.machine.poll_transmit(self.connection, &mut text) {
            self.machine.handle_input(Instant::ZERO, self.connection, Input::Written(write));
        }
        self.written = Some(text);
        let outcome = std::iter::from_fn(|| self.machine.poll_output()).find_map(|output| match output {
            Output::Acknowledged { outcome, .. } => Some(outcome),
            _ => None,
        });
        match outcome {
            Some(AckOutcome::Sent { connection, elsewhere, late, unasked_payload }) => {
                Ok(Acked { connection, elsewhere, late, unasked_payload })
            }
            _ => Err(AckError { kind: AckErrorKind::Lost, handle: None }),
        }
    }

    /// What was written: nothing, or the payload of the acknowledgement, if it has one.
    pub(super) fn acknowledgement(&self) -> Option<Option<Value>> {
        let written: Value = serde_json::from_str(self.written.as_deref()?).ok()?;
        Some(written.get("payload").cloned())
    }
}
