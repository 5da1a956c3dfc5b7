//! Acknowledges everything at once, for every token, until SIGTERM; then says how much it was.
//!
//! Reads `SLACK_API_URL` (it ends with `/api/`) and `SLACK_APP_TOKEN`, or the comma-separated `SLACK_APP_TOKENS`.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use socketmode_tokio::{AppToken, Client, Event, Events, TokioTransport};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let tokens = std::env::var("SLACK_APP_TOKENS").unwrap_or_default();
    let mut tokens: Vec<AppToken> =
        tokens.split(',').filter(|token| !token.is_empty()).map(AppToken::new).collect::<Result<_, _>>()?;
    if tokens.is_empty() {
        tokens.push(AppToken::from_env()?);
    }
    let transport = Arc::new(TokioTransport::new()?);
    let handled = Arc::new(AtomicU64::new(0));
    for token in tokens {
        let mut builder = Client::builder(token).transport(Arc::clone(&transport));
        if let Ok(url) = std::env::var("SLACK_API_URL") {
            builder = builder.base_url(url);
        }
        let (_client, events) = builder.connect()?;
        tokio::spawn(acknowledge(events, Arc::clone(&handled)));
    }
    signal(SignalKind::terminate())?.recv().await;
    println!("handled={}", handled.load(Ordering::Relaxed));
    Ok(())
}

async fn acknowledge(mut events: Events, handled: Arc<AtomicU64>) {
    while let Some(event) = events.next().await {
        match event {
            Event::EventsApi(request)
            | Event::SlashCommand(request)
            | Event::Interactive(request)
            | Event::Other(request) => {
                // It is on its way; what becomes of it would be told by awaiting it.
                drop(request.ack());
                handled.fetch_add(1, Ordering::Relaxed);
            }
            Event::Stopped(reason) => eprintln!("stopped: {reason}"),
            _ => {}
        }
    }
}
