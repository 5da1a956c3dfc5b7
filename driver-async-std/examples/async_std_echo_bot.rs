//! Echoes messages, answers `/hello`, and acknowledges buttons.
//!
//! With `SLACK_APP_TOKEN` and `SLACK_BOT_TOKEN` in the environment it talks to slack.com. Without them it starts a local
//! Slack inside this process and takes each line of standard input as a message that a person typed.

use std::error::Error;
use std::time::Duration;

use async_std::io::{BufReader, prelude::BufReadExt, stdin};
use async_std::stream::StreamExt;
use async_std::task;
use serde::Deserialize;
use serde_json::{Value, json};
use socketmode_async_std::{AppToken, BotToken, Client, Event, Events, Request, Web};
use socketmode_simulator::{CHANNEL, Options, PERSON, Simulator};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long the local Slack waits for the bot.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Outcome {
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .with_writer(std::io::stderr)
        .init();
    task::block_on(run())
}

async fn run() -> Outcome {
    let has_token = |name| std::env::var(name).is_ok_and(|token| !token.trim().is_empty());
    if has_token(AppToken::VARIABLE) || has_token(BotToken::VARIABLE) {
        let bot_token = BotToken::from_env()?;
        let (client, events) = Client::from_env()?.connect()?;
        println!("Talking to Slack. Write to the bot, or press Ctrl-C to end.");
        return bot(events, client.web(bot_token)).await;
    }
    println!(
        "No SLACK_APP_TOKEN and SLACK_BOT_TOKEN in the environment: this is a local Slack inside this process."
    );
    println!("Type a message, or /hello; end with Ctrl-D.");
    let slack = Simulator::start(Options::default())?;
    let (client, events) =
        Client::builder(AppToken::new(&slack.app_token())?).base_url(slack.api_url()).connect()?;
    let bot = task::spawn(bot(events, client.web(BotToken::new(&slack.bot_token())?)));
    slack.wait_for_links(1, PATIENCE).await?;
    person(&slack).await?;
    client.shutdown(Duration::from_secs(5)).await;
    bot.await
}

/// Somebody at the local Slack: types each line of standard input.
async fn person(slack: &Simulator) -> Outcome {
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next().await {
        let line = line?;
        if !line.trim().is_empty() {
            type_line(slack, &line).await?;
        }
    }
    Ok(())
}

/// The bot: what you would write.
async fn bot(mut events: Events, web: Web) -> Outcome {
    while let Some(event) = events.next().await {
        match event {
            Event::EventsApi(request) => on_event(request, &web).await?,
            Event::SlashCommand(command) => {
                command.ack_with("Hello to you!").await?;
            }
            Event::Interactive(request) | Event::Other(request) => {
                request.ack().await?;
            }
            Event::Stopped(reason) => println!("The bot has stopped: {reason}."),
            _ => {}
        }
    }
    Ok(())
}

async fn on_event(request: Request, web: &Web) -> Outcome {
    #[derive(Deserialize)]
    struct Callback {
        event: Option<Message>,
    }
    #[derive(Deserialize)]
    struct Message {
        #[serde(rename = "type")]
        kind: String,
        channel: Option<String>,
        text: Option<String>,
        bot_id: Option<String>,
        subtype: Option<String>,
    }
    let callback = request.payload::<Callback>();
    // First of all: Slack waits for this, and not for the answer.
    request.ack().await?;
    let Ok(Callback { event: Some(message) }) = callback else { return Ok(()) };
    let by_a_person = message.bot_id.is_none() && message.subtype.is_none();
    if let (true, "message", Some(channel), Some(text)) =
        (by_a_person, &*message.kind, message.channel, message.text)
    {
        let _answer: Value =
            web.call("chat.postMessage", &json!({ "channel": channel, "text": text })).await?;
    }
    Ok(())
}

/// Types one line at the local Slack, and shows what the bot answers.
async fn type_line(slack: &Simulator, line: &str) -> Outcome {
    println!("you: {line}");
    let answer = match line.strip_prefix('/') {
        Some(command) => {
            let (name, text) = command.split_once(' ').unwrap_or((command, ""));
            let id = slack.command(&format!("/{name}"), text);
            slack.wait_for_ack(&id, PATIENCE).await?.payload.and_then(|payload| payload.get("text").cloned())
        }
        None => {
            slack.say(PERSON, CHANNEL, line);
            slack.wait_for_call("chat.postMessage", PATIENCE).await?.body.get("text").cloned()
        }
    };
    println!("bot: {}", answer.as_ref().and_then(Value::as_str).unwrap_or("(acknowledged)"));
    Ok(())
}
