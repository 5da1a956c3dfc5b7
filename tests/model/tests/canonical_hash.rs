//! What `SocketMode::hash_canonical` takes for the same does the same from then on. Else the explorer would pass over what
//! it takes for seen.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails panics")]

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hasher};
use std::time::Duration;

use socketmode_model::explorer::Scope;
use socketmode_model::output::{Output, drain};
use socketmode_model::random::Random;
use socketmode_model::step::{Call, OwnedInput, Step, slack};
use socketmode_protocol::{
    AckPolicy, AckToken, Config, ConnectionId, ConnectionPhase, Instant, Notice, SocketMode, WriteId,
};

/// Lives of each configuration, and the moves of each.
const LIVES: u64 = 400;
const MOVES: u64 = 80;
/// What two machines that are the same go through together, and how often.
const TOGETHER: u64 = 12;
const TIMES: u64 = 4;

#[test]
fn equal_hashes_mean_equal_behaviour_on_one_slot() {
    what_is_the_same_does_the_same(&Scope::one_slot().config);
}

#[test]
fn equal_hashes_mean_equal_behaviour_on_two_slots() {
    what_is_the_same_does_the_same(&Scope::two_slots().config);
}

#[test]
fn equal_hashes_mean_equal_behaviour_with_every_time_out() {
    what_is_the_same_does_the_same(&Config {
        connections: 3,
        client_ping: Some(Duration::from_secs(3)),
        server_ping_timeout: Some(Duration::from_secs(6)),
        rotate_before: Some(Duration::from_secs(1)),
        open_interval: Duration::from_secs(3),
        ..Scope::one_slot().config
    });
}

#[test]
fn equal_hashes_mean_equal_behaviour_of_policies_and_copies() {
    what_is_the_same_does_the_same(&Config {
        ack_events_api: AckPolicy::BeforeDeadline(Duration::from_secs(1)),
        deduplicate: Some(Duration::from_secs(9)),
        ..Scope::two_slots().config
    });
}

fn what_is_the_same_does_the_same(config: &Config) {
    let mut seen: BTreeMap<u64, Life> = BTreeMap::new();
    let mut compared = BTreeSet::new();
    let mut random = Random::new(1);
    for _ in 0..LIVES {
        let mut life = Life::new(config, Instant::from_millis(1_000_000 + random.below(1_000_000)));
        for n in 0..MOVES {
            let next = Move::choose(&mut random, &life, n);
            life.take(&next);
            let Some(other) = seen.get(&life.key()) else {
                seen.insert(life.key(), life.clone());
                continue;
            };
            if other.machine != life.machine && compared.insert(life.key()) {
                for _ in 0..TIMES {
                    go_on_together(other.clone(), life.clone(), &mut random);
                }
            }
        }
    }
    assert!(compared.len() > 500, "{} states were met twice, of {}", compared.len(), seen.len());
}

fn go_on_together(mut one: Life, mut other: Life, random: &mut Random) {
    let start = format!("{:#?}\n{:#?}", one.machine, other.machine);
    let mut moves = Vec::new();
    for n in 0..TOGETHER {
        assert_eq!(one.next_deadline(), other.next_deadline(), "{moves:#?}\n{start}");
        moves.push(Move::choose(random, &one, 1_000_000 + n));
        let last = &moves[moves.len() - 1];
        assert_eq!(one.take(last), other.take(last), "{moves:#?}\n{start}");
        assert_eq!(one.key(), other.key(), "{moves:#?}\n{start}");
    }
}

/// A machine, and what its world knows of it.
#[derive(Clone)]
struct Life {
    machine: SocketMode,
    now: Instant,
    deliveries: Vec<(AckToken, String)>,
    writes: Vec<(ConnectionId, WriteId)>,
}

/// What can happen to two machines with different names alike: connections and deliveries by their order.
#[derive(Clone, Debug)]
enum Move {
    Pass(Duration),
    ToTheDeadline,
    Input(usize, OwnedInput),
    /// An envelope of this id with an event of that id.
    Event(usize, u64, u64),
    Redelivery(usize, usize),
    /// The network takes the oldest write, or all of them.
    Written(usize, bool),
    Acknowledge(usize, Option<String>),
    Decline(usize),
    Backlog(bool),
    Shutdown(Duration),
}

impl Move {
    fn choose(random: &mut Random, life: &Life, fresh: u64) -> Self {
        let delivery = usize::try_from(random.below(2)).unwrap();
        match random.below(64) {
            0..=5 => return Self::Pass(Duration::from_secs(random.below(4))),
            6..=13 => return Self::ToTheDeadline,
            14..=18 => return Self::Acknowledge(delivery, random.chance(1, 4).then(|| "{}".to_owned())),
            19 => return Self::Decline(delivery),
            20 | 21 => return Self::Backlog(random.chance(1, 2)),
            22 if random.chance(1, 8) => return Self::Shutdown(Duration::from_secs(random.below(4))),
            _ => {}
        }
        let there: Vec<_> = life.machine.connections().collect();
        if there.is_empty() {
            return Self::ToTheDeadline;
        }
        let index = usize::try_from(random.below(there.len() as u64)).unwrap();
        let likely = random.chance(7, 8);
        match there[index].phase {
            ConnectionPhase::Waiting => Self::ToTheDeadline,
            ConnectionPhase::Opening if likely => Self::Input(index, slack::opened(fresh)),
            ConnectionPhase::Opening => Self::Input(
                index,
                random.pick(&[slack::refused("internal_error"), slack::rate_limited("3")]).clone(),
            ),
            ConnectionPhase::Dialing if likely => Self::Input(index, OwnedInput::Dialed),
            ConnectionPhase::Dialing => Self::Input(index, OwnedInput::DialFailed(Some(408))),
            ConnectionPhase::Greeting if likely => {
                Self::Input(index, slack::hello(1, random.chance(1, 3).then_some(10)))
            }
            _ => match random.below(16) {
                0..=4 => Self::Event(index, fresh, random.below(4)),
                5 => Self::Redelivery(index, delivery),
                6..=8 => Self::Written(index, random.chance(1, 2)),
                9 | 10 => Self::Input(index, OwnedInput::Ping),
                11 => Self::Input(index, slack::disconnect(["warning", "too_many_websockets"][delivery])),
                12 => Self::Input(index, OwnedInput::CloseFrame(Some(1000))),
                13 => Self::Input(index, OwnedInput::Eof),
                14 => Self::Input(index, OwnedInput::Text("UNAUTHENTICATED: cache_error".into())),
                _ => Self::Input(index, OwnedInput::WriteError),
            },
        }
    }
}

impl Life {
    fn new(config: &Config, now: Instant) -> Self {
        let machine = SocketMode::new(config.clone(), 1, now).unwrap();
        let mut life = Self { machine, now, deliveries: Vec::new(), writes: Vec::new() };
        life.fetch();
        life
    }

    fn key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.machine.hash_canonical(&mut hasher);
        hasher.finish()
    }

    fn next_deadline(&self) -> Option<String> {
        let deadline = self.machine.poll_timeout()?;
        let (ahead, ago) = (deadline.at.saturating_since(self.now), self.now.saturating_since(deadline.at));
        Some(format!("{ahead:?} {ago:?} {:?}", deadline.reason))
    }

    /// What came of it, without names.
    fn take(&mut self, next: &Move) -> String {
        let call = self.call(next).unwrap_or(Call::Timeout);
        let result = Step { at: self.now, call }.apply(&mut self.machine);
        format!("{result:?} {}", self.fetch())
    }

    /// None if there is no such connection or delivery.
    fn call(&mut self, next: &Move) -> Option<Call> {
        let connection = |index: usize| self.machine.connections().nth(index).map(|status| status.connection);
        Some(match next {
            Move::Pass(time) => {
                self.now = self.now + *time;
                Call::Timeout
            }
            Move::ToTheDeadline => {
                self.now = self.machine.poll_timeout().map_or(self.now, |next| next.at.max(self.now));
                Call::Timeout
            }
            Move::Input(index, input) => Call::Input(connection(*index)?, input.clone()),
            Move::Event(index, envelope, event) => {
                let text = slack::event(&format!("e{envelope}"), &format!("Ev{event}"), 0);
                Call::Input(connection(*index)?, OwnedInput::Text(text))
            }
            Move::Redelivery(index, delivery) => {
                let (_, envelope) = self.outstanding(*delivery)?;
                Call::Input(connection(*index)?, OwnedInput::Text(slack::event(&envelope, "Ev0", 1)))
            }
            Move::Written(index, all) => {
                let connection = connection(*index)?;
                let mut writes = self.writes.iter().filter(|(of, _)| *of == connection);
                let (_, write) = if *all { writes.next_back() } else { writes.next() }.copied()?;
                self.writes.retain(|(of, other)| *of != connection || *other > write);
                Call::Input(connection, OwnedInput::Written(write))
            }
            Move::Acknowledge(delivery, payload) => {
                Call::Acknowledge(self.outstanding(*delivery)?.0, payload.clone())
            }
            Move::Decline(delivery) => Call::Decline(self.outstanding(*delivery)?.0),
            Move::Backlog(full) => Call::Backlog { full: *full },
            Move::Shutdown(grace) => Call::Shutdown(*grace),
        })
    }

    /// The delivery that is the nth of those without an outcome.
    fn outstanding(&self, nth: usize) -> Option<(AckToken, String)> {
        let open = |token: &AckToken| self.machine.clone().acknowledge(self.now, *token, None).is_ok();
        self.deliveries.iter().filter(|(token, _)| open(token)).nth(nth).cloned()
    }

    fn fetch(&mut self) -> String {
        let mut all = String::new();
        for mut output in drain(&mut self.machine) {
            match &mut output {
                // It is only told.
                Output::Notice(Notice::Connected { gap, .. }) => *gap = None,
                Output::Envelope(envelope) => {
                    self.deliveries.push((envelope.token(), envelope.envelope_id().to_owned()));
                }
                Output::Transmit { connection, write, .. } => {
                    self.writes.push((*connection, *write));
                }
                _ => {}
            }
            all.push_str(&format!("{output:?}\n"));
        }
        all.retain(|c| !c.is_ascii_digit());
        all
    }
}
