//! A bot on a thread of its own, on any driver.

use clap::ValueEnum;
use futures_channel::oneshot;
use socketmode_async_std::AsyncStdTransport;
use socketmode_async_std::smol::SmolTransport;
use socketmode_driver::{AppToken, Builder, Client, Network, Runtime};
use socketmode_simulator::Simulator;
use socketmode_tokio::TokioTransport;
use std::future::Future;
use std::thread::{self, JoinHandle};

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

/// What a bot does, until the other end of `stopped` is gone.
pub(crate) trait Program: Send + 'static {
    fn run<R: Runtime>(self, builder: Builder<R>, stopped: oneshot::Receiver<()>)
    -> impl Future<Output = ()>;
}

/// A bot. It ends in order when it is dropped.
pub(crate) struct Bot {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Bot {
    pub(crate) fn start(driver: Driver, slack: &Simulator, program: impl Program) -> Self {
        let (url, token) = (slack.api_url(), slack.app_token());
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || match driver {
            Driver::Tokio => tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime")
                .block_on(program.run(builder::<TokioTransport>(&url, &token), stopped)),
            Driver::AsyncStd => {
                async_std::task::block_on(program.run(builder::<AsyncStdTransport>(&url, &token), stopped));
            }
            Driver::Smol => smol::block_on(program.run(builder::<SmolTransport>(&url, &token), stopped)),
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

fn builder<R: Runtime>(url: &str, token: &str) -> Builder<R> {
    Client::builder(AppToken::new(token).expect("a token"))
        .base_url(url)
        .network(Network::default().no_proxy())
}
