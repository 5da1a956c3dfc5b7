//! What each fault does.

use std::time::Duration;

use super::application::{Manner, PROMPT};
use super::faults::{Fault, Later};
use super::run::Run;
use super::transport::{Gate, Link};
use socketmode_model::world::agenda::Wire;
use socketmode_model::world::script::{DialAnswer, Greeting, OpenAnswer};

/// How long Slack waits for a client that answers no pings.
const SLACK_WAITS: Duration = Duration::from_secs(60);

const ODD: &[&str] = &[
    "UNAUTHENTICATED: cache_error",
    "",
    "[]",
    "{}",
    r#"{"type":"hello"}"#,
    r#"{"type":"goodbye"}"#,
    r#"{"type":"events_api"}"#,
    r#"{"type":"disconnect","reason":7,"debug_info":null}"#,
    r#"{"type":"events_api","envelope_id":"odd-1","payload":null}"#,
    r#"{"type":"events_api","envelope_id":"odd-2","payload":{"type":"app_rate_limited"},"retry_attempt":"x"}"#,
    r#"{"type":"surprise","envelope_id":"odd-3","accepts_response_payload":true}"#,
    r#"{ "payload" : {"event_id":""}, "envelope_id":"odd-4", "type" : "interactive" }"#,
];

impl Run {
    fn draw(&mut self, from: u64, to: u64) -> u64 {
        from + self.faults.random.below(to - from + 1)
    }

    fn seconds(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_secs(self.draw(from, to))
    }

    fn some_link(&mut self) -> Option<Link> {
        let links = self.memory.links();
        (!links.is_empty()).then(|| *self.faults.random.pick(&links))
    }

    pub(super) fn do_later(&mut self, later: Later) {
        match later {
            Later::Arrives(link, wire) => self.arrive(link, wire),
            Later::Injects if !self.faults.over => {
                let fault = *self.faults.random.pick(Fault::ALL);
                *self.faults.counts.entry(fault).or_default() += 1;
                self.faults.latest = Some(fault);
                self.trace.note(self.agenda.now(), format_args!("fault: {fault:?}"));
                self.inject(fault);
                self.schedule_fault();
            }
            Later::Injects => {}
            Later::Says if !self.faults.over => {
                let burst = self.faults.random.chance(1, 40);
                let count = if burst { self.draw(20, 300) } else { 1 };
                self.say(count);
                self.next_words();
            }
            Later::Says => {}
            Later::Fast(link) => {
                if let Some(cable) = self.cables.get_mut(&link) {
                    cable.delay = Duration::ZERO;
                }
            }
            Later::Writes(link) => {
                self.memory.gate(link, Gate::Open, Gate::Open, false);
            }
            Later::Back => self.slack.default_answer = OpenAnswer::Link,
            Later::Brisk => self.make_brisk(),
            Later::Flaps(end, pause) if self.now() < end && !self.faults.over => {
                self.memory.links().into_iter().for_each(|link| self.reset(link));
                self.after(pause, Later::Flaps(end, pause));
            }
            Later::Flaps(..) => {}
            Later::Forgets => self.slack.ghosts = 0,
            Later::Cuts(link) => self.slack.cut(&mut self.agenda, link),
            Later::Prompt => self.app.manner = Manner { forgets: self.app.manner.forgets, ..PROMPT },
        }
    }

    pub(super) fn schedule_fault(&mut self) {
        let every = self.plan.fault_every.as_secs();
        let pause = self.seconds(1, 2 * every);
        self.after(pause, Later::Injects);
    }

    pub(super) fn next_words(&mut self) {
        let every = self.plan.said_every.as_secs();
        let pause = self.seconds(1, 2 * every);
        self.after(pause, Later::Says);
    }

    pub(super) fn say(&mut self, count: u64) -> Vec<String> {
        let kinds = ["events_api", "events_api", "slash_commands", "interactive"];
        let mut said = Vec::new();
        for _ in 0..count {
            let kind = self.faults.random.pick::<&'static str>(&kinds);
            said.push(self.slack.say(&mut self.agenda, kind));
        }
        self.faults.last = said.last().cloned();
        said
    }

    pub(super) fn make_brisk(&mut self) {
        self.slack.open_latency = Duration::from_millis(150);
        self.slack.dial_latency = Duration::from_millis(120);
        self.slack.hello_latency = Duration::from_millis(60);
    }

    fn reset(&mut self, link: Link) {
        self.slack.reset(&mut self.agenda, link);
    }

    fn half_open(&mut self, link: Link) {
        self.slack.freeze(&mut self.agenda, link);
        if let Some(cable) = self.cables.get_mut(&link) {
            cable.dead = true;
        }
    }

    /// Gives what was prepared for the next links something to meet.
    fn maybe_reset(&mut self) {
        if let Some(link) = self.some_link().filter(|_| self.faults.random.chance(2, 3)) {
            self.reset(link);
        }
    }

    fn inject(&mut self, fault: Fault) {
        match fault {
            Fault::Reset
            | Fault::EndOfStream
            | Fault::HalfOpen
            | Fault::Closed
            | Fault::Warning
            | Fault::Refresh
            | Fault::TooMany
            | Fault::Delay
            | Fault::OddPayload
            | Fault::SlowWrites
            | Fault::BrokenWrites => {
                if let Some(link) = self.some_link() {
                    self.inject_on_link(fault, link);
                }
            }
            Fault::AllLinks => self.memory.links().into_iter().for_each(|link| self.reset(link)),
            Fault::Flapping => {
                let pause = Duration::from_secs(*self.faults.random.pick(&[1, 5, 25, 60]));
                let end = self.now() + self.seconds(60, 600);
                self.faults.lasting = Some((fault, end));
                self.after(pause, Later::Flaps(end, pause));
            }
            Fault::Ghosts => {
                self.slack.ghosts = usize::try_from(self.draw(1, 9)).unwrap_or_default();
                let time = if self.faults.random.chance(1, 3) {
                    self.seconds(3_600, 4 * 3_600)
                } else {
                    self.seconds(60, 1_200)
                };
                self.after(time, Later::Forgets);
                // The next hello tells how many there are.
                self.maybe_reset();
            }
            Fault::Flood => {
                if let Some(link) = self.some_link() {
                    for _ in 0..self.draw(100, 800) {
                        let ping = if self.faults.random.chance(1, 2) { Wire::Ping } else { Wire::Pong };
                        self.slack.send(&mut self.agenda, link, ping);
                    }
                }
                let count = self.draw(50, 500);
                self.say(count);
            }
            Fault::Outage
            | Fault::RateLimit
            | Fault::OddAnswer
            | Fault::Handshake
            | Fault::NoHello
            | Fault::Slack => self.inject_at_slack(fault),
            Fault::Duplicate => {
                let renew = self.faults.random.chance(1, 2);
                if let Some(last) = &self.faults.last {
                    self.slack.repeat(&mut self.agenda, last, renew);
                }
            }
            Fault::ClockJump | Fault::ClockStop => self.sleep(fault == Fault::ClockStop),
            Fault::Stall => self.stall(),
            Fault::SlowReader => {
                let pause =
                    if self.faults.random.chance(1, 4) { self.seconds(60, 300) } else { self.seconds(1, 20) };
                self.app.reads_at = self.memory.time() + pause;
            }
            Fault::SlowAcks => {
                let slowest = *self.faults.random.pick(&[900, 2_900, 6_000, 90_000]);
                self.app.manner = Manner {
                    slowest: Duration::from_millis(slowest),
                    drops: *self.faults.random.pick(&[0, 30, 500]),
                    ignores: *self.faults.random.pick(&[0, 500]),
                    ..self.app.manner
                };
                let time = self.seconds(60, 1_200);
                self.after(time, Later::Prompt);
            }
        }
    }

    fn inject_on_link(&mut self, fault: Fault, link: Link) {
        let short = Duration::from_millis(self.draw(20, 40_000));
        match fault {
            Fault::Delay => {
                if let Some(cable) = self.cables.get_mut(&link) {
                    cable.delay = short;
                }
                let time = self.seconds(1, 120);
                self.after(time, Later::Fast(link));
            }
            Fault::Reset => self.reset(link),
            Fault::EndOfStream => {
                self.reset(link);
                self.arrive(link, Wire::Eof);
            }
            Fault::HalfOpen => self.half_open(link),
            Fault::Closed => self.slack.cut(&mut self.agenda, link),
            Fault::Warning => self.slack.warn(&mut self.agenda, link, "warning"),
            Fault::Refresh => {
                let reason = *self.faults.random.pick(&["refresh_requested", "because"]);
                self.slack.warn(&mut self.agenda, link, reason);
            }
            Fault::TooMany => self.slack.warn(&mut self.agenda, link, "too_many_websockets"),
            Fault::SlowWrites => {
                self.ledger.excuse(link);
                let (ready, flush) = *self.faults.random.pick(&[
                    (Gate::Shut, Gate::Shut),
                    (Gate::Open, Gate::Shut),
                    (Gate::Shut, Gate::Open),
                ]);
                let leaks = self.faults.random.chance(1, 2);
                self.memory.gate(link, ready, flush, leaks);
                self.after(short, Later::Writes(link));
            }
            Fault::BrokenWrites => {
                self.ledger.excuse(link);
                self.memory.gate(link, Gate::Broken, Gate::Broken, false);
                // Slack learns of it as the client does.
                self.reset(link);
            }
            _ => {
                let wire = match self.draw(0, 9) {
                    0 => Wire::Binary(vec![0xff, 0]),
                    1 => Wire::Text(format!(r#"{{"type":"events_api","x":"{}"}}"#, "x".repeat(100_000))),
                    _ => Wire::Text((*self.faults.random.pick(ODD)).to_owned()),
                };
                self.slack.send(&mut self.agenda, link, wire);
            }
        }
    }

    fn inject_at_slack(&mut self, fault: Fault) {
        let times = self.draw(1, 3);
        match fault {
            Fault::Outage => {
                let answers =
                    [OpenAnswer::Status(503, None, String::new()), OpenAnswer::Drop, OpenAnswer::Hang];
                self.slack.default_answer = self.faults.random.pick(&answers).clone();
                let long = self.faults.random.chance(1, 6);
                let time = if long { self.seconds(3_600, 4 * 3_600) } else { self.seconds(20, 900) };
                self.after(time, Later::Back);
                self.faults.lasting = Some((fault, self.now() + time));
                for link in self.memory.links() {
                    if self.faults.random.chance(2, 3) {
                        self.reset(link);
                    }
                }
            }
            Fault::RateLimit => {
                for _ in 0..times {
                    let wait = *self.faults.random.pick(&[
                        Some("1"),
                        Some("0"),
                        Some("30"),
                        Some("120"),
                        Some("600"),
                        Some("soon"),
                        None,
                    ]);
                    self.slack.answers.push_back(OpenAnswer::Status(429, wait, String::new()));
                }
                self.maybe_reset();
            }
            Fault::OddAnswer => {
                let answers = [
                    OpenAnswer::Status(200, None, "<html>".into()),
                    OpenAnswer::Status(
                        200,
                        None,
                        r#"{"ok":true,"url":"wss://example.com/?ticket=1"}"#.into(),
                    ),
                    OpenAnswer::Status(500, Some("5"), String::new()),
                    OpenAnswer::Error("internal_error".into()),
                    OpenAnswer::Error("something_new".into()),
                    OpenAnswer::Error("ratelimited".into()),
                ];
                for _ in 0..times {
                    let answer = self.faults.random.pick(&answers).clone();
                    self.slack.answers.push_back(answer);
                }
                self.maybe_reset();
            }
            Fault::Handshake => {
                let dials =
                    [DialAnswer::Status(408), DialAnswer::Status(409), DialAnswer::Drop, DialAnswer::Hang];
                for _ in 0..times {
                    let dial = *self.faults.random.pick(&dials);
                    self.slack.dials.push_back(dial);
                }
                self.maybe_reset();
            }
            Fault::NoHello => {
                let greetings = [
                    Greeting::NoHello,
                    Greeting::Close,
                    Greeting::Disconnect("too_many_websockets"),
                    Greeting::Disconnect("warning"),
                    Greeting::HelloAndDisconnect("refresh_requested"),
                    Greeting::HelloAndDisconnect("warning"),
                ];
                for _ in 0..times {
                    let first = self.faults.random.pick(&greetings).clone();
                    self.slack.greetings.push_back(first);
                }
                self.maybe_reset();
            }
            _ => {
                self.slack.open_latency = Duration::from_millis(self.draw(100, 20_000));
                self.slack.dial_latency = Duration::from_millis(self.draw(100, 20_000));
                self.slack.hello_latency = Duration::from_millis(self.draw(10, 12_000));
                let time = self.seconds(30, 600);
                self.after(time, Later::Brisk);
                self.faults.lasting = Some((fault, self.now() + time));
                self.maybe_reset();
            }
        }
    }

    /// The computer sleeps. Its links survive a short sleep.
    fn sleep(&mut self, stands: bool) {
        if self.asleep_until.is_some() {
            return;
        }
        let long = self.faults.random.chance(1, 4);
        let time = if long { self.seconds(600, 8 * 3_600) } else { self.seconds(1, 300) };
        let time = time.min(self.calm_at().saturating_since(self.now()));
        if time > SLACK_WAITS {
            self.memory.links().into_iter().for_each(|link| self.half_open(link));
        }
        self.asleep_until = Some(self.now() + time);
        if stands {
            self.lag += time;
        }
    }

    /// The process stands still, and Slack goes on: what it sends waits in the sockets.
    fn stall(&mut self) {
        if self.asleep_until.is_some() {
            return;
        }
        let time = match self.draw(0, 3) {
            0 => self.seconds(600, 8 * 3_600),
            1 => self.seconds(1, 25),
            _ => self.seconds(25, 90),
        };
        let time = time.min(self.calm_at().saturating_since(self.now()));
        if time > SLACK_WAITS {
            for link in self.memory.links() {
                self.after(SLACK_WAITS, Later::Cuts(link));
            }
        }
        self.asleep_until = Some(self.now() + time);
        self.memory.stand_still();
    }
}
