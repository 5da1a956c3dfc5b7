//! What was counted, for `health()` and for metrics.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

macro_rules! counts {
    ($($(#[$of:meta])* $name:ident { $($(#[$doc:meta])* $field:ident $variant:ident,)* })*) => {
        $(
            $(#[$of])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
            #[non_exhaustive]
            pub struct $name {
                $($(#[$doc])* pub $field: u64,)*
            }

            impl $name {
                pub(crate) fn of(counters: &Counters) -> Self {
                    Self { $($field: counters.get(Count::$variant),)* }
                }
            }
        )*

        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Count { $($($variant,)*)* }

        impl Count {
            const ALL: usize = [$($(stringify!($field),)*)*].len();

            #[cfg(feature = "metrics")]
            const NAMES: [&'static str; Self::ALL] =
                [$($(concat!("socketmode_queue_", stringify!($field), "_total"),)*)*];
        }
    };
}

counts! {
    /// What a gateway has counted since its start.
    GatewayCounts {
        /// Requests that the stream has taken.
        stored Stored,
        /// Copies of events that the stream had already. They are acknowledged too.
        duplicates Duplicate,
        /// Acknowledgements that went out to Slack.
        acknowledged Acknowledged,
        /// Those with what a worker has answered.
        answered Answered,
        /// Those that are plain because no worker had answered by 2.5 s.
        unanswered Unanswered,
        /// Requests that the worker has declined, so that Slack shows its error.
        declined Declined,
        /// Answers that came too late.
        late_answers LateAnswer,
        /// Stored, and the acknowledgement did not go out. Slack sends events again, and the stream knows them.
        not_acknowledged NotAcknowledged,
    }
    /// Requests that a gateway did not get stored, and so did not acknowledge, by cause.
    NotStored {
        /// There was no connection to NATS.
        disconnected Disconnected,
        /// JetStream did not answer in time.
        timed_out TimedOut,
        /// The stream is full.
        full Full,
        /// The stream has no leader, does not exist, or refuses.
        no_stream NoStream,
    }
    /// What a worker has counted since its start.
    WorkerCounts {
        /// Requests whose handler has ended well.
        handled Handled,
        /// Attempts that failed.
        failed Failed,
        /// Requests that were handed to a worker before.
        redelivered Redelivered,
        /// Requests that are dead letters now.
        dead Dead,
        /// Dead letters that could not be stored, such as in a full stream: the request stays in the queue, and comes again.
        dead_not_stored DeadNotStored,
        /// Suggestions that nobody waits for any more.
        outdated Outdated,
        /// Answers that the gateway has sent to Slack.
        answers_sent AnswerSent,
        /// Answers that went elsewhere, such as to the `response_url`, because the gateway had acknowledged.
        answers_late AnswerLate,
        /// Times that an answer is tried again, because its gateway had no connection to NATS.
        answers_again AnswerAgain,
        /// Answers that were lost, or of which nobody knows whether they arrived.
        answers_lost AnswerLost,
        /// Requests that were given back at the end of the grace of a shutdown.
        given_back GivenBack,
    }
}

/// Counters, and the requests that are under way.
#[derive(Clone, Default)]
pub(crate) struct Counters(Arc<Inner>);

#[derive(Default)]
struct Inner {
    counts: [AtomicU64; Count::ALL],
    under_way: Mutex<UnderWay>,
}

#[derive(Default)]
struct UnderWay {
    next: u64,
    /// By age. The bound is that of requests under way.
    since: BTreeMap<u64, Instant>,
}

impl Counters {
    pub(crate) fn add(&self, count: Count) {
        if let Some(counter) = self.0.counts.get(count as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        #[cfg(feature = "metrics")]
        if let Some(name) = Count::NAMES.get(count as usize) {
            metrics::counter!(*name).increment(1);
        }
    }

    fn get(&self, count: Count) -> u64 {
        self.0.counts.get(count as usize).map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// A request is under way until the guard is dropped.
    pub(crate) fn begin(&self) -> Begun {
        let mut under_way = self.lock();
        under_way.next += 1;
        let id = under_way.next;
        under_way.since.insert(id, Instant::now());
        #[cfg(feature = "metrics")]
        metrics::gauge!("socketmode_queue_under_way").increment(1);
        Begun { counters: self.clone(), id }
    }

    /// How many are under way, and for how long the oldest.
    pub(crate) fn under_way(&self) -> (usize, Option<Duration>) {
        let under_way = self.lock();
        (under_way.since.len(), under_way.since.values().next().map(Instant::elapsed))
    }

    fn lock(&self) -> MutexGuard<'_, UnderWay> {
        self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is under way.
pub(crate) struct Begun {
    counters: Counters,
    id: u64,
}

impl Begun {
    /// Different for each request of this process.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let since = self.counters.lock().since.remove(&self.id);
        #[cfg(feature = "metrics")]
        if let Some(since) = since {
            metrics::gauge!("socketmode_queue_under_way").decrement(1);
            metrics::histogram!("socketmode_queue_seconds").record(since.elapsed());
        }
        #[cfg(not(feature = "metrics"))]
        let _ = since;
    }
}
