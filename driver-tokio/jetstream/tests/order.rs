//! Order by key across workers, and effects that happen once though a handler runs twice.

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use common::{Nats, Outcome, PATIENCE, bot, has_nats, until};
use socketmode_jetstream::{OpenQueue, Queue, Worker};
use socketmode_simulator::{PERSON, Simulator};
use socketmode_tokio::payload::{EventCallback, MessageEvent};
use socketmode_tokio::router::{Key, Router, State};

/// By channel, the texts in the order in which their handlers ended well.
type Done = Arc<Mutex<BTreeMap<String, Vec<u32>>>>;

fn worker(slack: &Simulator, queue: &OpenQueue, done: &Done) -> Outcome<Worker<Done>> {
    let app = Router::new(Arc::clone(done))
        .ordered_by(Key::Channel)
        .event::<MessageEvent, _>(async |said: MessageEvent, State(done): State<Done>| {
            let number: u32 = said.text.unwrap_or_default().parse().unwrap_or_default();
            // Later ones are faster: without an order they would overtake.
            tokio::time::sleep(Duration::from_millis(u64::from(20 - number % 20))).await;
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            let of_channel = done.entry(said.channel.unwrap_or_default()).or_default();
            if number % 7 == 3 && of_channel.last() != Some(&u32::MAX) && !of_channel.contains(&number) {
                // The first attempt fails. The mark is taken away by the second.
                of_channel.push(u32::MAX);
                return Err(std::io::Error::other("the first attempt"));
            }
            of_channel.retain(|other| *other != u32::MAX);
            of_channel.push(number);
            Ok(())
        })
        .build()?;
    let worker = Worker::new(queue.clone(), app)?.responses(bot::web(slack)?);
    Ok(worker.back_off([Duration::from_millis(20)]))
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_channel_keep_their_order_across_workers() -> Outcome {
    if !has_nats("events_of_a_channel_keep_their_order_across_workers") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single().ordered(Key::Channel, 4)).await?;
    let slack = bot::slack()?;
    let done = Done::default();
    let _gateway = bot::gateway(&slack, &queue).await?;
    let first = bot::run(worker(&slack, &queue, &done)?);
    let second = bot::run(worker(&slack, &queue, &done)?);
    for number in 0..40 {
        for channel in ["C1", "C2", "C3", "C4", "C5", "C6"] {
            slack.say(PERSON, channel, &number.to_string());
        }
    }
    let handled = || first.handle.health().counts.handled + second.handle.health().counts.handled;
    until("the half is handled", || handled() >= 120).await?;
    // What it gives back comes before what is behind it.
    let stopped = first.handle.clone();
    first.stop(Duration::ZERO).await?;
    let handled = || stopped.health().counts.handled + second.handle.health().counts.handled;
    until("all are handled", || handled() >= 240).await?;
    let wanted: Vec<u32> = (0..40).collect();
    for (channel, numbers) in done.lock().unwrap().iter() {
        let mut numbers = numbers.clone();
        // One that was given back after its handler had ended is handled again.
        numbers.dedup();
        assert_eq!(numbers, wanted, "{channel}");
    }
    Ok(())
}

/// A table: what it has by the id of an event is there once.
type Table = Arc<Mutex<BTreeMap<String, String>>>;

#[tokio::test(flavor = "multi_thread")]
async fn a_key_makes_the_effect_of_two_attempts_one() -> Outcome {
    if !has_nats("a_key_makes_the_effect_of_two_attempts_one") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let table = Table::default();
    let app = Router::new(Arc::clone(&table))
        .event::<MessageEvent, _>(
            async |said: MessageEvent, around: EventCallback, State(table): State<Table>| {
                let id = around.event_id.ok_or_else(|| std::io::Error::other("no event_id"))?;
                let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
                let is_new = !table.contains_key(&id);
                table.insert(id, said.text.unwrap_or_default());
                // The worker dies between the effect and its end.
                if is_new { Err(std::io::Error::other("the power is gone")) } else { Ok(()) }
            },
        )
        .build()?;
    let _gateway = bot::gateway(&slack, &queue).await?;
    let worker = Worker::new(queue.clone(), app)?.responses(bot::web(&slack)?);
    let worker = bot::run(worker.back_off([Duration::from_millis(10)]));
    let sent: Vec<_> = (0..50).map(|number| slack.say(PERSON, "C1", &number.to_string())).collect();
    for id in &sent {
        slack.wait_for_ack(id, PATIENCE).await?;
    }
    until("all are handled", || worker.handle.health().counts.handled == 50).await?;
    // Slack sends one again, long after: the stream knows it.
    let first = sent.first().ok_or("none")?;
    slack.redeliver(first)?;
    until("the copy is acknowledged", || slack.acks_of(first).len() == 2).await?;
    let counts = worker.handle.health().counts;
    assert_eq!((counts.handled, counts.redelivered), (50, 50));
    assert_eq!(table.lock().unwrap().len(), 50);
    Ok(())
}
