//! One of each kind of request on its way: Slack, gateway, stream, worker, handler.

mod common;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use common::{Nats, Outcome, PATIENCE, bot, has_nats, until};
use serde_json::{Value, json};
use socketmode_jetstream::{Queue, names};
use socketmode_simulator::{CHANNEL, PERSON};
use socketmode_tokio::payload::{MessageEvent as Said, SlashCommand};
use socketmode_tokio::router::{Click, Responder, RouteError, Router, State};
use socketmode_tokio::{Message, Suggestions, ViewResponse};
use tokio::sync::Barrier;

type Seen = Arc<Mutex<Vec<String>>>;

fn note(seen: &Seen, what: impl Into<String>) {
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(what.into());
}

fn app(seen: &Seen) -> Result<socketmode_tokio::router::App<Seen>, RouteError> {
    Router::new(Arc::clone(seen))
        .event::<Said, _>(async |said: Said, State(seen): State<Seen>| {
            note(&seen, said.text.unwrap_or_default());
        })
        .command("/hello", async |command: SlashCommand| {
            Message::new(format!("Hello {}!", command.text.unwrap_or_default()))
        })
        .command("/slow", async || {
            tokio::time::sleep(Duration::from_secs(3)).await;
            "late, and here"
        })
        .action("approve", async |click: Click, responder: Responder| {
            responder.send(&Message::new(format!("{} approves", click.user_id()))).await
        })
        .view("form", async || ViewResponse::errors([("when", "Not on a Friday.")]))
        .suggest("city", async || Suggestions::new([("Oslo", "osl")]))
        .build()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_request_is_handled_by_a_worker() -> Outcome {
    if !has_nats("each_kind_of_request_is_handled_by_a_worker") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let seen = Seen::default();
    let gateway = bot::gateway(&slack, &queue).await?;
    let worker = bot::worker(&slack, &queue, app(&seen)?)?;

    let event = slack.say(PERSON, CHANNEL, "good morning");
    slack.wait_for_ack(&event, PATIENCE).await?;
    until("the event is handled", || seen.lock().unwrap().contains(&"good morning".to_owned())).await?;

    let command = slack.command("/hello", "world");
    let ack = slack.wait_for_ack(&command, PATIENCE).await?;
    assert_eq!(ack.payload, Some(json!({ "text": "Hello world!" })));

    let input = json!({ "type": "plain_text_input", "action_id": "day" });
    let block = json!({ "type": "input", "block_id": "when", "element": input });
    slack.opened_before(&json!({ "type": "modal", "callback_id": "form", "blocks": [block] }));
    let view = slack.submit_view("form", json!({ "when": { "day": { "value": "Friday" } } }))?;
    let ack = slack.wait_for_ack(&view, PATIENCE).await?;
    assert_eq!(ack.payload.unwrap()["response_action"], "errors");

    let menu = bot::suggest(&slack, "city", "os")?;
    let ack = slack.wait_for_ack(&menu, PATIENCE).await?;
    assert_eq!(ack.payload.unwrap()["options"][0]["value"], "osl");

    let slow = slack.command("/slow", "");
    let ack = slack.wait_for_ack(&slow, PATIENCE).await?;
    assert_eq!(ack.payload, None, "a plain acknowledgement, in time");
    let posted = slack.wait_for_call("response_url", PATIENCE).await?;
    assert_eq!(posted.body["text"], "late, and here");

    until("all are done", || worker.handle.health().under_way == 0).await?;
    let health = worker.handle.health();
    assert_eq!((health.counts.failed, health.counts.dead), (0, 0), "{health:?}");
    assert!(gateway.handle.health().ready && health.ready);
    worker.stop(Duration::from_secs(5)).await?;
    gateway.stop(Duration::from_secs(5)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_command_gets_its_own_answer() -> Outcome {
    const COMMANDS: usize = 20;
    if !has_nats("each_command_gets_its_own_answer") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let _gateway = bot::gateway(&slack, &queue).await?;
    // All are under way before the first one is answered.
    let app = Router::new(Arc::new(Barrier::new(COMMANDS)))
        .command("/echo", async |command: SlashCommand, State(all): State<Arc<Barrier>>| {
            all.wait().await;
            Message::new(command.text.unwrap_or_default())
        })
        .build()?;
    let _worker = bot::worker(&slack, &queue, app)?;
    let sent: Vec<_> = (0..COMMANDS).map(|number| slack.command("/echo", &number.to_string())).collect();
    let mut answered = 0;
    for (number, id) in sent.iter().enumerate() {
        // On a slow machine some are acknowledged plainly.
        if let Some(payload) = slack.wait_for_ack(id, PATIENCE).await?.payload {
            assert_eq!(payload, json!({ "text": number.to_string() }));
            answered += 1;
        }
    }
    assert!(answered > 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_has_the_headers_of_the_guide() -> Outcome {
    if !has_nats("a_message_has_the_headers_of_the_guide") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = nats.open(Queue::new("bot").allow_single()).await?;
    let slack = bot::slack()?;
    let gateway = bot::gateway(&slack, &queue).await?;
    let event = slack.say(PERSON, CHANNEL, "good morning");
    let command = slack.command("/hello", "world");
    until("both are stored", || gateway.handle.health().counts.stored == 2).await?;
    let stream = queue.jetstream().get_stream(queue.stream_name()).await?;

    let stored = stream.get_last_raw_message_by_subject("slack.bot.events").await?;
    let envelope: Value = serde_json::from_slice(&stored.payload)?;
    let header = |name: &str| stored.headers.get(name).map(|value| value.as_str().to_owned());
    let text = |value: &Value| value.as_str().map(str::to_owned);
    assert_eq!(header(names::MESSAGE_ID), text(&envelope["payload"]["event_id"]));
    assert_eq!(header(names::TEAM), text(&envelope["payload"]["team_id"]));
    assert_eq!(header(names::KIND).as_deref(), Some("events_api"));
    assert_eq!(header(names::ENVELOPE_ID).as_deref(), Some(event.as_str()));
    assert!(envelope["payload"]["event_id"].is_string() && envelope["payload"]["team_id"].is_string());
    assert_eq!((header(names::ANSWER_TO), header(names::RETRY)), (None, None));

    let stored = stream.get_last_raw_message_by_subject("slack.bot.answers").await?;
    let header = |name: &str| stored.headers.get(name).map(|value| value.as_str().to_owned());
    let envelope: Value = serde_json::from_slice(&stored.payload)?;
    assert_eq!(header(names::MESSAGE_ID), Some(format!("answers:{}", command.as_str())));
    assert_eq!(header(names::TEAM), text(&envelope["payload"]["team_id"]));
    assert!(header(names::ANSWER_TO).is_some() && header(names::ANSWER_BY).is_some());
    Ok(())
}
