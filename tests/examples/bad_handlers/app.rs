//! An app of which four handlers in ten are bad, or none.

use crate::bot::Program;
use futures_channel::oneshot;
use socketmode_driver::payload::MessageEvent;
use socketmode_driver::router::{Router, ServeError, State};
use socketmode_driver::{Builder, Network, Runtime};
use std::future::{pending, ready};
use std::panic::{self, panic_any};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Longer than the router waits, and as long as Slack does.
const LATE: Duration = Duration::from_secs(3);
/// How long the end may take: what hangs uses all of it.
const GRACE: Duration = Duration::from_millis(500);
const BUG: &str = "a bug";

/// What the handler of an event does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handler {
    Panics,
    Fails,
    Hangs,
    IsLate,
    Good,
}

impl Handler {
    /// Of ten events in a row, the first four are for bad handlers.
    pub(crate) fn of(event: u64) -> Self {
        match event % 10 {
            0 => Self::Panics,
            1 => Self::Fails,
            2 => Self::Hangs,
            3 => Self::IsLate,
            _ => Self::Good,
        }
    }
}

/// What has become of the bad ones.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    pub(crate) errors: AtomicU64,
    pub(crate) unfinished: AtomicU64,
}

pub(crate) struct Bad {
    /// Or all handlers are good ones.
    pub(crate) is_bad: bool,
    pub(crate) concurrency: usize,
    pub(crate) reports: Arc<Reports>,
}

struct Desk<R> {
    is_bad: bool,
    clock: Arc<R>,
}

impl<R> Clone for Desk<R> {
    fn clone(&self) -> Self {
        Self { is_bad: self.is_bad, clock: Arc::clone(&self.clock) }
    }
}

async fn said<R: Runtime>(State(desk): State<Desk<R>>, said: MessageEvent) -> Result<(), &'static str> {
    let number = said.text.and_then(|text| text.parse().ok()).ok_or("no number")?;
    match Handler::of(number) {
        _ if !desk.is_bad => Ok(()),
        Handler::Good => Ok(()),
        Handler::Panics => panic_any(BUG),
        Handler::Fails => Err("the disk is full"),
        Handler::Hangs => pending().await,
        Handler::IsLate => {
            desk.clock.sleep_until(desk.clock.now() + LATE).await;
            Ok(())
        }
    }
}

impl Program for Bad {
    async fn run<R: Runtime>(self, builder: Builder<R>, stopped: oneshot::Receiver<()>) {
        let clock = Arc::new(R::with_network(&Network::default().no_proxy()).expect("a transport"));
        let (client, events) = builder.connect().expect("a client");
        let reports = Arc::clone(&self.reports);
        let app = Router::new(Desk { is_bad: self.is_bad, clock })
            .event::<MessageEvent, _>(said::<R>)
            .on_error(move |_| {
                reports.errors.fetch_add(1, Ordering::Relaxed);
                ready(())
            })
            .concurrency(self.concurrency)
            .build()
            .expect("an app");
        let stopping = client.clone();
        R::spawn(async move {
            // The end of the sender is the order to stop.
            let _ = stopped.await;
            stopping.shutdown(GRACE).await;
        })
        .expect("a task");
        match client.serve(events, app).await {
            Ok(()) => {}
            Err(ServeError::Unfinished { handlers }) => {
                self.reports.unfinished.store(handlers as u64, Ordering::Relaxed);
            }
            Err(error) => eprintln!("the app ended by itself: {error}"),
        }
    }
}

/// Panics that are meant are not printed: there are a hundred a second.
pub(crate) fn expect_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if panic.payload().downcast_ref::<&str>() != Some(&BUG) {
            usual(panic);
        }
    }));
}
