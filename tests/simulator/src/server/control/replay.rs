//! Acts of a journal, done again.

use super::ask::Asked;
use super::people::{by, within_channel};
use super::{ControlError, Outcome, running};
use crate::state::Shared;
use crate::{PostedMessage, Simulator};
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
        match running(shared)?.perform_again(&act.name, &act.params) {
            Err(error) if error.status() == 404 && tokio::time::Instant::now() < until => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            other => return other,
        }
    }
}

impl Simulator {
    /// Does an act of a journal again: what [`perform`](Self::perform) does, but about the newest message, thread or view
    /// that fits where that of the journal is not there. Time stamps and ids are others in every run.
    ///
    /// ```
    /// use serde_json::json;
    /// use socketmode_simulator::{CHANNEL, Options, Simulator};
    ///
    /// let slack = Simulator::start(Options::default())?;
    /// slack.perform("say", &json!({"text": "helo"}))?;
    /// slack.perform_again("edit", &json!({"channel": CHANNEL, "ts": "1700000000.000001", "text": "hello"}))?;
    /// assert_eq!(slack.history(None, None)[0].text, "hello");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`perform`](Self::perform).
    pub fn perform_again(&self, name: &str, params: &Value) -> Result<Value, ControlError> {
        self.perform(name, params).or_else(|error| match self.about_the_newest(name, params) {
            Some(params) => self.perform(name, &params),
            None => Err(error),
        })
    }

    /// The parameters with the newest that fits in the place of what they name; none where nothing fits, or nothing is named.
    fn about_the_newest(&self, name: &str, params: &Value) -> Option<Value> {
        let text = |field: &str| params.get(field).and_then(Value::as_str).map(str::to_owned);
        let mut newest = params.clone();
        let fields = newest.as_object_mut()?;
        let before = fields.len();
        fields.retain(|field, _| !matches!(field.as_str(), "ts" | "thread_ts" | "view_id"));
        if fields.len() == before {
            return None;
        }
        let user = by(self, text("user"));
        let (field, id) = match name {
            // Of these an element is enough.
            "press" | "suggest" => return Some(newest),
            "close_view" | "submit" => (
                "view_id",
                self.shared().look(|state| state.views.top(&user).map(|view| view.id().to_owned()))?,
            ),
            _ => {
                let reaction = text("name").unwrap_or_default();
                let is_removed = params.get("remove") == Some(&json!(true));
                let fits = |message: &PostedMessage| match name {
                    "edit" | "delete" => message.user == user,
                    "react" => message.has_reaction(&user, &reaction) == is_removed,
                    "say" | "mention" => message.thread_ts.as_ref().is_none_or(|head| *head == message.ts),
                    _ => true,
                };
                let channel = within_channel(self, text("channel"));
                let found = self.shared().look(|state| {
                    let mut newest_first = state.messages.within(Some(&channel), None).rev();
                    newest_first.find(|message| fits(message)).map(|message| message.ts.clone())
                })?;
                (if matches!(name, "say" | "mention") { "thread_ts" } else { "ts" }, found)
            }
        };
        fields.insert(field.to_owned(), json!(id));
        Some(newest)
    }
}
