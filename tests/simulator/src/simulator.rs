//! The handle: starting, stopping, looking.

use crate::record::{Ack, Call, Counters, DialRecord, FrameRecord, LinkInfo, OpenRecord, Snapshot};
use crate::server;
use crate::state::Shared;
use crate::state::waiters::Topic;
use crate::{App, CallAnswer, DialAnswer, EnvelopeId, NewApp, OpenAnswer, Options};
use serde_json::Value;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// A local Slack, running on a thread of its own until the last handle is dropped or [`stop`](Self::stop)
/// is called.
#[derive(Clone)]
pub struct Simulator {
    running: Arc<Running>,
}

/// What the handles share; its end is the simulator's.
pub(crate) struct Running {
    shared: Arc<Shared>,
    address: SocketAddr,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The simulator could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address is not loopback.
    #[error("the simulator listens on loopback only: use 127.0.0.1 or ::1 instead of {0}")]
    NotLoopback(IpAddr),
    /// The port could not be bound.
    #[error("cannot listen on {address}: choose another port, or 0 for any free one")]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// A token that was given is none of its kind. The error does not tell the token.
    #[error(
        "the {option} must begin with {prefix} and go on with letters, digits and other visible ASCII characters"
    )]
    Token {
        /// The option of the token.
        option: &'static str,
        /// What such tokens begin with.
        prefix: &'static str,
    },
    /// A token that was given is that of another app. The error does not tell the token.
    #[error("the {option} is that of another app: give each app one of its own")]
    TokenInUse {
        /// The option of the token.
        option: &'static str,
    },
    /// The system gave no random bytes for a token.
    #[error("cannot make a token: the system gives no random bytes")]
    Random(#[source] getrandom::Error),
    /// The system gave no thread or no event loop.
    #[error("cannot start the simulator's thread: are there too many threads or open files?")]
    Thread(#[source] std::io::Error),
}

impl Simulator {
    /// Starts a local Slack.
    ///
    /// # Errors
    ///
    /// When the address is not loopback or cannot be bound, a given token is none, or the system gives no thread or no
    /// random bytes.
    pub fn start(options: Options) -> Result<Self, StartError> {
        if !options.ip.is_loopback() {
            return Err(StartError::NotLoopback(options.ip));
        }
        let asked = SocketAddr::new(options.ip, options.port);
        let bind = |source| StartError::Bind { address: asked, source };
        let listener = std::net::TcpListener::bind(asked).map_err(bind)?;
        listener.set_nonblocking(true).map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let shared = Arc::new(Shared::new(options, address)?);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Thread)?;
        let theirs = Arc::clone(&shared);
        let slack = Self { running: Arc::new(Running { shared, address, thread: Mutex::new(None) }) };
        // Before there is somebody to ask for it; it is set once.
        let _ = theirs.running.set(Arc::downgrade(&slack.running));
        let thread = thread::Builder::new()
            .name("slack-simulator".to_owned())
            .spawn(move || server::run(&runtime, listener, &theirs))
            .map_err(StartError::Thread)?;
        *slack.running.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(slack)
    }

    /// Ends the simulator and closes all its sockets; waits under way fail. Safe to call twice.
    pub fn stop(&self) {
        self.running.stop();
    }

    /// Where the Web API is: `http://127.0.0.1:PORT/api/`, or below the
    /// [public origin](Self::set_public_origin).
    #[must_use]
    pub fn api_url(&self) -> String {
        self.shared().look(|state| format!("{}/api/", state.origin))
    }

    /// What the URLs of the Web API, of the links and of the responses begin with from now on: `https://…`
    /// (links are then `wss://…`) or `http://…`, for a simulator behind TLS or a proxy. Those given before
    /// stay as they are. Requests whose `Host` is that of this origin are answered from now on, as those to the
    /// simulator's own address are.
    pub fn set_public_origin(&self, origin: &str) {
        let origin = origin.trim_end_matches('/').to_owned();
        self.shared().change(|state| {
            state.guard.admit(&origin);
            state.origin = origin;
        });
    }

    /// Where it listens, whatever its public origin is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.running.address
    }

    /// The default app.
    #[must_use]
    pub fn app(&self) -> App {
        self.shared().look(|state| state.apps.default.clone())
    }

    /// The default app's app-level token, `xapp-…`.
    #[must_use]
    pub fn app_token(&self) -> String {
        self.app().app_token
    }

    /// The default app's bot token, `xoxb-…`.
    #[must_use]
    pub fn bot_token(&self) -> String {
        self.app().bot_token
    }

    /// Installs another app, with links, envelopes and random tokens of its own.
    ///
    /// # Errors
    ///
    /// When the system gives no random bytes.
    pub fn add_app(&self) -> Result<App, StartError> {
        self.install(&NewApp::default())
    }

    /// Installs another app, with links and envelopes of its own, and with this name and these tokens.
    ///
    /// # Errors
    ///
    /// When a token is none of its kind or that of another app, or the system gives no random bytes.
    pub fn install(&self, new: &NewApp) -> Result<App, StartError> {
        self.shared().change(|state| {
            let app = state.apps.add(&mut state.serial, new)?;
            state.directory.install(&app, &app.name);
            Ok(app)
        })
    }

    /// The links, oldest first.
    #[must_use]
    pub fn links(&self) -> Vec<LinkInfo> {
        self.shared().look(|state| state.links.all())
    }

    /// How many connections Slack counts for the default app: those that `num_connections` of the next hello tells, and
    /// that [`Options::max_links`] bounds. They are its links from the handshake to a close frame or the end of TCP, the
    /// half-open ones too, and its ghosts.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared().look(|state| state.counted(&state.apps.default.app_id))
    }

    /// How many of these are ghosts.
    #[must_use]
    pub fn ghosts(&self) -> usize {
        self.shared().look(|state| state.options.ghosts)
    }

    /// From now on the default app has so many ghosts: connections of other processes, or of dead ones, which Slack
    /// counts and gives their share of the envelopes. What a ghost gets is gone; events come again after the deadline,
    /// anything else does not.
    pub fn set_ghosts(&self, ghosts: usize) {
        self.shared().change(|state| state.options.ghosts = ghosts);
    }

    /// The counters.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared().look(|state| state.count())
    }

    /// The links and the counters at one moment.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.shared().look(|state| state.snapshot())
    }

    /// The frames on all links, oldest first.
    #[must_use]
    pub fn frames(&self) -> Vec<FrameRecord> {
        self.shared().look(|state| state.records.frames.iter().cloned().collect())
    }

    /// The calls of the Web API and the posts to a `response_url`, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared().look(|state| state.records.calls.iter().cloned().collect())
    }

    /// The [`calls`](Self::calls) after the first `seen` ever, as far as they are kept; `seen` is then all there were.
    #[must_use]
    pub fn calls_since(&self, seen: &mut u64) -> Vec<Call> {
        self.shared().look(|state| state.records.calls.since(seen).cloned().collect())
    }

    /// The [`acks`](Self::acks) after the first `seen` ever, as far as they are kept; `seen` is then all there were.
    #[must_use]
    pub fn acks_since(&self, seen: &mut u64) -> Vec<Ack> {
        self.shared().look(|state| state.envelopes.acks.since(seen).cloned().collect())
    }

    /// The acknowledgements of known envelopes, oldest first.
    #[must_use]
    pub fn acks(&self) -> Vec<Ack> {
        self.shared().look(|state| state.envelopes.acks.iter().cloned().collect())
    }

    /// The first few acknowledgements of one envelope: those that were due, and some beyond.
    #[must_use]
    pub fn acks_of(&self, id: &EnvelopeId) -> Vec<Ack> {
        self.shared().look(|state| state.envelopes.acks_of(id))
    }

    /// The `apps.connections.open` calls, oldest first.
    #[must_use]
    pub fn opens(&self) -> Vec<OpenRecord> {
        self.shared().look(|state| state.records.opens.iter().cloned().collect())
    }

    /// The dials, oldest first.
    #[must_use]
    pub fn dials(&self) -> Vec<DialRecord> {
        self.shared().look(|state| state.records.dials.iter().cloned().collect())
    }

    /// Scripts the answer to the next open that has none yet.
    pub fn next_open(&self, answer: OpenAnswer) {
        self.shared().change(|state| state.script.opens.push_back(answer));
    }

    /// Scripts the answer to all opens that have none of their own; `None` is back to Slack's usual.
    pub fn all_opens(&self, answer: Option<OpenAnswer>) {
        self.shared().change(|state| state.script.all_opens = answer);
    }

    /// Scripts the answer to the next dial that has none yet.
    pub fn next_dial(&self, answer: DialAnswer) {
        self.shared().change(|state| state.script.dials.push_back(answer));
    }

    /// Scripts the answer to all dials that have none of their own; `None` is back to Slack's usual.
    pub fn all_dials(&self, answer: Option<DialAnswer>) {
        self.shared().change(|state| state.script.all_dials = answer);
    }

    /// Scripts the answer to the next call of `method` that has none yet. A string as the body is sent as
    /// it is, anything else as JSON.
    pub fn next_call_answer(&self, method: &str, status: u16, headers: &[(&str, &str)], body: Value) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let answer = CallAnswer { status, headers, body };
        self.shared().change(|state| {
            state.script.calls.entry(method.to_owned()).or_default().push_back(answer);
        });
    }

    /// Holds back the answers to calls of `method` (`response_url` for posts to one) from now on. The calls are
    /// taken and recorded as they come.
    pub fn hold_answers(&self, method: &str) {
        self.shared().change(|state| state.script.held.insert(method.to_owned()));
    }

    /// Lets the answers go that were held back.
    pub fn release_answers(&self, method: &str) {
        self.shared().change(|state| {
            state.script.held.remove(method);
            state.waiters.wake(&Topic::Release);
        });
    }

    /// The handle of a simulator that runs, for its own thread.
    pub(crate) fn of(shared: &Shared) -> Option<Self> {
        Some(Self { running: shared.running.get()?.upgrade()? })
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.running.shared
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("address", &self.running.address).finish_non_exhaustive()
    }
}

impl Running {
    fn stop(&self) {
        self.shared.change(|state| {
            state.stopped = true;
            state.waiters.wake_all();
        });
        self.shared.stop.notify_one();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A waker run by the simulator may drop the last handle: a thread cannot wait for itself.
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != thread::current().id()) {
            // The thread catches nothing: had it panicked, its message is on stderr already.
            let _ = thread.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}
