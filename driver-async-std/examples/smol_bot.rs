//! Answers `/hello` under smol, with no async-std in the process.
//!
//! With `SLACK_APP_TOKEN` in the environment it talks to slack.com until it is stopped. Without it, it starts a local
//! Slack inside this process, where somebody types the command once.

use std::error::Error;
use std::time::Duration;

use socketmode_async_std::smol::Client;
use socketmode_async_std::{AppToken, Event, Events};
use socketmode_simulator::{Options, Simulator};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long the local Slack waits for the bot.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Outcome {
    smol::block_on(async {
        if std::env::var_os(AppToken::VARIABLE).is_some() {
            let (_client, events) = Client::from_env()?.connect()?;
            return bot(events).await;
        }
        let slack = Simulator::start(Options::default())?;
        let (client, events) =
            Client::builder(AppToken::new(&slack.app_token())?).base_url(slack.api_url()).connect()?;
        let bot = smol::spawn(bot(events));
        slack.wait_for_links(1, PATIENCE).await?;
        println!("somebody: /hello");
        let command = slack.command("/hello", "");
        let answer = slack.wait_for_ack(&command, PATIENCE).await?.payload;
        println!("bot: {}", answer.as_ref().and_then(|answer| answer["text"].as_str()).unwrap_or_default());
        client.shutdown(Duration::from_secs(5)).await;
        bot.await
    })
}

/// The bot: what you would write.
async fn bot(mut events: Events) -> Outcome {
    while let Some(event) = events.next().await {
        match event {
            Event::SlashCommand(command) => {
                command.ack_with("Hello from smol!").await?;
            }
            Event::EventsApi(request) | Event::Interactive(request) | Event::Other(request) => {
                request.ack().await?;
            }
            Event::Stopped(reason) => println!("The bot has stopped: {reason}."),
            _ => {}
        }
    }
    Ok(())
}
