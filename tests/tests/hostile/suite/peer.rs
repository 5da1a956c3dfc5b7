//! A Slack, and a proxy before it, that is hostile in one phase and decent in all others.

use super::authority::Authority;
use super::traffic::Traffic;
use super::wire::{Wire, header};
use super::{Attack, Over, Phase, frames};
use rustls::ServerConfig;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

pub(super) struct Peer {
    address: SocketAddr,
    authority: String,
    shared: Arc<Shared>,
}

struct Shared {
    attack: Attack,
    origin: String,
    tls: Arc<ServerConfig>,
    traffic: Arc<Traffic>,
    /// A URL for a link was given, and nobody has come for it.
    awaited: AtomicBool,
    /// Attacks that have begun.
    attacks: AtomicUsize,
    /// Links that have said hello.
    links: AtomicUsize,
    /// The client has been served decently.
    decent: AtomicBool,
    over: Arc<AtomicBool>,
}

impl Peer {
    pub(super) fn start(attack: Attack) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let authority = Authority::new();
        let mut tls = ServerConfig::clone(&authority.issue(&["127.0.0.1"]).server_config());
        tls.enable_secret_extraction = true;
        let scheme = if attack.over == Over::Plain { "ws" } else { "wss" };
        let shared = Arc::new(Shared {
            attack,
            origin: format!("{scheme}://{address}"),
            tls: Arc::new(tls),
            traffic: Arc::new(Traffic::new()?),
            awaited: AtomicBool::new(false),
            attacks: AtomicUsize::new(0),
            links: AtomicUsize::new(0),
            decent: AtomicBool::new(false),
            over: Arc::default(),
        });
        let theirs = Arc::clone(&shared);
        thread::spawn(move || {
            while let Ok((tcp, _)) = listener.accept() {
                if theirs.over.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&theirs);
                // Every connection ends in an error, on one side or the other.
                thread::spawn(move || shared.connection(tcp));
            }
        });
        Ok(Self { address, authority: authority.pem(), shared })
    }

    /// The base of its Web API.
    pub(super) fn base_url(&self) -> String {
        let scheme = if self.shared.attack.over == Over::Plain { "http" } else { "https" };
        format!("{scheme}://{}/api/", self.address)
    }

    /// Itself as a proxy, where it is one.
    pub(super) fn proxy(&self) -> Option<String> {
        (self.shared.attack.over == Over::Proxy).then(|| format!("http://{}", self.address))
    }

    /// The file with the count of what it has sent.
    pub(super) fn traffic(&self) -> &Path {
        self.shared.traffic.path()
    }

    /// How often it has attacked.
    pub(super) fn attacks(&self) -> usize {
        self.shared.attacks.load(Ordering::SeqCst)
    }

    /// The certificate to trust.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // So that it looks.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn connection(&self, tcp: TcpStream) -> io::Result<()> {
        tcp.set_nodelay(true)?;
        let mut wire = Wire::new(tcp, Arc::clone(&self.traffic), Arc::clone(&self.over));
        let is_link = self.awaited.swap(false, Ordering::SeqCst) && self.attack.phase == Phase::AcceptLink;
        self.step(if is_link { Phase::AcceptLink } else { Phase::Accept }, &mut wire, "")?;
        if self.attack.over == Over::Proxy {
            wire.request()?;
            self.step(Phase::Proxy, &mut wire, "HTTP/1.1 200 Connection established\r\n\r\n")?;
        }
        if self.attack.over != Over::Plain {
            self.step(Phase::Handshake, &mut wire, "")?;
            wire.accept_tls(&self.tls)?;
            self.step(Phase::Records, &mut wire, "")?;
        }
        loop {
            let head = wire.request()?;
            let url = format!("{}/link?ticket=1", self.origin);
            match head.split(' ').nth(1).unwrap_or_default() {
                path if path.ends_with("apps.connections.open") => {
                    self.awaited.store(true, Ordering::SeqCst);
                    let decent = answer(&format!(r#"{{"ok":true,"url":"{url}"}}"#));
                    if self.attack.phase == Phase::AcceptLink {
                        // Or a driver might open the WebSocket on this one.
                        return wire.send(decent.replacen("\r\n", "\r\nConnection: close\r\n", 1));
                    }
                    self.step(Phase::Open, &mut wire, decent)?;
                }
                path if path.starts_with("/link") => {
                    let key = header(&head, "sec-websocket-key").unwrap_or_default();
                    let accept = tungstenite::handshake::derive_accept_key(key.as_bytes());
                    let decent = format!(
                        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
                    );
                    self.step(Phase::Upgrade, &mut wire, decent)?;
                    return self.link(&mut wire);
                }
                _ => self.step(Phase::Web, &mut wire, answer(r#"{"ok":true}"#))?,
            }
        }
    }

    fn link(&self, wire: &mut Wire) -> io::Result<()> {
        self.step(Phase::Hello, wire, frames::hello())?;
        let first = self.links.fetch_add(1, Ordering::SeqCst) == 0;
        match self.attack.phase {
            Phase::Active if first => {
                if !self.attack.unread {
                    // Only a client that is up acknowledges it: nothing of the attack meets the handshake.
                    wire.send(frames::envelope("before", 10))?;
                    frames::until(wire, frames::TEXT)?;
                }
                self.step(Phase::Active, wire, "")?;
            }
            Phase::Draining if first => {
                wire.send(frames::warning())?;
                self.until(|| self.links.load(Ordering::SeqCst) > 1);
                self.step(Phase::Draining, wire, "")?;
            }
            Phase::Closing if first => {
                wire.send(frames::envelope(frames::AFTER, 10))?;
                frames::until(wire, frames::CLOSE)?;
                self.step(Phase::Closing, wire, frames::frame(frames::FIN | frames::CLOSE, &[3, 232]))?;
            }
            Phase::Draining => {
                self.until(|| self.attacks.load(Ordering::SeqCst) > 0);
                // In the middle of it.
                thread::sleep(Duration::from_millis(300));
            }
            _ => {}
        }
        self.decent.store(true, Ordering::SeqCst);
        wire.send(frames::envelope(frames::AFTER, 10))?;
        wire.serve()
    }

    /// What a decent peer sends here, or the attack: on the first who comes, and where a client is to end
    /// in the middle of the attack, on those who come after all was well.
    fn step(&self, phase: Phase, wire: &mut Wire, decent: impl AsRef<[u8]>) -> io::Result<()> {
        wire.decent = decent.as_ref().to_vec();
        let again = self.attack.comes_again() && self.decent.load(Ordering::SeqCst);
        if self.attack.phase != phase || (self.attacks.load(Ordering::SeqCst) > 0 && !again) {
            return wire.send_decent();
        }
        self.attacks.fetch_add(1, Ordering::SeqCst);
        (self.attack.run)(wire)
    }

    fn until(&self, holds: impl Fn() -> bool) {
        while !holds() && !self.over.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// An answer of the Web API.
fn answer(json: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}",
        json.len()
    )
}
