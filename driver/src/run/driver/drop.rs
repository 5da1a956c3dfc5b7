//! A driver that is dropped before its end: a panic of the application, a task that was aborted, a runtime that is shut
//! down.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Waker};

use socketmode_protocol::{Action, ConnectionPhase, Output};

use super::Driver;
use crate::transport::{Frame, Transport};

/// What the server is told: this end goes away (RFC 6455, section 7.4.1).
const GOING_AWAY: u16 = 1001;

impl<T: Transport> Drop for Driver<T> {
    fn drop(&mut self) {
        if self.stopped.is_none() {
            // In a thread that panics already, a panic of the transport would abort the process.
            let _ = catch_unwind(AssertUnwindSafe(|| self.close_at_once()));
            // A shutdown that was taken only now has not come to its end.
            self.stopped = None;
        }
        self.finish();
    }
}

impl<T: Transport> Driver<T> {
    /// Hands the sockets what was acknowledged before, and a close frame, as far as they take it without a wait. Nothing
    /// is opened.
    fn close_at_once(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        let now = self.transport.now();
        self.take_commands(now, &cx);
        self.perform_on_open_sockets();
        let has_a_socket = |phase| {
            matches!(phase, ConnectionPhase::Greeting | ConnectionPhase::Active | ConnectionPhase::Draining)
        };
        let statuses = self.machine.connections();
        let open: Vec<_> =
            statuses.filter(|status| has_a_socket(status.phase)).map(|status| status.connection).collect();
        for id in open {
            self.push(id, Frame::Close(Some(GOING_AWAY)));
        }
        for connection in &mut self.connections {
            connection.flush(&mut self.machine, now, &mut cx);
        }
        // What was written has its outcome now.
        self.perform_on_open_sockets();
    }

    fn perform_on_open_sockets(&mut self) {
        while let Some(output) = self.machine.poll_output() {
            if !matches!(output, Output::Action { action: Action::Open | Action::Dial { .. }, .. }) {
                self.handle_output(output);
            }
        }
    }
}
