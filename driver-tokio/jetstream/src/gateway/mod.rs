//! The gateway: it holds the connections to Slack, and acknowledges what the stream has.

mod answered;
mod publish;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_nats::HeaderMap;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use socketmode_tokio::protocol::EnvelopeKind;
use socketmode_tokio::router::{ANSWER_WITHIN, Key};
use socketmode_tokio::{
    AckErrorKind, AckPolicy, BuildError, Builder, Client, Event, Events, Health, Request, StopReason,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tracing::{debug, warn};

use self::answered::Waiting;
use self::publish::Publisher;
use crate::counters::{Begun, Count, Counters, GatewayCounts, NotStored};
use crate::headers::{self, names};
use crate::queue::connection::{QueueHealth, end_of, some_seconds};
use crate::queue::{Kind, OpenQueue, QueueError};

/// Requests that a gateway has under way at a time. With more, it reads no more from Slack.
pub const MAX_UNDER_WAY: usize = 2048;
/// Slack's limit of connections of one app (<https://docs.slack.dev/apis/events-api/using-socket-mode>).
const SLACK_CONNECTIONS: usize = 10;

/// Takes requests from Slack, puts them into the queue, and acknowledges events once the queue has them. What workers answer in
/// time becomes the acknowledgement of commands, submissions and suggestions.
///
/// ```no_run
/// use socketmode_jetstream::{ConnectOptions, Gateway, Queue};
/// use socketmode_tokio::Client;
/// use std::time::Duration;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let queue = Queue::new("bot").connect("nats://nats:4222", ConnectOptions::new()).await?;
/// let gateway = Gateway::start(queue, Client::from_env()?).await?;
/// let stop = gateway.handle();
/// tokio::spawn(async move {
///     if tokio::signal::ctrl_c().await.is_ok() {
///         stop.shutdown(Duration::from_secs(10)).await;
///     }
/// });
/// gateway.run().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is read before run()"]
pub struct Gateway {
    queue: OpenQueue,
    client: Client,
    events: Events,
    counters: Counters,
    waiting: Waiting,
}

impl Gateway {
    /// Starts a gateway that is one of two: the other one goes on when this one is replaced or dies.
    ///
    /// # Errors
    /// See [`start_one_of`](Self::start_one_of).
    pub async fn start(queue: OpenQueue, client: Builder) -> Result<Self, StartError> {
        Self::start_one_of(2, queue, client).await
    }

    /// Starts one of so many gateways, each with the connections of this builder. Slack allows ten, and counts both connections
    /// during a rotation: the connections of all gateways, twice, must not be more. How many connections are to be
    /// expected of the others is set here, if the builder does not say.
    ///
    /// # Errors
    /// There would be too many connections, the builder lets the client acknowledge by itself, or the client cannot be built.
    pub async fn start_one_of(
        gateways: usize,
        queue: OpenQueue,
        client: Builder,
    ) -> Result<Self, StartError> {
        // It is one itself.
        let gateways = gateways.max(1);
        let mut wrong = None;
        let client = client.config(|config| {
            let others = gateways.saturating_sub(1).saturating_mul(config.connections);
            if gateways.saturating_mul(config.connections).saturating_mul(2) > SLACK_CONNECTIONS {
                wrong = Some(StartError::TooManyConnections { gateways, connections: config.connections });
            }
            let policies =
                [config.ack_events_api, config.ack_slash_commands, config.ack_interactive, config.ack_other];
            if policies.iter().any(|policy| *policy != AckPolicy::Manual) {
                wrong = Some(StartError::AckPolicy);
            }
            if config.expect_other_connections == 0 {
                config.expect_other_connections = others.try_into().unwrap_or(0);
            }
        });
        if let Some(wrong) = wrong {
            return Err(wrong);
        }
        let waiting = Waiting::start(queue.nats()).await.map_err(|error| QueueError::nats(&error))?;
        let (client, events) = client.connect()?;
        Ok(Self { queue, client, events, counters: Counters::default(), waiting })
    }

    /// The handle, for health and shutdown.
    #[must_use]
    pub fn handle(&self) -> GatewayHandle {
        GatewayHandle {
            client: self.client.clone(),
            queue: self.queue.clone(),
            counters: self.counters.clone(),
        }
    }

    /// Runs until the client is shut down or stops by itself, and what was taken is settled.
    ///
    /// # Errors
    /// The client stopped without being asked to, such as with a revoked token.
    ///
    /// # Cancel safety
    /// Dropping the future leaves what is under way without an acknowledgement; Slack sends events again.
    pub async fn run(self) -> Result<(), GatewayError> {
        let Self { queue, client: _client, mut events, counters, waiting } = self;
        let room = Arc::new(Semaphore::new(MAX_UNDER_WAY));
        // Its bound is the room.
        let (sender, taken) = mpsc::unbounded_channel();
        let publisher =
            Publisher { queue: queue.clone(), counters: counters.clone(), waiting: waiting.clone() };
        let publishing = tokio::spawn(publisher.run(taken));
        // It has no end of its own, and ends with this future.
        let mut answers = JoinSet::new();
        answers.spawn(waiting.run(counters.clone()));
        let mut stopped = None;
        while let Ok(place) = Arc::clone(&room).acquire_owned().await {
            match events.next().await {
                Some(Event::Stopped(reason)) => stopped = Some(reason),
                Some(event) => match event.into_request() {
                    Ok(request) => {
                        // The publisher ends after this.
                        let _ = sender.send(Taken::new(request, &queue, &counters, place));
                    }
                    Err(event) => debug!(?event),
                },
                None => break,
            }
        }
        drop(sender);
        let _ = publishing.await;
        // All of it is settled within the time that Slack waits.
        let all = u32::try_from(MAX_UNDER_WAY).unwrap_or(u32::MAX);
        if tokio::time::timeout(ANSWER_WITHIN * 2, room.acquire_many(all)).await.is_err() {
            warn!("requests were under way at the end");
        }
        drop(answers);
        if !queue.connection.flush().await {
            debug!("NATS was gone at the end");
        }
        match stopped {
            Some(StopReason::Requested) => Ok(()),
            Some(reason) => Err(GatewayError::Stopped(reason)),
            None => Err(GatewayError::DriverDropped),
        }
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("queue", &self.queue).finish_non_exhaustive()
    }
}

/// A request that was taken from Slack.
pub(super) struct Taken {
    request: Request,
    kind: Kind,
    subject: String,
    headers: HeaderMap,
    body: Bytes,
    /// When Slack will not wait for much longer.
    deadline: Instant,
    begun: Begun,
    _place: OwnedSemaphorePermit,
}

impl Taken {
    fn new(request: Request, queue: &OpenQueue, counters: &Counters, place: OwnedSemaphorePermit) -> Self {
        let (request, kind) = classify(request);
        let envelope = request.envelope();
        let Ids { event_id, team_id } = Ids::of(&request, kind);
        let id = event_id.as_deref().filter(|id| !id.is_empty()).unwrap_or(envelope.envelope_id());
        let key = match queue.key() {
            Some(Key::Team) => team_id.clone(),
            key => key.filter(|_| kind != Kind::Answered).and_then(|key| key.of(envelope)),
        };
        let subject = queue.names.subject(kind, key.as_deref().unwrap_or(id));
        let headers = headers::of(envelope, id, kind, team_id.as_deref());
        let body = Bytes::copy_from_slice(envelope.raw_json().as_bytes());
        let deadline = Instant::now() + ANSWER_WITHIN;
        Self { kind, subject, headers, body, deadline, begun: counters.begin(), _place: place, request }
    }

    /// Where its answer goes.
    fn expect_answer(&mut self, subject: &str) {
        self.headers.insert(names::ANSWER_TO, subject);
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.headers.insert(names::ANSWER_BY, headers::moment(SystemTime::now() + left).as_str());
    }
}

fn classify(request: Request) -> (Request, Kind) {
    use socketmode_tokio::InteractionRequest as Is;
    match request.kind() {
        EnvelopeKind::EventsApi => (request, Kind::Event),
        EnvelopeKind::SlashCommands => (request, Kind::Answered),
        EnvelopeKind::Interactive => {
            let interaction = request.interaction();
            let kind = match interaction {
                Is::ViewSubmission(_)
                | Is::BlockSuggestion(_)
                | Is::DialogSubmission(_)
                | Is::DialogSuggestion(_)
                | Is::InteractiveMessage(_) => Kind::Answered,
                _ => Kind::Interactive,
            };
            (interaction.into_request(), kind)
        }
        EnvelopeKind::Other(_) => (request, Kind::Interactive),
    }
}

/// What the headers say of a payload.
#[derive(Default, Deserialize)]
struct Ids {
    event_id: Option<String>,
    team_id: Option<String>,
}

impl Ids {
    /// Of an event they are at the top, where they are found without reading the event.
    fn of(request: &Request, kind: Kind) -> Self {
        match kind {
            Kind::Event => request.payload().unwrap_or_default(),
            _ => Self { event_id: None, team_id: Key::Team.of(request.envelope()) },
        }
    }
}

/// Acknowledges, and counts. Returns whether it has gone out in time.
pub(super) async fn acknowledge(
    request: Request,
    payload: Option<String>,
    counters: &Counters,
) -> Result<(), AckErrorKind> {
    let acked = match payload {
        Some(payload) => request.ack_with_json(payload).await,
        None => request.ack().await,
    };
    match acked {
        Ok(acked) => {
            counters.add(Count::Acknowledged);
            // Slack has shown its error, and takes no answer any more.
            if acked.late { Err(AckErrorKind::Lost) } else { Ok(()) }
        }
        Err(error) => {
            counters.add(Count::NotAcknowledged);
            debug!(%error, "stored, and not acknowledged");
            Err(error.kind())
        }
    }
}

/// Controls a gateway. Clones are of the same.
#[derive(Clone)]
pub struct GatewayHandle {
    client: Client,
    queue: OpenQueue,
    counters: Counters,
}

impl GatewayHandle {
    /// Closes the connections at a moment when nothing is under way, so that nothing has to be sent again, or after half of the
    /// grace; what is under way then has the other half. Then [`Gateway::run`] ends. Another gateway must be up before, as
    /// Slack sends requests to those that are. It goes on whether the future is awaited or not.
    pub fn shutdown(&self, grace: Duration) -> impl Future<Output = ()> + use<> {
        let handle = self.clone();
        let shutting = tokio::spawn(async move {
            let in_a_quiet_moment = handle.client.shutdown_when_quiet(grace / 2);
            if timeout_at(end_of(grace / 2), in_a_quiet_moment).await.is_err() {
                handle.client.shutdown(grace / 2).await;
            }
        });
        async move { shutting.await.unwrap_or_default() }
    }

    /// The client, for its own health, counters and recording.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether requests arrive and can be stored.
    #[must_use]
    pub fn health(&self) -> GatewayHealth {
        let client = self.client.health();
        let queue = self.queue.connection.health();
        let (under_way, oldest_under_way) = self.counters.under_way();
        GatewayHealth {
            ready: client.ready && queue.connected && under_way < MAX_UNDER_WAY,
            live: client.live && !self.queue.connection.has_ended(),
            client,
            queue,
            under_way,
            oldest_under_way,
            not_stored: NotStored::of(&self.counters),
            counts: GatewayCounts::of(&self.counters),
        }
    }
}

impl fmt::Debug for GatewayHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayHandle").finish_non_exhaustive()
    }
}

/// Whether a gateway works, and what is known of why not. It holds no secrets; serialized, a `Duration` is a number of seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GatewayHealth {
    /// Requests arrive and can be stored: the client is ready, NATS is connected, and there is room.
    pub ready: bool,
    /// The loop of the client turns, and NATS's client has not given up: if not, only a restart helps.
    pub live: bool,
    /// The client's own health.
    pub client: Health,
    /// The connection to NATS.
    pub queue: QueueHealth,
    /// Requests that are not stored, or not settled. At most [`MAX_UNDER_WAY`].
    pub under_way: usize,
    /// For how long the oldest of them.
    #[serde(serialize_with = "some_seconds")]
    pub oldest_under_way: Option<Duration>,
    /// Requests that were not stored, and so not acknowledged, by cause.
    pub not_stored: NotStored,
    /// All counters.
    pub counts: GatewayCounts,
}

/// Why a gateway cannot start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Slack would refuse some of the connections.
    #[error(
        "{gateways} gateways with {connections} connections each are up to {} during rotations, and Slack allows ten: use fewer",
        gateways.saturating_mul(*connections).saturating_mul(2)
    )]
    TooManyConnections {
        /// The gateways.
        gateways: usize,
        /// The connections of each.
        connections: usize,
    },
    /// The client would acknowledge what is not stored.
    #[error("the client acknowledges by itself, what may not be stored: leave ack_policy at Manual")]
    AckPolicy,
    /// The client cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// NATS does not answer.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// Why a gateway has ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// The client has stopped, and nobody asked for it.
    #[error("the client has stopped: {0}")]
    Stopped(StopReason),
    /// The runtime has dropped the client's task.
    #[error("the client's task was dropped before its end")]
    DriverDropped,
}
