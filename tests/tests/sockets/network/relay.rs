//! A wire with faults: raw TCP, slow, stuck or cut in the middle of a TLS record.

use super::service::{Service, connect};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;

pub(crate) struct Relay {
    service: Service,
    shared: Arc<Shared>,
}

struct Shared {
    trickles: AtomicBool,
    trickled: AtomicUsize,
    stalls: watch::Sender<bool>,
    /// What the next record to a client is for.
    next_record: Mutex<Option<End>>,
    connections: AtomicUsize,
    cuts: AtomicUsize,
}

/// How a connection ends before its time.
#[derive(Clone, Copy)]
enum End {
    /// By FIN.
    Cut,
    /// By RST.
    Reset,
}

impl Relay {
    pub(crate) fn start(target: SocketAddr) -> Self {
        let shared = Arc::new(Shared {
            trickles: AtomicBool::new(false),
            trickled: AtomicUsize::new(0),
            stalls: watch::Sender::new(false),
            next_record: Mutex::new(None),
            connections: AtomicUsize::new(0),
            cuts: AtomicUsize::new(0),
        });
        let theirs = Arc::clone(&shared);
        let service = Service::start("relay", move |tcp| serve(Arc::clone(&theirs), tcp, target));
        Self { service, shared }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.service.address()
    }

    /// Whether the bytes to the clients come one by one.
    pub(crate) fn trickle(&self, trickle: bool) {
        self.shared.trickles.store(trickle, Ordering::SeqCst);
    }

    /// Bytes that came one by one.
    pub(crate) fn trickled(&self) -> usize {
        self.shared.trickled.load(Ordering::SeqCst)
    }

    /// Whether nothing passes in either direction, while all connections stay up.
    pub(crate) fn stall(&self, stall: bool) {
        self.shared.stalls.send_replace(stall);
    }

    /// The next TLS record to a client comes by half, then its connection is closed on both sides.
    pub(crate) fn cut_next_record(&self) {
        *self.shared.next_record.lock().unwrap() = Some(End::Cut);
    }

    /// The same, with a reset.
    pub(crate) fn reset_next_record(&self) {
        *self.shared.next_record.lock().unwrap() = Some(End::Reset);
    }

    /// Connections there have been.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Records that were cut or reset.
    pub(crate) fn cuts(&self) -> usize {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

async fn serve(shared: Arc<Shared>, mut client: TcpStream, target: SocketAddr) {
    shared.connections.fetch_add(1, Ordering::SeqCst);
    let Ok(mut server) = connect(target).await else { return };
    let end = {
        let (client_reader, client_writer) = client.split();
        let (server_reader, server_writer) = server.split();
        tokio::try_join!(shared.up(client_reader, server_writer), shared.down(server_reader, client_writer))
    };
    match end {
        Ok(((), ())) => {}
        Err(End::Reset) => [client, server].iter().for_each(|tcp| drop(tcp.set_zero_linger())),
        Err(End::Cut) => {
            let _ = server.shutdown().await;
            drop(server);
            // Closed with something unread, it would be a reset: read on until the client has closed.
            let _ = client.shutdown().await;
            let _ = tokio::io::copy(&mut client, &mut tokio::io::sink()).await;
        }
    }
}

impl Shared {
    async fn up(&self, mut client: ReadHalf<'_>, mut server: WriteHalf<'_>) -> Result<(), End> {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let bytes = client.read(&mut buffer).await?;
            self.unstalled().await;
            if bytes == 0 {
                return Ok(server.shutdown().await?);
            }
            server.write_all(&buffer[..bytes]).await?;
        }
    }

    async fn down(&self, mut server: ReadHalf<'_>, mut client: WriteHalf<'_>) -> Result<(), End> {
        let mut buffer = vec![0; 16 * 1024];
        let mut records = Records::default();
        loop {
            let bytes = server.read(&mut buffer).await?;
            self.unstalled().await;
            if bytes == 0 {
                return Ok(client.shutdown().await?);
            }
            let passing = records.pass(&buffer[..bytes], || self.next_record.lock().unwrap().take());
            self.write(&mut client, passing).await?;
            if let Some(end) = records.over() {
                self.cuts.fetch_add(1, Ordering::SeqCst);
                return Err(end);
            }
        }
    }

    async fn write(&self, client: &mut WriteHalf<'_>, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while self.trickles.load(Ordering::SeqCst) {
            let Some((byte, others)) = rest.split_first() else { return Ok(()) };
            self.trickled.fetch_add(1, Ordering::SeqCst);
            client.write_all(&[*byte]).await?;
            tokio::task::yield_now().await;
            self.unstalled().await;
            rest = others;
        }
        client.write_all(rest).await
    }

    async fn unstalled(&self) {
        // The sender is in here: it does not end before.
        let _ = self.stalls.subscribe().wait_for(|stalls| !stalls).await;
    }
}

impl From<io::Error> for End {
    /// A side that broke off breaks off the other.
    fn from(_: io::Error) -> Self {
        Self::Reset
    }
}

/// Where a stream of TLS records is.
#[derive(Default)]
struct Records {
    /// Of the record under way: type, version (two bytes), length (two bytes).
    header: Vec<u8>,
    /// Bytes to come after the header.
    left: usize,
    /// The record under way is to be the last, and comes by half.
    end: Option<End>,
}

impl Records {
    const HEADER: usize = 5;

    /// What of these bytes may pass. Each record asks at its beginning whether it is the last.
    fn pass<'a>(&mut self, bytes: &'a [u8], is_last: impl Fn() -> Option<End>) -> &'a [u8] {
        for (index, byte) in bytes.iter().enumerate() {
            if self.over().is_some() {
                return &bytes[..index];
            }
            if self.header.is_empty() {
                self.end = is_last();
            }
            if self.header.len() < Self::HEADER {
                self.header.push(*byte);
                if let [_, _, _, high, low] = self.header[..] {
                    let length = usize::from(u16::from_be_bytes([high, low]));
                    self.left = if self.end.is_some() { length / 2 } else { length };
                }
            } else {
                self.left -= 1;
            }
            if self.header.len() == Self::HEADER && self.left == 0 && self.end.is_none() {
                self.header.clear();
            }
        }
        bytes
    }

    /// How the connection ends, where all has passed that may.
    fn over(&self) -> Option<End> {
        self.end.filter(|_| self.header.len() == Self::HEADER && self.left == 0)
    }
}

#[cfg(test)]
mod tests {
    use crate::harness::{LONG, ms};
    use crate::network::bare::{TlsStream, connect, echo, exchange, tls, trusting, until};
    use crate::network::service::Service;
    use crate::network::{Authority, Relay, TlsFront};
    use std::io::{ErrorKind, Read, Write};

    /// An echo behind TLS behind a relay, and a client of it.
    fn start() -> (Service, TlsFront, Relay, TlsStream) {
        let (target, authority) = (echo(), Authority::new());
        let front = TlsFront::start(target.address(), &authority.issue(&["slack.test"]));
        let relay = Relay::start(front.address());
        let mut stream = tls(&trusting(&authority, None), "slack.test", connect(relay.address())).unwrap();
        // The tickets that come first are read with it.
        assert_eq!(exchange(&mut stream, "hello").unwrap(), "hello");
        (target, front, relay, stream)
    }

    #[test]
    fn bytes_pass_one_by_one_or_together() {
        let (_target, _front, relay, mut stream) = start();
        let text = "a longer text ".repeat(100);
        assert_eq!(exchange(&mut stream, &text).unwrap(), text);
        assert_eq!(relay.trickled(), 0);
        relay.trickle(true);
        assert_eq!(exchange(&mut stream, &text).unwrap(), text);
        assert!(relay.trickled() > text.len());
        relay.trickle(false);
        assert_eq!(exchange(&mut stream, &text).unwrap(), text);
        assert_eq!((relay.connections(), relay.cuts()), (1, 0));
    }

    #[test]
    fn a_record_is_cut_in_half() {
        let (_target, _front, relay, mut stream) = start();
        relay.cut_next_record();
        stream.write_all(b"hello").unwrap();
        until("the cut", || relay.cuts() == 1);
        // Of the record: its header, and half of what it announces.
        let mut half = Vec::new();
        stream.sock.read_to_end(&mut half).unwrap();
        let [_, _, _, high, low] = half[..5] else { unreachable!() };
        assert_eq!(half.len() - 5, usize::from(u16::from_be_bytes([high, low])) / 2);
    }

    #[test]
    fn a_cut_record_is_no_proper_end() {
        let (_target, _front, relay, mut stream) = start();
        relay.cut_next_record();
        assert_eq!(exchange(&mut stream, "hello").unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_record_is_reset_in_half() {
        let (_target, _front, relay, mut stream) = start();
        relay.reset_next_record();
        assert_eq!(exchange(&mut stream, "hello").unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert_eq!(relay.cuts(), 1);
    }

    #[test]
    fn nothing_passes_a_stall_and_nothing_is_lost_by_it() {
        let (_target, _front, relay, mut stream) = start();
        relay.stall(true);
        stream.sock.set_read_timeout(Some(ms(50))).unwrap();
        assert_eq!(exchange(&mut stream, "hello").unwrap_err().kind(), ErrorKind::WouldBlock);
        relay.stall(false);
        stream.sock.set_read_timeout(Some(LONG)).unwrap();
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"hello");
    }
}
