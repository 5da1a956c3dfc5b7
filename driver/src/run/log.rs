//! The log, by `tracing`: every transition, no secrets, and texts of peers only escaped.

use std::time::Duration;

use socketmode_protocol::{
    AckOutcome, AckRefusal, AckToken, Action, ConnectionId, Instant, Notice, Output, WriteId,
};
use tracing::{debug, info, trace, warn};

use crate::escape::Escaped;

/// The number of lines in a second of each [`Kind`].
const LINES_PER_SECOND: u32 = 10;
const SECOND: Duration = Duration::from_secs(1);

/// The kinds of lines that a peer can cause without end, by messages, disconnects and envelopes.
#[derive(Clone, Copy)]
enum Kind {
    BadMessages,
    AnnouncedEnds,
    Overdue,
    Declined,
    Refused,
    Unasked,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::BadMessages, Self::AnnouncedEnds, Self::Overdue, Self::Declined, Self::Refused, Self::Unasked];

    fn name(self) -> &'static str {
        match self {
            Self::BadMessages => "bad messages",
            Self::AnnouncedEnds => "announced ends",
            Self::Overdue => "envelopes not acknowledged in time",
            Self::Declined => "requests dropped",
            Self::Refused => "acknowledgements refused",
            Self::Unasked => "payloads that Slack did not ask for",
        }
    }
}

/// Writes the log, and how many lines were left out.
#[derive(Default)]
pub(crate) struct Log {
    /// By [`Kind`].
    limits: [Limit; Kind::ALL.len()],
    /// That Slack counts connections of others has been told, and is not over.
    others_told: bool,
}

impl Log {
    pub(crate) fn output(&mut self, now: Instant, output: &Output) {
        match output {
            Output::Action { connection, action } => Self::action(*connection, action),
            Output::Envelope(envelope) => trace!(?envelope, "envelope"),
            Output::Acknowledged { envelope_id, outcome, .. } => {
                trace!(envelope_id = %Escaped(envelope_id), ?outcome, "acknowledged");
                let is_unasked = matches!(outcome, AckOutcome::Sent { unasked_payload: true, .. });
                if is_unasked && self.allows(now, Kind::Unasked) {
                    warn!(
                        envelope_id = %Escaped(envelope_id),
                        "acknowledged with a payload that Slack did not ask for (accepts_response_payload is false): Slack may ignore it"
                    );
                }
            }
            Output::Notice(notice) => self.notice(now, notice),
            Output::Stopped(reason) => info!(reason = %Escaped(reason), "stopped"),
        }
    }

    fn action(connection: ConnectionId, action: &Action) {
        match action {
            Action::Open => debug!(%connection, phase = "opening", "calling apps.connections.open"),
            Action::Dial { url } => {
                debug!(%connection, phase = "dialing", host = url.host(), "opening the WebSocket");
            }
            Action::SendPing => trace!(%connection, "sending a ping"),
            Action::Close { code } => debug!(%connection, phase = "closing", code, "closing"),
            Action::Abort => debug!(%connection, phase = "gone", "dropping the connection"),
        }
    }

    pub(crate) fn transmit(connection: ConnectionId, write: WriteId) {
        trace!(%connection, ?write, "acknowledging");
    }

    fn notice(&mut self, now: Instant, notice: &Notice) {
        match notice {
            Notice::Connecting { connection, attempt } => info!(%connection, attempt, "connecting"),
            Notice::Hello { connection, hello } => debug!(%connection, ?hello, phase = "greeting", "hello"),
            Notice::Connected { connection, gap } => {
                info!(%connection, ?gap, phase = "active", "connected");
            }
            Notice::Disconnect { connection, disconnect } => {
                if self.allows(now, Kind::AnnouncedEnds) {
                    info!(%connection, reason = ?disconnect.reason, "Slack announces the end of the connection");
                }
            }
            Notice::Disconnected { connection, reason } => info!(%connection, %reason, "disconnected"),
            Notice::ConnectionError { connection, error, retry_in } => {
                warn!(%connection, error = %Escaped(error), ?retry_in, "the attempt failed");
            }
            Notice::AckOverdue { envelope_id, .. } => {
                if self.allows(now, Kind::Overdue) {
                    warn!(envelope_id = %Escaped(envelope_id), "not acknowledged within 3 s");
                }
            }
            Notice::BadMessage { connection, message } => {
                if self.allows(now, Kind::BadMessages) {
                    warn!(%connection, ?message, "a message that cannot be understood");
                }
            }
            Notice::IncomingError { connection, detail } => {
                warn!(%connection, detail = %Escaped(detail), "reading failed");
            }
            Notice::WriteError { connection, detail } => {
                warn!(%connection, detail = %Escaped(detail), "writing failed");
            }
            Notice::Shed { envelopes } => {
                warn!(envelopes, "the application did not keep up; Slack sends events again");
            }
            Notice::DedupShortened { window } => {
                warn!(
                    ?window,
                    "too many events for the de-duplication window: ids are remembered for this long only"
                );
            }
            Notice::OtherConnections { others, expected, .. } if others > expected => {
                if !std::mem::replace(&mut self.others_told, true) {
                    warn!(
                        others,
                        expected,
                        "Slack counts connections of this app that are not ours, and sends a share of the envelopes to them: other processes use the app (set expect_other_connections if that is planned), or dead connections are counted for some hours (outnumber makes up for them)"
                    );
                }
            }
            Notice::OtherConnections { others, expected, .. } => {
                self.others_told = false;
                info!(others, expected, "Slack counts no unexpected connections any more");
            }
            // A kind that this crate does not know.
            other => debug!(notice = ?other, "a notice"),
        }
    }

    pub(crate) fn declined(&mut self, now: Instant, token: AckToken) {
        if self.allows(now, Kind::Declined) {
            warn!(?token, "a request was dropped without an acknowledgement");
        }
    }

    pub(crate) fn refused(&mut self, now: Instant, token: AckToken, refusal: AckRefusal) {
        if self.allows(now, Kind::Refused) {
            warn!(?token, %refusal, "an acknowledgement was refused");
        }
    }

    fn allows(&mut self, now: Instant, kind: Kind) -> bool {
        self.limits.get_mut(kind as usize).is_none_or(|limit| limit.allows(now))
    }

    /// Logs how many lines were left out in seconds that are over. Call it now and then.
    pub(crate) fn tell_suppressed(&mut self, now: Instant) {
        self.tell(|limit| limit.is_over(now));
    }

    /// The same at the end, whether the second is over or not.
    pub(crate) fn tell_all_suppressed(&mut self) {
        self.tell(|_| true);
    }

    fn tell(&mut self, is_over: impl Fn(&Limit) -> bool) {
        for (limit, kind) in self.limits.iter_mut().zip(Kind::ALL).filter(|(limit, _)| is_over(limit)) {
            if let suppressed @ 1.. = limit.end() {
                warn!(suppressed, of = kind.name(), "there was more in one second than is logged");
            }
        }
    }
}

/// The number of lines of a kind in a second.
#[derive(Default)]
struct Limit {
    since: Option<Instant>,
    lines: u32,
    suppressed: u64,
}

impl Limit {
    /// Whether one more line is allowed. If not, counts it.
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

    /// Starts again. Returns the number of lines that were left out.
    fn end(&mut self) -> u64 {
        std::mem::take(self).suppressed
    }
}
