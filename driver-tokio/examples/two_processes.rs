//! Two processes of one app without a queue: each holds a connection, Slack spreads the envelopes, and each knows of the other's
//! connection. This example starts a local Slack and itself twice, sends events, rotates both connections at the same time, takes
//! the app's connections away for some seconds, kills one process, and says what Slack counted.
//!
//! `cargo run -p socketmode-tokio --example two_processes`

use std::error::Error;
use std::process::{Child, Command};
use std::time::Duration;

use socketmode_simulator::{CHANNEL, LinkInfo, OpenAnswer, Options, PERSON, Simulator};
use socketmode_tokio::payload::MessageEvent;
use socketmode_tokio::router::Router;
use socketmode_tokio::{Client, Event, Notice};
use tokio::time::sleep;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const PATIENCE: Duration = Duration::from_secs(60);
const NAME: &str = "TWO_PROCESSES_NAME";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    match std::env::var(NAME) {
        Ok(name) => bot(&name).await,
        Err(_) => slack().await,
    }
}

/// One of the two.
async fn bot(name: &str) -> Outcome {
    let builder = Client::from_env()?.config(|config| config.expect_other_connections = 1);
    let (client, events) = builder.connect()?;
    let owned = name.to_owned();
    let app = Router::new(())
        .event::<MessageEvent, _>(async || ())
        .on_notice(move |event| {
            if let Event::Notice(Notice::OtherConnections { others, expected, .. }) = event {
                if others > expected {
                    println!("{owned}: {others} connections of others, and {expected} are planned");
                }
            }
        })
        .build()?;
    Ok(client.serve(events, app).await?)
}

async fn slack() -> Outcome {
    let slack = Simulator::start(Options::default())?;
    let mut bots = [start(&slack, "first")?, start(&slack, "second")?];
    let links = slack.wait_for_links(2, PATIENCE).await?;
    say(&slack, 100).await?;
    println!(
        "100 events: {} and {} acknowledged by the two connections",
        by(&slack, &links, 0),
        by(&slack, &links, 1)
    );

    // Both at the same time, as when Slack's hosts are replaced.
    for link in &links {
        slack.rotate(link.id)?;
    }
    let mut most = 0;
    for _ in 0..20 {
        say(&slack, 5).await?;
        most = most.max(slack.connections());
    }
    println!("both are rotated: 100 events acknowledged, at most {most} connections");

    // An outage: nothing can be opened, and what is open breaks.
    let before = slack.opens().len();
    slack.all_opens(Some(OpenAnswer::Status(503, Vec::new(), String::new())));
    for link in slack.links().iter().filter(|link| link.end.is_none()) {
        slack.reset(link.id)?;
    }
    sleep(Duration::from_secs(10)).await;
    let tries = slack.opens().len() - before;
    slack.all_opens(None);
    slack.wait_for_links(2, PATIENCE).await?;
    say(&slack, 20).await?;
    println!("an outage of 10 s: {tries} calls by both, then {} connections", slack.connections());

    // One process dies: the other one has all.
    if let Some(bot) = bots.first_mut() {
        bot.kill()?;
        bot.wait()?;
    }
    say(&slack, 20).await?;
    println!("one process is killed: 20 events acknowledged by the other");
    for bot in &mut bots {
        bot.kill()?;
        bot.wait()?;
    }
    Ok(())
}

fn start(slack: &Simulator, name: &str) -> Outcome<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env(NAME, name).env("SLACK_API_URL", slack.api_url()).env("SLACK_APP_TOKEN", slack.app_token());
    Ok(command.spawn()?)
}

/// So many events, and waits until each is acknowledged.
async fn say(slack: &Simulator, events: usize) -> Outcome {
    let sent: Vec<_> = (0..events).map(|number| slack.say(PERSON, CHANNEL, &number.to_string())).collect();
    for id in &sent {
        slack.wait_for_ack(id, PATIENCE).await?;
    }
    Ok(())
}

/// How many came by this connection.
fn by(slack: &Simulator, links: &[LinkInfo], number: usize) -> usize {
    let link = links.get(number).map(|link| link.id);
    slack.acks().iter().filter(|ack| Some(ack.link) == link).count()
}
