//! The processes, what is done to them, and what is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{self, Nats, Outcome, PATIENCE, has_nats};
use socketmode_jetstream::{ConnectOptions, Gateway, OpenQueue, Queue, Worker};
use socketmode_simulator::{CHANNEL, EnvelopeId, Options, PERSON, Simulator};
use socketmode_tokio::Client;
use socketmode_tokio::payload::MessageEvent;
use socketmode_tokio::router::{Router, State};
use tokio::signal::unix::{SignalKind, signal};

const ROLE: &str = "SOCKETMODE_KILLS_ROLE";
const SERVERS: &str = "SOCKETMODE_KILLS_SERVERS";
const FILE: &str = "SOCKETMODE_KILLS_FILE";

/// What is done to the processes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    /// SIGKILL, in turn: a gateway, a worker, the server that leads the stream.
    Kill,
    /// SIGTERM: each worker is replaced by a new one, again and again.
    RollWorkers,
    /// The same with gateways.
    RollGateways,
}

#[tokio::main(flavor = "multi_thread")]
pub(crate) async fn run() -> Outcome {
    match std::env::var(ROLE).as_deref() {
        Ok("gateway") => return gateway().await,
        Ok("worker") => return worker().await,
        _ => {}
    }
    if !has_nats("kills") {
        return Ok(());
    }
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: u32| -> Outcome<u32> {
        let at = arguments.iter().position(|argument| argument == name);
        let value = at.and_then(|at| arguments.get(at + 1));
        Ok(value.map(|value| value.parse()).transpose()?.unwrap_or(default))
    };
    let (events, rate, runs) = (number("--events", 1_000)?, number("--rate", 250)?, number("--runs", 1)?);
    let only =
        arguments.iter().position(|argument| argument == "--only").and_then(|at| arguments.get(at + 1));
    let is_slack = arguments.iter().any(|argument| argument == "--slack-schedule");
    let mut nats = Nats::start(3).await?;
    for run in 0..runs {
        for what in [What::Kill, What::RollWorkers, What::RollGateways] {
            if only.is_some_and(|only| *only != format!("{what:?}")) {
                continue;
            }
            let start = Instant::now();
            println!("test {what:?}, run {run}: {events} events at {rate}/s");
            run_once(&mut nats, what, events, rate, is_slack).await?;
            println!("test {what:?}, run {run} ... ok ({:.0?})", start.elapsed());
        }
    }
    println!("test result: ok. {runs} runs");
    Ok(())
}

async fn open(servers: &str) -> Outcome<OpenQueue> {
    let queue = Queue::new("bot").max_bytes(256 << 20).ack_wait(Duration::from_secs(5));
    Ok(queue.connect(common::servers(servers)?, ConnectOptions::new()).await?)
}

async fn terminated() -> Outcome {
    signal(SignalKind::terminate())?.recv().await;
    Ok(())
}

async fn gateway() -> Outcome {
    log();
    let gateway = Gateway::start(open(&std::env::var(SERVERS)?).await?, Client::from_env()?).await?;
    let handle = gateway.handle();
    let looks = gateway.handle();
    tokio::spawn(async move {
        terminated().await.ok();
        handle.shutdown(Duration::from_secs(10)).await;
    });
    gateway.run().await?;
    let health = looks.health();
    let shed = looks.client().stats().shed_while_stopping;
    eprintln!(
        "a gateway has ended, {shed} shed: {}",
        serde_json::to_string(&(health.counts, health.not_stored))?
    );
    Ok(())
}

/// Its handler writes a line for each event, so that what was handled is known though it is killed.
async fn worker() -> Outcome {
    log();
    let path = PathBuf::from(std::env::var(FILE)?);
    let app = Router::new(path)
        .event::<MessageEvent, _>(async |said: MessageEvent, State(path): State<PathBuf>| {
            tokio::time::sleep(Duration::from_millis(2)).await;
            let line = format!("{}\n", said.text.unwrap_or_default());
            let mut file = OpenOptions::new().append(true).create(true).open(path)?;
            file.write_all(line.as_bytes())
        })
        .build()?;
    let worker = Worker::new(open(&std::env::var(SERVERS)?).await?, app)?;
    let handle = worker.handle();
    let looks = worker.handle();
    tokio::spawn(async move {
        terminated().await.ok();
        handle.shutdown(Duration::from_secs(10));
    });
    worker.run().await?;
    eprintln!("a worker has ended: {}", serde_json::to_string(&looks.health().counts)?);
    Ok(())
}

fn log() {
    if std::env::var("KILLS_LOG").is_ok() {
        tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    }
}

/// The processes of a bot.
struct Bot<'a> {
    slack: &'a Simulator,
    servers: String,
    folder: PathBuf,
    started: u32,
    gateways: Vec<Child>,
    workers: Vec<Child>,
    /// Those that were told to end.
    leaving: Vec<Child>,
}

impl Bot<'_> {
    fn spawn(&mut self, role: &str) -> Outcome<Child> {
        self.started += 1;
        let file = self.folder.join(format!("handled-{}", self.started));
        let mut command = Command::new(std::env::current_exe()?);
        command.env(ROLE, role).env(SERVERS, &self.servers).env(FILE, file).stdin(Stdio::null());
        command.env("SLACK_API_URL", self.slack.api_url()).env("SLACK_APP_TOKEN", self.slack.app_token());
        Ok(command.spawn()?)
    }

    fn gateway(&mut self) -> Outcome {
        let gateway = self.spawn("gateway")?;
        self.gateways.push(gateway);
        Ok(())
    }

    fn worker(&mut self) -> Outcome {
        let worker = self.spawn("worker")?;
        self.workers.push(worker);
        Ok(())
    }

    /// The oldest one is told to end.
    fn leave(&mut self, what: What) -> Outcome {
        let of = if what == What::RollGateways { &mut self.gateways } else { &mut self.workers };
        self.leaving.push(of.remove(0));
        self.leaving.last().map_or(Ok(()), terminate)
    }

    /// How often each event was handled.
    fn handled(&self) -> BTreeMap<u32, u32> {
        let mut handled = BTreeMap::new();
        for number in 1..=self.started {
            let text =
                std::fs::read_to_string(self.folder.join(format!("handled-{number}"))).unwrap_or_default();
            for line in text.lines() {
                *handled.entry(line.parse().unwrap_or(u32::MAX)).or_default() += 1;
            }
        }
        handled
    }
}

impl Drop for Bot<'_> {
    fn drop(&mut self) {
        for child in self.gateways.iter_mut().chain(&mut self.workers).chain(&mut self.leaving) {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn kill(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn terminate(child: &Child) -> Outcome {
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
    Ok(())
}

async fn run_once(nats: &mut Nats, what: What, events: u32, rate: u32, is_slack: bool) -> Outcome {
    let queue = open(&nats.addresses()).await?;
    let mut options = Options { record_frames: false, ..Options::default() };
    if !is_slack {
        // The same number of copies, sooner.
        options.redelivery = [0, 5, 15].map(Duration::from_secs).to_vec();
    }
    let last_copy = options.redelivery.iter().sum::<Duration>();
    let slack = Simulator::start(options)?;
    let folder = std::env::temp_dir().join(format!("socketmode-kills-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (gateways, workers, leaving) = (Vec::new(), Vec::new(), Vec::new());
    let mut bot =
        Bot { slack: &slack, servers: nats.addresses(), folder, started: 0, gateways, workers, leaving };
    for _ in 0..2 {
        bot.gateway()?;
        bot.worker()?;
    }
    slack.wait_for_links(2, PATIENCE).await?;

    let start = Instant::now();
    let mut sent: Vec<EnvelopeId> = Vec::new();
    let steps = 6;
    let mut step = 0;
    let mut back_at: Option<(u32, usize)> = None;
    for number in 0..events {
        let due = start + Duration::from_secs_f64(f64::from(number) / f64::from(rate));
        tokio::time::sleep_until(due.into()).await;
        sent.push(slack.say(PERSON, CHANNEL, &number.to_string()));
        if let Some((_, server)) = back_at.filter(|(at, _)| *at <= number) {
            nats.restart(server)?;
            back_at = None;
        }
        if number >= (step + 1) * events / (steps + 1) {
            match (what, step % 3) {
                (What::Kill, 0) => {
                    kill(&mut bot.gateways.remove(0));
                    bot.gateway()?;
                }
                (What::Kill, 1) => {
                    kill(&mut bot.workers.remove(0));
                    bot.worker()?;
                }
                (What::Kill, _) if step < 3 => {
                    back_at = Some((number + 2 * rate, nats.kill_leader(&queue).await?));
                }
                (What::Kill, _) => {}
                // The new one is there before the old one goes, as an orchestrator does it.
                (What::RollGateways, _) => {
                    bot.gateway()?;
                    slack.wait_for_links(3, PATIENCE).await?;
                    bot.leave(What::RollGateways)?;
                }
                (What::RollWorkers, _) => {
                    bot.worker()?;
                    bot.leave(What::RollWorkers)?;
                }
            }
            step += 1;
        }
    }
    if let Some((_, server)) = back_at {
        nats.restart(server)?;
    }
    // Until the last copy was sent and handled.
    let end = Instant::now() + last_copy + Duration::from_secs(30);
    let mut acked = BTreeSet::new();
    let mut seen = 0;
    while (bot.handled().len() < sent.len() || acked.len() < sent.len()) && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(200)).await;
        acked.extend(slack.acks_since(&mut seen).into_iter().map(|ack| ack.envelope_id));
    }
    report(what, &slack, &sent, &bot.handled(), start)?;
    drop(bot);
    for stream in [queue.stream_name(), queue.dead_stream_name()] {
        queue.jetstream().delete_stream(stream).await?;
    }
    Ok(())
}

fn report(
    what: What,
    slack: &Simulator,
    sent: &[EnvelopeId],
    handled: &BTreeMap<u32, u32>,
    start: Instant,
) -> Outcome {
    let mut acked = BTreeMap::new();
    for ack in slack.acks() {
        acked.entry(ack.envelope_id.clone()).or_insert(ack);
    }
    let of = |number: usize| handled.get(&(number as u32)).copied().unwrap_or(0);
    let lost = (0..sent.len()).filter(|number| of(*number) == 0).count();
    let acked_lost = sent.iter().enumerate().filter(|(n, id)| acked.contains_key(*id) && of(*n) == 0).count();
    let twice: u32 = handled.values().map(|times| times - 1).sum();
    let not_acked = sent.iter().filter(|id| !acked.contains_key(*id)).count();
    let copies = acked.values().filter(|ack| ack.delivery > 1).count();
    let overdue = acked.values().filter(|ack| ack.delivery > 1 || ack.after > Duration::from_secs(3)).count();
    let mut after: Vec<_> = acked.values().filter(|ack| ack.delivery == 1).map(|ack| ack.after).collect();
    after.sort();
    let at =
        |share: f64| after.get(((after.len() as f64 - 1.0) * share) as usize).copied().unwrap_or_default();
    if std::env::var("KILLS_LOG").is_ok() {
        let slow =
            |id: &&EnvelopeId| acked.get(*id).is_some_and(|ack| ack.after > Duration::from_millis(150));
        for id in sent.iter().filter(slow) {
            println!("{:?}", acked.get(id).map(|ack| (ack.link, ack.after, ack.at, ack.delivery)));
        }
        for link in slack.links() {
            println!("{link:?}");
        }
    }
    println!(
        "  {what:?}: {} sent, {lost} lost, {acked_lost} acknowledged and lost, {twice} handled twice, {not_acked} never acknowledged, {copies} acknowledged as a copy, {overdue} overdue; acknowledged after p50 {:.1?}, p99 {:.1?}, longest {:.1?}; all handled after {:.1?}",
        sent.len(),
        at(0.5),
        at(0.99),
        at(1.0),
        start.elapsed()
    );
    if lost + acked_lost + not_acked > 0 {
        return Err("an event is lost".into());
    }
    // Of a gateway, what Slack sends while the close frame is on its way comes again 3 s later.
    if what == What::RollWorkers && overdue > 0 {
        return Err("an event is overdue".into());
    }
    Ok(())
}
