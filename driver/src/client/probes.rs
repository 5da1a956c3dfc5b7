//! A server for probes: as much of HTTP/1.1 as they need, without a runtime.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::thread;
use std::time::{Duration, Instant};

use http::StatusCode;
use httparse::{EMPTY_HEADER, Request};

use super::Client;
use crate::health::{Health, Probe};
use crate::transport::Transport;

/// How long the request of a probe, and the answer to it, may take: the patience of a kubelet by default.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long the head of a request may be. That of a kubelet's probe has about 150 bytes.
const MAX_HEAD: usize = 8 * 1024;
/// How many headers it may have.
const MAX_HEADERS: usize = 64;
/// The wait after a connection that could not be accepted, such as without a file descriptor left.
const NOT_ACCEPTED: Duration = Duration::from_millis(100);

impl<T: Transport> Client<T> {
    /// Answers probes on this address: `GET` and `HEAD` of `/readyz` and `/livez`, as [`Health::probe`] says. Returns the
    /// address, with the port that a `0` was replaced by.
    ///
    /// It runs on a thread of its own, until the process ends: it tells that the runtime is stuck, and that the client is
    /// shutting down or has stopped. It answers one probe at a time, each on a connection of its own, and gives up whoever
    /// has not asked within a second. So it is for an orchestrator, and not for the open internet. For more than probes, such
    /// as `/metrics`, have a web server that answers with [`Health::probe`].
    ///
    /// A host name in the address is looked up in the calling thread.
    ///
    /// # Errors
    /// The address cannot be bound, or the thread not be started.
    ///
    /// ```
    /// use socketmode_driver::{Client, Transport};
    ///
    /// fn probes<T: Transport>(client: &Client<T>) -> std::io::Result<()> {
    ///     println!("Probes are answered on {}.", client.answer_probes("127.0.0.1:0")?);
    ///     Ok(())
    /// }
    /// ```
    pub fn answer_probes(&self, address: impl ToSocketAddrs) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind(address)?;
        let bound = listener.local_addr()?;
        let client = self.clone();
        thread::Builder::new().name("probes".to_owned()).spawn(move || {
            for socket in listener.incoming() {
                match socket {
                    // Whoever asks in another way than a probe, or not in time, has no answer.
                    Ok(socket) => drop(Timed::new(socket).and_then(|io| answer(io, || client.health()))),
                    Err(_) => thread::sleep(NOT_ACCEPTED),
                }
            }
        })?;
        Ok(bound)
    }
}

/// A socket, for as long as the patience lasts.
struct Timed {
    socket: TcpStream,
    end: Instant,
}

impl Timed {
    fn new(socket: TcpStream) -> io::Result<Self> {
        socket.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { socket, end: Instant::now() + PATIENCE })
    }
}

impl Read for Timed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.socket.set_read_timeout(Some(left))?;
        self.socket.read(into)
    }
}

impl Write for Timed {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.socket.write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// Reads a request, and writes the answer to it.
fn answer(mut socket: impl Read + Write, health: impl FnOnce() -> Health) -> io::Result<()> {
    let (status, body, is_head) = match asked(&mut socket)? {
        Some(Asked { method, path }) if method == "GET" || method == "HEAD" => {
            let Probe { status, body } = health().probe(&path);
            (StatusCode::from_u16(status).unwrap_or_default(), body, method == "HEAD")
        }
        Some(_) => (StatusCode::METHOD_NOT_ALLOWED, String::new(), false),
        None => (StatusCode::BAD_REQUEST, String::new(), false),
    };
    let length = body.len();
    // A status prints as its number and its reason. `allow` is a must for one of them, and may be in all.
    let head = format!(
        "HTTP/1.1 {status}\r\nallow: GET, HEAD\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n"
    );
    socket.write_all((head + if is_head { "" } else { &body }).as_bytes())
}

/// The first line of a request.
struct Asked {
    method: String,
    path: String,
}

/// `None` if it is no request, or too long a one.
fn asked(socket: &mut impl Read) -> io::Result<Option<Asked>> {
    let (mut text, mut part) = (Vec::new(), [0; 1024]);
    loop {
        match socket.read(&mut part) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => text.extend(part.iter().take(read)),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        let mut headers = [EMPTY_HEADER; MAX_HEADERS];
        let mut request = Request::new(&mut headers);
        let complete = match request.parse(&text) {
            Ok(status) => status.is_complete(),
            Err(_) => return Ok(None),
        };
        if let (true, Some(method), Some(path)) = (complete, request.method, request.path) {
            return Ok(Some(Asked { method: method.to_owned(), path: path.to_owned() }));
        }
        if text.len() >= MAX_HEAD {
            return Ok(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::pulse::Beat;
    use socketmode_protocol::Instant;
    use socketmode_protocol::limits::SILENCE;

    /// A peer that sends its request in parts, and then nothing more.
    #[derive(Default)]
    struct Peer<'a> {
        parts: Vec<&'a [u8]>,
        reads: usize,
        answer: Vec<u8>,
    }

    impl Read for &mut Peer<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let part = self.parts.get(self.reads).copied().unwrap_or_default();
            self.reads += 1;
            into[..part.len()].copy_from_slice(part);
            Ok(part.len())
        }
    }

    impl Write for &mut Peer<'_> {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.answer.write(text)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The first line of the answer, and its body.
    fn told(parts: &[&[u8]]) -> io::Result<(String, String)> {
        let mut peer = Peer { parts: parts.to_vec(), ..Peer::default() };
        answer(&mut peer, || Health::of(&Beat::default(), Instant::ZERO, SILENCE, 0).0)?;
        let text = String::from_utf8(peer.answer).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Ok((head.lines().next().unwrap().to_owned(), body.to_owned()))
    }

    #[test]
    fn a_request_may_come_in_parts_and_is_told_the_health() {
        let whole = told(&[b"GET /readyz HTTP/1.1\r\nhost: bot\r\n\r\n"]).unwrap();
        assert_eq!(whole.0, "HTTP/1.1 503 Service Unavailable");
        assert!(whole.1.contains(r#""unready":"not_started""#), "{}", whole.1);
        assert_eq!(told(&[b"GET /rea", b"dyz HTTP/1.1\r", b"\nhost: bot\r\n\r\n"]).unwrap(), whole);
        let head = told(&[b"HEAD /readyz HTTP/1.1\r\n\r\n"]).unwrap();
        assert_eq!(head, (whole.0, String::new()));
    }

    #[test]
    fn what_is_no_probe_is_refused() {
        let status = |parts: &[&[u8]]| told(parts).unwrap().0;
        assert_eq!(status(&[b"GET / HTTP/1.1\r\n\r\n"]), "HTTP/1.1 404 Not Found");
        assert_eq!(status(&[b"POST /livez HTTP/1.1\r\n\r\n"]), "HTTP/1.1 405 Method Not Allowed");
        assert_eq!(status(&[b"\x16\x03\x01\x02\0\x01"]), "HTTP/1.1 400 Bad Request");
        let gone = told(&[b"GET /livez"]).unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn the_head_of_a_request_has_a_bound() {
        let filler = [b'a'; 1024];
        let mut parts = vec![&b"GET /livez HTTP/1.1\r\nx: "[..]];
        parts.resize(1 + MAX_HEAD / filler.len(), &filler[..]);
        let mut peer = Peer { parts, ..Peer::default() };
        assert!(asked(&mut &mut peer).unwrap().is_none());
        assert_eq!(peer.reads, 9, "8 KiB and what came with them");
    }
}
