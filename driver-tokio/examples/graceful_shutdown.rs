//! An end in good order: on SIGTERM (elsewhere than on Unix: Ctrl-C) what has been taken on is finished and
//! acknowledged, what comes later is left for Slack to send to the next process, and this one ends with exit
//! code 0.
//!
//! In Slack the app has Socket Mode switched on and a slash command, `/report`; its bot has the scopes
//! `commands` and `chat:write` and is in the channel. `SLACK_APP_TOKEN` and `SLACK_BOT_TOKEN` are read from
//! the environment; type `/report`, and end the process. With `SLACK_API_URL` set as well it talks to another
//! Slack, such as the local one.

use std::error::Error;
use std::time::Duration;

use socketmode_tokio::payload::SlashCommand;
use socketmode_tokio::protocol::StopReason;
use socketmode_tokio::{BotToken, Client, Event, Message, Request, Web};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long the handlers may take to finish. Whoever sends SIGTERM should wait a little longer before SIGKILL.
const GRACE: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    // The signal is the application's, not the library's: this one ends the client, others would reload a file.
    let terminated = termination()?;
    let (client, mut events) = Client::from_env()?.connect()?;
    let web = client.web(BotToken::from_env()?);
    tokio::spawn(async move {
        terminated.await;
        println!("Finishing what is under way.");
        client.shutdown(GRACE).await;
    });
    while let Some(event) = events.next().await {
        match event {
            Event::SlashCommand(command) => {
                let web = web.clone();
                tokio::spawn(async move {
                    if let Err(error) = report(command, &web).await {
                        eprintln!("/report: {error}");
                    }
                });
            }
            Event::EventsApi(request) | Event::Interactive(request) => drop(request.ack()),
            // Every acknowledgement has gone out by now. The loop ends after this.
            Event::Stopped(StopReason::Requested) => println!("Nothing is left to do."),
            Event::Stopped(reason) => return Err(reason.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Acknowledges last: as long as it is at work, the shutdown waits.
async fn report(request: Request<SlashCommand>, web: &Web) -> Outcome {
    let command = request.read()?;
    let channel = command.channel_id.as_deref().unwrap_or_default();
    let posted = web.post_message(channel, &Message::new("All is well.")).await?;
    request.ack_with(format!("Reported in {}.", posted.channel)).await?;
    Ok(())
}

/// Ready on SIGTERM.
#[cfg(unix)]
fn termination() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut signal = signal(SignalKind::terminate())?;
    Ok(async move {
        signal.recv().await;
    })
}

/// Ready on Ctrl-C.
#[cfg(not(unix))]
fn termination() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
