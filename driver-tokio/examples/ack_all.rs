//! Acknowledges everything at once, for every token, until SIGTERM; then says how much it was.
//!
//! Reads `SLACK_API_URL` (it ends with `/api/`) and `SLACK_APP_TOKEN`, or the comma-separated `SLACK_APP_TOKENS`.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use socketmode_tokio::{AppToken, Builder, Client, Event, Network, Notice, TokioTransport};
use tokio::sync::Semaphore;

/// Clients that connect at a time: a handshake needs several times the memory of a link, and Slack counts calls.
const CONNECTING: usize = 8;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let tokens = std::env::var("SLACK_APP_TOKENS").unwrap_or_default();
    let mut tokens: Vec<AppToken> =
        tokens.split(',').filter(|token| !token.is_empty()).map(AppToken::new).collect::<Result<_, _>>()?;
    if tokens.is_empty() {
        tokens.push(AppToken::from_env()?);
    }
    let terminated = termination()?;
    let transport = Arc::new(TokioTransport::new(&Network::default())?);
    let connecting = Arc::new(Semaphore::new(CONNECTING));
    let handled = Arc::new(AtomicU64::new(0));
    for token in tokens {
        let mut builder = Client::builder(token).transport(Arc::clone(&transport));
        if let Ok(url) = std::env::var("SLACK_API_URL") {
            builder = builder.base_url(url);
        }
        tokio::spawn(acknowledge(builder, Arc::clone(&connecting), Arc::clone(&handled)));
    }
    terminated.await;
    println!("handled={}", handled.load(Ordering::Relaxed));
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

async fn acknowledge(builder: Builder, connecting: Arc<Semaphore>, handled: Arc<AtomicU64>) {
    let mut turn = connecting.acquire().await.ok();
    let mut events = match builder.connect() {
        Ok((_client, events)) => events,
        Err(error) => return eprintln!("{error}"),
    };
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
    drop(turn);
}
