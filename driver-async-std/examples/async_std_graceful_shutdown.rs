//! An end in good order: on SIGTERM (elsewhere than on Unix: Ctrl-C) what has been taken on is acknowledged and
//! finished, what comes later is left for Slack to send to the next process, and this one ends with exit
//! code 0.
//!
//! In Slack the app has Socket Mode switched on and a slash command, `/report`; its bot has the scopes
//! `commands` and `chat:write` and is in the channel. `SLACK_APP_TOKEN` and `SLACK_BOT_TOKEN` are read from
//! the environment; type `/report`, and end the process. With `SLACK_API_URL` set as well it talks to another
//! Slack, such as the local one.

use std::error::Error;
use std::time::Duration;

use async_std::future::timeout;
use async_std::task;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use socketmode_async_std::payload::SlashCommand;
use socketmode_async_std::protocol::StopReason;
use socketmode_async_std::{BotToken, Client, Event, Message, Request, Web};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long the handlers may take to acknowledge, and as long again to finish. Whoever sends SIGTERM should wait a little
/// longer before SIGKILL.
const GRACE: Duration = Duration::from_secs(10);

fn main() -> Outcome {
    task::block_on(run())
}

async fn run() -> Outcome {
    // The signal is the application's, not the library's: this one ends the client, others would reload a file.
    let terminated = termination()?;
    let (client, mut events) = Client::from_env()?.connect()?;
    let web = client.web(BotToken::from_env()?);
    task::spawn(async move {
        terminated.await;
        println!("Finishing what is under way.");
        client.shutdown(GRACE).await;
    });
    // A task that is only spawned ends with the process, wherever it is.
    let mut outcome = Ok(());
    let mut handlers = FuturesUnordered::new();
    while let Some(event) = events.next().await {
        match event {
            Event::SlashCommand(command) => {
                let web = web.clone();
                handlers.push(task::spawn(async move {
                    if let Err(error) = report(command, &web).await {
                        eprintln!("/report: {error}");
                    }
                }));
            }
            Event::EventsApi(request) | Event::Interactive(request) => drop(request.ack()),
            // Every acknowledgement has gone out by now. The loop ends after this.
            Event::Stopped(StopReason::Requested) => {}
            Event::Stopped(reason) => outcome = Err(reason.into()),
            _ => {}
        }
        // Those that are done.
        while let Some(Some(())) = handlers.next().now_or_never() {}
    }
    // What was acknowledged, nobody sends again.
    let finished = async { while handlers.next().await.is_some() {} };
    timeout(GRACE, finished).await?;
    println!("Nothing is left to do.");
    outcome
}

/// Ready on SIGTERM; on Windows on Ctrl-C.
fn termination() -> std::io::Result<impl Future<Output = ()>> {
    use async_signal::{Signal, Signals};
    let mut signals = Signals::new([if cfg!(unix) { Signal::Term } else { Signal::Int }])?;
    Ok(async move { drop(signals.next().await) })
}

/// Acknowledges first, as Slack waits for 3 s only; then works.
async fn report(request: Request<SlashCommand>, web: &Web) -> Outcome {
    let command = request.read()?;
    request.ack_with("The report is on its way.").await?;
    let channel = command.channel_id.as_deref().unwrap_or_default();
    let posted = web.post_message(channel, &Message::new("All is well.")).await?;
    println!("Reported in {}.", posted.channel);
    Ok(())
}
