//! A bot that depends on the packages as a stranger does. It answers a command on tokio and on smol.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;

use socketmode_simulator::{Options, Simulator};

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

/// How long the local Slack waits for the bot.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> Outcome {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(on_tokio())?;
    smol::block_on(on_smol())
}

async fn on_tokio() -> Outcome {
    use socketmode_tokio::{AppToken, Client, Event};
    let slack = Simulator::start(Options::default())?;
    let (client, mut events) =
        Client::builder(AppToken::new(&slack.app_token())?).base_url(slack.api_url()).connect()?;
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            if let Event::SlashCommand(command) = event {
                drop(command.ack_with("Hello from tokio!"));
            }
        }
    });
    ask(&slack).await?;
    client.shutdown(PATIENCE).await;
    Ok(())
}

async fn on_smol() -> Outcome {
    use socketmode_async_std::smol::Client;
    use socketmode_async_std::{AppToken, Event};
    let slack = Simulator::start(Options::default())?;
    let (client, mut events) =
        Client::builder(AppToken::new(&slack.app_token())?).base_url(slack.api_url()).connect()?;
    smol::spawn(async move {
        while let Some(event) = events.next().await {
            if let Event::SlashCommand(command) = event {
                drop(command.ack_with("Hello from smol!"));
            }
        }
    })
    .detach();
    ask(&slack).await?;
    client.shutdown(PATIENCE).await;
    Ok(())
}

async fn ask(slack: &Simulator) -> Outcome {
    slack.wait_for_links(1, PATIENCE).await?;
    let id = slack.command("/hello", "");
    let ack = slack.wait_for_ack(&id, PATIENCE).await?;
    println!("{}", ack.payload.ok_or("no answer")?["text"]);
    Ok(())
}
