//! What Slack counts after the process of a client is over, or stands still: the same test, started again as that process.

use crate::harness::{Bot, Clock, LONG, ms, press_button};
use futures_util::future::join;
use rustix::process::{Pid, Signal, kill_process};
use socketmode_async_std::AsyncStdTransport;
use socketmode_async_std::smol::SmolTransport;
use socketmode_driver::{AppToken, Builder, Client, Network, Runtime};
use socketmode_simulator::fault::Relay;
use socketmode_simulator::{CHANNEL, LinkEnd, Options, PERSON, Simulator, Snapshot};
use socketmode_tokio::TokioTransport;
use std::future::Future;
use std::process::{Child, Command, Stdio};

/// Where the process of the client finds its Slack.
const URL: &str = "DYING_CLIENT_URL";
/// What it does when it has acknowledged a message.
const DEATH: &str = "DYING_CLIENT_DEATH";
const LINKS: usize = 2;

/// How a process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Death {
    /// In order.
    Shutdown,
    /// The bot panics, with the driver in the background of its runtime.
    Panic,
    /// The same with the driver in the bot's own task.
    PanicBeside,
    /// The main function ends, and its runtime with it.
    Return,
    /// A panic that does not unwind (`panic = "abort"`).
    Abort,
    /// `std::process::exit`.
    Exit,
    /// SIGTERM without a handler.
    Terminated,
    /// SIGKILL: the system is out of memory, or a container's grace is over.
    Killed,
}

/// What Slack gets.
#[derive(Debug, PartialEq, Eq)]
enum Gets {
    CloseFrames,
    /// The end of TCP alone.
    TheEnd,
    /// One or the other: two threads race.
    Either,
}

impl Death {
    const ALL: [Self; 8] = [
        Self::Shutdown,
        Self::Panic,
        Self::PanicBeside,
        Self::Return,
        Self::Abort,
        Self::Exit,
        Self::Terminated,
        Self::Killed,
    ];

    /// A runtime of the whole process does not end before that does: its tasks are not dropped.
    fn gets(self, global_runtime: bool) -> Gets {
        match self {
            Self::Shutdown | Self::PanicBeside => Gets::CloseFrames,
            Self::Panic | Self::Return if !global_runtime => Gets::CloseFrames,
            Self::Panic => Gets::Either,
            Self::Return | Self::Abort | Self::Exit | Self::Terminated | Self::Killed => Gets::TheEnd,
        }
    }
}

#[test]
fn nothing_is_counted_after_the_end_of_a_tokio_process() {
    if !is_client(|death| on_tokio(client::<TokioTransport>(death))) {
        ends_and_is_counted_no_more(false);
    }
}

#[test]
fn nothing_is_counted_after_the_end_of_an_async_std_process() {
    if !is_client(|death| ::async_std::task::block_on(client::<AsyncStdTransport>(death))) {
        ends_and_is_counted_no_more(true);
    }
}

#[test]
fn nothing_is_counted_after_the_end_of_a_smol_process() {
    if !is_client(|death| ::smol::block_on(client::<SmolTransport>(death))) {
        ends_and_is_counted_no_more(true);
    }
}

#[test]
fn a_process_that_stands_still_is_counted_for_a_while() {
    if is_client(|death| on_tokio(client::<TokioTransport>(death))) {
        return;
    }
    let (ping_interval, counts_dead_for) = (Some(ms(100)), ms(1_500));
    let options = Options { ping_interval, counts_dead_for, ..Options::default() };
    let slack = Simulator::start(options).unwrap();
    let process = Process::start(&slack, Death::Shutdown);
    process.wait_for(&slack, |now| now.open_links() == LINKS && now.counters.pongs_received > 4);
    process.signal(Signal::STOP);
    let now = process.wait_for(&slack, |now| now.connections == 0);
    for link in now.links {
        assert_eq!(link.end, Some(LinkEnd::Silent));
    }
    // What stood still finds its links reset, and replaces them.
    process.signal(Signal::CONT);
    process.wait_for(&slack, |now| now.connections == LINKS && now.open_links() == LINKS);
}

#[test]
fn a_process_that_dies_behind_a_dead_path_is_counted_on() {
    if is_client(|death| on_tokio(client::<TokioTransport>(death))) {
        return;
    }
    let slack = Simulator::start(Options::default()).unwrap();
    let relay = Relay::start(slack.address()).unwrap();
    slack.set_public_origin(&format!("http://{}", relay.address()));
    let mut process = Process::start(&slack, Death::Killed);
    process.wait_for(&slack, |now| now.open_links() == LINKS);
    relay.stall(true);
    process.ends(&slack, Death::Killed);
    // The wire hears of it, and passes nothing on.
    let click = press_button(&slack, "vote", "yes");
    assert_eq!((slack.connections(), slack.snapshot().open_links()), (LINKS, LINKS));
    assert!(slack.acks_of(&click).is_empty());
    relay.stall(false);
    process.wait_for(&slack, |now| now.connections == 0);
}

/// For each way to end: the process has two links, acknowledges a message, and ends.
fn ends_and_is_counted_no_more(global_runtime: bool) {
    for death in Death::ALL {
        let slack = Simulator::start(Options::default()).unwrap();
        let mut process = Process::start(&slack, death);
        process.wait_for(&slack, |now| now.open_links() == LINKS);
        assert_eq!(slack.connections(), LINKS);
        process.ends(&slack, death);
        let now = process.wait_for(&slack, |now| {
            now.connections == 0 && now.links.iter().all(|link| link.gone_at.is_some())
        });
        let ends: Vec<_> = now.links.into_iter().map(|link| link.end.unwrap()).collect();
        let closed = |end: &LinkEnd| matches!(end, LinkEnd::ClosedByClient(Some(1000 | 1001)));
        let cut = |end: &LinkEnd| matches!(end, LinkEnd::Lost(_));
        assert!(
            match death.gets(global_runtime) {
                Gets::CloseFrames => ends.iter().all(closed),
                Gets::TheEnd => ends.iter().all(cut),
                Gets::Either => ends.iter().all(|end| closed(end) || cut(end)),
            },
            "{death:?}: {ends:?}"
        );
    }
}

/// The client's process. It is killed when it is dropped.
struct Process(Child);

impl Process {
    /// This test once more, as the process of the client.
    fn start(slack: &Simulator, death: Death) -> Self {
        let test = std::thread::current().name().unwrap().to_owned();
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &test, "--nocapture"])
            .env(URL, slack.api_url())
            .env(DEATH, format!("{death:?}"))
            .env(AppToken::VARIABLE, slack.app_token())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(process.unwrap())
    }

    /// Has it end in this way, and waits until it has.
    fn ends(&mut self, slack: &Simulator, death: Death) {
        match death {
            Death::Killed => self.signal(Signal::KILL),
            Death::Terminated => self.signal(Signal::TERM),
            _ => drop(slack.say(PERSON, CHANNEL, "the last words")),
        }
        self.0.wait().unwrap();
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    fn wait_for(&self, slack: &Simulator, holds: impl FnMut(&Snapshot) -> bool) -> Snapshot {
        ::smol::block_on(slack.wait_until(LONG, holds)).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether this is the client's process; then it was run.
fn is_client(run: impl FnOnce(Death)) -> bool {
    let Ok(death) = std::env::var(DEATH) else { return false };
    run(*Death::ALL.iter().find(|known| format!("{known:?}") == death).unwrap());
    if death == format!("{:?}", Death::Return) {
        // As the end of a main function, without the drop of what else the test harness has.
        std::process::exit(0);
    }
    true
}

fn on_tokio(client: impl Future<Output = ()>) {
    crate::harness::on_tokio(client);
}

/// Acknowledges a message, and ends.
async fn client<R: Runtime>(death: Death) {
    let clock = Clock::<R>::new();
    let builder = Client::<R>::builder(AppToken::from_env().unwrap())
        .base_url(std::env::var(URL).unwrap())
        .network(Network::default().no_proxy())
        .connections(LINKS)
        .config(|config| config.backoff_base = ms(100));
    if death == Death::PanicBeside {
        let (client, events, driver) = builder.build().unwrap();
        join(driver, last_words(Bot::new(client, events, clock), death)).await;
    } else {
        connected(builder, clock, death).await;
    }
}

async fn connected<R: Runtime>(builder: Builder<R>, clock: Clock<R>, death: Death) {
    let (client, events) = builder.connect().unwrap();
    last_words(Bot::new(client, events, clock), death).await;
}

async fn last_words<R: Runtime>(mut bot: Bot<R>, death: Death) {
    let request = loop {
        // For as long as the test looks at something else.
        let event = bot.events.next().await.unwrap();
        if let Ok(request) = event.into_request() {
            break request;
        }
    };
    request.ack().await.unwrap();
    match death {
        Death::Shutdown => drop(bot.client.shutdown(LONG).await),
        // Its events are still there when the runtime ends, as those of a bot in another task.
        Death::Return => std::mem::forget(bot),
        Death::Exit => std::process::exit(0),
        Death::Abort => {
            std::panic::set_hook(Box::new(|_| std::process::abort()));
            panic!("the bot's own");
        }
        Death::Panic | Death::PanicBeside => panic!("the bot's own"),
        Death::Killed | Death::Terminated => std::future::pending().await,
    }
}
