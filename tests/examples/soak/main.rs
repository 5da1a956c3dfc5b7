//! A client under load and under faults, for as long as it is asked to: is anything lost, does anything grow?
//!
//! A local Slack sends 1,000 events a second; a wire with faults lies before it; the client runs in a process of its
//! own, so that its memory is its own. Each second has a fault, drawn from the seed. At the end everything that was
//! sent must have been delivered and acknowledged, and every acknowledgement must have come to an outcome.
//!
//! Two things differ from a client in the field, since no network is this bad:
//! * the budget of opens is two a second (12 a minute by default), or the client would be dark within a minute;
//! * Slack sends an event again up to six times, soon: three times would not do where every fifth second has a link
//!   that swallows all.
#![allow(clippy::expect_used, clippy::panic, reason = "where the tool itself fails, its run is void")]

mod client;
mod faults;
mod memory;
mod recording;
mod run;
mod verdict;

use clap::{Parser, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Clone, Parser)]
struct Arguments {
    /// How long the load and the faults last.
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// The driver under test.
    #[arg(long, value_enum, default_value_t = Driver::Tokio)]
    driver: Driver,
    /// What the faults are drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Events a second.
    #[arg(long, default_value_t = 1_000)]
    rate: u64,
    /// Writes the client's recording to this file, and replays it at the end.
    #[arg(long)]
    record: Option<PathBuf>,
    /// Runs the client alone, against this base URL: what the soak starts by itself.
    #[arg(long, hide = true)]
    client: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Driver {
    Tokio,
    AsyncStd,
}

impl Arguments {
    /// The events of a whole run.
    fn events(&self) -> u64 {
        self.seconds * self.rate
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match &arguments.client {
        Some(base_url) => {
            client::main(&arguments, base_url);
            ExitCode::SUCCESS
        }
        None => run::main(&arguments),
    }
}
