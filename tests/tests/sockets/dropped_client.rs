//! A client that ends without a shutdown: what it acknowledged goes out, and the server sees a close frame.

use crate::harness::{Bot, LONG, Stage, on_each_driver, run_until_dropped};
use futures_util::future::join;
use socketmode_async_std::AsyncStdTransport;
use socketmode_async_std::smol::SmolTransport;
use socketmode_driver::Runtime;
use socketmode_simulator::{CHANNEL, LinkEnd, Options, PERSON, Simulator};
use socketmode_tokio::TokioTransport;
use std::future::Future;

on_each_driver![a_driver_that_is_dropped_sends_its_acks_and_a_close_frame];

async fn a_driver_that_is_dropped_sends_its_acks_and_a_close_frame<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (client, events, driver) = stage.builder().connections(2).build().unwrap();
    let driver = run_until_dropped(driver);
    let mut bot: Bot<R> = Bot::new(client, events, stage.clock.clone());
    bot.connected().await;
    bot.connected().await;
    stage.slack.say(PERSON, CHANNEL, "hello");
    let request = bot.request().await;
    // The loop may have had a turn in between, or not.
    let ack = request.ack();
    drop(driver);
    stage.clock.soon("the outcome", ack).await.unwrap();
    expect_a_good_end(&stage.slack, 2).await;
}

/// That one acknowledgement came, and that so many links had a close frame as their end.
async fn expect_a_good_end(slack: &Simulator, links: usize) {
    slack.wait_until(LONG, |now| now.links.iter().all(|link| link.gone_at.is_some())).await.unwrap();
    let ends: Vec<_> = slack.links().into_iter().map(|link| link.end).collect();
    // 1000 where another thread's driver had the time to hear that its events are gone.
    let is_good = |end: &Option<LinkEnd>| matches!(end, Some(LinkEnd::ClosedByClient(Some(1000 | 1001))));
    assert_eq!(ends.iter().filter(|end| is_good(end)).count(), links, "{ends:?}");
    assert_eq!((ends.len(), slack.acks().len()), (links, 1));
}

/// A bot that acknowledges a message and panics, with the driver in the background of its runtime.
async fn spawned<R: Runtime>(slack: Simulator) {
    let stage = Stage::<R>::on(slack);
    let (bot, _) = stage.connected(stage.builder()).await;
    acknowledge_and_panic(bot, &stage.slack).await;
}

/// The same with the driver in the bot's own task.
async fn beside<R: Runtime>(slack: Simulator) {
    let stage = Stage::<R>::on(slack);
    let (client, events, driver) = stage.builder().build().unwrap();
    let mut bot: Bot<R> = Bot::new(client, events, stage.clock.clone());
    let bot = async {
        bot.connected().await;
        acknowledge_and_panic(bot, &stage.slack).await;
    };
    join(driver, bot).await;
}

async fn acknowledge_and_panic<R: Runtime>(mut bot: Bot<R>, slack: &Simulator) {
    slack.say(PERSON, CHANNEL, "hello");
    let request = bot.request().await;
    let _ack = request.ack();
    panic!("the bot's own");
}

/// Runs a bot in a thread of its own, until it panics.
fn panics<F: Future<Output = ()>>(
    bot: impl FnOnce(Simulator) -> F + Send + 'static,
    run: impl FnOnce(F) + Send + 'static,
) {
    let slack = Simulator::start(Options::default()).unwrap();
    let theirs = slack.clone();
    let panic = std::thread::spawn(move || run(bot(theirs))).join().unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the bot's own"));
    ::smol::block_on(expect_a_good_end(&slack, 1));
}

fn in_one_thread<F: Future<Output = ()>>(bot: F) {
    ::tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(bot);
}

fn in_many_threads<F: Future<Output = ()>>(bot: F) {
    let mut builder = ::tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(4).enable_all().build().unwrap().block_on(bot);
}

#[test]
fn a_panic_that_ends_a_tokio_runtime_closes_its_links() {
    panics(spawned::<TokioTransport>, in_one_thread);
    panics(spawned::<TokioTransport>, in_many_threads);
}

#[test]
fn a_panic_beside_the_driver_closes_its_links() {
    panics(beside::<TokioTransport>, in_one_thread);
    panics(beside::<TokioTransport>, in_many_threads);
    panics(beside::<SmolTransport>, ::smol::block_on);
    panics(beside::<AsyncStdTransport>, ::async_std::task::block_on);
}
