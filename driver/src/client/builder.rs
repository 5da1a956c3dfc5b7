//! The builder of a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use socketmode_protocol::{AckPolicy, Config, ConfigError, SocketMode};

use super::Client;
use super::events::Events;
use crate::health::pulse::Pulse;
use crate::net::Network;
use crate::recorder::{self, Machine};
use crate::request::mailbox::Mailbox;
use crate::run::driver::Driver;
use crate::run::open_call::OpenCall;
use crate::run::queue::EventQueue;
use crate::token::{AppToken, TokenError};
use crate::transport::{Runtime, Transport, TransportError};
use crate::web;
use crate::web::base_url::BaseUrl;

/// The base of Slack's Web API.
pub(super) const SLACK_API: &str = "https://slack.com/api/";
/// Default of [`Builder::queue_capacity`].
const QUEUE_CAPACITY: usize = 1024;

/// Builds a client. All settings have defaults that suit a bot on slack.com.
///
/// ```
/// use socketmode_driver::{
///     AppToken, BuildError, Client, Events, Runtime, protocol::AckPolicy,
/// };
/// use std::time::Duration;
///
/// fn start<R: Runtime>(
///     token: AppToken,
/// ) -> Result<(Client<R>, Events), BuildError> {
///     Client::builder(token)
///         .connections(2)
///         .deduplicate(Duration::from_secs(3_600))
///         .ack_policy(AckPolicy::BeforeDeadline(Duration::from_millis(2_500)))
///         .config(|config| config.silence = Duration::from_secs(20))
///         .connect()
/// }
/// ```
#[must_use = "nothing happens before connect() or build()"]
pub struct Builder<T> {
    token: AppToken,
    base_url: String,
    config: Config,
    queue_capacity: usize,
    seed: Option<u64>,
    network: Option<Network>,
    transport: Option<Arc<T>>,
    recording: recorder::Settings,
}

impl<T: Runtime> Client<T> {
    /// Starts a builder for the app of this token.
    pub fn builder(token: AppToken) -> Builder<T> {
        Builder::new(token)
    }

    /// Starts a builder from the environment: `SLACK_APP_TOKEN`, and `SLACK_API_URL` if it is set (the base URL of the Web
    /// API, such as `https://slack.com/api/`).
    ///
    /// # Errors
    /// The environment has no app-level token.
    pub fn from_env() -> Result<Builder<T>, TokenError> {
        let builder = Builder::new(AppToken::from_env()?);
        Ok(match base_url_of_the_environment() {
            Some(url) => builder.base_url(url),
            None => builder,
        })
    }
}

/// `SLACK_API_URL`, if it is set.
pub(super) fn base_url_of_the_environment() -> Option<String> {
    let url = std::env::var(Builder::<()>::BASE_URL_VARIABLE).ok()?;
    let url = url.trim();
    (!url.is_empty()).then(|| url.to_owned())
}

impl<T> Builder<T> {
    /// The environment variable with the base URL of the Web API, for [`Client::from_env`].
    pub const BASE_URL_VARIABLE: &'static str = "SLACK_API_URL";

    /// Default of [`recording_bytes`](Self::recording_bytes).
    pub const RECORDING_BYTES: usize = recorder::RECORDING_BYTES;

    pub(crate) fn new(token: AppToken) -> Self {
        Self {
            token,
            base_url: SLACK_API.into(),
            config: Config::default(),
            queue_capacity: QUEUE_CAPACITY,
            seed: None,
            network: None,
            transport: None,
            recording: recorder::Settings { bytes: recorder::RECORDING_BYTES, writer: None },
        }
    }

    /// The base URL of the Web API, instead of `https://slack.com/api/`: `https`, or `http` to this machine. The token is
    /// sent there, and WebSockets may lead to its host as well as to Slack's (for others see [`Config::allowed_hosts`]).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The number of connections to keep open, 1 to 10. Default 1; see [`Config::connections`].
    pub fn connections(mut self, connections: usize) -> Self {
        self.config.connections = connections;
        self
    }

    /// Who acknowledges envelopes, for all kinds of them. Default [`AckPolicy::Manual`]. [`config`](Self::config) sets it for
    /// each kind.
    pub fn ack_policy(mut self, policy: AckPolicy) -> Self {
        self.config.ack_events_api = policy;
        self.config.ack_slash_commands = policy;
        self.config.ack_interactive = policy;
        self.config.ack_other = policy;
        self
    }

    /// Deliver each event once, even if Slack sends it again within this time after its acknowledgement. Default off; see
    /// [`Config::deduplicate`].
    pub fn deduplicate(mut self, window: Duration) -> Self {
        self.config.deduplicate = Some(window);
        self
    }

    /// Ask Slack for connections that live only 360 s, to test rotations. Default `false`.
    pub fn debug_reconnects(mut self, on: bool) -> Self {
        self.config.debug_reconnects = on;
        self
    }

    /// Changes any field of the [`Config`]: time-outs, back-off, policies, verdicts.
    pub fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// The number of envelopes that may wait in [`Events`] before reading from Slack pauses. Default 1024. Reading also
    /// pauses at 64 MiB. The queue can exceed this by what one turn of the loop reads: from each connection 64 frames, or
    /// 64 KiB and the message that exceeds them. A new connection may add as much again until its hello, and so may a
    /// connection to which writing failed.
    pub fn queue_capacity(mut self, envelopes: usize) -> Self {
        self.queue_capacity = envelopes;
        self
    }

    /// The seed of the jitter, instead of random numbers of the operating system: for tests that must run the same way each
    /// time. Do not use one seed for several clients in production: they would all reconnect at the same moment.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Proxy, certificates, and the time-out of a connection. Default: the proxy of the environment, and the certificates of
    /// the platform.
    pub fn network(mut self, network: Network) -> Self {
        self.network = Some(network);
        self
    }

    /// The memory for the last inputs and outputs of the state machine, in bytes; 0 records nothing. Default
    /// [`RECORDING_BYTES`](Self::RECORDING_BYTES): an envelope and its acknowledgement take about 90 bytes. It is rounded up
    /// to a multiple of 16 KiB, at least 32 KiB, and used as it fills. [`Client::recording`] gives it out, and
    /// [`Recording`](crate::Recording) says what is in it.
    pub fn recording_bytes(mut self, bytes: usize) -> Self {
        self.recording.bytes = bytes;
        self
    }

    /// Writes the recording to this writer as well, all of it and while it is made: for a client that runs longer than
    /// memory can hold. About 400 bytes for an envelope and its acknowledgement.
    ///
    /// A thread of its own writes, and the loop never waits for it. What the writer is too slow for, or cannot write, is left
    /// out: a line says `left_out` and how many records, and the header of [`Client::recording`] has their number as
    /// `unwritten`. A recording can be replayed up to there. When the [`Driver`] is dropped, the rest is written, and the
    /// writer is flushed and dropped.
    ///
    /// ```
    /// # use socketmode_driver::{AppToken, BuildError, Client, Events, Runtime};
    /// fn start<R: Runtime>(
    ///     token: AppToken,
    /// ) -> Result<(Client<R>, Events), Box<dyn std::error::Error>> {
    ///     let file = std::fs::File::create("recording.jsonl")?;
    ///     Ok(Client::builder(token).recording_to(file).connect()?)
    /// }
    /// ```
    pub fn recording_to(mut self, writer: impl std::io::Write + Send + 'static) -> Self {
        self.recording.writer = Some(Box::new(writer));
        self
    }

    /// Uses an existing transport, which several clients can share. It has its own [`Network`].
    pub fn transport(mut self, transport: impl Into<Arc<T>>) -> Self {
        self.transport = Some(transport.into());
        self
    }
}

impl<T: Runtime> Builder<T> {
    /// Starts the client in the background of the current runtime.
    ///
    /// # Errors
    /// The base URL or the configuration is invalid, the transport cannot be created, or there is no runtime.
    pub fn connect(self) -> Result<(Client<T>, Events), BuildError> {
        let (client, events, driver) = self.build()?;
        T::spawn(async move {
            driver.await;
        })
        .map_err(BuildError::Transport)?;
        Ok((client, events))
    }

    /// Returns the [`Driver`] future instead of starting it. Await or spawn it yourself.
    ///
    /// # Errors
    /// The base URL or the configuration is invalid, or the transport cannot be created.
    pub fn build(mut self) -> Result<(Client<T>, Events, Driver<T>), BuildError> {
        let transport = match (self.transport.take(), self.network.take()) {
            (Some(_), Some(_)) => return Err(BuildError::TwoNetworks),
            (Some(transport), None) => transport,
            (None, network) => {
                let transport = T::with_network(&network.unwrap_or_default());
                Arc::new(transport.map_err(BuildError::Transport)?)
            }
        };
        self.build_on(transport)
    }
}

impl<T: Transport> Builder<T> {
    pub(crate) fn build_on(self, transport: Arc<T>) -> Result<(Client<T>, Events, Driver<T>), BuildError> {
        if self.queue_capacity == 0 {
            return Err(BuildError::QueueCapacity);
        }
        let base = BaseUrl::parse(&self.base_url, self.config.allow_plain_ws)
            .map_err(|why| BuildError::BaseUrl { why })?;
        let mut config = self.config;
        if self.base_url != SLACK_API {
            config.allowed_hosts.push(base.host().to_owned());
        }
        let call = OpenCall::new(base, self.token);
        let seed = match self.seed {
            Some(seed) => seed,
            None => getrandom::u64().map_err(|_| BuildError::Entropy)?,
        };
        let start = transport.now();
        let machine = SocketMode::new(config.clone(), seed, start)?;
        let recording = recorder::start(self.recording, &config, seed, start);
        let (recorder, recording) = recording.map_err(|_| BuildError::RecordingThread)?.unzip();
        let machine = Machine::new(machine, recorder);
        let (mailbox, queue) = (Mailbox::new(), EventQueue::new(self.queue_capacity));
        let pulse = Pulse::default();
        let client = Client {
            calls: web::turns(),
            transport: Arc::clone(&transport),
            mailbox: mailbox.clone(),
            pulse: pulse.clone(),
            queue: queue.clone(),
            call: Arc::new(call.clone()),
            config: Arc::new(config),
            recording,
        };
        let driver = Driver::new(transport, machine, call, (mailbox, queue.clone(), pulse));
        Ok((client, Events::new(queue), driver))
    }
}

impl<T> fmt::Debug for Builder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Why a client cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The base URL cannot be used.
    #[error("the base URL cannot be used: {why} (it should look like https://slack.com/api/)")]
    BaseUrl {
        /// Why.
        why: &'static str,
    },
    /// The configuration is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The queue has no room.
    #[error("queue_capacity is 0: set it to 1 or more, or no envelope can be delivered")]
    QueueCapacity,
    /// Both [`Builder::transport`] and [`Builder::network`] were called.
    #[error("both network() and transport() were called: give the network settings to the transport instead")]
    TwoNetworks,
    /// The transport cannot be created.
    #[error("the transport cannot be created: {0}")]
    Transport(TransportError),
    /// The operating system provides no random numbers.
    #[error("the operating system provides no random numbers: set a different seed() in each process")]
    Entropy,
    /// The operating system gives no thread to write the recording.
    #[error(
        "the thread that writes the recording cannot be started: leave out recording_to(), or allow more threads"
    )]
    RecordingThread,
}
