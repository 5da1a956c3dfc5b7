//! The state machine.

mod acknowledge;
mod advance;
#[cfg(feature = "explore")]
mod canonical;
mod copies;
mod inputs;
mod table;
mod timers;
mod transitions;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use crate::acks::copies::Copies;
use crate::acks::dedup::Dedup;
use crate::acks::deliveries::{Deliveries, Delivery};
use crate::backoff::OpenBudget;
use crate::config::{Config, ConfigError};
use crate::connection::{Connection, ConnectionStatus, Writes};
use crate::errors::{AckRefusal, StopReason};
use crate::ids::{AckToken, ConnectionId, WriteId};
use crate::input::Input;
use crate::limits::{MAX_UNPOLLED_NOTICES, START_STAGGER};
use crate::notice::Notice;
use crate::output::{Action, Deadline, Output};
use crate::random::Random;
use crate::stats::Stats;
use crate::time::Instant;

/// A Socket Mode client for one app, without sockets, clock or threads.
///
/// It owns 1 to 10 connections and decides everything about them. Its methods are of four kinds:
///
/// * **what happened**: [`handle_input`](Self::handle_input), [`handle_timeout`](Self::handle_timeout),
///   [`handle_backlog`](Self::handle_backlog). They cannot fail, whatever comes in whatever order;
/// * **what the application wants**: [`acknowledge`](Self::acknowledge), [`decline`](Self::decline),
///   [`withhold`](Self::withhold), [`shutdown`](Self::shutdown);
/// * **what to do next**: [`poll_output`](Self::poll_output), [`poll_transmit`](Self::poll_transmit),
///   [`poll_timeout`](Self::poll_timeout), [`is_reading`](Self::is_reading). Ask after any of the above. Several inputs may
///   be handed in first;
/// * **how it stands**: [`connections`](Self::connections), [`stats`](Self::stats),
///   [`due_by_policy`](Self::due_by_policy),
///   [`is_stopped`](Self::is_stopped), [`config`](Self::config).
///
/// `now` never goes back: an earlier one is taken as the latest. The same seed and the same inputs give the same
/// outputs. The [crate's documentation](crate) shows the loop around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SocketMode {
    /// Shared between clones: an explorer makes millions.
    config: Arc<Config>,
    random: Random,
    now: Instant,
    run: Run,
    connections: Vec<Connection>,
    setbacks: Vec<Setbacks>,
    next_connection: u64,
    next_write: u64,
    budget: OpenBudget,
    /// No open before this: Slack's `Retry-After`.
    hold: Instant,
    backlog: Backlog,
    deliveries: Deliveries,
    overflow: Overflow,
    dedup: Box<Dedup>,
    copies: Box<Copies>,
    outputs: VecDeque<Output>,
    /// How many of the outputs tell of what a peer may send without end.
    notices: usize,
    stats: Stats,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Run {
    Running,
    Stopping { reason: StopReason },
    Stopped,
}

/// What a slot's back-off grows with, since its last stable link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Setbacks {
    /// Attempts that failed and links that were lost.
    failures: u32,
    /// Links that were asked away before they were stable.
    early_rotations: u32,
}

impl Setbacks {
    fn count(self) -> u32 {
        self.failures.saturating_add(self.early_rotations)
    }
}

/// Envelopes that came while the ledger had no room and of which the application has not been told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Overflow {
    envelopes: u64,
    /// The size of the smallest: with room for it they are told.
    least: usize,
}

impl Overflow {
    fn add(&mut self, envelopes: u64, bytes: usize) {
        self.least = if self.envelopes == 0 { bytes } else { self.least.min(bytes) };
        self.envelopes += envelopes;
    }
}

/// How the application keeps up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Backlog {
    /// It does.
    Clear,
    /// Its queue is full; nothing is read for now.
    Paused { until: Instant },
    /// Its queue stays full; so many envelopes were neither delivered nor acknowledged.
    Shedding { envelopes: u64 },
}

impl SocketMode {
    /// A client that begins to connect at once. `seed` is for the jitter of its back-off: make it differ between
    /// processes.
    ///
    /// # Errors
    /// A [`Config`] that cannot work.
    pub fn new(config: Config, seed: u64, now: Instant) -> Result<Self, ConfigError> {
        config.validate()?;
        let now = now.min(Instant::LAST);
        let slots = config.connections;
        let mut machine = Self {
            random: Random::new(seed),
            now,
            run: Run::Running,
            connections: Vec::with_capacity(2 * slots),
            setbacks: vec![Setbacks::default(); slots],
            next_connection: 0,
            next_write: 0,
            budget: OpenBudget::new(now),
            hold: now,
            backlog: Backlog::Clear,
            deliveries: Deliveries::default(),
            overflow: Overflow::default(),
            dedup: Box::default(),
            copies: Box::default(),
            outputs: VecDeque::new(),
            notices: 0,
            stats: Stats::default(),
            config: Arc::new(config),
        };
        let mut at = now;
        for slot in 0..slots {
            machine.attempt_at(slot, at, None);
            at = at + START_STAGGER;
        }
        machine.advance();
        Ok(machine)
    }

    // What happened.

    /// Something happened to a connection. An input that does not fit where the connection stands, or that is for a
    /// connection which is gone, changes nothing but [`Stats::stray_inputs`].
    pub fn handle_input(&mut self, now: Instant, connection: ConnectionId, input: Input<'_>) {
        self.tick(now);
        self.on_input(connection, input);
        self.advance();
    }

    /// Time has passed. Call it when the deadline of [`poll_timeout`](Self::poll_timeout) is reached; earlier changes
    /// nothing. Afterwards the next deadline lies after `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.tick(now);
        self.fire_due();
    }

    /// Whether the application's queue is full. While it is, envelopes are left unread for
    /// [`Config::backlog_pause`] (see [`is_reading`](Self::is_reading)); after that they are shed: read, and neither
    /// delivered nor acknowledged, so that Slack sends them again. How many is told by [`Notice::Shed`] when the queue
    /// has room.
    pub fn handle_backlog(&mut self, now: Instant, full: bool) {
        self.tick(now);
        self.on_backlog(full);
        self.advance();
    }

    // What the application wants.

    /// Acknowledges a delivery, with a response payload (JSON) or without. What becomes of it is told by
    /// [`Output::Acknowledged`].
    ///
    /// It goes out on the connection that the envelope came by. If that is gone, it goes out on another one, or on
    /// the next one to be up before Slack's 3 s are over.
    ///
    /// # Errors
    /// The acknowledgement is refused, and nothing is sent. [`AckRefusal`] says what you can do.
    pub fn acknowledge(
        &mut self,
        now: Instant,
        token: AckToken,
        payload: Option<&str>,
    ) -> Result<(), AckRefusal> {
        self.tick(now);
        let result = self.on_acknowledge(token, payload);
        if result.is_err() {
            self.stats.ack_refused += 1;
        }
        self.advance();
        result
    }

    /// The application lets a delivery go without an acknowledgement: Slack sends it again, or shows its user an
    /// error. A copy that came meanwhile is delivered at once. A token that is not outstanding changes nothing.
    pub fn decline(&mut self, now: Instant, token: AckToken) {
        self.tick(now);
        self.on_decline(token);
        self.advance();
    }

    /// The application has not taken this delivery out of the queue before it, and may never:
    /// [`AckPolicy::BeforeDeadline`](crate::AckPolicy::BeforeDeadline) does not acknowledge it any more. Without this, what
    /// waits in the queue when everything [ends](Self::is_stopping) is acknowledged though nobody sees it, and Slack does
    /// not send it again. Call it only when that is [due](Self::due_by_policy): what is taken later in the grace is acknowledged as
    /// ever. A token that is not outstanding changes nothing.
    pub fn withhold(&mut self, token: AckToken) {
        self.deliveries.cancel_auto(token);
    }

    /// What [`AckPolicy::BeforeDeadline`](crate::AckPolicy::BeforeDeadline) acknowledges by `now`: to
    /// [`withhold`](Self::withhold) what of it the application has not taken.
    pub fn due_by_policy(&self, now: Instant) -> impl Iterator<Item = AckToken> + '_ {
        self.deliveries.auto_due(now)
    }

    /// Ends everything: nothing is opened any more, what arrives is left for Slack to send elsewhere, what is
    /// outstanding may still be acknowledged within `grace`, then the links are closed. [`Output::Stopped`] is the
    /// last output. A second call can shorten the grace.
    pub fn shutdown(&mut self, now: Instant, grace: Duration) {
        self.tick(now);
        self.stop(StopReason::Requested, grace);
        self.advance();
    }

    // What to do next.

    /// The next thing to do or to tell, in order.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front();
        if let Some(Output::Notice(Notice::BadMessage { .. } | Notice::Disconnect { .. })) = output {
            self.notices -= 1;
        }
        output
    }

    /// Appends to `text` the next message to send on a connection, an acknowledgement, and returns its number. `None` if there
    /// is nothing to send on it now.
    ///
    /// Pull what the socket takes, and no more: a message that nobody has pulled goes out on another connection as soon as
    /// this one ends, and one that was pulled only when its fate is known. Each is one text message of its own. Answer with
    /// [`Input::Written`] once it has been handed to the network; one answer may stand for many messages. Say
    /// [`Input::NotWritten`] as soon as it cannot be sent any more.
    ///
    /// After the last one [`poll_output`](Self::poll_output) may have something new: a close frame waits for them.
    #[must_use]
    pub fn poll_transmit(&mut self, connection: ConnectionId, text: &mut String) -> Option<WriteId> {
        let write = self.pull(connection, text);
        self.close_if_pulled(connection);
        write
    }

    /// Whether [`poll_transmit`](Self::poll_transmit) has a message for this connection: to ask the system whether its socket
    /// takes one.
    #[must_use]
    pub fn has_transmit(&self, connection: ConnectionId) -> bool {
        self.connection(connection).and_then(Connection::writes).is_some_and(Writes::has_queued)
    }

    /// When to call [`handle_timeout`](Self::handle_timeout). `None` only once stopped.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Deadline> {
        self.next_deadline()
    }

    /// Whether to read from the sockets now. False only while the application's queue is full, and not for long.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        !matches!(self.backlog, Backlog::Paused { .. })
    }

    // How it stands.

    /// The connections, the oldest first.
    pub fn connections(&self) -> impl Iterator<Item = ConnectionStatus> + '_ {
        self.connections.iter().map(Connection::status)
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            outstanding: self.deliveries.len() as u64,
            copies_held: self.copies.len() as u64,
            ..self.stats
        }
    }

    /// Whether it is stopping or has stopped.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        !matches!(self.run, Run::Running)
    }

    /// What [`handle_backlog`](Self::handle_backlog) was last told.
    #[must_use]
    pub fn is_backlogged(&self) -> bool {
        !matches!(self.backlog, Backlog::Clear)
    }

    /// Whether [`Output::Stopped`] has been put out.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self.run, Run::Stopped)
    }

    /// The latest delivery with this `envelope_id` that nobody has acknowledged, for those who know no token.
    #[must_use]
    pub fn unacknowledged(&self, envelope_id: &str) -> Option<AckToken> {
        let waits =
            |delivery: &Delivery| delivery.is_unacknowledged() && *delivery.envelope_id == *envelope_id;
        self.deliveries.iter().filter(|(_, delivery)| waits(delivery)).map(|(token, _)| token).last()
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    // Inside.

    fn tick(&mut self, now: Instant) {
        self.now = self.now.max(now.min(Instant::LAST));
    }

    fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.id == id)
    }

    fn connection_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.connections.iter_mut().find(|connection| connection.id == id)
    }

    fn has_socket(&self, id: ConnectionId) -> bool {
        self.connection(id).is_some_and(Connection::has_socket)
    }

    fn stray(&mut self) {
        self.stats.stray_inputs += 1;
    }

    fn act(&mut self, connection: ConnectionId, action: Action) {
        self.outputs.push_back(Output::Action { connection, action });
    }

    /// Tells of what a peer may send without end, while not too much of it waits to be fetched.
    fn notice(&mut self, notice: Notice) {
        if self.notices < MAX_UNPOLLED_NOTICES {
            self.notices += 1;
            self.tell(notice);
        }
    }

    fn tell(&mut self, notice: Notice) {
        self.outputs.push_back(Output::Notice(notice));
    }
}
