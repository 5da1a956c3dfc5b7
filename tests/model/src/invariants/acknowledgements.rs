//! What must hold of deliveries and their acknowledgements.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use socketmode_protocol::limits::ACK_DEADLINE;
use socketmode_protocol::{
    AckOutcome, AckRefusal, AckToken, Action, Config, ConnectionId, ConnectionPhase, ConnectionStatus,
    Instant, SocketMode, WriteId,
};

use crate::output::Output;

use super::copies::Shared;
use super::{Invariant, Violation, hold};
use crate::step::{Call, OwnedInput, Step, slack};

/// What was seen of envelopes.
#[derive(Clone, Debug, Default)]
pub(super) struct Acknowledgements {
    deliveries: BTreeMap<AckToken, Delivery>,
    delivered: u64,
    copies_acknowledged: u64,
    /// How often each `envelope_id` was delivered and not acknowledged on a link that still could write it.
    owed: BTreeMap<String, u64>,
    /// What each connection was asked to write, until its fate is known.
    unwritten: BTreeMap<ConnectionId, VecDeque<Unwritten>>,
    /// When each of these was closed or dropped.
    left: BTreeMap<ConnectionId, Instant>,
    close_timeout: Duration,
    /// What a link took with it in this step and was not sent again yet.
    orphans: Vec<Unwritten>,
    /// What this step acknowledges.
    acknowledging: Option<AckToken>,
}

#[derive(Clone, Debug)]
struct Unwritten {
    write: WriteId,
    /// None for a copy, which is acknowledged once.
    envelope_id: Option<String>,
    /// The delivery, if the application acknowledged it.
    token: Option<AckToken>,
}

#[derive(Clone, Debug)]
struct Delivery {
    carrier: ConnectionId,
    /// `None` if it cannot be told.
    at: Option<Instant>,
    /// `acknowledge` has taken it.
    taken: bool,
}

impl Acknowledgements {
    pub(super) fn new(config: &Config) -> Self {
        Self { close_timeout: config.close_timeout, ..Self::default() }
    }

    /// What a step says, before its outputs. `known` is where its connection stood.
    pub(super) fn step(
        &mut self,
        now: Instant,
        machine: &SocketMode,
        step: &Step,
        result: Result<(), AckRefusal>,
        known: Option<&ConnectionStatus>,
    ) -> Result<(), Violation> {
        self.acknowledging = None;
        match (&step.call, known) {
            (Call::Acknowledge(token, _), _) => {
                if let (Ok(()), Some(delivery)) = (result, self.deliveries.get_mut(token)) {
                    delivery.taken = true;
                    self.acknowledging = Some(*token);
                }
            }
            (Call::Input(connection, input), Some(known)) if known.phase >= ConnectionPhase::Greeting => {
                match input {
                    OwnedInput::Written(write) => self.written(*connection, *write),
                    OwnedInput::NotWritten(write) => self.not_written(*connection, *write),
                    end if end.is_end() => self.forgive(*connection),
                    _ => {}
                }
            }
            _ => {}
        }
        self.time_out(now, machine)
    }

    /// What a connection was asked to write and did not tell of may be made again after the close time-out.
    fn time_out(&mut self, now: Instant, machine: &SocketMode) -> Result<(), Violation> {
        let holds = |status: &ConnectionStatus| status.phase != ConnectionPhase::Lingering;
        let is_there = |id| machine.connections().any(|status| status.connection == id && holds(&status));
        let gone: Vec<_> = self.unwritten.keys().copied().filter(|id| !is_there(*id)).collect();
        for connection in gone {
            let left = self.left.get(&connection);
            let is_over = left.is_some_and(|left| *left + self.close_timeout <= now);
            hold(is_over, Invariant::RiskedOnOneLink, || format!("{connection:?} left at {left:?}"))?;
            self.forgive(connection);
        }
        Ok(())
    }

    pub(super) fn outputs(
        &mut self,
        now: Instant,
        outputs: &[Output],
        machine: &SocketMode,
        shared: &mut Shared,
        all_copies: bool,
    ) -> Result<(), Violation> {
        let copies_acknowledged = machine.stats().copies_acknowledged;
        let mut copies = if all_copies { 0 } else { copies_acknowledged - self.copies_acknowledged };
        self.copies_acknowledged = copies_acknowledged;
        for output in outputs {
            // By policy it can be acknowledged before it is delivered.
            if let Output::Envelope(envelope) = output {
                *self.owed.entry(envelope.envelope_id().into()).or_default() += 1;
            }
        }
        for output in outputs {
            match output {
                Output::Transmit { connection, write, text } => {
                    let id = slack::acknowledged_id(text).unwrap_or_default();
                    let is_counted = copies > 0;
                    copies = copies.saturating_sub(1);
                    if is_counted || is_of_copy(machine, *connection, &id, shared)? {
                        let copy = Unwritten { write: *write, envelope_id: None, token: None };
                        self.unwritten.entry(*connection).or_default().push_back(copy);
                        continue;
                    }
                    let owed = self.owed.get_mut(&id).filter(|owed| **owed > 0);
                    let Some(owed) = owed else {
                        let detail = format!("{connection:?} {id}");
                        return Err(Violation::new(Invariant::AcknowledgedWhatCame, detail));
                    };
                    *owed -= 1;
                    // One that has its outcome already is not sent again; of which delivery one by policy was is not
                    // told, so that those of the application go first.
                    let of_this = |orphan: &Unwritten| orphan.envelope_id.as_ref() == Some(&id);
                    let waits = |orphan: &Unwritten| {
                        orphan.token.is_some_and(|token| self.deliveries.contains_key(&token))
                    };
                    let again = self
                        .orphans
                        .iter()
                        .position(|orphan| of_this(orphan) && waits(orphan))
                        .or_else(|| {
                            self.orphans.iter().position(|orphan| of_this(orphan) && orphan.token.is_none())
                        });
                    let token = match again {
                        Some(again) => self.orphans.remove(again).token,
                        None => self.acknowledging,
                    };
                    let unwritten = Unwritten { write: *write, envelope_id: Some(id), token };
                    self.unwritten.entry(*connection).or_default().push_back(unwritten);
                }
                Output::Action { connection, action: Action::Close { .. } | Action::Abort }
                    if self.unwritten.contains_key(connection) =>
                {
                    self.left.entry(*connection).or_insert(now);
                }
                Output::Envelope(envelope) => {
                    self.delivered += 1;
                    let at = shared.arrival(envelope.token(), now);
                    let delivery = Delivery { carrier: envelope.connection(), at, taken: false };
                    self.deliveries.insert(envelope.token(), delivery);
                }
                Output::Acknowledged { token, outcome, .. } => {
                    let delivery = self.deliveries.remove(token).filter(|delivery| delivery.taken);
                    let Some(delivery) = delivery else {
                        let detail = format!("{token:?} {outcome:?}");
                        return Err(Violation::new(Invariant::OneOutcomeForEachAck, detail));
                    };
                    if let AckOutcome::Sent { connection, elsewhere, late, .. } = outcome {
                        let is_late = delivery.at.map_or(*late, |at| now >= at + ACK_DEADLINE);
                        let is_elsewhere = *connection != delivery.carrier;
                        let is_true = (*late, *elsewhere) == (is_late, is_elsewhere);
                        hold(is_true, Invariant::OutcomesAreTrue, || format!("{token:?} {outcome:?}"))?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn look(&mut self, now: Instant, machine: &SocketMode) -> Result<(), Violation> {
        self.check_orphans(now, machine)?;
        let stats = machine.stats();
        let settled = stats.acknowledged + stats.ack_lost + stats.declined + stats.expired;
        let is_accounted_for =
            stats.delivered == self.delivered && stats.delivered == settled + stats.outstanding;
        hold(is_accounted_for, Invariant::EveryDeliveryIsAccountedFor, || {
            format!("{} delivered; {stats:?}", self.delivered)
        })?;
        // What has its outcome, or can get none any more, is forgotten; with nothing outstanding that is everything.
        if stats.outstanding == 0 {
            let untold = self.deliveries.iter().find(|(_, delivery)| delivery.taken);
            hold(untold.is_none(), Invariant::OneOutcomeForEachAck, || format!("none for {untold:?}"))?;
            self.deliveries.clear();
        }
        Ok(())
    }

    fn check_orphans(&mut self, now: Instant, machine: &SocketMode) -> Result<(), Violation> {
        let orphans = std::mem::take(&mut self.orphans);
        let is_up = machine.connections().any(|status| status.phase == ConnectionPhase::Active);
        let left = orphans.into_iter().filter_map(|orphan| orphan.token).find(|token| {
            self.deliveries
                .get(token)
                .and_then(|delivery| delivery.at)
                .is_some_and(|at| now < at + ACK_DEADLINE)
        });
        hold(!is_up || left.is_none(), Invariant::UnwrittenAcksGoElsewhere, || format!("{left:?}"))
    }

    fn written(&mut self, connection: ConnectionId, write: WriteId) {
        let Some(unwritten) = self.unwritten.get_mut(&connection) else { return };
        // An id that this connection was not given, or that is written already, says nothing.
        if !unwritten.iter().any(|unwritten| unwritten.write == write) {
            return;
        }
        while unwritten.front().is_some_and(|unwritten| unwritten.write <= write) {
            unwritten.pop_front();
        }
        self.forget_if_settled(connection);
    }

    fn not_written(&mut self, connection: ConnectionId, write: WriteId) {
        let Some(unwritten) = self.unwritten.get_mut(&connection) else { return };
        let Some(first) = unwritten.iter().position(|unwritten| unwritten.write == write) else { return };
        let free = unwritten.split_off(first);
        self.forgive_all(free);
        self.forget_if_settled(connection);
    }

    fn forget_if_settled(&mut self, connection: ConnectionId) {
        if self.unwritten.get(&connection).is_some_and(VecDeque::is_empty) {
            self.unwritten.remove(&connection);
            self.left.remove(&connection);
        }
    }

    /// What was not written may be acknowledged elsewhere.
    fn forgive(&mut self, connection: ConnectionId) {
        let free = self.unwritten.remove(&connection).unwrap_or_default();
        self.left.remove(&connection);
        self.forgive_all(free);
    }

    fn forgive_all(&mut self, free: VecDeque<Unwritten>) {
        for unwritten in free {
            if let Some(envelope_id) = &unwritten.envelope_id {
                *self.owed.entry(envelope_id.clone()).or_default() += 1;
                self.orphans.push(unwritten);
            }
        }
        self.owed.retain(|_, owed| *owed > 0);
    }
}

/// Whether a text acknowledges one of the copies that may be acknowledged in this step.
fn is_of_copy(
    machine: &SocketMode,
    connection: ConnectionId,
    id: &str,
    shared: &mut Shared,
) -> Result<bool, Violation> {
    let copies = &mut shared.acknowledged;
    let own = copies.iter().position(|copy| copy.id == id && copy.carrier == connection);
    let Some(copy) = own.or_else(|| copies.iter().position(|copy| copy.id == id)) else { return Ok(false) };
    let copy = copies.remove(copy);
    let link = ConnectionPhase::Greeting..=ConnectionPhase::Draining;
    let is_writable =
        machine.connections().any(|status| status.connection == copy.carrier && link.contains(&status.phase));
    let is_right = copy.carrier == connection || !is_writable;
    hold(is_right, Invariant::CopiesAreAcknowledgedOnTheirLink, || format!("{copy:?} on {connection:?}"))?;
    Ok(true)
}
