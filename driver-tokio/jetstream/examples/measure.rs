//! Measures a gateway and a worker with three `nats-server` on this machine, next to the same app without a queue.
//!
//! `cargo run --release -p socketmode-jetstream --example measure -- [latency] [throughput] [outage]`

#[path = "../tests/common/mod.rs"]
mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{Nats, Outcome, PATIENCE, bot};
use socketmode_jetstream::{OpenQueue, Queue, Worker};
use socketmode_simulator::{CHANNEL, EnvelopeId, Options, PERSON, Simulator};
use socketmode_tokio::payload::{MessageEvent, SlashCommand};
use socketmode_tokio::router::{App, Router, State};

type Handled = Arc<AtomicU64>;

#[tokio::main]
async fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let wants = |word: &str| words.is_empty() || words.iter().any(|other| other == word);
    if !common::has_nats("measure") {
        return Ok(());
    }
    if std::env::var("RUST_LOG").is_ok() {
        tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    }
    if wants("latency") {
        latency().await?;
    }
    if wants("throughput") {
        throughput().await?;
    }
    if wants("outage") {
        outage().await?;
    }
    Ok(())
}

fn app(handled: &Handled) -> Outcome<App<Handled>> {
    let router = Router::new(Arc::clone(handled))
        .concurrency(512)
        .command("/hello", async |command: SlashCommand| command.text.unwrap_or_default())
        .event::<MessageEvent, _>(async |State(handled): State<Handled>| {
            handled.fetch_add(1, Ordering::Relaxed);
        });
    Ok(router.build()?)
}

fn slack() -> Outcome<Simulator> {
    Ok(Simulator::start(Options { record_frames: false, ..Options::default() })?)
}

async fn queue(nats: &Nats) -> Outcome<OpenQueue> {
    nats.open(Queue::new("bot")).await
}

/// Commands at a rate, each with its answer.
async fn latency() -> Outcome {
    let (nats, slack) = (Nats::start(3).await?, slack()?);
    let queue = queue(&nats).await?;
    let _gateway = bot::gateway(&slack, &queue).await?;
    let _worker = bot::worker(&slack, &queue, app(&Handled::default())?)?;
    common_ack(&slack, &[slack.command("/hello", "warm")]).await?;
    for rate in [10_u32, 100, 1_000] {
        let number = (rate * 10).clamp(200, 5_000);
        let sent = paced(number, rate, |n| slack.command("/hello", &n.to_string())).await;
        let mut after = common_ack(&slack, &sent).await?;
        after.sort();
        let plain = slack.acks().iter().filter(|ack| ack.payload.is_none()).count();
        let (p50, p99, longest) = (at(&after, 0.5), at(&after, 0.99), at(&after, 1.0));
        println!(
            "{rate} commands/s, {number} of them: p50 {p50:.1?}, p99 {p99:.1?}, longest {longest:.1?}, {plain} plain"
        );
    }
    Ok(())
}

async fn common_ack(slack: &Simulator, sent: &[EnvelopeId]) -> Outcome<Vec<Duration>> {
    let mut after = Vec::new();
    for id in sent {
        after.push(slack.wait_for_ack(id, PATIENCE).await?.after);
    }
    Ok(after)
}

async fn paced(number: u32, rate: u32, mut send: impl FnMut(u32) -> EnvelopeId) -> Vec<EnvelopeId> {
    let start = Instant::now();
    let mut sent = Vec::new();
    for n in 0..number {
        let due = start + Duration::from_secs_f64(f64::from(n) / f64::from(rate));
        tokio::time::sleep_until(due.into()).await;
        sent.push(send(n));
    }
    sent
}

fn at(sorted: &[Duration], share: f64) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share) as usize).copied().unwrap_or_default()
}

/// As many events as go through, with and without the queue.
async fn throughput() -> Outcome {
    const EVENTS: u32 = 20_000;
    let handled = Handled::default();
    let slack_alone = slack()?;
    let (client, events) = bot::builder(&slack_alone)?.connect()?;
    let alone = app(&handled)?;
    let (stop, served) = (client.clone(), tokio::spawn(async move { client.serve(events, alone).await }));
    slack_alone.wait_for_links(1, PATIENCE).await?;
    let start = Instant::now();
    flood(&slack_alone, EVENTS, &handled).await?;
    println!("in process: {:.0} events/s", f64::from(EVENTS) / start.elapsed().as_secs_f64());
    stop.shutdown(Duration::from_secs(5)).await;
    served.await??;

    let (nats, slack) = (Nats::start(3).await?, slack()?);
    let queue = queue(&nats).await?;
    let _gateway = bot::gateway(&slack, &queue).await?;
    let handled = Handled::default();
    let worker = Worker::new(queue.clone(), app(&handled)?)?.responses(bot::web(&slack)?);
    let _worker = bot::run(worker);
    let start = Instant::now();
    flood(&slack, EVENTS, &handled).await?;
    println!("by the queue: {:.0} events/s", f64::from(EVENTS) / start.elapsed().as_secs_f64());
    Ok(())
}

/// No more than 500 are under way, so that none is overdue.
async fn flood(slack: &Simulator, events: u32, handled: &Handled) -> Outcome {
    for number in 0..events {
        slack.say(PERSON, CHANNEL, &number.to_string());
        while u64::from(number) > handled.load(Ordering::Relaxed) + 500 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    let all = u64::from(events);
    common::until("all are handled", || handled.load(Ordering::Relaxed) >= all).await
}

/// NATS is gone for a minute, at ten events a second.
async fn outage() -> Outcome {
    let (mut nats, slack) = (Nats::start(3).await?, slack()?);
    let queue = queue(&nats).await?;
    let gateway = bot::gateway(&slack, &queue).await?;
    let handled = Handled::default();
    let worker = bot::worker(&slack, &queue, app(&handled)?)?;
    let start = Instant::now();
    let sending = paced(900, 10, |n| {
        if n == 100 {
            (0..nats.len()).for_each(|number| nats.kill(number));
        }
        if n == 700 {
            (0..nats.len()).for_each(|number| nats.restart(number).unwrap_or_default());
        }
        if n == 400 {
            println!(
                "in the outage: {}",
                serde_json::to_string(&gateway.handle.health()).unwrap_or_default()
            );
        }
        slack.say(PERSON, CHANNEL, &n.to_string())
    });
    let sent = sending.await;
    let end = Instant::now() + Duration::from_secs(420);
    while handled.load(Ordering::Relaxed) < 900 && Instant::now() < end {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    println!("after it: {}", serde_json::to_string(&gateway.handle.health())?);
    let acked = sent.iter().filter(|id| !slack.acks_of(id).is_empty()).count();
    println!(
        "900 events, {acked} acknowledged, {} handled after {:.0?}; worker: {}",
        handled.load(Ordering::Relaxed),
        start.elapsed(),
        serde_json::to_string(&worker.handle.health().counts)?
    );
    Ok(())
}
