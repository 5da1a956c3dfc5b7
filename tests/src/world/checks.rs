//! What must hold after every call of the machine, whatever the scenario.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use socketmode_protocol::{
    AckToken, Action, ConnectionId, ConnectionPhase, ConnectionStatus, Event, Instant, Output, SocketMode, limits,
};

/// What every secret of the world contains, so that one can be found in a text.
pub const SECRET: &str = "SECRET";

/// The checks, and what they have to remember.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    seen: Vec<ConnectionStatus>,
    next_id: u64,
    marks: BTreeMap<ConnectionId, Marks>,
    opens: Vec<Instant>,
    dialed: BTreeSet<String>,
    taken_acks: BTreeSet<AckToken>,
    stopped: bool,
    calls: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Marks {
    connected: bool,
    disconnected: bool,
    closed: bool,
    aborted: bool,
}

impl Invariants {
    /// After every call, with its outputs drained.
    pub fn check(&mut self, machine: &SocketMode) {
        self.connections_are_few_and_move_forward(machine);
        every_delivery_is_accounted_for(machine);
        self.only_what_has_stopped_has_no_deadline(machine);
        assert_eq!(machine.stats().stray_inputs, 0, "a perfect driver's input was not wanted");
        self.calls += 1;
        if self.calls % 256 == 1 {
            no_secret_in(&format!("{machine:?}"));
        }
    }

    /// After `handle_timeout`.
    pub fn check_timeout(machine: &SocketMode, now: Instant) {
        if let Some(deadline) = machine.poll_timeout() {
            assert!(deadline.at > now, "the deadline {deadline:?} is not after now, {now:?}");
        }
    }

    /// For every output.
    pub fn output(&mut self, now: Instant, output: &Output, machine: &SocketMode) {
        assert!(!self.stopped, "an output after Stopped: {output:?}");
        no_secret_in(&format!("{output:?}"));
        match output {
            Output::Action { connection, action } => self.action(now, *connection, action, machine),
            Output::Event(event) => self.event(event),
        }
    }

    /// An acknowledgement was taken.
    pub fn ack_taken(&mut self, token: AckToken) {
        assert!(self.taken_acks.insert(token), "{token:?} was taken twice");
    }

    /// When `apps.connections.open` was called.
    #[must_use]
    pub fn opens(&self) -> &[Instant] {
        &self.opens
    }

    fn action(&mut self, now: Instant, connection: ConnectionId, action: &Action, machine: &SocketMode) {
        let marks = self.marks.entry(connection).or_default();
        assert!(!marks.aborted, "{action:?} on {connection} after Abort");
        assert!(!marks.closed || *action == Action::Abort, "{action:?} on {connection} after Close");
        match action {
            Action::Open => {
                self.opens.push(now);
                self.opens_stay_within_the_budget(machine);
            }
            Action::Dial { url } => {
                assert!(self.dialed.insert(url.expose_secret().to_owned()), "a URL was dialed twice");
            }
            Action::SendText { text, .. } => assert!(text.len() <= limits::MAX_RESPONSE_BYTES),
            Action::SendPing => {}
            Action::Close { .. } => marks.closed = true,
            Action::Abort => marks.aborted = true,
        }
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Connected { connection } => {
                let marks = self.marks.entry(*connection).or_default();
                assert!(!marks.connected, "{connection} was connected twice");
                marks.connected = true;
            }
            Event::Disconnected { connection, .. } => {
                let marks = self.marks.entry(*connection).or_default();
                assert!(marks.connected, "{connection} was disconnected and had never been connected");
                assert!(!marks.disconnected, "{connection} was disconnected twice");
                marks.disconnected = true;
            }
            Event::Acknowledged { token, .. } => {
                assert!(self.taken_acks.remove(token), "an outcome for {token:?}, which has none to come");
            }
            Event::Stopped(_) => {
                self.stopped = true;
                assert!(self.taken_acks.is_empty(), "without an outcome: {:?}", self.taken_acks);
                let open = self.marks.iter().find(|(_, marks)| marks.connected && !marks.disconnected);
                assert!(open.is_none(), "stopped with {open:?} connected");
            }
            _ => {}
        }
    }

    fn opens_stay_within_the_budget(&self, machine: &SocketMode) {
        let config = machine.config();
        let Some(&last) = self.opens.last() else { return };
        for (count, &first) in self.opens.iter().rev().take(100).enumerate() {
            let elapsed = last.saturating_since(first);
            let allowed = u128::from(config.open_burst) + elapsed.as_nanos() / config.open_interval.as_nanos();
            assert!(count as u128 + 1 <= allowed, "{} opens within {elapsed:?}", count + 1);
        }
    }

    fn connections_are_few_and_move_forward(&mut self, machine: &SocketMode) {
        if machine.connections().eq(self.seen.iter().copied()) {
            return;
        }
        let seen: Vec<_> = machine.connections().collect();
        let used: Vec<_> = seen.iter().filter(|status| status.phase != ConnectionPhase::Waiting).collect();
        assert!(used.len() <= limits::MAX_CONNECTIONS, "{used:?}");
        for status in &seen {
            let of_slot = used.iter().filter(|other| other.slot == status.slot).count();
            assert!(of_slot <= 2, "more than two connections of slot {}: {seen:?}", status.slot);
            match self.seen.iter().find(|before| before.connection == status.connection) {
                Some(before) => {
                    assert!(before.phase <= status.phase, "{before:?} went back to {status:?}");
                    assert_eq!(before.slot, status.slot);
                }
                None => {
                    let number = status.connection.number();
                    assert!(number >= self.next_id, "{number} was used before");
                    self.next_id = number + 1;
                }
            }
        }
        self.seen = seen;
    }

    fn only_what_has_stopped_has_no_deadline(&self, machine: &SocketMode) {
        assert_eq!(machine.is_stopped(), self.stopped, "Stopped is told exactly when it is so");
        assert_eq!(machine.poll_timeout().is_none(), self.stopped, "{:?}", machine.poll_timeout());
        assert!(!self.stopped || machine.connections().next().is_none());
    }
}

fn every_delivery_is_accounted_for(machine: &SocketMode) {
    let stats = machine.stats();
    let settled = stats.acknowledged + stats.ack_lost + stats.declined + stats.expired;
    assert_eq!(stats.delivered, settled + stats.outstanding, "{stats:?}");
}

fn no_secret_in(text: &str) {
    assert!(!text.contains(SECRET), "a secret in {text}");
}

/// The longest time that something took, as the difference of neighbours.
#[must_use]
pub fn longest_pause(times: &[Instant]) -> Duration {
    times.windows(2).map(|pair| pair[1].saturating_since(pair[0])).max().unwrap_or_default()
}
