//! Networks that cut links again and again: how long is a client without one, and does an event get lost?
//!
//! A local Slack resets each link of a client when it has been up for so long: after 1, 5, 25 and 60 seconds, each for four
//! minutes, all at the same time. An event is sent on each link. The time without a link is Slack's: from the end of a link
//! to the next hello, after the first one.
#![allow(clippy::expect_used, reason = "where the tool itself fails, its run is void")]

mod ack_all;
mod bot;

use ack_all::AckAll;
use bot::{Bot, Driver};
use clap::Parser;
use socketmode_protocol::Config;
use socketmode_simulator::{CHANNEL, Counters, LinkInfo, Options, PERSON, Simulator};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

/// For the acknowledgement of what is under way at the end.
const PATIENCE: Duration = Duration::from_secs(90);
/// Calls of `apps.connections.open` that may follow each other, and the time after which there may be one more.
const BUDGET: (u64, u64) = (12, 5);

#[derive(Debug, Parser)]
struct Arguments {
    /// How long the links are cut.
    #[arg(long, default_value_t = 240)]
    seconds: u64,
    /// The seconds after which a link is cut, one or several.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 5, 25, 60])]
    every: Vec<u64>,
    /// Only this driver.
    #[arg(long, value_enum)]
    driver: Option<Driver>,
}

/// A client whose links are cut after so many seconds.
struct Trial {
    driver: Driver,
    every: u64,
    seconds: u64,
}

struct Outcome {
    ran: Duration,
    dark: Duration,
    longest: Duration,
    cuts: usize,
    counters: Counters,
    lost: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let drivers = arguments.driver.map_or_else(|| Driver::ALL.to_vec(), |driver| vec![driver]);
    let trials: Vec<_> = drivers
        .into_iter()
        .flat_map(|driver| arguments.every.iter().map(move |&every| (driver, every)))
        .map(|(driver, every)| Trial { driver, every, seconds: arguments.seconds })
        .collect();
    let outcomes: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = trials.iter().map(|trial| scope.spawn(|| trial.run())).collect();
        threads.into_iter().map(|thread| thread.join().expect("a trial")).collect()
    });
    println!(
        "| driver | cut every, s | cuts | without a link, s | of the time, % | longest, s | opens | events | sent again | lost | |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|");
    let mut failed = false;
    for (trial, outcome) in trials.iter().zip(&outcomes) {
        let failures = trial.failures(outcome);
        failed |= !failures.is_empty();
        println!("{}", trial.row(outcome, &failures));
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

impl Trial {
    fn run(&self) -> Outcome {
        let slack = Simulator::start(Options { record_frames: false, ..Options::default() });
        let (slack, start) = (slack.expect("a local Slack"), Instant::now());
        let bot = Bot::start(self.driver, &slack, AckAll(|_: &mut Config| {}));
        let end = start + Duration::from_secs(self.seconds);
        let mut said = Vec::new();
        smol::block_on(async {
            loop {
                let left = end.saturating_duration_since(Instant::now());
                let Ok(up) = slack.wait_for_links(1, left).await else { break };
                said.push(slack.say(PERSON, CHANNEL, "still there?"));
                let cut = (Instant::now() + Duration::from_secs(self.every)).min(end);
                smol::Timer::at(cut).await;
                if cut == end {
                    break;
                }
                // It may have ended by itself.
                let _ = up.first().map(|link| slack.reset(link.id));
            }
        });
        // To the end of the links before anything that comes after it.
        let (ran, links) = (start.elapsed(), slack.links());
        // What was not acknowledged by now waits for a link, or comes again.
        let _ = smol::block_on(slack.wait_until(PATIENCE, |now| now.counters.unacked == 0));
        let lost = said.iter().filter(|id| slack.acks_of(id).is_empty()).count();
        let counters = slack.counters();
        drop(bot);
        let gaps = gaps(&links, ran);
        Outcome {
            ran,
            dark: gaps.iter().sum(),
            longest: gaps.into_iter().max().unwrap_or_default(),
            cuts: links.iter().filter(|link| link.closed_at.is_some()).count(),
            counters,
            lost,
        }
    }

    fn failures(&self, outcome: &Outcome) -> Vec<String> {
        let mut failures = Vec::new();
        let share = outcome.share();
        let bound = match self.every {
            0..5 => None,
            5..25 => Some(50.0),
            _ => Some(10.0),
        };
        if let Some(bound) = bound.filter(|bound| share > *bound) {
            failures.push(format!("at most {bound} % without a link"));
        }
        let (burst, interval) = BUDGET;
        let most = burst + (outcome.ran + PATIENCE).as_secs() / interval;
        if outcome.counters.opens > most {
            failures.push(format!("at most {most} opens"));
        }
        if outcome.lost > 0 {
            failures.push("nothing lost".to_owned());
        }
        failures
    }

    fn row(&self, outcome: &Outcome, failures: &[String]) -> String {
        let Outcome { dark, longest, cuts, counters, lost, .. } = outcome;
        let verdict = if failures.is_empty() { "ok".to_owned() } else { failures.join("; ") };
        format!(
            "| {} | {} | {cuts} | {:.1} | {:.0} | {:.1} | {} | {} | {} | {lost} | {verdict} |",
            self.driver.name(),
            self.every,
            dark.as_secs_f64(),
            outcome.share(),
            longest.as_secs_f64(),
            counters.opens,
            counters.envelopes,
            counters.redeliveries,
        )
    }
}

impl Outcome {
    /// Of the time, how much was without a link, in percent.
    fn share(&self) -> f64 {
        100.0 * self.dark.as_secs_f64() / self.ran.as_secs_f64()
    }
}

/// The times without a link that had said hello and had not ended, after the first hello.
fn gaps(links: &[LinkInfo], end: Duration) -> Vec<Duration> {
    let up = links.iter().filter_map(|link| Some((link.hello_at?, link.closed_at.unwrap_or(end).min(end))));
    let mut lit_until = None;
    let mut gaps = Vec::new();
    for (hello, closed) in up.filter(|(hello, _)| *hello <= end) {
        gaps.extend(lit_until.and_then(|until| hello.checked_sub(until)));
        lit_until = lit_until.max(Some(closed));
    }
    gaps.extend(lit_until.and_then(|until| end.checked_sub(until)));
    gaps
}
