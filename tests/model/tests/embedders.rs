//! Embedders that do what they are asked for later than they are asked, and what Slack reads from them: no envelope is
//! acknowledged twice, whatever ends a link meanwhile.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails panics")]

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use socketmode_model::random::Random;
use socketmode_model::step::{OwnedInput, slack};
use socketmode_protocol::{
    AckOutcome, AckToken, Action, Config, ConnectionId, ConnectionPhase, Instant, Output, SocketMode, WriteId,
};

const WALKS: u64 = 10_000;
const STEPS: u64 = 200;
/// How long an embedder leaves outputs and messages, what they ask for, and what it knows each: all three together take less
/// than the close time-out, which ends the wait for them.
const LAG: Duration = Duration::from_millis(200);

#[test]
fn no_ack_goes_out_twice_when_writes_are_in_order_and_late() {
    walk_all(Manner::InOrder);
}

#[test]
fn no_ack_goes_out_twice_when_writes_are_partial() {
    walk_all(Manner::PartialWrites);
}

#[test]
fn no_ack_goes_out_twice_when_writes_are_reported_late() {
    walk_all(Manner::LateWritten);
}

#[test]
fn no_ack_goes_out_twice_when_inputs_come_in_batches() {
    walk_all(Manner::SeveralInputs);
}

/// How an embedder does what it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// One queue for all connections, first in, first out.
    InOrder,
    /// The same, but a text takes two turns, and a connection that is dropped loses what waits in the queue.
    PartialWrites,
    /// In order, and what was written is told as late as can be.
    LateWritten,
    /// In order, and outputs and messages are fetched as late as can be: many inputs go in before.
    SeveralInputs,
}

fn walk_all(manner: Manner) {
    let mut total = Tally::default();
    for seed in 0..WALKS {
        let mut walk = Walk::new(manner, seed);
        for _ in 0..STEPS {
            walk.step();
        }
        total.wire += walk.wire.len();
        total.elsewhere += walk.tally.elsewhere;
        total.lost += walk.tally.lost;
        total.while_closing += walk.tally.while_closing;
    }
    println!("{manner:?}: {total:?}");
    // Else nothing was tested.
    assert!(total.wire > 50_000 && total.elsewhere > 500 && total.while_closing > 500, "{total:?}");
}

#[derive(Debug, Default)]
struct Tally {
    wire: usize,
    elsewhere: usize,
    lost: usize,
    while_closing: usize,
}

/// What an embedder has to do.
#[derive(Debug)]
enum Work {
    Act(Action),
    Send { write: WriteId, text: String },
}

/// A machine, its embedder, an application and Slack.
struct Walk {
    manner: Manner,
    seed: u64,
    random: Random,
    machine: SocketMode,
    now: Instant,
    said: u64,
    fetched_all: Instant,
    /// What was asked for and is not done.
    queue: VecDeque<(Instant, ConnectionId, Work)>,
    /// Texts of which a part is written, in the manner of partial writes.
    begun: BTreeMap<ConnectionId, WriteId>,
    /// What was written and not yet told.
    untold: VecDeque<(Instant, ConnectionId, WriteId)>,
    /// Sockets that are open at this end.
    sockets: Vec<ConnectionId>,
    /// What the application has to acknowledge.
    deliveries: Vec<(AckToken, String)>,
    /// How often Slack has read each acknowledgement.
    wire: BTreeMap<String, u32>,
    log: Vec<String>,
    tally: Tally,
}

impl Walk {
    fn new(manner: Manner, seed: u64) -> Self {
        let config = Config {
            connections: 1 + usize::try_from(seed % 2).unwrap(),
            silence: Duration::from_secs(2),
            client_ping: None,
            drain_quiet: Duration::from_millis(100),
            stable_after: Duration::ZERO,
            backoff_base: Duration::from_millis(100),
            backoff_cap: Duration::from_millis(100),
            open_burst: 1_000,
            ..Config::default()
        };
        let machine = SocketMode::new(config, seed, Instant::ZERO).unwrap();
        Self {
            manner,
            seed,
            random: Random::new(seed),
            machine,
            now: Instant::ZERO,
            said: 0,
            fetched_all: Instant::ZERO,
            queue: VecDeque::new(),
            begun: BTreeMap::new(),
            untold: VecDeque::new(),
            sockets: Vec::new(),
            deliveries: Vec::new(),
            wire: BTreeMap::new(),
            log: Vec::new(),
            tally: Tally::default(),
        }
    }

    fn step(&mut self) {
        match self.random.below(16) {
            0..=2 => self.pass(),
            3..=5 => self.say(),
            6 | 7 => self.acknowledge(),
            8..=10 if self.manner != Manner::SeveralInputs => self.fetch(),
            11 | 12 => self.work(),
            13 if self.manner != Manner::LateWritten => self.tell(),
            14 => self.slack(),
            _ if self.random.chance(1, 40) => {
                let grace = Duration::from_millis(self.random.below(2) * 1_000);
                self.log.push(format!("{:?} shutdown {grace:?}", self.now));
                self.machine.shutdown(self.now, grace);
            }
            _ => self.pass(),
        }
    }

    /// Time passes, and nothing is left undone for too long.
    fn pass(&mut self) {
        self.now = self.now + Duration::from_millis(self.random.below(100));
        let (now, is_late) = (self.now, |since: Instant, now: Instant| since + LAG <= now);
        if is_late(self.fetched_all, now) {
            self.fetch_all();
        }
        while self.queue.front().is_some_and(|(since, ..)| is_late(*since, now)) {
            self.work();
        }
        while self.untold.front().is_some_and(|(since, ..)| is_late(*since, now)) {
            self.tell();
        }
        if self.machine.poll_timeout().is_some_and(|deadline| deadline.at <= self.now) {
            self.machine.handle_timeout(self.now);
        }
    }

    fn say(&mut self) {
        let Some(link) = self.pick(|phase| phase >= ConnectionPhase::Active) else { return };
        if !self.sockets.contains(&link) {
            return;
        }
        self.said += 1;
        let text = slack::event(&format!("e{}", self.said), &format!("Ev{}", self.said), 0);
        self.input(link, &OwnedInput::Text(text));
    }

    fn acknowledge(&mut self) {
        if self.deliveries.is_empty() {
            return;
        }
        let index = usize::try_from(self.random.below(self.deliveries.len() as u64)).unwrap();
        let (token, id) = self.deliveries.swap_remove(index);
        let result = self.machine.acknowledge(self.now, token, None);
        self.log.push(format!("{:?} acknowledge {id}: {result:?}", self.now));
    }

    /// Whatever ends a link, or announces it.
    fn slack(&mut self) {
        let Some(link) = self.pick(|phase| phase >= ConnectionPhase::Active) else { return };
        if !self.sockets.contains(&link) {
            return;
        }
        match self.random.below(8) {
            0 | 1 => self.input(link, &OwnedInput::CloseFrame(Some(1000))),
            2 => self.input(link, &slack::disconnect("warning")),
            3 => self.input(link, &slack::disconnect("too_many_websockets")),
            4 => self.end(link, &OwnedInput::Eof),
            5 => self.end(link, &OwnedInput::ReadError),
            _ => self.input(link, &OwnedInput::Ping),
        }
    }

    /// The stream has ended: what is known to be written is told first.
    fn end(&mut self, link: ConnectionId, how: &OwnedInput) {
        while self.untold.iter().any(|(_, of, _)| *of == link) {
            self.tell();
        }
        self.drop_socket(link);
        self.input(link, how);
    }

    fn fetch(&mut self) {
        for _ in 0..self.random.below(4) {
            if self.random.chance(1, 2) {
                self.fetch_one();
            } else if let Some(link) = self.pick(|_| true) {
                self.pull_one(link);
            }
        }
    }

    fn fetch_all(&mut self) {
        self.fetched_all = self.now;
        loop {
            while self.fetch_one() {}
            let links: Vec<_> = self.machine.connections().map(|status| status.connection).collect();
            let mut has_pulled = false;
            for link in links {
                while self.pull_one(link) {
                    has_pulled = true;
                }
            }
            if !has_pulled {
                return;
            }
        }
    }

    fn pull_one(&mut self, link: ConnectionId) -> bool {
        let mut text = String::new();
        let Some(write) = self.machine.poll_transmit(link, &mut text) else { return false };
        self.log.push(format!("{:?} {link:?} {write:?} {text}", self.now));
        self.queue.push_back((self.now, link, Work::Send { write, text }));
        true
    }

    fn fetch_one(&mut self) -> bool {
        let Some(output) = self.machine.poll_output() else { return false };
        self.log.push(format!("{:?} {output:?}", self.now));
        match output {
            Output::Action { connection, action: Action::Abort } if self.manner == Manner::PartialWrites => {
                self.drop_socket(connection);
            }
            Output::Action { connection, action } => {
                self.queue.push_back((self.now, connection, Work::Act(action)));
            }
            Output::Envelope(envelope) => {
                self.deliveries.push((envelope.token(), envelope.envelope_id().into()));
            }
            Output::Acknowledged { envelope_id, outcome, .. } => match outcome {
                AckOutcome::Sent { elsewhere, .. } => {
                    assert_eq!(self.wire.get(&*envelope_id), Some(&1), "{}", self.explain());
                    self.tally.elsewhere += usize::from(elsewhere);
                }
                AckOutcome::Lost => self.tally.lost += 1,
            },
            Output::Notice(_) | Output::Stopped(_) => {}
        }
        true
    }

    /// Does the next thing that was asked for.
    fn work(&mut self) {
        let Some((since, link, work)) = self.queue.pop_front() else { return };
        match work {
            Work::Act(Action::Open) => self.input(link, &slack::opened(link.number())),
            Work::Act(Action::Dial { .. }) => {
                self.sockets.push(link);
                self.input(link, &OwnedInput::Dialed);
                self.input(link, &slack::hello(1, None));
            }
            Work::Send { write, text } if self.sockets.contains(&link) => {
                if self.manner == Manner::PartialWrites && self.begun.get(&link) != Some(&write) {
                    self.begun.insert(link, write);
                    self.queue.push_front((since, link, Work::Send { write, text }));
                    return;
                }
                let id = slack::acknowledged_id(&text).unwrap();
                let times = self.wire.entry(id.clone()).or_default();
                *times += 1;
                let times = *times;
                assert_eq!(times, 1, "{id} was acknowledged twice\n{}", self.explain());
                let phase = self.machine.connections().find(|c| c.connection == link).map(|c| c.phase);
                self.tally.while_closing += usize::from(phase == Some(ConnectionPhase::Closing));
                self.untold.push_back((self.now, link, write));
            }
            Work::Act(Action::Close { .. }) if self.sockets.contains(&link) && self.random.chance(3, 4) => {
                self.end(link, &OwnedInput::Eof);
            }
            Work::Act(Action::Abort) => self.drop_socket(link),
            Work::Send { .. } | Work::Act(Action::SendPing | Action::Close { .. }) => {}
        }
    }

    fn tell(&mut self) {
        if let Some((_, link, write)) = self.untold.pop_front() {
            self.input(link, &OwnedInput::Written(write));
        }
    }

    fn drop_socket(&mut self, link: ConnectionId) {
        self.sockets.retain(|other| *other != link);
        self.begun.remove(&link);
        if self.manner == Manner::PartialWrites {
            self.queue.retain(|(_, of, _)| *of != link);
        }
    }

    fn input(&mut self, link: ConnectionId, input: &OwnedInput) {
        self.log.push(format!("{:?} {link:?} {input:?}", self.now));
        self.machine.handle_input(self.now, link, input.as_input());
    }

    fn pick(&mut self, fits: impl Fn(ConnectionPhase) -> bool) -> Option<ConnectionId> {
        let fitting: Vec<_> = self.machine.connections().filter(|status| fits(status.phase)).collect();
        if fitting.is_empty() { None } else { Some(self.random.pick(&fitting).connection) }
    }

    fn explain(&self) -> String {
        format!("{:?}, seed {}\n{}", self.manner, self.seed, self.log.join("\n"))
    }
}
