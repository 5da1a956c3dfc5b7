//! What an orchestrator and Prometheus ask.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use socketmode_jetstream::GatewayHandle;
use tokio::net::TcpListener;
use tracing::error;

pub(crate) async fn serve(listener: TcpListener, handle: GatewayHandle, recorder: PrometheusHandle) {
    let rendered = move || async move {
        recorder.run_upkeep();
        recorder.render()
    };
    let router = Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/metrics", get(rendered))
        .with_state(handle);
    if let Err(error) = axum::serve(listener, router).await {
        error!(%error, "probes are not answered");
    }
}

/// A gateway that is not live is to be started again.
async fn livez(State(handle): State<GatewayHandle>) -> Response {
    answer(handle.health().live, &handle)
}

/// It holds up a rollout until the new gateway receives and can store.
async fn readyz(State(handle): State<GatewayHandle>) -> Response {
    answer(handle.health().ready, &handle)
}

fn answer(is_fine: bool, handle: &GatewayHandle) -> Response {
    let status = if is_fine { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    match serde_json::to_string(&handle.health()) {
        Ok(body) => (status, [(CONTENT_TYPE, "application/json")], body + "\n").into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
