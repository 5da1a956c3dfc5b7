//! The long run of the simulation: `cargo run -p socketmode-simulation --example simulate -- --seeds 1000 --hours 24`.
//!
//! It tells the virtual hours, the seconds that they took, and of each kind of faults how many there were and how long no link
//! was up after one of them; of a seed that fails it prints the line that repeats it, and then it fails at its end.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the command line")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use socketmode_simulation::{Plan, run};

fn main() -> ExitCode {
    let Some([first, seeds, hours]) = arguments() else {
        eprintln!("usage: simulate [--first SEED] [--seeds COUNT] [--hours HOURS]");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let (mut lived, mut polls, mut failed) = (Duration::ZERO, 0, 0);
    let (mut envelopes, mut opens) = (0, 0);
    let (mut faults, mut dark) = (BTreeMap::new(), BTreeMap::<_, Duration>::new());
    for seed in first..first.saturating_add(seeds) {
        match run(&Plan::of(seed, Duration::from_secs(hours.saturating_mul(3600)))) {
            Ok(report) => {
                lived += report.lived;
                polls += report.polls;
                envelopes += report.stats.delivered;
                opens += report.stats.opens;
                for (fault, count) in report.faults {
                    *faults.entry(fault).or_insert(0) += count;
                }
                for (fault, time) in report.dark {
                    *dark.entry(fault).or_default() += time;
                }
            }
            Err(failure) => {
                failed += 1;
                println!("{failure}");
            }
        }
    }
    let took = start.elapsed().as_secs_f64();
    let virtual_hours = lived.as_secs_f64() / 3600.0;
    println!("{seeds} seeds from {first}, {failed} of them failed");
    println!("{virtual_hours:.0} virtual hours in {took:.1} s: {:.0} an hour", virtual_hours / took * 3600.0);
    println!("{polls} polls, {opens} connections opened, {envelopes} envelopes delivered");
    println!("   count  without a link after one, on average");
    for (fault, count) in faults {
        let dark = dark.remove(&fault).unwrap_or_default().as_secs_f64();
        println!("{count:8} {:8.1} s  {fault:?}", dark / f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn arguments() -> Option<[u64; 3]> {
    let mut values = [0, 100, 24];
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let index = ["--first", "--seeds", "--hours"].iter().position(|known| *known == name)?;
        *values.get_mut(index)? = arguments.next()?.parse().ok()?;
    }
    Some(values)
}
