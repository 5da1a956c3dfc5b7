//! A bot that an orchestrator can ask how it is: `/readyz` (can envelopes arrive?), `/livez` (does its loop turn?)
//! on the address in `HEALTH_ADDRESS` (`127.0.0.1:8080` without it). The body is the whole health as JSON.
//!
//! In Slack the app has Socket Mode switched on. `SLACK_APP_TOKEN` is read from the environment. With `SLACK_API_URL` set
//! as well it talks to another Slack, such as the local one.

use std::error::Error;

use async_std::task;
use socketmode_async_std::{Client, Event, Events, Notice, Request};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const ADDRESS: &str = "127.0.0.1:8080";

fn main() -> Outcome {
    task::block_on(run())
}

async fn run() -> Outcome {
    let (client, events) = Client::from_env()?.connect()?;
    let address = std::env::var("HEALTH_ADDRESS").unwrap_or_else(|_| ADDRESS.to_owned());
    println!("Listening on {}.", client.answer_probes(address)?);
    bot(events).await
}

/// Acknowledges everything, and tells of each gap: what Slack did not send again since then is to be looked for.
async fn bot(mut events: Events) -> Outcome {
    while let Some(event) = events.next().await {
        match event {
            Event::Notice(Notice::Connected { gap: Some(gap), .. }) if !gap.is_zero() => {
                println!("Nothing came for {gap:?}.");
            }
            Event::Stopped(reason) => return Err(reason.into()),
            other => drop(other.into_request().map(Request::ack)),
        }
    }
    Ok(())
}
