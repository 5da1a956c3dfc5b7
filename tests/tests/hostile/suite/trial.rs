//! One attack on one driver, and what it did.

use super::client::{GRACE, IDLE, ORDER, Order, REPORT, Report};
use super::peer::Peer;
use super::{Attack, Driver, Ends, Over, Phase, memory};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// A client's process that says nothing for so long never will.
const HANGS: Duration = Duration::from_secs(120);
/// A client is killed that takes so much, in KiB, for the machine's sake.
const TOO_MUCH: u64 = 1024 * 1024;
/// The most that the peer may send while each task on the client's thread has one turn. The buffers of a connection take
/// some megabytes while the whole process waits for a busy machine.
const BETWEEN_TURNS: u64 = 32 * 1024 * 1024;
/// The longest that another task may wait on a quiet machine, in milliseconds.
const WAIT_MS: u64 = 100;
/// The longest that a shutdown may take beyond its grace on a quiet machine, in milliseconds: the close, and room.
const SHUTDOWN_MS: u64 = 600;

pub(crate) struct Trial {
    pub(crate) attack: Attack,
    pub(crate) driver: Driver,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// `None` where the client hung, died, or was killed.
    pub(crate) report: Option<Report>,
    /// How much more was resident than in the idle client, in KiB; `None` where the system does not tell.
    pub(crate) memory: Option<u64>,
    killed_for_memory: bool,
    died: bool,
    /// How often the peer attacked.
    attacks: usize,
}

impl Trial {
    /// Runs it, with a client by this command. A client that hangs is killed.
    pub(crate) fn run(&self, mut command: Command, hangs: Option<Duration>) -> Outcome {
        let peer = Peer::start(self.attack).expect("a peer");
        let order = Order {
            attack: self.attack.name.to_owned(),
            driver: self.driver.name().to_owned(),
            base_url: peer.base_url(),
            proxy: peer.proxy(),
            authority: peer.authority().to_owned(),
            traffic: peer.traffic().to_owned(),
        };
        command.env(ORDER, serde_json::to_string(&order).expect("an order"));
        // The other task is on the thread of the client.
        command.env("ASYNC_STD_THREAD_COUNT", "1").env("SMOL_THREADS", "1");
        let mut child = Kill(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a client"));
        let lines = lines(&mut child.0);
        let process = child.0.id().to_string();
        let (start, mut peak, mut idle, mut outcome) = (Instant::now(), None, 0, Outcome::default());
        while start.elapsed() < hangs.unwrap_or(HANGS) {
            peak = memory::peak(&process).or(peak);
            match lines.recv_timeout(Duration::from_millis(20)) {
                Ok(line) => {
                    if let Some(kib) = line.strip_prefix(IDLE) {
                        idle = kib.parse().unwrap_or(0);
                    } else if let Some(report) = line.strip_prefix(REPORT) {
                        outcome.report = serde_json::from_str::<Report>(report).ok();
                        peak = outcome.report.as_ref().and_then(|report| report.peak).or(peak);
                        break;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    outcome.died = true;
                    break;
                }
                Err(RecvTimeoutError::Timeout) if peak.is_some_and(|peak| peak > TOO_MUCH) => {
                    outcome.killed_for_memory = true;
                    break;
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        outcome.attacks = peer.attacks();
        outcome.memory = peak.filter(|_| idle > 0).map(|peak| peak.saturating_sub(idle));
        outcome
    }

    /// What must not be.
    pub(crate) fn failures(&self, outcome: &Outcome) -> Vec<String> {
        let mut failures = Vec::new();
        let attack = &self.attack;
        if let Some(kib) = outcome.memory.filter(|kib| *kib > attack.memory * 1024) {
            failures.push(format!("it took {} MiB more than idle, of {} allowed", kib / 1024, attack.memory));
        }
        let Some(report) = &outcome.report else {
            failures.push(match outcome {
                Outcome { killed_for_memory: true, .. } => "it was killed for its memory".to_owned(),
                Outcome { died: true, .. } => "it died".to_owned(),
                _ => "it hung".to_owned(),
            });
            return failures;
        };
        if outcome.attacks < if attack.comes_again() { 2 } else { 1 } {
            failures.push(format!("only {} attacks took place", outcome.attacks));
        }
        if !report.delivered {
            failures.push("the envelope afterwards was not delivered".to_owned());
        }
        if report.delivered && report.acknowledged.as_deref() != Some("sent") {
            failures.push(format!("the acknowledgement afterwards: {:?}", report.acknowledged));
        }
        if attack.phase == Phase::Web && !report.called_again {
            failures.push("the call afterwards was not answered".to_owned());
        }
        if !is(attack, report.ended_by.as_deref()) {
            failures.push(format!("{:?} was expected; ended by {:?}", attack.ends, report.ended_by));
        }
        if report.shutdowns_ms.iter().any(Option::is_none) {
            failures.push("a shutdown did not end".to_owned());
        }
        if report.waits.turns == 0 {
            failures.push("another task had no turn".to_owned());
        }
        let bytes = report.waits.most_bytes;
        if self.driver.is_one_thread() && bytes > BETWEEN_TURNS {
            failures.push(format!("another task waited while the peer sent {} MiB", bytes >> 20));
        }
        failures
    }

    /// What must not be on a quiet machine.
    #[allow(dead_code, reason = "no test depends on speed; the program prints these")]
    pub(crate) fn slow(&self, report: &Report) -> Vec<String> {
        let mut slow = Vec::new();
        if report.waits.longest_ms > WAIT_MS {
            slow.push(format!("another task waited {} ms", report.waits.longest_ms));
        }
        let bound = GRACE.as_millis() as u64 + SHUTDOWN_MS;
        slow.extend(
            report
                .shutdowns_ms
                .iter()
                .flatten()
                .filter(|&&ms| ms > bound)
                .map(|ms| format!("a shutdown took {ms} ms")),
        );
        slow
    }
}

fn is(attack: &Attack, by: Option<&str>) -> bool {
    let is_one_of =
        |deadlines: &[&str]| by.is_some_and(|by| deadlines.iter().any(|deadline| by.contains(deadline)));
    let is_deadline = is_one_of(deadlines(attack));
    let is_refused = by.is_some() && !is_one_of(&ALL_DEADLINES);
    match attack.ends {
        Ends::Lives => by.is_none_or(|by| by.contains("Rotated")),
        Ends::Deadline => is_deadline,
        Ends::Refused => is_refused,
        Ends::Either => is_deadline || is_refused,
        Ends::Any => true,
    }
}

// These are told with their time.
const CONNECT: &str = "within 800ms";
const OPEN: &str = "apps.connections.open was not answered in time";
const DIAL: &str = "the WebSocket handshake did not finish in time";
const HELLO: &str = "Slack's hello did not arrive in time";
const SILENCE: &str = "Silent";
const WEB: &str = "within 1.2s";
const ALL_DEADLINES: [&str; 6] = [CONNECT, OPEN, DIAL, HELLO, SILENCE, WEB];

/// The deadlines that run in the phase, by what is said of them.
fn deadlines(attack: &Attack) -> &'static [&'static str] {
    match (attack.phase, attack.over) {
        (Phase::Accept, Over::Plain) | (Phase::Records | Phase::Open, _) => &[OPEN],
        // The one of the connection is the shorter one, and a late client finds both due.
        (Phase::Accept | Phase::Proxy | Phase::Handshake, _) => &[CONNECT, OPEN],
        (Phase::AcceptLink, Over::Plain) | (Phase::Upgrade, _) => &[DIAL],
        (Phase::AcceptLink, _) => &[CONNECT, DIAL],
        (Phase::Hello, _) => &[HELLO],
        (Phase::Active | Phase::Draining | Phase::Closing, _) => &[SILENCE],
        (Phase::Web, _) => &[WEB],
    }
}

fn lines(child: &mut Child) -> Receiver<String> {
    let (sender, lines) = channel();
    let stdout = child.stdout.take().expect("a pipe to the client");
    thread::spawn(move || {
        BufReader::new(stdout).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
    });
    lines
}

/// Killed when it is dropped.
struct Kill(Child);

impl Drop for Kill {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
