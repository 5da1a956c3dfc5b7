//! Connections that Slack counts although nobody reads them: which share of the clicks arrives beside so many?
//!
//! A local Slack counts 0, 3, 6 and 9 ghosts beside a client, and spreads clicks over all that it counts. A click that goes
//! to a ghost does not come again. The client has one link, or outnumbers the ghosts with up to six.
#![allow(clippy::expect_used, reason = "where the tool itself fails, its run is void")]

#[path = "../flapping/ack_all.rs"]
mod ack_all;
#[path = "../flapping/bot.rs"]
mod bot;

use ack_all::AckAll;
use bot::{Bot, Driver};
use clap::Parser;
use socketmode_protocol::Config;
use socketmode_simulator::{Options, Simulator};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

/// For what should come soon.
const PATIENCE: Duration = Duration::from_secs(120);
/// The links that a client may have beside ghosts: Slack has ten seats, and a rotation needs one.
const SEATS: usize = 9;

#[derive(Debug, Parser)]
struct Arguments {
    /// How many clicks there are in each trial. The default can be divided by every number of seats.
    #[arg(long, default_value_t = 2_520)]
    clicks: u64,
    /// The numbers of ghosts, one or several.
    #[arg(long, value_delimiter = ',', default_values_t = [0, 3, 6, 9])]
    ghosts: Vec<usize>,
    /// How many links a client may have to outnumber them; 0 for none but its own one. One or several.
    #[arg(long, value_delimiter = ',', default_values_t = [0, 6])]
    outnumber: Vec<usize>,
    /// Only this driver.
    #[arg(long, value_enum)]
    driver: Option<Driver>,
}

struct Trial {
    driver: Driver,
    ghosts: usize,
    outnumber: Option<usize>,
    clicks: u64,
}

struct Outcome {
    links: usize,
    arrived: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let drivers = arguments.driver.map_or_else(|| Driver::ALL.to_vec(), |driver| vec![driver]);
    let trials: Vec<_> = drivers
        .into_iter()
        .flat_map(|driver| arguments.outnumber.iter().map(move |&most| (driver, most)))
        .flat_map(|(driver, most)| arguments.ghosts.iter().map(move |&ghosts| (driver, most, ghosts)))
        .map(|(driver, most, ghosts)| Trial {
            driver,
            ghosts,
            outnumber: Some(most).filter(|most| *most > 0),
            clicks: arguments.clicks,
        })
        .collect();
    let outcomes: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = trials.iter().map(|trial| scope.spawn(|| trial.run())).collect();
        threads.into_iter().map(|thread| thread.join().expect("a trial")).collect()
    });
    println!("| driver | outnumber | ghosts | links | clicks | arrived | of them, % | |");
    println!("|---|---|---:|---:|---:|---:|---:|---|");
    let mut failed = false;
    for (trial, outcome) in trials.iter().zip(&outcomes) {
        failed |= !trial.holds(outcome);
        println!("{}", trial.row(outcome));
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

impl Trial {
    fn run(&self) -> Outcome {
        let slack = Simulator::start(Options {
            ghosts: self.ghosts,
            record_frames: false,
            // Whoever has not answered within this does not.
            ack_deadline: Duration::from_secs(10),
            ..Options::default()
        });
        let slack = slack.expect("a local Slack");
        let outnumber = self.outnumber;
        let bot =
            Bot::start(self.driver, &slack, AckAll(move |config: &mut Config| config.outnumber = outnumber));
        let links = self.expected_links();
        smol::block_on(slack.wait_for_links(links, PATIENCE)).expect("the links");
        for click in 0..self.clicks {
            let message = slack.button_before("vote", &click.to_string());
            slack.press(&message, "vote").expect("a button");
        }
        smol::block_on(slack.wait_until(PATIENCE, |now| now.counters.unacked == 0)).expect("the end of all");
        let outcome = Outcome { links: slack.snapshot().open_links(), arrived: slack.counters().acks };
        drop(bot);
        outcome
    }

    fn expected_links(&self) -> usize {
        match self.outnumber {
            Some(most) if self.ghosts > 0 => most.min(SEATS.saturating_sub(self.ghosts)).max(1),
            _ => 1,
        }
    }

    /// Whether as many arrive as the links have a share; the last round of all seats may be a part of one.
    fn holds(&self, outcome: &Outcome) -> bool {
        let (links, counted) = (outcome.links as u64, (outcome.links + self.ghosts) as u64);
        let due = self.clicks * links / counted;
        outcome.links == self.expected_links() && outcome.arrived.abs_diff(due) <= links
    }

    fn row(&self, outcome: &Outcome) -> String {
        let Outcome { links, arrived } = outcome;
        let share = 100.0 * *arrived as f64 / self.clicks as f64;
        let verdict = if self.holds(outcome) { "ok" } else { "not the share of its links" };
        format!(
            "| {} | {} | {} | {links} | {} | {arrived} | {share:.0} | {verdict} |",
            self.driver.name(),
            self.outnumber.map_or_else(|| "no".to_owned(), |most| most.to_string()),
            self.ghosts,
            self.clicks
        )
    }
}
