//! How handlers, workers and gateways go on and end.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use common::{Nats, Outcome, PATIENCE, bot, has_nats, until};
use futures_util::StreamExt;
use socketmode_jetstream::async_nats::RequestErrorKind;
use socketmode_jetstream::{ConnectOptions, GatewayHandle, Queue, names};
use socketmode_simulator::{CHANNEL, PERSON};
use socketmode_tokio::payload::MessageEvent;
use socketmode_tokio::router::{Click, Router, State};
use tokio::sync::watch;
use tokio::time::timeout;

/// How often a handler got its turn.
type Turns = Arc<AtomicU32>;

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

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_takes_requests_until_nothing_is_under_way() -> Outcome {
    if !has_nats("a_gateway_takes_requests_until_nothing_is_under_way") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let first = bot::gateway(&slack, &queue).await?;
    let second = bot::gateway(&slack, &queue).await?;
    slack.wait_for_links(2, PATIENCE).await?;
    // Without a worker it waits for 2.5 s.
    let command = slack.command("/hello", "");
    let has_it = |gateway: &bot::Running<GatewayHandle>| gateway.handle.health().under_way == 1;
    until("one has the command", || has_it(&first) || has_it(&second)).await?;
    let (leaving, _other) = if has_it(&first) { (first, second) } else { (second, first) };
    let handle = leaving.handle.clone();
    let stopped = tokio::spawn(leaving.stop(PATIENCE));
    let sent: Vec<_> = (0..10).map(|number| slack.say(PERSON, CHANNEL, &number.to_string())).collect();
    for id in &sent {
        slack.wait_for_ack(id, PATIENCE).await?;
    }
    assert_eq!(slack.wait_for_ack(&command, PATIENCE).await?.payload, None);
    timeout(PATIENCE, stopped).await???;
    assert_eq!(handle.client().stats().shed_while_stopping, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_was_dropped_takes_no_answers() -> Outcome {
    if !has_nats("a_gateway_that_was_dropped_takes_no_answers") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let gateway = bot::gateway(&slack, &queue).await?;
    slack.command("/hello", "");
    until("it is stored", || gateway.handle.health().counts.stored == 1).await?;
    let stream = queue.jetstream().get_stream(queue.stream_name()).await?;
    let stored = stream.get_last_raw_message_by_subject("slack.bot.answers").await?;
    let place = stored.headers.get(names::ANSWER_TO).ok_or("nobody waits")?.as_str().to_owned();
    let ask = || queue.nats().request(place.clone(), "?".into());
    ask().await?;
    drop(gateway);
    let start = std::time::Instant::now();
    while !ask().await.is_err_and(|error| error.kind() == RequestErrorKind::NoResponders) {
        assert!(start.elapsed() < PATIENCE, "somebody answers still");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_ends_though_nats_takes_nothing() -> Outcome {
    if !has_nats("a_worker_ends_though_nats_takes_nothing") {
        return Ok(());
    }
    let mut nats = Nats::start(1).await?;
    // What is sent while NATS is gone waits in the client, which has room for one.
    let options = ConnectOptions::new().client_capacity(1);
    let settings = Queue::new("bot").allow_single().ack_wait(Duration::from_secs(1));
    let queue = settings.connect(nats.addresses(), options).await?;
    let slack = bot::slack()?;
    let _gateway = bot::gateway(&slack, &queue).await?;
    let turns = Turns::default();
    let app = Router::new(Turns::clone(&turns))
        .action("long", async |_: Click, State(turns): State<Turns>| {
            while turns.fetch_add(1, Ordering::Relaxed) < u32::MAX {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .build()?;
    let worker = bot::worker(&slack, &queue, app)?;
    bot::press_button(&slack, "long", "1")?;
    let turned = || turns.load(Ordering::Relaxed);
    until("the handler runs", || turned() > 0).await?;
    nats.kill(0);
    until("the worker knows", || !worker.handle.health().queue.connected).await?;
    let before = turned();
    // For long enough that the worker has said three times that it lives.
    until("the handler goes on", || turned() > before + 100).await?;
    timeout(PATIENCE, worker.stop(Duration::ZERO)).await?
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_says_that_it_lives_while_a_handler_runs() -> Outcome {
    if !has_nats("a_worker_says_that_it_lives_while_a_handler_runs") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let settings = Queue::new("bot").allow_single().ack_wait(Duration::from_secs(6));
    let queue = nats.open(settings).await?;
    let slack = bot::slack()?;
    let _gateway = bot::gateway(&slack, &queue).await?;
    let (go, goes) = watch::channel(false);
    let app = Router::new(goes)
        .action("long", async |_: Click, State(goes): State<watch::Receiver<bool>>| {
            goes.clone().wait_for(|go| *go).await.map(drop)
        })
        .build()?;
    let mut said = queue.nats().subscribe("$JS.ACK.SLACK-bot.interactive.>").await?;
    let worker = bot::worker(&slack, &queue, app)?;
    bot::press_button(&slack, "long", "1")?;
    // The server's time for it begins again with each.
    for _ in 0..4 {
        let said = timeout(PATIENCE, said.next()).await?.ok_or("nothing is said")?;
        assert_eq!(said.payload, "+WPI");
    }
    go.send(true)?;
    until("it is handled", || worker.handle.health().counts.handled == 1).await?;
    assert_eq!(worker.handle.health().counts.redelivered, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_a_consumer_is_not_ready() -> Outcome {
    if !has_nats("a_worker_without_a_consumer_is_not_ready") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let worker = bot::worker(&slack, &queue, Router::new(()).build()?)?;
    until("the worker is ready", || worker.handle.health().ready).await?;
    let stream = queue.jetstream().get_stream(queue.stream_name()).await?;
    stream.delete_consumer("events").await?;
    until("one of three is missing", || worker.handle.health().consumers_up == 2).await?;
    let health = worker.handle.health();
    assert!(!health.ready && health.queue.connected, "{health:?}");
    // Whoever opens the queue creates what is missing.
    nats.open(Queue::new("bot").allow_single()).await?;
    until("it is ready again", || worker.handle.health().ready).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_whose_nats_client_gave_up_is_not_live() -> Outcome {
    if !has_nats("a_gateway_whose_nats_client_gave_up_is_not_live") {
        return Ok(());
    }
    let mut nats = Nats::start(1).await?;
    let options = ConnectOptions::new().max_reconnects(2);
    let queue = Queue::new("bot").allow_single().connect(nats.addresses(), options).await?;
    let slack = bot::slack()?;
    let gateway = bot::gateway(&slack, &queue).await?;
    assert!(gateway.handle.health().live);
    nats.kill(0);
    until("it asks to be started again", || !gateway.handle.health().live).await?;
    assert!(!gateway.handle.health().ready);
    Ok(())
}
