//! HTTP, the handshake and the clock.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::time::{Duration, Instant as StdInstant};

use async_io::Timer;
use async_tungstenite::{WebSocketStream, client_async_with_config};
use bytes::Bytes;
use http::{Request, Response};
use socketmode_driver::net::websocket::{self, Text, WebSocket};
use socketmode_driver::net::{self, tls};
use socketmode_driver::protocol::{Instant, SocketUrl};
use socketmode_driver::{Network, Runtime, Transport, TransportError};

use crate::connect::{Connection, Connector};
use crate::executor::Executor;
use crate::http1::Http;

/// An open WebSocket.
pub type FuturesSocket = WebSocket<WebSocketStream<Connection>>;

/// async-io's sockets and timers, hyper's HTTP, rustls: they need no executor. `E` is what
/// [`Builder::connect`](socketmode_driver::Builder::connect) spawns on. Several clients can share one transport, by
/// [`Builder::transport`](socketmode_driver::Builder::transport).
pub struct FuturesTransport<E> {
    http: Http,
    origin: StdInstant,
    executor: PhantomData<fn() -> E>,
}

impl<E> FuturesTransport<E> {
    /// A transport that reaches the network in this way.
    ///
    /// # Errors
    /// There are no root certificates, or a setting cannot be used.
    pub fn new(network: &Network) -> Result<Self, TransportError> {
        let http = Http::new(Connector::new(network)?);
        Ok(Self { http, origin: StdInstant::now(), executor: PhantomData })
    }
}

impl<E: 'static> Transport for FuturesTransport<E> {
    type Text = Text;
    type Socket = FuturesSocket;

    async fn send(&self, request: Request<Bytes>, limit: usize) -> Result<Response<Bytes>, TransportError> {
        self.http.send(request, limit).await
    }

    async fn dial(&self, url: &SocketUrl) -> Result<FuturesSocket, TransportError> {
        let connection = self.http.connector.connect(&net::http_uri(url)?).await?;
        let config = Some(websocket::config());
        match client_async_with_config(url.expose_secret(), connection, config).await {
            Ok((stream, _)) => Ok(WebSocket::new(stream)),
            Err(error) => {
                Err(tls::explain(&error, url.host()).unwrap_or_else(|| websocket::transport_error(&error)))
            }
        }
    }

    async fn sleep_until(&self, at: Instant) {
        self.http.tidy();
        Timer::at(self.origin + Duration::from_millis(at.as_millis())).await;
    }

    fn now(&self) -> Instant {
        Instant::from_elapsed(self.origin.elapsed())
    }
}

impl<E: Executor> Runtime for FuturesTransport<E> {
    fn with_network(network: &Network) -> Result<Self, TransportError> {
        Self::new(network)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Result<(), TransportError> {
        E::spawn(future);
        Ok(())
    }
}

impl<E> fmt::Debug for FuturesTransport<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FuturesTransport").finish_non_exhaustive()
    }
}
