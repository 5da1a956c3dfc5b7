//! What others put into the stream, and dead letters that are hard to store.

mod common;

use std::time::Duration;

use common::{Nats, Outcome, PATIENCE, bot, has_nats, until};
use socketmode_jetstream::async_nats::jetstream::stream::Stream;
use socketmode_jetstream::{OpenQueue, Queue, Worker};
use socketmode_simulator::Simulator;
use socketmode_tokio::payload::SlashCommand;
use socketmode_tokio::router::Router;

fn worker(slack: &Simulator, queue: &OpenQueue) -> Outcome<Worker<()>> {
    let app = Router::new(())
        .command("/hello", async |command: SlashCommand| command.text.unwrap_or_default())
        .build()?;
    let worker = Worker::new(queue.clone(), app)?.responses(bot::web(slack)?);
    Ok(worker.back_off([Duration::from_millis(50)]))
}

async fn dead_stream(queue: &OpenQueue) -> Outcome<Stream> {
    Ok(queue.jetstream().get_stream(queue.dead_stream_name()).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_of_two_streams_with_one_name_are_two() -> Outcome {
    if !has_nats("letters_of_two_streams_with_one_name_are_two") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let slack = bot::slack()?;
    for number in 1..=2 {
        let queue = nats.open(Queue::new("bot").allow_single()).await?;
        let worker = bot::run(worker(&slack, &queue)?);
        queue.jetstream().publish("slack.bot.events", format!("poison {number}").into()).await?.await?;
        until("it is a dead letter", || worker.handle.health().counts.dead == 1).await?;
        assert_eq!(dead_stream(&queue).await?.cached_info().state.messages, number);
        worker.stop(PATIENCE).await?;
        // As to change the number of partitions: the numbers of the requests begin anew.
        queue.jetstream().delete_stream(queue.stream_name()).await?;
    }
    Ok(())
}
