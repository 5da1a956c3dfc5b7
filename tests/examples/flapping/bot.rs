//! A bot that acknowledges everything, on a thread of its own.

use clap::ValueEnum;
use futures_channel::oneshot;
use socketmode_async_std::AsyncStdTransport;
use socketmode_async_std::smol::SmolTransport;
use socketmode_driver::{AppToken, Client, Network, Runtime};
use socketmode_protocol::Config;
use socketmode_simulator::Simulator;
use socketmode_tokio::TokioTransport;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long the end may take.
const GRACE: Duration = Duration::from_secs(10);

/// What a bot runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Driver {
    Tokio,
    AsyncStd,
    Smol,
}

impl Driver {
    pub(crate) const ALL: [Self; 3] = [Self::Tokio, Self::AsyncStd, Self::Smol];

    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// A bot. It ends in order when it is dropped.
pub(crate) struct Bot {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Bot {
    pub(crate) fn start(
        driver: Driver,
        slack: &Simulator,
        configure: impl FnOnce(&mut Config) + Send + 'static,
    ) -> Self {
        let (url, token) = (slack.api_url(), slack.app_token());
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || match driver {
            Driver::Tokio => tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime")
                .block_on(run::<TokioTransport>(&url, &token, configure, stopped)),
            Driver::AsyncStd => {
                async_std::task::block_on(run::<AsyncStdTransport>(&url, &token, configure, stopped));
            }
            Driver::Smol => smol::block_on(run::<SmolTransport>(&url, &token, configure, stopped)),
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // Its panic is on standard error already.
            let _ = thread.join();
        }
    }
}

async fn run<R: Runtime>(
    url: &str,
    token: &str,
    configure: impl FnOnce(&mut Config),
    stopped: oneshot::Receiver<()>,
) {
    let (client, mut events) = Client::<R>::builder(AppToken::new(token).expect("a token"))
        .base_url(url)
        .network(Network::default().no_proxy())
        .config(configure)
        .connect()
        .expect("a client");
    R::spawn(async move {
        // The end of the sender is the order to stop.
        let _ = stopped.await;
        client.shutdown(GRACE).await;
    })
    .expect("a task");
    while let Some(event) = events.next().await {
        if let Ok(request) = event.into_request() {
            request.ack();
        }
    }
}
