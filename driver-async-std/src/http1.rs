//! Requests and answers, by hyper over our own connections.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{Either, select};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use smol_hyper::rt::FuturesIo;
use socketmode_driver::TransportError;
use socketmode_driver::net::{self, tls};

use crate::connect::{Connection, Connector};

/// Makes requests, and keeps the last connection for the next one.
pub(crate) struct Http {
    pub(crate) connector: Connector,
    idle: Mutex<Option<HttpConnection>>,
}

impl Http {
    pub(crate) fn new(connector: Connector) -> Self {
        Self { connector, idle: Mutex::new(None) }
    }

    pub(crate) async fn send(
        &self,
        request: Request<Bytes>,
        limit: usize,
    ) -> Result<Response<Bytes>, TransportError> {
        let origin = format!("{:?}://{:?}", request.uri().scheme(), request.uri().authority());
        let idle = self.lock().take();
        let mut connection = match idle.and_then(|idle| idle.if_usable(&origin)) {
            Some(connection) => connection,
            None => HttpConnection::new(origin, self.connector.connect(request.uri()).await?).await?,
        };
        let answer = connection.exchange(request, limit).await?;
        connection.used = Instant::now();
        *self.lock() = Some(connection);
        Ok(answer)
    }

    /// Closes the connection that nobody has used again in time. Called now and then: nothing runs in the background.
    pub(crate) fn tidy(&self) {
        drop(self.lock().take_if(|idle| idle.used.elapsed() >= net::KEEP_ALIVE));
    }

    fn lock(&self) -> MutexGuard<'_, Option<HttpConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct HttpConnection {
    origin: String,
    used: Instant,
    requests: http1::SendRequest<Full<Bytes>>,
    driving: http1::Connection<FuturesIo<Connection>, Full<Bytes>>,
}

impl HttpConnection {
    async fn new(origin: String, connection: Connection) -> Result<Self, TransportError> {
        let handshake = http1::handshake(FuturesIo::new(connection)).await;
        let (requests, driving) = handshake.map_err(|error| net::broken(&error))?;
        Ok(Self { origin, used: Instant::now(), requests, driving })
    }

    /// Itself, if it leads there, is young enough, and the server has not closed it meanwhile.
    fn if_usable(mut self, origin: &str) -> Option<Self> {
        let fits = self.origin == origin && self.used.elapsed() < net::KEEP_ALIVE;
        let usable = fits && (&mut self.driving).now_or_never().is_none() && self.requests.is_ready();
        usable.then_some(self)
    }

    async fn exchange(
        &mut self,
        request: Request<Bytes>,
        limit: usize,
    ) -> Result<Response<Bytes>, TransportError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let answer = self.requests.send_request(net::origin_form(request)?.map(Full::new));
        let answer = async {
            let (parts, body) = answer.await.map_err(|error| tls::broken(&error, &host))?.into_parts();
            match Limited::new(body, limit).collect().await {
                Ok(body) => Ok(Response::from_parts(parts, body.to_bytes())),
                Err(error) if error.is::<LengthLimitError>() => Err(net::too_large(limit)),
                Err(error) => Err(tls::broken(&*error, &host)),
            }
        };
        match select(pin!(answer), &mut self.driving).await {
            Either::Left((answer, _)) => answer,
            // The server closes behind its answer, or has broken off.
            Either::Right((_, answer)) => answer.await,
        }
    }
}
