//! Dropping the driver before its end: the application panics, the task is aborted, or the runtime shuts down.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Waker};

use socketmode_protocol::{Action, ConnectionPhase, Output};

use super::Driver;
use crate::transport::{Frame, Transport};

/// The status code of the close frames: going away (RFC 6455, section 7.4.1).
const GOING_AWAY: u16 = 1001;

impl<T: Transport> Drop for Driver<T> {
    fn drop(&mut self) {
        if self.stopped.is_none() {
            // If the thread is already panicking, a panic of the transport would abort the process.
            let _ = catch_unwind(AssertUnwindSafe(|| self.close_at_once()));
            // A shutdown that was taken only now is not finished.
            self.stopped = None;
        }
        self.finish();
    }
}

impl<T: Transport> Driver<T> {
    /// Writes the earlier acknowledgements and a close frame to the sockets, as far as that needs no wait. Opens nothing.
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
        // Written acknowledgements have their outcome now.
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
