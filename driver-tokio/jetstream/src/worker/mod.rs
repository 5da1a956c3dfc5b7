//! The worker: it pulls requests from the queue and runs them through an app.

mod dead;
mod handle;
mod pull;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use socketmode_tokio::router::App;
use socketmode_tokio::{BuildError, Web};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::{info, warn};

use self::pull::Pull;
use crate::counters::{Counters, WorkerCounts};
use crate::queue::connection::{QueueHealth, end_of, some_seconds};
use crate::queue::{Kind, LONGEST, OpenQueue, QueueError};

/// Default of [`Worker::attempts`].
const ATTEMPTS: u32 = 5;
/// Default of [`Worker::back_off`].
const BACK_OFF: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(300)];
/// How long after the last answer of a consumer a worker counts as ready.
const ASKED_WITHIN: Duration = Duration::from_secs(15);
/// How often the end of the grace is looked at, as a second call can make it shorter.
const LOOKS_EVERY: Duration = Duration::from_millis(50);

/// Handles requests from the queue with the app that would also be served without one
/// ([`Client::serve`](socketmode_tokio::Client::serve)). It needs no app-level token and no connection to Slack but that of the
/// Web API.
///
/// ```no_run
/// use socketmode_jetstream::{ConnectOptions, Queue, Worker};
/// use socketmode_tokio::router::Router;
/// use socketmode_tokio::{BotToken, Web};
/// use std::time::Duration;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let queue = Queue::new("bot").connect("nats://nats:4222", ConnectOptions::new()).await?;
/// let web = Web::from_env(BotToken::from_env()?)?;
/// let app = Router::new(()).web(web).command("/hello", async || "Hello!").build()?;
/// let worker = Worker::new(queue, app)?;
/// let stop = worker.handle();
/// tokio::spawn(async move {
///     tokio::signal::ctrl_c().await.map(|()| stop.shutdown(Duration::from_secs(20)))
/// });
/// worker.run().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is handled before run()"]
pub struct Worker<S> {
    inner: Arc<Inner<S>>,
    control: Arc<Control>,
}

/// What the tasks of a worker share.
pub(super) struct Inner<S> {
    pub(super) queue: OpenQueue,
    pub(super) app: App<S>,
    /// For the `response_url`.
    pub(super) responses: Web,
    pub(super) attempts: u32,
    pub(super) back_off: Vec<Duration>,
    pub(super) concurrency: usize,
    pub(super) counters: Counters,
}

/// How a worker is stopped and looked at.
struct Control {
    queue: OpenQueue,
    counters: Counters,
    /// When the grace of a shutdown is over.
    ends: watch::Sender<Option<Instant>>,
    /// When each consumer answered last.
    asked: Mutex<Vec<Option<Instant>>>,
}

impl<S: Send + Sync + 'static> Worker<S> {
    /// A worker for this app. Messages to a `response_url` need no token. An order is that of the queue's key: the app's own
    /// ([`Router::ordered_by`](socketmode_tokio::router::Router::ordered_by)) is not kept if it is another.
    ///
    /// # Errors
    /// The app asks for an order, and the queue has none; or `SLACK_API_URL` or the proxy of the environment cannot be used.
    pub fn new(queue: OpenQueue, app: App<S>) -> Result<Self, WorkerError> {
        if app.is_ordered() && queue.key().is_none() {
            return Err(WorkerError::Order);
        }
        let counters = Counters::default();
        let (ends, _) = watch::channel(None);
        let asked = Mutex::default();
        let control = Control { queue: queue.clone(), counters: counters.clone(), ends, asked };
        let inner = Inner {
            responses: Web::from_env(None)?,
            attempts: ATTEMPTS,
            back_off: BACK_OFF.to_vec(),
            concurrency: app.concurrency(),
            queue,
            app,
            counters,
        };
        Ok(Self { inner: Arc::new(inner), control: Arc::new(control) })
    }

    /// How many requests of each kind (events, interactions, those that somebody waits for) are handled at a time. Default: that
    /// of the app. With an order it is one for each partition.
    pub fn concurrency(self, requests: usize) -> Self {
        self.with(|inner| inner.concurrency = requests.clamp(1, Semaphore::MAX_PERMITS))
    }

    /// Posts to a `response_url` over this, such as with a proxy of its own. Its token is not used. Default: [`Web::from_env`].
    pub fn responses(self, web: Web) -> Self {
        self.with(|inner| inner.responses = web)
    }

    /// How often a request is handed to a worker before it is a dead letter. Default 5.
    pub fn attempts(self, attempts: u32) -> Self {
        self.with(|inner| inner.attempts = attempts.max(1))
    }

    /// The pauses after failures; the last one counts for all that follow. Default 1 s, 10 s, 1 min, 5 min. With an order, what
    /// is behind a failed request waits for it.
    pub fn back_off(self, pauses: impl IntoIterator<Item = Duration>) -> Self {
        self.with(|inner| inner.back_off = pauses.into_iter().map(|pause| pause.min(LONGEST)).collect())
    }

    fn with(mut self, change: impl FnOnce(&mut Inner<S>)) -> Self {
        // Nobody else has it before run().
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            change(inner);
        }
        self
    }

    /// The handle, for health and shutdown.
    #[must_use]
    pub fn handle(&self) -> WorkerHandle {
        WorkerHandle(Arc::clone(&self.control))
    }

    /// Runs until it is shut down.
    ///
    /// # Errors
    /// The queue is weaker than asked for, or JetStream does not answer at the start. Later it is asked again without end.
    ///
    /// # Cancel safety
    /// Dropping the future pulls no more. Handlers under way go on to their end.
    pub async fn run(self) -> Result<(), WorkerError> {
        let Self { inner, control } = self;
        let lanes = inner.queue.lanes().await?;
        control.asked.lock().unwrap_or_else(PoisonError::into_inner).resize(lanes.len(), None);
        let places = Kind::ALL.map(|_| Arc::new(Semaphore::new(inner.concurrency)));
        let (give_back, given_back) = watch::channel(false);
        let mut pulling = JoinSet::new();
        for (number, lane) in lanes.into_iter().enumerate() {
            // With an order the server hands out one at a time.
            let places = match places.get(lane.kind as usize).filter(|_| !lane.is_ordered) {
                Some(places) => Arc::clone(places),
                None => Arc::new(Semaphore::new(1)),
            };
            let asked = Arc::clone(&control);
            let pull = Pull {
                inner: Arc::clone(&inner),
                lane,
                places,
                ends: control.ends.subscribe(),
                give_back: given_back.clone(),
            };
            pulling.spawn(pull.run(move || asked.asked(number)));
        }
        drop(given_back);
        info!("the worker pulls");
        while pulling.join_next().await.is_some() {}
        // Nothing is pulled any more: the handlers have the rest of the grace.
        let mut ends = control.ends.subscribe();
        let over = async {
            loop {
                let end = *ends.borrow_and_update();
                if end.is_none_or(|end| end <= Instant::now()) {
                    return;
                }
                tokio::time::sleep(LOOKS_EVERY).await;
            }
        };
        tokio::select! {
            () = give_back.closed() => {}
            () = over => {
                let (under_way, _) = control.counters.under_way();
                warn!(under_way, "the grace is over: requests are given back");
                let _ = give_back.send(true);
                give_back.closed().await;
            }
        }
        if !inner.queue.connection.flush().await {
            warn!("NATS was gone at the end: what was not confirmed is handled again");
        }
        Ok(())
    }
}

impl<S> fmt::Debug for Worker<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("queue", &self.control.queue).finish_non_exhaustive()
    }
}

impl Control {
    /// A consumer has answered.
    fn asked(&self, number: usize) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asked) = asked.get_mut(number) {
            *asked = Some(Instant::now());
        }
    }
}

/// Controls a worker. Clones are of the same.
#[derive(Clone)]
pub struct WorkerHandle(Arc<Control>);

impl WorkerHandle {
    /// Pulls no more, and lets handlers finish within the grace; the others are dropped, and their requests given back at once.
    /// A second call can shorten the grace.
    pub fn shutdown(&self, grace: Duration) {
        let end = end_of(grace);
        self.0.ends.send_modify(|ends| *ends = Some(ends.map_or(end, |other| other.min(end))));
    }

    /// Whether the worker has work handed to it.
    #[must_use]
    pub fn health(&self) -> WorkerHealth {
        let queue = self.0.queue.connection.health();
        let (under_way, oldest_under_way) = self.0.counters.under_way();
        let asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |asked: &Option<Instant>| asked.is_some_and(|at| at.elapsed() < ASKED_WITHIN);
        let (consumers, consumers_up) = (asked.len(), asked.iter().filter(|asked| is_recent(asked)).count());
        drop(asked);
        let stopping = self.0.ends.borrow().is_some();
        WorkerHealth {
            ready: queue.connected && !stopping && consumers > 0 && consumers_up == consumers,
            queue,
            consumers,
            consumers_up,
            stopping,
            under_way,
            oldest_under_way,
            counts: WorkerCounts::of(&self.0.counters),
        }
    }
}

impl fmt::Debug for WorkerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerHandle").finish_non_exhaustive()
    }
}

/// Whether a worker works, and what is known of why not. It holds no secrets; serialized, a `Duration` is a number of seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WorkerHealth {
    /// NATS is connected, each consumer has answered lately, and the worker does not stop.
    pub ready: bool,
    /// The connection to NATS.
    pub queue: QueueHealth,
    /// The consumers that it pulls from.
    pub consumers: usize,
    /// Those that have answered lately, if only that there is nothing to do, or whose handlers are all busy.
    pub consumers_up: usize,
    /// It is shutting down.
    pub stopping: bool,
    /// Requests whose handler runs.
    pub under_way: usize,
    /// For how long the oldest of them.
    #[serde(serialize_with = "some_seconds")]
    pub oldest_under_way: Option<Duration>,
    /// All counters.
    pub counts: WorkerCounts,
}

/// Why a worker cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// An order in one worker is none across workers.
    #[error(
        "the app asks for an order (Router::ordered_by), and the queue has none: open it with Queue::ordered, in the gateway too"
    )]
    Order,
    /// The Web API cannot be used.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The queue cannot be used.
    #[error(transparent)]
    Queue(#[from] QueueError),
}
