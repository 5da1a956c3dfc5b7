//! One machine, a model of Slack, a perfect driver and an application, in simulated time.

pub mod agenda;
pub mod app;
pub mod checks;
mod driver;
pub mod script;
pub mod slack;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use socketmode_protocol::{
    AckRefusal, AckToken, Config, ConnectionId, ConnectionPhase, Instant, SocketMode, Stats, StopReason,
};

use crate::output::Output;

use crate::step::Call;
use crate::subject::Subject;
use agenda::{Agenda, Wire, WorldEvent};
use app::App;
use slack::Slack;

/// Everything there is. The [invariants](crate::invariants) are checked after every call of the machine, and when a
/// world ends, its calls are [replayed](Subject::replay).
#[derive(Debug)]
pub struct World {
    /// Slack, and how it behaves.
    pub slack: Slack,
    /// The application, and how it behaves.
    pub app: App,
    subject: Subject,
    agenda: Agenda,
    /// What the machine asked for and nobody has done yet.
    pending: Vec<Output>,
    /// The calls, handshakes and sockets that the driver holds, with the URL of a handshake.
    sockets: BTreeMap<ConnectionId, Option<String>>,
    /// How often people do something, and how many at a time.
    load: Option<(Duration, u32)>,
    /// What arrived while the machine did not want to read, and when.
    unread: VecDeque<(Instant, ConnectionId, Wire)>,
    longest_unread: Duration,
    opens: Vec<Instant>,
    dark_since: Option<Instant>,
    longest_dark: Duration,
    dark: Duration,
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
        let (subject, pending) =
            Subject::new(&config, seed, Instant::ZERO).unwrap_or_else(|broken| panic!("{broken}"));
        Self {
            slack: Slack::default(),
            app: App::default(),
            subject,
            agenda: Agenda::default(),
            pending,
            sockets: BTreeMap::new(),
            load: None,
            unread: VecDeque::new(),
            longest_unread: Duration::ZERO,
            opens: Vec::new(),
            dark_since: None,
            longest_dark: Duration::ZERO,
            dark: Duration::ZERO,
        }
    }

    /// A world in which every slot is up.
    #[must_use]
    pub fn connected(config: Config) -> Self {
        let mut world = Self::new(config);
        let slots = world.machine().config().connections;
        world.run_until("every slot is up", Duration::from_secs(10), |world| world.active().len() == slots);
        world
    }

    /// The same for a very long life, of which no record is kept.
    #[must_use]
    pub fn for_a_long_life(config: Config) -> Self {
        let mut world = Self::new(config);
        world.subject.forget_record();
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
        self.catch_up();
        while !is_so(self) {
            assert!(
                self.step(end),
                "not within {limit:?}: {what}; {:?}",
                self.machine().connections().collect::<Vec<_>>()
            );
        }
        self.now().saturating_since(start)
    }

    /// Lives until the machine has stopped, and returns why it did.
    pub fn run_until_stopped(&mut self, limit: Duration) -> StopReason {
        self.run_until("stopped", limit, |world| world.machine().is_stopped());
        match self.app.events.last() {
            Some((_, Output::Stopped(reason))) => reason.clone(),
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
        self.catch_up();
        let deadline = self.machine().poll_timeout().map(|deadline| deadline.at);
        let event = self.agenda.next_at();
        let next = [deadline, event].into_iter().flatten().min().filter(|&next| next <= end);
        let Some(next) = next else {
            self.agenda.advance(end);
            return false;
        };
        self.agenda.advance(next);
        if event == Some(next) {
            if let Some(event) = self.agenda.take() {
                self.happen(event);
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
    pub fn acknowledge(&mut self, token: AckToken, payload: Option<&str>) -> Result<(), AckRefusal> {
        self.call(Call::Acknowledge(token, payload.map(str::to_owned)))
    }

    /// Lets a delivery go.
    pub fn decline(&mut self, token: AckToken) {
        let _ = self.call(Call::Decline(token));
    }

    /// Asks for the end.
    pub fn shutdown(&mut self, grace: Duration) {
        let _ = self.call(Call::Shutdown(grace));
    }

    /// The application reads no events any more.
    pub fn stop_reading(&mut self) {
        self.app.reads = false;
    }

    /// It reads again, and first what has queued up.
    pub fn read_again(&mut self) {
        self.app.reads = true;
        for event in core::mem::take(&mut self.app.queue) {
            self.tell(event);
        }
        self.look_at_the_queue();
    }

    // What Slack does.

    /// A frozen link thaws: what the client sent on it meanwhile arrives.
    pub fn thaw(&mut self, link: ConnectionId) {
        self.slack.thaw(&mut self.agenda, link);
    }

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
        self.agenda.after(every, WorldEvent::Says);
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
        let statuses = self.machine().connections().filter(|status| status.phase == phase);
        statuses.map(|status| status.connection).collect()
    }

    /// The machine.
    #[must_use]
    pub fn machine(&self) -> &SocketMode {
        self.subject.machine()
    }

    /// The machine's counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.machine().stats()
    }

    /// When `apps.connections.open` was called.
    #[must_use]
    pub fn opens(&self) -> &[Instant] {
        &self.opens
    }

    /// The longest time that something lay unread because the application's queue was full.
    #[must_use]
    pub fn longest_unread(&self) -> Duration {
        self.longest_unread
    }

    /// The longest time without a link on which envelopes could have come, since the first hello.
    #[must_use]
    pub fn longest_dark(&self) -> Duration {
        let open = self.dark_since.map_or(Duration::ZERO, |since| self.now().saturating_since(since));
        self.longest_dark.max(open)
    }

    /// All the time without a live link, once one has been up.
    #[must_use]
    pub fn dark(&self) -> Duration {
        let open = self.dark_since.map_or(Duration::ZERO, |since| self.now().saturating_since(since));
        self.dark + open
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.subject.replay().unwrap_or_else(|broken| panic!("{broken}"));
        }
    }
}
