//! Acknowledges everything at once, for every token, until SIGTERM; then says how much it was.
//!
//! Reads `SLACK_API_URL` (it ends with `/api/`) and `SLACK_APP_TOKEN`, or the comma-separated `SLACK_APP_TOKENS`.
//! Everything runs on the thread of `main`, the drivers as well: they are futures like any other.

use std::error::Error;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_lock::Semaphore;
use async_std::task;
use futures_util::StreamExt;
use futures_util::future::{join, select};
use futures_util::stream::FuturesUnordered;
use socketmode_async_std::{AppToken, AsyncStdTransport, Builder, Client, Event, Network, Notice};

/// Clients that connect at a time: a handshake needs several times the memory of a link, and Slack counts calls.
const CONNECTING: usize = 8;

fn main() -> Result<(), Box<dyn Error>> {
    task::block_on(run())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let tokens = std::env::var("SLACK_APP_TOKENS").unwrap_or_default();
    let mut tokens: Vec<AppToken> =
        tokens.split(',').filter(|token| !token.is_empty()).map(AppToken::new).collect::<Result<_, _>>()?;
    if tokens.is_empty() {
        tokens.push(AppToken::from_env()?);
    }
    let terminated = pin!(termination()?);
    let transport = Arc::new(AsyncStdTransport::new(&Network::default())?);
    let (connecting, handled) = (Semaphore::new(CONNECTING), AtomicU64::new(0));
    let mut clients = FuturesUnordered::new();
    for token in tokens {
        let mut builder = Client::builder(token).transport(Arc::clone(&transport));
        if let Ok(url) = std::env::var("SLACK_API_URL") {
            builder = builder.base_url(url);
        }
        clients.push(acknowledge(builder, &connecting, &handled));
    }
    select(terminated, pin!(async { while clients.next().await.is_some() {} })).await;
    println!("handled={}", handled.load(Ordering::Relaxed));
    Ok(())
}

/// Ready on SIGTERM; on Windows on Ctrl-C.
fn termination() -> std::io::Result<impl Future<Output = ()>> {
    use async_signal::{Signal, Signals};
    let mut signals = Signals::new([if cfg!(unix) { Signal::Term } else { Signal::Int }])?;
    Ok(async move { drop(signals.next().await) })
}

async fn acknowledge(builder: Builder, connecting: &Semaphore, handled: &AtomicU64) {
    let mut turn = Some(connecting.acquire().await);
    let (_client, mut events, driver) = match builder.build() {
        Ok(built) => built,
        Err(error) => return eprintln!("{error}"),
    };
    let handle = async {
        while let Some(event) = events.next().await {
            match event.into_request() {
                Ok(request) => {
                    // It is on its way; what becomes of it would be told by awaiting it.
                    drop(request.ack());
                    handled.fetch_add(1, Ordering::Relaxed);
                }
                Err(Event::Notice(Notice::Connected { .. } | Notice::ConnectionError { .. })) => turn = None,
                Err(Event::Stopped(reason)) => eprintln!("stopped: {reason}"),
                Err(_) => {}
            }
        }
    };
    join(driver, handle).await;
}
