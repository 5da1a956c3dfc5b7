//! TCP and names, with async-io.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use async_io::Timer;
use async_net::TcpStream;
use socketmode_driver::net::Sockets;

/// Sockets and timers that need no executor.
pub(crate) struct AsyncIo;

impl Sockets for AsyncIo {
    type Stream = TcpStream;

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        async_net::resolve((host, port)).await
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    async fn sleep(&self, time: Duration) {
        Timer::after(time).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_packets_are_not_held_back() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = async_io::block_on(AsyncIo.connect(listener.local_addr().unwrap())).unwrap();
        assert!(stream.nodelay().unwrap());
    }

    #[test]
    fn an_address_resolves_to_itself() {
        let found = async_io::block_on(AsyncIo.resolve("127.0.0.1", 443)).unwrap();
        assert_eq!(found, ["127.0.0.1:443".parse().unwrap()]);
    }

    #[test]
    fn a_sleep_has_its_length() {
        let (start, time) = (std::time::Instant::now(), Duration::from_millis(20));
        async_io::block_on(AsyncIo.sleep(time));
        assert!(start.elapsed() >= time);
    }
}
