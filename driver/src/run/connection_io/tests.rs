//! What is written, what is told of it, and in which order.

use std::task::Waker;

use socketmode_protocol::{Action, Config, Notice, OpenResponse, Output, SocketMode, SocketUrl};

use super::*;
use crate::transport::TransportErrorKind;

/// A transport whose sockets are of memory.
struct Memory;

impl Transport for Memory {
    type Text = String;
    type Socket = Socket;

    async fn send(&self, _: http::Request<Bytes>, _: usize) -> Result<http::Response<Bytes>, TransportError> {
        std::future::pending().await
    }

    async fn dial(&self, _: &SocketUrl) -> Result<Socket, TransportError> {
        std::future::pending().await
    }

    async fn sleep_until(&self, _: Instant) {
        std::future::pending::<()>().await;
    }

    fn now(&self) -> Instant {
        Instant::ZERO
    }
}

/// It takes everything, and so many flushes of it succeed. The others wait, or fail once it is broken.
struct Socket {
    flushes_left: usize,
    broken: bool,
    fed: Vec<Frame>,
    /// How many of these each flush that succeeded had before it.
    flushed: Vec<usize>,
    arrives: VecDeque<Frame>,
    ended: bool,
}

impl Stream for Socket {
    type Item = Result<Frame, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.arrives.pop_front() {
            None if !self.ended => Poll::Pending,
            frame => Poll::Ready(frame.map(Ok)),
        }
    }
}

impl Sink<Frame> for Socket {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Frame) -> Result<(), TransportError> {
        self.fed.push(frame);
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        if self.broken {
            return Poll::Ready(Err(TransportError::new(TransportErrorKind::Io, "broken pipe")));
        }
        let Some(left) = self.flushes_left.checked_sub(1) else { return Poll::Pending };
        self.flushes_left = left;
        let fed = self.fed.len();
        self.flushed.push(fed);
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }
}

/// A machine with a connection that is up.
struct Up {
    machine: Machine,
    connection: ConnectionIo<Memory>,
    said: u32,
}

impl Up {
    fn new(flushes: usize) -> Self {
        let mut machine = SocketMode::new(Config::default(), 1, Instant::ZERO).unwrap();
        let id = machine.connections().next().unwrap().connection;
        let body = br#"{"ok":true,"url":"wss://wss-primary.slack.com/"}"#;
        let response = OpenResponse { status: 200, retry_after: None, body };
        for input in [
            Input::Opened(response),
            Input::Dialed,
            Input::Frame(IncomingFrame::Text(r#"{"type":"hello"}"#.into())),
        ] {
            machine.handle_input(Instant::ZERO, id, input);
        }
        while machine.poll_output().is_some() {}
        let socket = Socket {
            flushes_left: flushes,
            broken: false,
            fed: Vec::new(),
            flushed: Vec::new(),
            arrives: VecDeque::new(),
            ended: false,
        };
        let machine = Machine::new(machine, None);
        Self {
            machine,
            connection: ConnectionIo { id, io: Io::Open(Box::new(OpenSocket::new(socket))) },
            said: 0,
        }
    }

    fn socket(&mut self) -> &mut OpenSocket<Memory> {
        let Io::Open(socket) = &mut self.connection.io else { panic!("it is gone") };
        socket
    }

    /// An envelope comes and is acknowledged.
    fn acknowledge(&mut self) {
        self.said += 1;
        let envelope = format!("e{}", self.said);
        let text = format!(r#"{{"type":"events_api","envelope_id":"{envelope}"}}"#);
        self.machine.handle_input(
            Instant::ZERO,
            self.connection.id,
            Input::Frame(IncomingFrame::Text(text.into())),
        );
        let token = self.machine.unacknowledged(&envelope).unwrap();
        self.machine.acknowledge(Instant::ZERO, token, None).unwrap();
        self.perform();
    }

    fn perform(&mut self) {
        while let Some(output) = self.machine.poll_output() {
            if let Output::Action { action: Action::Close { code }, .. } = output {
                self.socket().push(Frame::Close(Some(code)));
            }
        }
    }

    fn flush(&mut self) {
        self.connection.flush(&mut self.machine, Instant::ZERO, &mut Context::from_waker(Waker::noop()));
    }

    fn read(&mut self) {
        self.connection.read(&mut self.machine, Instant::ZERO, &mut Context::from_waker(Waker::noop()));
    }

    fn acknowledged(&self) -> u64 {
        self.machine.stats().acknowledged
    }
}

#[test]
fn an_ack_and_a_ping_in_one_flush_are_both_told() {
    let mut up = Up::new(1);
    up.acknowledge();
    up.socket().push(Frame::Ping);
    up.flush();
    assert_eq!(up.acknowledged(), 1);
    assert_eq!(up.socket().flushed(), [2]);
}

#[test]
fn what_is_flushed_is_told_though_more_is_not() {
    let mut up = Up::new(1);
    for _ in 0..2_000 {
        up.acknowledge();
    }
    up.flush();
    let flushed = up.socket().flushed();
    assert_eq!(flushed.len(), 1);
    assert_eq!(up.acknowledged(), flushed[0] as u64);
    let bytes = |frame: &Frame| if let Frame::Text(text) = frame { text.len() } else { 0 };
    let bytes: usize = up.socket().socket.fed[..flushed[0]].iter().map(bytes).sum();
    let one = r#"{"envelope_id":"e2000"}"#.len();
    assert!((FLUSH_BYTES..FLUSH_BYTES + one).contains(&bytes), "{bytes}");
    up.socket().socket.flushes_left = 1;
    up.flush();
    assert_eq!(up.acknowledged(), 2_000);
}

#[test]
fn what_is_flushed_while_reading_is_told_before_the_end() {
    let mut up = Up::new(0);
    up.acknowledge();
    up.flush();
    assert_eq!(up.acknowledged(), 0);
    up.socket().socket.flushes_left = 1;
    up.socket().socket.ended = true;
    up.read();
    assert!(matches!(up.connection.io, Io::Gone));
    assert_eq!(up.acknowledged(), 1);
}

/// An envelope comes that nobody acknowledges, behind an acknowledgement that cannot be written.
fn broken_with_an_envelope() -> Up {
    let mut up = Up::new(0);
    up.acknowledge();
    up.flush();
    up.socket().socket.arrives.push_back(Frame::Text(r#"{"type":"events_api","envelope_id":"last"}"#.into()));
    up.socket().socket.broken = true;
    up.flush();
    up
}

#[test]
fn what_came_before_a_write_failed_is_read() {
    let mut up = broken_with_an_envelope();
    up.read();
    assert!(up.machine.unacknowledged("last").is_some());
}

#[test]
fn the_end_of_a_link_that_cannot_write_tells_the_write_error() {
    let mut up = broken_with_an_envelope();
    up.socket().socket.ended = true;
    up.read();
    assert!(matches!(up.connection.io, Io::Gone));
    let errors = std::iter::from_fn(|| up.machine.poll_output());
    let errors = errors.filter_map(|output| match output {
        Output::Notice(Notice::WriteError { detail, .. }) => Some(detail.to_string()),
        _ => None,
    });
    assert_eq!(errors.collect::<Vec<_>>(), ["broken pipe"]);
}

/// Whether the text of an envelope of so many bytes is the one that came.
fn is_shared(up: &mut Up, bytes: usize) -> bool {
    let frame = r#"{"type":"events_api","envelope_id":"e","payload":""}"#;
    let text = frame.replace("\"\"}", &format!("\"{}\"}}", "x".repeat(bytes - frame.len())));
    let came = text.as_ptr();
    up.socket().socket.arrives.push_back(Frame::Text(text));
    up.read();
    let envelope = std::iter::from_fn(|| up.machine.poll_output()).find_map(|output| match output {
        Output::Envelope(envelope) => Some(envelope),
        _ => None,
    });
    envelope.unwrap().raw_json().as_ptr() == came
}

#[test]
fn only_a_small_part_of_the_largest_message_is_copied() {
    let mut up = Up::new(0);
    assert!(is_shared(&mut up, 100));
    assert!(is_shared(&mut up, 4_000));
    assert!(is_shared(&mut up, 1_000));
    assert!(!is_shared(&mut up, 999));
    assert!(is_shared(&mut up, 4_000));
}

#[test]
fn our_close_goes_out_behind_the_acks() {
    let mut up = Up::new(2);
    up.acknowledge();
    up.acknowledge();
    up.machine.shutdown(Instant::ZERO, std::time::Duration::ZERO);
    up.machine.handle_timeout(Instant::ZERO);
    up.flush();
    up.perform();
    up.flush();
    let sent = &up.socket().socket.fed;
    assert!(matches!(sent[..], [Frame::Text(_), Frame::Text(_), Frame::Close(Some(1000))]), "{sent:?}");
    assert_eq!(up.acknowledged(), 2);
}

#[test]
fn after_the_peers_close_only_what_the_socket_has_is_written() {
    let mut up = Up::new(0);
    for _ in 0..2_000 {
        up.acknowledge();
    }
    // However often it is tried, the socket takes no more while it cannot flush.
    for _ in 0..10 {
        up.flush();
    }
    let fed = up.socket().socket.fed.len();
    assert!(fed > 1_000 && fed < 2_000, "{fed}");
    up.socket().socket.arrives.push_back(Frame::Close(Some(1000)));
    up.read();
    up.perform();
    let phase = up.machine.connections().next().unwrap().phase;
    assert_eq!(phase, ConnectionPhase::Closing);
    up.socket().socket.flushes_left = 1;
    up.flush();
    assert_eq!(up.acknowledged(), fed as u64);
    let sent = &up.socket().socket.fed;
    assert!(matches!(sent[fed..], [Frame::Close(Some(1000))]), "{:?}", &sent[fed..]);
    // The others wait for the next connection.
    let next = up.machine.connections().last().unwrap().connection;
    let body = br#"{"ok":true,"url":"wss://wss-primary.slack.com/"}"#;
    for input in [
        Input::Opened(OpenResponse { status: 200, retry_after: None, body }),
        Input::Dialed,
        Input::Frame(IncomingFrame::Text(r#"{"type":"hello"}"#.into())),
    ] {
        up.machine.handle_input(Instant::ZERO, next, input);
    }
    let writes = std::iter::from_fn(|| up.machine.poll_transmit(next, &mut String::new()));
    assert_eq!(writes.count(), 2_000 - fed);
}

impl OpenSocket<Memory> {
    fn flushed(&self) -> Vec<usize> {
        self.socket.flushed.clone()
    }
}
