//! Socket Mode in one thread without a runtime: the machine in a loop around `mio` (epoll, kqueue), and `tungstenite` on
//! sockets that do not block. Acknowledges every envelope and prints its kind and id, until a line is typed. Reads
//! `SLACK_APP_TOKEN` and `SLACK_API_URL` (it ends with `/api/`).
//!
//! Two things block, so a thread does each and reports by a channel: the call (`ureq`), and TCP's connect with the
//! look-up of the name. All else is done in the loop, for as many connections as there are: two in a handover.
//!
//! mio tells once that a socket is ready. So a socket stays ready here until it has said `WouldBlock`, and each turn of the
//! loop tries all that are ready. What has waited because the machine did not want to read is then read as soon as it
//! does, though no event says so: `is_reading` turns true by time alone.

use mio::{Events, Interest, Poll, Registry, Token, Waker, net::TcpStream};
use socketmode_protocol::limits::{MAX_MESSAGE_BYTES, MAX_OPEN_BODY_BYTES};
use socketmode_protocol::*;
use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind::Interrupted, ErrorKind::WouldBlock};
use std::{mem, net, sync::Arc, sync::mpsc, thread, time::Duration};
use tungstenite::error::{Error, ProtocolError::ResetWithoutClosingHandshake};
use tungstenite::handshake::{MidHandshake, client::ClientHandshake, client::Response};
use tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tungstenite::{HandshakeError, Message, WebSocket, client_tls_with_config, stream::MaybeTlsStream};

/// Messages that one socket may hand in before the others have their turn.
const READS_PER_TURN: usize = 64;
/// No connection has this number.
const WAKER: Token = Token(usize::MAX);

pub(crate) struct Slack {
    pub(crate) config: Config,
    pub(crate) base: String,
    pub(crate) token: String,
}

/// Runs until `stop` returns or Slack turns the app away. `is_full` says whether the application takes no more for now;
/// the machine waits while `on_output` works.
pub(crate) fn run(
    slack: Slack,
    stop: impl FnOnce() + Send + 'static,
    is_full: impl Fn() -> bool,
    mut on_output: impl FnMut(&Output),
) -> Result<StopReason, Box<dyn std::error::Error>> {
    let start = std::time::Instant::now();
    let now = || Instant::from_elapsed(start.elapsed());
    let mut machine = SocketMode::new(slack.config.clone(), RandomState::new().hash_one(()), now())?;
    let (mut poll, mut events) = (Poll::new()?, Events::with_capacity(64));
    let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
    let (reports, inbox) = mpsc::channel(); // Bounded by what is asked for: a report each.
    let helper = Helper { slack: Arc::new(slack), reports, waker };
    let mut sockets: BTreeMap<ConnectionId, Socket> = BTreeMap::new();
    let to_stop = helper.clone();
    thread::spawn(move || {
        stop();
        to_stop.tell(Report::Stop);
    });
    loop {
        machine.handle_backlog(now(), is_full());
        while let Some(output) = machine.poll_output() {
            on_output(&output);
            match output {
                Output::Action { connection, action } => match action {
                    Action::Open => helper.open(connection),
                    Action::Dial { url } => helper.connect(connection, url),
                    Action::SendPing => say(&mut sockets, connection, Message::Ping(Vec::new().into())),
                    Action::Close { code } => {
                        let frame = CloseFrame { code: code.into(), reason: "".into() };
                        say(&mut sockets, connection, Message::Close(Some(frame)));
                    }
                    Action::Abort => drop(sockets.remove(&connection)),
                },
                Output::Envelope(envelope) => {
                    // Refused if it is too late.
                    let _ = machine.acknowledge(now(), envelope.token(), None);
                    machine.handle_backlog(now(), is_full());
                }
                Output::Stopped(reason) => return Ok(reason),
                Output::Acknowledged { .. } | Output::Notice(_) => {}
            }
        }
        // What the machine no longer knows is over: its socket is closed here.
        sockets.retain(|&id, _| machine.connections().any(|known| known.connection == id));
        let mut is_busy = false;
        for (&id, socket) in &mut sockets {
            is_busy |= socket.turn(&mut Turn { id, machine: &mut machine, now: now() });
        }
        // After any work there may be more: an output, or a socket that is ready still. Else the time-out is the machine's.
        let next = machine.poll_timeout().map_or(Duration::ZERO, |next| next.at.saturating_since(now()));
        match poll.poll(&mut events, Some(if is_busy { Duration::ZERO } else { next })) {
            Err(error) if error.kind() != Interrupted => return Err(error.into()),
            _ => {}
        }
        for event in &events {
            // Trying tells in which way it is ready, or that it is broken. The waker has no socket.
            if let Some((_, socket)) = sockets.iter_mut().find(|(id, _)| token(**id) == event.token()) {
                (socket.can_read, socket.can_write) = (true, true);
            }
        }
        for report in inbox.try_iter() {
            match report {
                Report::Opened(id, Ok((status, retry_after, body))) => {
                    let retry_after = retry_after.as_deref();
                    let answer = OpenResponse { status, retry_after, body: &body };
                    machine.handle_input(now(), id, Input::Opened(answer));
                }
                Report::Opened(id, Err(error)) => {
                    machine.handle_input(now(), id, Input::OpenFailed { detail: &error.to_string() });
                }
                // It may have been given up meanwhile.
                Report::Connected(id, ..) if machine.connections().all(|known| known.connection != id) => {}
                Report::Connected(id, url, tcp) => {
                    let mut turn = Turn { id, machine: &mut machine, now: now() };
                    match tcp.and_then(|tcp| register(poll.registry(), id, tcp)) {
                        Ok(tcp) => drop(sockets.insert(id, Socket::new(&mut turn, &url, tcp))),
                        Err(error) => {
                            turn.tell(Input::DialFailed { status: None, detail: &error.to_string() });
                        }
                    }
                }
                Report::Stop => machine.shutdown(now(), machine.config().shutdown_grace),
            }
        }
        machine.handle_timeout(now()); // After events too: on a busy link no wait runs out.
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = std::env::var("SLACK_APP_TOKEN").map_err(|_| "SLACK_APP_TOKEN is not set")?;
    let base = std::env::var("SLACK_API_URL").unwrap_or_else(|_| "https://slack.com/api/".to_owned());
    let hosts = base.parse::<ureq::http::Uri>()?.host().map(str::to_owned).into_iter().collect();
    let slack = Slack { config: Config { allowed_hosts: hosts, ..Config::default() }, base, token };
    let typed = || drop(std::io::stdin().read_line(&mut String::new()));
    let print = |output: &Output| match output {
        Output::Envelope(envelope) => println!("{} {}", envelope.kind().as_str(), envelope.envelope_id()),
        Output::Notice(Notice::ConnectionError { error, retry_in, .. }) => {
            eprintln!("{error}; again in {retry_in:?}");
        }
        _ => {}
    };
    let reason = run(slack, typed, || false, print)?; // What only prints is never full.
    eprintln!("stopped: {reason}");
    Ok(())
}

/// What a thread tells the loop.
enum Report {
    /// The status, `Retry-After` and the body.
    Opened(ConnectionId, Result<(u16, Option<String>, Vec<u8>), ureq::Error>),
    Connected(ConnectionId, SocketUrl, io::Result<net::TcpStream>),
    Stop,
}

/// Does what blocks, on threads of its own.
#[derive(Clone)]
struct Helper {
    slack: Arc<Slack>,
    reports: mpsc::Sender<Report>,
    waker: Arc<Waker>,
}

impl Helper {
    /// The call. The time-out is the machine's own: it ends a thread that was given up. No proxy, as `connect` has none.
    fn open(&self, id: ConnectionId) {
        let this = self.clone();
        thread::spawn(move || {
            let agent = ureq::Agent::config_builder().timeout_global(Some(this.slack.config.open_timeout));
            let agent = agent.http_status_as_error(false).max_redirects(0).proxy(None).build().new_agent();
            let call = agent.post(format!("{}apps.connections.open", this.slack.base));
            let call = call.header("Authorization", format!("Bearer {}", this.slack.token)).send_empty();
            let answer = call.and_then(|mut answer| {
                let retry_after = answer.headers().get("Retry-After").and_then(|value| value.to_str().ok());
                let (status, retry_after) = (answer.status().as_u16(), retry_after.map(str::to_owned));
                let body = answer.body_mut().with_config().limit(MAX_OPEN_BODY_BYTES as u64).read_to_vec()?;
                Ok((status, retry_after, body))
            });
            this.tell(Report::Opened(id, answer));
        });
    }

    fn connect(&self, id: ConnectionId, url: SocketUrl) {
        let this = self.clone();
        thread::spawn(move || {
            let tcp = net::TcpStream::connect(format!("{}:{}", url.host(), url.port()));
            this.tell(Report::Connected(id, url, tcp));
        });
    }

    /// First the report, then the wake-up: the loop that wakes finds it. Once the loop has ended nobody listens.
    fn tell(&self, report: Report) {
        if self.reports.send(report).is_ok() {
            let _ = self.waker.wake();
        }
    }
}

fn register(registry: &Registry, id: ConnectionId, tcp: net::TcpStream) -> io::Result<TcpStream> {
    tcp.set_nonblocking(true)?;
    tcp.set_nodelay(true)?;
    let mut tcp = TcpStream::from_std(tcp);
    // Once for all: an edge that nobody waits for costs nothing.
    registry.register(&mut tcp, token(id), Interest::READABLE | Interest::WRITABLE)?;
    Ok(tcp)
}

fn token(id: ConnectionId) -> Token {
    Token(id.number() as usize)
}

/// Queues a ping or a close frame. A connection without a socket has reported its end.
fn say(sockets: &mut BTreeMap<ConnectionId, Socket>, id: ConnectionId, message: Message) {
    if let Some(socket) = sockets.get_mut(&id) {
        socket.outbox.push_back(message);
    }
}

/// What a socket needs to do its part of a turn.
struct Turn<'a> {
    id: ConnectionId,
    machine: &'a mut SocketMode,
    now: Instant,
}

impl Turn<'_> {
    fn tell(&mut self, input: Input<'_>) {
        self.machine.handle_input(self.now, self.id, input);
    }
}

type Stream = MaybeTlsStream<TcpStream>;
type Shaken = Result<(WebSocket<Stream>, Response), HandshakeError<ClientHandshake<Stream>>>;

/// A connection's socket.
#[derive(Default)]
struct Socket {
    io: Io,
    /// It has not said `WouldBlock` since the last event.
    can_read: bool,
    can_write: bool,
    /// Pings and the close frame, behind the acknowledgements.
    outbox: VecDeque<Message>,
    /// The acknowledgement that tungstenite has and the network perhaps not.
    unflushed: Option<WriteId>,
}

#[derive(Default)]
enum Io {
    /// TLS and WebSocket handshakes.
    Shaking(MidHandshake<ClientHandshake<Stream>>),
    Open(WebSocket<Stream>),
    /// The machine has been told.
    #[default]
    Over,
}

impl Socket {
    /// TCP is connected: the handshakes begin.
    fn new(turn: &mut Turn<'_>, url: &SocketUrl, tcp: TcpStream) -> Self {
        let mut socket = Self::default();
        let limits = WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE_BYTES));
        socket.shaken(turn, client_tls_with_config(url.expose_secret(), tcp, Some(limits), None));
        socket
    }

    fn shaken(&mut self, turn: &mut Turn<'_>, result: Shaken) {
        self.io = match result {
            Ok((websocket, _)) => {
                turn.tell(Input::Dialed);
                // The first message may have come with the answer: it has no event of its own.
                (self.can_read, self.can_write) = (true, true);
                Io::Open(websocket)
            }
            Err(HandshakeError::Interrupted(rest)) => {
                (self.can_read, self.can_write) = (false, false);
                Io::Shaking(rest)
            }
            Err(HandshakeError::Failure(error)) => {
                let status = if let Error::Http(answer) = &error { Some(answer.status()) } else { None };
                let status = status.map(|status| status.as_u16());
                turn.tell(Input::DialFailed { status, detail: &error.to_string() });
                Io::Over
            }
        };
    }

    /// Does all that needs no waiting; whether it did anything.
    fn turn(&mut self, turn: &mut Turn<'_>) -> bool {
        match mem::take(&mut self.io) {
            Io::Shaking(rest) if self.can_read || self.can_write => {
                self.shaken(turn, rest.handshake());
                return true;
            }
            io => self.io = io,
        }
        // First what the peer has said: a broken socket may hold its last words.
        let has_read = match self.read(turn) {
            Ok(has_read) => has_read,
            Err(Error::ConnectionClosed | Error::Protocol(ResetWithoutClosingHandshake)) => {
                return self.end(turn, Closed::Eof);
            }
            Err(error) => return self.end(turn, Closed::ReadError(&error.to_string())),
        };
        match self.write(turn) {
            Ok(has_written) => has_read || has_written,
            Err(error) => self.end(turn, Closed::WriteError(&error.to_string())),
        }
    }

    /// Reads until it would block, or the machine does not want to. What is left then is read when it does: `can_read`
    /// stays true, and each turn comes here.
    fn read(&mut self, turn: &mut Turn<'_>) -> Result<bool, Error> {
        let Io::Open(websocket) = &mut self.io else { return Ok(false) };
        // TLS may have read while it was to write, and then no event tells of it.
        self.can_read |= !matches!(websocket.get_ref(), MaybeTlsStream::Plain(_));
        let mut reads = 0;
        while self.can_read && reads < READS_PER_TURN && turn.machine.is_reading() {
            match websocket.read() {
                Ok(message) => turn.tell(as_input(&message)),
                Err(Error::Io(error)) if error.kind() == WouldBlock => {
                    self.can_read = false;
                    break;
                }
                Err(error) => return Err(error),
            }
            reads += 1;
        }
        Ok(reads > 0)
    }

    /// Writes until it would block, or nothing is left. One acknowledgement is pulled at a time, and the next one when the
    /// network has it: whatever ends the connection, only one is in doubt, and the peer has no more than a part of it.
    fn write(&mut self, turn: &mut Turn<'_>) -> Result<bool, Error> {
        let Io::Open(websocket) = &mut self.io else { return Ok(false) };
        let mut has_written = false;
        while self.can_write {
            // Also what tungstenite says by itself: pongs, and the answer to a close frame.
            self.can_write = flush(websocket)?;
            if !self.can_write {
                break;
            }
            if let Some(write) = self.unflushed.take() {
                turn.tell(Input::Written(write));
            }
            let mut text = String::new();
            // After a close frame nothing is sent: the machine sends the rest elsewhere.
            let pulls = websocket.can_write();
            self.unflushed = pulls.then(|| turn.machine.poll_transmit(turn.id, &mut text)).flatten();
            let message = self.unflushed.map(|_| Message::text(text)).or_else(|| self.outbox.pop_front());
            let Some(message) = message else { break };
            has_left(match message {
                Message::Close(frame) => websocket.close(frame),
                _ if !pulls => Ok(()),
                message => websocket.write(message),
            })?;
            has_written = true;
        }
        Ok(has_written)
    }

    /// The connection is over.
    fn end(&mut self, turn: &mut Turn<'_>, closed: Closed<'_>) -> bool {
        if let Io::Open(mut websocket) = mem::take(&mut self.io) {
            // tungstenite flushes also when it reads: what has left so is not to be sent elsewhere.
            if let (Ok(true), Some(write)) = (flush(&mut websocket), self.unflushed.take()) {
                turn.tell(Input::Written(write));
            }
        }
        turn.tell(Input::Closed(closed));
        true
    }
}

/// Whether the network has all that was written.
fn flush(websocket: &mut WebSocket<Stream>) -> Result<bool, Error> {
    let has_left = has_left(websocket.flush())?;
    // rustls says so, too, when a part has left.
    Ok(has_left && !matches!(websocket.get_ref(), MaybeTlsStream::Rustls(tls) if tls.conn.wants_write()))
}

/// Whether it has left at once. If not, tungstenite keeps it, and the next flush goes on with it.
fn has_left(written: Result<(), Error>) -> Result<bool, Error> {
    match written {
        Ok(()) => Ok(true),
        Err(Error::Io(error)) if error.kind() == WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}

fn as_input(message: &Message) -> Input<'_> {
    Input::Frame(match message {
        Message::Text(text) => IncomingFrame::Text(Text::new(text.clone())),
        Message::Binary(bytes) => IncomingFrame::Binary(bytes),
        Message::Ping(_) => IncomingFrame::Ping, // tungstenite answers it.
        Message::Pong(_) | Message::Frame(_) => IncomingFrame::Pong,
        Message::Close(close) => IncomingFrame::Close { code: close.as_ref().map(|close| close.code.into()) },
    })
}
