//! HTTP, the handshake and the clock.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use socketmode_driver::net::websocket::{self, Text, opaque_socket};
use socketmode_driver::net::{Connection, Http};
use socketmode_driver::protocol::{Instant, SocketUrl};
use socketmode_driver::{Network, Runtime, Transport, TransportError, TransportErrorKind};
use tokio::runtime::Handle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::compat::{Compat, FuturesAsyncReadCompatExt};

use crate::sockets::Tokio;

opaque_socket! {
    /// An open WebSocket.
    pub struct TokioSocket(WebSocketStream<Compat<Connection>>);
}

/// HTTP and TLS of [`socketmode_driver::net`] over tokio's sockets and timers. Several clients can share one, by
/// [`Builder::transport`](crate::Builder::transport).
#[derive(Debug)]
pub struct TokioTransport {
    http: Http<Tokio>,
    origin: tokio::time::Instant,
}

impl TokioTransport {
    /// Makes a transport with these settings.
    ///
    /// # Errors
    /// There are no root certificates, or a setting is invalid.
    pub fn new(network: &Network) -> Result<Self, TransportError> {
        Ok(Self { http: Http::new(Tokio, network)?, origin: tokio::time::Instant::now() })
    }
}

impl Transport for TokioTransport {
    type Text = Text;
    type Socket = TokioSocket;

    async fn send(&self, request: Request<Bytes>, limit: usize) -> Result<Response<Bytes>, TransportError> {
        self.http.send(request, limit).await
    }

    async fn dial(&self, url: &SocketUrl) -> Result<TokioSocket, TransportError> {
        let upgraded = self.http.open_websocket(url).await?;
        let (connection, read) = (upgraded.connection.compat(), upgraded.read.into());
        let config = Some(websocket::config());
        let stream = WebSocketStream::from_partially_read(connection, read, Role::Client, config);
        Ok(TokioSocket::new(stream.await))
    }

    async fn sleep_until(&self, at: Instant) {
        self.http.tidy();
        tokio::time::sleep_until(self.origin + Duration::from_millis(at.as_millis())).await;
    }

    fn now(&self) -> Instant {
        Instant::from_elapsed(self.origin.elapsed())
    }
}

impl Runtime for TokioTransport {
    fn with_network(network: &Network) -> Result<Self, TransportError> {
        Self::new(network)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Result<(), TransportError> {
        spawn(future)
    }
}

pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Result<(), TransportError> {
    let runtime = Handle::try_current().map_err(|_| {
        let message =
            "there is no tokio runtime here: call connect() inside one, or build() and spawn the driver";
        TransportError::new(TransportErrorKind::Setup, message)
    })?;
    runtime.spawn(future);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_old_transport_waits_no_longer_than_a_new_one() {
        let mut transport = TokioTransport::new(&Network::default().no_proxy()).unwrap();
        transport.origin = transport.origin.checked_sub(Duration::from_secs(3600)).unwrap();
        let due = transport.sleep_until(transport.now());
        tokio::time::timeout(Duration::from_secs(30), due).await.unwrap();
    }

    #[tokio::test]
    async fn a_sleep_ends_when_it_is_due_and_not_before() {
        let transport = TokioTransport::new(&Network::default().no_proxy()).unwrap();
        let due = transport.now() + Duration::from_millis(20);
        transport.sleep_until(due).await;
        assert!(transport.now() >= due);
    }

    #[test]
    fn spawning_without_a_runtime_is_an_error_that_says_so() {
        let error = TokioTransport::spawn(async {}).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Setup);
        assert!(error.to_string().contains("no tokio runtime"), "{error}");
    }
}
