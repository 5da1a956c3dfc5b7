//! `socketmode-gateway`: Slack's Socket Mode on one side, a stream of NATS JetStream on the other.
//!
//! Flags and environment variables configure it: `socketmode-gateway --help`. SIGTERM and Ctrl-C end it in good order.
#![forbid(unsafe_code)]

mod http;
mod options;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use metrics_exporter_prometheus::PrometheusBuilder;
use socketmode_jetstream::{Gateway, GatewayHandle};
use socketmode_tokio::{Client, metrics};
use tokio::net::TcpListener;
use tracing::{error, info};
use tracing_subscriber::EnvFilter;

use self::options::Options;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    // The libraries below log whole messages at their lowest levels.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).init();
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!(%error, "the gateway ends");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Outcome {
    // Before the client is built, which looks its counters up.
    let recorder = PrometheusBuilder::new().set_buckets(&metrics::BUCKETS)?.install_recorder()?;
    let listener = TcpListener::bind(&options.listen).await?;
    info!(address = %listener.local_addr()?, "answers /livez, /readyz and /metrics");
    let queue = options.queue().connect(options.servers()?, options.nats().await?).await?;
    let client = Client::from_env()?.connections(options.connections);
    let gateway = Gateway::start_one_of(options.gateways, queue, client).await?;
    let (handle, grace) = (gateway.handle(), options.grace());
    let server = tokio::spawn(http::serve(listener, gateway.handle(), recorder));
    tokio::spawn(async move {
        if let Err(error) = end(handle, grace).await {
            error!(%error, "signals cannot be received");
        }
    });
    let ended = gateway.run().await;
    server.abort();
    Ok(ended?)
}

async fn end(handle: GatewayHandle, grace: std::time::Duration) -> Outcome {
    tokio::select! {
        terminated = terminated() => terminated?,
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    info!("the gateway drains");
    handle.shutdown(grace).await;
    Ok(())
}

#[cfg(unix)]
async fn terminated() -> Outcome {
    use tokio::signal::unix::{SignalKind, signal};
    signal(SignalKind::terminate())?.recv().await;
    Ok(())
}

#[cfg(not(unix))]
async fn terminated() -> Outcome {
    std::future::pending().await
}
