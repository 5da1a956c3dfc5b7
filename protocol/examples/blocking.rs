//! Socket Mode in plain threads: the machine in a blocking loop, `ureq` for HTTP, `tungstenite` for the WebSocket.
//! Acknowledges every envelope and prints its kind and id, until a line is typed. Reads `SLACK_APP_TOKEN` and
//! `SLACK_API_URL` (it ends with `/api/`). One thread owns the machine and waits for nothing but reports; each call and
//! each connection has a thread that blocks as it likes. Every retry, back-off and time-out is the machine's.

use socketmode_protocol::limits::{MAX_MESSAGE_BYTES, MAX_OPEN_BODY_BYTES};
use socketmode_protocol::*;
use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind::{TimedOut, WouldBlock};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::{collections::BTreeMap, net::TcpStream, sync::Arc, sync::Weak, thread, time::Duration};
use tungstenite::error::{Error, ProtocolError::ResetWithoutClosingHandshake};
use tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tungstenite::{HandshakeError, Message, WebSocket, client::IntoClientRequest, stream::MaybeTlsStream};

/// How long a connection's thread listens before it looks for something to write. One thread does both, as TLS has no
/// two halves to give away; the price is that an acknowledgement may wait for so long.
const TURN: Duration = Duration::from_millis(10);

pub(crate) struct Slack {
    pub(crate) config: Config,
    pub(crate) base: String,
    pub(crate) token: String,
}

/// Runs until `stop` returns or Slack turns the app away. The machine waits while `on_event` works.
pub(crate) fn run(
    slack: Slack,
    stop: impl FnOnce() + Send + 'static,
    mut on_output: impl FnMut(&Output),
) -> Result<StopReason, ConfigError> {
    let start = std::time::Instant::now();
    let now = || Instant::from_elapsed(start.elapsed());
    let mut machine = SocketMode::new(slack.config.clone(), RandomState::new().hash_one(()), now())?;
    let (slack, mut outboxes) = (Arc::new(slack), Outboxes::new());
    let (reports, inbox) = mpsc::sync_channel::<Report>(64); // Bounded: what is more waits at the peer.
    let to_stop = reports.clone();
    thread::spawn(move || {
        stop();
        to_stop.send(Box::new(|machine, now| machine.shutdown(now, machine.config().shutdown_grace)))
    });
    loop {
        while let Some(output) = machine.poll_output() {
            on_output(&output);
            match output {
                Output::Action { connection, action } => {
                    let (slack, reports) = (Arc::clone(&slack), reports.clone());
                    perform(action, &mut outboxes, Worker { connection, slack, reports });
                }
                // Refused if it is too late.
                Output::Envelope(envelope) => drop(machine.acknowledge(now(), envelope.token(), None)),
                Output::Stopped(reason) => return Ok(reason),
                Output::Acknowledged { .. } | Output::Notice(_) => {}
            }
        }
        // What the machine no longer knows is over, and its thread ends.
        outboxes.retain(|&id, _| machine.connections().any(|known| known.connection == id));
        if transmit(&mut machine, &outboxes) {
            continue; // A close frame may have waited for what was sent.
        }
        let wait = machine.poll_timeout().map_or(Duration::ZERO, |next| next.at.saturating_since(now()));
        if let Ok(report) = inbox.recv_timeout(wait) {
            report(&mut machine, now());
        }
        machine.handle_timeout(now()); // After a report too: on a busy link no wait ends by itself.
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = std::env::var("SLACK_APP_TOKEN").map_err(|_| "SLACK_APP_TOKEN is not set")?;
    let base = std::env::var("SLACK_API_URL").unwrap_or_else(|_| "https://slack.com/api/".to_owned());
    let hosts = base.parse::<ureq::http::Uri>()?.host().map(str::to_owned).into_iter().collect();
    let slack = Slack { config: Config { allowed_hosts: hosts, ..Config::default() }, base, token };
    let typed = || drop(std::io::stdin().read_line(&mut String::new()));
    let reason = run(slack, typed, |output| match output {
        Output::Envelope(envelope) => println!("{} {}", envelope.kind().as_str(), envelope.envelope_id()),
        Output::Notice(Notice::ConnectionError { error, retry_in, .. }) => {
            eprintln!("{error}; again in {retry_in:?}");
        }
        _ => {}
    })?;
    eprintln!("stopped: {reason}");
    Ok(())
}

/// What to tell the machine, on its own thread.
type Report = Box<dyn FnOnce(&mut SocketMode, Instant) + Send>;
type Outgoing = (Option<WriteId>, Message);
type Outboxes = BTreeMap<ConnectionId, Arc<Sender<Outgoing>>>;

/// Does what the machine asks for, and waits for none of it.
fn perform(action: Action, outboxes: &mut Outboxes, worker: Worker) {
    let outgoing = match action {
        Action::Open => return drop(thread::spawn(move || worker.open())),
        Action::Dial { url } => {
            let (outbox, to_write) = mpsc::channel();
            let wanted = Arc::downgrade(outboxes.entry(worker.connection).or_insert(Arc::new(outbox)));
            return drop(thread::spawn(move || worker.converse(&url, &to_write, &wanted)));
        }
        Action::SendPing => (None, Message::Ping(Vec::new().into())),
        Action::Close { code } => {
            (None, Message::Close(Some(CloseFrame { code: code.into(), reason: "".into() })))
        }
        Action::Abort => return drop(outboxes.remove(&worker.connection)),
    };
    // If nobody takes it, the connection's end has been reported.
    let _ = outboxes.get(&worker.connection).map(|outbox| outbox.send(outgoing));
}

/// Hands the connections' threads what they are to send. Whether that was anything.
fn transmit(machine: &mut SocketMode, outboxes: &Outboxes) -> bool {
    let mut is_any = false;
    for (&id, outbox) in outboxes {
        let mut text = String::new();
        while let Some(write) = machine.poll_transmit(id, &mut text) {
            // If nobody takes it, the connection's end has been reported.
            let _ = outbox.send((Some(write), Message::text(std::mem::take(&mut text))));
            is_any = true;
        }
    }
    is_any
}

/// What is done for one connection, on threads of its own.
struct Worker {
    connection: ConnectionId,
    slack: Arc<Slack>,
    reports: SyncSender<Report>,
}

impl Worker {
    /// The call. The time-out is the machine's own: it ends a thread that was given up. No proxy, as `dial` has none.
    fn open(&self) {
        let agent = ureq::Agent::config_builder().timeout_global(Some(self.slack.config.open_timeout));
        let agent = agent.http_status_as_error(false).max_redirects(0).proxy(None).build().new_agent();
        let call = agent.post(format!("{}apps.connections.open", self.slack.base));
        let call = call.header("Authorization", format!("Bearer {}", self.slack.token)).send_empty();
        let answer = call.and_then(|mut answer| {
            let retry_after = answer.headers().get("Retry-After").and_then(|value| value.to_str().ok());
            let (status, retry_after) = (answer.status().as_u16(), retry_after.map(str::to_owned));
            let body = answer.body_mut().with_config().limit(MAX_OPEN_BODY_BYTES as u64).read_to_vec()?;
            Ok((status, retry_after, body))
        });
        match answer {
            Ok(answer) => self.tell(answer, |(status, retry_after, body)| {
                Input::Opened(OpenResponse { status: *status, retry_after: retry_after.as_deref(), body })
            }),
            Err(error) => self.tell(error.to_string(), |detail| Input::OpenFailed { detail }),
        }
    }

    /// A connection's life, until it is over or the machine has done with it.
    fn converse(&self, url: &SocketUrl, outbox: &Receiver<Outgoing>, wanted: &Weak<Sender<Outgoing>>) {
        let mut socket = match self.dial(url) {
            Ok(socket) => socket,
            Err(Error::Http(answer)) => {
                let as_input = |code: &u16| Input::DialFailed { status: Some(*code), detail: "no upgrade" };
                return self.tell(answer.status().as_u16(), as_input);
            }
            Err(e) => return self.tell(e.to_string(), |detail| Input::DialFailed { status: None, detail }),
        };
        self.tell((), |()| Input::Dialed);
        while wanted.strong_count() > 0 {
            match outbox.try_recv() {
                // Nothing may follow a close frame. What is not written, the machine sends elsewhere.
                Ok(_) if !socket.can_write() => {}
                Ok((write, message)) => match socket.send(message) {
                    Ok(()) => write.map_or((), |write| self.tell(write, |&write| Input::Written(write))),
                    Err(e) => return self.tell(e.to_string(), |why| Input::Closed(Closed::WriteError(why))),
                },
                Err(_) => match socket.read() {
                    Ok(message) => self.tell(message, as_input),
                    Err(Error::Io(error)) if [WouldBlock, TimedOut].contains(&error.kind()) => {}
                    Err(Error::ConnectionClosed | Error::Protocol(ResetWithoutClosingHandshake)) => break,
                    Err(e) => return self.tell(e.to_string(), |why| Input::Closed(Closed::ReadError(why))),
                },
            }
        }
        self.tell((), |()| Input::Closed(Closed::Eof));
    }

    fn dial(&self, url: &SocketUrl) -> Result<WebSocket<MaybeTlsStream<TcpStream>>, Error> {
        let request = url.expose_secret().into_client_request()?;
        let tcp = TcpStream::connect(format!("{}:{}", url.host(), url.port()))?;
        let handle = tcp.try_clone()?;
        handle.set_nodelay(true)?;
        // The machine's own limits again: a thread that was given up may not be blocked for ever.
        handle.set_read_timeout(Some(self.slack.config.dial_timeout))?;
        handle.set_write_timeout(Some(self.slack.config.silence))?;
        let limits = WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE_BYTES));
        match tungstenite::client_tls_with_config(request, tcp, Some(limits), None) {
            Ok((socket, _)) => handle.set_read_timeout(Some(TURN)).map(|()| socket).map_err(Error::Io),
            Err(HandshakeError::Failure(error)) => Err(error),
            Err(HandshakeError::Interrupted(_)) => Err(Error::Io(TimedOut.into())),
        }
    }

    /// An input borrows what it tells, so that travels along. Of a connection that was given up it changes nothing.
    fn tell<T: Send + 'static>(&self, told: T, as_input: fn(&T) -> Input<'_>) {
        let id = self.connection;
        drop(self.reports.send(Box::new(move |machine, now| machine.handle_input(now, id, as_input(&told)))));
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
