//! Handlers that hang, panic, fail or are late: what do the others notice of them?
//!
//! A local Slack sends 1,000 events a second to an app. Of each ten, one is for a handler that panics, one for one that
//! fails, one for one that never ends and one for one that takes 3 s; six are for good ones. The same events come again in a
//! second run, where all handlers are good. The figures are those of the good ones. The time to an acknowledgement
//! is Slack's, and nothing is asked of it: it depends on the machine.
//!
//! What hangs keeps its place in the app's `concurrency` for ever, so there is a place for every event.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "where the tool itself fails, its run is void, and a handler is to panic"
)]

mod app;
#[path = "../flapping/bot.rs"]
mod bot;

use app::{Bad, Handler, Reports};
use bot::{Bot, Driver};
use clap::Parser;
use socketmode_simulator::{Ack, CHANNEL, Counters, EnvelopeId, Options, PERSON, Simulator};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

/// How finely the load is spread.
const TICK: Duration = Duration::from_millis(10);
/// For what should be over soon.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Parser)]
struct Arguments {
    /// How long the load lasts.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Events a second.
    #[arg(long, default_value_t = 1_000)]
    rate: u64,
    /// Only this driver.
    #[arg(long, value_enum)]
    driver: Option<Driver>,
}

struct Trial {
    driver: Driver,
    is_bad: bool,
    events: u64,
    rate: u64,
}

/// A good event, and its acknowledgements.
#[derive(Default)]
struct Good {
    /// From its last delivery to the first acknowledgement.
    after: Option<Duration>,
    acks: u32,
    deliveries: u32,
}

struct Outcome {
    good: Vec<Good>,
    links: usize,
    closed: usize,
    counters: Counters,
    reports: Arc<Reports>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    app::expect_panics();
    let drivers = arguments.driver.map_or_else(|| Driver::ALL.to_vec(), |driver| vec![driver]);
    println!(
        "| driver | handlers | events | good | acknowledged | lost | twice | sent again | p50, ms | p99, ms | errors | left hanging | links closed | |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|");
    let mut failed = false;
    // One after another: each is to have the machine for itself.
    for driver in drivers {
        for is_bad in [true, false] {
            let events = arguments.seconds * arguments.rate;
            let trial = Trial { driver, is_bad, events, rate: arguments.rate };
            let outcome = trial.run();
            let failures = trial.failures(&outcome);
            failed |= !failures.is_empty();
            println!("{}", trial.row(&outcome, &failures));
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

impl Trial {
    fn run(&self) -> Outcome {
        let slack = Simulator::start(Options {
            // The event of a handler that has failed comes once more, and is then given up.
            redelivery: vec![Duration::ZERO],
            record_frames: false,
            ..Options::default()
        });
        let slack = slack.expect("a local Slack");
        let reports = Arc::new(Reports::default());
        // Those that come again need a place too.
        let concurrency = usize::try_from(2 * self.events).unwrap_or(usize::MAX).max(1);
        let app = Bad { is_bad: self.is_bad, concurrency, reports: Arc::clone(&reports) };
        let bot = Bot::start(self.driver, &slack, app);
        smol::block_on(slack.wait_for_links(1, PATIENCE)).expect("a link");
        let good = self.load(&slack);
        let (links, counters) = (slack.links(), slack.counters());
        drop(bot);
        Outcome {
            good,
            links: links.len(),
            closed: links.iter().filter(|link| link.closed_at.is_some()).count(),
            counters,
            reports,
        }
    }

    /// Sends the events, and waits until nothing is expected any more.
    fn load(&self, slack: &Simulator) -> Vec<Good> {
        let start = Instant::now();
        let (mut sent, mut seen, mut good) = (0, 0, BTreeMap::<EnvelopeId, Good>::new());
        while sent < self.events {
            let due = start.elapsed().as_millis() * u128::from(self.rate) / 1_000;
            let due = u64::try_from(due).unwrap_or(u64::MAX).min(self.events);
            while sent < due {
                let id = slack.say(PERSON, CHANNEL, &sent.to_string());
                if Handler::of(sent) == Handler::Good {
                    good.insert(id, Good::default());
                }
                sent += 1;
            }
            collect(&mut good, slack.acks_since(&mut seen));
            thread::sleep(TICK);
        }
        let start = Instant::now();
        while start.elapsed() < PATIENCE && slack.counters().unacked > 0 {
            collect(&mut good, slack.acks_since(&mut seen));
            thread::sleep(TICK);
        }
        collect(&mut good, slack.acks_since(&mut seen));
        good.into_values().collect()
    }

    fn failures(&self, outcome: &Outcome) -> Vec<&'static str> {
        let counters = &outcome.counters;
        // Of each kind. A run without bad handlers where they are meant would show nothing.
        let bad = if self.is_bad { self.events / 10 } else { 0 };
        let (errors, hanging) = (outcome.errors(), outcome.left_hanging());
        let failures = [
            (outcome.lost() > 0, "nothing lost"),
            (outcome.twice() > 0 || counters.duplicate_acks > 0, "nothing acknowledged twice"),
            (outcome.closed > 0 || outcome.links != 1, "one link to the end"),
            (counters.unacked > 0, "an end of all deliveries"),
            (errors < 2 * bad || hanging < bad, "bad handlers"),
            (!self.is_bad && errors + hanging > 0, "good handlers"),
        ];
        failures.into_iter().filter(|(has_failed, _)| *has_failed).map(|(_, wanted)| wanted).collect()
    }

    fn row(&self, outcome: &Outcome, failures: &[&str]) -> String {
        let (p50, p99) = outcome.times();
        let verdict = if failures.is_empty() { "ok".to_owned() } else { failures.join("; ") };
        format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {:.1} | {:.1} | {} | {} | {} | {verdict} |",
            self.driver.name(),
            if self.is_bad { "4 of 10 bad" } else { "all good" },
            self.events,
            outcome.good.len(),
            outcome.good.len() - outcome.lost(),
            outcome.lost(),
            outcome.twice(),
            outcome.good.iter().filter(|good| good.deliveries > 1).count(),
            p50.as_secs_f64() * 1_000.0,
            p99.as_secs_f64() * 1_000.0,
            outcome.errors(),
            outcome.left_hanging(),
            outcome.closed,
        )
    }
}

fn collect(good: &mut BTreeMap<EnvelopeId, Good>, acks: Vec<Ack>) {
    for ack in acks {
        if let Some(good) = good.get_mut(&ack.envelope_id) {
            good.after.get_or_insert(ack.after);
            good.acks += 1;
            good.deliveries = ack.delivery;
        }
    }
}

impl Outcome {
    fn lost(&self) -> usize {
        self.good.iter().filter(|good| good.acks == 0).count()
    }

    /// More often than it was delivered.
    fn twice(&self) -> usize {
        self.good.iter().filter(|good| good.acks > good.deliveries).count()
    }

    /// Panics among them.
    fn errors(&self) -> u64 {
        self.reports.errors.load(Ordering::Relaxed)
    }

    fn left_hanging(&self) -> u64 {
        self.reports.unfinished.load(Ordering::Relaxed)
    }

    /// The median, and what only one in a hundred takes longer than.
    fn times(&self) -> (Duration, Duration) {
        let mut times: Vec<_> = self.good.iter().filter_map(|good| good.after).collect();
        times.sort_unstable();
        let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
        (at(50), at(99))
    }
}
