//! A bot that an orchestrator can ask how it is: `/readyz` (can envelopes arrive?), `/livez` (does its loop turn?) and, for
//! Prometheus, `/metrics`, on the address in `HEALTH_ADDRESS` (`127.0.0.1:8080` without it). The body is the whole health as JSON.
//! Without `/metrics` it needs no axum: `client.answer_probes(address)` answers the others.
//!
//! In Slack the app has Socket Mode switched on. `SLACK_APP_TOKEN` is read from the environment. With `SLACK_API_URL` set
//! as well it talks to another Slack, such as the local one.

use std::error::Error;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusBuilder;
use socketmode_tokio::{Client, Event, Events, Notice, Request, metrics};
use tokio::net::TcpListener;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const ADDRESS: &str = "127.0.0.1:8080";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    // Before the client is built, which looks its counters up.
    let recorder = PrometheusBuilder::new().set_buckets(&metrics::BUCKETS)?.install_recorder()?;
    let (client, events) = Client::from_env()?.connect()?;
    let address = std::env::var("HEALTH_ADDRESS").unwrap_or_else(|_| ADDRESS.to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("Listening on {}.", listener.local_addr()?);
    let rendered = move || async move {
        recorder.run_upkeep();
        recorder.render()
    };
    let answer = |uri: Uri, State(client): State<Client>| async move {
        let probe = client.health().probe(uri.path());
        (StatusCode::from_u16(probe.status).unwrap_or_default(), probe.body)
    };
    let router = Router::new().route("/metrics", get(rendered)).fallback(answer).with_state(client);
    tokio::select! {
        served = axum::serve(listener, router) => Ok(served?),
        ended = bot(events) => ended,
    }
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
