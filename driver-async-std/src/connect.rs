//! One way to every host: TCP, a proxy's tunnel where one applies, TLS.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_io::Timer;
use async_net::TcpStream;
use bytes::Bytes;
use futures_io::{AsyncRead, AsyncWrite};
use futures_rustls::TlsConnector;
use futures_rustls::rustls::pki_types::ServerName;
use futures_util::future::{Either, select, select_ok};
use http::Uri;
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper::upgrade;
use smol_hyper::rt::FuturesIo;
use socketmode_driver::net::proxy::{self, Proxies, Proxy};
use socketmode_driver::net::{self, Target, tls};
use socketmode_driver::{Network, TransportError, TransportErrorKind};

/// A connection, encrypted or not.
pub(crate) type Connection = Box<dyn Bytestream>;

/// What a WebSocket runs on: TCP, perhaps through a proxy, perhaps TLS.
pub trait Bytestream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytestream for T {}

/// Opens connections as a [`Network`] says.
pub(crate) struct Connector {
    proxies: Proxies,
    tls: TlsConnector,
    limit: Duration,
}

impl Connector {
    pub(crate) fn new(network: &Network) -> Result<Self, TransportError> {
        let tls = TlsConnector::from(Arc::new(tls::client_config(network)?));
        Ok(Self { proxies: Proxies::new(network)?, tls, limit: network.connect_limit() })
    }

    /// A connection to the host of this URI, encrypted if it is `https`.
    pub(crate) async fn connect(&self, uri: &Uri) -> Result<Connection, TransportError> {
        let (target, proxy) = (Target::of(uri)?, self.proxies.proxy_for(uri)?);
        match select(pin!(self.connect_by(&target, proxy.as_ref())), Timer::after(self.limit)).await {
            Either::Left((connection, _)) => connection,
            Either::Right(_) => Err(proxy::timed_out(proxy.as_ref(), target.host, self.limit)),
        }
    }

    async fn connect_by(
        &self,
        target: &Target<'_>,
        proxy: Option<&Proxy>,
    ) -> Result<Connection, TransportError> {
        let connection = match proxy {
            Some(proxy) => self.tunnel(target, proxy).await?,
            None => tcp(target).await.map_err(|error| {
                let message = format!("no connection to {target}: {error}");
                TransportError::new(TransportErrorKind::Connect, message)
            })?,
        };
        if target.is_encrypted { self.encrypt(target.host, connection).await } else { Ok(connection) }
    }

    async fn tunnel(&self, target: &Target<'_>, proxy: &Proxy) -> Result<Connection, TransportError> {
        let there = Target::of(proxy.uri())?;
        let mut connection = tcp(&there).await.map_err(|error| proxy.failed(target.host, &error))?;
        if there.is_encrypted {
            connection = self.encrypt(there.host, connection).await?;
        }
        let failed = |error: hyper::Error| proxy.failed(target.host, &net::describe(&error));
        let request = proxy.connect_request(target)?.map(|()| Empty::<Bytes>::new());
        let (mut requests, driving) = http1::handshake(FuturesIo::new(connection)).await.map_err(failed)?;
        let answer = async {
            let answer = requests.send_request(request).await.map_err(failed)?;
            if !answer.status().is_success() {
                return Err(proxy.refused(target.host, Some(answer.status().as_u16())));
            }
            upgrade::on(answer).await.map_err(failed)
        };
        let upgraded = match select(pin!(answer), pin!(driving.with_upgrades())).await {
            Either::Left((upgraded, _)) => upgraded?,
            // The connection has been handed over, or is broken: the answer is there.
            Either::Right((_, answer)) => answer.await?,
        };
        match upgraded.downcast::<FuturesIo<Connection>>() {
            // Nobody speaks to us before we do, in TLS as in a WebSocket.
            Ok(parts) if parts.read_buf.is_empty() => Ok(parts.io.into_inner()),
            _ => Err(proxy.failed(target.host, &"it said more than that the tunnel is open")),
        }
    }

    async fn encrypt(&self, host: &str, connection: Connection) -> Result<Connection, TransportError> {
        let failed = |what: &dyn std::fmt::Display| {
            TransportError::new(TransportErrorKind::Connect, format!("TLS with {host} failed: {what}"))
        };
        let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(&error))?;
        match self.tls.connect(name, connection).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(tls::explain(&error, host).unwrap_or_else(|| failed(&error))),
        }
    }
}

async fn tcp(target: &Target<'_>) -> io::Result<Connection> {
    let addresses = async_net::resolve((target.host, target.port)).await?;
    if addresses.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "its name leads to no address"));
    }
    // The first that answers, each asked a little after the one before.
    let attempts = addresses.into_iter().zip(0..).map(|(address, rank)| {
        Box::pin(async move {
            Timer::after(net::CONNECTION_ATTEMPT_DELAY * rank).await;
            TcpStream::connect(address).await
        })
    });
    let (stream, _) = select_ok(attempts).await?;
    stream.set_nodelay(true)?;
    Ok(Box::new(stream))
}
