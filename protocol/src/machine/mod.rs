//! The state machine.

mod acknowledge;
mod advance;
#[cfg(feature = "explore")]
mod canonical;
mod copies;
mod ending;
mod inputs;
mod outputs;
mod slots;
mod status;
mod table;
mod timers;
mod transitions;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use crate::acks::copies::Copies;
use crate::acks::dedup::Dedup;
use crate::acks::deliveries::Deliveries;
use crate::backoff::OpenBudget;
use crate::config::{Config, ConfigError};
use crate::connection::{Connection, Writes};
use crate::errors::{AckRefusal, StopReason};
use crate::ids::{AckToken, ConnectionId, WriteId};
use crate::input::Input;
use crate::limits::START_STAGGER;
use crate::notice::Notice;
use crate::output::{Action, Deadline, Output};
use crate::random::Random;
use crate::stats::Stats;
use crate::time::Instant;
use outputs::Outputs;

/// A Socket Mode client for one app, without sockets, clock or threads.
///
/// It has 1 to 10 connections and makes every decision about them. It has four kinds of methods:
///
/// * **what happened**: [`handle_input`](Self::handle_input), [`handle_timeout`](Self::handle_timeout),
///   [`handle_backlog`](Self::handle_backlog). They cannot fail, and accept any input in any order;
/// * **what the application wants**: [`acknowledge`](Self::acknowledge), [`decline`](Self::decline),
///   [`withhold`](Self::withhold), [`shutdown`](Self::shutdown);
/// * **what to do next**: [`poll_output`](Self::poll_output), [`poll_transmit`](Self::poll_transmit),
///   [`poll_timeout`](Self::poll_timeout), [`is_reading`](Self::is_reading). Call them after any of the methods above. You
///   may pass several inputs first;
/// * **its state**: [`connections`](Self::connections), [`stats`](Self::stats),
///   [`due_by_policy`](Self::due_by_policy),
///   [`is_stopped`](Self::is_stopped), [`config`](Self::config).
///
/// If `now` goes back, the machine uses the latest time that it knows. The same seed and the same inputs give the same
/// outputs. The [crate documentation](crate) shows the loop around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SocketMode {
    /// Shared between clones, as the explorer makes millions of them.
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
    rare: Box<Rare>,
    dedup: Box<Dedup>,
    copies: Box<Copies>,
    outputs: Outputs,
    stats: Stats,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Run {
    Running,
    Stopping { reason: StopReason },
    Stopped,
}

/// What the back-off of a slot depends on, since its last stable connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Setbacks {
    /// Attempts that failed and connections that were lost.
    failures: u32,
    /// Rotations of connections that were not stable yet.
    early_rotations: u32,
}

impl Setbacks {
    fn count(self) -> u32 {
        self.failures.saturating_add(self.early_rotations)
    }
}

/// Envelopes shed because too much was outstanding, and not told to the application yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Overflow {
    envelopes: u64,
    /// The size of the smallest. When there is room for it, the application is told.
    least: usize,
}

impl Overflow {
    fn add(&mut self, envelopes: u64, bytes: usize) {
        self.least = if self.envelopes == 0 { bytes } else { self.least.min(bytes) };
        self.envelopes += envelopes;
    }
}

/// What is seldom looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Rare {
    overflow: Overflow,
    /// Connections of the app that are not its own, as Slack's last hello counts them.
    others: Option<u32>,
    /// When the last frame came on a connection that was up and has ended. Decides nothing: it is only told.
    dark_since: Option<Instant>,
}

/// Whether the application keeps up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Backlog {
    /// Its queue has room.
    Clear,
    /// Its queue is full, and reading pauses.
    Paused { until: Instant },
    /// Its queue is still full: this many envelopes have been shed.
    Shedding { envelopes: u64 },
}

impl SocketMode {
    /// Creates a client that begins to connect at once. `seed` is for the jitter of the back-off: use a different one in
    /// each process.
    ///
    /// # Errors
    /// The [`Config`] is invalid.
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
            rare: Box::default(),
            dedup: Box::default(),
            copies: Box::default(),
            outputs: Outputs::default(),
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

    /// Something happened to a connection. If the input does not fit the phase of the connection, or the connection is gone,
    /// only [`Stats::stray_inputs`] changes.
    pub fn handle_input(&mut self, now: Instant, connection: ConnectionId, input: Input<'_>) {
        self.tick(now);
        self.on_input(connection, input);
        self.advance();
    }

    /// Time has passed. Call it when the deadline of [`poll_timeout`](Self::poll_timeout) is reached. An earlier call
    /// changes nothing. Afterwards the next deadline is after `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.tick(now);
        self.fire_due();
    }

    /// The application's queue is full, or has room again. While it is full, reading pauses for [`Config::backlog_pause`]
    /// (see [`is_reading`](Self::is_reading)). After that, envelopes are shed: read, and neither delivered nor
    /// acknowledged, so that Slack sends events again. When the queue has room, [`Notice::Shed`] tells how many.
    pub fn handle_backlog(&mut self, now: Instant, full: bool) {
        self.tick(now);
        self.on_backlog(full);
        self.advance();
    }

    // What the application wants.

    /// Acknowledges a delivery, with a response payload (JSON) or without. [`Output::Acknowledged`] tells the outcome.
    ///
    /// The acknowledgement goes out on the connection on which the envelope arrived. If that is gone, it goes out on another
    /// one, or on the next one that is up before Slack's 3 s are over.
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

    /// The application declines a delivery: it will not acknowledge it. Slack sends an event again, and shows the user of a
    /// command an error. A held copy is delivered at once. If the delivery is not outstanding, nothing changes.
    pub fn decline(&mut self, now: Instant, token: AckToken) {
        self.tick(now);
        self.on_decline(token);
        self.advance();
    }

    /// The application has not taken this delivery out of its queue: [`AckPolicy::BeforeDeadline`](crate::AckPolicy::BeforeDeadline)
    /// no longer acknowledges it. Use it while the machine [stops](Self::is_stopping): otherwise envelopes in the queue are
    /// acknowledged though the application never sees them, and Slack does not send them again. Call it only when the
    /// acknowledgement is [due](Self::due_by_policy): the application may still take the delivery before that. If the delivery
    /// is not outstanding, nothing changes.
    pub fn withhold(&mut self, token: AckToken) {
        self.deliveries.cancel_auto(token);
    }

    /// The deliveries that [`AckPolicy::BeforeDeadline`](crate::AckPolicy::BeforeDeadline) acknowledges by `now`.
    /// [`withhold`](Self::withhold) those that the application has not taken.
    pub fn due_by_policy(&self, now: Instant) -> impl Iterator<Item = AckToken> + '_ {
        self.deliveries.auto_due(now)
    }

    /// Stops the machine. It opens no connection any more, and sheds envelopes that arrive, so that Slack sends them to
    /// another client. Outstanding deliveries can be acknowledged within `grace`; then the connections are closed.
    /// [`Output::Stopped`] is the last output. A second call can shorten the grace.
    pub fn shutdown(&mut self, now: Instant, grace: Duration) {
        self.tick(now);
        self.stop(StopReason::Requested, grace);
        self.advance();
    }

    // What to do next.

    /// Returns the next output. Handle outputs in this order, and poll all of them before you wait.
    ///
    /// The outputs that wait here have a limit, [`MAX_UNPOLLED_OUTPUTS`](crate::limits::MAX_UNPOLLED_OUTPUTS).
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        let were_full = self.outputs.are_full();
        let output = self.outputs.pop();
        if were_full {
            self.advance(); // What could not begin may now.
        }
        output
    }

    /// The newest of the outputs that wait. It stays where it is. A recorder learns from it what an envelope was, without
    /// reading its text again.
    #[must_use]
    pub fn newest_output(&self) -> Option<&Output> {
        self.outputs.newest()
    }

    /// Appends the next message for a connection (an acknowledgement) to `text`, and returns its id. `None` if there is
    /// nothing to send now. Each is one text message.
    ///
    /// Pull only what the socket can take. If a connection ends, messages that were not pulled go out on another connection
    /// at once; those that were pulled wait until it is known whether they were written. Report [`Input::Written`] when a
    /// message has been handed to the network; one report covers all earlier messages. Report [`Input::NotWritten`] as soon
    /// as a message cannot be sent any more.
    ///
    /// With a library that buffers, the [recipe](crate#libraries-that-buffer) says when a message is written.
    ///
    /// After the last message, call [`poll_output`](Self::poll_output) again: a close frame may have waited for it.
    #[must_use]
    pub fn poll_transmit(&mut self, connection: ConnectionId, text: &mut String) -> Option<WriteId> {
        let write = self.pull(connection, text);
        self.close_if_pulled(connection);
        write
    }

    /// Whether [`poll_transmit`](Self::poll_transmit) has a message for this connection. Use it to decide whether to wait for
    /// the socket to be writable.
    #[must_use]
    pub fn has_transmit(&self, connection: ConnectionId) -> bool {
        self.connection(connection).and_then(Connection::writes).is_some_and(Writes::has_queued)
    }

    /// When to call [`handle_timeout`](Self::handle_timeout). `None` only once stopped.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Deadline> {
        self.next_deadline()
    }

    /// Whether to read from the sockets now. False only while the application's queue is full, for at most
    /// [`Config::backlog_pause`], and while too many outputs wait in [`poll_output`](Self::poll_output).
    ///
    /// Any call can turn it to true, also [`handle_timeout`](Self::handle_timeout): by time alone. An edge-triggered loop
    /// must then read the sockets that it did not read before: see [edge-triggered loops](crate#edge-triggered-loops).
    #[must_use]
    pub fn is_reading(&self) -> bool {
        !matches!(self.backlog, Backlog::Paused { .. }) && !self.outputs.are_many()
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
        self.outputs.push(Output::Action { connection, action });
    }

    /// Tells something that a peer can cause without end, unless too much of it waits in the queue.
    fn notice(&mut self, notice: Notice) {
        if self.outputs.have_room_for_notice() {
            self.tell(notice);
        }
    }

    fn tell(&mut self, notice: Notice) {
        self.outputs.push(Output::Notice(notice));
    }
}
