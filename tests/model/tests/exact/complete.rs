//! Nothing is missing from the tables.

use socketmode_protocol::Config;

use crate::{bounds, times};

/// A new field does not compile until it is here, and a duration needs a row.
fn durations() -> [&'static str; 23] {
    let Config {
        connections: _,
        expect_other_connections: _,
        outnumber: _,
        linger: _,
        open_timeout: _,
        dial_timeout: _,
        hello_timeout: _,
        silence: _,
        client_ping: _,
        server_ping_timeout: _,
        backoff_base: _,
        backoff_cap: _,
        stable_after: _,
        too_many_backoff: _,
        open_burst: _,
        open_interval: _,
        rotate_before: _,
        drain_timeout: _,
        drain_quiet: _,
        close_timeout: _,
        shutdown_grace: _,
        backlog_pause: _,
        late_ack_window: _,
        ack_events_api: _,
        ack_slash_commands: _,
        ack_interactive: _,
        ack_other: _,
        deduplicate: _,
        debug_reconnects: _,
        allow_plain_ws: _,
        allowed_hosts: _,
        verdicts: _,
    } = Config::default();
    [
        "open_timeout",
        "dial_timeout",
        "hello_timeout",
        "silence",
        "client_ping",
        "server_ping_timeout",
        "backoff_base",
        "stable_after",
        "open_interval",
        "rotate_before",
        "drain_timeout",
        "drain_quiet",
        "close_timeout",
        "shutdown_grace",
        "linger",
        "backlog_pause",
        "late_ack_window",
        "ack_events_api",
        "ack_slash_commands",
        "ack_interactive",
        "ack_other",
        "deduplicate",
        "open_burst",
    ]
}

/// Drawn, not exact: `ranges` has them.
const DRAWN: [&str; 3] = ["backoff_cap", "too_many_backoff", "too_many_cap"];

/// Scenarios have them: `machine/ghosts.rs`.
const IN_SCENARIOS: [&str; 1] = ["MAX_LINGERING"];

/// What only a driver applies: it has a test there.
const OF_DRIVERS: [&str; 2] = ["MAX_OPEN_BODY_BYTES", "MAX_MESSAGE_BYTES"];

/// What Slack does, for people to compare with.
const FACTS: [&str; 2] = ["SLACK_DOMAINS", "SERVER_PING_INTERVAL"];

fn rows() -> Vec<&'static str> {
    times::rows().iter().map(|row| row.name).chain(bounds::rows().iter().map(|row| row.name)).collect()
}

#[test]
fn each_duration_of_the_configuration_has_a_row() {
    let rows = rows();
    let missing: Vec<_> = durations().into_iter().filter(|field| !rows.contains(field)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn each_limit_has_a_row() {
    let text = include_str!("../../../../protocol/src/limits.rs");
    let rows = rows();
    let names = text.lines().filter_map(|line| Some(line.strip_prefix("pub const ")?.split_once(':')?.0));
    let covered = |name: &str| {
        // The default of a field of the configuration is covered by the field's own row.
        let field = name.to_lowercase();
        rows.contains(&name)
            || rows.contains(&field.as_str())
            || DRAWN.contains(&field.as_str())
            || IN_SCENARIOS.contains(&name)
            || OF_DRIVERS.contains(&name)
            || FACTS.contains(&name)
    };
    let missing: Vec<_> = names.filter(|name| !covered(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
