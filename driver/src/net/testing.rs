//! A network in memory, with peers that follow a script and a clock that moves when there is nothing else to do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test's helpers may fail as the tests do"
)]

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures_io::{AsyncRead, AsyncWrite};
use rustls::{ServerConfig, ServerConnection};

use super::sockets::Sockets;
use crate::transport::{Network, Roots};

/// What a client needs that speaks TLS with nobody: there has to be an authority to trust all the same.
pub(super) fn network() -> Network {
    let authority = rcgen::generate_simple_self_signed(vec!["authority.test".to_owned()]).unwrap();
    Network::default().no_proxy().roots(Roots::AddedOnly).add_root_certificates(authority.cert.pem())
}

/// The network. Clones share it.
#[derive(Clone, Default)]
pub(super) struct World(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    now: Duration,
    sleeps: Vec<(Duration, Waker)>,
    names: BTreeMap<String, Vec<SocketAddr>>,
    hosts: BTreeMap<SocketAddr, Host>,
    /// When each address was tried.
    attempts: Vec<(SocketAddr, Duration)>,
    links: Vec<Link>,
    /// Of all connections, in bytes: in this poll, in that with the most, and in all.
    read_in_poll: usize,
    most_read_in_a_poll: usize,
    read: usize,
}

/// No test reads so much: something is read without end.
const MAX_READ: usize = 64 * 1024 * 1024;

/// What an address does with a connection.
#[derive(Clone)]
pub(super) enum Host {
    Refuses,
    /// It takes this long to refuse.
    RefusesIn(Duration),
    /// It takes this long to accept.
    Accepts(Duration, VecDeque<Answer>),
    /// It accepts at once and speaks TLS.
    Encrypted(Arc<ServerConfig>, VecDeque<Answer>),
    /// A proxy: its first answer is in the clear, and TLS is spoken from then on.
    Tunnel(Arc<ServerConfig>, VecDeque<Answer>),
    Silent,
}

/// What a peer says once a request has come.
#[derive(Clone)]
pub(super) enum Answer {
    /// Each in a read of its own.
    Pieces(Vec<Vec<u8>>),
    /// This over and over, as much as fits in a read.
    Endless(Vec<u8>),
    /// The end of the connection behind these.
    Last(Vec<u8>),
    /// Made of the request.
    Of(fn(&str) -> Vec<Vec<u8>>),
}

/// A connection that was made.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) address: SocketAddr,
    /// The requests, as one text.
    pub(super) received: String,
    pub(super) bytes_sent: usize,
    answers: VecDeque<Answer>,
    outgoing: VecDeque<Vec<u8>>,
    /// What it says without end, and how much of that it has said.
    endless: Option<(Vec<u8>, usize)>,
    ended: bool,
}

impl World {
    pub(super) fn name(&self, name: &str, addresses: &[SocketAddr]) {
        self.lock().names.insert(name.to_owned(), addresses.to_vec());
    }

    pub(super) fn host(&self, address: SocketAddr, host: Host) {
        self.lock().hosts.insert(address, host);
    }

    /// A name at an address of its own whose peer gives these answers, on each connection from the first on.
    pub(super) fn serve(
        &self,
        name: &str,
        port: u16,
        answers: impl IntoIterator<Item = Answer>,
    ) -> SocketAddr {
        self.serve_by(name, port, Host::Accepts(Duration::ZERO, answers.into_iter().collect()))
    }

    /// The same with any host.
    pub(super) fn serve_by(&self, name: &str, port: u16, host: Host) -> SocketAddr {
        let mut state = self.lock();
        let octet = u8::try_from(state.hosts.len() + 1).unwrap();
        let address = SocketAddr::from(([192, 0, 2, octet], port));
        state.names.insert(format!("{name}:{port}"), vec![address]);
        state.hosts.insert(address, host);
        address
    }

    pub(super) fn attempts(&self) -> Vec<(SocketAddr, Duration)> {
        self.lock().attempts.clone()
    }

    pub(super) fn links(&self) -> Vec<Link> {
        self.lock().links.clone()
    }

    pub(super) fn most_read_in_a_poll(&self) -> usize {
        self.lock().most_read_in_a_poll
    }

    pub(super) fn now(&self) -> Duration {
        self.lock().now
    }

    /// Runs a future to its end. Time passes only while it waits for that.
    pub(super) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut future = pin!(future);
        loop {
            woken.0.store(false, Ordering::Relaxed);
            self.lock().read_in_poll = 0;
            if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return result;
            }
            if !woken.0.load(Ordering::Relaxed) {
                self.pass_time();
            }
        }
    }

    /// Moves the clock to the next moment that something waits for.
    fn pass_time(&self) {
        let mut state = self.lock();
        let next = state.sleeps.iter().map(|(at, _)| *at).min();
        let next = next.expect("it waits for something that never comes");
        state.now = next;
        let (due, later) = std::mem::take(&mut state.sleeps).into_iter().partition(|(at, _)| *at <= next);
        state.sleeps = later;
        drop(state);
        let due: Vec<(Duration, Waker)> = due;
        due.into_iter().for_each(|(_, waker)| waker.wake());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Sockets for World {
    type Stream = Stream;

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let state = self.lock();
        let found = state.names.get(&format!("{host}:{port}")).or_else(|| state.names.get(host));
        found.cloned().ok_or_else(|| io::Error::other("nobody has this name"))
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<Stream> {
        let host = {
            let mut state = self.lock();
            let now = state.now;
            state.attempts.push((address, now));
            state.hosts.get(&address).cloned().unwrap_or(Host::Refuses)
        };
        let tls = |config| {
            let mut tls = ServerConnection::new(config).unwrap();
            tls.set_buffer_limit(None);
            Some(tls)
        };
        let (tls, tls_behind_answer, answers) = match host {
            Host::Refuses => return Err(io::ErrorKind::ConnectionRefused.into()),
            Host::RefusesIn(after) => {
                self.sleep(after).await;
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            Host::Silent => return std::future::pending().await,
            Host::Accepts(after, answers) => {
                self.sleep(after).await;
                (None, None, answers)
            }
            Host::Encrypted(config, answers) => (tls(config), None, answers),
            Host::Tunnel(config, answers) => (None, tls(config), answers),
        };
        let mut state = self.lock();
        state.links.push(Link {
            address,
            answers,
            received: String::new(),
            bytes_sent: 0,
            outgoing: VecDeque::new(),
            endless: None,
            ended: false,
        });
        Ok(Stream { world: self.clone(), index: state.links.len() - 1, tls, tls_behind_answer })
    }

    async fn sleep(&self, time: Duration) {
        let until = self.now().saturating_add(time);
        std::future::poll_fn(|cx| {
            let mut state = self.lock();
            if state.now >= until {
                return Poll::Ready(());
            }
            state.sleeps.push((until, cx.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}

/// A connection of this network.
pub(super) struct Stream {
    world: World,
    index: usize,
    /// The peer's end.
    tls: Option<ServerConnection>,
    /// Its end from the first answer on.
    tls_behind_answer: Option<ServerConnection>,
}

impl Stream {
    fn with<T>(&self, act: impl FnOnce(&mut Link) -> T) -> T {
        act(&mut self.world.lock().links[self.index])
    }

    /// What the client wrote, without TLS.
    fn decrypted(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let Some(tls) = &mut self.tls else { return bytes.to_vec() };
        let mut plain = Vec::new();
        while !bytes.is_empty() {
            tls.read_tls(&mut bytes).unwrap();
            tls.process_new_packets().unwrap();
            // It ends by saying that there is no more yet.
            let _ = tls.reader().read_to_end(&mut plain);
        }
        plain
    }

    /// What the peer says, in TLS if it speaks that: then also what TLS says by itself.
    fn encrypted(&mut self, said: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let Some(tls) = &mut self.tls else {
            if !said.is_empty() {
                self.tls = self.tls_behind_answer.take();
            }
            return said;
        };
        said.iter().for_each(|piece| tls.writer().write_all(piece).unwrap());
        let mut records = Vec::new();
        while tls.wants_write() {
            tls.write_tls(&mut records).unwrap();
        }
        vec![records]
    }
}

impl Link {
    fn say(&mut self, buffer: &mut [u8]) -> Poll<usize> {
        let bytes = if let Some(mut piece) = self.outgoing.pop_front() {
            let bytes = piece.len().min(buffer.len());
            buffer[..bytes].copy_from_slice(&piece[..bytes]);
            if bytes < piece.len() {
                self.outgoing.push_front(piece.split_off(bytes));
            }
            bytes
        } else if let Some((text, sent)) = &mut self.endless {
            let text = text.iter().cycle().skip(*sent % text.len());
            *sent += buffer.len();
            buffer.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
            buffer.len()
        } else if self.ended {
            0
        } else {
            return Poll::Pending;
        };
        self.bytes_sent += bytes;
        Poll::Ready(bytes)
    }

    /// What the peer says to this.
    fn hear(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let text = String::from_utf8_lossy(bytes);
        self.received.push_str(&text);
        if !text.contains("\r\n\r\n") {
            return Vec::new();
        }
        match self.answers.pop_front() {
            None => Vec::new(),
            Some(Answer::Pieces(pieces)) => pieces,
            Some(Answer::Of(make)) => make(&text),
            Some(Answer::Endless(text)) => {
                self.endless = Some((text, 0));
                Vec::new()
            }
            Some(Answer::Last(text)) => {
                self.ended = true;
                vec![text]
            }
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let read = self.with(|link| link.say(buffer));
        if let Poll::Ready(bytes) = read {
            let mut state = self.world.lock();
            state.read_in_poll += bytes;
            state.read += bytes;
            assert!(state.read < MAX_READ, "it reads without end");
            state.most_read_in_a_poll = state.most_read_in_a_poll.max(state.read_in_poll);
        }
        read.map(Ok)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let plain = self.decrypted(bytes);
        let said = self.with(|link| link.hear(&plain));
        let said = self.encrypted(said);
        self.with(|link| link.outgoing.extend(said.into_iter().filter(|piece| !piece.is_empty())));
        // There may be something to read now.
        cx.waker().wake_by_ref();
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
