//! One machine, a model of Slack, a perfect driver and an application, in virtual time.

pub mod agenda;
pub mod app;
pub mod checks;
pub mod slack;

use std::collections::BTreeMap;
use std::time::Duration;

use socketmode_protocol::{
    AckError, AckToken, Action, Closed, Config, ConnectionId, ConnectionPhase, Event, Frame, Input, Instant,
    OpenResponse, Output, SocketMode, Stats, StopReason,
};

use agenda::{Agenda, Happening, Sent, Wire};
use app::{Acks, App};
use checks::Invariants;
use slack::{Answer, Dial, Slack};

/// Everything there is. The [invariants](checks) are checked after every call of the machine.
#[derive(Debug)]
pub struct World {
    /// Slack, and how it behaves.
    pub slack: Slack,
    /// The application, and how it behaves.
    pub app: App,
    machine: SocketMode,
    agenda: Agenda,
    checks: Invariants,
    /// The calls, handshakes and sockets that the driver holds, with the URL of a handshake.
    sockets: BTreeMap<ConnectionId, Option<String>>,
    /// How often people do something, and how many at a time.
    load: Option<(Duration, u32)>,
    dark_since: Option<Instant>,
    longest_dark: Duration,
}

impl World {
    /// A world at its beginning: nothing has been opened yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self::with_seed(config, 7)
    }

    /// The same with other random numbers.
    #[must_use]
    pub fn with_seed(config: Config, seed: u64) -> Self {
        Self {
            slack: Slack::default(),
            app: App::default(),
            machine: SocketMode::new(config, seed, Instant::ZERO).expect("a valid configuration"),
            agenda: Agenda::default(),
            checks: Invariants::default(),
            sockets: BTreeMap::new(),
            load: None,
            dark_since: None,
            longest_dark: Duration::ZERO,
        }
    }

    /// A world in which every slot is up.
    #[must_use]
    pub fn connected(config: Config) -> Self {
        let mut world = Self::new(config);
        let slots = world.machine.config().connections;
        world.run_until("every slot is up", Duration::from_secs(10), |world| world.active().len() == slots);
        world
    }

    // Time.

    /// The time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.agenda.now()
    }

    /// Lives for a while.
    pub fn run_for(&mut self, duration: Duration) {
        let end = self.now() + duration;
        while self.step(end) {}
    }

    /// Lives until something is so, and returns how long that took.
    pub fn run_until(&mut self, what: &str, limit: Duration, is_so: impl Fn(&Self) -> bool) -> Duration {
        let (start, end) = (self.now(), self.now() + limit);
        self.drain();
        while !is_so(self) {
            assert!(self.step(end), "not within {limit:?}: {what}; {:?}", self.machine.connections().collect::<Vec<_>>());
        }
        self.now().saturating_since(start)
    }

    /// Lives until the machine has stopped, and returns why it did.
    pub fn run_until_stopped(&mut self, limit: Duration) -> StopReason {
        self.run_until("stopped", limit, |world| world.machine.is_stopped());
        match self.app.events.last() {
            Some((_, Event::Stopped(reason))) => reason.clone(),
            other => panic!("the last event is {other:?}"),
        }
    }

    /// The computer sleeps: nobody sees the time pass, and every connection is dead when it wakes up.
    pub fn sleep(&mut self, duration: Duration) {
        for (id, _) in core::mem::take(&mut self.sockets) {
            self.slack.freeze(&mut self.agenda, id);
            self.sockets.insert(id, None);
        }
        let wakes = self.now() + duration;
        self.agenda.advance(wakes);
        self.timeout();
    }

    /// The next thing that happens, if it is not after `end`.
    fn step(&mut self, end: Instant) -> bool {
        self.drain();
        let deadline = self.machine.poll_timeout().map(|deadline| deadline.at);
        let happening = self.agenda.next_at();
        let next = [deadline, happening].into_iter().flatten().min().filter(|&next| next <= end);
        let Some(next) = next else {
            self.agenda.advance(end);
            return false;
        };
        self.agenda.advance(next);
        if happening == Some(next) {
            if let Some(happening) = self.agenda.take() {
                self.happen(happening);
            }
        } else {
            self.timeout();
        }
        true
    }

    // What the application does.

    /// Acknowledges a delivery.
    ///
    /// # Errors
    /// The machine's refusal.
    pub fn acknowledge(&mut self, token: AckToken, payload: Option<&str>) -> Result<(), AckError> {
        let result = self.machine.acknowledge(self.agenda.now(), token, payload);
        if result.is_ok() {
            self.checks.ack_taken(token);
        }
        self.drain();
        result
    }

    /// Lets a delivery go.
    pub fn decline(&mut self, token: AckToken) {
        self.machine.decline(self.agenda.now(), token);
        self.drain();
    }

    /// Asks for the end.
    pub fn shutdown(&mut self, grace: Duration) {
        self.machine.shutdown(self.agenda.now(), grace);
        self.drain();
    }

    // What Slack does.

    /// An event; its `envelope_id`.
    pub fn say(&mut self) -> String {
        self.slack.say(&mut self.agenda, "events_api")
    }

    /// A command, which takes a response payload; its `envelope_id`.
    pub fn command(&mut self) -> String {
        self.slack.say(&mut self.agenda, "slash_commands")
    }

    /// From now on, so many events each time.
    pub fn load(&mut self, every: Duration, events: u32) {
        self.load = Some((every, events));
        self.agenda.after(every, Happening::Says);
    }

    /// No more of that.
    pub fn quiet(&mut self) {
        self.load = None;
    }

    /// Slack announces the end of a link.
    pub fn warn(&mut self, link: ConnectionId, reason: &str) {
        self.slack.warn(&mut self.agenda, link, reason);
    }

    /// Slack closes a link.
    pub fn cut(&mut self, link: ConnectionId) {
        self.slack.cut(&mut self.agenda, link);
    }

    /// TCP resets a link.
    pub fn reset(&mut self, link: ConnectionId) {
        self.slack.reset(&mut self.agenda, link);
    }

    /// A link becomes half-open.
    pub fn freeze(&mut self, link: ConnectionId) {
        self.slack.freeze(&mut self.agenda, link);
    }

    /// Slack sends something else.
    pub fn send(&mut self, link: ConnectionId, wire: Wire) {
        self.slack.send(&mut self.agenda, link, wire);
    }

    /// Slack sends a text.
    pub fn send_text(&mut self, link: ConnectionId, text: &str) {
        self.send(link, Wire::Text(text.to_owned()));
    }

    // How it stands.

    /// The connections that are up, the oldest first.
    #[must_use]
    pub fn active(&self) -> Vec<ConnectionId> {
        self.in_phase(ConnectionPhase::Active)
    }

    /// The connections in a phase.
    #[must_use]
    pub fn in_phase(&self, phase: ConnectionPhase) -> Vec<ConnectionId> {
        let statuses = self.machine.connections().filter(|status| status.phase == phase);
        statuses.map(|status| status.connection).collect()
    }

    /// The machine.
    #[must_use]
    pub fn machine(&self) -> &SocketMode {
        &self.machine
    }

    /// The machine's counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.machine.stats()
    }

    /// When `apps.connections.open` was called.
    #[must_use]
    pub fn opens(&self) -> &[Instant] {
        self.checks.opens()
    }

    /// The longest time without a link on which envelopes could have come, since the first hello.
    #[must_use]
    pub fn longest_dark(&self) -> Duration {
        let open = self.dark_since.map_or(Duration::ZERO, |since| self.now().saturating_since(since));
        self.longest_dark.max(open)
    }

    // The driver.

    fn timeout(&mut self) {
        self.machine.handle_timeout(self.agenda.now());
        self.drain();
        Invariants::check_timeout(&self.machine, self.agenda.now());
    }

    fn input(&mut self, id: ConnectionId, input: Input<'_>) {
        self.machine.handle_input(self.agenda.now(), id, input);
        self.drain();
    }

    fn drain(&mut self) {
        let now = self.agenda.now();
        while let Some(output) = self.machine.poll_output() {
            self.checks.output(now, &output, &self.machine);
            match output {
                Output::Action { connection, action } => self.perform(connection, action),
                Output::Event(event) => {
                    if let Some((delay, token)) = self.app.told(now, event) {
                        self.agenda.after(delay, Happening::Acks(token));
                    }
                }
            }
        }
        self.checks.check(&self.machine);
        self.watch_the_dark();
    }

    fn perform(&mut self, id: ConnectionId, action: Action) {
        let sent = match action {
            Action::Open => {
                self.sockets.insert(id, None);
                let answer = self.slack.answers.pop_front().unwrap_or(self.slack.default_answer.clone());
                self.agenda.after(self.slack.open_latency, Happening::Answered(id, answer));
                return;
            }
            Action::Dial { url } => {
                self.sockets.insert(id, Some(url.expose_secret().to_owned()));
                let dial = self.slack.dials.pop_front().unwrap_or(Dial::Connected);
                self.agenda.after(self.slack.dial_latency, Happening::Dialed(id, dial));
                return;
            }
            Action::SendText { write, text } => {
                self.agenda.after(Duration::from_millis(1), Happening::Written(id, write));
                Sent::Text(text)
            }
            Action::SendPing => Sent::Ping,
            Action::Close { .. } => Sent::Close,
            Action::Abort => {
                self.sockets.remove(&id);
                Sent::Gone
            }
        };
        self.agenda.after(self.slack.latency, Happening::Heard(id, sent));
    }

    fn happen(&mut self, happening: Happening) {
        let Self { slack, agenda, .. } = self;
        match happening {
            Happening::Answered(id, answer) => self.answer(id, answer),
            Happening::Dialed(id, dial) => self.dialed(id, dial),
            Happening::Written(id, write) => {
                if self.sockets.contains_key(&id) {
                    self.input(id, Input::Written(write));
                }
            }
            Happening::Arrives(id, wire) => self.arrive(id, wire),
            Happening::Heard(id, sent) => slack.hear(agenda, id, &sent),
            Happening::Greets(id) => slack.greet(agenda, id),
            Happening::Pings(id) => slack.ping(agenda, id),
            Happening::Warns(id) => slack.warn(agenda, id, "warning"),
            Happening::Cuts(id) => slack.cut(agenda, id),
            Happening::Redelivers(id) => slack.redeliver(agenda, id),
            Happening::Says => {
                if let Some((every, events)) = self.load {
                    for _ in 0..events {
                        self.say();
                    }
                    self.agenda.after(every, Happening::Says);
                }
            }
            Happening::Acks(token) => self.ack_by_app(token),
        }
    }

    /// The application may be too late; that is counted by the machine, not here.
    fn ack_by_app(&mut self, token: AckToken) {
        let payload = match &self.app.acks {
            Acks::With(payload) => Some(payload.clone()),
            Acks::AtOnce | Acks::After(_) | Acks::Never => None,
        };
        let refused = self.acknowledge(token, payload.as_deref());
        if refused == Err(AckError::PayloadNotAccepted) {
            let _ = self.acknowledge(token, None);
        }
    }

    fn answer(&mut self, id: ConnectionId, answer: Answer) {
        if !self.sockets.contains_key(&id) {
            return;
        }
        let (status, retry_after, body) = match answer {
            Answer::Url => (200, None, self.slack.ticket()),
            Answer::Error(code) => (200, None, format!(r#"{{"ok":false,"error":"{code}"}}"#)),
            Answer::Http(status, retry_after, body) => (status, retry_after, body),
            Answer::Fails => {
                self.sockets.remove(&id);
                return self.input(id, Input::OpenFailed { detail: "no such host" });
            }
            Answer::Silence => return,
        };
        let body = body.as_bytes();
        self.input(id, Input::Opened(OpenResponse { status, retry_after, body }));
    }

    fn dialed(&mut self, id: ConnectionId, dial: Dial) {
        let Some(url) = self.sockets.get(&id).cloned() else { return };
        match dial {
            Dial::Connected => {
                let Some(url) = url else { return };
                self.slack.accept(&mut self.agenda, id, &url);
                self.input(id, Input::Dialed);
            }
            Dial::Refused(status) => {
                self.sockets.remove(&id);
                self.input(id, Input::DialFailed { status, detail: "refused" });
            }
            Dial::Silence => {}
        }
    }

    fn arrive(&mut self, id: ConnectionId, wire: Wire) {
        if !self.sockets.contains_key(&id) || self.slack.is_frozen(id) {
            return;
        }
        match &wire {
            Wire::Text(text) => self.input(id, Input::Frame(Frame::Text(text))),
            Wire::Binary(bytes) => self.input(id, Input::Frame(Frame::Binary(bytes))),
            Wire::Ping => self.input(id, Input::Frame(Frame::Ping)),
            Wire::Pong => self.input(id, Input::Frame(Frame::Pong)),
            Wire::Close(code) => self.input(id, Input::Frame(Frame::Close { code: *code })),
            Wire::Eof => {
                self.sockets.remove(&id);
                self.input(id, Input::Closed(Closed::Eof));
            }
            Wire::Reset => {
                self.sockets.remove(&id);
                self.input(id, Input::Closed(Closed::ReadError("connection reset")));
            }
        }
    }

    fn watch_the_dark(&mut self) {
        let now = self.agenda.now();
        let up = |phase| matches!(phase, ConnectionPhase::Active | ConnectionPhase::Draining);
        let lit = self.machine.connections().any(|c| up(c.phase) && self.slack.is_live(c.connection));
        match (lit, self.dark_since) {
            (true, Some(since)) => {
                self.longest_dark = self.longest_dark.max(now.saturating_since(since));
                self.dark_since = None;
            }
            (false, None) if self.machine.stats().connected > 0 => self.dark_since = Some(now),
            _ => {}
        }
    }
}
