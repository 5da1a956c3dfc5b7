//! The state machine, with a recorder beside it or without one.

use std::ops::Deref;
use std::time::Duration;

use socketmode_protocol::{
    AckRefusal, AckToken, ConnectionId, IncomingFrame, Input, Instant, Output, SocketMode, WriteId,
};

use super::Recorder;

/// The machine of a loop. Whatever changes it goes through here, and is recorded.
pub(crate) struct Machine {
    machine: SocketMode,
    recorder: Option<Box<Recorder>>,
}

/// What only looks at it.
impl Deref for Machine {
    type Target = SocketMode;

    fn deref(&self) -> &SocketMode {
        &self.machine
    }
}

impl Machine {
    pub(crate) fn new(machine: SocketMode, recorder: Option<Recorder>) -> Self {
        Self { machine, recorder: recorder.map(Box::new) }
    }

    /// Hands over what was recorded in a poll.
    pub(crate) fn publish_recording(&mut self) {
        if let Some(recorder) = &mut self.recorder {
            recorder.publish();
        }
    }

    pub(crate) fn handle_input(&mut self, now: Instant, id: ConnectionId, input: Input<'_>) {
        let Some(recorder) = &mut self.recorder else { return self.machine.handle_input(now, id, input) };
        // A text is recorded once the machine has read it, any other input before: it may make the machine panic.
        if let Input::Frame(IncomingFrame::Text(text)) = &input {
            recorder.unread = Some((now, id, text.clone()));
            self.machine.handle_input(now, id, input);
            if let Some((now, id, text)) = recorder.unread.take() {
                recorder.batch.text(&self.machine, now, id, &text);
            }
        } else {
            recorder.batch.input(now, id, &input);
            self.machine.handle_input(now, id, input);
        }
        recorder.publish_if_much();
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if let Some(recorder) = &mut self.recorder {
            recorder.batch.timeout(now);
        }
        self.machine.handle_timeout(now);
    }

    pub(crate) fn handle_backlog(&mut self, now: Instant, full: bool) {
        if let Some(recorder) = &mut self.recorder {
            recorder.batch.backlog(now, full);
        }
        self.machine.handle_backlog(now, full);
    }

    pub(crate) fn acknowledge(
        &mut self,
        now: Instant,
        token: AckToken,
        payload: Option<&str>,
    ) -> Result<(), AckRefusal> {
        let Some(recorder) = &mut self.recorder else {
            return self.machine.acknowledge(now, token, payload);
        };
        recorder.batch.acknowledge(now, token, payload);
        let result = self.machine.acknowledge(now, token, payload);
        if let Err(refusal) = result {
            recorder.batch.refused(refusal);
        }
        recorder.publish_if_much();
        result
    }

    pub(crate) fn decline(&mut self, now: Instant, token: AckToken) {
        if let Some(recorder) = &mut self.recorder {
            recorder.batch.decline(now, token);
            recorder.publish_if_much();
        }
        self.machine.decline(now, token);
    }

    pub(crate) fn withhold(&mut self, token: AckToken) {
        if let Some(recorder) = &mut self.recorder {
            recorder.batch.withhold(token);
            recorder.publish_if_much();
        }
        self.machine.withhold(token);
    }

    pub(crate) fn shutdown(&mut self, now: Instant, grace: Duration) {
        if let Some(recorder) = &mut self.recorder {
            recorder.batch.shutdown(now, grace);
        }
        self.machine.shutdown(now, grace);
    }

    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        let output = self.machine.poll_output();
        if let (Some(recorder), Some(output)) = (&mut self.recorder, &output) {
            recorder.batch.output(output);
            recorder.publish_if_much();
        }
        output
    }

    /// `text` is empty.
    pub(crate) fn poll_transmit(&mut self, id: ConnectionId, text: &mut String) -> Option<WriteId> {
        let write = self.machine.poll_transmit(id, text);
        if let Some(recorder) = &mut self.recorder {
            recorder.batch.pulled(id, write.map(|write| (write, text.len())));
            recorder.publish_if_much();
        }
        write
    }
}
