//! A recording for people: a timeline, and a test.

use std::fmt::Write;
use std::time::Duration;

use serde_json::Value;

use super::config;
use super::entry::{Recording, What};
use crate::step::{Call, OwnedInput, Step};

/// The longest test that is worth pasting, in ids of each kind.
const MOST_IDS: u64 = 1_000;

/// A line for each record: `>` goes into the machine, `<` comes out of it.
#[must_use]
pub fn timeline(recording: &Recording) -> String {
    let mut text = String::new();
    let mut time = recording.start.as_millis();
    for entry in &recording.entries {
        let field = |name: &str| entry.json.get(name);
        time = field("t").and_then(Value::as_u64).unwrap_or(time);
        let since = Duration::from_millis(time.saturating_sub(recording.start.as_millis()));
        let way = match entry.what {
            What::Output | What::Pull { .. } => '<',
            What::LeftOut(_) => '!',
            _ => '>',
        };
        let name = ["in", "do", "out"].iter().find_map(|name| field(name)?.as_str()).unwrap_or("left out");
        // A `String` takes everything.
        let _ = write!(text, "{:>12.3} {way} {name:<12}", since.as_secs_f64());
        for (key, mark) in [("c", 'c'), ("a", 'a'), ("w", 'w')] {
            if let Some(number) = field(key) {
                let _ = write!(text, " {mark}{number}");
            }
        }
        for (key, value) in entry.json.as_object().into_iter().flatten() {
            if !["t", "in", "do", "out", "c", "a", "w"].contains(&key.as_str()) {
                let _ = match value {
                    Value::String(value) if key == "what" || key == "why" => {
                        write!(text, " {}", value.escape_debug())
                    }
                    value => write!(text, " {key}={value}"),
                };
            }
        }
        text.push('\n');
    }
    text
}

/// The steps of the machine that was watched as a test, for a file in `tests/model/tests`.
///
/// # Errors
/// It would be too long.
pub fn as_test(recording: &Recording, steps: &[Step]) -> Result<String, String> {
    let ids = steps.iter().map(highest).max().unwrap_or(0) + 1;
    if ids > MOST_IDS {
        return Err(format!("a test of {} steps with {ids} ids of a kind is too long", steps.len()));
    }
    let (config, seed) = (config::as_rust(&recording.config), recording.seed);
    let start = recording.start.as_millis();
    let mut text = format!(
        "#[test]\nfn recorded() {{
    let ids = Alphabet::new({ids});
    let config = {config};
    let (mut subject, _) = Subject::new(&config, {seed}, Instant::from_millis({start})).unwrap();
    let mut at = |millis, call| {{
        let step = Step {{ at: Instant::from_millis(millis), call }};
        subject.take(step).unwrap_or_else(|broken| panic!(\"{{broken}}\"));
    }};\n"
    );
    for step in steps {
        let _ = writeln!(text, "    at({}, {});", step.at.as_millis(), call(&step.call));
    }
    text.push_str("}\n");
    Ok(text)
}

fn highest(step: &Step) -> u64 {
    match &step.call {
        Call::Input(connection, OwnedInput::Written(write) | OwnedInput::NotWritten(write)) => {
            connection.number().max(write.number())
        }
        Call::Input(connection, _) => connection.number(),
        Call::Acknowledge(token, _) | Call::Decline(token) | Call::Withhold(token) => token.number(),
        Call::Timeout | Call::Backlog { .. } | Call::Shutdown(_) => 0,
    }
}

fn call(call: &Call) -> String {
    match call {
        Call::Input(connection, input) => {
            format!("Call::Input(ids.connections[{}], {})", connection.number(), self::input(input))
        }
        Call::Timeout => "Call::Timeout".into(),
        Call::Backlog { full } => format!("Call::Backlog {{ full: {full} }}"),
        Call::Acknowledge(token, None) => format!("Call::Acknowledge(ids.tokens[{}], None)", token.number()),
        Call::Acknowledge(token, Some(payload)) => {
            format!("Call::Acknowledge(ids.tokens[{}], Some({payload:?}.into()))", token.number())
        }
        Call::Decline(token) => format!("Call::Decline(ids.tokens[{}])", token.number()),
        Call::Withhold(token) => format!("Call::Withhold(ids.tokens[{}])", token.number()),
        Call::Shutdown(grace) => {
            format!("Call::Shutdown(Duration::new({}, {}))", grace.as_secs(), grace.subsec_nanos())
        }
    }
}

fn input(input: &OwnedInput) -> String {
    let name = match input {
        OwnedInput::Text(text) => {
            let short = text.trim_end();
            return match text.len() - short.len() {
                0 => format!("OwnedInput::Text({short:?}.into())"),
                _ => format!("OwnedInput::Text(padded({short:?}, {}))", text.len()),
            };
        }
        OwnedInput::Opened { status, retry_after, body } => {
            let retry_after = match retry_after {
                Some(retry_after) => format!("Some({retry_after:?}.into())"),
                None => "None".into(),
            };
            return format!(
                "OwnedInput::Opened {{ status: {status}, retry_after: {retry_after}, body: {:?}.into() }}",
                String::from_utf8_lossy(body)
            );
        }
        OwnedInput::Binary(bytes) => format!("Binary(vec![0; {}])", bytes.len()),
        OwnedInput::Written(write) => format!("Written(ids.writes[{}])", write.number()),
        OwnedInput::NotWritten(write) => format!("NotWritten(ids.writes[{}])", write.number()),
        other => format!("{other:?}"),
    };
    format!("OwnedInput::{name}")
}
