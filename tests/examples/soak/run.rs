//! The run: Slack, the wire and the load in this process, the client in another.

use crate::client::{self, CONNECTIONS};
use crate::faults::Faults;
use crate::memory::{MINUTE, Memory};
use crate::recording;
use crate::verdict::Figures;
use crate::{Arguments, Driver};
use clap::ValueEnum;
use socketmode_simulator::fault::Relay;
use socketmode_simulator::{CHANNEL, Options, PERSON, Simulator};
use std::ffi::OsStr;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// The time between two faults.
const BETWEEN_FAULTS: Duration = Duration::from_secs(1);
/// How finely the load is spread.
const TICK: Duration = Duration::from_millis(10);
/// For what should be over soon.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let seconds = Duration::from_secs;
    let slack = Simulator::start(Options {
        rotation_grace: seconds(3),
        // Slack gives an event up after five minutes; here each is to arrive, however long there is no link.
        redelivery: [0, 1, 1, 2, 4].into_iter().chain([8; 100]).map(seconds).collect(),
        record_frames: false,
        ..Options::default()
    })
    .expect("a local Slack");
    let relay = Relay::start(slack.address()).expect("a wire");
    slack.set_public_origin(&format!("http://{}", relay.address()));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut client = Process::start(arguments, &slack);
    runtime.block_on(slack.wait_for_links(CONNECTIONS, PATIENCE)).expect("the first links");

    let mut faults = Faults::new(&slack, &relay, client.0.id(), arguments.seed);
    let start = Instant::now();
    let mut memory = Memory::of(client.0.id());
    let (mut sent, mut struck) = (0, 0);
    while sent < arguments.events() {
        let now = Instant::now();
        let due = (now - start).as_millis() * u128::from(arguments.rate) / 1_000;
        let due = u64::try_from(due).unwrap_or(u64::MAX).min(arguments.events());
        while sent < due {
            slack.say(PERSON, CHANNEL, &sent.to_string());
            sent += 1;
        }
        // Where a pass took longer than that, all that are due.
        while now - start >= BETWEEN_FAULTS * (struck + 1) {
            faults.strike(now);
            struck += 1;
        }
        faults.pass(now);
        memory.pass(now - start);
        std::thread::sleep(TICK);
    }
    let took = start.elapsed();
    let faults = faults.over();
    // What is under way at the end is delivered and acknowledged still.
    let quiet = runtime.block_on(slack.wait_until(PATIENCE, |now| now.counters.unacked == 0)).is_ok();
    let client = client.ends();
    let figures = Figures {
        sent,
        took,
        faults,
        slack: slack.counters(),
        quiet,
        connections: relay.connections(),
        memory,
        must_be_flat: seconds(arguments.seconds) > 4 * MINUTE,
        client,
    };
    figures.print();
    let mut failures = figures.failures();
    failures.extend(arguments.record.iter().flat_map(|path| recording::failures(path)));
    failures.iter().for_each(|failure| println!("FAILED: {failure}"));
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The client's process; killed where it is not ended in order.
struct Process(Child);

impl Process {
    fn start(arguments: &Arguments, slack: &Simulator) -> Self {
        let driver = Driver::to_possible_value(&arguments.driver).expect("a driver with a name");
        let child = Command::new(std::env::current_exe().expect("the path of this program"))
            .args(["--client", &slack.api_url(), "--driver", driver.get_name()])
            .args(["--seconds", &arguments.seconds.to_string(), "--rate", &arguments.rate.to_string()])
            .args(arguments.record.iter().flat_map(|path| [OsStr::new("--record"), path.as_os_str()]))
            .env(client::TOKEN, slack.app_token())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        Self(child.expect("the client's process"))
    }

    /// Ends it, and gives its report.
    fn ends(&mut self) -> serde_json::Value {
        drop(self.0.stdin.take());
        let report = self.0.stdout.take().map(std::io::read_to_string);
        let report = report.expect("a pipe to the client").expect("the client's report");
        serde_json::from_str(&report).expect("the client's report in JSON")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
