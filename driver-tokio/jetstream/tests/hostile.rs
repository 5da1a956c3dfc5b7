//! What others put into the stream, and dead letters that are hard to store.

mod common;

use std::time::Duration;

use common::{Nats, Outcome, PATIENCE, bot, has_nats, until};
use futures_util::StreamExt;
use socketmode_jetstream::async_nats::jetstream::consumer::pull;
use socketmode_jetstream::async_nats::jetstream::stream::Stream;
use socketmode_jetstream::async_nats::{HeaderMap, HeaderValue, Subject, jetstream};
use socketmode_jetstream::{OpenQueue, Queue, Worker, names};
use socketmode_simulator::{CHANNEL, PERSON, Simulator};
use socketmode_tokio::Suggestions;
use socketmode_tokio::payload::SlashCommand;
use socketmode_tokio::router::Router;

const COMMAND: &str =
    r#"{"type":"slash_commands","envelope_id":"e1","payload":{"command":"/hello","text":"you"}}"#;

fn worker(slack: &Simulator, queue: &OpenQueue) -> Outcome<Worker<()>> {
    let app = Router::new(())
        .command("/hello", async |command: SlashCommand| command.text.unwrap_or_default())
        .suggest("city", async || Suggestions::new([("Oslo", "osl")]))
        .build()?;
    let worker = Worker::new(queue.clone(), app)?.responses(bot::web(slack)?);
    Ok(worker.back_off([Duration::from_millis(50)]))
}

async fn dead_stream(queue: &OpenQueue) -> Outcome<Stream> {
    Ok(queue.jetstream().get_stream(queue.dead_stream_name()).await?)
}

async fn letters(queue: &OpenQueue, number: usize) -> Outcome<Vec<jetstream::Message>> {
    let stream = dead_stream(queue).await?;
    let consumer = stream.create_consumer(pull::Config::default()).await?;
    let mut letters = consumer.batch().max_messages(number).expires(PATIENCE).messages().await?;
    let mut all = Vec::new();
    while let Some(letter) = letters.next().await {
        all.push(letter?);
    }
    Ok(all)
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

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_into_the_stream_fits_into_a_dead_letter() -> Outcome {
    if !has_nats("what_fits_into_the_stream_fits_into_a_dead_letter") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let largest = queue.nats().max_payload();
    queue.jetstream().publish("slack.bot.events", vec![b'x'; largest].into()).await?.await?;
    let mut headers = HeaderMap::new();
    headers.insert("X-Large", "y".repeat(60_000).as_str());
    headers.insert(names::KIND, "events_api");
    let publish = queue.jetstream().publish_with_headers("slack.bot.events", headers, "poison".into());
    publish.await?.await?;
    let worker = bot::run(worker(&slack, &queue)?);
    until("both are dead letters", || worker.handle.health().counts.dead == 2).await?;
    let mut letters = letters(&queue, 2).await?;
    // They are handled at the same time.
    letters.sort_by_key(|letter| letter.payload == "poison");
    let of = |number: usize| letters.get(number).ok_or("no letter");
    let header = |number: usize, name: &str| -> Outcome<Option<String>> {
        let headers = of(number)?.headers.as_ref().ok_or("no headers")?;
        Ok(headers.get(name).map(|value| value.as_str().to_owned()))
    };
    assert!(of(0)?.payload.len() > largest - 1_000 && of(0)?.payload.iter().all(|byte| *byte == b'x'));
    assert_eq!(header(0, names::DEAD_CUT)?, Some(largest.to_string()));
    assert_eq!(of(1)?.payload, "poison");
    assert_eq!((header(1, names::DEAD_CUT)?, header(1, names::KIND)?), (None, Some("events_api".to_owned())));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_to_no_subject_of_nats_itself() -> Outcome {
    if !has_nats("an_answer_goes_to_no_subject_of_nats_itself") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let jetstream = queue.jetstream();
    jetstream.publish("slack.bot.dead.events", "a letter".into()).await?.await?;
    let places = ["$JS.API.STREAM.PURGE.SLACK-bot-DEAD", "", "two words", ">", "_INBOX..x"];
    for place in places {
        let mut headers = HeaderMap::new();
        headers.insert(names::ANSWER_TO, place);
        headers.insert(names::ANSWER_BY, "soon");
        jetstream.publish_with_headers("slack.bot.answers", headers, COMMAND.into()).await?.await?;
    }
    let worker = bot::run(worker(&slack, &queue)?);
    until("all are handled", || worker.handle.health().counts.handled == places.len() as u64).await?;
    let health = worker.handle.health();
    assert_eq!((health.queue.disconnects, health.counts.dead, health.counts.answers_sent), (0, 0, 0));
    assert_eq!(dead_stream(&queue).await?.cached_info().state.messages, 1, "the letter is there");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_stream_of_dead_letters_keeps_the_request() -> Outcome {
    if !has_nats("a_full_stream_of_dead_letters_keeps_the_request") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single().max_bytes(4096)).await?;
    let slack = bot::slack()?;
    let jetstream = queue.jetstream();
    jetstream.publish("slack.bot.dead.events", vec![b'x'; 3_900].into()).await?.await?;
    jetstream.publish("slack.bot.events", "poison".into()).await?.await?;
    let worker = bot::run(worker(&slack, &queue)?);
    until("it came again", || worker.handle.health().counts.redelivered >= 2).await?;
    let counts = worker.handle.health().counts;
    assert_eq!(counts.dead, 0);
    assert!(counts.dead_not_stored >= 2, "{counts:?}");
    let waiting = jetstream.get_stream(queue.stream_name()).await?.cached_info().state.messages;
    assert_eq!(waiting, 1, "it is in the queue");
    dead_stream(&queue).await?.purge().await?;
    until("it is a dead letter", || worker.handle.health().counts.dead == 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_stream_says_what_it_has_stored() -> Outcome {
    if !has_nats("only_the_stream_says_what_it_has_stored") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let gateway = bot::gateway(&slack, &queue).await?;
    queue.jetstream().delete_stream(queue.stream_name()).await?;
    // Some versions confirm so a copy of what is on its way to the replicas. The other one is not what the workers read.
    let confirmations =
        [r#"{"stream":"SLACK-bot","seq":0,"duplicate":true}"#, r#"{"stream":"SLACK-other","seq":7}"#];
    let nats = queue.nats().clone();
    let mut published = nats.subscribe("slack.bot.events").await?;
    let answering = tokio::spawn(async move {
        for confirmation in confirmations.into_iter().cycle() {
            let Some(reply) = published.next().await.and_then(|message| message.reply) else { return };
            let _ = nats.publish(reply, confirmation.into()).await;
        }
    });
    let event = slack.say(PERSON, CHANNEL, "into the void");
    until("it is given up", || {
        let (not, counts) = (gateway.handle.health().not_stored, gateway.handle.health().counts);
        not.no_stream + not.timed_out + counts.acknowledged >= 1
    })
    .await?;
    assert_eq!(slack.acks_of(&event).len(), 0);
    answering.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_waits_for_a_gateway_that_comes_back() -> Outcome {
    if !has_nats("an_answer_waits_for_a_gateway_that_comes_back") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let by = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)? + PATIENCE;
    let mut headers = HeaderMap::new();
    headers.insert(names::ANSWER_TO, "answers.here");
    headers.insert(names::ANSWER_BY, by.as_millis().to_string().as_str());
    queue.jetstream().publish_with_headers("slack.bot.answers", headers, COMMAND.into()).await?.await?;
    let worker = bot::run(worker(&slack, &queue)?);
    until("nobody was there", || worker.handle.health().counts.answers_again > 0).await?;
    // The gateway has lost its connection to NATS, and is back.
    let mut answers = queue.nats().subscribe("answers.here").await?;
    let answer = tokio::time::timeout(PATIENCE, answers.next()).await?.ok_or("no answer")?;
    assert!(String::from_utf8_lossy(&answer.payload).contains("you"), "{answer:?}");
    queue.nats().publish(answer.reply.ok_or("no reply")?, r#"{"outcome":"sent"}"#.into()).await?;
    until("it is handled", || worker.handle.health().counts.handled == 1).await?;
    let counts = worker.handle.health().counts;
    assert_eq!((counts.answers_sent, counts.answers_lost, counts.failed), (1, 0, 0));
    assert_eq!(slack.calls().len(), 0, "nothing goes to the response_url");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_confirms_is_published_again_as_the_same() -> Outcome {
    if !has_nats("what_nobody_confirms_is_published_again_as_the_same") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let _gateway = bot::gateway(&slack, &queue).await?;
    queue.jetstream().delete_stream(queue.stream_name()).await?;
    let mut published = queue.nats().subscribe("slack.bot.events").await?;
    let event = slack.say(PERSON, CHANNEL, "good morning");
    let mut next = async || -> Outcome<(Option<String>, Subject)> {
        let message =
            tokio::time::timeout(PATIENCE, published.next()).await?.ok_or("nothing is published")?;
        let id = message.headers.as_ref().and_then(|headers| headers.get(names::MESSAGE_ID));
        Ok((id.map(|id| id.as_str().to_owned()), message.reply.ok_or("no reply")?))
    };
    let (first, _) = next().await?;
    let (second, reply) = next().await?;
    assert_eq!(slack.counters().redeliveries, 0, "the gateway is sooner than Slack");
    assert!(first.is_some() && first == second, "{first:?}, {second:?}");
    queue.nats().publish(reply, r#"{"stream":"SLACK-bot","seq":1}"#.into()).await?;
    slack.wait_for_ack(&event, PATIENCE).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_alone_makes_no_menu_outdated() -> Outcome {
    const MENU: &str = r#"{"type":"interactive","envelope_id":"e1","accepts_response_payload":true,"payload":{"type":"block_suggestion","action_id":"city","value":"os"}}"#;
    if !has_nats("a_clock_alone_makes_no_menu_outdated") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let mut answers = queue.nats().subscribe("answers.here").await?;
    let mut headers = HeaderMap::new();
    headers.insert(names::ANSWER_TO, "answers.here");
    headers.insert(names::ANSWER_BY, "1");
    queue.jetstream().publish_with_headers("slack.bot.answers", headers, MENU.into()).await?.await?;
    let worker = bot::run(worker(&slack, &queue)?);
    for (said, verdict) in [("ask", r#"{"outcome":"open"}"#), ("answer", r#"{"outcome":"sent"}"#)] {
        let message = tokio::time::timeout(PATIENCE, answers.next()).await?.ok_or("nothing is said")?;
        let header = message.headers.as_ref().and_then(|headers| headers.get(names::ANSWER));
        assert_eq!(header.map(HeaderValue::as_str), Some(said));
        queue.nats().publish(message.reply.ok_or("no reply")?, verdict.into()).await?;
    }
    until("it is handled", || worker.handle.health().counts.handled == 1).await?;
    assert_eq!(worker.handle.health().counts.outdated, 0);
    Ok(())
}
