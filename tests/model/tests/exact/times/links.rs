//! A link that is up, one that is replaced, and one that ends.

use std::time::Duration;

use socketmode_model::step::{Call, OwnedInput, slack};
use socketmode_protocol::{Config, limits};

use super::{Row, time, timer};
use crate::harness::{Bench, ms};

#[rustfmt::skip] // a row a line
pub(super) fn links() -> Vec<Row> {
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
    fn heard(mut bench: Bench, frame: OwnedInput) -> Bench {
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
    let dead = "c0 Disconnected Silent, c0 Close 1000, c1 Connecting, c1 Open";
    let unpinged = "c0 Disconnected NoServerPing, c0 Close 1000, c1 Connecting, c1 Open";
    let pings = "c0 SendPing";
    vec![
        timer("silence", "Active", || Bench::active(silence), ms(7_001), dead),
        timer("silence", "Active, since a pong", || heard(Bench::active(silence), OwnedInput::Pong), ms(7_001), dead),
        timer("silence", "Active, since a ping", || heard(Bench::active(silence), OwnedInput::Ping), ms(7_001), dead),
        timer("silence", "Active, since a binary message", || heard(Bench::active(silence), OwnedInput::Binary(vec![1])), ms(7_001), dead),
        Row {
            name: "silence",
            phase: "Active, a write is stuck though pings come",
            begin: stuck,
            lasts: ms(7_001),
            probe: |bench| {
                bench.input(OwnedInput::Ping);
                bench.fire();
                bench.told()
            },
            before: "",
            at: "c0 Disconnected Silent, c0 Close 1000, c1 Connecting, c1 Open",
        },
        timer("silence", "Draining", || Bench::draining(silence), ms(7_001), "c0 Disconnected Silent, c0 Close 1000"),
        timer("client_ping", "Greeting", || Bench::greeting(ping), ms(7_001), pings),
        timer("client_ping", "Active", || Bench::active(ping), ms(7_001), pings),
        timer("client_ping", "Active, since a ping", || heard(Bench::active(ping), OwnedInput::Ping), ms(7_001), pings),
        timer("client_ping", "Draining", || Bench::draining(ping), ms(7_001), pings),
        timer("server_ping_timeout", "Greeting", || Bench::greeting(server_ping), ms(7_001), "c0 HelloTimedOut, retry in 100ms, c0 Close 1000"),
        timer("server_ping_timeout", "Active", || Bench::active(server_ping), ms(7_001), unpinged),
        timer("server_ping_timeout", "Active, since a ping", || heard(Bench::active(server_ping), OwnedInput::Ping), ms(7_001), unpinged),
        // A pong is life, and no ping of Slack's.
        timer("server_ping_timeout", "Active, a pong came later", || heard(Bench::active(server_ping), OwnedInput::Pong), ms(6_501), unpinged),
        timer("server_ping_timeout", "Draining", || Bench::draining(server_ping), ms(7_001), "c0 Disconnected NoServerPing, c0 Close 1000"),
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
pub(super) fn handovers() -> Vec<Row> {
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
    /// The second link that is lost, after so many milliseconds: the back-off is nearly an hour.
    fn lost_after(millis: u64) -> Bench {
        let mut bench = Bench::active(|config| {
            config.backoff_base = ms(3_600_000);
            config.backoff_cap = ms(3_600_000);
        });
        bench.input(OwnedInput::Eof);
        bench.connect();
        bench.advance(ms(millis));
        bench.input(OwnedInput::Eof);
        bench
    }
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
        timer("drain_timeout", "Draining, since the next is up", unacknowledged, ms(1_701), closed),
        timer("UP_TO_DARK", "Waiting, after 10 s up", || lost_after(10_000), ms(1_000), "c2 Connecting, c2 Open"),
        timer("SHORTEST_USEFUL_LIFE", "Waiting, after 1 s up", || lost_after(1_000), ms(100), "c2 Connecting, c2 Open"),
        Row {
            name: "SHORTEST_USEFUL_LIFE",
            phase: "Waiting, after 999 ms up",
            begin: || lost_after(999),
            lasts: ms(999),
            probe: time,
            before: "",
            at: "",
        },
        timer("drain_timeout", "Draining as planned, since the next is up", planned, ms(1_701), closed),
        timer("TURN_LIMIT", "Waiting, another slot opens", turn, limits::TURN_LIMIT, "c2 Connecting, c2 Open"),
    ]
}

#[rustfmt::skip] // a row a line
pub(super) fn endings() -> Vec<Row> {
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
    let lingering = || {
        let mut bench = Bench::active(|config| {
            config.linger = ms(701);
            config.silence = ms(7_001);
        });
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
        timer("linger", "Lingering", lingering, ms(701), "c0 Abort"),
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
