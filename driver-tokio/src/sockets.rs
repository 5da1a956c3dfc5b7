//! TCP and names, by tokio.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socketmode_driver::net::Sockets;
use tokio::net::{TcpStream, lookup_host};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

/// tokio's sockets and timers.
pub(crate) struct Tokio;

impl Sockets for Tokio {
    type Stream = Compat<TcpStream>;

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(lookup_host((host, port)).await?.collect())
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<Self::Stream> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(stream.compat())
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
