//! Each duration, in every phase in which it runs.

use std::time::Duration;

use socketmode_model::step::{Call, Happening, slack};
use socketmode_protocol::{AckPolicy, Config, limits};

use crate::bench::{Bench, ms};

/// One duration in one phase. `lasts` after what `begin` gives, `probe` sees `at`; 1 ms earlier it sees `before`.
pub(crate) struct Row {
    /// The field of `Config`, or the constant of `limits`.
    pub(crate) name: &'static str,
    phase: &'static str,
    begin: fn() -> Bench,
    lasts: Duration,
    probe: fn(&mut Bench) -> String,
    before: &'static str,
    at: &'static str,
}

/// The time is handed in; what is put out counts.
fn time(bench: &mut Bench) -> String {
    bench.fire();
    bench.told()
}

/// A row about what happens by time alone.
fn timer(
    name: &'static str,
    phase: &'static str,
    begin: fn() -> Bench,
    lasts: Duration,
    at: &'static str,
) -> Row {
    Row { name, phase, begin, lasts, probe: time, before: "", at }
}

/// The link breaks; what is put out counts, and what follows within the back-off of 100 ms.
fn loss(bench: &mut Bench) -> String {
    bench.input(Happening::Eof);
    bench.told()
}

#[test]
fn each_duration_is_exact_to_the_millisecond() {
    let mut wrong = Vec::new();
    for Row { name, phase, begin, lasts, probe, before, at } in rows() {
        for (early, expected) in [(ms(1), before), (Duration::ZERO, at)] {
            let mut bench = begin();
            bench.told();
            bench.advance(lasts - early);
            let seen = probe(&mut bench);
            if seen != expected {
                wrong.push(format!("{name}, {phase}, {early:?} early: {seen:?} instead of {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

pub(crate) fn rows() -> Vec<Row> {
    [attempts(), handshakes(), links(), handovers(), acknowledgements(), endings()]
        .into_iter()
        .flatten()
        .collect()
}

#[rustfmt::skip] // a row a line
fn attempts() -> Vec<Row> {
    let after_open_failed = || {
        let mut bench = Bench::opening(|_| {});
        bench.input(Happening::OpenFailed);
        bench
    };
    let trusted_once = || {
        let mut bench = Bench::opening(|config| config.stable_after = ms(7_001));
        bench.input(Happening::OpenFailed);
        bench.reconnect();
        bench
    };
    let no_burst = || {
        let mut bench = Bench::opening(|config| {
            config.open_burst = 1;
            config.open_interval = ms(7_001);
        });
        bench.input(Happening::OpenFailed);
        bench
    };
    let burst_of_two = || {
        let mut bench = Bench::opening(|config| {
            config.open_burst = 2;
            config.open_interval = ms(7_001);
        });
        bench.input(Happening::OpenFailed);
        bench.advance(ms(100));
        bench.fire();
        bench.input(Happening::OpenFailed);
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
fn handshakes() -> Vec<Row> {
    let opening = || Bench::opening(|config| config.open_timeout = ms(7_001));
    let dialing = || Bench::dialing(|config| config.dial_timeout = ms(7_001));
    let greeting = || Bench::greeting(|config| config.hello_timeout = ms(7_001));
    let opening_next = || Bench::draining(|config| config.open_timeout = ms(7_001));
    let a_silent_greeting = || Bench::greeting(|config| config.silence = ms(7_001));
    vec![
        timer("open_timeout", "Opening", opening, ms(7_001), "c0 OpenTimedOut, retry in 100ms, c0 Abort"),
        timer("open_timeout", "Opening, the old link drains", opening_next, ms(7_001), "c1 OpenTimedOut, retry in 100ms, c1 Abort"),
        timer("dial_timeout", "Dialing", dialing, ms(7_001), "c0 DialTimedOut, retry in 100ms, c0 Abort"),
        timer("hello_timeout", "Greeting", greeting, ms(7_001), "c0 HelloTimedOut, retry in 100ms, c0 Abort"),
        timer("silence", "Greeting", a_silent_greeting, ms(7_001), "c0 HelloTimedOut, retry in 100ms, c0 Abort"),
    ]
}

#[rustfmt::skip] // a row a line
fn links() -> Vec<Row> {
    fn silence(config: &mut Config) {
        config.silence = ms(7_001);
    }
    fn ping(config: &mut Config) {
        config.client_ping = Some(ms(7_001));
    }
    fn server_ping(config: &mut Config) {
        config.server_ping_timeout = Some(ms(7_001));
    }
    /// A frame came 500 ms ago: times count from there.
    fn heard(mut bench: Bench, frame: Happening) -> Bench {
        bench.advance(ms(500));
        bench.input(frame);
        bench
    }
    let stuck = || {
        let mut bench = Bench::active(silence);
        let token = bench.event();
        bench.advance(ms(500));
        bench.acknowledge(token);
        bench
    };
    let dead = "c0 Disconnected Silent, c0 Abort, c1 Connecting, c1 Open";
    let unpinged = "c0 Disconnected NoServerPing, c0 Abort, c1 Connecting, c1 Open";
    let pings = "c0 SendPing";
    vec![
        timer("silence", "Active", || Bench::active(silence), ms(7_001), dead),
        timer("silence", "Active, since a pong", || heard(Bench::active(silence), Happening::Pong), ms(7_001), dead),
        timer("silence", "Active, since a ping", || heard(Bench::active(silence), Happening::Ping), ms(7_001), dead),
        timer("silence", "Active, since a binary message", || heard(Bench::active(silence), Happening::Binary(vec![1])), ms(7_001), dead),
        Row {
            name: "silence",
            phase: "Active, a write is stuck though pings come",
            begin: stuck,
            lasts: ms(7_001),
            probe: |bench| {
                bench.input(Happening::Ping);
                bench.fire();
                bench.told()
            },
            before: "",
            at: "c0 Disconnected Silent, c0 Abort, c1 Connecting, c1 Open",
        },
        timer("silence", "Draining", || Bench::draining(silence), ms(7_001), "c0 Disconnected Silent, c0 Abort"),
        timer("client_ping", "Greeting", || Bench::greeting(ping), ms(7_001), pings),
        timer("client_ping", "Active", || Bench::active(ping), ms(7_001), pings),
        timer("client_ping", "Active, since a ping", || heard(Bench::active(ping), Happening::Ping), ms(7_001), pings),
        timer("client_ping", "Draining", || Bench::draining(ping), ms(7_001), pings),
        timer("server_ping_timeout", "Greeting", || Bench::greeting(server_ping), ms(7_001), "c0 HelloTimedOut, retry in 100ms, c0 Abort"),
        timer("server_ping_timeout", "Active", || Bench::active(server_ping), ms(7_001), unpinged),
        timer("server_ping_timeout", "Active, since a ping", || heard(Bench::active(server_ping), Happening::Ping), ms(7_001), unpinged),
        // A pong is life, and no ping of Slack's.
        timer("server_ping_timeout", "Active, a pong came later", || heard(Bench::active(server_ping), Happening::Pong), ms(6_501), unpinged),
        timer("server_ping_timeout", "Draining", || Bench::draining(server_ping), ms(7_001), "c0 Disconnected NoServerPing, c0 Abort"),
        Row {
            name: "backlog_pause",
            phase: "Active",
            begin: || {
                let mut bench = Bench::active(|config| config.backlog_pause = ms(7_001));
                bench.call(Call::Backlog { full: true });
                bench
            },
            lasts: ms(7_001),
            probe: |bench| {
                bench.fire();
                bench.is_reading().to_string()
            },
            before: "false",
            at: "true",
        },
    ]
}

#[rustfmt::skip] // a row a line
fn handovers() -> Vec<Row> {
    /// A hello announced a lifetime in seconds.
    fn announced(lifetime: u64, rotate_before: Duration) -> Bench {
        let mut bench = Bench::greeting(|_| {});
        if rotate_before > Duration::ZERO {
            bench = Bench::greeting(|config| config.rotate_before = Some(ms(60_000)));
        }
        bench.input(slack::hello(1, Some(lifetime)));
        bench
    }
    fn quiet(config: &mut Config) {
        config.drain_quiet = ms(701);
    }
    let last_envelope_later = || {
        let mut bench = Bench::replaced(quiet);
        bench.advance(ms(500));
        let token = bench.event();
        bench.acknowledge(token);
        bench.written();
        bench
    };
    let acknowledgement_later = || {
        let mut bench = Bench::draining(quiet);
        let token = bench.event();
        bench.connect();
        bench.acknowledge(token);
        bench.written();
        bench
    };
    fn drain(config: &mut Config) {
        config.drain_timeout = ms(1_701);
        config.drain_quiet = ms(1);
        config.rotate_before = Some(ms(60_000));
    }
    let unacknowledged = || {
        let mut bench = Bench::draining(drain);
        bench.event();
        bench.advance(ms(500));
        bench.connect();
        bench
    };
    let planned = || {
        let mut bench = Bench::greeting(drain);
        bench.input(slack::hello(1, Some(300)));
        bench.advance(ms(240_000));
        bench.fire();
        bench.event();
        bench.connect();
        bench
    };
    /// A slot rotates while another one opens a connection: it waits for its turn.
    fn turn() -> Bench {
        let mut bench = Bench::opening(|config| config.connections = 2);
        bench.connect();
        bench.advance(limits::START_STAGGER);
        bench.fire();
        bench.input(slack::disconnect("warning"));
        bench
    }
    let closed = "c0 Disconnected Rotated, c0 Close 1000";
    vec![
        timer("rotate_before", "Active, 300 s announced", || announced(300, ms(60_000)), ms(240_000), "c1 Connecting, c1 Open"),
        timer("SHORTEST_LIFETIME", "Active, 120 s announced", || announced(120, ms(60_000)), ms(60_000), "c1 Connecting, c1 Open"),
        Row {
            name: "SHORTEST_LIFETIME",
            phase: "Active, 119 s announced",
            begin: || announced(119, ms(60_000)),
            lasts: ms(119_000),
            probe: time,
            before: "",
            at: "",
        },
        timer("drain_quiet", "Draining, since the next is up", || Bench::replaced(quiet), ms(701), closed),
        timer("drain_quiet", "Draining, since the last envelope", last_envelope_later, ms(701), closed),
        timer("drain_quiet", "Draining, since the next is up, acknowledged", acknowledgement_later, ms(701), closed),
        timer("drain_timeout", "Draining, the next is not up", || Bench::draining(drain), ms(1_701), "c0 Disconnected DrainTimedOut, c0 Close 1000"),
        timer("drain_timeout", "Draining, the next is up, since the warning", unacknowledged, ms(1_201), closed),
        timer("drain_timeout", "Draining as planned, since the next is up", planned, ms(1_701), closed),
        timer("TURN_LIMIT", "Waiting, another slot opens", turn, limits::TURN_LIMIT, "c2 Connecting, c2 Open"),
    ]
}

#[rustfmt::skip] // a row a line
fn acknowledgements() -> Vec<Row> {
    let deadline = limits::ACK_DEADLINE;
    let waiting = || {
        let mut bench = Bench::active(|_| {});
        bench.event();
        bench
    };
    fn ack_and_write(bench: &mut Bench) -> String {
        let token = bench.first_token();
        bench.acknowledge(token);
        bench.written();
        bench.told()
    }
    let parked = || {
        let mut bench = Bench::active(|_| {});
        let token = bench.event();
        bench.input(Happening::Eof);
        bench.acknowledge(token);
        bench
    };
    fn by_policy(text: &str, change: fn(&mut Config)) -> Bench {
        let mut bench = Bench::active(change);
        bench.say(text.into());
        bench
    }
    const LATER: AckPolicy = AckPolicy::BeforeDeadline(ms(1_701));
    let window = || {
        let mut bench = Bench::active(|config| config.late_ack_window = ms(7_001));
        bench.event();
        bench
    };
    fn accepted(bench: &mut Bench) -> String {
        bench.fire();
        bench.told();
        let token = bench.first_token();
        bench.acknowledge(token).to_string()
    }
    let remembered = || {
        let mut bench = Bench::active(|config| config.deduplicate = Some(ms(7_001)));
        let token = bench.say(slack::event("e1", "Ev1", 0));
        bench.acknowledge(token);
        bench.written();
        bench
    };
    fn copy(bench: &mut Bench) -> String {
        bench.input(Happening::Text(slack::event("e2", "Ev1", 1)));
        bench.told()
    }
    vec![
        Row {
            name: "deduplicate",
            phase: "Active",
            begin: remembered,
            lasts: ms(7_001),
            probe: copy,
            before: "c0 SendText",
            at: "Envelope",
        },
        timer("ACK_DEADLINE", "Active, unacknowledged", waiting, deadline, "AckOverdue"),
        Row {
            name: "ACK_DEADLINE",
            phase: "Active, written then",
            begin: waiting,
            lasts: deadline,
            probe: ack_and_write,
            before: "c0 SendText, Sent",
            at: "c0 SendText, Sent late",
        },
        timer("ACK_DEADLINE", "without a link", parked, deadline, "Lost"),
        timer("ack_events_api", "Active", || by_policy(&slack::event("e", "Ev", 0), |config| config.ack_events_api = LATER), ms(1_701), "c0 SendText"),
        timer("ack_slash_commands", "Active", || by_policy(&slack::command("e"), |config| config.ack_slash_commands = LATER), ms(1_701), "c0 SendText"),
        timer("ack_interactive", "Active", || by_policy(r#"{"envelope_id":"e","type":"interactive"}"#, |config| config.ack_interactive = LATER), ms(1_701), "c0 SendText"),
        timer("ack_other", "Active", || by_policy(r#"{"envelope_id":"e","type":"novel"}"#, |config| config.ack_other = LATER), ms(1_701), "c0 SendText"),
        Row {
            name: "late_ack_window",
            phase: "Active",
            begin: window,
            lasts: ms(7_001),
            probe: accepted,
            before: "true",
            at: "false",
        },
    ]
}

#[rustfmt::skip] // a row a line
fn endings() -> Vec<Row> {
    let closing = || Bench::closing(|config| config.close_timeout = ms(701));
    let dropped = || {
        let mut bench = Bench::active(|config| {
            config.close_timeout = ms(701);
            config.silence = ms(7_001);
        });
        let token = bench.event();
        bench.acknowledge(token);
        bench.advance(ms(7_001));
        bench.fire();
        bench
    };
    let asked_for_long = || {
        let mut bench = Bench::active(|_| {});
        bench.event();
        bench.call(Call::Shutdown(ms(7_001)));
        bench
    };
    let asked = || {
        let mut bench = Bench::active(|_| {});
        bench.event();
        bench.call(Call::Shutdown(ms(1_701)));
        bench
    };
    let shortened = || {
        let mut bench = Bench::active(|_| {});
        bench.event();
        bench.call(Call::Shutdown(ms(9_000)));
        bench.call(Call::Shutdown(ms(1_701)));
        bench
    };
    let switched_off = || {
        let mut bench = Bench::active(|config| config.shutdown_grace = ms(1_701));
        bench.event();
        bench.input(slack::disconnect("link_disabled"));
        bench
    };
    let stopped = "c0 Disconnected Stopped, c0 Close 1000";
    vec![
        timer("close_timeout", "Closing", closing, ms(701), "c0 Abort, Stopped(Requested)"),
        timer("close_timeout", "Closing, dropped with a write of unknown fate", dropped, ms(701), "Lost"),
        Row {
            name: "shutdown's grace",
            phase: "Draining, unacknowledged for more than Slack's 3 s",
            begin: asked_for_long,
            lasts: ms(7_001),
            probe: time,
            before: "AckOverdue",
            at: "AckOverdue, c0 Disconnected Stopped, c0 Close 1000",
        },
        timer("shutdown's grace", "Draining, unacknowledged", asked, ms(1_701), stopped),
        timer("shutdown's grace", "Draining, shortened", shortened, ms(1_701), stopped),
        timer("shutdown_grace", "Draining, a fatal reason", switched_off, ms(1_701), stopped),
    ]
}
