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

use socketmode_tokio::payload::SlashCommand;
use socketmode_tokio::protocol::StopReason;
use socketmode_tokio::{BotToken, Client, Event, Message, Request, Web};
use tokio::task::JoinSet;
use tokio::time::timeout;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long the handlers may take to acknowledge, and as long again to finish. Whoever sends SIGTERM should wait a little
/// longer before SIGKILL.
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
    // A task that is only spawned ends with the process, wherever it is.
    let mut outcome = Ok(());
    let mut handlers = JoinSet::new();
    while let Some(event) = events.next().await {
        match event {
            Event::SlashCommand(command) => {
                let web = web.clone();
                handlers.spawn(async move {
                    if let Err(error) = report(command, &web).await {
                        eprintln!("/report: {error}");
                    }
                });
            }
            Event::EventsApi(request) | Event::Interactive(request) => drop(request.ack()),
            // Every acknowledgement has gone out by now. The loop ends after this.
            Event::Stopped(StopReason::Requested) => {}
            Event::Stopped(reason) => outcome = Err(reason.into()),
            _ => {}
        }
        // Those that are done.
        while handlers.try_join_next().is_some() {}
    }
    // What was acknowledged, nobody sends again.
    let finished = async { while handlers.join_next().await.is_some() {} };
    timeout(GRACE, finished).await?;
    println!("Nothing is left to do.");
    outcome
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

/// Acknowledges first, as Slack waits for 3 s only; then works.
async fn report(request: Request<SlashCommand>, web: &Web) -> Outcome {
    let command = request.read()?;
    request.ack_with("The report is on its way.").await?;
    let channel = command.channel_id.as_deref().unwrap_or_default();
    let posted = web.post_message(channel, &Message::new("All is well.")).await?;
    println!("Reported in {}.", posted.channel);
    Ok(())
}
