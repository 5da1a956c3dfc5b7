//! The counters of one client. They are looked up in the recorder once.

use std::collections::BTreeMap;

use metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge,
    histogram,
};
use socketmode_protocol::{AckOutcome, AckToken, EndReason, EnvelopeKind, Instant, Notice, SocketMode};

use crate::health::Phases;
use crate::request::mailbox::AckHandle;

const CONSUMED: &str = "messaging.client.consumed.messages";
const PROCESS: &str = "messaging.process.duration";
const OPERATION: &str = "messaging.client.operation.duration";
const CONNECTIONS: &str = "socketmode.connections";
const ENDED: &str = "socketmode.connection.ended";
const FAILED: &str = "socketmode.connection.failed_attempts";
const GAP: &str = "socketmode.connection.gap";
const OUTSTANDING: &str = "socketmode.envelopes.outstanding";
const OVERDUE: &str = "socketmode.envelopes.overdue";
const SHED: &str = "socketmode.envelopes.shed";

const SYSTEM: (&str, &str) = ("messaging.system", "slack");
const OPERATION_NAME: &str = "messaging.operation.name";
/// The values of `slack.envelope.type`.
const TYPES: [&str; 4] = ["events_api", "slash_commands", "interactive", "other"];

pub(crate) struct Meter {
    now: Instant,
    /// By type, as in [`TYPES`].
    consumed: [Counter; 4],
    process: [Histogram; 4],
    written: Histogram,
    lost: Histogram,
    failed: Counter,
    gap: Histogram,
    outstanding: Gauge,
    overdue: Counter,
    shed: Counter,
    phases: Option<Phases>,
    /// When the acknowledgements were made that have no outcome yet. Each has one, so the machine bounds their number.
    acks: BTreeMap<AckToken, Instant>,
}

impl Meter {
    pub(crate) fn new() -> Self {
        describe();
        let by_type =
            |name| TYPES.map(|kind| [SYSTEM, (OPERATION_NAME, name), ("slack.envelope.type", kind)]);
        let ack = [SYSTEM, (OPERATION_NAME, "ack")];
        Self {
            now: Instant::ZERO,
            consumed: by_type("receive").map(|labels| counter!(CONSUMED, &labels)),
            process: by_type("process").map(|labels| histogram!(PROCESS, &labels)),
            written: histogram!(OPERATION, &ack),
            lost: histogram!(OPERATION, &[SYSTEM, (OPERATION_NAME, "ack"), ("error.type", "lost")]),
            failed: counter!(FAILED, &[SYSTEM]),
            gap: histogram!(GAP, &[SYSTEM]),
            outstanding: gauge!(OUTSTANDING, &[SYSTEM]),
            overdue: counter!(OVERDUE, &[SYSTEM]),
            shed: counter!(SHED, &[SYSTEM]),
            phases: None,
            acks: BTreeMap::new(),
        }
    }

    /// The time of what is told next.
    pub(crate) fn tick(&mut self, now: Instant) {
        self.now = now;
    }

    /// An envelope is delivered with this handle, which learns when.
    pub(crate) fn delivered(&self, kind: &EnvelopeKind, handle: AckHandle) -> AckHandle {
        let index = index_of(kind);
        if let Some(consumed) = self.consumed.get(index) {
            consumed.increment(1);
        }
        handle.stamped(self.now, index)
    }

    pub(crate) fn acknowledging(&mut self, handle: &AckHandle) {
        let (received, index) = handle.stamp();
        if let Some(process) = self.process.get(index) {
            process.record(self.now.saturating_since(received));
        }
        self.acks.insert(handle.token(), self.now);
    }

    pub(crate) fn acknowledging_by_id(&mut self, token: AckToken) {
        self.acks.insert(token, self.now);
    }

    pub(crate) fn acknowledged(&mut self, token: AckToken, outcome: &AckOutcome) {
        let Some(began) = self.acks.remove(&token) else { return };
        let histogram = match outcome {
            AckOutcome::Sent { .. } => &self.written,
            AckOutcome::Lost => &self.lost,
        };
        histogram.record(self.now.saturating_since(began));
    }

    pub(crate) fn notice(&self, notice: &Notice) {
        match notice {
            Notice::Connected { gap: Some(gap), .. } if !gap.is_zero() => self.gap.record(*gap),
            Notice::Disconnected { reason, .. } => {
                counter!(ENDED, &[SYSTEM, ("reason", name_of(reason))]).increment(1);
            }
            Notice::ConnectionError { .. } => self.failed.increment(1),
            Notice::AckOverdue { .. } => self.overdue.increment(1),
            Notice::Shed { envelopes } => self.shed.increment(*envelopes),
            _ => {}
        }
    }

    /// The end of a poll.
    pub(crate) fn standing(&mut self, phases: &Phases, machine: &SocketMode) {
        self.outstanding.set(u32::try_from(machine.stats().outstanding).unwrap_or(u32::MAX));
        if self.phases.replace(*phases) == Some(*phases) {
            return;
        }
        for (phase, count) in phases.by_name() {
            gauge!(CONNECTIONS, &[SYSTEM, ("phase", phase)]).set(count);
        }
    }
}

fn index_of(kind: &EnvelopeKind) -> usize {
    match kind {
        EnvelopeKind::EventsApi => 0,
        EnvelopeKind::SlashCommands => 1,
        EnvelopeKind::Interactive => 2,
        EnvelopeKind::Other(_) => 3,
    }
}

fn name_of(reason: &EndReason) -> &'static str {
    match reason {
        EndReason::Rotated => "rotated",
        EndReason::MadeRoom => "made_room",
        EndReason::Closed { .. } => "closed",
        EndReason::Lost => "lost",
        EndReason::Silent => "silent",
        EndReason::TooManyUnwritten => "too_many_unwritten",
        EndReason::NoServerPing => "no_server_ping",
        EndReason::TooManyWebsockets => "too_many_websockets",
        EndReason::Surplus => "surplus",
        EndReason::Stopped => "stopped",
        _ => "other",
    }
}

fn describe() {
    describe_counter!(CONSUMED, Unit::Count, "Envelopes delivered to the application");
    describe_histogram!(PROCESS, Unit::Seconds, "From the arrival of an envelope to its acknowledgement");
    describe_histogram!(OPERATION, Unit::Seconds, "From an acknowledgement until it is written or lost");
    describe_gauge!(CONNECTIONS, Unit::Count, "Connections by phase");
    describe_counter!(ENDED, Unit::Count, "Connections that ended, by reason");
    describe_counter!(FAILED, Unit::Count, "Attempts that failed before the hello");
    describe_histogram!(GAP, Unit::Seconds, "How long nothing arrived because no connection was up");
    describe_gauge!(OUTSTANDING, Unit::Count, "Envelopes without an outcome");
    describe_counter!(OVERDUE, Unit::Count, "Envelopes not acknowledged within 3 s");
    describe_counter!(SHED, Unit::Count, "Envelopes shed because the application did not keep up");
}
