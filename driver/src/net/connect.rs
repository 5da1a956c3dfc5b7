//! Connects to any host: TCP, the tunnel of a proxy if there is one, TLS.

use std::fmt;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_rustls::TlsConnector;
use futures_rustls::rustls::pki_types::ServerName;
use http::Uri;
use http_body_util::Empty;

use super::budget::Budget;
use super::connection::Connection;
use super::errors::describe;
use super::proxy::{self, Proxies, Proxy};
use super::sockets::Sockets;
use super::target::Target;
use super::upgrade::upgrade;
use super::{addresses, tls};
use crate::transport::waits::before;
use crate::transport::{Network, TransportError, TransportErrorKind};

/// Opens connections with the settings of a [`Network`].
pub(super) struct Connector<S> {
    sockets: S,
    proxies: Proxies,
    tls: TlsConnector,
    limit: Duration,
}

impl<S: Sockets> Connector<S> {
    pub(super) fn new(sockets: S, network: &Network) -> Result<Self, TransportError> {
        let tls = TlsConnector::from(Arc::new(tls::client_config(network)?));
        Ok(Self { sockets, proxies: Proxies::new(network)?, tls, limit: network.connect_limit()? })
    }

    /// A connection to the host of this URI, encrypted if it is `https`.
    pub(super) async fn connect(&self, uri: &Uri) -> Result<Connection, TransportError> {
        let (target, proxy) = (Target::of(uri)?, self.proxies.proxy_for(uri)?);
        // Boxed, as it is large in a build without optimization and is moved several times.
        let mut connecting = Box::pin(self.connect_by(&target, proxy.as_ref()));
        let connection = before(self.sockets.sleep(self.limit), connecting.as_mut()).await;
        connection.unwrap_or_else(|| Err(proxy::timed_out(proxy.as_ref(), target.host, self.limit)))
    }

    /// Waits this long.
    pub(super) fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        self.sockets.sleep(time)
    }

    async fn connect_by(
        &self,
        target: &Target<'_>,
        proxy: Option<&Proxy>,
    ) -> Result<Connection, TransportError> {
        let connection = match proxy {
            Some(proxy) => self.tunnel(target, proxy).await?,
            None => self.tcp(target).await.map_err(|error| {
                let message = format!("no connection to {target}: {error}");
                TransportError::new(TransportErrorKind::Connect, message)
            })?,
        };
        if target.is_encrypted { self.encrypt(target.host, connection).await } else { Ok(connection) }
    }

    async fn tcp(&self, target: &Target<'_>) -> io::Result<Connection> {
        let stream = addresses::connect(&self.sockets, target.host, target.port).await?;
        Ok(Connection::new(stream, Some(Budget::new(S::yield_now))))
    }

    async fn tunnel(&self, target: &Target<'_>, proxy: &Proxy) -> Result<Connection, TransportError> {
        let there = Target::of(proxy.uri())?;
        let mut connection = self.tcp(&there).await.map_err(|error| proxy.failed(target.host, &error))?;
        if there.is_encrypted {
            connection = self.encrypt(there.host, connection).await?;
        }
        let request = proxy.connect_request(target)?.map(|()| Empty::<Bytes>::new());
        let failed = |error: hyper::Error| proxy.failed(target.host, &describe(&error));
        let check = |answer: &http::response::Parts, _: &[u8]| match answer.status {
            status if status.is_success() => Ok(()),
            status => Err(proxy.refused(target.host, Some(status.as_u16()))),
        };
        let (connection, read) = upgrade(connection, request, std::future::ready(()), check, failed).await?;
        // Nobody speaks to us before we do, in TLS as in a WebSocket.
        if read.is_empty() {
            Ok(connection)
        } else {
            Err(proxy.failed(target.host, &"it said more than that the tunnel is open"))
        }
    }

    async fn encrypt(&self, host: &str, connection: Connection) -> Result<Connection, TransportError> {
        let failed = |what: &dyn fmt::Display| {
            TransportError::new(TransportErrorKind::Connect, format!("TLS with {host} failed: {what}"))
        };
        let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(&error))?;
        match self.tls.connect(name, connection).await {
            Ok(stream) => Ok(Connection::new(stream, None)),
            Err(error) => Err(tls::explain(&error, host).unwrap_or_else(|| failed(&error))),
        }
    }
}

#[cfg(test)]
mod tests;
