//! Runs a body under one of shuttle's schedulers, and says how many schedules that were, also when one of them fails.
#![allow(dead_code, reason = "each test file uses some")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use shuttle::scheduler::{DfsScheduler, PctScheduler, RandomScheduler, ReplayScheduler, Scheduler};
use shuttle::{Config, MaxSteps, Runner};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Switches between threads that are forced at random places of one schedule.
const SWITCHES: usize = 3;
/// Schedules of a small case: some 20 s.
const MOST: usize = 1_000_000;
/// A schedule that takes more steps does not end.
const MAX_STEPS: usize = 50_000;

/// All schedules there are; a case with more than `MOST` is too large for that.
pub fn every_schedule(name: &str, body: fn()) {
    let begun = run(name, DfsScheduler::new(Some(MOST), false), body);
    assert!(begun < MOST, "{name} has {MOST} schedules or more: make it smaller");
}

/// Half of `SCHEDULES`, each step by any thread.
pub fn random_schedules(name: &str, body: fn()) {
    run(name, RandomScheduler::new_from_seed(number("SEED", 1), half()), body);
}

/// Half of `SCHEDULES`, each thread going on as long as it can but for a few switches.
pub fn schedules_with_few_switches(name: &str, body: fn()) {
    run(name, PctScheduler::new_from_seed(number("SEED", 1), SWITCHES, half()), body);
}

fn half() -> usize {
    (number("SCHEDULES", 100_000) / 2).max(1) as usize
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().expect(variable))
}

/// Runs the body under the scheduler; with `REPLAY`, in the schedule that it holds and no other, with the log.
/// How many schedules were begun.
fn run(name: &str, scheduler: impl Scheduler + 'static, body: fn()) -> usize {
    match std::env::var("REPLAY") {
        Ok(schedule) => {
            let targets = Targets::new().with_target("socketmode_schedules", LevelFilter::TRACE);
            let log = tracing_subscriber::fmt::layer().without_time().with_test_writer();
            let _log = tracing_subscriber::registry().with(log.with_filter(targets)).set_default();
            run_schedules(name, ReplayScheduler::new_from_encoded(&schedule), body)
        }
        Err(_) => run_schedules(name, scheduler, body),
    }
}

fn run_schedules(name: &str, scheduler: impl Scheduler + 'static, body: fn()) -> usize {
    let mut config = Config::new();
    // The loop needs more than shuttle's 32 KiB.
    config.stack_size = 256 * 1024;
    config.max_steps = MaxSteps::FailAfter(MAX_STEPS);
    let begun = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&begun);
    let result = catch_unwind(AssertUnwindSafe(|| {
        Runner::new(scheduler, config).run(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            body();
        })
    }));
    let begun = begun.load(Ordering::Relaxed);
    match result {
        Ok(_) => {
            println!("{name}: {begun} schedules");
            begun
        }
        Err(panic) => {
            println!(
                "{name}: failed in schedule {begun}; to run that one again, set REPLAY to the text above"
            );
            resume_unwind(panic);
        }
    }
}
