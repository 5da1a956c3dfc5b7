//! One run: what happens next, and who hears of it.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use socketmode_driver::{AppToken, Client, Driver, Frame, TransportError, TransportErrorKind};
use socketmode_protocol::{Config, Instant, StopReason};

use super::application::{Application, Manner, PROMPT};
use super::executor::Task;
use super::faults::{Faults, Later};
use super::ledger::Ledger;
use super::trace::{Line, Trace};
use super::transport::{Asked, Link, Loses, Memory, Received};
use super::{Plan, Sabotage};
use socketmode_model::invariants::{Invariant, Opens, Violation, hold};
use socketmode_model::random::Random;
use socketmode_model::world::agenda::{Agenda, Sent, Wire, WorldEvent};
use socketmode_model::world::script::{DialAnswer, OpenAnswer};
use socketmode_model::world::slack::Slack;

/// A client, its Slack, and all between them.
pub(super) struct Run {
    pub(super) plan: Plan,
    pub(super) random: Random,
    pub(super) memory: Memory,
    pub(super) client: Client<Memory>,
    pub(super) driver: Option<Driver<Memory>>,
    pub(super) reason: Option<StopReason>,
    pub(super) driving: Task,
    pub(super) app: Application,
    pub(super) reading: Task,
    pub(super) slack: Slack<Link>,
    pub(super) agenda: Agenda<Link>,
    pub(super) later: BTreeMap<(Instant, u64), Later>,
    next: u64,
    pub(super) cables: BTreeMap<Link, Cable>,
    dialing: BTreeMap<Link, String>,
    answered: BTreeMap<Link, (u16, Option<&'static str>)>,
    pub(super) asleep_until: Option<Instant>,
    /// How far the client's clock is behind.
    pub(super) lag: Duration,
    pub(super) faults: Faults,
    pub(super) ledger: Ledger,
    pub(super) trace: Trace,
    pub(super) stopping: bool,
    opens: Opens,
    pub(super) asked: VecDeque<Asked>,
    pub(super) told_drops: u64,
    /// This simulated second, the polls until its begin, and what has happened in it.
    pub(super) second: (u64, u64, u64),
}

/// The network between Slack and one socket.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cable {
    pub(super) delay: Duration,
    /// Nothing passes any more.
    pub(super) dead: bool,
    /// What comes later arrives no earlier.
    down: Instant,
    up: Instant,
}

impl Run {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut random = Random::new(plan.seed ^ 0x5eed);
        let memory = Memory::default();
        let token = AppToken::new("xapp-1-A1-1-simulated").unwrap();
        let config = plan.config.clone();
        let (client, events, driver) = Client::builder(token)
            .config(|it: &mut Config| *it = config)
            .queue_capacity(plan.queue_capacity)
            .recording_bytes(plan.recording_bytes)
            .transport(memory.clone())
            .seed(random.word())
            .build()
            .unwrap();
        memory.lose(match plan.sabotage {
            Sabotage::LostWrites => Loses::Writes,
            Sabotage::LostWakeUps => Loses::WakeUps,
            Sabotage::None | Sabotage::ForgetfulApplication => Loses::Nothing,
        });
        let manner = Manner { forgets: plan.sabotage == Sabotage::ForgetfulApplication, ..PROMPT };
        let app = Application::new(events, manner, Random::new(random.word()));
        let faults = Faults::new(Random::new(random.word()));
        let ledger = Ledger::new(plan.config.silence);
        // What Slack does is not known.
        let mut slack = Slack::default();
        slack.renews_ids = random.chance(1, 2);
        Self {
            opens: Opens::new(&plan.config),
            trace: Trace::new(plan.remembers),
            plan: plan.clone(),
            random,
            memory,
            client,
            driver: Some(driver),
            reason: None,
            driving: Task::default(),
            app,
            reading: Task::default(),
            slack,
            agenda: Agenda::default(),
            later: BTreeMap::new(),
            next: 0,
            cables: BTreeMap::new(),
            dialing: BTreeMap::new(),
            answered: BTreeMap::new(),
            asleep_until: None,
            lag: Duration::ZERO,
            faults,
            ledger,
            stopping: false,
            asked: VecDeque::new(),
            told_drops: 0,
            second: (0, 0, 0),
        }
    }

    /// The time in the world.
    pub(super) fn now(&self) -> Instant {
        self.agenda.now()
    }

    pub(super) fn after(&mut self, delay: Duration, later: Later) {
        self.next += 1;
        self.later.insert((self.now() + delay, self.next), later);
    }

    /// Lives until then.
    pub(super) fn live_until(&mut self, end: Instant) -> Result<(), Violation> {
        self.settle()?;
        while let Some(next) = self.next_at().filter(|&next| next <= end) {
            self.count_dark_time(next);
            self.agenda.advance(next);
            self.wake_up_by_time();
            while self.agenda.next_at().is_some_and(|at| at <= next) {
                if let Some(event) = self.agenda.take() {
                    self.happen(event);
                }
            }
            while let Some(due) = self.later.first_entry().filter(|due| due.key().0 <= next) {
                let later = due.remove();
                self.do_later(later);
            }
            self.settle()?;
            // Timers fire before the runtime has looked at its sockets.
            if self.asleep_until.is_none() {
                let seen = self.memory.look();
                if seen > 0 {
                    self.second.2 += seen as u64;
                    self.settle()?;
                }
            }
        }
        self.agenda.advance(end);
        Ok(())
    }

    /// Until the next thing happens, nothing changes.
    fn count_dark_time(&mut self, next: Instant) {
        let is_dark = !self.memory.links().iter().any(|&link| self.slack.is_live(link));
        let fault = self.faults.to_blame(self.now());
        if let Some(fault) = fault.filter(|_| is_dark && self.asleep_until.is_none()) {
            let time = next.saturating_since(self.now());
            *self.faults.dark.entry(fault).or_default() += time;
        }
    }

    fn next_at(&self) -> Option<Instant> {
        let own = match self.asleep_until {
            Some(wakes) => Some(wakes),
            None => {
                let sleeper = self.memory.next_sleeper();
                let app = self.app.next_at(self.memory.time());
                [sleeper, app].into_iter().flatten().min().map(|at| at + self.lag)
            }
        };
        let later = self.later.first_key_value().map(|(&(at, _), _)| at);
        [own, later, self.agenda.next_at()].into_iter().flatten().min().map(|at| at.max(self.now()))
    }

    fn wake_up_by_time(&mut self) {
        let now = self.now();
        if self.asleep_until.is_some_and(|wakes| wakes > now) {
            return;
        }
        self.asleep_until = None;
        let before = self.memory.time();
        let time = Instant::from_millis(now.as_millis() - u64::try_from(self.lag.as_millis()).unwrap());
        let app = self.app.next_at(before).is_some_and(|at| at <= time);
        self.second.2 += self.memory.advance(time) as u64;
        if app {
            self.reading.wake();
        }
    }

    /// Polls whoever was woken until nobody is.
    pub(super) fn settle(&mut self) -> Result<(), Violation> {
        self.pump()?;
        if self.asleep_until.is_some() {
            return Ok(());
        }
        while self.driving.is_woken() && self.driver.is_some() || self.reading.is_woken() {
            let first = self.random.chance(1, 2);
            for driver in [first, !first] {
                if driver && self.driving.is_woken() {
                    self.drive()?;
                } else if !driver && self.reading.is_woken() {
                    self.read()?;
                }
            }
            self.check_pace()?;
        }
        if self.random.chance(1, 16) {
            self.poll_for_nothing()?;
        }
        self.check_size()
    }

    fn drive(&mut self) -> Result<(), Violation> {
        self.told_drops = self.app.dropped();
        let Some(driver) = &mut self.driver else { return Ok(()) };
        let polled = self.driving.poll(|cx| Pin::new(driver).poll(cx));
        if let Poll::Ready(reason) = polled {
            self.trace.note(self.agenda.now(), format_args!("ended: {reason:?}"));
            self.reason = Some(reason);
            self.driver = None;
        }
        self.pump()?;
        self.check_accounts()
    }

    fn read(&mut self) -> Result<(), Violation> {
        let (now, acked) = (self.memory.time(), self.app.acked());
        let Self { app, reading, ledger, .. } = self;
        let (results, delivered) = (ledger.results(), ledger.delivered());
        reading.poll(|cx| app.poll(cx, now, ledger))?;
        let what = (ledger.results() - results, ledger.delivered() - delivered, app.acked() - acked);
        self.second.2 += what.2 + u64::from(what.1 > 0);
        self.trace.note(self.agenda.now(), format_args!("application: {what:?}"));
        self.pump()
    }

    /// What the client did reaches the world.
    fn pump(&mut self) -> Result<(), Violation> {
        self.memory.asked(&mut self.asked);
        while let Some(asked) = self.asked.pop_front() {
            self.trace.note(self.agenda.now(), format_args!("{}", Line(&asked)));
            let time = self.memory.time();
            match asked {
                Asked::Call(call) => {
                    self.check_opening()?;
                    self.opens.opened(time)?;
                    let answer = self.slack.answers.pop_front();
                    let answer = answer.unwrap_or(self.slack.default_answer.clone());
                    self.agenda.after(self.slack.open_latency, WorldEvent::Answered(call, answer));
                }
                Asked::Heard(call) => {
                    if let Some((429, Some(wait))) = self.answered.remove(&call) {
                        self.opens.asked_to_wait(time, wait);
                    }
                }
                Asked::Dial(link, url) => {
                    self.check_opening()?;
                    let again = self.dialing.values().any(|other| *other == url);
                    hold(!again, Invariant::UrlsAreDialedOnce, || url.clone())?;
                    self.dialing.insert(link, url);
                    let dial = self.slack.dials.pop_front().unwrap_or(DialAnswer::Link);
                    self.agenda.after(self.slack.dial_latency, WorldEvent::Dialed(link, dial));
                }
                Asked::Read(link, text) => self.ledger.read(link, time, &text),
                Asked::Took(_) => {}
                Asked::Sent(link, frame) => {
                    let sent = match frame {
                        Frame::Text(text) => {
                            self.ledger.sent(link, time, &text)?;
                            Sent::Text(text)
                        }
                        Frame::Close(_) => {
                            self.ledger.given_up(link, time);
                            Sent::Close
                        }
                        _ => Sent::Ping,
                    };
                    self.carry_up(link, sent);
                }
                Asked::Flushed(link) => self.ledger.flushed(link)?,
                Asked::Dropped(link) => {
                    self.ledger.dropped(link, time);
                    self.dialing.remove(&link);
                    self.answered.remove(&link);
                    self.carry_up(link, Sent::Gone);
                    self.cables.remove(&link);
                }
            }
        }
        Ok(())
    }

    fn carry_up(&mut self, link: Link, sent: Sent) {
        let latency = self.slack.latency;
        let now = self.now();
        let Some(cable) = self.cables.get_mut(&link).filter(|cable| !cable.dead) else { return };
        cable.up = cable.up.max(now + cable.delay + latency);
        self.agenda.after(cable.up.saturating_since(now), WorldEvent::Heard(link, sent));
    }

    fn happen(&mut self, event: WorldEvent<Link>) {
        let Self { slack, agenda, .. } = self;
        match event {
            WorldEvent::Answered(call, answer) => self.answer(call, answer),
            WorldEvent::Dialed(link, dial) => self.dialed(link, dial),
            WorldEvent::Arrives(link, wire) => {
                let now = self.now();
                let Some(cable) = self.cables.get_mut(&link) else { return };
                cable.down = cable.down.max(now + cable.delay);
                let wait = cable.down.saturating_since(now);
                self.after(wait, Later::Arrives(link, wire));
            }
            WorldEvent::Heard(link, sent) => slack.hear(agenda, link, &sent),
            WorldEvent::Greets(link) => slack.greet(agenda, link),
            WorldEvent::Pings(link) => slack.ping(agenda, link),
            WorldEvent::Warns(link) => slack.warn(agenda, link, "warning"),
            WorldEvent::Cuts(link) => slack.cut(agenda, link),
            WorldEvent::Redelivers(id) => slack.redeliver(agenda, id),
            // These are of worlds without a driver.
            WorldEvent::Says | WorldEvent::Written(..) | WorldEvent::Acks(_) => {}
        }
    }

    pub(super) fn arrive(&mut self, link: Link, wire: Wire) {
        if self.cables.get(&link).is_none_or(|cable| cable.dead) {
            return;
        }
        self.second.2 += 1;
        let received = match wire {
            Wire::Text(text) => Received::Frame(Frame::Text(text)),
            Wire::Binary(bytes) => Received::Frame(Frame::Binary(bytes.into())),
            Wire::Ping => Received::Frame(Frame::Ping),
            Wire::Pong => Received::Frame(Frame::Pong),
            Wire::Close(code) => Received::Frame(Frame::Close(code)),
            Wire::Eof => Received::Eof,
            Wire::Reset => Received::Error(TransportError::new(TransportErrorKind::Io, "reset by peer")),
        };
        // Behind by what the clock stood still, and not before the sleep that it stands still in.
        let lag = u64::try_from(self.lag.as_millis()).unwrap();
        let time = Instant::from_millis(self.now().as_millis().saturating_sub(lag)).max(self.memory.time());
        if self.memory.deliver(link, received) {
            self.ledger.arrived(link, time);
        }
    }

    fn answer(&mut self, call: Link, answer: OpenAnswer) {
        let response = match answer {
            OpenAnswer::Link => (200, None, self.slack.ticket()),
            OpenAnswer::Error(code) => (200, None, format!(r#"{{"ok":false,"error":"{code}"}}"#)),
            OpenAnswer::Status(status, retry_after, body) => (status, retry_after, body),
            OpenAnswer::Drop => {
                self.second.2 += 1;
                let error = TransportError::new(TransportErrorKind::Connect, "no route to host");
                self.memory.answer(call, Err(error));
                return;
            }
            OpenAnswer::Hang => return,
        };
        let (status, retry_after, body) = response;
        let mut response = http::Response::builder().status(status);
        if let Some(retry_after) = retry_after {
            response = response.header(http::header::RETRY_AFTER, retry_after);
        }
        self.second.2 += 1;
        if self.memory.answer(call, Ok(response.body(Bytes::from(body)).unwrap())) {
            self.answered.insert(call, (status, retry_after));
        }
    }

    fn dialed(&mut self, link: Link, dial: DialAnswer) {
        self.second.2 += 1;
        match dial {
            DialAnswer::Link => {
                if let (true, Some(url)) = (self.memory.connect(link, Ok(())), self.dialing.get(&link)) {
                    self.slack.accept(&mut self.agenda, link, url);
                    self.cables.insert(link, Cable::default());
                }
            }
            DialAnswer::Status(status) => {
                self.memory.connect(link, Err(TransportError::handshake_status(status, "")));
            }
            DialAnswer::Drop => {
                let error = TransportError::new(TransportErrorKind::Connect, "connection refused");
                self.memory.connect(link, Err(error));
            }
            DialAnswer::Hang => {}
        }
    }
}
