//! HTTP, the handshake and the clock.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::time::{Duration, Instant as StdInstant};

use async_io::Timer;
use async_tungstenite::WebSocketStream;
use async_tungstenite::tungstenite::protocol::Role;
use bytes::Bytes;
use http::{Request, Response};
use socketmode_driver::net::websocket::{self, Text, opaque_socket};
use socketmode_driver::net::{Connection, Http};
use socketmode_driver::protocol::{Instant, SocketUrl};
use socketmode_driver::{Network, Runtime, Transport, TransportError};

use crate::executor::Executor;
use crate::sockets::AsyncIo;

opaque_socket! {
    /// An open WebSocket.
    pub struct FuturesSocket(WebSocketStream<Connection>);
}

/// HTTP and TLS of [`socketmode_driver::net`] over async-io's sockets and timers: they need no executor. `E` is what
/// [`Builder::connect`](socketmode_driver::Builder::connect) spawns on. Several clients can share one transport, by
/// [`Builder::transport`](socketmode_driver::Builder::transport).
pub struct FuturesTransport<E> {
    http: Http<AsyncIo>,
    origin: StdInstant,
    executor: PhantomData<fn() -> E>,
}

impl<E> FuturesTransport<E> {
    /// Makes a transport with these settings.
    ///
    /// # Errors
    /// There are no root certificates, or a setting is invalid.
    pub fn new(network: &Network) -> Result<Self, TransportError> {
        let http = Http::new(AsyncIo, network)?;
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
        let upgraded = self.http.open_websocket(url).await?;
        let (connection, read, config) = (upgraded.connection, upgraded.read.into(), websocket::config());
        let stream = WebSocketStream::from_partially_read(connection, read, Role::Client, Some(config));
        Ok(FuturesSocket::new(stream.await))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_transport_waits_no_longer_than_a_new_one() {
        let mut transport = FuturesTransport::<()>::new(&Network::default().no_proxy()).unwrap();
        let age = Duration::from_secs(3600);
        transport.origin = StdInstant::now().checked_sub(age).unwrap();
        let due = transport.sleep_until(transport.now());
        let limit = Timer::after(Duration::from_secs(30));
        let (mut due, mut limit) = (std::pin::pin!(due), std::pin::pin!(limit));
        async_io::block_on(std::future::poll_fn(|cx| {
            assert!(limit.as_mut().poll(cx).is_pending(), "a wait that is over goes on");
            due.as_mut().poll(cx)
        }));
    }

    #[test]
    fn a_sleep_ends_when_it_is_due_and_not_before() {
        let transport = FuturesTransport::<()>::new(&Network::default().no_proxy()).unwrap();
        let due = transport.now() + Duration::from_millis(20);
        async_io::block_on(transport.sleep_until(due));
        assert!(transport.now() >= due);
    }

    #[test]
    fn it_says_what_it_is() {
        let transport = FuturesTransport::<()>::new(&Network::default().no_proxy()).unwrap();
        assert_eq!(format!("{transport:?}"), "FuturesTransport { .. }");
    }
}
