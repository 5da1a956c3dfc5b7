//! Another task of the client's runtime: how long it waits for its turns while the client is attacked.

use super::client::{ms, sleep};
use super::traffic::Gauge;
use serde::{Deserialize, Serialize};
use socketmode_driver::Runtime;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Between two of its turns.
const TURN: Duration = Duration::from_millis(5);

/// What it has seen.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Waits {
    pub(crate) turns: u64,
    /// The longest that it waited beyond the time that it slept, without the time for which other processes had the
    /// processor, where the system tells that.
    pub(crate) longest_ms: u64,
    /// The most that the peer has sent between two turns.
    pub(crate) most_bytes: u64,
}

pub(super) struct Canary(Mutex<State>);

struct State {
    gauge: Gauge,
    waits: Waits,
    /// When the last turn was, and what the peer had sent by then.
    last: (Instant, u64),
    /// For how long the thread of the last turn had waited for a processor by then.
    preempted: Duration,
}

impl Canary {
    pub(super) fn new(gauge: Gauge) -> Arc<Self> {
        let (waits, last) = (Waits::default(), (Instant::now(), 0));
        Arc::new(Self(Mutex::new(State { gauge, waits, last, preempted: preempted() })))
    }

    /// Takes turns for ever.
    pub(super) async fn run<R: Runtime>(self: Arc<Self>, transport: Arc<R>) {
        loop {
            sleep(&*transport, TURN).await;
            let (mut state, preempted) = (self.lock(), preempted());
            // A task that has moved to another thread has nothing to compare with.
            let meanwhile = preempted.checked_sub(state.preempted).unwrap_or_default();
            state.wait_ends(meanwhile);
            state.preempted = preempted;
            state.waits.turns += 1;
        }
    }

    /// Forgets what was before the attack.
    pub(super) fn begin(&self) {
        let mut state = self.lock();
        state.wait_ends(Duration::ZERO);
        state.waits = Waits::default();
    }

    /// Waits for its first turn since then: an attack may be over sooner.
    pub(super) async fn turned<R: Runtime>(&self, transport: &R) {
        while self.lock().waits.turns == 0 {
            sleep(transport, TURN).await;
        }
    }

    /// What there was, with the wait that goes on.
    pub(super) fn end(&self) -> Waits {
        let mut state = self.lock();
        state.wait_ends(Duration::ZERO);
        std::mem::take(&mut state.waits)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wait_ends(&mut self, preempted: Duration) {
        let now = (Instant::now(), self.gauge.sent().expect("the peer's count"));
        let (time, bytes) = self.last;
        self.waits.longest_ms =
            self.waits.longest_ms.max(ms((now.0 - time).saturating_sub(TURN + preempted)));
        self.waits.most_bytes = self.waits.most_bytes.max(now.1 - bytes);
        self.last = now;
    }
}

/// For how long this thread has been ready to run without a processor; zero where the system does not tell.
fn preempted() -> Duration {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    // On the processor, ready for it, and how often.
    let ready = schedstat.split_whitespace().nth(1).and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(ready.unwrap_or_default())
}
