//! What is said to `tracing`: every transition, never a secret, and nothing of a peer's that is not escaped.

use std::time::Duration;

use socketmode_protocol::{Action, ConnectionId, Event, Instant};
use tracing::{debug, info, trace, warn};

use crate::escape::Escaped;

/// Lines in a second about what a peer can send without end, for each kind of it.
const LINES_PER_SECOND: u32 = 10;
const SECOND: Duration = Duration::from_secs(1);

/// Says it, and what was left out.
#[derive(Default)]
pub(crate) struct Log {
    bad_messages: Limit,
    disconnects: Limit,
}

impl Log {
    pub(crate) fn action(connection: ConnectionId, action: &Action) {
        match action {
            Action::Open => debug!(%connection, phase = "opening", "calling apps.connections.open"),
            Action::Dial { url } => {
                debug!(%connection, phase = "dialing", host = url.host(), "opening the WebSocket");
            }
            Action::SendText { write, .. } => trace!(%connection, ?write, "acknowledging"),
            Action::SendPing => trace!(%connection, "sending a ping"),
            Action::Close { code } => debug!(%connection, phase = "closing", code, "closing"),
            Action::Abort => debug!(%connection, phase = "gone", "dropping the connection"),
        }
    }

    pub(crate) fn event(&mut self, now: Instant, event: &Event) {
        match event {
            Event::Connecting { connection, attempt } => info!(%connection, attempt, "connecting"),
            Event::Hello { connection, hello } => debug!(%connection, ?hello, phase = "greeting", "hello"),
            Event::Connected { connection } => info!(%connection, phase = "active", "connected"),
            Event::Disconnect { connection, disconnect } if self.disconnects.allows(now) => {
                info!(%connection, reason = ?disconnect.reason, "Slack announces the end of the connection");
            }
            Event::Disconnected { connection, reason } => info!(%connection, ?reason, "disconnected"),
            Event::ConnectionError { connection, error, retry_in } => {
                warn!(%connection, error = %Escaped(error), ?retry_in, "the attempt failed");
            }
            Event::Envelope(envelope) => trace!(?envelope, "envelope"),
            Event::AckOverdue { envelope_id, .. } => {
                warn!(envelope_id = %Escaped(envelope_id), "not acknowledged within 3 s");
            }
            Event::Acknowledged { envelope_id, outcome, .. } => {
                trace!(envelope_id = %Escaped(envelope_id), ?outcome, "acknowledged");
            }
            Event::BadMessage { connection, message } if self.bad_messages.allows(now) => {
                warn!(%connection, ?message, "a message that cannot be understood");
            }
            Event::IncomingError { connection, detail } => {
                warn!(%connection, detail = %Escaped(detail), "reading failed");
            }
            Event::WriteError { connection, detail } => {
                warn!(%connection, detail = %Escaped(detail), "writing failed");
            }
            Event::Shed { envelopes } => {
                warn!(envelopes, "the application did not keep up; Slack sends events again");
            }
            Event::DedupShortened { window } => {
                warn!(
                    ?window,
                    "too many events for the de-duplication window: ids are remembered for this long only"
                );
            }
            Event::Stopped(reason) => info!(reason = %Escaped(reason), "stopped"),
            _ => {}
        }
    }

    /// Says how much was left out in a second that is over. To be called now and then.
    pub(crate) fn tell_suppressed(&mut self, now: Instant) {
        if self.bad_messages.is_over(now) {
            self.tell_bad_messages();
        }
        if self.disconnects.is_over(now) {
            self.tell_disconnects();
        }
    }

    /// The same at the end, whether the second is over or not.
    pub(crate) fn tell_all_suppressed(&mut self) {
        self.tell_bad_messages();
        self.tell_disconnects();
    }

    fn tell_bad_messages(&mut self) {
        if let suppressed @ 1.. = self.bad_messages.end() {
            warn!(suppressed, "more bad messages came in one second than are logged");
        }
    }

    fn tell_disconnects(&mut self) {
        if let suppressed @ 1.. = self.disconnects.end() {
            warn!(suppressed, "more ends of connections were announced in one second than are logged");
        }
    }
}

/// How many lines of a kind there were in a second.
#[derive(Default)]
struct Limit {
    since: Option<Instant>,
    lines: u32,
    suppressed: u64,
}

impl Limit {
    /// Whether there may be one more. If not, it is counted.
    fn allows(&mut self, now: Instant) -> bool {
        self.since.get_or_insert(now);
        if self.lines < LINES_PER_SECOND {
            self.lines += 1;
            return true;
        }
        self.suppressed += 1;
        false
    }

    fn is_over(&self, now: Instant) -> bool {
        self.since.is_some_and(|since| now.saturating_since(since) >= SECOND)
    }

    /// Begins anew. How many lines were left out.
    fn end(&mut self) -> u64 {
        std::mem::take(self).suppressed
    }
}
