//! Acts of a journal, done again.

use super::ask::Asked;
use super::{ControlError, Outcome, running};
use crate::state::Shared;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Entries that a replay takes at most.
const ENTRIES: usize = 10_000;
/// The longest pause between two acts.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How long an act waits for the message or the view that it is about.
const NOT_YET: Duration = Duration::from_secs(5);
/// How often it looks.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Replay {
    entries: Vec<Map<String, Value>>,
    speed: Option<f64>,
}

/// An act of a journal.
#[derive(Deserialize)]
struct Act {
    #[serde(default)]
    at_ms: u64,
    name: String,
    #[serde(default)]
    params: Value,
}

pub(super) async fn answer(shared: &Shared, asked: &Asked) -> Outcome {
    let Replay { entries, speed } = asked.body()?;
    if entries.len() > ENTRIES {
        return Err(ControlError::invalid_field(format!("entries: {ENTRIES} at most")));
    }
    if speed.is_some_and(|speed| !(speed > 0.0 && speed.is_finite())) {
        return Err(ControlError::invalid_field("speed: write a number above 0, such as 1"));
    }
    let acts = acts(entries)?;
    let mut before = acts.first().map_or(0, |act| act.at_ms);
    let mut ids = Vec::new();
    for (index, act) in acts.iter().enumerate() {
        if let Some(speed) = speed {
            tokio::time::sleep(pause(act.at_ms.saturating_sub(before), speed)).await;
        }
        before = act.at_ms;
        let done = again(shared, act).await.map_err(|error| error.of_act(index + 1, &act.name))?;
        ids.extend(done.get("envelope_id").cloned());
    }
    Ok(json!({"acts": acts.len(), "envelope_ids": ids}))
}

/// The entries that are acts.
fn acts(entries: Vec<Map<String, Value>>) -> Result<Vec<Act>, ControlError> {
    let acts = entries
        .into_iter()
        .enumerate()
        .filter(|(_, entry)| entry.get("kind").is_some_and(|kind| kind == "act"));
    acts.map(|(index, entry)| {
        let invalid = |error| ControlError::invalid_field(format!("entries[{index}]: {error}"));
        serde_json::from_value(Value::Object(entry)).map_err(invalid)
    })
    .collect()
}

fn pause(recorded_ms: u64, speed: f64) -> Duration {
    let seconds = Duration::from_millis(recorded_ms).as_secs_f64() / speed;
    Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
}

/// Does an act again, as soon as what it is about is there: the bot may need a while to post it.
async fn again(shared: &Shared, act: &Act) -> Outcome {
    let until = tokio::time::Instant::now() + NOT_YET;
    loop {
        let params = [act.params.clone(), without_times(&act.params)];
        let mut outcome = Err(ControlError::stopped());
        for params in params {
            outcome = running(shared)?.perform(&act.name, &params);
            if outcome.is_ok() {
                return outcome;
            }
        }
        match outcome {
            Err(error) if error.status() == 404 && tokio::time::Instant::now() < until => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            other => return other,
        }
    }
}

/// The parameters without what is another in every run: the act is then about the newest that fits.
fn without_times(params: &Value) -> Value {
    let mut params = params.clone();
    if let Some(fields) = params.as_object_mut() {
        fields.retain(|name, _| !matches!(name.as_str(), "ts" | "view_id"));
    }
    params
}
