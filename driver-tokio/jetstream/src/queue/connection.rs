//! The connection to NATS, and since when it is up.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{
    Client, ConnectOptions, Event, Message, Request, RequestError, RequestErrorKind, ServerAddr, Subject,
    ToServerAddrs,
};
use percent_encoding::percent_decode_str;
use serde::{Serialize, Serializer};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::QueueError;

/// How long the end of a process waits for NATS.
const FLUSH_WITHIN: Duration = Duration::from_secs(2);

/// An end that no clock reaches.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// The connection to NATS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct QueueHealth {
    /// It is up.
    pub connected: bool,
    /// How long it has been up, or down, in seconds when serialized.
    #[serde(serialize_with = "seconds")]
    pub since: Duration,
    /// How often it was lost.
    pub disconnects: u64,
}

#[derive(Clone, Copy)]
struct State {
    connected: bool,
    since: Instant,
    disconnects: u64,
}

#[derive(Clone)]
pub(crate) struct Connection {
    client: Client,
    state: watch::Receiver<State>,
}

impl Connection {
    pub(super) async fn open(
        servers: impl ToServerAddrs,
        options: ConnectOptions,
    ) -> Result<Self, QueueError> {
        // With the option to connect later, there is no connection yet.
        let start = State { connected: false, since: Instant::now(), disconnects: 0 };
        let (sender, state) = watch::channel(start);
        let sender = Arc::new(sender);
        let on_event = move |event| {
            let sender = Arc::clone(&sender);
            async move { note(&sender, &event) }
        };
        let (servers, options) = log_in(servers, options)?;
        let client = options.event_callback(on_event).connect(servers).await;
        let client = client.map_err(|error| QueueError::Connect(with_source(&error)))?;
        Ok(Self { client, state })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn is_up(&self) -> bool {
        self.state.borrow().connected
    }

    /// Whether the client has ended, as with `max_reconnects`: it is never up again.
    pub(crate) fn has_ended(&self) -> bool {
        self.state.has_changed().is_err()
    }

    /// Waits until it is up.
    pub(crate) async fn up(&self) {
        let mut state = self.state.clone();
        // An error means that the client has ended: then it is never up again.
        if state.wait_for(|state| state.connected).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until it is lost, from now on.
    pub(crate) async fn lost(&self) {
        let mut state = self.state.clone();
        let before = state.borrow_and_update().disconnects;
        // An error means that the client has ended.
        let _ = state.wait_for(|state| state.disconnects != before).await;
    }

    /// Waits until what was published has left. Returns whether it has.
    pub(crate) async fn flush(&self) -> bool {
        // Without a connection it would wait for one.
        matches!(timeout(FLUSH_WITHIN, self.client.flush()).await, Ok(Ok(())))
    }

    /// Sends a request. The time is also that of its way into the client, which takes nothing while it is full.
    pub(crate) async fn ask(
        &self,
        subject: Subject,
        request: Request,
        within: Duration,
    ) -> Result<Message, RequestError> {
        let reply = self.client.send_request(subject, request.timeout(None));
        let reply = timeout(within, reply).await;
        reply.unwrap_or_else(|_| Err(RequestError::new(RequestErrorKind::TimedOut)))
    }

    pub(crate) fn health(&self) -> QueueHealth {
        let state = *self.state.borrow();
        QueueHealth {
            connected: state.connected,
            since: state.since.elapsed(),
            disconnects: state.disconnects,
        }
    }
}

/// Takes a user, with or without a password, out of the addresses: async-nats does not use it, and logs addresses.
fn log_in(
    servers: impl ToServerAddrs,
    mut options: ConnectOptions,
) -> Result<(Vec<ServerAddr>, ConnectOptions), QueueError> {
    let unreadable = || QueueError::Connect("an address of NATS cannot be read".to_owned());
    let mut all = Vec::new();
    for server in servers.to_server_addrs().map_err(|_| unreadable())? {
        let mut url = server.into_inner();
        let user = decoded(url.username()).filter(|user| !user.is_empty());
        options = match (user, url.password()) {
            (Some(user), Some(password)) => {
                let password = decoded(password).ok_or_else(unreadable)?;
                options.user_and_password(user, password)
            }
            (Some(token), None) => options.token(token),
            (None, _) => options,
        };
        let is_bare = url.set_password(None).and_then(|()| url.set_username(""));
        is_bare.map_err(|()| unreadable())?;
        all.push(ServerAddr::from_url(url).map_err(|_| unreadable())?);
    }
    Ok((all, options))
}

/// A part of an address without its `%40`.
fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}

fn note(state: &watch::Sender<State>, event: &Event) {
    let now = Instant::now();
    match event {
        Event::Connected => {
            info!("connected to NATS");
            state.send_if_modified(|state| {
                let changed = !state.connected;
                if changed {
                    (state.connected, state.since) = (true, now);
                }
                changed
            });
        }
        Event::Disconnected | Event::Closed => {
            warn!(
                "the connection to NATS is lost: nothing is stored, and nothing acknowledged, until it is back"
            );
            state.send_if_modified(|state| {
                let changed = state.connected;
                if changed {
                    (state.connected, state.since) = (false, now);
                    state.disconnects += 1;
                }
                changed
            });
        }
        other => warn!(event = %other, "NATS"),
    }
}

/// An error with what is below it, of which async-nats shows only a part.
pub(crate) fn with_source(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let below = error.to_string();
        if !text.contains(&below) {
            text = format!("{text}: {below}");
        }
        source = error.source();
    }
    text
}

/// When this time is over. The longest one is longer than a clock can say.
pub(crate) fn end_of(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or(now + NEVER)
}

pub(crate) fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}

pub(crate) fn some_seconds<S: Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    duration.map(|duration| duration.as_secs_f64()).serialize(serializer)
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("health", &self.health()).finish_non_exhaustive()
    }
}
