//! From the wait before an attempt to the hello.

use socketmode_model::step::{OwnedInput, slack};
use socketmode_protocol::limits;

use super::{Row, timer};
use crate::harness::{Bench, ms};

/// The link breaks; what is put out counts, and what follows within the back-off of 100 ms.
fn loss(bench: &mut Bench) -> String {
    bench.input(OwnedInput::Eof);
    bench.told()
}

#[rustfmt::skip] // a row a line
pub(super) fn attempts() -> Vec<Row> {
    let after_open_failed = || {
        let mut bench = Bench::opening(|_| {});
        bench.input(OwnedInput::OpenFailed);
        bench
    };
    let trusted_once = || {
        let mut bench = Bench::opening(|config| config.stable_after = ms(7_001));
        bench.input(OwnedInput::OpenFailed);
        bench.reconnect();
        bench
    };
    let no_burst = || {
        let mut bench = Bench::opening(|config| {
            config.open_burst = 1;
            config.open_interval = ms(7_001);
        });
        bench.input(OwnedInput::OpenFailed);
        bench
    };
    let burst_of_two = || {
        let mut bench = Bench::opening(|config| {
            config.open_burst = 2;
            config.open_interval = ms(7_001);
        });
        bench.input(OwnedInput::OpenFailed);
        bench.advance(ms(100));
        bench.fire();
        bench.input(OwnedInput::OpenFailed);
        bench
    };
    fn told_to_wait(retry_after: &str) -> Bench {
        let mut bench = Bench::opening(|_| {});
        bench.input(slack::rate_limited(retry_after));
        bench
    }
    let two_slots = || Bench::opening(|config| config.connections = 2);
    let again = "c1 Connecting, c1 Open";
    vec![
        timer("backoff_base", "after a failure", after_open_failed, ms(100), again),
        timer("BACKOFF_FLOOR", "after a failure", after_open_failed, limits::BACKOFF_FLOOR, again),
        // Once failed, the loss of a link is forgiven at once only if the link was stable.
        Row {
            name: "stable_after",
            phase: "Active",
            begin: trusted_once,
            lasts: ms(7_001),
            probe: loss,
            before: "c1 Disconnected Lost",
            at: "c1 Disconnected Lost, c2 Connecting, c2 Open",
        },
        timer("open_interval", "with a burst of 1", no_burst, ms(7_001), again),
        // The second open took 100 ms of the interval that the first began.
        timer("open_interval", "with a burst of 2", burst_of_two, ms(6_901), "c2 Connecting, c2 Open"),
        timer("RETRY_AFTER_FLOOR", "Retry-After: 0", || told_to_wait("0"), limits::RETRY_AFTER_FLOOR, again),
        timer("Retry-After", "Retry-After: 4", || told_to_wait("4"), ms(4_000), again),
        timer("RETRY_AFTER_CAP", "Retry-After: 3600", || told_to_wait("3600"), limits::RETRY_AFTER_CAP, again),
        timer("RETRY_AFTER_CAP", "Retry-After: 3601", || told_to_wait("3601"), limits::RETRY_AFTER_CAP, again),
        timer("START_STAGGER", "at the start", two_slots, limits::START_STAGGER, again),
    ]
}

#[rustfmt::skip] // a row a line
pub(super) fn handshakes() -> Vec<Row> {
    let opening = || Bench::opening(|config| config.open_timeout = ms(7_001));
    let dialing = || Bench::dialing(|config| config.dial_timeout = ms(7_001));
    let greeting = || Bench::greeting(|config| config.hello_timeout = ms(7_001));
    let opening_next = || Bench::draining(|config| config.open_timeout = ms(7_001));
    let a_silent_greeting = || Bench::greeting(|config| config.silence = ms(7_001));
    vec![
        timer("open_timeout", "Opening", opening, ms(7_001), "c0 OpenTimedOut, retry in 100ms, c0 Abort"),
        timer("open_timeout", "Opening, the old link drains", opening_next, ms(7_001), "c1 OpenTimedOut, retry in 100ms, c1 Abort"),
        timer("dial_timeout", "Dialing", dialing, ms(7_001), "c0 DialTimedOut, retry in 100ms, c0 Abort"),
        timer("hello_timeout", "Greeting", greeting, ms(7_001), "c0 HelloTimedOut, retry in 100ms, c0 Close 1000"),
        timer("silence", "Greeting", a_silent_greeting, ms(7_001), "c0 HelloTimedOut, retry in 100ms, c0 Close 1000"),
    ]
}
