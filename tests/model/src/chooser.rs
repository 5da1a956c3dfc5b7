//! Any call, to any connection, at any time: what a [`Choice`] is asked for.
//!
//! The random walks, the fuzz targets and whoever explores choose here, so that what one of them found can be said in
//! the words of the others.

use std::sync::LazyLock;
use std::time::Duration;

use socketmode_protocol::limits::MAX_CONNECTIONS;
use socketmode_protocol::{
    AckPolicy, AckToken, Config, ConnectionId, ConnectionPhase, Instant, SocketMode, WriteId,
};

use crate::output::Output;

use crate::choice::Choice;
use crate::ids::Alphabet;
use crate::step::{Call, OwnedInput, Step, slack};

/// Of what came out so much is remembered.
const REMEMBERED: usize = 8;

/// Ids that no machine here gave out.
static STRANGERS: LazyLock<Alphabet> = LazyLock::new(|| Alphabet::new(6));

/// Chooses one step after the other for one machine.
#[derive(Clone, Debug)]
pub struct Chooser {
    now: Instant,
    envelopes: u64,
    tokens: Vec<AckToken>,
    writes: Vec<(ConnectionId, WriteId)>,
    tickets: u64,
    /// Which event came last.
    last: u64,
    /// Whether Slack may count connections of others, and dead ones.
    among_ghosts: bool,
}

impl Chooser {
    /// For a machine that starts at this time, and for so many different envelopes: few of them meet again sooner.
    #[must_use]
    pub fn new(start: Instant, envelopes: u64) -> Self {
        Self {
            now: start,
            envelopes,
            tokens: Vec::new(),
            writes: Vec::new(),
            tickets: 0,
            last: 0,
            among_ghosts: false,
        }
    }

    /// Whether Slack may count connections that are not the machine's own.
    #[must_use]
    pub fn among_ghosts(mut self, among_ghosts: bool) -> Self {
        self.among_ghosts = among_ghosts;
        self
    }

    /// Keeps the newest ids of what came out.
    pub fn remember(&mut self, outputs: &[Output]) {
        for output in outputs {
            match output {
                Output::Envelope(envelope) => self.tokens.push(envelope.token()),
                Output::Transmit { connection, write, .. } => {
                    self.writes.push((*connection, *write));
                }
                _ => {}
            }
        }
        let old = self.tokens.len().saturating_sub(REMEMBERED);
        self.tokens.drain(..old);
        let old = self.writes.len().saturating_sub(REMEMBERED);
        self.writes.drain(..old);
    }

    /// The next step.
    pub fn step(&mut self, choice: &mut impl Choice, machine: &SocketMode) -> Step {
        let call = self.call(choice, machine);
        let at = self.at(choice, machine, &call);
        Step { at, call }
    }

    /// Mostly the same time or a little later, sometimes the deadline, part of the way to it, past it, far past it, or
    /// back.
    fn at(&mut self, choice: &mut impl Choice, machine: &SocketMode, call: &Call) -> Instant {
        let deadline = machine.poll_timeout().map_or(self.now, |deadline| deadline.at);
        let at = match (call, choice.below(64)) {
            (Call::Timeout, 0) => deadline + Duration::from_secs(8 * 3600),
            (Call::Timeout, 1..=4) => deadline + Duration::from_millis(choice.below(20_000)),
            (Call::Timeout, _) => deadline,
            (_, 0) => return Instant::from_millis(self.now.as_millis().saturating_sub(5_000)),
            (_, 1) => deadline,
            (_, 2) => deadline + Duration::from_millis(choice.below(20_000)),
            // The process stood still, and what came meanwhile comes before anything is handled.
            (_, 4) => deadline + Duration::from_secs(choice.below(8 * 3600)),
            (_, 3) => self.now + deadline.saturating_since(self.now) / 2,
            (_, later @ 32..) => self.now + Duration::from_millis((later - 31) * 8),
            _ => self.now,
        };
        self.now = self.now.max(at);
        at
    }

    fn call(&mut self, choice: &mut impl Choice, machine: &SocketMode) -> Call {
        match choice.below(256) {
            0..=63 => Call::Timeout,
            64..=95 => Call::Acknowledge(self.token(choice), payload(choice)),
            96..=98 => Call::Decline(self.token(choice)),
            99..=101 => Call::Backlog { full: choice.chance(1, 2) },
            102 if choice.chance(1, 4) => Call::Shutdown(Duration::from_millis(choice.below(6) * 1_000)),
            _ => self.input(choice, machine),
        }
    }
}

/// What can happen to a connection.
impl Chooser {
    fn token(&self, choice: &mut impl Choice) -> AckToken {
        if self.tokens.is_empty() || choice.chance(1, 8) {
            return *choice.pick(&STRANGERS.tokens);
        }
        *choice.pick(&self.tokens)
    }

    fn input(&mut self, choice: &mut impl Choice, machine: &SocketMode) -> Call {
        let there: Vec<_> = machine.connections().collect();
        let likely = choice.below(160);
        if there.is_empty() || likely < 10 {
            let connection = *choice.pick(&STRANGERS.connections);
            return Call::Input(connection, self.any(choice));
        }
        let status = *choice.pick(&there);
        let input = if likely < 25 {
            self.any(choice)
        } else {
            match status.phase {
                ConnectionPhase::Waiting | ConnectionPhase::Opening => self.answer(choice),
                ConnectionPhase::Dialing if choice.chance(1, 4) => OwnedInput::DialFailed(Some(408)),
                ConnectionPhase::Dialing => OwnedInput::Dialed,
                ConnectionPhase::Greeting if choice.chance(3, 4) => {
                    let lifetimes = [None, Some(360), Some(18_060), Some(u64::MAX), Some(0)];
                    let counted = if self.among_ghosts { *choice.pick(&[1, 2, 4, 10]) } else { 1 };
                    slack::hello(counted, *choice.pick(&lifetimes))
                }
                ConnectionPhase::Closing if choice.chance(1, 4) => OwnedInput::Eof,
                _ => self.traffic(choice, status.connection),
            }
        };
        Call::Input(status.connection, input)
    }

    fn answer(&mut self, choice: &mut impl Choice) -> OwnedInput {
        self.tickets += 1;
        match choice.below(40) {
            0 => OwnedInput::OpenFailed,
            1 => slack::answered(200, "<html>"),
            2 => slack::answered(503, ""),
            3 => slack::refused("internal_error"),
            4 => slack::rate_limited("4"),
            5 => {
                let odd = ["0", "", "-1", "18446744073709551615", "soon"];
                slack::rate_limited(choice.pick::<&str>(&odd))
            }
            6 if choice.chance(1, 20) => slack::refused("invalid_auth"),
            _ => slack::opened(self.tickets),
        }
    }

    fn traffic(&mut self, choice: &mut impl Choice, connection: ConnectionId) -> OwnedInput {
        match choice.below(60) {
            0 => slack::disconnect("warning"),
            1 => slack::disconnect("refresh_requested"),
            2 => slack::disconnect("too_many_websockets"),
            3 if choice.chance(1, 20) => slack::disconnect("link_disabled"),
            4 => OwnedInput::CloseFrame(*choice.pick(&[None, Some(1000), Some(1009)])),
            5 => choice.pick(&[OwnedInput::Eof, OwnedInput::ReadError, OwnedInput::WriteError]).clone(),
            6 => OwnedInput::Text("UNAUTHENTICATED: cache_error".into()),
            7..=14 => OwnedInput::Ping,
            15..=16 => OwnedInput::Pong,
            17 => OwnedInput::Binary(vec![0xff]),
            18..=35 => {
                let of_this = self.writes.iter().filter(|(of, _)| *of == connection);
                let own: Vec<_> = of_this.map(|(_, write)| *write).collect();
                let from = if own.is_empty() || choice.chance(1, 10) { &STRANGERS.writes } else { &own };
                let write = *choice.pick(from);
                if choice.chance(1, 8) { OwnedInput::NotWritten(write) } else { OwnedInput::Written(write) }
            }
            46..=59 => OwnedInput::Text(slack::command(&format!("c{}", choice.below(self.envelopes)))),
            42..=45 => {
                let copy = format!("again-{}", choice.below(4));
                OwnedInput::Text(slack::event(&copy, &format!("Ev{}", self.last), 1))
            }
            _ => {
                // Two envelopes each are about one event.
                let id = choice.below(self.envelopes);
                self.last = id / 2;
                OwnedInput::Text(slack::event(&format!("e{id}"), &format!("Ev{}", id / 2), 0))
            }
        }
    }

    fn any(&mut self, choice: &mut impl Choice) -> OwnedInput {
        match choice.below(4) {
            0 => self.answer(choice),
            1 => {
                let greetings = [OwnedInput::Dialed, OwnedInput::DialFailed(None), slack::hello(2, None)];
                choice.pick(&greetings).clone()
            }
            _ => {
                let connection = *choice.pick(&STRANGERS.connections);
                self.traffic(choice, connection)
            }
        }
    }
}

fn payload(choice: &mut impl Choice) -> Option<String> {
    let payloads = [None, None, Some("{}".into()), Some(format!("\"{}\"", slack::SECRET)), Some("{".into())];
    choice.pick(&payloads).clone()
}

/// The settings of a machine, alone or among connections of others and dead ones: then some are expected, and some machines
/// outnumber them.
pub fn config(choice: &mut impl Choice, slots: usize, among_ghosts: bool) -> Config {
    if !among_ghosts {
        return alone(choice, slots);
    }
    // One of Slack's ten connections is for a rotation.
    let most = MAX_CONNECTIONS - 1;
    let expect_other_connections = *choice.pick(&[0, 0, 2]);
    let outnumber = if slots <= most { *choice.pick(&[None, Some(slots), Some(most)]) } else { None };
    let mut config = Config { outnumber, ..alone(choice, slots) };
    // Of ten connections, all others can be ours.
    if slots + 2 <= MAX_CONNECTIONS {
        config.expect_other_connections = expect_other_connections;
    }
    config
}

fn alone(choice: &mut impl Choice, slots: usize) -> Config {
    let policies =
        [AckPolicy::Manual, AckPolicy::OnReceive, AckPolicy::BeforeDeadline(Duration::from_millis(2_500))];
    Config {
        connections: slots,
        deduplicate: *choice.pick(&[None, Some(Duration::from_secs(600))]),
        ack_events_api: *choice.pick(&policies),
        rotate_before: *choice.pick(&[None, Some(Duration::ZERO), Some(Duration::from_secs(90))]),
        client_ping: *choice.pick(&[None, Some(Duration::from_secs(12))]),
        server_ping_timeout: *choice.pick(&[None, Some(Duration::from_secs(30))]),
        open_burst: *choice.pick(&[1, 12]),
        ..Config::default()
    }
}

/// When a machine starts. Now and then its life begins at the end of time.
pub fn start(choice: &mut impl Choice) -> Instant {
    let at_the_end = choice.chance(1, 12);
    Instant::from_millis(if at_the_end { u64::MAX - choice.below(60_000) } else { choice.below(256) })
}
