//! The first line of a recording: what a machine needs to begin in the same way.

use std::time::Duration;

use socketmode_protocol::verdict::Verdict;
use socketmode_protocol::{AckPolicy, Config, Instant};

use super::lines::Line;

/// The version of the format. A reader refuses others.
const FORMAT: u32 = 1;

#[derive(Debug)]
pub(super) struct Header {
    pub(super) config: Config,
    pub(super) seed: u64,
    pub(super) start: Instant,
}

impl Header {
    /// `dropped` records are missing at the beginning, and `unwritten` ones in the recording of a writer.
    pub(super) fn line(&self, dropped: u64, unwritten: u64) -> String {
        let line = Line::new().with("socketmode_recording", FORMAT);
        let line = line.with_text("version", env!("CARGO_PKG_VERSION")).with("seed", self.seed);
        let line = line.with("start", self.start.as_millis());
        let line = line.with("dropped", dropped).with("unwritten", unwritten);
        line.with("config", config(&self.config)).end()
    }
}

/// Every field: the replay needs all of them. None holds a secret.
fn config(config: &Config) -> String {
    let Config {
        connections,
        expect_other_connections,
        outnumber,
        open_timeout,
        dial_timeout,
        hello_timeout,
        silence,
        client_ping,
        server_ping_timeout,
        backoff_base,
        backoff_cap,
        stable_after,
        too_many_backoff,
        open_burst,
        open_interval,
        rotate_before,
        drain_timeout,
        drain_quiet,
        close_timeout,
        linger,
        shutdown_grace,
        backlog_pause,
        late_ack_window,
        ack_events_api,
        ack_slash_commands,
        ack_interactive,
        ack_other,
        deduplicate,
        debug_reconnects,
        allow_plain_ws,
        allowed_hosts,
        verdicts,
    } = config;
    let verdicts: Vec<_> = verdicts.iter().map(|(code, verdict)| (code, verdict_name(*verdict))).collect();
    let json = |value: serde_json::Result<String>| value.unwrap_or_default();
    let line = Line::new()
        .with("connections", connections)
        .with("expect_other_connections", expect_other_connections)
        .with("outnumber", outnumber.map_or_else(|| "null".to_owned(), |most| most.to_string()))
        .with("open_timeout", seconds(*open_timeout))
        .with("dial_timeout", seconds(*dial_timeout))
        .with("hello_timeout", seconds(*hello_timeout))
        .with("silence", seconds(*silence))
        .with("client_ping", maybe(*client_ping))
        .with("server_ping_timeout", maybe(*server_ping_timeout))
        .with("backoff_base", seconds(*backoff_base))
        .with("backoff_cap", seconds(*backoff_cap))
        .with("stable_after", seconds(*stable_after))
        .with("too_many_backoff", seconds(*too_many_backoff))
        .with("open_burst", open_burst)
        .with("open_interval", seconds(*open_interval))
        .with("rotate_before", maybe(*rotate_before))
        .with("drain_timeout", seconds(*drain_timeout))
        .with("drain_quiet", seconds(*drain_quiet))
        .with("close_timeout", seconds(*close_timeout))
        .with("linger", seconds(*linger))
        .with("shutdown_grace", seconds(*shutdown_grace))
        .with("backlog_pause", seconds(*backlog_pause))
        .with("late_ack_window", seconds(*late_ack_window))
        .with("ack_events_api", policy(*ack_events_api))
        .with("ack_slash_commands", policy(*ack_slash_commands))
        .with("ack_interactive", policy(*ack_interactive))
        .with("ack_other", policy(*ack_other))
        .with("deduplicate", maybe(*deduplicate))
        .with("debug_reconnects", debug_reconnects)
        .with("allow_plain_ws", allow_plain_ws)
        .with("allowed_hosts", json(serde_json::to_string(allowed_hosts)))
        .with("verdicts", json(serde_json::to_string(&verdicts)));
    line.end().trim_end().to_owned()
}

fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Unauthorized => "unauthorized",
        Verdict::Rejected => "rejected",
        Verdict::RateLimited => "rate_limited",
        Verdict::Retry => "retry",
    }
}

/// A number of seconds with all its digits.
fn seconds(duration: Duration) -> String {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    if nanos == 0 { seconds.to_string() } else { format!("{seconds}.{nanos:09}") }
}

fn maybe(duration: Option<Duration>) -> String {
    duration.map_or_else(|| "null".to_owned(), seconds)
}

/// The seconds of a `BeforeDeadline`, or the name of another policy.
fn policy(policy: AckPolicy) -> String {
    match policy {
        AckPolicy::Manual => "\"manual\"".to_owned(),
        AckPolicy::OnReceive => "\"on_receive\"".to_owned(),
        AckPolicy::BeforeDeadline(after) => seconds(after),
    }
}
