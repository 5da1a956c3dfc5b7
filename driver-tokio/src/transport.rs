//! HTTP, the handshake and the clock.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderValue, Method, Version};
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, Url};
use rustls_platform_verifier::BuilderVerifierExt;
use socketmode_driver::protocol::{Instant, SocketUrl};
use socketmode_driver::{Runtime, Transport, TransportError, TransportErrorKind};
use tokio::runtime::Handle;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::error;
use crate::socket::{TokioSocket, TokioText};

/// How long a connection to the Web API is kept for the next call.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// tokio's timers and reqwest's HTTP. Several clients can share one, by [`Builder::transport`](crate::Builder::transport).
///
/// Proxies come from the environment (`HTTPS_PROXY`, `NO_PROXY`, …) as reqwest reads it, for the call and the WebSocket
/// alike.
#[derive(Debug)]
pub struct TokioTransport {
    http: reqwest::Client,
    origin: tokio::time::Instant,
}

impl TokioTransport {
    /// A transport with the platform's root certificates.
    ///
    /// # Errors
    /// There are no root certificates, or the environment names a proxy that cannot be used.
    pub fn new() -> Result<Self, TransportError> {
        Self::with_http(|builder| builder)
    }

    /// A transport with changes to the HTTP client: a proxy, a resolver, other roots by
    /// [`ClientBuilder::tls_backend_preconfigured`] (with no ALPN).
    /// What Socket Mode needs is set after the changes: HTTP/1.1 only, no redirects, no delay for small packets.
    ///
    /// # Errors
    /// There are no root certificates, or the changes cannot work.
    pub fn with_http(change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Result<Self, TransportError> {
        let defaults = ClientBuilder::new()
            .tls_backend_preconfigured(tls()?)
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(KEEP_ALIVE);
        let http = change(defaults)
            .http1_only()
            .redirect(Policy::none())
            .referer(false)
            .tcp_nodelay(true)
            .build()
            .map_err(|error| error::of_reqwest(error, TransportErrorKind::Setup))?;
        Ok(Self { http, origin: tokio::time::Instant::now() })
    }

    async fn upgrade(&self, url: &SocketUrl) -> Result<TokioSocket, TransportError> {
        let key = generate_key();
        let request = self
            .http
            .request(Method::GET, http_url(url)?)
            .header(CONNECTION, HeaderValue::from_static("Upgrade"))
            .header(UPGRADE, HeaderValue::from_static("websocket"))
            .header(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))
            .header(SEC_WEBSOCKET_KEY, &key);
        let response =
            request.send().await.map_err(|error| error::of_reqwest(error, TransportErrorKind::Io))?;
        let protocol_error = |message| TransportError::new(TransportErrorKind::Protocol, message);
        if response.version() != Version::HTTP_11 {
            return Err(protocol_error(
                "the handshake was answered by another HTTP version than 1.1: offer no ALPN",
            ));
        }
        if response.status() != http::StatusCode::SWITCHING_PROTOCOLS {
            let status = response.status().as_u16();
            return Err(TransportError::new(
                TransportErrorKind::Status(status),
                format!("HTTP status {status}"),
            ));
        }
        if response.headers().get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes)
            != Some(derive_accept_key(key.as_bytes()).as_bytes())
        {
            return Err(protocol_error("the handshake was answered with a wrong Sec-WebSocket-Accept"));
        }
        let upgraded =
            response.upgrade().await.map_err(|error| error::of_reqwest(error, TransportErrorKind::Io))?;
        Ok(TokioSocket::new(upgraded).await)
    }
}

impl Transport for TokioTransport {
    type Text = TokioText;
    type Socket = TokioSocket;

    async fn send(
        &self,
        request: http::Request<Bytes>,
        limit: usize,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let io = |error| error::of_reqwest(error, TransportErrorKind::Io);
        let request = reqwest::Request::try_from(request).map_err(io)?;
        let mut response = self.http.execute(request).await.map_err(io)?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(io)? {
            if body.len() + chunk.len() > limit {
                let message = format!("the answer is larger than {limit} bytes");
                return Err(TransportError::new(TransportErrorKind::TooLarge, message));
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::new(body.freeze());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }

    async fn dial(&self, url: &SocketUrl) -> Result<TokioSocket, TransportError> {
        self.upgrade(url).await
    }

    async fn sleep_until(&self, at: Instant) {
        tokio::time::sleep_until(self.origin + Duration::from_millis(at.as_millis())).await;
    }

    fn now(&self) -> Instant {
        Instant::ZERO
            + Duration::from_millis(u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

impl Runtime for TokioTransport {
    fn with_defaults() -> Result<Self, TransportError> {
        Self::new()
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Result<(), TransportError> {
        let runtime = Handle::try_current().map_err(|_| {
            let message =
                "there is no tokio runtime here: call connect() inside one, or build() and spawn the driver";
            TransportError::new(TransportErrorKind::Setup, message)
        })?;
        runtime.spawn(future);
        Ok(())
    }
}

/// TLS by rustls and ring, with the platform's roots. No ALPN: an upgrade needs HTTP/1.1.
fn tls() -> Result<rustls::ClientConfig, TransportError> {
    let setup = |error: rustls::Error| TransportError::new(TransportErrorKind::Setup, error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().map_err(setup)?;
    Ok(builder.with_platform_verifier().map_err(setup)?.with_no_client_auth())
}

/// The URL as an HTTP client takes it.
fn http_url(url: &SocketUrl) -> Result<Url, TransportError> {
    let text = url.expose_secret();
    let http = match text.strip_prefix("wss://") {
        Some(rest) => format!("https://{rest}"),
        None => text.replacen("ws://", "http://", 1),
    };
    Url::parse(&http)
        .map_err(|_| TransportError::new(TransportErrorKind::Protocol, "the WebSocket URL cannot be read"))
}
