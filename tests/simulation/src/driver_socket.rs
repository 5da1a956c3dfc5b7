//! A driver on a [transport in memory](super::transport), led by bytes: for a fuzz target.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use socketmode_driver::{
    Acknowledgement, AppToken, Client, Driver, Events, Frame, Request, Response, TransportError,
    TransportErrorKind,
};
use socketmode_protocol::AckPolicy;

use super::executor::Task;
use super::transport::{Asked, Gate, Link, Memory, Received};
use socketmode_model::step::{OwnedInput, slack};

/// Reads bytes as small operations on a driver, its transport and its application, and checks that nothing panics,
/// that no wake-up is lost, that each acknowledgement has a result once the driver has ended, and that then no call,
/// handshake, socket or timer is left.
///
/// The first byte is the configuration; then each operation is a byte for what (modulo 20) and one for which.
///
/// # Panics
/// Something of that does not hold.
pub fn driver_socket(bytes: &[u8]) {
    let Some((&first, operations)) = bytes.split_first() else { return };
    let mut bench = Bench::new(first);
    for operation in operations.chunks_exact(2) {
        bench.operate(operation[0], operation[1]);
        bench.look();
    }
    bench.end();
}

/// A client, and what is in the hands of its application.
struct Bench {
    memory: Memory,
    driver: Option<Driver<Memory>>,
    driving: Task,
    client: Option<Client<Memory>>,
    events: Option<Events>,
    reading: Task,
    requests: VecDeque<Request>,
    acks: Vec<Acknowledgement>,
    /// A request was dropped, of which the driver learns at its next poll.
    dropped: bool,
    asked: VecDeque<Asked>,
    envelopes: u64,
}

impl Bench {
    fn new(first: u8) -> Self {
        let memory = Memory::default();
        let policies =
            [AckPolicy::Manual, AckPolicy::OnReceive, AckPolicy::BeforeDeadline(Duration::from_secs(2))];
        let mut builder = Client::builder(AppToken::new("xapp-1-A1-1-bytes").unwrap())
            .transport(memory.clone())
            .seed(u64::from(first))
            .connections([1, 2, 10, 1][usize::from(first & 3)])
            .ack_policy(policies[usize::from(first >> 2) % 3])
            .queue_capacity(if first & 0x40 == 0 { 2 } else { 1_024 });
        if first & 0x80 != 0 {
            builder = builder.deduplicate(Duration::from_secs(600));
        }
        let (client, events, driver) = builder.build().unwrap();
        Self {
            memory,
            driver: Some(driver),
            driving: Task::default(),
            client: Some(client),
            events: Some(events),
            reading: Task::default(),
            requests: VecDeque::new(),
            acks: Vec::new(),
            dropped: false,
            asked: VecDeque::new(),
            envelopes: 0,
        }
    }

    fn operate(&mut self, what: u8, which: u8) {
        match what % 20 {
            // As an executor does, until nothing is woken; or once, or for nothing.
            0..=3 => self.run(),
            4 => self.drive(),
            5 => {
                let links = self.memory.calls();
                if let Some(call) = pick(&links, which) {
                    let result = answer(which, call);
                    self.memory.answer(call, result);
                }
            }
            6 => {
                let links = self.memory.dials();
                if let Some(dial) = pick(&links, which) {
                    self.memory.connect(dial, dialed(which));
                }
            }
            // All that is under way goes well.
            7 => {
                for call in self.memory.calls() {
                    self.memory.answer(call, answer(0, call));
                }
            }
            8 => {
                for dial in self.memory.dials() {
                    self.memory.connect(dial, Ok(()));
                    self.memory.deliver(dial, text(slack::hello(1, None)));
                }
            }
            9..=11 => {
                let links = self.memory.links();
                if let Some(link) = pick(&links, which) {
                    let received = self.received(which / 8);
                    self.memory.deliver(link, received);
                }
            }
            12 => {
                let gates = [Gate::Open, Gate::Shut, Gate::Broken];
                let gate = |shift: u8| gates[usize::from((which >> shift) & 3) % 3];
                let links = self.memory.links();
                if let Some(link) = pick(&links, which >> 5) {
                    self.memory.gate(link, gate(0), gate(2), which & 16 != 0);
                }
            }
            13 => {
                // To the next deadline, or a little.
                let next = self.memory.next_sleeper().unwrap_or(self.memory.time());
                let to = match which {
                    0..=191 => next,
                    192..=250 => self.memory.time() + Duration::from_millis(u64::from(which)),
                    _ => next + Duration::from_secs(3_600),
                };
                self.memory.advance(to);
            }
            14 => self.read(),
            15 => {
                if let Some(request) = self.request(which) {
                    self.acks.push(if which & 64 == 0 {
                        request.ack()
                    } else {
                        request.ack_with_json(if which & 128 == 0 { "{}" } else { "{" })
                    });
                }
            }
            16 => {
                self.dropped |= self.request(which).is_some();
            }
            17 => {
                if let Some(client) = &self.client {
                    self.acks.push(client.respond(Response::new(format!("e{}", which % 8))));
                }
            }
            18 => {
                if let (Some(client), 0..=63) = (&self.client, which) {
                    drop(client.shutdown(Duration::from_millis(u64::from(which) * 50)));
                }
            }
            _ => match which {
                0..=31 => {
                    self.events = None;
                    self.dropped = true;
                }
                32..=63 => self.client = None,
                64..=79 => self.driver = None,
                80..=127 => {
                    self.dropped |= self.acks.pop().is_some();
                }
                _ => {}
            },
        }
    }

    fn request(&mut self, which: u8) -> Option<Request> {
        if which & 32 == 0 { self.requests.pop_front() } else { self.requests.pop_back() }
    }

    fn received(&mut self, which: u8) -> Received {
        self.envelopes += 1;
        let id = self.envelopes % 8;
        match which {
            0..=2 => text(slack::hello(1, Some(360))),
            10 => {
                // The event before once more, in another envelope.
                let event = self.envelopes.saturating_sub(1) % 8;
                text(OwnedInput::Text(slack::event(&format!("c{id}"), &format!("Ev{event}"), 1)))
            }
            3..=9 => text(OwnedInput::Text(slack::event(&format!("e{id}"), &format!("Ev{id}"), 0))),
            11..=14 => text(OwnedInput::Text(slack::command(&format!("e{id}")))),
            15 => text(slack::disconnect("warning")),
            16 => text(slack::disconnect("refresh_requested")),
            17 => text(slack::disconnect("too_many_websockets")),
            18 => text(slack::disconnect("link_disabled")),
            19 => Received::Frame(Frame::Text("UNAUTHENTICATED: cache_error".into())),
            20 => Received::Frame(Frame::Binary(Bytes::from_static(&[0xff]))),
            21..=22 => Received::Frame(Frame::Ping),
            23 => Received::Frame(Frame::Pong),
            24..=25 => Received::Frame(Frame::Close(Some(1000))),
            26 => Received::Frame(Frame::Close(None)),
            27..=29 => Received::Eof,
            _ => Received::Error(failure()),
        }
    }

    /// Polls whoever is woken, the driver first.
    fn run(&mut self) {
        for _ in 0..1_000 {
            if self.driving.is_woken() && self.driver.is_some() {
                self.drive();
            } else if self.reading.is_woken() {
                self.read();
            } else {
                return;
            }
        }
        panic!("a hot loop: {:?}", self.driver);
    }

    fn drive(&mut self) {
        let Some(driver) = &mut self.driver else { return };
        self.dropped = false;
        if self.driving.poll(|cx| Pin::new(driver).poll(cx)).is_ready() {
            self.driver = None;
        }
    }

    /// The application takes one event, and looks at its acknowledgements.
    fn read(&mut self) {
        let Self { reading, events, requests, acks, dropped, .. } = self;
        let waiting = acks.len();
        reading.poll(|cx| {
            let polled = events.as_mut().map(|events| Pin::new(events).poll_next(cx));
            if let Some(Poll::Ready(Some(event))) = polled {
                requests.extend(event.into_request().ok());
                cx.waker().wake_by_ref();
            }
            acks.retain_mut(|ack| Pin::new(ack).poll(cx).is_pending());
        });
        // One that is refused gives the request back, to be dropped here.
        *dropped |= acks.len() < waiting;
    }

    /// A driver that was not woken has nothing to do.
    fn look(&mut self) {
        self.memory.asked(&mut self.asked);
        self.asked.clear();
        let Some(driver) = &mut self.driver else { return };
        if self.driving.is_woken() || self.dropped {
            return;
        }
        let polled = self.driving.poll(|cx| Pin::new(driver).poll(cx));
        self.memory.asked(&mut self.asked);
        let is_idle = polled.is_pending() && self.asked.is_empty() && !self.driving.is_woken();
        assert!(is_idle, "a lost wake-up: {polled:?} {:?}", self.asked);
    }

    fn end(mut self) {
        self.driver = None;
        assert_eq!((self.memory.held(), self.memory.sleepers()), (0, 0), "what the driver held is gone");
        // A thousand notices, and no more envelopes than came.
        for _ in 0..20_000 {
            if !self.reading.is_woken() {
                break;
            }
            self.read();
        }
        self.read();
        assert!(self.acks.is_empty(), "{} acknowledgements without a result", self.acks.len());
        // With the driver gone, all of this leads nowhere.
        self.requests.into_iter().for_each(drop);
    }
}

fn text(input: OwnedInput) -> Received {
    match input {
        OwnedInput::Text(text) => Received::Frame(Frame::Text(text)),
        _ => Received::Eof,
    }
}

fn pick(links: &[Link], which: u8) -> Option<Link> {
    links.get(usize::from(which) % links.len().max(1)).copied()
}

fn failure() -> TransportError {
    TransportError::new(TransportErrorKind::Io, "reset by peer")
}

fn answer(which: u8, call: Link) -> Result<http::Response<Bytes>, TransportError> {
    let input = match which >> 4 {
        0..=8 => slack::opened(call),
        9 => slack::refused("internal_error"),
        10 => slack::rate_limited("7"),
        11 => slack::answered(503, ""),
        12 => slack::answered(200, "<html>"),
        13 if which & 1 == 1 => slack::refused("invalid_auth"),
        _ => return Err(failure()),
    };
    let OwnedInput::Opened { status, retry_after, body } = input else { return Err(failure()) };
    let mut response = http::Response::builder().status(status);
    if let Some(retry_after) = retry_after {
        response = response.header(http::header::RETRY_AFTER, retry_after);
    }
    response.body(Bytes::from(body)).map_err(|_| failure())
}

fn dialed(which: u8) -> Result<(), TransportError> {
    match which >> 5 {
        0..=5 => Ok(()),
        6 => Err(TransportError::handshake_status(409, "")),
        _ => Err(failure()),
    }
}
