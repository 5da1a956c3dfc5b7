//! What is explored: a configuration of small numbers, and how much Slack and the application may do to it.

use std::time::Duration;

use socketmode_protocol::limits::BACKOFF_FLOOR;
use socketmode_protocol::{AckPolicy, Config};

/// One search.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Its name, for the report.
    pub name: &'static str,
    /// The function below that makes it, for a counterexample.
    pub(super) constructor: &'static str,
    /// The machine's configuration.
    pub config: Config,
    /// How many deliveries may be outstanding at a time.
    pub outstanding: u64,
    /// How far time moves in a step.
    pub tick: Duration,
    /// Whether inputs may also come when a tick has passed and its time-outs were not handled yet.
    pub dozes: bool,
    /// Whether the process may stand still until several time-outs are over, and then find what came meanwhile before it
    /// handles them.
    pub stalls: bool,
    /// How many copies of an outstanding event may wait. Without any, none comes.
    pub copies: u64,
    /// With so many writes under way no envelope comes: each may ask for one more.
    pub unwritten: usize,
    /// Whether the application's queue may be full.
    pub backlog: bool,
    /// Whether Slack may count connections of others, or dead ones.
    pub ghosts: bool,
    /// Whether inputs may come that fit no phase, and such as differ from others in little; else the polite ones do.
    pub rude: bool,
}

/// The tick: Slack's own 3 s for an acknowledgement are one.
const TICK: Duration = Duration::from_secs(3);

impl Scope {
    /// One slot with two outstanding envelopes.
    #[must_use]
    pub fn one_slot() -> Self {
        let (name, constructor) = ("one slot, two envelopes", "one_slot");
        Self { name, constructor, outstanding: 2, ..Self::small(1) }
    }

    /// Two slots with one envelope at a time, and the next one only once the last one's acknowledgement is written or known
    /// not to be.
    #[must_use]
    pub fn two_slots() -> Self {
        let (name, constructor) = ("two slots, one envelope", "two_slots");
        let mut scope = Self { name, constructor, unwritten: 1, rude: false, ..Self::small(2) };
        // Links drain for as long as they live: a shorter life keeps the search finite in practice.
        scope.config.silence = TICK;
        scope.config.drain_timeout = TICK;
        scope.config.late_ack_window = TICK;
        scope
    }

    /// One slot with one envelope, a driver that is late, an application that is slow, and pings of our own.
    #[must_use]
    pub fn slow_driver() -> Self {
        let (name, constructor) = ("one slot, one envelope, slow driver", "slow_driver");
        let mut scope = Self { name, constructor, dozes: true, backlog: true, ..Self::small(1) };
        scope.config.client_ping = Some(TICK);
        scope
    }

    /// One slot with one event and copies of it, which come by the old link too while it is replaced.
    #[must_use]
    pub fn copies() -> Self {
        let (name, constructor) = ("one slot, one event and its copies", "copies");
        let mut scope = Self { name, constructor, copies: 1, unwritten: 1, rude: false, ..Self::small(1) };
        scope.config.deduplicate = Some(TICK);
        scope.config.drain_timeout = TICK;
        scope.config.late_ack_window = TICK;
        scope
    }

    /// One slot with one envelope, and a process that stands still.
    #[must_use]
    pub fn stalls() -> Self {
        let (name, constructor) = ("one slot, one envelope, a process that stands still", "stalls");
        Self { name, constructor, stalls: true, rude: false, ..Self::small(1) }
    }

    /// One slot with one envelope, and dead connections whose sockets are kept.
    #[must_use]
    pub fn lingering() -> Self {
        let (name, constructor) = ("one slot, one envelope, connections that linger", "lingering");
        let mut scope = Self { name, constructor, rude: false, ..Self::small(1) };
        scope.config.linger = TICK;
        scope
    }

    /// One slot, and a second one while Slack counts connections that are not ours. No envelope comes: they make no difference
    /// to what is opened.
    #[must_use]
    pub fn ghosts() -> Self {
        let (name, constructor) = ("one slot, and a second one against ghosts", "ghosts");
        let mut scope =
            Self { name, constructor, ghosts: true, outstanding: 0, rude: false, ..Self::small(1) };
        scope.config.outnumber = Some(2);
        scope.config.silence = TICK;
        scope.config.drain_timeout = TICK;
        scope
    }

    /// Every time-out one tick or two, and no jitter.
    fn small(connections: usize) -> Self {
        let config = Config {
            connections,
            open_timeout: TICK,
            dial_timeout: TICK,
            hello_timeout: TICK,
            silence: 2 * TICK,
            client_ping: None,
            server_ping_timeout: None,
            backoff_base: BACKOFF_FLOOR,
            backoff_cap: BACKOFF_FLOOR,
            stable_after: TICK,
            too_many_backoff: Duration::from_millis(1),
            open_burst: 2,
            open_interval: Duration::from_millis(1),
            rotate_before: None,
            drain_timeout: 2 * TICK,
            drain_quiet: TICK,
            close_timeout: TICK,
            linger: Duration::ZERO,
            shutdown_grace: TICK,
            backlog_pause: TICK,
            late_ack_window: 2 * TICK,
            ack_events_api: AckPolicy::Manual,
            ..Config::default()
        };
        Self {
            name: "",
            constructor: "",
            config,
            outstanding: 1,
            tick: TICK,
            dozes: false,
            stalls: false,
            copies: 0,
            unwritten: usize::MAX,
            backlog: false,
            ghosts: false,
            rude: true,
        }
    }
}
