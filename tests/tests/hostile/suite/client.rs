//! The client's process: it connects, waits for the envelope that says that Slack is decent again, acknowledges it, and
//! ends; beside it another task runs that notes how long it had to wait.

use super::canary::{Canary, Waits};
use super::traffic::Gauge;
use super::{Attack, Driver, Phase, all, frames, memory};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use socketmode_async_std::AsyncStdTransport;
use socketmode_async_std::smol::SmolTransport;
use socketmode_driver::protocol::Config;
use socketmode_driver::{
    AppToken, BotToken, Client, Event, Events, Network, Notice, Request, Roots, Runtime,
};
use socketmode_tokio::TokioTransport;
use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};

/// The environment variable with the [`Order`].
pub(super) const ORDER: &str = "SOCKETMODE_HOSTILE_CLIENT";
/// What the lines to the parent begin with.
pub(super) const IDLE: &str = "IDLE ";
pub(super) const REPORT: &str = "REPORT ";

/// For what should come soon, on however busy a machine.
const LONG: Duration = Duration::from_secs(30);
/// The time-outs of a client that is not to need them.
const PATIENCE: Duration = Duration::from_secs(20);
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// What the process is to do.
#[derive(Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) attack: String,
    pub(super) driver: String,
    pub(super) base_url: String,
    pub(super) proxy: Option<String>,
    pub(super) authority: String,
    /// The file with the count of what the peer has sent.
    pub(super) traffic: PathBuf,
}

/// What the process saw.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    /// The envelope came.
    pub(crate) delivered: bool,
    /// What became of its acknowledgement.
    pub(crate) acknowledged: Option<String>,
    /// The first that a connection, an attempt or a call ended with.
    pub(crate) ended_by: Option<String>,
    /// When that was, after the start.
    pub(crate) ended_after_ms: u64,
    /// A call of the Web API after the one that was attacked.
    pub(crate) called_again: bool,
    /// How long the shutdown in the middle of the attack took, and the last one; `None` where it did not end.
    pub(crate) shutdowns_ms: Vec<Option<u64>>,
    /// The most that was resident, in KiB.
    pub(crate) peak: Option<u64>,
    /// What it was like for another task.
    pub(crate) waits: Waits,
}

/// Whether this process is a client's; if so, it has done its work.
pub(crate) fn run_if_child() -> bool {
    let Ok(order) = std::env::var(ORDER) else { return false };
    let order: Order = serde_json::from_str(&order).expect("an order");
    let attack = all().into_iter().find(|attack| attack.name == order.attack).expect("an attack");
    let report = match Driver::of(&order.driver).expect("a driver") {
        Driver::Tokio => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(run::<TokioTransport>(attack, &order)),
        // With the main task on a thread of the runtime.
        Driver::TokioThreads => {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            runtime.expect("a runtime").block_on(run::<TokioTransport>(attack, &order))
        }
        Driver::AsyncStd => async_std::task::block_on(run::<AsyncStdTransport>(attack, &order)),
        Driver::Smol => smol::block_on(run::<SmolTransport>(attack, &order)),
    };
    println!("\n{REPORT}{}", serde_json::to_string(&report).expect("a report"));
    true
}

async fn run<R: Runtime>(attack: Attack, order: &Order) -> Report {
    let connect_timeout = if attack.is_patient() { PATIENCE } else { Duration::from_millis(800) };
    let mut network = Network::default()
        .no_proxy()
        .add_root_certificates(&*order.authority)
        .roots(Roots::AddedOnly)
        .connect_timeout(connect_timeout);
    if let Some(proxy) = &order.proxy {
        network = network.proxy(proxy);
    }
    let transport = Arc::new(R::with_network(&network).expect("a transport"));
    let canary = Canary::new(Gauge::open(&order.traffic).expect("the peer's count"));
    R::spawn(Arc::clone(&canary).run(Arc::clone(&transport))).expect("another task");
    let connect = || {
        let token = AppToken::new("xapp-1-A1-1-0123456789abcdef").expect("a token");
        let builder =
            Client::<R>::builder(token).base_url(&*order.base_url).transport(Arc::clone(&transport));
        builder.config(|config| configure(config, &attack)).connect().expect("a client")
    };
    // By now the runtime has all its threads and the other task runs.
    sleep(&*transport, Duration::from_millis(50)).await;
    println!("\n{IDLE}{}", memory::resident().unwrap_or(0));

    canary.begin();
    let mut bot = Bot { transport: &*transport, start: Instant::now(), report: Report::default() };
    let (client, mut events) = connect();
    if attack.unread {
        sleep(&*transport, Duration::from_secs(1)).await;
    }
    if within(&*transport, LONG, bot.served(&mut events)).await.is_some() {
        if attack.phase == Phase::Draining {
            within(&*transport, LONG, bot.until_an_end(&mut events)).await;
        }
        if attack.phase == Phase::Web {
            bot.calls(&client, &attack).await;
        }
        if attack.comes_again() {
            let (another, _events) = connect();
            sleep(&*transport, Duration::from_millis(300)).await;
            bot.shutdown(&another).await;
        }
    }
    within(&*transport, LONG, canary.turned(&*transport)).await;
    bot.shutdown(&client).await;
    let (stats, mut report) = (client.stats(), bot.report);
    if report.ended_by.is_none() && stats.failed_attempts + stats.lost_connections > 0 {
        report.ended_by = Some("something that only the counters tell of".to_owned());
    }
    report.peak = memory::peak("self");
    report.waits = canary.end();
    report
}

/// Deadlines as a test can wait for.
fn configure(config: &mut Config, attack: &Attack) {
    let ms = Duration::from_millis;
    let short = if attack.is_patient() { PATIENCE } else { ms(1_200) };
    config.open_timeout = short;
    config.dial_timeout = short;
    config.hello_timeout = short;
    config.silence = short;
    config.client_ping = Some(short / 2);
    config.close_timeout = ms(300);
    config.drain_timeout = ms(1_500);
    config.linger = ms(500);
    config.drain_quiet = ms(300);
    config.backlog_pause = ms(500);
    config.backoff_base = ms(100);
    config.backoff_cap = ms(300);
}

struct Bot<'a, R> {
    transport: &'a R,
    start: Instant,
    report: Report,
}

impl<R: Runtime> Bot<'_, R> {
    /// Acknowledges whatever comes, until the envelope is there and acknowledged.
    async fn served(&mut self, events: &mut Events) {
        while let Some(event) = events.next().await {
            let Some(request) = self.note(event) else { continue };
            let last = request.envelope_id() == frames::AFTER;
            let acknowledged = request.ack();
            if last {
                self.report.delivered = true;
                let outcome = within(self.transport, LONG, acknowledged).await;
                self.report.acknowledged = Some(match outcome {
                    Some(Ok(_)) => "sent".to_owned(),
                    Some(Err(error)) => error.to_string(),
                    None => "no outcome".to_owned(),
                });
                return;
            }
        }
    }

    /// Waits until a connection has ended.
    async fn until_an_end(&mut self, events: &mut Events) {
        while self.report.ended_by.is_none() {
            let Some(event) = events.next().await else { return };
            drop(self.note(event).map(Request::ack));
        }
    }

    /// The request in it, or what it says of a connection's end.
    fn note(&mut self, event: Event) -> Option<Request> {
        match event.into_request() {
            Ok(request) => return Some(request),
            Err(Event::Notice(Notice::Disconnected { reason, .. })) => self.ended(format!("{reason:?}")),
            Err(Event::Notice(Notice::IncomingError { detail, .. })) => {
                self.ended(format!("read error: {detail}"));
            }
            Err(Event::Notice(Notice::ConnectionError { error, .. })) => self.ended(error.to_string()),
            Err(Event::Stopped(reason)) => self.ended(format!("stopped: {reason}")),
            Err(_) => {}
        }
        None
    }

    fn ended(&mut self, by: String) {
        if self.report.ended_by.is_none() {
            self.report.ended_by = Some(by);
            self.report.ended_after_ms = ms(self.start.elapsed());
        }
    }

    /// Two calls, of which the first is attacked.
    async fn calls(&mut self, client: &Client<R>, attack: &Attack) {
        let token = BotToken::new("xoxb-1-2-abc").expect("a token");
        let timeout = if attack.is_patient() { PATIENCE } else { Duration::from_millis(1_200) };
        let web = client.web(token).timeout(timeout);
        self.start = Instant::now();
        match within(self.transport, LONG, web.call::<Value>("auth.test", &())).await {
            Some(Ok(_)) => {}
            Some(Err(error)) => self.ended(error.to_string()),
            None => self.ended("nothing at all".to_owned()),
        }
        let again = within(self.transport, LONG, web.call::<Value>("auth.test", &())).await;
        self.report.called_again = matches!(again, Some(Ok(_)));
    }

    async fn shutdown(&mut self, client: &Client<R>) {
        let start = Instant::now();
        let ended = within(self.transport, LONG, client.shutdown(GRACE)).await.flatten();
        self.report.shutdowns_ms.push(ended.map(|_| ms(start.elapsed())));
    }
}

pub(super) fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

pub(super) async fn sleep<R: Runtime>(transport: &R, time: Duration) {
    transport.sleep_until(transport.now() + time).await;
}

async fn within<R: Runtime, T>(transport: &R, time: Duration, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), pin!(sleep(transport, time))).await {
        Either::Left((result, _)) => Some(result),
        Either::Right(_) => None,
    }
}
