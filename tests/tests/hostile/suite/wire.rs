//! The peer's end of a connection, and the ways of being a nuisance with it.

use super::frames;
use super::records::Records;
use super::traffic::Traffic;
use rustls::{ServerConfig, ServerConnection};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// What a flood sends before an envelope comes in the middle of it.
const BEFORE_THE_ENVELOPE: usize = 1024 * 1024;
/// How much is written at a time by a flood.
const FLOOD_BYTES: usize = 64 * 1024;

pub(crate) struct Wire {
    tcp: Tcp,
    layer: Layer,
    /// The trial is over.
    over: Arc<AtomicBool>,
    /// What a decent peer would send in this phase.
    pub(super) decent: Vec<u8>,
}

enum Layer {
    Plain,
    Tls(Box<ServerConnection>),
    Records(Records),
}

impl Wire {
    pub(super) fn new(tcp: TcpStream, traffic: Arc<Traffic>, over: Arc<AtomicBool>) -> Self {
        Self { tcp: Tcp { stream: tcp, traffic }, layer: Layer::Plain, over, decent: Vec::new() }
    }

    pub(super) fn accept_tls(&mut self, config: &Arc<ServerConfig>) -> io::Result<()> {
        let mut session = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        while session.is_handshaking() {
            session.complete_io(&mut self.tcp)?;
        }
        while session.wants_write() {
            session.write_tls(&mut self.tcp)?;
        }
        self.layer = Layer::Tls(Box::new(session));
        Ok(())
    }

    /// The records from here on, by hand. What the client sends is not understood any more.
    pub(super) fn records(&mut self) -> io::Result<&mut Records> {
        self.layer = match std::mem::replace(&mut self.layer, Layer::Plain) {
            Layer::Tls(session) => Layer::Records(Records::new(*session, self.tcp.try_clone()?)?),
            layer => layer,
        };
        match &mut self.layer {
            Layer::Records(records) => Ok(records),
            _ => Err(io::Error::other("no TLS")),
        }
    }

    /// The session of TLS.
    pub(super) fn session(&mut self) -> io::Result<&mut ServerConnection> {
        match &mut self.layer {
            Layer::Tls(session) => Ok(session),
            _ => Err(io::Error::other("no TLS")),
        }
    }

    pub(super) fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.write_all(bytes.as_ref())?;
        self.flush()
    }

    pub(super) fn send_decent(&mut self) -> io::Result<()> {
        let decent = std::mem::take(&mut self.decent);
        self.send(decent)
    }

    /// Sends it for ever.
    pub(super) fn flood(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let many = many(bytes.as_ref());
        loop {
            self.send(&many)?;
        }
    }

    /// Sends it for ever, with an envelope in the middle.
    pub(super) fn flood_with_envelope(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.flood_with(bytes.as_ref(), BEFORE_THE_ENVELOPE)
    }

    /// The same, with so many bytes at least before the envelope.
    pub(super) fn flood_with(&mut self, bytes: &[u8], before: usize) -> io::Result<()> {
        let many = many(bytes);
        for _ in 0..before.div_ceil(many.len()) {
            self.send(&many)?;
        }
        self.send(frames::envelope(frames::AFTER, 10))?;
        self.flood(bytes)
    }

    /// Sends it byte by byte, each in a segment of its own.
    pub(super) fn dribble(&mut self, bytes: &[u8], pause: Duration) -> io::Result<()> {
        for byte in bytes {
            self.send([*byte])?;
            thread::sleep(pause);
        }
        Ok(())
    }

    pub(super) fn dribble_decent(&mut self) -> io::Result<()> {
        let decent = std::mem::take(&mut self.decent);
        self.dribble(&decent, Duration::from_micros(500))
    }

    /// Says nothing and reads, until the client closes the connection.
    pub(super) fn stall(&mut self) -> io::Result<()> {
        io::copy(&mut self.tcp, &mut io::sink())?;
        self.end()
    }

    /// Says nothing and does not read either, until the trial is over.
    pub(super) fn hold(&self) -> io::Result<()> {
        while !self.over.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(20));
        }
        self.end()
    }

    /// Reads in the background, below TLS, so that the client can write.
    pub(super) fn read_all(&self) -> io::Result<()> {
        let mut tcp = self.tcp.stream.try_clone()?;
        thread::spawn(move || io::copy(&mut tcp, &mut io::sink()));
        Ok(())
    }

    /// Ends the connection here.
    pub(super) fn end(&self) -> io::Result<()> {
        Err(ErrorKind::ConnectionAborted.into())
    }

    /// The head of a request; its body is read over.
    pub(super) fn request(&mut self) -> io::Result<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.read_exact(&mut byte)?;
            head.extend(byte);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let length = header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        io::copy(&mut self.take(length), &mut io::sink())?;
        Ok(head)
    }

    /// As a decent peer does after all else: pings until the client closes the connection.
    pub(super) fn serve(&mut self) -> io::Result<()> {
        self.tcp.stream.set_read_timeout(Some(Duration::from_millis(200)))?;
        let mut buffer = [0; 4096];
        loop {
            match self.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    self.send(frames::ping())?;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// A connection that counts what is sent by it.
pub(super) struct Tcp {
    stream: TcpStream,
    traffic: Arc<Traffic>,
}

impl Tcp {
    fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { stream: self.stream.try_clone()?, traffic: Arc::clone(&self.traffic) })
    }
}

impl Read for Tcp {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl Write for Tcp {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stream.write(bytes)?;
        self.traffic.add(written)?;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The value of a header, if the head has it.
pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// As many of them as are worth one write.
fn many(bytes: &[u8]) -> Vec<u8> {
    bytes.repeat((FLOOD_BYTES / bytes.len().max(1)).max(1))
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.layer {
            Layer::Tls(session) => rustls::Stream::new(&mut **session, &mut self.tcp).read(buffer),
            Layer::Plain | Layer::Records(_) => self.tcp.read(buffer),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.layer {
            Layer::Tls(session) => rustls::Stream::new(&mut **session, &mut self.tcp).write(bytes),
            Layer::Plain => self.tcp.write(bytes),
            Layer::Records(records) => records.application_data(bytes).map(|()| bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.layer {
            Layer::Tls(session) => rustls::Stream::new(&mut **session, &mut self.tcp).flush(),
            Layer::Plain | Layer::Records(_) => Ok(()),
        }
    }
}
