//! The configuration in the header of a recording.

use std::time::Duration;

use serde_json::Value;
use socketmode_protocol::verdict::Verdict;
use socketmode_protocol::{AckPolicy, Config};

use super::read::Fields;

/// Every field is needed: a recording of another version has other fields.
pub(super) fn read(fields: &Fields<'_>) -> Result<Config, String> {
    let duration = |name| fields.duration(name).map_err(in_config);
    let maybe = |name| fields.maybe_duration(name).map_err(in_config);
    let flag = |name| fields.get(name).and_then(Value::as_bool).ok_or(format!("config: {name} is missing"));
    let policy = |name| policy(fields, name).map_err(in_config);
    let config = Config {
        connections: fields.size("connections").map_err(in_config)?,
        expect_other_connections: u32::try_from(
            fields.number("expect_other_connections").map_err(in_config)?,
        )
        .map_err(|_| "config: expect_other_connections is too large")?,
        outnumber: fields
            .maybe_number("outnumber")
            .map_err(in_config)?
            .map(usize::try_from)
            .transpose()
            .map_err(|_| "config: outnumber is too large")?,
        open_timeout: duration("open_timeout")?,
        dial_timeout: duration("dial_timeout")?,
        hello_timeout: duration("hello_timeout")?,
        silence: duration("silence")?,
        client_ping: maybe("client_ping")?,
        server_ping_timeout: maybe("server_ping_timeout")?,
        backoff_base: duration("backoff_base")?,
        backoff_cap: duration("backoff_cap")?,
        stable_after: duration("stable_after")?,
        too_many_backoff: duration("too_many_backoff")?,
        open_burst: u32::try_from(fields.number("open_burst").map_err(in_config)?)
            .map_err(|_| "config: open_burst is too large")?,
        open_interval: duration("open_interval")?,
        rotate_before: maybe("rotate_before")?,
        drain_timeout: duration("drain_timeout")?,
        drain_quiet: duration("drain_quiet")?,
        close_timeout: duration("close_timeout")?,
        linger: duration("linger")?,
        shutdown_grace: duration("shutdown_grace")?,
        backlog_pause: duration("backlog_pause")?,
        late_ack_window: duration("late_ack_window")?,
        ack_events_api: policy("ack_events_api")?,
        ack_slash_commands: policy("ack_slash_commands")?,
        ack_interactive: policy("ack_interactive")?,
        ack_other: policy("ack_other")?,
        deduplicate: maybe("deduplicate")?,
        debug_reconnects: flag("debug_reconnects")?,
        allow_plain_ws: flag("allow_plain_ws")?,
        allowed_hosts: list(fields, "allowed_hosts")?
            .iter()
            .map(|host| host.as_str().map(str::to_owned).ok_or("config: a host is no text".to_owned()))
            .collect::<Result<_, _>>()?,
        verdicts: list(fields, "verdicts")?.iter().map(verdict).collect::<Result<_, _>>()?,
    };
    config.validate().map_err(|error| format!("config: {error}"))?;
    Ok(config)
}

fn in_config(what: String) -> String {
    format!("config: {what}")
}

fn list<'a>(fields: &Fields<'a>, name: &str) -> Result<&'a Vec<Value>, String> {
    fields.get(name).and_then(Value::as_array).ok_or(format!("config: {name} is no list"))
}

fn policy(fields: &Fields<'_>, name: &str) -> Result<AckPolicy, String> {
    match fields.get(name).and_then(Value::as_str) {
        Some("manual") => Ok(AckPolicy::Manual),
        Some("on_receive") => Ok(AckPolicy::OnReceive),
        Some(other) => Err(format!("{name}: no policy is named {other:?}")),
        None => fields.duration(name).map(AckPolicy::BeforeDeadline),
    }
}

fn verdict(value: &Value) -> Result<(String, Verdict), String> {
    let wrong = || format!("config: {value} is no verdict");
    let part = |n: usize| value.get(n).and_then(Value::as_str).ok_or_else(wrong);
    let verdict = match part(1)? {
        "unauthorized" => Verdict::Unauthorized,
        "rejected" => Verdict::Rejected,
        "rate_limited" => Verdict::RateLimited,
        "retry" => Verdict::Retry,
        _ => return Err(wrong()),
    };
    Ok((part(0)?.to_owned(), verdict))
}

/// The fields that differ from the default, as Rust.
pub(super) fn as_rust(config: &Config) -> String {
    let default = Config::default();
    let mut fields = String::new();
    macro_rules! fields {
        ($($field:ident)*) => {$(
            if config.$field != default.$field {
                fields += &format!("{}: {}, ", stringify!($field), config.$field.as_rust());
            }
        )*};
    }
    fields!(
        connections expect_other_connections outnumber open_timeout dial_timeout hello_timeout silence client_ping server_ping_timeout backoff_base
        backoff_cap stable_after too_many_backoff open_burst open_interval rotate_before drain_timeout drain_quiet
        close_timeout linger shutdown_grace backlog_pause late_ack_window ack_events_api ack_slash_commands ack_interactive
        ack_other deduplicate debug_reconnects allow_plain_ws allowed_hosts verdicts
    );
    if fields.is_empty() {
        "Config::default()".into()
    } else {
        format!("Config {{ {fields}..Config::default() }}")
    }
}

trait AsRust {
    fn as_rust(&self) -> String;
}

macro_rules! by_debug {
    ($($type:ty)*) => {$(
        impl AsRust for $type {
            fn as_rust(&self) -> String {
                format!("{self:?}")
            }
        }
    )*};
}
by_debug!(usize u32 bool);

impl AsRust for Duration {
    fn as_rust(&self) -> String {
        format!("Duration::new({}, {})", self.as_secs(), self.subsec_nanos())
    }
}

impl AsRust for Option<Duration> {
    fn as_rust(&self) -> String {
        self.map_or_else(|| "None".into(), |duration| format!("Some({})", duration.as_rust()))
    }
}

impl AsRust for Option<usize> {
    fn as_rust(&self) -> String {
        format!("{self:?}")
    }
}

impl AsRust for AckPolicy {
    fn as_rust(&self) -> String {
        match self {
            Self::BeforeDeadline(after) => format!("AckPolicy::BeforeDeadline({})", after.as_rust()),
            other => format!("AckPolicy::{other:?}"),
        }
    }
}

impl AsRust for Vec<String> {
    fn as_rust(&self) -> String {
        let texts: String = self.iter().map(|text| format!("{text:?}.into(), ")).collect();
        format!("vec![{}]", texts.trim_end_matches(", "))
    }
}

impl AsRust for Vec<(String, Verdict)> {
    fn as_rust(&self) -> String {
        let pair = |(code, verdict): &(String, Verdict)| format!("({code:?}.into(), Verdict::{verdict:?}), ");
        format!("vec![{}]", self.iter().map(pair).collect::<String>().trim_end_matches(", "))
    }
}
