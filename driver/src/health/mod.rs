//! Whether a client receives: what a probe of an orchestrator asks, and a person who looks why nothing comes.

mod probe;
pub(crate) mod pulse;

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};
use socketmode_protocol::{ConnectionPhase, EndReason, Instant};

pub use self::probe::Probe;
use self::pulse::Beat;

/// How late a turn of the loop may be before a client is no longer [live](Health::live): much longer than a runtime takes
/// that is only busy, and much shorter than the patience of Slack.
pub const STALLED_AFTER: Duration = Duration::from_secs(5);

/// Whether a client receives, from [`Client::health`](crate::Client::health), and what is known of why.
///
/// It holds no secrets. Serialized, each `Duration` is a number of seconds (`12.5`), and `unready` is the name of its
/// variant in snake case (`"queue_full"`).
///
/// ```
/// use socketmode_driver::{Client, Transport};
///
/// fn why_nothing_comes<T: Transport>(client: &Client<T>) -> String {
///     let health = client.health();
///     match health.unready {
///         Some(reason) => format!("{reason}, since {:?}", health.since),
///         None => "it receives".to_owned(),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// Envelopes can arrive and are delivered: a connection that is up has had a frame within
    /// [`Config::silence`](crate::Config::silence), the queue to the application is not full, and the client is neither
    /// stopping nor [stalled](Self::live). It does not depend on events: it stays true through a night without any.
    ///
    /// A link that is dead without a sign of it (half open) is found within the silence, and the client is ready until then.
    pub ready: bool,
    /// Why it is not ready: the first reason in the order of [`Unready`].
    pub unready: Option<Unready>,
    /// The loop turns: it has turned, has not ended, and is not late by [`STALLED_AFTER`] or more. A loop that sleeps because
    /// nothing is due is live; while a connection is open, something is due every 30 s at least. If it is false, the runtime
    /// does not poll the driver: a thread is blocked, or the process was suspended.
    pub live: bool,
    /// The time since the loop turned last. `None` before its first turn.
    #[serde(serialize_with = "seconds")]
    pub last_turn: Option<Duration>,
    /// How late the next turn is. Zero while it is not due.
    #[serde(serialize_with = "some_seconds")]
    pub overdue: Duration,
    /// A connection is up: Slack's hello has arrived on it, and it has not ended.
    pub up: bool,
    /// How long a connection has been up, or none. A rotation does not interrupt it. `None` before the first turn.
    #[serde(serialize_with = "seconds")]
    pub since: Option<Duration>,
    /// The length of the last gap: how long nothing arrived because no connection was up. `None` if there was none. It is
    /// that of the last [`Notice::Connected`](crate::Notice::Connected) that tells of one.
    #[serde(serialize_with = "seconds")]
    pub gap: Option<Duration>,
    /// The time since the last frame of any kind, such as a ping, on a connection that is up. `None` if none is.
    #[serde(serialize_with = "seconds")]
    pub last_frame: Option<Duration>,
    /// The connections by their phase.
    pub connections: Phases,
    /// Why connections ended, and attempts that failed, since the start.
    pub reconnects: Reconnects,
    /// Envelopes without an outcome: not acknowledged, or their acknowledgement is not written yet.
    pub outstanding: u64,
    /// The time since the oldest of them arrived. Slack waits 3 s.
    #[serde(serialize_with = "seconds")]
    pub oldest_outstanding: Option<Duration>,
    /// Envelopes in the queue to the application, which nobody has taken out of [`Events`](crate::Events).
    pub queued: usize,
    /// Connections of the app that Slack counted at the last hello and that are not this client's: other processes, or dead
    /// connections. Slack sends a share of the envelopes to them. `None` before the first hello, or if it had no count.
    pub other_connections: Option<u32>,
    /// The client is shutting down, or has stopped.
    pub stopping: bool,
    /// The client has stopped, or its driver was dropped.
    pub stopped: bool,
}

/// Why a client is not ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unready {
    /// It has stopped, or its driver was dropped.
    Stopped,
    /// The driver was not polled yet.
    NotStarted,
    /// The loop does not turn: see [`Health::live`].
    Stalled,
    /// It is shutting down.
    Stopping,
    /// No connection is up.
    NotConnected,
    /// No connection that is up has had a frame within [`Config::silence`](crate::Config::silence).
    Silent,
    /// The queue to the application is full, and not yet half empty again.
    QueueFull,
    /// Too many envelopes are outstanding: more would be shed.
    TooManyOutstanding,
}

impl fmt::Display for Unready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stopped => "the client has stopped",
            Self::NotStarted => "the driver was not polled yet: await or spawn it",
            Self::Stalled => "the driver is not polled: a thread of the runtime is blocked",
            Self::Stopping => "the client is shutting down",
            Self::NotConnected => "no connection is up",
            Self::Silent => "nothing arrives on the connection",
            Self::QueueFull => "the queue is full: read Events faster",
            Self::TooManyOutstanding => "too many envelopes are not acknowledged",
        })
    }
}

/// The number of connections in each phase: see [`ConnectionPhase`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
#[allow(missing_docs, reason = "they are the phases, which have their documentation")]
pub struct Phases {
    pub waiting: u32,
    pub opening: u32,
    pub dialing: u32,
    pub greeting: u32,
    pub active: u32,
    pub draining: u32,
    pub closing: u32,
    pub lingering: u32,
}

impl Phases {
    pub(crate) fn add(&mut self, phase: ConnectionPhase) {
        *match phase {
            ConnectionPhase::Waiting => &mut self.waiting,
            ConnectionPhase::Opening => &mut self.opening,
            ConnectionPhase::Dialing => &mut self.dialing,
            ConnectionPhase::Greeting => &mut self.greeting,
            ConnectionPhase::Active => &mut self.active,
            ConnectionPhase::Draining => &mut self.draining,
            ConnectionPhase::Closing => &mut self.closing,
            ConnectionPhase::Lingering => &mut self.lingering,
        } += 1;
    }

    /// Each of them, with the name of its phase.
    #[cfg(feature = "metrics")]
    pub(crate) fn by_name(self) -> [(&'static str, u32); 8] {
        [
            ("waiting", self.waiting),
            ("opening", self.opening),
            ("dialing", self.dialing),
            ("greeting", self.greeting),
            ("active", self.active),
            ("draining", self.draining),
            ("closing", self.closing),
            ("lingering", self.lingering),
        ]
    }

    /// Whether a connection is up.
    pub(crate) fn are_up(self) -> bool {
        self.active > 0 || self.draining > 0
    }
}

/// Counters of what made the client connect again: see [`EndReason`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Reconnects {
    /// Planned rotations that are complete.
    pub rotated: u32,
    /// The connection made room for its successor.
    pub made_room: u32,
    /// The peer closed it.
    pub closed: u32,
    /// The stream ended without a close frame, or failed.
    pub lost: u32,
    /// Nothing arrived for too long.
    pub silent: u32,
    /// The peer did not read.
    pub too_many_unwritten: u32,
    /// Slack's ping did not come.
    pub no_server_ping: u32,
    /// Slack says that the app has too many connections.
    pub too_many_websockets: u32,
    /// It was one of those that [`Config::outnumber`](crate::Config::outnumber) opens, and is not needed any more.
    pub surplus: u32,
    /// Attempts that failed before the hello.
    pub failed_attempts: u32,
}

impl Reconnects {
    pub(crate) fn ended(&mut self, reason: &EndReason) {
        let counter = match reason {
            EndReason::Rotated => &mut self.rotated,
            EndReason::MadeRoom => &mut self.made_room,
            EndReason::Closed { .. } => &mut self.closed,
            EndReason::Lost => &mut self.lost,
            EndReason::Silent => &mut self.silent,
            EndReason::TooManyUnwritten => &mut self.too_many_unwritten,
            EndReason::NoServerPing => &mut self.no_server_ping,
            EndReason::TooManyWebsockets => &mut self.too_many_websockets,
            EndReason::Surplus => &mut self.surplus,
            // Nothing follows; or a reason that this crate does not know.
            _ => return,
        };
        *counter = counter.saturating_add(1);
    }

    pub(crate) fn failed(&mut self) {
        self.failed_attempts = self.failed_attempts.saturating_add(1);
    }
}

impl Health {
    /// What a beat means now. Also returns when it means something else, if the loop does not turn before.
    pub(crate) fn of(beat: &Beat, now: Instant, silence: Duration, queued: usize) -> (Self, Option<Instant>) {
        let standing = &beat.standing;
        let stalled_at = beat.due.map(|due| due + STALLED_AFTER);
        let silent_at = beat.last_frame.map(|last| last + silence);
        let is_over = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        let up = standing.connections.are_up();
        let unready = if standing.ended {
            Some(Unready::Stopped)
        } else if beat.turned.is_none() {
            Some(Unready::NotStarted)
        } else if is_over(stalled_at) {
            Some(Unready::Stalled)
        } else if standing.stopping {
            Some(Unready::Stopping)
        } else if !up {
            Some(Unready::NotConnected)
        } else if is_over(silent_at) {
            Some(Unready::Silent)
        } else if standing.backlogged {
            Some(Unready::QueueFull)
        } else if !standing.delivering {
            Some(Unready::TooManyOutstanding)
        } else {
            None
        };
        let ago = |at: Option<Instant>| at.map(|at| now.saturating_since(at));
        let health = Self {
            ready: unready.is_none(),
            unready,
            live: !matches!(unready, Some(Unready::Stopped | Unready::NotStarted | Unready::Stalled)),
            last_turn: ago(beat.turned),
            overdue: ago(beat.due).unwrap_or_default(),
            up,
            since: ago(standing.since),
            gap: standing.gap,
            last_frame: ago(beat.last_frame),
            connections: standing.connections,
            reconnects: standing.reconnects,
            outstanding: beat.stats.outstanding,
            oldest_outstanding: ago(beat.oldest),
            queued,
            other_connections: standing.other_connections,
            stopping: standing.stopping || standing.ended,
            stopped: standing.ended,
        };
        let later = |at: &Instant| *at > now;
        (health, [stalled_at, silent_at].into_iter().flatten().filter(later).min())
    }
}

fn seconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs_f64()).serialize(serializer)
}

fn some_seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    time.as_secs_f64().serialize(serializer)
}

#[cfg(test)]
mod tests;
