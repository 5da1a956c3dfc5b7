//! Random walks: any input, to any connection, at any time, and every invariant after each step.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails panics")]

use std::time::Duration;

use socketmode_protocol::{
    AckPolicy, AckToken, Action, Config, ConnectionId, ConnectionPhase, Event, Instant, Output, WriteId,
};
use socketmode_tests::ids::Alphabet;
use socketmode_tests::random::Random;
use socketmode_tests::step::{Call, Happening, Step, slack};
use socketmode_tests::subject::Subject;

/// Steps of each test.
const STEPS: u64 = 200_000;
/// A machine that lives longer than this gives way to the next one.
const LIFE: u64 = 2_000;

#[test]
fn no_walk_of_one_slot_breaks_an_invariant() {
    walk(1);
}

#[test]
fn no_walk_of_two_slots_breaks_an_invariant() {
    walk(2);
}

#[test]
fn no_walk_of_ten_slots_breaks_an_invariant() {
    walk(10);
}

fn walk(slots: usize) {
    let strangers = Alphabet::new(6);
    let (mut steps, mut seed) = (0, 0);
    while steps < STEPS {
        seed += 1;
        steps += Walk::new(slots, seed, &strangers).run();
    }
}

/// One machine's walk.
struct Walk<'a> {
    random: Random,
    subject: Subject,
    now: Instant,
    strangers: &'a Alphabet,
    tokens: Vec<AckToken>,
    writes: Vec<(ConnectionId, WriteId)>,
    tickets: u64,
}

impl<'a> Walk<'a> {
    fn new(slots: usize, seed: u64, strangers: &'a Alphabet) -> Self {
        let mut random = Random::new(seed);
        let config = config(slots, &mut random);
        // Now and then a life begins at the end of time.
        let start = if random.chance(1, 12) { u64::MAX - random.below(100_000) } else { random.below(1_000) };
        let now = Instant::from_millis(start);
        let (subject, outputs) = Subject::new(&config, seed, now).unwrap_or_else(|broken| panic!("{broken}"));
        let mut walk =
            Self { random, subject, now, strangers, tokens: Vec::new(), writes: Vec::new(), tickets: 0 };
        walk.remember(&outputs);
        walk
    }

    fn run(mut self) -> u64 {
        // Two more steps after the end, to see that nothing comes after it.
        let mut after_the_end = 0;
        while self.subject.steps() < LIFE && after_the_end < 3 {
            let call = self.call();
            let at = self.at(&call);
            let taken = self.subject.take(Step { at, call });
            let (_, outputs) = taken.unwrap_or_else(|broken| panic!("{broken}"));
            self.remember(&outputs);
            after_the_end += u64::from(self.subject.machine().is_stopped());
        }
        self.subject.replay().unwrap_or_else(|broken| panic!("{broken}"));
        self.subject.steps()
    }

    fn remember(&mut self, outputs: &[Output]) {
        for output in outputs {
            match output {
                Output::Event(Event::Envelope(envelope)) => self.tokens.push(envelope.token()),
                Output::Action { connection, action: Action::SendText { write, .. } } => {
                    self.writes.push((*connection, *write));
                }
                _ => {}
            }
        }
        let old = self.tokens.len().saturating_sub(8);
        self.tokens.drain(..old);
        let old = self.writes.len().saturating_sub(8);
        self.writes.drain(..old);
    }

    /// The time of a step: mostly the same or a little later, sometimes the deadline, past it, far past it, or back.
    fn at(&mut self, call: &Call) -> Instant {
        let deadline = self.subject.machine().poll_timeout().map_or(self.now, |deadline| deadline.at);
        let at = match (call, self.random.below(40)) {
            (Call::Timeout, 0) => deadline + Duration::from_secs(8 * 3600),
            (Call::Timeout, 1..=4) => deadline + Duration::from_millis(self.random.below(20_000)),
            (Call::Timeout, _) => deadline,
            (_, 0) => return Instant::from_millis(self.now.as_millis().saturating_sub(5_000)),
            (_, 1) => deadline,
            (_, 2) => deadline + Duration::from_millis(self.random.below(20_000)),
            (_, 3..=19) => self.now,
            _ => self.now + Duration::from_millis(self.random.below(300)),
        };
        self.now = self.now.max(at);
        at
    }

    fn call(&mut self) -> Call {
        match self.random.below(1_000) {
            0..=249 => Call::Timeout,
            250..=379 => Call::Acknowledge(self.token(), self.payload()),
            380..=389 => Call::Decline(self.token()),
            390..=399 => Call::Backlog { full: self.random.chance(1, 2) },
            400 => Call::Shutdown(Duration::from_millis(self.random.below(6_000))),
            _ => self.input(),
        }
    }

    fn token(&mut self) -> AckToken {
        if self.tokens.is_empty() || self.random.chance(1, 8) {
            return *self.random.pick(&self.strangers.tokens);
        }
        *self.random.pick(&self.tokens)
    }

    fn payload(&mut self) -> Option<String> {
        let payloads =
            [None, None, Some("{}".into()), Some(format!("\"{}\"", slack::SECRET)), Some("{".into())];
        self.random.pick(&payloads).clone()
    }

    fn input(&mut self) -> Call {
        let there: Vec<_> = self.subject.machine().connections().collect();
        if there.is_empty() || self.random.chance(1, 16) {
            let connection = *self.random.pick(&self.strangers.connections);
            return Call::Input(connection, self.any());
        }
        let status = *self.random.pick(&there);
        let happening = if self.random.chance(1, 10) {
            self.any()
        } else {
            match status.phase {
                ConnectionPhase::Waiting | ConnectionPhase::Opening => self.answer(),
                ConnectionPhase::Dialing if self.random.chance(1, 4) => Happening::DialFailed(Some(408)),
                ConnectionPhase::Dialing => Happening::Dialed,
                ConnectionPhase::Greeting if self.random.chance(3, 4) => slack::hello(
                    1,
                    *self.random.pick(&[None, Some(360), Some(18_060), Some(u64::MAX), Some(0)]),
                ),
                ConnectionPhase::Closing if self.random.chance(1, 4) => Happening::Eof,
                _ => self.traffic(status.connection),
            }
        };
        Call::Input(status.connection, happening)
    }

    fn answer(&mut self) -> Happening {
        self.tickets += 1;
        match self.random.below(40) {
            0 => Happening::OpenFailed,
            1 => slack::answered(200, "<html>"),
            2 => slack::answered(503, ""),
            3 => slack::refused("internal_error"),
            4 => slack::rate_limited("4"),
            5 => slack::rate_limited(self.random.pick::<&str>(&[
                "0",
                "",
                "-1",
                "18446744073709551615",
                "soon",
            ])),
            6 if self.random.chance(1, 20) => slack::refused("invalid_auth"),
            _ => slack::opened(self.tickets),
        }
    }

    fn traffic(&mut self, connection: ConnectionId) -> Happening {
        match self.random.below(60) {
            0 => slack::disconnect("warning"),
            1 => slack::disconnect("refresh_requested"),
            2 => slack::disconnect("too_many_websockets"),
            3 if self.random.chance(1, 20) => slack::disconnect("link_disabled"),
            4 => Happening::CloseFrame(*self.random.pick(&[None, Some(1000), Some(1009)])),
            5 => self.random.pick(&[Happening::Eof, Happening::ReadError, Happening::WriteError]).clone(),
            6 => Happening::Text("UNAUTHENTICATED: cache_error".into()),
            7..=14 => Happening::Ping,
            15..=16 => Happening::Pong,
            17 => Happening::Binary(vec![0xff]),
            18..=35 => {
                let own: Vec<_> =
                    self.writes.iter().filter(|(of, _)| *of == connection).map(|(_, write)| *write).collect();
                let from =
                    if own.is_empty() || self.random.chance(1, 10) { &self.strangers.writes } else { &own };
                Happening::Written(*self.random.pick(from))
            }
            _ => {
                let id = self.random.below(400);
                let text = if self.random.chance(1, 3) {
                    slack::command(&format!("c{id}"))
                } else {
                    slack::event(&format!("e{id}"), &format!("Ev{}", id / 2), 0)
                };
                Happening::Text(text)
            }
        }
    }

    fn any(&mut self) -> Happening {
        match self.random.below(4) {
            0 => self.answer(),
            1 => self
                .random
                .pick(&[Happening::Dialed, Happening::DialFailed(None), slack::hello(2, None)])
                .clone(),
            _ => {
                let connection = *self.random.pick(&self.strangers.connections);
                self.traffic(connection)
            }
        }
    }
}

fn config(slots: usize, random: &mut Random) -> Config {
    let policies =
        [AckPolicy::Manual, AckPolicy::OnReceive, AckPolicy::BeforeDeadline(Duration::from_millis(2_500))];
    Config {
        connections: slots,
        deduplicate: *random.pick(&[None, Some(Duration::from_secs(600))]),
        ack_events_api: *random.pick(&policies),
        rotate_before: *random.pick(&[None, Some(Duration::ZERO), Some(Duration::from_secs(90))]),
        client_ping: *random.pick(&[None, Some(Duration::from_secs(12))]),
        server_ping_timeout: *random.pick(&[None, Some(Duration::from_secs(30))]),
        open_burst: *random.pick(&[1, 12]),
        ..Config::default()
    }
}
