//! Another task of the client's runtime: how long it waits for its turns while the client is attacked.

use super::client::{ms, sleep};
use super::traffic::Gauge;
use serde::{Deserialize, Serialize};
use socketmode_driver::Runtime;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
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
    /// The most that the peer has sent while each of the other tasks had one turn.
    pub(crate) most_bytes: u64,
}

pub(super) struct Canary(Mutex<State>);

struct State {
    gauge: Gauge,
    waits: Waits,
    /// When the last turn was.
    last: Instant,
    /// For how long the thread of the last turn had waited for a processor by then.
    preempted: Duration,
}

impl Canary {
    pub(super) fn new(gauge: Gauge) -> Arc<Self> {
        let (waits, last) = (Waits::default(), Instant::now());
        Arc::new(Self(Mutex::new(State { gauge, waits, last, preempted: preempted() })))
    }

    /// Takes turns for ever.
    pub(super) async fn run<R: Runtime>(self: Arc<Self>, transport: Arc<R>) {
        loop {
            sleep(&*transport, TURN).await;
            self.turn();
            // It is ready at once: what comes before its next turn is the others' and no timer's.
            let before = self.sent();
            yield_now().await;
            let bytes = self.sent() - before;
            let mut state = self.lock();
            state.waits.most_bytes = state.waits.most_bytes.max(bytes);
        }
    }

    fn turn(&self) {
        let (mut state, preempted) = (self.lock(), preempted());
        // A task that has moved to another thread has nothing to compare with.
        let meanwhile = preempted.checked_sub(state.preempted).unwrap_or_default();
        state.wait_ends(meanwhile);
        state.preempted = preempted;
        state.waits.turns += 1;
    }

    fn sent(&self) -> u64 {
        self.lock().gauge.sent().expect("the peer's count")
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
        let now = Instant::now();
        let wait = (now - self.last).saturating_sub(TURN + preempted);
        self.waits.longest_ms = self.waits.longest_ms.max(ms(wait));
        self.last = now;
    }
}

/// Ready when the runtime's other tasks have had their turn.
async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// For how long this thread has been ready to run without a processor; zero where the system does not tell.
fn preempted() -> Duration {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    // On the processor, ready for it, and how often.
    let ready = schedstat.split_whitespace().nth(1).and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(ready.unwrap_or_default())
}
