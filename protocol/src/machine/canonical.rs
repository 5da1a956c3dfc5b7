//! What the future of a machine depends on, without ids and absolute times: for an exhaustive search.

use core::hash::{Hash, Hasher};
use core::mem::discriminant;
use core::time::Duration;

use super::{Backlog, Overflow, Run, Setbacks, SocketMode};
use crate::acks::copies::HeldCopy;
use crate::acks::deliveries::{AckState, Delivery};
use crate::connection::{Acknowledges, Connection, Link, Phase, Wait, Writes};
use crate::ids::{AckToken, ConnectionId};
use crate::limits::{EAGER_ROTATIONS, UP_TO_DARK};
use crate::time::Instant;

impl SocketMode {
    /// Hashes what the future of this machine depends on: times as distances from now, ids and slots by their order, no
    /// counters. Two machines with the same configuration and the same hash behave the same from now on, except for ids,
    /// numbers of attempts, and the `gap` of [`Connected`](crate::Notice::Connected): it decides nothing, and grows without
    /// end while nothing is up, so with it no two such states would be the same. This holds without jitter only, as the state of the random generator is left out: set
    /// [`backoff_base`](crate::Config::backoff_base) and [`backoff_cap`](crate::Config::backoff_cap) to
    /// [`BACKOFF_FLOOR`](crate::limits::BACKOFF_FLOOR), and [`too_many_backoff`](crate::Config::too_many_backoff) to a
    /// millisecond.
    ///
    /// With this hash as the key of visited states, a search over everything that can happen to a machine is finite: `Hash`
    /// itself differs between the same state at two o'clock and at three. Take the outputs first; they are hashed unchanged.
    ///
    /// ```
    /// use socketmode_protocol::{Config, Input, Instant, SocketMode};
    /// use std::hash::{DefaultHasher, Hasher};
    ///
    /// fn key(machine: &mut SocketMode) -> u64 {
    ///     while machine.poll_output().is_some() {}
    ///     let mut hasher = DefaultHasher::new();
    ///     machine.hash_canonical(&mut hasher);
    ///     hasher.finish()
    /// }
    ///
    /// let mut early = SocketMode::new(Config::default(), 1, Instant::ZERO)?;
    /// let mut late =
    ///     SocketMode::new(Config::default(), 2, Instant::from_millis(70_000))?;
    /// assert_ne!(early, late);
    /// assert_eq!(key(&mut early), key(&mut late));
    /// # Ok::<(), socketmode_protocol::ConfigError>(())
    /// ```
    pub fn hash_canonical(&self, hasher: &mut impl Hasher) {
        discriminant(&self.run).hash(hasher);
        // A machine that stops opens nothing any more.
        let opens = matches!(self.run, Run::Running);
        opens.then(|| (self.ahead(self.hold), self.budget.ahead(self.now))).hash(hasher);
        match self.backlog {
            Backlog::Clear => 0_u8.hash(hasher),
            Backlog::Paused { until } => (1_u8, self.distance(until)).hash(hasher),
            Backlog::Shedding { envelopes } => (2_u8, envelopes > 0).hash(hasher),
        }
        let outnumbers = self.config.outnumber.is_some();
        outnumbers.then_some((self.rare.others, self.setbacks.len())).hash(hasher);
        // Of other numbers it matters only whether the next hello is told.
        self.rare.others.is_some_and(|others| others > self.config.expect_other_connections).hash(hasher);
        let Overflow { envelopes, least } = self.rare.overflow;
        (envelopes > 0, least).hash(hasher);
        // From this number on, the back-off is at its cap.
        let most = crate::backoff::failures_at_cap(&self.config).saturating_add(EAGER_ROTATIONS - 1);
        self.connections.len().hash(hasher);
        for connection in &self.connections {
            // Slots differ only by their connections.
            self.connections.iter().position(|first| first.slot == connection.slot).hash(hasher);
            let setbacks = self.setbacks.get(connection.slot).filter(|_| opens);
            let is_second = |setbacks: &Setbacks| setbacks.failures > 0;
            setbacks.map(|setbacks| (setbacks.count().min(most), is_second(setbacks))).hash(hasher);
            self.hash_connection(connection, hasher);
        }
        self.hash_deliveries(hasher);
        if let Some(window) = self.config.deduplicate {
            for (at, key) in self.dedup.by_age(self.now, window) {
                (self.distance(at), key).hash(hasher);
            }
            self.dedup.shortened().map(|at| self.ahead(at + window)).hash(hasher);
        }
        self.outputs.hash(hasher);
    }

    fn hash_connection(&self, connection: &Connection, hasher: &mut impl Hasher) {
        discriminant(&connection.phase).hash(hasher);
        match &connection.phase {
            Phase::Waiting(Wait { until, turn_limit }) => {
                (self.ahead(*until), turn_limit.map(|limit| self.ahead(limit))).hash(hasher);
            }
            Phase::Opening { deadline } | Phase::Dialing { deadline } => {
                self.distance(*deadline).hash(hasher);
            }
            Phase::Closing { deadline, writes, close } => {
                (self.distance(*deadline), close).hash(hasher);
                self.hash_writes(writes, false, hasher);
            }
            Phase::Greeting { deadline, link } => {
                self.distance(*deadline).hash(hasher);
                self.hash_link(link, hasher);
            }
            Phase::Lingering { until } => self.distance(*until).hash(hasher),
            Phase::Active { link, since, rotate_at } => {
                // Once it is stable, and the next back-off is not shortened for it, its age makes no difference.
                let longest =
                    self.config.stable_after.max(self.config.backoff_cap.saturating_mul(UP_TO_DARK));
                self.now.saturating_since(*since).min(longest).hash(hasher);
                rotate_at.map(|at| self.ahead(at)).hash(hasher);
                self.hash_link(link, hasher);
            }
            Phase::Draining { link, until } => {
                until.map(|until| self.distance(until)).hash(hasher);
                self.drain_quiet_at(connection.slot, link).map(|at| self.ahead(at)).hash(hasher);
                self.hash_link(link, hasher);
            }
        }
    }

    fn hash_link(&self, link: &Link, hasher: &mut impl Hasher) {
        self.distance(link.last_inbound).hash(hasher);
        self.config.server_ping_timeout.map(|_| self.distance(link.last_server_ping)).hash(hasher);
        link.pinged.hash(hasher);
        self.hash_writes(&link.writes, true, hasher);
    }

    /// The times matter only on a link that can be dead.
    fn hash_writes(&self, writes: &Writes, with_times: bool, hasher: &mut impl Hasher) {
        let rank_of = |token| self.deliveries.iter().position(|(other, _)| other == token);
        for (at, bytes, token) in writes.pulled() {
            with_times.then(|| self.distance(at)).hash(hasher);
            (bytes, token.map(rank_of)).hash(hasher);
        }
        for (at, bytes, what) in writes.queued() {
            with_times.then(|| self.distance(at)).hash(hasher);
            bytes.hash(hasher);
            match what {
                Acknowledges::Delivery(token) => rank_of(*token).hash(hasher),
                Acknowledges::Copy { envelope_id, payload } => (envelope_id, payload).hash(hasher),
            }
        }
        (writes.pulled().len(), writes.queued().len()).hash(hasher);
    }

    fn hash_deliveries(&self, hasher: &mut impl Hasher) {
        self.deliveries.len().hash(hasher);
        self.deliveries.overdue().count().hash(hasher);
        for (token, delivery) in self.deliveries.iter() {
            let Delivery {
                connection,
                envelope_id,
                bytes,
                response_payload,
                received,
                state,
                auto_at,
                dedup_key,
            } = delivery;
            self.index_of(*connection).hash(hasher);
            // The first delivery of the same envelope.
            let twin = self.deliveries.iter().position(|(_, other)| other.envelope_id == *envelope_id);
            twin.hash(hasher);
            (bytes, response_payload, self.distance(*received), discriminant(state)).hash(hasher);
            match state {
                AckState::Unacknowledged => {}
                AckState::Parked(ack) | AckState::InFlight(ack) => ack.hash(hasher),
            }
            auto_at.map(|at| self.distance(at)).hash(hasher);
            dedup_key.hash(hasher);
            self.hash_copies(token, hasher);
        }
    }

    fn hash_copies(&self, first: AckToken, hasher: &mut impl Hasher) {
        self.copies.of(first).count().hash(hasher);
        for copy in self.copies.of(first) {
            let HeldCopy { envelope, received } = copy;
            self.index_of(envelope.connection).hash(hasher);
            self.distance(*received).hash(hasher);
            (&envelope.kind, envelope.response_payload).hash(hasher);
            self.deliveries
                .iter()
                .position(|(_, other)| other.envelope_id == envelope.envelope_id)
                .hash(hasher);
            let is_twin = |other: &HeldCopy| other.envelope.envelope_id == envelope.envelope_id;
            self.copies.of(first).position(is_twin).hash(hasher);
            // Its place among the deliveries.
            self.deliveries.iter().filter(|(token, _)| *token < envelope.token).count().hash(hasher);
            self.deliveries.is_overdue(envelope.token).hash(hasher);
        }
    }

    fn index_of(&self, id: ConnectionId) -> Option<usize> {
        self.connections.iter().position(|connection| connection.id == id)
    }

    /// The time until then; zero if it is over.
    fn ahead(&self, at: Instant) -> Duration {
        at.saturating_since(self.now)
    }

    /// The time until then, and the time since then. One of them is zero.
    fn distance(&self, at: Instant) -> (Duration, Duration) {
        (at.saturating_since(self.now), self.now.saturating_since(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, IncomingFrame, Input, OpenResponse};
    use std::hash::DefaultHasher;

    const ANSWER: OpenResponse<'_> = OpenResponse {
        status: 200,
        retry_after: None,
        body: br#"{"ok":true,"url":"wss://wss-primary.slack.com/link/?ticket=t"}"#,
    };

    fn key(machine: &SocketMode) -> u64 {
        let mut hasher = DefaultHasher::new();
        machine.hash_canonical(&mut hasher);
        hasher.finish()
    }

    /// Two slots are dialing, and one of the handshakes fails.
    fn after_a_failure_of(slot: usize) -> (SocketMode, u64) {
        let config = Config { connections: 2, ..Config::default() };
        let mut machine = SocketMode::new(config, 1, Instant::ZERO).unwrap();
        let now = Instant::from_millis(1_000);
        machine.handle_timeout(now);
        let ids: alloc::vec::Vec<_> = machine.connections().map(|status| status.connection).collect();
        for id in &ids {
            machine.handle_input(now, *id, Input::Opened(ANSWER));
        }
        machine.handle_input(now, ids[slot], Input::DialFailed { status: None, detail: "reset" });
        while machine.poll_output().is_some() {}
        let key = key(&machine);
        (machine, key)
    }

    #[test]
    fn slots_have_no_names() {
        let ((first, one), (second, other)) = (after_a_failure_of(0), after_a_failure_of(1));
        assert_ne!(first, second);
        assert_eq!(one, other);
    }

    #[test]
    fn that_something_was_shed_counts_and_how_much_does_not() {
        let (machine, _) = after_a_failure_of(0);
        let keys = |change: fn(&mut SocketMode, u64)| {
            [0, 1, 2].map(|envelopes| {
                let mut machine = machine.clone();
                change(&mut machine, envelopes);
                key(&machine)
            })
        };
        for [none, one, two] in [
            keys(|machine, envelopes| machine.rare.overflow.envelopes = envelopes),
            keys(|machine, envelopes| machine.backlog = Backlog::Shedding { envelopes }),
        ] {
            assert_eq!(one, two);
            assert_ne!(none, one);
        }
    }

    /// One link is up; `before` deliveries have come and gone, three are there, and these two are acknowledged.
    fn after_acknowledging(before: u32, order: [usize; 2]) -> (SocketMode, u64) {
        let mut machine = SocketMode::new(Config::default(), 1, Instant::ZERO).unwrap();
        let now = Instant::from_millis(1_000);
        let link = machine.connections().next().unwrap().connection;
        machine.handle_input(now, link, Input::Opened(ANSWER));
        machine.handle_input(now, link, Input::Dialed);
        machine.handle_input(now, link, Input::Frame(IncomingFrame::Text(r#"{"type":"hello"}"#.into())));
        let come = |machine: &mut SocketMode, n: u32| {
            let text = alloc::format!(r#"{{"type":"events_api","envelope_id":"e{n}"}}"#);
            machine.handle_input(now, link, Input::Frame(IncomingFrame::Text(text.as_str().into())));
            machine.unacknowledged(&alloc::format!("e{n}")).unwrap()
        };
        for n in 0..before {
            let token = come(&mut machine, n);
            machine.decline(now, token);
        }
        let tokens = [0, 1, 2].map(|n| come(&mut machine, before + n));
        for index in order {
            machine.acknowledge(now, tokens[index], None).unwrap();
        }
        while machine.poll_output().is_some() {}
        let key = key(&machine);
        (machine, key)
    }

    #[test]
    fn the_order_of_writes_counts_and_delivery_numbers_do_not() {
        let ((first, one), (second, same)) = (after_acknowledging(0, [1, 2]), after_acknowledging(5, [1, 2]));
        assert_ne!(first, second);
        assert_eq!(one, same);
        assert_ne!(one, after_acknowledging(0, [2, 1]).1);
    }

    /// A link is replaced by another, which is up at 1,600 ms. An envelope comes on the old one then, and is let go of.
    fn after_an_envelope_at(millis: u64) -> (SocketMode, u64) {
        let mut machine = SocketMode::new(Config::default(), 1, Instant::ZERO).unwrap();
        let start = Instant::from_millis(1_000);
        let old = machine.connections().next().unwrap().connection;
        let hello = Input::Frame(IncomingFrame::Text(r#"{"type":"hello"}"#.into()));
        let warning = Input::Frame(IncomingFrame::Text(r#"{"type":"disconnect","reason":"warning"}"#.into()));
        for input in [Input::Opened(ANSWER), Input::Dialed, hello, warning] {
            machine.handle_input(start, old, input);
        }
        let successor = machine.connections().last().unwrap().connection;
        machine.handle_input(start, successor, Input::Opened(ANSWER));
        machine.handle_input(start, successor, Input::Dialed);
        let mut moments = [(millis, old), (1_600, successor), (1_900, old), (1_900, successor)];
        moments.sort_by_key(|(at, _)| *at);
        for (at, link) in moments {
            let now = Instant::from_millis(at);
            let text = match at {
                1_600 => r#"{"type":"hello"}"#,
                _ => r#"{"type":"events_api","envelope_id":"e"}"#,
            };
            let frame = if at == 1_900 { IncomingFrame::Ping } else { IncomingFrame::Text(text.into()) };
            machine.handle_input(now, link, Input::Frame(frame));
            if let Some(token) = machine.unacknowledged("e") {
                machine.decline(now, token);
            }
        }
        while machine.poll_output().is_some() {}
        let key = key(&machine);
        (machine, key)
    }

    #[test]
    fn what_came_on_a_replaced_link_counts_once_its_heir_is_up() {
        let ((first, one), (second, same)) = (after_an_envelope_at(1_100), after_an_envelope_at(1_500));
        assert_ne!(first, second);
        assert_eq!(one, same);
        assert_ne!(after_an_envelope_at(1_700).1, one);
        assert_ne!(after_an_envelope_at(1_700).1, after_an_envelope_at(1_800).1);
    }
}
