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
use socketmode_tokio::router::{Ack, ChannelId, Router};
use socketmode_tokio::{Acked, BotToken, Client, Message, Web};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long the handlers may take to finish. Whoever sends SIGTERM should wait a little longer before SIGKILL.
const GRACE: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    // The signal is the application's, not the library's: this one ends the client, others would reload a file.
    let terminated = termination()?;
    let (client, events) = Client::from_env()?.connect()?;
    let web = client.web(BotToken::from_env()?);
    let app = Router::new(()).web(web).command("/report", report).build()?;
    let stopping = client.clone();
    tokio::spawn(async move {
        terminated.await;
        println!("Finishing what is under way.");
        stopping.shutdown(GRACE).await;
    });
    // It ends when the client has stopped and all handlers are done. If some are not when the grace is over, that is an error.
    client.serve(events, app).await?;
    println!("Nothing is left to do.");
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

/// Acknowledges first, as Slack waits for 3 s only; then works. What was acknowledged, nobody sends again.
async fn report(ack: Ack<SlashCommand>, channel: ChannelId, web: Web) -> Outcome<Acked> {
    let acked = ack.ack_with("The report is on its way.").await?;
    let posted = web.post_message(&channel, &Message::new("All is well.")).await?;
    println!("Reported in {}.", posted.channel);
    Ok(acked)
}
