//! HTTP requests, with hyper over our own connections.

use std::fmt;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use futures_util::future::{Either, select};
use http::header::CONNECTION;
use http::uri::{Authority, Scheme};
use http::{Request, Response, response};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use smol_hyper::rt::FuturesIo;
use socketmode_protocol::SocketUrl;

use super::allowance::Allowance;
use super::connect::Connector;
use super::connection::Connection;
use super::errors::{self, find, too_large};
use super::sockets::Sockets;
use super::target::{self, http_uri, origin_form};
use super::upgrade::{http, upgrade};
use super::{handshake, tls};
use crate::transport::{KEEP_ALIVE, Network, TransportError};

/// HTTP/1.1 and the handshake of a WebSocket over the [`Sockets`] of a runtime: all of
/// [`Transport::send`](crate::Transport::send), and the first part of [`Transport::dial`](crate::Transport::dial). It keeps
/// the last connection for the next call, unless the request says `connection: close`.
pub struct Http<S> {
    connector: Connector<S>,
    idle: Mutex<Option<HttpConnection>>,
}

impl<S: Sockets> Http<S> {
    /// Uses these network settings. Reading the certificates of the platform takes some milliseconds.
    ///
    /// # Errors
    /// There are no root certificates, or a setting is invalid.
    pub fn new(sockets: S, network: &Network) -> Result<Self, TransportError> {
        Ok(Self { connector: Connector::new(sockets, network)?, idle: Mutex::new(None) })
    }

    /// Makes a request, as described in [`Transport::send`](crate::Transport::send).
    ///
    /// # Errors
    /// There was no answer, or its body has more than `limit` bytes.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection; the request may have arrived.
    pub async fn send(
        &self,
        request: Request<Bytes>,
        limit: usize,
    ) -> Result<Response<Bytes>, TransportError> {
        let origin = Origin::of(&request)?;
        let is_last = request.headers().get(CONNECTION).is_some_and(|option| option == "close");
        let idle = self.lock().take();
        let mut connection = match idle.and_then(|idle| idle.if_usable(&origin)) {
            Some(connection) => connection,
            None => HttpConnection::new(origin, self.connector.connect(request.uri()).await?).await?,
        };
        let answer = Box::pin(connection.exchange(request, limit)).await?;
        if !is_last {
            connection.used = Instant::now();
            *self.lock() = Some(connection);
        }
        Ok(answer)
    }

    /// Opens a connection for a WebSocket, and does the handshake.
    ///
    /// # Errors
    /// There is no connection, or the answer to the handshake does not open a WebSocket.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection.
    pub async fn open_websocket(&self, url: &SocketUrl) -> Result<Upgraded, TransportError> {
        let uri = http_uri(url)?;
        let connection = self.connector.connect(&uri).await?;
        let key = handshake::key();
        let request = origin_form(handshake::request(uri, &key)?)?.map(|()| Empty::<Bytes>::new());
        let check = |answer: &response::Parts, body: &[u8]| {
            let checked = handshake::check(answer.version, answer.status, &answer.headers, &key);
            checked.map_err(|error| handshake::with_body(error, body, url))
        };
        let sleep = self.connector.sleep(handshake::BODY_WAIT);
        let upgrading = upgrade(connection, request, sleep, check, |error| broken(&error, url.host()));
        let (connection, read) = Box::pin(upgrading).await?;
        // Copied: what was read is in a buffer of 8 KiB, which would become the one of the WebSocket.
        Ok(Upgraded { connection, read: Bytes::copy_from_slice(&read) })
    }

    /// Closes the kept connection if it was not used again in time. Called now and then, as nothing runs in the background.
    pub fn tidy(&self) {
        drop(self.lock().take_if(|idle| idle.used.elapsed() >= KEEP_ALIVE));
    }

    fn lock(&self) -> MutexGuard<'_, Option<HttpConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> fmt::Debug for Http<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

/// A connection whose WebSocket handshake is done. `Debug` does not show what was read.
pub struct Upgraded {
    /// The connection.
    pub connection: Connection,
    /// What the server sent after its answer: the first bytes of the WebSocket.
    pub read: Bytes,
}

impl fmt::Debug for Upgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgraded").field("read", &self.read.len()).finish_non_exhaustive()
    }
}

/// The destination of a connection. A token must not reach another one.
#[derive(PartialEq, Eq)]
struct Origin {
    scheme: Option<Scheme>,
    authority: Authority,
}

impl Origin {
    fn of<B>(request: &Request<B>) -> Result<Self, TransportError> {
        let authority = request.uri().authority().cloned().ok_or_else(target::unusable)?;
        Ok(Self { scheme: request.uri().scheme().cloned(), authority })
    }
}

struct HttpConnection {
    origin: Origin,
    used: Instant,
    allowance: Allowance,
    requests: http1::SendRequest<Full<Bytes>>,
    driving: http1::Connection<FuturesIo<Connection>, Full<Bytes>>,
}

impl HttpConnection {
    async fn new(origin: Origin, connection: Connection) -> Result<Self, TransportError> {
        let allowance = connection.allowance();
        let handshake = http().handshake(FuturesIo::new(connection)).await;
        let (requests, driving) = handshake.map_err(|error| errors::broken(&error))?;
        Ok(Self { origin, used: Instant::now(), allowance, requests, driving })
    }

    /// Returns itself if it leads there, is not too old, and the server has not closed it.
    fn if_usable(mut self, origin: &Origin) -> Option<Self> {
        let fits = self.origin == *origin && self.used.elapsed() < KEEP_ALIVE;
        // A first look may find that the budget of reads is spent; the second tells.
        let is_open = fits && (0..2).all(|_| (&mut self.driving).now_or_never().is_none());
        (is_open && self.requests.is_ready()).then_some(self)
    }

    async fn exchange(
        &mut self,
        request: Request<Bytes>,
        limit: usize,
    ) -> Result<Response<Bytes>, TransportError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let allowance = &self.allowance;
        allowance.bound();
        let answer = self.requests.send_request(origin_form(request)?.map(Full::new));
        let answer = async {
            let (parts, body) = answer.await.map_err(|error| broken(&error, &host))?.into_parts();
            allowance.lift();
            Ok(Response::from_parts(parts, read_body(body, &host, limit).await?))
        };
        match select(pin!(answer), &mut self.driving).await {
            Either::Left((answer, _)) => answer,
            // The server closes behind its answer, or has broken off.
            Either::Right((_, answer)) => answer.await,
        }
    }
}

/// The error of a broken exchange with this host: one of ours, of TLS, or another.
fn broken(error: &hyper::Error, host: &str) -> TransportError {
    find::<TransportError>(error).cloned().unwrap_or_else(|| tls::broken(error, host))
}

/// The whole body. It is copied into one buffer: a body in chunks of one byte would take many times its size otherwise.
async fn read_body(mut body: Incoming, host: &str, limit: usize) -> Result<Bytes, TransportError> {
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame.map_err(|error| broken(&error, host))?.into_data() else { continue };
        if chunk.len() > limit - read.len() {
            return Err(too_large(limit));
        }
        read.extend_from_slice(&chunk);
    }
    Ok(read.freeze())
}

#[cfg(test)]
mod tests;
