//! What the scenarios share: a local Slack with a client beside it, and waits that say what came instead.

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use socketmode_driver::{
    AppToken, Builder, Client, Driver, Event, Events, Network, Notice, Request, Runtime,
};
use socketmode_model::replay;
use socketmode_protocol::{ConnectionError, ConnectionId, Instant, StopReason};
use socketmode_simulator::{EnvelopeId, LinkId, OpenAnswer, Options, Simulator};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// For what should come soon, on however busy a machine.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// For one thing that should come, though others come all the time.
const PATIENCE: Duration = Duration::from_secs(300);
/// How many of those others are shown.
const SHOWN: usize = 20;

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Makes a test of each scenario on each driver. A driver more is a block more.
macro_rules! on_each_driver {
    ($($scenario:ident),+ $(,)?) => {
        mod tokio {
            $(
                #[test]
                fn $scenario() {
                    crate::harness::on_tokio(super::$scenario::<socketmode_tokio::TokioTransport>());
                }
            )+
        }
        mod async_std {
            $(
                #[test]
                fn $scenario() {
                    ::async_std::task::block_on(super::$scenario::<socketmode_async_std::AsyncStdTransport>());
                }
            )+
        }
        mod smol {
            $(
                #[test]
                fn $scenario() {
                    ::smol::block_on(super::$scenario::<socketmode_async_std::smol::SmolTransport>());
                }
            )+
        }
    };
}
pub(crate) use on_each_driver;

pub(crate) fn on_tokio(scenario: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(scenario);
}

/// A local Slack, and what a client needs to reach it.
pub(crate) struct Stage<R: Runtime> {
    pub(crate) slack: Simulator,
    pub(crate) clock: Clock<R>,
}

impl<R: Runtime> Stage<R> {
    pub(crate) fn new(options: Options) -> Self {
        Self::on(Simulator::start(options).unwrap())
    }

    /// At a local Slack that runs already.
    pub(crate) fn on(slack: Simulator) -> Self {
        Self { slack, clock: Clock::new() }
    }

    /// A client of this Slack that retries quickly: what the scenarios look at does not depend on it.
    pub(crate) fn builder(&self) -> Builder<R> {
        self.builder_on(Arc::clone(&self.clock.transport))
    }

    /// The same by another way.
    pub(crate) fn builder_by(&self, network: &Network) -> Builder<R> {
        self.builder_on(Arc::new(R::with_network(network).unwrap()))
    }

    pub(crate) fn app_token(&self) -> AppToken {
        AppToken::new(&self.slack.app_token()).unwrap()
    }

    fn builder_on(&self, transport: Arc<R>) -> Builder<R> {
        Client::builder(self.app_token()).base_url(self.slack.api_url()).transport(transport).config(
            |config| {
                config.backoff_base = ms(100);
                config.backoff_cap = ms(300);
                config.drain_quiet = ms(200);
            },
        )
    }

    /// A bot in the background of the runtime.
    pub(crate) fn bot(&self, builder: Builder<R>) -> Bot<R> {
        let (client, events) = builder.connect().unwrap();
        Bot::new(client, events, self.clock.clone())
    }

    /// The same, with its first link up.
    pub(crate) async fn connected(&self, builder: Builder<R>) -> (Bot<R>, LinkId) {
        let mut bot = self.bot(builder);
        bot.connected().await;
        let link = self.slack.wait_for_links(1, LONG).await.unwrap()[0].id;
        (bot, link)
    }

    /// Waits until every link is closed and its TCP connection gone.
    pub(crate) async fn all_gone(&self) {
        self.slack.wait_until(LONG, |now| now.links.iter().all(|link| link.gone_at.is_some())).await.unwrap();
    }
}

/// The runtime's clock, by its transport.
pub(crate) struct Clock<R> {
    pub(crate) transport: Arc<R>,
}

impl<R> Clone for Clock<R> {
    fn clone(&self) -> Self {
        Self { transport: Arc::clone(&self.transport) }
    }
}

impl<R: Runtime> Clock<R> {
    pub(crate) fn new() -> Self {
        Self { transport: Arc::new(R::with_network(&Network::default()).unwrap()) }
    }

    pub(crate) fn now(&self) -> Instant {
        self.transport.now()
    }

    pub(crate) async fn sleep(&self, time: Duration) {
        self.transport.sleep_until(self.now() + time).await;
    }

    /// What the future gives, or `None` when it takes too long.
    pub(crate) async fn within<T>(&self, time: Duration, future: impl Future<Output = T>) -> Option<T> {
        match select(pin!(future), pin!(self.sleep(time))).await {
            Either::Left((result, _)) => Some(result),
            Either::Right(_) => None,
        }
    }

    /// For what should be over soon.
    pub(crate) async fn soon<T>(&self, what: &str, future: impl Future<Output = T>) -> T {
        self.within(LONG, future).await.unwrap_or_else(|| panic!("waited {LONG:?} for {what}"))
    }

    /// Waits for what only a look can tell.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        self.soon(what, async {
            while !holds() {
                self.sleep(ms(5)).await;
            }
        })
        .await;
    }
}

/// A client whose events the scenario reads itself.
pub(crate) struct Bot<R: Runtime> {
    pub(crate) client: Client<R>,
    pub(crate) events: Events,
    pub(crate) clock: Clock<R>,
    /// Requests that came while something else was waited for.
    requests: VecDeque<Request>,
    seen: Vec<String>,
    patience: Duration,
}

impl<R: Runtime> Bot<R> {
    pub(crate) fn new(client: Client<R>, events: Events, clock: Clock<R>) -> Self {
        Self { client, events, clock, requests: VecDeque::new(), seen: Vec::new(), patience: PATIENCE }
    }

    /// The next event, by one who waits since then.
    async fn event(&mut self, what: &str, since: Instant) -> Option<Event> {
        let waited = self.clock.now().saturating_since(since);
        let seen = &self.seen[self.seen.len().saturating_sub(SHOWN)..];
        assert!(waited < self.patience, "waited {waited:?} for {what}, and other things came: … {seen:#?}");
        let event = self.clock.within(LONG, self.events.next()).await;
        let event = event.unwrap_or_else(|| panic!("waited {LONG:?} for {what}; seen: {:#?}", self.seen));
        self.seen.push(format!("{event:?}"));
        event
    }

    /// Reads events until one is what is waited for.
    pub(crate) async fn until<T>(&mut self, what: &str, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        let since = self.clock.now();
        loop {
            let Some(event) = self.event(what, since).await else {
                panic!("the events ended before {what}; seen: {:#?}", self.seen)
            };
            if let Some(picked) = pick(&event) {
                return picked;
            }
            self.requests.extend(event.into_request().ok());
        }
    }

    pub(crate) async fn connected(&mut self) -> ConnectionId {
        self.until("a connection", |event| match event {
            Event::Notice(Notice::Connected { connection, .. }) => Some(*connection),
            _ => None,
        })
        .await
    }

    pub(crate) async fn failure(&mut self) -> ConnectionError {
        self.until("a failed attempt", |event| match event {
            Event::Notice(Notice::ConnectionError { error, .. }) => Some(error.clone()),
            _ => None,
        })
        .await
    }

    pub(crate) async fn stopped(&mut self) -> StopReason {
        self.until("the end", |event| match event {
            Event::Stopped(reason) => Some(reason.clone()),
            _ => None,
        })
        .await
    }

    /// The next envelope.
    pub(crate) async fn request(&mut self) -> Request {
        let since = self.clock.now();
        loop {
            if let Some(request) = self.requests.pop_front() {
                return request;
            }
            let Some(event) = self.event("an envelope", since).await else {
                panic!("the events ended before an envelope; seen: {:#?}", self.seen)
            };
            self.requests.extend(event.into_request().ok());
        }
    }

    /// Shuts down and reads to the end: `Stopped` comes once, as the last event, within the grace.
    pub(crate) async fn ends(mut self, grace: Duration) {
        let start = self.clock.now();
        let reason = self.clock.soon("the shutdown", self.client.shutdown(grace)).await;
        assert!(self.clock.now() < start + grace, "it took longer than its grace");
        assert_eq!(reason, Some(StopReason::Requested));
        self.over().await;
    }

    /// Reads to the end: `Stopped` comes once, as the last event.
    pub(crate) async fn over(&mut self) {
        let (from, since) = (self.seen.len(), self.clock.now());
        while self.event("the end of the events", since).await.is_some() {}
        let rest = &self.seen[from..];
        let stops = rest.iter().filter(|event| event.contains("Stopped(Requested)")).count();
        assert_eq!(stops, 1, "{rest:#?}");
        // The very last is the end of the stream.
        assert!(rest[rest.len() - 2].contains("Stopped(Requested)"), "{rest:#?}");
        plays_again(&self.client);
    }

    /// Acknowledges everything from here on, in the background.
    pub(crate) fn acknowledge_all(self) -> Worker<R> {
        let Self { client, mut events, clock, requests, .. } = self;
        let log = Arc::new(Mutex::new(Log::default()));
        let (over, ended) = oneshot::channel();
        let theirs = Arc::clone(&log);
        R::spawn(async move {
            requests.into_iter().for_each(|request| theirs.lock().unwrap().acknowledge(request));
            while let Some(event) = events.next().await {
                let mut log = theirs.lock().unwrap();
                match event.into_request() {
                    Ok(request) => log.acknowledge(request),
                    Err(other) => log.notices.push(format!("{other:?}")),
                }
            }
            let _ = over.send(());
        })
        .unwrap();
        Worker { client, clock, log, ended }
    }
}

/// A client whose events are read and acknowledged in the background.
pub(crate) struct Worker<R: Runtime> {
    pub(crate) client: Client<R>,
    pub(crate) clock: Clock<R>,
    pub(crate) log: Arc<Mutex<Log>>,
    ended: oneshot::Receiver<()>,
}

impl<R: Runtime> Worker<R> {
    pub(crate) async fn ends(self) -> Log {
        self.client.shutdown(LONG);
        self.clock.soon("the end of the events", self.ended).await.unwrap();
        plays_again(&self.client);
        std::mem::take(&mut *self.log.lock().unwrap())
    }
}

/// What a [`Worker`] was told.
#[derive(Default)]
pub(crate) struct Log {
    /// How many times each envelope came.
    pub(crate) deliveries: BTreeMap<EnvelopeId, u32>,
    /// Everything else.
    pub(crate) notices: Vec<String>,
}

impl Log {
    fn acknowledge(&mut self, request: Request) {
        *self.deliveries.entry(EnvelopeId::new(request.envelope_id())).or_default() += 1;
        request.ack();
    }
}

/// What the client has recorded gives the same outputs in the machine alone, and breaks no invariant, unless its beginning has
/// made room.
fn plays_again<R: Runtime>(client: &Client<R>) {
    let recording = client.recording();
    if recording.dropped() == 0 && recording.records() > 0 {
        let read = replay::read(&recording.to_string()).unwrap();
        let (played, problems) = replay::play(&read, false);
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert!(problems.is_empty() && played.outputs > 0, "{problems:#?}\n{recording}");
    }
}

/// Somebody presses a button of a message that the bot has posted before.
pub(crate) fn press_button(slack: &Simulator, action_id: &str, value: &str) -> EnvelopeId {
    slack.press(&slack.button_before(action_id, value), action_id).unwrap()
}

/// Runs a driver in the background until it ends or the handle is dropped, which drops the driver.
pub(crate) fn run_until_dropped<R: Runtime>(driver: Driver<R>) -> oneshot::Sender<()> {
    let (handle, dropped) = oneshot::channel::<()>();
    R::spawn(async move { drop(select(driver, dropped).await) }).unwrap();
    handle
}

#[test]
#[should_panic(expected = "for a connection, and other things came:")]
fn a_wait_ends_though_other_events_come() {
    on_tokio(async {
        let stage = Stage::<socketmode_tokio::TokioTransport>::new(Options::default());
        for _ in 0..1_000 {
            stage.slack.next_open(OpenAnswer::Error("internal_error".into()));
        }
        let mut bot = stage.bot(stage.builder());
        bot.patience = ms(200);
        bot.connected().await;
    });
}
