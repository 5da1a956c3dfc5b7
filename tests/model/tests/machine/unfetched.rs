//! A machine whose outputs nobody fetches: what waits is bounded, and nothing is forgotten when somebody fetches again.

use socketmode_model::step::slack;
use socketmode_protocol::limits::{MAX_UNPOLLED_NOTICES, MAX_UNPOLLED_OUTPUTS};
use socketmode_protocol::{
    AckPolicy, Config, ConnectionId, IncomingFrame, Input, Instant, Notice, OpenResponse, Output, SocketMode,
};

use crate::{ms, s};

const INPUTS: u64 = 1_000_000;

/// A machine with a link, whose embedder writes, tells the time, and fetches nothing.
struct Embedder {
    machine: SocketMode,
    link: ConnectionId,
    now: Instant,
}

impl Embedder {
    fn new(config: Config) -> Self {
        let now = Instant::ZERO;
        let mut machine = SocketMode::new(config, 1, now).unwrap();
        let link = machine.connections().next().unwrap().connection;
        let body = br#"{"ok":true,"url":"wss://wss-primary.slack.com/?ticket=t"}"#;
        machine.handle_input(now, link, Input::Opened(OpenResponse { status: 200, retry_after: None, body }));
        machine.handle_input(now, link, Input::Dialed);
        let mut embedder = Self { machine, link, now };
        embedder.text(r#"{"type":"hello"}"#);
        embedder.fetch();
        embedder
    }

    fn text(&mut self, text: &str) {
        self.machine.handle_input(self.now, self.link, Input::Frame(IncomingFrame::Text(text.into())));
        while let Some(write) = self.machine.poll_transmit(self.link, &mut String::new()) {
            self.machine.handle_input(self.now, self.link, Input::Written(write));
        }
    }

    fn event(&mut self, n: u64) {
        self.text(&slack::event(&format!("e{n}"), &format!("Ev{n}"), 0));
    }

    fn pass(&mut self, time: std::time::Duration) {
        self.now = self.now + time;
        self.machine.handle_timeout(self.now);
        assert!(self.machine.poll_timeout().is_some_and(|next| next.at > self.now), "stuck or hot");
    }

    fn waiting(&self) -> usize {
        let mut copy = self.machine.clone();
        core::iter::from_fn(|| copy.poll_output()).count()
    }

    fn fetch(&mut self) -> Vec<Output> {
        core::iter::from_fn(|| self.machine.poll_output()).collect()
    }
}

fn envelopes(outputs: &[Output]) -> u64 {
    outputs.iter().filter(|output| matches!(output, Output::Envelope(_))).count() as u64
}

fn told_as_shed(outputs: &[Output]) -> u64 {
    let shed = outputs.iter().map(|output| match output {
        Output::Notice(Notice::Shed { envelopes }) => *envelopes,
        _ => 0,
    });
    shed.sum()
}

#[test]
fn whoever_reads_when_asked_to_loses_nothing() {
    let on_receive = Config { ack_events_api: AckPolicy::OnReceive, ..Config::default() };
    for config in [Config::default(), on_receive] {
        let mut embedder = Embedder::new(config);
        let mut fed = 0;
        for n in 0..INPUTS {
            if embedder.machine.is_reading() {
                embedder.event(n);
                fed += 1;
            }
            embedder.pass(ms(1));
        }
        assert!(embedder.waiting() <= MAX_UNPOLLED_OUTPUTS, "{} wait", embedder.waiting());
        assert!(!embedder.machine.is_reading() && fed < INPUTS);
        let outputs = embedder.fetch();
        assert_eq!((envelopes(&outputs), embedder.machine.stats().shed), (fed, 0));
        assert!(embedder.machine.is_reading());
    }
}

#[test]
fn whoever_reads_on_is_told_what_was_shed() {
    let on_receive = Config { ack_events_api: AckPolicy::OnReceive, ..Config::default() };
    for config in [Config::default(), on_receive] {
        let mut embedder = Embedder::new(config);
        let mut events = 0;
        for n in 0..INPUTS {
            match n % 10 {
                0 => embedder.text("no JSON"),
                1 => embedder.text(r#"{"type":"hello"}"#),
                _ => {
                    embedder.event(n);
                    events += 1;
                }
            }
            embedder.pass(ms(1));
        }
        let most = 2 * MAX_UNPOLLED_OUTPUTS;
        assert!((MAX_UNPOLLED_OUTPUTS..most).contains(&embedder.waiting()), "{} wait", embedder.waiting());
        let mut outputs = embedder.fetch();
        embedder.pass(ms(1));
        outputs.extend(embedder.fetch());
        let shed = embedder.machine.stats().shed;
        assert_eq!((envelopes(&outputs) + shed, told_as_shed(&outputs)), (events, shed));
        let bad = |output: &&Output| matches!(output, Output::Notice(Notice::BadMessage { .. }));
        assert_eq!(outputs.iter().filter(bad).count(), MAX_UNPOLLED_NOTICES);
    }
}

#[test]
fn by_time_alone_what_waits_does_not_grow_for_ever() {
    let mut embedder = Embedder::new(Config::default());
    // The attempts of six days fill it.
    let days = |embedder: &mut Embedder, days: u64| {
        let end = embedder.now + s(days * 86_400);
        while embedder.now < end {
            let next = embedder.machine.poll_timeout().unwrap().at;
            embedder.pass(next.saturating_since(embedder.now));
        }
        embedder.waiting()
    };
    let full = days(&mut embedder, 10);
    assert!((MAX_UNPOLLED_OUTPUTS..MAX_UNPOLLED_OUTPUTS + 10).contains(&full), "{full} wait");
    assert_eq!(days(&mut embedder, 10), full);
    let opens = embedder.machine.stats().opens;
    embedder.fetch();
    assert_eq!(embedder.machine.stats().opens, opens + 1, "it is tried again");
}
