//! tokio's runtime with four workers: the driver, its events, its requests and its end in different threads at once.

use crate::harness::{LONG, Stage, ms};
use ::tokio::spawn;
use ::tokio::sync::{Barrier, Semaphore};
use futures_util::future::join_all;
use socketmode_driver::{AckErrorKind, BotToken, Event, Message, Request};
use socketmode_protocol::{AckRefusal, StopReason};
use socketmode_simulator::{CHANNEL, LinkId, Options, PERSON};
use socketmode_tokio::{TokioTransport, Web};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, Mutex};

fn in_four_threads(scenario: impl Future<Output = ()>) {
    let mut builder = ::tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(4).enable_all().build().unwrap().block_on(scenario);
}

/// Posts under way at a time: the local Slack has an end of connections.
const POSTS: usize = 32;

/// What came of the requests.
#[derive(Default)]
struct Seen {
    /// Texts that a request was dropped for, once each.
    dropped: BTreeSet<String>,
    /// Outcomes that were no success.
    failed: Vec<AckErrorKind>,
}

/// A task of its own for each request: every tenth message is dropped the first time, the others are acknowledged and
/// posted.
async fn echo(request: Request, web: Web, posts: Arc<Semaphore>, seen: Arc<Mutex<Seen>>) {
    let payload: serde_json::Value = request.payload().unwrap();
    let text = payload["event"]["text"].as_str().unwrap().to_owned();
    if payload["event"]["bot_id"].is_string() {
        // Its own: an answer to that would be answered for ever.
        let _ = request.ack().await;
        return;
    }
    if text.ends_with('0') && seen.lock().unwrap().dropped.insert(text.clone()) {
        drop(request);
        return;
    }
    match request.ack().await {
        Ok(_) => {
            let _permit = posts.acquire().await.unwrap();
            web.post_message(CHANNEL, &Message::new(text)).await.unwrap();
        }
        Err(error) => seen.lock().unwrap().failed.push(error.kind()),
    }
}

#[test]
fn an_echo_bot_under_load_loses_nothing_to_drops_and_faults() {
    const MESSAGES: usize = 1_000;
    in_four_threads(async {
        // What is let go or lost with its link comes again soon, as often as it takes.
        let options =
            Options { ack_deadline: ms(500), redelivery: vec![ms(100); 1_000], ..Options::default() };
        let stage = Stage::<TokioTransport>::new(options);
        let builder = stage.builder().connections(4).config(|config| {
            (config.open_burst, config.backoff_cap) = (1_000, ms(100));
        });
        let (client, mut events) = builder.connect().unwrap();
        let web = client.web(BotToken::new(&stage.slack.bot_token()).unwrap());
        let seen = Arc::<Mutex<Seen>>::default();
        let bot = {
            let seen = Arc::clone(&seen);
            spawn(async move {
                let (mut handlers, posts) = (Vec::new(), Arc::new(Semaphore::new(POSTS)));
                while let Some(event) = events.next().await {
                    if let Event::EventsApi(request) = event {
                        handlers.push(spawn(echo(
                            request,
                            web.clone(),
                            Arc::clone(&posts),
                            Arc::clone(&seen),
                        )));
                    }
                }
                for handler in handlers {
                    handler.await.unwrap();
                }
            })
        };
        stage.slack.wait_for_links(4, LONG).await.unwrap();
        for number in 0..MESSAGES {
            stage.slack.say(PERSON, CHANNEL, &format!("message {number}"));
            if number % 100 == 50 {
                let acks = stage.slack.counters().acks;
                break_one_link(&stage, number);
                stage.slack.wait_until(LONG, |now| now.counters.acks > acks).await.unwrap();
            }
        }
        let all = stage.slack.wait_until(3 * LONG, |now| now.counters.unacked == 0).await.unwrap();
        assert_eq!((all.counters.timed_out, all.counters.forgotten, all.counters.unknown_acks), (0, 0, 0));
        let reason = stage.clock.soon("the shutdown", client.shutdown(LONG)).await;
        assert_eq!(reason, Some(StopReason::Requested));
        stage.clock.soon("the handlers", bot).await.unwrap();

        let posted: BTreeSet<_> =
            stage.slack.calls().into_iter().map(|call| call.body["text"].to_string()).collect();
        let seen = seen.lock().unwrap();
        assert_eq!(seen.dropped.len(), MESSAGES / 10);
        // Slack has an acknowledgement of each, though the bot may have been told that one was lost.
        assert!(posted.len() + seen.failed.len() >= MESSAGES, "{} posted, {:?}", posted.len(), seen.failed);
        let only_lost = |kind: &AckErrorKind| {
            matches!(kind, AckErrorKind::Lost | AckErrorKind::Refused(AckRefusal::Settled))
        };
        assert!(seen.failed.iter().all(only_lost), "{:?}", seen.failed);
        let stats = client.stats();
        assert_eq!(stats.outstanding, 0);
        let settled = stats.acknowledged + stats.ack_lost + stats.declined + stats.expired;
        assert_eq!(stats.delivered, settled, "{stats:?}");
    });
}

/// One of the links that are up ends, each time in another way.
fn break_one_link(stage: &Stage<TokioTransport>, number: usize) {
    let links: Vec<LinkId> =
        stage.slack.links().iter().filter(|link| link.is_open()).map(|link| link.id).collect();
    let Some(&link) = links.get(number / 100 % links.len().max(1)) else { return };
    // It may have ended by itself meanwhile.
    let _ = match number / 100 % 3 {
        0 => stage.slack.reset(link),
        1 => stage.slack.rotate(link),
        _ => stage.slack.close(link, 1001),
    };
}

#[test]
fn acks_drops_and_shutdowns_at_once_all_come_to_an_end() {
    in_four_threads(async {
        for _ in 0..20 {
            let stage = Stage::<TokioTransport>::new(Options { ack_deadline: LONG, ..Options::default() });
            let (mut bot, _) = stage.connected(stage.builder()).await;
            let mut requests = Vec::new();
            for _ in 0..40 {
                stage.slack.say(PERSON, CHANNEL, "hello");
            }
            while requests.len() < 40 {
                requests.push(bot.request().await);
            }
            let start = Arc::new(Barrier::new(43));
            let tasks = requests.into_iter().enumerate().map(|(number, request)| {
                let start = Arc::clone(&start);
                spawn(async move {
                    start.wait().await;
                    if number % 4 == 3 {
                        drop(request);
                        return;
                    }
                    match request.ack().await {
                        Ok(_) => {}
                        // The shutdown was quicker.
                        Err(error) => assert_eq!(error.kind(), AckErrorKind::Refused(AckRefusal::Stopped)),
                    }
                })
            });
            let tasks: Vec<_> = tasks.collect();
            let ends = (0..3).map(|_| {
                let (start, client) = (Arc::clone(&start), bot.client.clone());
                spawn(async move {
                    start.wait().await;
                    client.shutdown(LONG).await
                })
            });
            let ends: Vec<_> = ends.collect();
            for task in stage.clock.soon("the outcomes", join_all(tasks)).await {
                task.unwrap();
            }
            for end in stage.clock.soon("the ends", join_all(ends)).await {
                assert_eq!(end.unwrap(), Some(StopReason::Requested));
            }
            bot.over().await;
            stage.all_gone().await;
        }
    });
}

#[test]
fn a_driver_aborted_elsewhere_gives_each_ack_an_outcome() {
    in_four_threads(async {
        for _ in 0..20 {
            let stage = Stage::<TokioTransport>::new(Options { ack_deadline: LONG, ..Options::default() });
            let (client, events, driver) = stage.builder().build().unwrap();
            let driver = spawn(driver);
            let mut bot = crate::harness::Bot::new(client, events, stage.clock.clone());
            bot.connected().await;
            for _ in 0..40 {
                stage.slack.say(PERSON, CHANNEL, "hello");
            }
            let mut tasks = Vec::new();
            for _ in 0..40 {
                let request = bot.request().await;
                tasks.push(spawn(async move { request.ack().await }));
            }
            driver.abort();
            let mut acked = 0;
            for outcome in stage.clock.soon("the outcomes", join_all(tasks)).await {
                match outcome.unwrap() {
                    Ok(_) => acked += 1,
                    Err(error) => assert!(
                        matches!(
                            error.kind(),
                            AckErrorKind::Unknown | AckErrorKind::Refused(AckRefusal::Stopped)
                        ),
                        "{error}"
                    ),
                }
            }
            assert_eq!(stage.clock.soon("the answer", bot.client.shutdown(LONG)).await, None);
            stage.all_gone().await;
            // What was told as sent was sent.
            assert!(stage.slack.acks().len() >= acked, "{acked}");
        }
    });
}
