//! Whole clients in simulated time: the state machine inside its real driver, on a [transport in memory](transport),
//! with an [application], against the [model of Slack](socketmode_model::world::slack), among [faults]. One seed draws
//! everything, and the same seed goes the same way.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::needless_pass_by_value,
    clippy::wildcard_enum_match_arm,
    reason = "test support: a broken expectation ends the test"
)]

pub mod application;
mod checks;
mod driver_socket;
pub mod executor;
pub mod faults;
mod injection;
mod last_hour;
mod ledger;
mod run;
mod trace;
pub mod transport;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use socketmode_driver::{Builder, Recording};
use socketmode_protocol::limits::MAX_CONNECTIONS;
use socketmode_protocol::{AckPolicy, Config, Instant, Stats};

pub use driver_socket::driver_socket;
use faults::Fault;
use run::Run;
use socketmode_model::invariants::{Violation, without_panic};
use socketmode_model::random::Random;
use transport::Memory;

/// What a run is made of. [`Plan::of`] draws it from a seed.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Draws everything that the plan leaves open.
    pub seed: u64,
    /// Simulated time, before the client is ended.
    pub lasts: Duration,
    /// Slots.
    pub slots: usize,
    /// Envelopes that may wait for the application.
    pub queue_capacity: usize,
    /// The pause between two faults, on average.
    pub fault_every: Duration,
    /// The pause between two things that people do, on average.
    pub said_every: Duration,
    /// The rest of the configuration.
    pub config: Config,
    /// What is broken on purpose.
    pub sabotage: Sabotage,
    /// The memory for the client's recording.
    pub recording_bytes: usize,
    /// Whether a failure tells the last things that happened.
    pub remembers: bool,
}

/// Something broken on purpose, which has to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// Nothing.
    None,
    /// The application forgets to acknowledge.
    ForgetfulApplication,
    /// The transport drops acknowledgements and calls them written.
    LostWrites,
    /// The transport wakes nobody when something arrives.
    LostWakeUps,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// A hash of everything that happened.
    pub trace: u64,
    /// Simulated time.
    pub lived: Duration,
    /// Polls of the driver.
    pub polls: u64,
    /// Faults of each kind.
    pub faults: BTreeMap<Fault, u64>,
    /// The time in which no link passed anything, by the fault that goes on, or else came last before it.
    pub dark: BTreeMap<Fault, Duration>,
    /// The client's counters at its end.
    pub stats: Stats,
}

/// A run in which something did not hold.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Of the plan.
    pub seed: u64,
    /// Of the plan.
    pub lasts: Duration,
    /// When.
    pub at: Instant,
    /// What.
    pub violation: Violation,
    /// The last things that happened, if the plan [remembers](Plan::remembers).
    pub last: Vec<String>,
}

/// One line to repeat the run with, and what was wrong.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.last {
            writeln!(f, "{line}")?;
        }
        let (seed, hours) = (self.seed, self.lasts.as_secs() / 3600);
        writeln!(
            f,
            "SIMULATION_SEED={seed} SIMULATION_HOURS={hours} cargo test -p socketmode-simulation --test simulation replay"
        )?;
        write!(f, "at {:?}: {}", self.at, self.violation)
    }
}

impl Plan {
    /// Draws a plan.
    #[must_use]
    pub fn of(seed: u64, lasts: Duration) -> Self {
        let mut random = Random::new(seed);
        let policies = [
            AckPolicy::Manual,
            AckPolicy::Manual,
            AckPolicy::OnReceive,
            AckPolicy::BeforeDeadline(Duration::from_millis(2_500)),
        ];
        let slots = *random.pick(&[1, 1, 2, 2, 10]);
        let mut policy = || *random.pick(&policies);
        let config = Config {
            connections: slots,
            ack_events_api: policy(),
            ack_slash_commands: policy(),
            ack_interactive: policy(),
            ack_other: policy(),
            deduplicate: Some(Duration::from_secs(600)).filter(|_| random.chance(1, 2)),
            rotate_before: *random.pick(&[None, Some(Duration::from_secs(90))]),
            server_ping_timeout: *random.pick(&[None, None, Some(Duration::from_secs(30))]),
            outnumber: *random.pick(&[None, Some(MAX_CONNECTIONS - 1).filter(|_| slots < MAX_CONNECTIONS)]),
            ..Config::default()
        };
        Self {
            seed,
            lasts,
            slots,
            queue_capacity: *random.pick(&[8, 64, 1024]),
            fault_every: Duration::from_secs(*random.pick(&[120, 600, 1_800])),
            said_every: Duration::from_secs(*random.pick(&[20, 120, 300])),
            config,
            sabotage: Sabotage::None,
            recording_bytes: Builder::<Memory>::RECORDING_BYTES,
            remembers: false,
        }
    }
}

/// Lives through a plan.
///
/// # Errors
/// Something did not hold.
pub fn run(plan: &Plan) -> Result<Report, Failure> {
    record(plan).0
}

/// The same, and what the client has recorded.
pub fn record(plan: &Plan) -> (Result<Report, Failure>, Recording) {
    let mut run = Run::new(plan);
    let lived = without_panic(|| run.live()).and_then(|lived| lived);
    let result = lived.map_err(|violation| Failure {
        seed: plan.seed,
        lasts: plan.lasts,
        at: run.now(),
        violation,
        last: run.trace.last.iter().cloned().collect(),
    });
    (result, run.client.recording())
}
