//! What goes wrong, and what Slack, the counters and the dead letters say of it.

mod common;

use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use common::{Nats, Outcome, PATIENCE, bot, has_nats, until};
use futures_util::StreamExt;
use serde_json::json;
use socketmode_jetstream::{ConnectOptions, Gateway, OpenQueue, Queue, Worker, async_nats, names};
use socketmode_simulator::{CHANNEL, PERSON, Simulator};
use socketmode_tokio::payload::{MessageEvent, SlashCommand};
use socketmode_tokio::router::{App, Click, Responder, RouteError, Router, State};
use socketmode_tokio::{Message, Suggestions};

type Wrong = Box<dyn Error + Send + Sync>;

/// The attempts of all handlers.
type Tries = std::sync::Arc<AtomicU32>;

fn app(tries: &Tries) -> Result<App<Tries>, RouteError> {
    Router::new(Tries::clone(tries))
        .event::<MessageEvent, _>(async |said: MessageEvent, State(tries): State<Tries>| {
            let number = tries.fetch_add(1, Ordering::SeqCst);
            match said.text.as_deref() {
                Some("never") => Err(Wrong::from("no database")),
                Some("once") if number == 0 => Err(Wrong::from("no database yet")),
                _ => Ok(()),
            }
        })
        .action("broken", async |_: Click, State(tries): State<Tries>| {
            let number = tries.fetch_add(1, Ordering::SeqCst);
            assert_ne!(number, 0, "the first click panics");
        })
        .command("/hello", async |command: SlashCommand| Message::new(command.text.unwrap_or_default()))
        .command("/broken", async || Err::<String, _>(Wrong::from("no database")))
        .suggest("cities", async |State(tries): State<Tries>| {
            tries.fetch_add(1, Ordering::SeqCst);
            Err::<Suggestions, _>(Wrong::from("no database"))
        })
        .build()
}

fn worker(slack: &Simulator, queue: &OpenQueue, tries: &Tries) -> Outcome<Worker<Tries>> {
    let worker = Worker::new(queue.clone(), app(tries)?)?.responses(bot::web(slack)?);
    Ok(worker.attempts(3).back_off([Duration::from_millis(50)]))
}

/// The first dead letter: its headers and its body.
async fn dead_letter(queue: &OpenQueue) -> Outcome<(async_nats::HeaderMap, String)> {
    let stream = queue.jetstream().get_stream(queue.dead_stream_name()).await?;
    let consumer = stream.create_consumer(async_nats::jetstream::consumer::pull::Config::default()).await?;
    let mut letters = consumer.batch().max_messages(1).expires(PATIENCE).messages().await?;
    let letter = letters.next().await.ok_or("there is no dead letter")??;
    Ok((letter.headers.clone().ok_or("no headers")?, String::from_utf8(letter.payload.to_vec())?))
}

async fn waiting(queue: &OpenQueue) -> Outcome<u64> {
    Ok(queue.jetstream().get_stream(queue.stream_name()).await?.cached_info().state.messages)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_request_comes_again_and_then_is_a_dead_letter() -> Outcome {
    if !has_nats("a_failed_request_comes_again_and_then_is_a_dead_letter") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let tries = Tries::default();
    let _gateway = bot::gateway(&slack, &queue).await?;
    let worker = bot::run(worker(&slack, &queue, &tries)?);

    slack.say(PERSON, CHANNEL, "once");
    until("the second attempt succeeds", || worker.handle.health().counts.handled == 1).await?;
    assert_eq!(tries.swap(0, Ordering::SeqCst), 2);

    // A click is acknowledged at once, and handled again all the same.
    let click = bot::press_button(&slack, "broken", "1")?;
    slack.wait_for_ack(&click, PATIENCE).await?;
    until("the second click succeeds", || worker.handle.health().counts.handled == 2).await?;
    assert_eq!(tries.swap(0, Ordering::SeqCst), 2);

    let never = slack.say(PERSON, CHANNEL, "never");
    slack.wait_for_ack(&never, PATIENCE).await?;
    let (headers, body) = dead_letter(&queue).await?;
    let reason = headers.get(names::DEAD_REASON).ok_or("no reason")?.as_str();
    assert!(reason.starts_with("attempts used up") && reason.contains("no database"), "{reason}");
    assert_eq!(headers.get(names::DEAD_ATTEMPTS).ok_or("no attempts")?.as_str(), "3");
    assert_eq!(headers.get(names::DEAD_SUBJECT).ok_or("no subject")?.as_str(), "slack.bot.events");
    assert!(body.contains("never") && body.contains("envelope_id"), "{body}");
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    assert_eq!(slack.acks_of(&never).len(), 1, "Slack did not send it again");
    until("the worker is done", || worker.handle.health().under_way == 0).await?;
    assert_eq!(waiting(&queue).await?, 0);
    worker.stop(Duration::ZERO).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_command_and_menu_are_not_tried_again() -> Outcome {
    if !has_nats("a_failed_command_and_menu_are_not_tried_again") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let tries = Tries::default();
    let gateway = bot::gateway(&slack, &queue).await?;
    let worker = bot::run(worker(&slack, &queue, &tries)?);

    let command = slack.command("/broken", "");
    let ack = slack.wait_for_ack(&command, PATIENCE).await?;
    assert_eq!(ack.payload.ok_or("no apology")?["text"], socketmode_tokio::router::APOLOGY);

    // Slack shows its own error for a menu: it is not acknowledged, and not after 2.5 s either.
    let menu = bot::suggest(&slack, "cities", "o")?;
    until("the gateway drops it", || gateway.handle.health().counts.declined == 1).await?;
    until("the worker is done", || worker.handle.health().under_way == 0).await?;
    assert_eq!((tries.load(Ordering::SeqCst), slack.acks_of(&menu).len()), (1, 0));
    assert_eq!(waiting(&queue).await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_is_a_dead_letter_at_once() -> Outcome {
    if !has_nats("poison_is_a_dead_letter_at_once") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let tries = Tries::default();
    let worker = bot::run(worker(&slack, &queue, &tries)?);
    queue.jetstream().publish("slack.bot.events", "\u{1}{not an envelope".into()).await?.await?;
    let (headers, body) = dead_letter(&queue).await?;
    assert!(headers.get(names::DEAD_REASON).ok_or("no reason")?.as_str().starts_with("poison"));
    assert_eq!(headers.get(names::DEAD_ATTEMPTS).ok_or("no attempts")?.as_str(), "1");
    assert_eq!(body, "\u{1}{not an envelope");
    until("the worker is done", || worker.handle.health().under_way == 0).await?;
    assert_eq!((waiting(&queue).await?, worker.handle.health().counts.dead), (0, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_stream_is_not_acknowledged_and_loses_nothing() -> Outcome {
    if !has_nats("a_full_stream_is_not_acknowledged_and_loses_nothing") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single().max_bytes(4096)).await?;
    let slack = bot::slack()?;
    let gateway = bot::gateway(&slack, &queue).await?;
    let sent: Vec<_> = (0..20).map(|n| slack.say(PERSON, CHANNEL, &format!("message {n}"))).collect();
    let counted = || {
        let health = gateway.handle.health();
        health.counts.stored + health.not_stored.full
    };
    until("each is stored or refused", || counted() >= 20).await?;
    let health = gateway.handle.health();
    assert!(health.not_stored.full > 0 && health.ready, "{health:?}");
    let first = sent.first().ok_or("none")?;
    slack.wait_for_ack(first, PATIENCE).await?;
    until("each stored one is acknowledged", || {
        let health = gateway.handle.health();
        health.counts.acknowledged == health.counts.stored + health.counts.duplicates
    })
    .await?;
    let acknowledged = sent.iter().filter(|id| !slack.acks_of(id).is_empty()).count() as u64;
    assert_eq!(waiting(&queue).await?, acknowledged, "what is acknowledged is there");

    // A worker makes room.
    let worker = bot::run(worker(&slack, &queue, &Tries::default())?);
    until("what was stored is handled", || worker.handle.health().counts.handled >= acknowledged).await?;
    let again = slack.say(PERSON, CHANNEL, "one more");
    slack.wait_for_ack(&again, PATIENCE).await?;
    Ok(())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn without_a_majority_nothing_is_acknowledged() -> Outcome {
    if !has_nats("without_a_majority_nothing_is_acknowledged") {
        return Ok(());
    }
    let nats = Nats::start(3).await?;
    let leader = nats.leader(&nats.open(Queue::new("bot")).await?).await?;
    // The leader takes requests for some seconds more, and cannot store them.
    let queue = Queue::new("bot").connect(nats.address(leader)?, ConnectOptions::new()).await?;
    let slack = bot::slack()?;
    let gateway = bot::gateway(&slack, &queue).await?;
    for other in (0..nats.len()).filter(|other| *other != leader) {
        nats.freeze(other)?;
    }
    let event = slack.say(PERSON, CHANNEL, "into the void");
    let command = slack.command("/hello", "into the void");
    until("both are given up", || {
        let health = gateway.handle.health();
        let not = health.not_stored;
        not.disconnected + not.timed_out + not.no_stream + health.counts.acknowledged >= 2
    })
    .await?;
    let counts = gateway.handle.health().counts;
    assert_eq!((counts.stored, counts.duplicates, counts.acknowledged), (0, 0, 0), "{counts:?}");
    assert_eq!((slack.acks_of(&event).len(), slack.acks_of(&command).len()), (0, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_nats_nothing_is_acknowledged_and_health_says_why() -> Outcome {
    if !has_nats("without_nats_nothing_is_acknowledged_and_health_says_why") {
        return Ok(());
    }
    let mut nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let gateway = bot::gateway(&slack, &queue).await?;
    let worker = bot::run(worker(&slack, &queue, &Tries::default())?);
    until("the worker is ready", || worker.handle.health().ready).await?;
    nats.kill(0);
    until("the gateway knows", || !gateway.handle.health().queue.connected).await?;
    let event = slack.say(PERSON, CHANNEL, "into the void");
    let command = slack.command("/hello", "into the void");
    until("both are given up", || gateway.handle.health().not_stored.disconnected >= 2).await?;
    let health = gateway.handle.health();
    assert!(!health.ready && health.live && health.client.ready, "{health:?}");
    assert!(!worker.handle.health().ready);
    assert_eq!((slack.acks_of(&event).len(), slack.acks_of(&command).len()), (0, 0));

    // Slack sends the event again; the person types the command again.
    nats.restart(0)?;
    until("both are ready", || gateway.handle.health().ready && worker.handle.health().ready).await?;
    slack.redeliver(&event)?;
    slack.wait_for_ack(&event, PATIENCE).await?;
    let command = slack.command("/hello", "again");
    assert_eq!(slack.wait_for_ack(&command, PATIENCE).await?.payload, Some(json!({ "text": "again" })));
    let stream = queue.jetstream().get_stream(queue.stream_name()).await?;
    assert_eq!(stream.cached_info().state.last_sequence, 2, "what was given up is not stored later");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_worker_a_command_gets_its_answer_later() -> Outcome {
    if !has_nats("without_a_worker_a_command_gets_its_answer_later") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let gateway = bot::gateway(&slack, &queue).await?;
    let command = slack.command("/hello", "later");
    let menu = bot::suggest(&slack, "cities", "o")?;
    let acks = [slack.wait_for_ack(&command, PATIENCE).await?, slack.wait_for_ack(&menu, PATIENCE).await?];
    assert!(acks.iter().all(|ack| ack.payload.is_none() && ack.after < Duration::from_secs(3)), "{acks:?}");
    assert_eq!(gateway.handle.health().counts.unanswered, 2);

    // The worker is told that it is late. Nobody looks at the menu any more.
    let tries = Tries::default();
    let worker = bot::run(worker(&slack, &queue, &tries)?);
    let posted = slack.wait_for_call("response_url", PATIENCE).await?;
    assert_eq!(posted.body["text"], "later");
    until("both are done", || {
        let counts = worker.handle.health().counts;
        (counts.answers_late, counts.outdated) == (1, 1)
    })
    .await?;
    assert_eq!(tries.load(Ordering::SeqCst), 0, "the menu's handler did not run");
    assert_eq!(gateway.handle.health().counts.late_answers, 1);
    until("the queue is empty", || worker.handle.health().under_way == 0).await?;
    assert_eq!(waiting(&queue).await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_after_slacks_time_goes_to_the_response_url() -> Outcome {
    if !has_nats("an_answer_after_slacks_time_goes_to_the_response_url") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let worker = bot::run(worker(&slack, &queue, &Tries::default())?);
    // Its client has the command, and it has too much else to do.
    let gateway = Gateway::start(queue.clone(), bot::builder(&slack)?).await?;
    slack.wait_for_links(1, PATIENCE).await?;
    slack.command("/hello", "late");
    until("Slack waits no longer", || slack.counters().timed_out == 1).await?;
    tokio::spawn(gateway.run());
    let posted = slack.wait_for_call("response_url", PATIENCE).await?;
    assert_eq!(posted.body["text"], "late");
    assert_eq!(worker.handle.health().counts.answers_sent, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stops_gives_back_what_it_has_not_finished() -> Outcome {
    if !has_nats("a_worker_that_stops_gives_back_what_it_has_not_finished") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    // So long that only what is given back comes again within the test.
    let queue = nats.open(Queue::new("bot").allow_single().ack_wait(Duration::from_secs(300))).await?;
    let slack = bot::slack()?;
    let _gateway = bot::gateway(&slack, &queue).await?;
    let stuck = Router::new(())
        .action("stuck", async |_: Click| std::future::pending::<()>().await)
        .action("posts", async |responder: Responder| responder.send(&Message::new("done")).await)
        .build()?;
    let first = bot::worker(&slack, &queue, stuck)?;
    bot::press_button(&slack, "stuck", "1")?;
    until("the handler runs", || first.handle.health().under_way == 1).await?;
    let handle = first.handle.clone();
    first.stop(Duration::from_millis(100)).await?;
    assert_eq!(handle.health().counts.given_back, 1);

    let done = Router::new(()).action("stuck", async |_: Click| ()).build()?;
    let second = bot::worker(&slack, &queue, done)?;
    until("another worker handles it", || second.handle.health().counts.handled == 1).await?;
    assert_eq!(second.handle.health().counts.redelivered, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_no_worker_finishes_is_a_dead_letter() -> Outcome {
    if !has_nats("a_request_that_no_worker_finishes_is_a_dead_letter") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let _gateway = bot::gateway(&slack, &queue).await?;
    bot::press_button(&slack, "stuck", "1")?;
    let stuck =
        || Router::new(()).action("stuck", async |_: Click| std::future::pending::<()>().await).build();
    for _ in 0..2 {
        let worker = Worker::new(queue.clone(), stuck()?)?.responses(bot::web(&slack)?);
        let worker = bot::run(worker.attempts(2));
        until("the handler runs", || worker.handle.health().under_way == 1).await?;
        worker.stop(Duration::ZERO).await?;
    }
    let worker = Worker::new(queue.clone(), stuck()?)?.responses(bot::web(&slack)?);
    let _worker = bot::run(worker.attempts(2));
    let (headers, _) = dead_letter(&queue).await?;
    let reason = headers.get(names::DEAD_REASON).ok_or("no reason")?.as_str();
    assert!(reason.contains("no worker came to its end"), "{reason}");
    assert_eq!(headers.get(names::DEAD_ATTEMPTS).ok_or("no attempts")?.as_str(), "3");
    Ok(())
}
