//! A request that upgrades its connection from HTTP: to a tunnel or a WebSocket.

use std::future::Future;
use std::pin::pin;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Method, Request, Response, StatusCode, response};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use smol_hyper::rt::FuturesIo;

use super::allowance::MAX_HEAD_BYTES;
use super::connection::Connection;
use crate::transport::waits::before;
use crate::transport::{TransportError, TransportErrorKind};

/// Makes the one request that upgrades a connection. Returns the connection, and what arrived after the answer. `check` gets
/// the first bytes of an answer with another status as well, if they arrive before the `sleep` ends.
pub(super) async fn upgrade(
    connection: Connection,
    request: Request<Empty<Bytes>>,
    sleep: impl Future<Output = ()>,
    check: impl FnOnce(&response::Parts, &[u8]) -> Result<(), TransportError>,
    failed: impl Fn(hyper::Error) -> TransportError,
) -> Result<(Connection, Bytes), TransportError> {
    let is_connect = request.method() == Method::CONNECT;
    let allowance = connection.allowance();
    allowance.bound();
    let handshake = http().handshake(FuturesIo::new(connection)).await;
    let (mut requests, driving) = handshake.map_err(&failed)?;
    let answer = async {
        let (parts, mut body) = requests.send_request(request).await.map_err(&failed)?.into_parts();
        allowance.lift();
        let is_upgrade =
            parts.status == StatusCode::SWITCHING_PROTOCOLS || is_connect && parts.status.is_success();
        let chunk = if is_upgrade { None } else { before(sleep, pin!(body.frame())).await };
        let chunk = chunk.flatten().and_then(|frame| frame.ok()?.into_data().ok());
        check(&parts, &chunk.unwrap_or_default())?;
        hyper::upgrade::on(Response::from_parts(parts, body)).await.map_err(&failed)
    };
    let upgraded = match select(pin!(answer), pin!(driving.with_upgrades())).await {
        Either::Left((upgraded, _)) => upgraded?,
        // The connection has been handed over, or is broken: the answer is there.
        Either::Right((_, answer)) => answer.await?,
    };
    match upgraded.downcast::<FuturesIo<Connection>>() {
        Ok(parts) => Ok((parts.io.into_inner(), parts.read_buf)),
        Err(_) => {
            Err(TransportError::new(TransportErrorKind::Protocol, "the connection was not handed over"))
        }
    }
}

/// How HTTP is spoken on our connections.
pub(super) fn http() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(MAX_HEAD_BYTES);
    builder
}
