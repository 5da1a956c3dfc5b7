//! How gateways and workers end.

mod common;

use std::time::Duration;

use common::{Nats, Outcome, PATIENCE, bot, has_nats, until};
use socketmode_jetstream::Queue;
use socketmode_simulator::{CHANNEL, PERSON};
use socketmode_tokio::payload::MessageEvent;
use socketmode_tokio::router::Router;
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread")]
async fn a_grace_without_end_ends_when_all_is_done() -> Outcome {
    if !has_nats("a_grace_without_end_ends_when_all_is_done") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let gateway = bot::gateway(&slack, &queue).await?;
    let worker = bot::worker(&slack, &queue, Router::new(()).event::<MessageEvent, _>(async || ()).build()?)?;
    let event = slack.say(PERSON, CHANNEL, "good morning");
    slack.wait_for_ack(&event, PATIENCE).await?;
    until("it is handled", || worker.handle.health().counts.handled == 1).await?;
    timeout(PATIENCE, gateway.stop(Duration::MAX)).await??;
    timeout(PATIENCE, worker.stop(Duration::MAX)).await?
}
