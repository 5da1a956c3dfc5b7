//! What must hold of the counters.

use socketmode_protocol::limits::MAX_OUTSTANDING;
use socketmode_protocol::{
    AckOutcome, AckPolicy, AckRefusal, Action, Config, ConnectionPhase, EndReason, Notice, SocketMode, Stats,
};

use crate::output::Output;

use super::connections::Connections;
use super::{Invariant, Violation, hold};
use crate::step::{Call, OwnedInput, Step};

/// What the counters should say.
#[derive(Clone, Debug)]
pub(super) struct Counters {
    seen: Stats,
    /// All is acknowledged by the application, which is told of each; what is by policy is not told.
    all_is_told: bool,
}

impl Counters {
    pub(super) fn new(config: &Config) -> Self {
        let policies =
            [config.ack_events_api, config.ack_slash_commands, config.ack_interactive, config.ack_other];
        let all_is_told = policies.iter().all(|policy| *policy == AckPolicy::Manual);
        Self { seen: Stats::default(), all_is_told }
    }

    /// What went in. `known` is where its connection stood.
    pub(super) fn step(
        &mut self,
        step: &Step,
        result: Result<(), AckRefusal>,
        known: Option<ConnectionPhase>,
    ) {
        self.seen.ack_refused += u64::from(result.is_err());
        let Call::Input(_, input) = &step.call else { return };
        if input.is_frame() && known >= Some(ConnectionPhase::Greeting) {
            self.seen.frames += 1;
            self.seen.pings_received += u64::from(*input == OwnedInput::Ping);
        }
    }

    /// What came out. `connections` stand where they stood before.
    pub(super) fn outputs(&mut self, outputs: &[Output], connections: &Connections) {
        for output in outputs {
            match output {
                Output::Action { action, .. } => self.action(action),
                told => self.told(told, connections),
            }
        }
    }

    fn action(&mut self, action: &Action) {
        match action {
            Action::Open => self.seen.opens += 1,
            Action::Dial { .. } => self.seen.dials += 1,
            Action::SendPing => self.seen.pings_sent += 1,
            Action::Close { .. } | Action::Abort => {}
        }
    }

    fn told(&mut self, told: &Output, connections: &Connections) {
        let seen = &mut self.seen;
        match told {
            Output::Notice(Notice::Connected { .. }) => seen.connected += 1,
            Output::Notice(Notice::ConnectionError { .. }) => seen.failed_attempts += 1,
            Output::Notice(Notice::Disconnected { connection, reason }) => {
                let was_up = connections.phase(*connection) == Some(ConnectionPhase::Active);
                seen.lost_connections += u64::from(was_up && is_loss(reason));
            }
            Output::Envelope(_) => seen.delivered += 1,
            Output::Notice(Notice::AckOverdue { .. }) => seen.overdue += 1,
            Output::Acknowledged { outcome: AckOutcome::Sent { elsewhere, late, .. }, .. } => {
                seen.acknowledged += 1;
                seen.acknowledged_elsewhere += u64::from(*elsewhere);
                seen.acknowledged_late += u64::from(*late);
            }
            Output::Acknowledged { outcome: AckOutcome::Lost, .. } => seen.ack_lost += 1,
            Output::Notice(Notice::BadMessage { .. }) => seen.bad_messages += 1,
            Output::Notice(Notice::Shed { envelopes }) => seen.shed += envelopes,
            _ => {}
        }
    }

    /// The counters after a step. `stopping` is whether the machine was before it.
    pub(super) fn look(
        &mut self,
        machine: &SocketMode,
        step: Option<&Step>,
        stopping: bool,
    ) -> Result<(), Violation> {
        let counted = machine.stats();
        // An answer that ends everything is told by Stopped, once everything has ended.
        let verdict = step.is_some_and(|step| matches!(step.call, Call::Input(_, OwnedInput::Opened { .. })))
            && machine.is_stopping()
            && !stopping;
        self.seen.failed_attempts += u64::from(verdict);

        // Some of what is shed is told later.
        let is_full = machine.is_backlogged() || counted.outstanding >= MAX_OUTSTANDING as u64;
        // What nothing that comes out tells of is taken as counted.
        let mut expected = self.seen;
        expected.rotations = counted.rotations;
        expected.declined = counted.declined;
        expected.expired = counted.expired;
        expected.outstanding = counted.outstanding;
        expected.copies_acknowledged = counted.copies_acknowledged;
        expected.copies_held = counted.copies_held;
        expected.copies_shed = counted.copies_shed;
        expected.shed = if is_full { counted.shed.max(self.seen.shed) } else { self.seen.shed };
        expected.shed_while_stopping = counted.shed_while_stopping;
        expected.stray_inputs = counted.stray_inputs;
        if !self.all_is_told {
            expected.acknowledged = counted.acknowledged.max(self.seen.acknowledged);
            expected.acknowledged_elsewhere =
                counted.acknowledged_elsewhere.max(self.seen.acknowledged_elsewhere);
            expected.acknowledged_late = counted.acknowledged_late.max(self.seen.acknowledged_late);
            expected.ack_lost = counted.ack_lost.max(self.seen.ack_lost);
        }
        hold(counted == expected, Invariant::CountersCountWhatHappened, || {
            format!("counted {counted:#?}\nand seen {expected:#?}")
        })
    }
}

/// Whether a link that was up is lost by this, and not replaced or closed as planned.
fn is_loss(reason: &EndReason) -> bool {
    use EndReason::{MadeRoom, Rotated, Stopped, Surplus};
    !matches!(reason, Rotated | MadeRoom | Stopped | Surplus)
}
