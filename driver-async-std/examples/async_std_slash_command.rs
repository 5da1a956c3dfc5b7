//! A slash command that is answered at once, and once more when the work is done.
//!
//! In Slack the app has Socket Mode switched on and a slash command, `/lunch`; its bot has the scope
//! `commands`. `SLACK_APP_TOKEN` and `SLACK_BOT_TOKEN` are read from the environment; type `/lunch pizza` in
//! a channel. With `SLACK_API_URL` set as well it talks to another Slack, such as the local one.

use std::error::Error;

use async_std::task;
use socketmode_async_std::payload::SlashCommand;
use socketmode_async_std::{BotToken, Client, Event, Message, Notice, Request, Web};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome {
    task::block_on(run())
}

async fn run() -> Outcome {
    let (client, mut events) = Client::from_env()?.connect()?;
    let web = client.web(BotToken::from_env()?);
    while let Some(event) = events.next().await {
        match event {
            Event::SlashCommand(command) => {
                let web = web.clone();
                // A task of its own: a slow command holds up no other.
                task::spawn(async move {
                    if let Err(error) = lunch(command, &web).await {
                        eprintln!("/lunch: {error}");
                    }
                });
            }
            Event::Notice(Notice::ConnectionError { error, .. }) => eprintln!("not connected: {error}"),
            Event::Stopped(reason) => return Err(reason.into()),
            _ => {}
        }
    }
    Ok(())
}

async fn lunch(request: Request<SlashCommand>, web: &Web) -> Outcome {
    let command = request.payload::<SlashCommand>()?;
    let dish = command.text.as_deref().filter(|text| !text.is_empty()).unwrap_or("soup");

    // Within 3 s. Only who typed the command sees this answer.
    request.ack_with(Message::new(format!("Looking for {dish} …"))).await?;

    let place = find(dish).await;

    // Within 30 minutes. Everybody in the channel sees this one.
    if let Some(response_url) = &command.response_url {
        let found = Message::new(format!("{dish} is to be had at {place}.")).in_channel();
        web.respond(response_url.expose_secret(), &found).await?;
    }
    Ok(())
}

/// The work, as slow as it likes to be.
async fn find(dish: &str) -> String {
    // Here a search engine would be asked.
    format!("the {dish} place around the corner")
}
