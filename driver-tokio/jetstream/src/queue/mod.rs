//! The queue: its settings, what they are in NATS, and how both sides open it.

pub(crate) mod check;
pub(crate) mod connection;
mod names;

use std::fmt;
use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::context::{ContextBuilder, CreateStreamErrorKind};
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::stream::{self, DiscardPolicy, RetentionPolicy, StorageType};
use async_nats::jetstream::{Context, consumer};
use socketmode_tokio::router::Key;
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use self::check::Weakness;
use self::connection::Connection;
pub(crate) use self::names::{Kind, Names, hash};

/// Partitions for each kind of request with an order: each has a consumer, replicated as the stream is.
pub const MAX_PARTITIONS: u16 = 64;
/// The shortest window in which the stream knows a copy of an event: Slack sends one again up to 5 min later, and copies
/// 368 s apart have been seen.
pub const MIN_DUPLICATE_WINDOW: Duration = Duration::from_secs(600);
/// Default of [`Queue::max_bytes`].
const MAX_BYTES: i64 = 1 << 30;
/// Default of [`Queue::max_age`]: a weekend and a day.
const MAX_AGE: Duration = Duration::from_secs(3 * 24 * 3600);
/// Default of [`Queue::duplicate_window`].
const DUPLICATE_WINDOW: Duration = Duration::from_secs(20 * 60);
/// Default of [`Queue::ack_wait`].
const ACK_WAIT: Duration = Duration::from_secs(10);
/// JetStream counts nanoseconds, which end after 292 years.
pub(crate) const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
/// How long dead letters are kept.
const DEAD_AGE: Duration = Duration::from_secs(30 * 24 * 3600);
/// Pull requests that may wait at one consumer: one for each worker.
const MAX_WAITING: i64 = 512;
/// Requests that all workers together may have in hand, of one kind without an order.
const MAX_IN_HAND: i64 = 20_000;
/// How often NATS is asked whether it is there. Two pings without an answer end a connection.
const PING_EVERY: Duration = Duration::from_secs(5);
/// How long a call of JetStream's own API may take.
const API_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a cluster without a leader is waited for at the start.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(500);

/// The settings of a queue, the same in the gateway and in the workers. One app has one queue.
///
/// ```no_run
/// use socketmode_jetstream::{ConnectOptions, Queue, QueueError};
/// use socketmode_tokio::router::Key;
///
/// # async fn open() -> Result<(), Box<dyn std::error::Error>> {
/// let options = ConnectOptions::with_credentials_file("bot.creds").await?;
/// let queue = Queue::new("bot")
///     .ordered(Key::Thread, 8)
///     .connect("tls://nats.internal", options)
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing happens before connect()"]
pub struct Queue {
    app: String,
    replicas: usize,
    max_bytes: i64,
    max_age: Duration,
    duplicate_window: Duration,
    ack_wait: Duration,
    order: Option<(Key, u16)>,
}

impl Queue {
    /// The queue of the app with this name, which becomes a part of subjects: letters, digits, `-` and `_`.
    pub fn new(app: impl Into<String>) -> Self {
        Self {
            app: app.into(),
            replicas: 3,
            max_bytes: MAX_BYTES,
            max_age: MAX_AGE,
            duplicate_window: DUPLICATE_WINDOW,
            ack_wait: ACK_WAIT,
            order: None,
        }
    }

    /// On how many servers each request is stored before Slack gets its acknowledgement. Default 3, of which one may be
    /// lost.
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// One server is enough: for development. What it has acknowledged is lost with its disk, and in the moment of a power
    /// cut also what it has not written yet.
    pub fn allow_single(self) -> Self {
        self.replicas(1)
    }

    /// How much may wait, in bytes. More is refused: it is not acknowledged, and Slack sends events again. Default 1 GiB. It is
    /// used when the stream is created; an existing one must have a bound, of any size.
    pub fn max_bytes(mut self, bytes: i64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// How long a request may wait for a worker. Older ones are gone. Default three days.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// How long the stream knows the id of an event, so that a copy is not stored twice. Default 20 min, at least
    /// [`MIN_DUPLICATE_WINDOW`].
    pub fn duplicate_window(mut self, window: Duration) -> Self {
        self.duplicate_window = window;
        self
    }

    /// After which silence of a worker its requests go to another one. Default 10 s. A worker that lives says so three times
    /// as often, however long a handler takes.
    pub fn ack_wait(mut self, wait: Duration) -> Self {
        self.ack_wait = wait;
        self
    }

    /// Handle events with the same key one after another, across all workers and their crashes, and clicks likewise: by so many
    /// partitions, each of which one worker handles at a time. What has no key is spread by its id. Default: no order.
    ///
    /// Commands, submissions and suggestions have no order: somebody waits for them.
    pub fn ordered(mut self, key: Key, partitions: u16) -> Self {
        self.order = Some((key, partitions));
        self
    }

    /// Connects to NATS, with its own options for TLS, credentials and NKeys (its pings are set to 5 s, and its event callback
    /// is used here) or as the user in the addresses (`nats://user:password@host`), and makes sure that nothing can be lost
    /// silently: a stream or a consumer that does not exist is created; one that is weaker than these settings is an error. A
    /// cluster that does not answer is asked again for a minute.
    ///
    /// # Errors
    /// There is no connection, or the queue is weaker than asked for. The error says how to fix it.
    pub async fn connect(
        self,
        servers: impl async_nats::ToServerAddrs,
        options: ConnectOptions,
    ) -> Result<OpenQueue, QueueError> {
        self.validate()?;
        let connection = Connection::open(servers, options.ping_interval(PING_EVERY)).await?;
        let context = ContextBuilder::new().timeout(API_TIMEOUT).build(connection.client().clone());
        let names = Names::new(&self.app, self.order.map(|(_, partitions)| partitions));
        let open = OpenQueue { settings: self, names, connection, context };
        let end = Instant::now() + PATIENCE;
        if timeout_at(end, open.connection.up()).await.is_err() {
            return Err(QueueError::Connect("no server has answered for a minute".to_owned()));
        }
        loop {
            match open.prepare().await {
                // A cluster that has just lost a server is without a leader for some seconds.
                Err(error) if error.may_pass() && Instant::now() < end => {
                    warn!(%error, "the queue cannot be opened yet; it is tried again");
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => return Err(error),
                Ok(()) => return Ok(open),
            }
        }
    }

    fn validate(&self) -> Result<(), QueueError> {
        let is_fine = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if self.app.is_empty() || self.app.len() > 64 || !self.app.chars().all(is_fine) {
            return Err(QueueError::Setting("the app's name must be 1 to 64 letters, digits, - or _"));
        }
        if !matches!(self.replicas, 1 | 3 | 5) {
            return Err(QueueError::Setting("the replicas must be 1, 3 or 5"));
        }
        if self.duplicate_window < MIN_DUPLICATE_WINDOW || self.duplicate_window > self.max_age {
            return Err(QueueError::Setting(
                "the window for duplicates must be 10 minutes or more, and no longer than max_age",
            ));
        }
        if self.max_age > LONGEST {
            return Err(QueueError::Setting("max_age must be 100 years or less"));
        }
        if self.max_bytes < 1 {
            return Err(QueueError::Setting("max_bytes must be 1 or more"));
        }
        if self.ack_wait < Duration::from_secs(1) || self.ack_wait > LONGEST {
            return Err(QueueError::Setting("ack_wait must be 1 s or more, and 100 years or less"));
        }
        match self.order {
            Some((_, partitions)) if partitions == 0 || partitions > MAX_PARTITIONS => {
                Err(QueueError::Setting("an order needs 1 to 64 partitions"))
            }
            _ => Ok(()),
        }
    }

    fn stream(&self, names: &Names) -> stream::Config {
        stream::Config {
            name: names.stream(),
            description: Some("Requests of Slack that wait for a worker (socketmode)".to_owned()),
            subjects: names.subjects(),
            retention: RetentionPolicy::WorkQueue,
            storage: StorageType::File,
            discard: DiscardPolicy::New,
            max_bytes: self.max_bytes,
            max_age: self.max_age,
            duplicate_window: self.duplicate_window,
            num_replicas: self.replicas,
            ..stream::Config::default()
        }
    }

    fn dead_stream(&self, names: &Names) -> stream::Config {
        stream::Config {
            name: names.dead_stream(),
            description: Some("Requests of Slack that no worker could handle (socketmode)".to_owned()),
            subjects: vec![names.dead_subjects()],
            retention: RetentionPolicy::Limits,
            max_age: DEAD_AGE,
            duplicate_window: self.duplicate_window.min(DEAD_AGE),
            ..self.stream(names)
        }
    }

    fn consumer(&self, durable: String, filter: String, is_ordered: bool) -> pull::Config {
        pull::Config {
            durable_name: Some(durable),
            filter_subject: filter,
            deliver_policy: consumer::DeliverPolicy::All,
            ack_policy: consumer::AckPolicy::Explicit,
            ack_wait: self.ack_wait,
            // The worker counts, and makes a dead letter of it: after the server's own limit a request would wait unseen.
            max_deliver: -1,
            max_ack_pending: if is_ordered { 1 } else { MAX_IN_HAND },
            max_waiting: MAX_WAITING,
            ..pull::Config::default()
        }
    }
}

/// A queue that was checked, and a connection to it. Clones share the connection.
#[derive(Clone)]
pub struct OpenQueue {
    settings: Queue,
    pub(crate) names: Names,
    pub(crate) connection: Connection,
    pub(crate) context: Context,
}

/// Whether this confirmation says that the stream has stored it. Without a number it is that of a copy whose original is still
/// on its way to the replicas, by some versions of the server; and a subject can have got another stream.
pub(crate) fn is_stored(ack: &PublishAck, stream: &str) -> bool {
    ack.sequence > 0 && ack.stream == stream
}

/// A consumer, and what it is for.
pub(crate) struct Lane {
    pub(crate) kind: Kind,
    pub(crate) is_ordered: bool,
    pub(crate) consumer: PullConsumer,
}

impl OpenQueue {
    /// The NATS client, for programs that use more of it.
    #[must_use]
    pub fn nats(&self) -> &async_nats::Client {
        self.connection.client()
    }

    /// JetStream, for the same.
    #[must_use]
    pub fn jetstream(&self) -> &Context {
        &self.context
    }

    /// The name of the stream.
    #[must_use]
    pub fn stream_name(&self) -> String {
        self.names.stream()
    }

    /// The name of the stream of dead letters.
    #[must_use]
    pub fn dead_stream_name(&self) -> String {
        self.names.dead_stream()
    }

    pub(crate) fn ack_wait(&self) -> Duration {
        self.settings.ack_wait
    }

    pub(crate) fn key(&self) -> Option<Key> {
        self.settings.order.map(|(key, _)| key)
    }

    /// Creates what is missing, and checks the rest.
    async fn prepare(&self) -> Result<(), QueueError> {
        check::server(self.nats().server_info().max_payload)?;
        let streams = [self.settings.stream(&self.names), self.settings.dead_stream(&self.names)];
        for wanted in streams {
            let stream = self.context.get_or_create_stream(wanted.clone()).await;
            let stream = stream.map_err(|error| match error.kind() {
                CreateStreamErrorKind::JetStream(_) => QueueError::create(&wanted, &error),
                _ => QueueError::nats(&error),
            })?;
            check::stream(&wanted, &stream.cached_info().config)?;
        }
        self.lanes().await.map(drop)
    }

    /// The consumers, which are created if they do not exist.
    pub(crate) async fn lanes(&self) -> Result<Vec<Lane>, QueueError> {
        let stream = self.context.get_stream_no_info(self.names.stream()).await;
        let stream = stream.map_err(|error| QueueError::nats(&error))?;
        let mut lanes = Vec::new();
        for (kind, is_ordered, durable, filter) in self.names.consumers() {
            let wanted = self.settings.consumer(durable.clone(), filter, is_ordered);
            let consumer: PullConsumer = stream
                .get_or_create_consumer(&durable, wanted.clone())
                .await
                .map_err(|error| QueueError::nats(&error))?;
            check::consumer(&self.names.stream(), &wanted, &consumer.cached_info().config)?;
            lanes.push(Lane { kind, is_ordered, consumer });
        }
        Ok(lanes)
    }
}

impl fmt::Debug for OpenQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenQueue").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Why a queue cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// A setting is invalid.
    #[error("{0}")]
    Setting(&'static str),
    /// There is no connection to NATS.
    #[error("no connection to NATS: {0}")]
    Connect(String),
    /// The stream cannot be created.
    #[error("the stream {stream} cannot be created with {replicas} replicas: {why}{}", hint(*replicas))]
    Create {
        /// Its name.
        stream: String,
        /// On how many servers it is to be stored.
        replicas: usize,
        /// What JetStream says.
        why: String,
    },
    /// It exists, and is weaker than asked for: something could be lost without a word.
    #[error(transparent)]
    Weak(#[from] Box<Weakness>),
    /// JetStream does not answer as it should.
    #[error("JetStream: {0}")]
    Nats(String),
}

fn hint(replicas: usize) -> &'static str {
    if replicas > 1 {
        "; start a cluster of as many servers with JetStream, or allow a single server for development (--allow-single)"
    } else {
        ""
    }
}

impl QueueError {
    /// Whether it may be gone when it is tried again.
    fn may_pass(&self) -> bool {
        matches!(self, Self::Nats(_))
    }

    fn create(wanted: &stream::Config, error: &dyn std::error::Error) -> Self {
        Self::Create {
            stream: wanted.name.clone(),
            replicas: wanted.num_replicas,
            why: connection::with_source(error),
        }
    }

    pub(crate) fn nats(error: &dyn std::error::Error) -> Self {
        Self::Nats(connection::with_source(error))
    }
}
