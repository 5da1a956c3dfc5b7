//! The catalogue of attacks on a client, as a table: what ended each, what it cost in memory, and how long another task
//! of the same thread had to wait.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "where the tool itself fails, its run is void"
)]

#[path = "../../tests/hostile/suite/mod.rs"]
mod suite;

use clap::Parser;
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::time::Duration;
use suite::{Driver, Outcome, Trial};

#[derive(Debug, Parser)]
struct Arguments {
    /// Only attacks whose names contain this.
    #[arg(long, default_value = "")]
    only: String,
    /// Only this driver: tokio, tokio-threads, async-std or smol.
    #[arg(long, default_value = "")]
    driver: String,
    /// Attacks at a time. The longest waits are exact with 1.
    #[arg(long, default_value_t = 1)]
    at_a_time: usize,
    /// A client that has not ended after so many seconds hangs.
    #[arg(long, default_value_t = 45)]
    hangs_after: u64,
}

fn main() -> ExitCode {
    if suite::run_if_child() {
        return ExitCode::SUCCESS;
    }
    let arguments = Arguments::parse();
    let trials: Vec<_> = suite::all()
        .into_iter()
        .filter(|attack| attack.name.contains(&arguments.only))
        .flat_map(|attack| Driver::ALL.map(|driver| Trial { attack, driver }))
        .filter(|trial| arguments.driver.is_empty() || trial.driver.name() == arguments.driver)
        .collect();
    let next = Mutex::new(trials.iter());
    let failed = Mutex::new(0);
    println!(
        "| attack | driver | ended by | after ms | MiB above idle | longest wait of another task, ms | sent meanwhile, MiB | longest shutdown, ms | |"
    );
    println!("|---|---|---|---:|---:|---:|---:|---:|---|");
    std::thread::scope(|scope| {
        for _ in 0..arguments.at_a_time {
            scope.spawn(|| {
                while let Some(trial) = { next.lock().expect("no panic").next() } {
                    let program = Command::new(std::env::current_exe().expect("the path of this program"));
                    let outcome = trial.run(program, Some(Duration::from_secs(arguments.hangs_after)));
                    let mut failures = trial.failures(&outcome);
                    failures.extend(outcome.report.iter().flat_map(|report| trial.slow(report)));
                    *failed.lock().expect("no panic") += usize::from(!failures.is_empty());
                    println!("{}", row(trial, &outcome, &failures));
                }
            });
        }
    });
    let failed = failed.into_inner().expect("no panic");
    println!("\n{} trials, {failed} beyond a bound", trials.len());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn row(trial: &Trial, outcome: &Outcome, failures: &[String]) -> String {
    let memory = outcome.memory.map_or_else(|| "?".to_owned(), |kib| format!("{:.1}", kib as f64 / 1024.0));
    let measured = match &outcome.report {
        Some(report) => {
            let ended_by = report.ended_by.as_deref().unwrap_or("nothing: it lives").replace('|', "/");
            let (waits, shutdown) = (&report.waits, report.shutdowns_ms.iter().flatten().max());
            format!(
                "{ended_by} | {} | {memory} | {} | {:.1} | {}",
                report.ended_after_ms,
                waits.longest_ms,
                waits.most_bytes as f64 / (1 << 20) as f64,
                shutdown.map_or_else(|| "?".to_owned(), u64::to_string),
            )
        }
        None => format!("? | ? | {memory} | ? | ? | ?"),
    };
    let verdict = if failures.is_empty() { "ok".to_owned() } else { failures.join("; ") };
    format!("| {} | {} | {measured} | {verdict} |", trial.attack.name, trial.driver.name())
}
