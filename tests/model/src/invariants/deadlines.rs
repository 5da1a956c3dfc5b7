//! What must come in time: the end of each phase, of each delivery, and of everything.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use socketmode_protocol::limits::{ACK_DEADLINE, MAX_CONNECTIONS};
use socketmode_protocol::{
    AckPolicy, AckRefusal, AckToken, Action, Config, ConnectionId, ConnectionPhase, ConnectionStatus,
    EndReason, Instant, Notice, SocketMode,
};

use crate::output::Output;

use super::connections::Connections;
use super::copies::Shared;
use super::{Invariant, Violation, hold};
use crate::step::{Call, OwnedInput, Step};

/// When what was seen began. Time-outs are looked at once they were handled, at [`Call::Timeout`].
#[derive(Clone, Debug)]
pub(super) struct Deadlines {
    /// Shared between clones: an explorer makes millions.
    config: Arc<Config>,
    links: BTreeMap<ConnectionId, Since>,
    /// The last connection of each slot that said hello.
    heirs: BTreeMap<usize, ConnectionId>,
    /// What the application should acknowledge and was not told to be overdue.
    waiting: BTreeMap<AckToken, Waiting>,
    /// When each delivery came that may still be outstanding.
    delivered: VecDeque<Instant>,
    /// When the grace of a shutdown is over.
    graced: Option<Instant>,
    /// The connection that the peer closes in this step.
    closed_by_peer: Option<ConnectionId>,
}

#[derive(Clone, Copy, Debug)]
struct Since {
    phase: ConnectionPhase,
    phase_began: Instant,
    heard: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    /// `None` if it cannot be told.
    at: Option<Instant>,
    carrier: ConnectionId,
}

impl Deadlines {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            config: Arc::new(config.clone()),
            links: BTreeMap::new(),
            heirs: BTreeMap::new(),
            waiting: BTreeMap::new(),
            delivered: VecDeque::new(),
            graced: None,
            closed_by_peer: None,
        }
    }

    /// What a step says, before its outputs. `known` is where its connection stood.
    pub(super) fn step(
        &mut self,
        now: Instant,
        step: &Step,
        result: Result<(), AckRefusal>,
        known: Option<&ConnectionStatus>,
    ) {
        self.closed_by_peer = match &step.call {
            Call::Input(connection, OwnedInput::CloseFrame(_) | OwnedInput::NotWritten(_)) => {
                Some(*connection)
            }
            _ => None,
        };
        match &step.call {
            Call::Input(connection, input) if input.is_frame() && known.is_some() => {
                if let Some(link) = self.links.get_mut(connection) {
                    link.heard = now;
                }
            }
            Call::Acknowledge(token, _) if result.is_ok() => {
                self.waiting.remove(token);
            }
            Call::Decline(token) => {
                self.waiting.remove(token);
            }
            Call::Shutdown(grace) => self.grace(now, *grace),
            _ => {}
        }
    }

    /// What came out. `connections` stand where they stood before.
    pub(super) fn outputs(
        &mut self,
        now: Instant,
        machine: &SocketMode,
        outputs: &[Output],
        connections: &Connections,
        shared: &Shared,
    ) -> Result<(), Violation> {
        let opens = outputs.iter().filter(|output| is_open(output)).count();
        for output in outputs {
            match output {
                Output::Envelope(envelope) => {
                    self.delivered.push_back(now);
                    if self.config.ack_policy(envelope.kind()) == AckPolicy::Manual {
                        let at = shared.arrival(envelope.token(), now);
                        let waiting = Waiting { at, carrier: envelope.connection() };
                        self.waiting.insert(envelope.token(), waiting);
                    }
                }
                Output::Notice(Notice::AckOverdue { token, .. }) => {
                    let waited = self.waiting.remove(token);
                    let is_true =
                        waited.is_some_and(|waiting| waiting.at.is_none_or(|at| at + ACK_DEADLINE <= now));
                    hold(is_true, Invariant::OverdueIsToldOnce, || format!("{token:?}: {waited:?}"))?;
                }
                Output::Notice(Notice::Connected { connection, .. }) => {
                    if let Some(status) = connections.now().get(connection) {
                        self.heirs.insert(status.slot, *connection);
                    }
                }
                Output::Notice(Notice::Disconnected { connection, reason }) => {
                    self.check_drain(now, machine, *connection, reason, connections, opens)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Nobody takes leave of a link for a replacement that is not there. With all ten in use there is no room for one,
    /// and this step's `opens` may have been before it.
    fn check_drain(
        &self,
        now: Instant,
        machine: &SocketMode,
        connection: ConnectionId,
        reason: &EndReason,
        connections: &Connections,
        opens: usize,
    ) -> Result<(), Violation> {
        let (Some(since), Some(status)) = (self.links.get(&connection), connections.now().get(&connection))
        else {
            return Ok(());
        };
        let used = |status: &&ConnectionStatus| status.phase != ConnectionPhase::Waiting;
        let is_full = connections.now().values().filter(used).count() + opens >= MAX_CONNECTIONS;
        let heir = self.heirs.get(&status.slot).filter(|heir| **heir > connection);
        let is_over = since.phase == ConnectionPhase::Draining
            && self
                .up_since(status.slot, connections)
                .is_some_and(|up| up.max(since.phase_began) + self.config.drain_timeout <= now);
        let holds = match reason {
            EndReason::Rotated if is_full || is_over => true,
            EndReason::Rotated if self.closed_by_peer == Some(connection) => heir.is_some(),
            EndReason::Rotated => {
                // It makes way for the heir of its heir, which may leave in this very step.
                let is_active = |status: &ConnectionStatus| status.phase == ConnectionPhase::Active;
                let heir_left = heir.is_some_and(|heir| {
                    !machine.connections().any(|status| status.connection == *heir && is_active(&status))
                });
                let owed = self.waiting.values().any(|waiting| {
                    waiting.carrier == connection && waiting.at.is_some_and(|at| now < at + ACK_DEADLINE)
                });
                heir.is_some() && (!owed || heir_left)
            }
            // While its successor was refused, or another attempt of its slot.
            EndReason::MadeRoom => {
                let of_slot = |other: &&ConnectionStatus| other.slot == status.slot;
                let greets = |other: &ConnectionStatus| other.phase == ConnectionPhase::Greeting;
                connections.now().values().filter(of_slot).any(greets)
            }
            EndReason::TooManyWebsockets => heir.is_some() || machine.is_stopping(),
            _ => true,
        };
        hold(holds, Invariant::DrainsUntilItsHeirIsUp, || {
            format!("{connection:?} {reason:?}, {since:?}, heir {heir:?}")
        })
    }

    /// How it stands after a step, and so do `connections`.
    pub(super) fn look(
        &mut self,
        now: Instant,
        machine: &SocketMode,
        step: Option<&Step>,
        connections: &Connections,
    ) -> Result<(), Violation> {
        for status in connections.now().values() {
            let new = Since { phase: status.phase, phase_began: now, heard: now };
            let since = self.links.entry(status.connection).or_insert(new);
            if since.phase != status.phase {
                // A link that has just been opened is taken for alive.
                let heard = if status.phase == ConnectionPhase::Greeting { now } else { since.heard };
                *since = Since { heard, ..new };
            }
        }
        self.links.retain(|connection, _| connections.is_there(*connection));
        if machine.is_stopping() && self.graced.is_none() {
            self.grace(now, self.config.shutdown_grace);
        }
        if step.is_some_and(|step| step.call == Call::Timeout) && !machine.is_stopped() {
            self.check_phases(now, connections)?;
            self.check_deliveries(now, machine)?;
        }
        if machine.stats().outstanding == 0 {
            self.waiting.clear();
            self.delivered.clear();
        }
        Ok(())
    }

    /// Since when a slot's connection is up.
    fn up_since(&self, slot: usize, connections: &Connections) -> Option<Instant> {
        let is_up =
            |status: &&ConnectionStatus| status.slot == slot && status.phase == ConnectionPhase::Active;
        let up = connections.now().values().find(is_up)?;
        self.links.get(&up.connection).map(|since| since.phase_began)
    }

    fn check_phases(&self, now: Instant, connections: &Connections) -> Result<(), Violation> {
        let config = &self.config;
        for (connection, since) in &self.links {
            let within = match since.phase {
                ConnectionPhase::Opening => Some(config.open_timeout),
                ConnectionPhase::Dialing => Some(config.dial_timeout),
                ConnectionPhase::Greeting => Some(config.hello_timeout),
                ConnectionPhase::Closing => Some(config.close_timeout),
                ConnectionPhase::Lingering => Some(config.linger),
                // Without a successor that is up it drains on.
                ConnectionPhase::Draining if self.graced.is_none() => {
                    let up_since = connections
                        .now()
                        .get(connection)
                        .and_then(|status| self.up_since(status.slot, connections));
                    let drains = up_since.map(|up| up.saturating_since(since.phase_began));
                    drains.map(|drains| drains + config.drain_timeout)
                }
                _ => None,
            };
            let in_time = within.is_none_or(|within| now < since.phase_began + within);
            let is_link = matches!(
                since.phase,
                ConnectionPhase::Greeting | ConnectionPhase::Active | ConnectionPhase::Draining
            );
            let is_heard = !is_link || now < since.heard + config.silence;
            hold(in_time && is_heard, Invariant::PhasesEndInTime, || format!("{connection:?} {since:?}"))?;
        }
        let is_graced = self.graced.is_none_or(|graced| now < graced)
            || self.links.values().all(|since| since.phase >= ConnectionPhase::Closing);
        hold(is_graced, Invariant::StopsInTime, || format!("{:?} after {:?}", self.links, self.graced))
    }

    fn check_deliveries(&mut self, now: Instant, machine: &SocketMode) -> Result<(), Violation> {
        let untold =
            self.waiting.iter().find(|(_, waiting)| waiting.at.is_some_and(|at| at + ACK_DEADLINE <= now));
        hold(untold.is_none(), Invariant::OverdueIsToldOnce, || format!("not told: {untold:?}"))?;
        while self.delivered.front().is_some_and(|at| *at + self.config.late_ack_window <= now) {
            self.delivered.pop_front();
        }
        let (outstanding, recent) = (machine.stats().outstanding, self.delivered.len() as u64);
        hold(outstanding <= recent, Invariant::DeliveriesEndInTime, || {
            format!("{outstanding} outstanding, {recent} of them may be")
        })
    }

    fn grace(&mut self, now: Instant, grace: Duration) {
        let end = now + grace;
        self.graced = Some(self.graced.map_or(end, |graced| graced.min(end)));
    }
}

fn is_open(output: &Output) -> bool {
    matches!(output, Output::Action { action: Action::Open, .. })
}
