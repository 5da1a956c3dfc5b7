//! A process that stands still for a while: the links of a peer that stayed alive live on.

use crate::harness::{Bot, LONG, Stage, ms, on_each_driver};
use futures_channel::oneshot;
use socketmode_driver::{Driver, Runtime};
use socketmode_protocol::StopReason;
use socketmode_simulator::{CHANNEL, Options, PERSON, Simulator};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

on_each_driver![a_blocked_thread_loses_no_link_of_a_live_peer, a_blocked_thread_still_finds_a_dead_peer,];

#[test]
fn a_blocked_worker_of_many_threads_loses_no_link() {
    // With one worker the reactor stands still as well; with others it goes on while one is blocked.
    for workers in [1, 4] {
        let mut builder = ::tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(workers).enable_all().build().unwrap();
        runtime.block_on(a_blocked_thread_loses_no_link_of_a_live_peer::<socketmode_tokio::TokioTransport>());
        runtime.block_on(a_blocked_thread_still_finds_a_dead_peer::<socketmode_tokio::TokioTransport>());
    }
}

/// Long enough for a busy machine to answer within, were it not stopped.
const SILENCE: Duration = ms(3_000);
const STALL: Duration = ms(4_000);

/// A driver whose thread can be blocked: what is sent by the channel runs on it, just before a poll. The runtime's
/// reactor has no turn in between.
struct Blockable<R: Runtime> {
    driver: Driver<R>,
    block: Option<oneshot::Receiver<Box<dyn FnOnce() + Send>>>,
}

impl<R: Runtime> Future for Blockable<R> {
    type Output = StopReason;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<StopReason> {
        if let Some(Poll::Ready(block)) = self.block.as_mut().map(|block| Pin::new(block).poll(cx)) {
            self.block = None;
            // A sender that was dropped blocks nothing.
            if let Ok(block) = block {
                block();
            }
        }
        Pin::new(&mut self.driver).poll(cx)
    }
}

type Block = oneshot::Sender<Box<dyn FnOnce() + Send>>;

/// A bot with a link that Slack pings often, and the way to block its driver's thread.
async fn blockable<R: Runtime>(stage: &Stage<R>) -> (Bot<R>, Block) {
    let (client, events, driver) = stage
        .builder()
        .config(|config| {
            config.silence = SILENCE;
            config.client_ping = None;
        })
        .build()
        .unwrap();
    let (send, block) = oneshot::channel();
    let driver = Blockable { driver, block: Some(block) };
    R::spawn(async move { drop(driver.await) }).unwrap();
    let mut bot: Bot<R> = Bot::new(client, events, stage.clock.clone());
    bot.connected().await;
    (bot, send)
}

fn options() -> Options {
    // Nothing comes again: each envelope is counted once.
    Options { ping_interval: Some(ms(100)), ack_deadline: LONG, ..Options::default() }
}

/// Blocks this thread for longer than the silence, while ten messages come.
fn stand_still(slack: &Simulator) {
    let start = Instant::now();
    for _ in 0..10 {
        slack.say(PERSON, CHANNEL, "anybody there?");
    }
    while start.elapsed() < STALL || slack.counters().deliveries < 10 {
        std::thread::sleep(ms(10));
    }
}

async fn a_blocked_thread_loses_no_link_of_a_live_peer<R: Runtime>() {
    let stage = Stage::<R>::new(options());
    let (mut bot, block) = blockable(&stage).await;
    let slack = stage.slack.clone();
    let _ = block.send(Box::new(move || stand_still(&slack)));
    for _ in 0..10 {
        stage.clock.soon("the outcome", bot.request().await.ack()).await.unwrap();
    }
    assert_eq!(stage.slack.counters().hellos, 1, "the link was given up: {:?}", stage.slack.links());
    bot.ends(LONG).await;
}

async fn a_blocked_thread_still_finds_a_dead_peer<R: Runtime>() {
    let stage = Stage::<R>::new(options());
    let (mut bot, block) = blockable(&stage).await;
    let dead = stage.slack.links()[0].id;
    let slack = stage.slack.clone();
    let _ = block.send(Box::new(move || {
        slack.freeze(dead).unwrap();
        std::thread::sleep(STALL);
    }));
    // The one that is frozen may have something in its socket still.
    bot.connected().await;
    stage.slack.thaw(dead).unwrap();
    bot.ends(LONG).await;
}
