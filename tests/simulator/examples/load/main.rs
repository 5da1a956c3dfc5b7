//! What the simulator costs under load: events at a steady rate to a client that only acknowledges.
//!
//! `cargo run --release -p socketmode-simulator --example load -- 10000 1000000` sends a million events, ten thousand a
//! second, and prints the time that each thread computed, as parts of a core, and the memory of the process after the
//! first tenth and at the end. It reads `/proc`: Linux alone.
#![allow(clippy::expect_used, clippy::panic, reason = "a measurement that fails has nothing else to say")]

use socketmode_simulator::{CHANNEL, Options, PERSON, Simulator};
use std::time::{Duration, Instant};

mod client;
mod process;

/// Events between two looks at the clock.
const BATCH: u64 = 20;
/// Events that may be on their way; more wait for the client.
const WINDOW: u64 = 2_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |usual: u64| arguments.next().map_or(usual, |text| text.parse().expect("a number"));
    let (rate, events) = (number(10_000), number(1_000_000));
    let slack =
        Simulator::start(Options { record_frames: false, ..Options::default() }).expect("a simulator");
    let client = client::start(&slack);
    while slack.snapshot().open_links() == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }

    let warm = events / 10;
    send(&slack, rate, 0, warm);
    let (memory, before, started) = (process::memory_kib(), process::threads(), Instant::now());
    send(&slack, rate, warm, events);
    let seconds = started.elapsed().as_secs_f64();
    let after = process::threads();

    let sent = events - warm;
    println!("{sent} events in {seconds:.1} s: {:.0} a second", sent as f64 / seconds);
    for (name, label) in
        [("slack-simulator", "simulator"), ("load-client", "client"), ("load", "who makes the events")]
    {
        let spent = process::spent(&after, name) - process::spent(&before, name);
        println!("{label}: {:.2} of a core, {:.1} us an event", spent / seconds, spent / sent as f64 * 1e6);
    }
    println!("memory after {warm} events: {memory} KiB, after {events}: {} KiB", process::memory_kib());
    let counters = slack.counters();
    println!(
        "acknowledged: {}, late: {}, again: {}",
        counters.acks, counters.late_acks, counters.redeliveries
    );
    slack.stop();
    client.join().expect("the client ends with its link");
}

/// Sends the events with these numbers at this rate, and waits until all are acknowledged.
fn send(slack: &Simulator, rate: u64, first: u64, end: u64) {
    let started = Instant::now();
    let mut next = first;
    while next < end {
        let batch = BATCH.min(end - next);
        for _ in 0..batch {
            slack.say(PERSON, CHANNEL, "one of very many events, as long as most of them are");
        }
        next += batch;
        let due = Duration::from_secs_f64((next - first) as f64 / rate as f64);
        std::thread::sleep(due.saturating_sub(started.elapsed()));
        while next.saturating_sub(slack.counters().acks) > WINDOW {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    let patience = Instant::now();
    while slack.counters().acks < end {
        assert!(patience.elapsed() < Duration::from_secs(10), "not all events were acknowledged");
        std::thread::sleep(Duration::from_millis(1));
    }
}
