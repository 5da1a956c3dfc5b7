//! A bot that an orchestrator can ask how it is: `/readyz` (can envelopes arrive?), `/livez` (does its loop turn?)
//! on the address in `HEALTH_ADDRESS` (`127.0.0.1:8080` without it). The body is the whole health as JSON.
//!
//! In Slack the app has Socket Mode switched on. `SLACK_APP_TOKEN` is read from the environment. With `SLACK_API_URL` set
//! as well it talks to another Slack, such as the local one.

use std::error::Error;
use std::time::Duration;

use async_std::future::timeout;
use async_std::io::{ReadExt, WriteExt};
use async_std::net::{TcpListener, TcpStream};
use async_std::task;
use socketmode_async_std::{Client, Event, Events, Health, Notice, Request};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const ADDRESS: &str = "127.0.0.1:8080";
/// How long a probe may take, and how long its request may be. There is one at a time.
const PATIENCE: Duration = Duration::from_secs(1);
const MAX_REQUEST: usize = 8 * 1024;

fn main() -> Outcome {
    task::block_on(run())
}

async fn run() -> Outcome {
    let (client, events) = Client::from_env()?.connect()?;
    let address = std::env::var("HEALTH_ADDRESS").unwrap_or_else(|_| ADDRESS.to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("Listening on {}.", listener.local_addr()?);
    task::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            // Whoever asks in another way than a probe has no answer.
            let _ = timeout(PATIENCE, answer(socket, &client)).await;
        }
    });
    bot(events).await
}

/// Reads the head of a request, and answers it.
async fn answer(mut socket: TcpStream, client: &Client) -> std::io::Result<()> {
    let (mut request, mut part) = (Vec::new(), [0; 1024]);
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < MAX_REQUEST {
        match socket.read(&mut part).await? {
            0 => return Ok(()),
            read => request.extend(part.iter().take(read)),
        }
    }
    let head = String::from_utf8_lossy(&request);
    let path = head.split(' ').nth(1).unwrap_or_default();
    let (status, body) = probe(&client.health(), path);
    let length = body.len();
    let head = format!("HTTP/1.1 {status} \r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    socket.write_all((head + &body).as_bytes()).await
}

/// What a probe is told: a status and a body. A client that is not ready gets no traffic anyway, as it is the one that asks
/// for it; `/readyz` holds up a rollout until the new process receives. One that is not live is started again.
fn probe(health: &Health, path: &str) -> (u16, String) {
    let fine = match path {
        "/readyz" => health.ready,
        "/livez" => health.live,
        _ => return (404, "there are /readyz and /livez\n".into()),
    };
    let body = serde_json::to_string(health).unwrap_or_else(|error| error.to_string());
    (if fine { 200 } else { 503 }, body + "\n")
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
