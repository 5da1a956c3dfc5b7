//! What must hold of connections.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use socketmode_protocol::limits::MAX_LINGERING;
use socketmode_protocol::{
    Action, Config, ConnectionId, ConnectionPhase, ConnectionStatus, Notice, SocketMode,
};

use crate::output::Output;

use super::{Invariant, Violation, hold};
use crate::step::{Call, OwnedInput, Step};

/// What was seen of connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Connections {
    now: BTreeMap<ConnectionId, ConnectionStatus>,
    /// What was asked of each connection and told of it; kept while it is there, and for the outputs of its end.
    seen: BTreeMap<ConnectionId, Seen>,
    highest: Option<ConnectionId>,
    /// Dead connections are kept until the network has taken a close frame.
    lingers: bool,
    /// Shared between clones: an explorer makes millions.
    urls: Arc<BTreeSet<String>>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    actions: Option<Rank>,
    connected: bool,
    disconnected: bool,
    pinged: bool,
    closed: bool,
    over: bool,
    /// A driver holds a call, a handshake or a socket for it.
    held: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Open,
    Dial,
    Write,
    Close,
    Abort,
}

/// Whether a step can lead from one phase to another. What goes to its end by another way than a close is gone at once.
fn is_edge(from: ConnectionPhase, to: ConnectionPhase) -> bool {
    use ConnectionPhase::{Active, Closing, Dialing, Draining, Greeting, Lingering, Opening, Waiting};
    from == to
        || matches!(
            (from, to),
            (Waiting, Opening)
                | (Opening, Dialing)
                | (Dialing, Greeting)
                | (Greeting, Active)
                | (Active, Draining)
                | (Greeting | Active | Draining, Closing)
                | (Greeting | Active | Draining | Closing, Lingering)
        )
}

impl Seen {
    fn end(&mut self) {
        (self.over, self.held) = (true, false);
    }
}

impl Connections {
    pub(super) fn new(config: &Config) -> Self {
        Self { lingers: !config.linger.is_zero(), ..Self::default() }
    }

    pub(super) fn is_there(&self, connection: ConnectionId) -> bool {
        self.now.contains_key(&connection)
    }

    /// Where the connections stood after the last step.
    pub(super) fn now(&self) -> &BTreeMap<ConnectionId, ConnectionStatus> {
        &self.now
    }

    /// Where a connection stood after the last step.
    pub(super) fn phase(&self, connection: ConnectionId) -> Option<ConnectionPhase> {
        self.now.get(&connection).map(|status| status.phase)
    }

    /// The phase in which a step's connection was before it.
    pub(super) fn known(&self, step: &Step) -> Option<ConnectionStatus> {
        let Call::Input(connection, _) = &step.call else { return None };
        self.now.get(connection).copied()
    }

    /// What a step says, before its outputs.
    pub(super) fn step(&mut self, step: &Step) {
        let (Some(status), Call::Input(connection, input)) = (self.known(step), &step.call) else {
            return;
        };
        let seen = self.seen.entry(*connection).or_default();
        match input {
            frame if frame.is_frame() => seen.pinged = false,
            OwnedInput::Opened { .. } if status.phase == ConnectionPhase::Opening => seen.held = false,
            end if end.is_end() && status.phase >= ConnectionPhase::Opening => seen.end(),
            OwnedInput::OpenFailed if status.phase == ConnectionPhase::Opening => seen.end(),
            OwnedInput::DialFailed(_) if status.phase == ConnectionPhase::Dialing => seen.end(),
            _ => {}
        }
    }

    pub(super) fn outputs(&mut self, outputs: &[Output], step: Option<&Step>) -> Result<(), Violation> {
        for output in outputs {
            match output {
                Output::Action { connection, action } => {
                    if matches!(action, Action::Dial { .. }) {
                        let got_it = matches!(
                            step.map(|step| &step.call),
                            Some(Call::Input(of, OwnedInput::Opened { .. })) if of == connection
                        );
                        hold(got_it, Invariant::UrlsAreDialedOnce, || {
                            format!("{connection:?} has got none")
                        })?;
                    }
                    self.action(*connection, action)?;
                }
                Output::Notice(Notice::Connected { connection, .. }) => {
                    let seen = self.seen.entry(*connection).or_default();
                    let by_a_message = matches!(
                        step.map(|step| &step.call),
                        Some(Call::Input(of, OwnedInput::Text(_))) if of == connection
                    );
                    hold(by_a_message && !seen.connected, Invariant::ConnectedOnceByItsHello, || {
                        format!("{connection:?}")
                    })?;
                    seen.connected = true;
                }
                Output::Notice(Notice::Disconnected { connection, .. }) => {
                    let seen = self.seen.entry(*connection).or_default();
                    let first = seen.connected && !seen.disconnected;
                    hold(first, Invariant::DisconnectedOnceAfterConnected, || format!("{connection:?}"))?;
                    seen.disconnected = true;
                }
                Output::Transmit { connection, .. } => self.in_order(*connection, Rank::Write, output)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn action(&mut self, connection: ConnectionId, action: &Action) -> Result<(), Violation> {
        let rank = match action {
            Action::Open => Rank::Open,
            Action::Dial { .. } => Rank::Dial,
            Action::SendPing => Rank::Write,
            Action::Close { .. } => Rank::Close,
            Action::Abort => Rank::Abort,
        };
        self.in_order(connection, rank, action)?;
        let had_link = self
            .phase(connection)
            .is_some_and(|phase| (ConnectionPhase::Greeting..=ConnectionPhase::Draining).contains(&phase));
        let seen = self.seen.entry(connection).or_default();
        if rank == Rank::Abort {
            hold(!(self.lingers && had_link) || seen.closed, Invariant::LinksEndWithACloseFrame, || {
                format!("{connection:?}")
            })?;
            seen.end();
        }
        seen.closed |= rank == Rank::Close;
        if *action == Action::SendPing {
            hold(!seen.pinged, Invariant::OnePingAtATime, || format!("{connection:?}"))?;
            seen.pinged = true;
        }
        if let Action::Dial { url } = action {
            let new = Arc::make_mut(&mut self.urls).insert(url.expose_secret().into());
            hold(new, Invariant::UrlsAreDialedOnce, || format!("{connection:?}"))?;
        }
        Ok(())
    }

    fn in_order(&mut self, connection: ConnectionId, rank: Rank, what: &impl Debug) -> Result<(), Violation> {
        let seen = self.seen.entry(connection).or_default();
        hold(!seen.over, Invariant::NothingAfterTheEnd, || format!("{connection:?} {what:?}"))?;
        let in_order = match seen.actions {
            None => rank == Rank::Open,
            Some(Rank::Write) if rank == Rank::Write => true,
            Some(last) => rank > last,
        };
        hold(in_order, Invariant::ActionsInOrder, || {
            format!("{connection:?} {what:?} after {:?}", seen.actions)
        })?;
        seen.actions = Some(rank);
        seen.held = true;
        Ok(())
    }

    /// Where the connections stand after a step.
    pub(super) fn look(&mut self, machine: &SocketMode, slots: usize) -> Result<(), Violation> {
        let now: BTreeMap<_, _> = machine.connections().map(|status| (status.connection, status)).collect();
        let used = |slot: Option<usize>| {
            now.values()
                .filter(|status| {
                    ![ConnectionPhase::Waiting, ConnectionPhase::Lingering].contains(&status.phase)
                })
                .filter(|status| slot.is_none_or(|slot| status.slot == slot))
                .count()
        };
        hold(used(None) <= 10, Invariant::TenConnectionsAtMost, || format!("{}", used(None)))?;
        let lingering = now.values().filter(|status| status.phase == ConnectionPhase::Lingering).count();
        hold(lingering <= MAX_LINGERING, Invariant::QueuesAreBounded, || format!("{lingering} linger"))?;
        let config = machine.config();
        let extra =
            now.values().filter(|status| status.slot >= slots && status.phase <= ConnectionPhase::Active);
        let extra = extra.count();
        let others = machine.other_connections().unwrap_or(0);
        let most = config.outnumber.filter(|_| others > config.expect_other_connections);
        let most = most.map_or(slots, |most| most.min(9_usize.saturating_sub(others as usize)).max(slots));
        hold(machine.is_stopping() || slots + extra <= most, Invariant::GhostsAloneAddSlots, || {
            format!("{extra} more than {slots}, {others} others")
        })?;
        for slot in 0..slots {
            hold(used(Some(slot)) <= 2, Invariant::TwoConnectionsASlot, || format!("slot {slot}"))?;
            let current = now
                .values()
                .filter(|status| status.slot == slot && status.phase <= ConnectionPhase::Active)
                .count();
            let expected = usize::from(!machine.is_stopping());
            hold(current == expected, Invariant::OneCurrentASlot, || format!("slot {slot}: {current}"))?;
        }
        let highest = self.highest;
        for (connection, status) in &now {
            match self.now.get(connection) {
                Some(before) => {
                    hold(is_edge(before.phase, status.phase), Invariant::PhasesGoForward, || {
                        format!("{before:?}, then {status:?}")
                    })?;
                }
                None => {
                    let new = highest.is_none_or(|highest| *connection > highest);
                    hold(new, Invariant::IdsAreNew, || format!("{connection:?}"))?;
                    self.highest = self.highest.max(Some(*connection));
                }
            }
        }
        for (connection, seen) in &self.seen {
            let is_told = !seen.connected || seen.disconnected || now.contains_key(connection);
            hold(is_told, Invariant::DisconnectedOnceAfterConnected, || {
                format!("{connection:?} is gone without a word")
            })?;
            let is_dropped = !seen.held || now.contains_key(connection);
            hold(is_dropped, Invariant::NothingIsLeftOpen, || format!("{connection:?}"))?;
        }
        // An id that is gone cannot come back, so that what was seen of it is of no more use.
        self.seen.retain(|connection, _| now.contains_key(connection));
        self.now = now;
        Ok(())
    }
}
