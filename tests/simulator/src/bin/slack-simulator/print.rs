//! The journal, as lines for people or for programs.

use crate::label::{Labels, text};
use crate::output::Output;
use serde_json::Value;
use socketmode_simulator::Simulator;
use std::cell::RefCell;
use std::convert::Infallible;
use std::io;
use std::time::Duration;

/// How long an entry is waited for before it is looked whether there is one.
const LOOK_UP: Duration = Duration::from_secs(60);

/// Prints the journal as it grows.
pub(crate) struct Printer<'a> {
    slack: &'a Simulator,
    output: &'a Output,
    seen: u64,
    labels: &'a RefCell<Labels>,
}

impl<'a> Printer<'a> {
    pub(crate) fn new(slack: &'a Simulator, output: &'a Output, labels: &'a RefCell<Labels>) -> Self {
        Self { slack, output, seen: 0, labels }
    }

    /// The number of the last entry that was printed.
    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// Prints for ever.
    pub(crate) async fn run(&mut self) -> io::Result<Infallible> {
        loop {
            // That nothing came is no news.
            let _ = self.slack.wait_for_journal(self.seen, LOOK_UP).await;
            self.print()?;
        }
    }

    /// Prints what is new.
    pub(crate) fn print(&mut self) -> io::Result<()> {
        for entry in self.slack.journal_since(&mut self.seen) {
            if self.output.is_json() {
                self.output.entry(&entry)?;
                continue;
            }
            for line in self.lines(&entry) {
                self.output.say(&line)?;
            }
        }
        Ok(())
    }

    /// What the envelope is about that an entry names.
    fn about(&self, entry: &Value) -> String {
        self.labels.borrow().of(entry).to_owned()
    }

    /// An entry for people; many say nothing that people want to know.
    fn lines(&self, entry: &Value) -> Vec<String> {
        let field = |name: &str| text(entry, name).unwrap_or_default();
        let number = |name: &str| entry.get(name).and_then(Value::as_f64).unwrap_or_default();
        match field("kind") {
            "envelope" => {
                self.labels.borrow_mut().learn(entry);
                let ghost = entry.get("link").is_some_and(Value::is_null);
                ghost.then(|| format!("ghost: took {}", self.about(entry))).into_iter().collect()
            }
            kind @ ("ack" | "late_ack") => {
                let late = if kind == "ack" { "" } else { "late " };
                let elsewhere = entry.get("on_carrier").is_some_and(|on_carrier| on_carrier == false);
                let elsewhere = if elsewhere { ", by another link" } else { "" };
                let mut lines =
                    vec![format!("{late}ack {:.0} ms: {}{elsewhere}", number("ms"), self.about(entry))];
                lines.extend(entry.get("payload").map(answer).unwrap_or_default());
                lines
            }
            "overdue" => vec![format!("overdue: {} was not acknowledged in time", self.about(entry))],
            "redelivery" => vec![format!("redelivery {}: {}", number("attempt"), self.about(entry))],
            "lost" => vec![format!("lost: {}: {}", self.about(entry), why(field("why")))],
            "failed" => {
                vec![format!("{} sees: {} failed with {}", field("user"), field("what"), field("error"))]
            }
            "open" if entry.get("error").is_some() => {
                vec![format!("slack: an open failed: {}", field("error"))]
            }
            "dial" if entry.get("status").is_some() => {
                vec![format!("slack: a dial was refused with status {}", number("status"))]
            }
            "link" => {
                let code = entry.get("code").map_or_else(String::new, |code| format!(" {code}"));
                let reason = text(entry, "reason").map_or_else(String::new, |reason| format!(" ({reason})"));
                vec![format!("link applink-{}: {}{code}{reason}", number("link"), field("state"))]
            }
            "received" if field("frame") == "unreadable" => {
                vec![format!("bot: sent what acknowledges nothing: {}", field("text"))]
            }
            "call" => call(entry),
            "view_errors" => vec![format!(
                "{}: errors in the form: {}",
                field("view_id"),
                entry.get("errors").unwrap_or(&Value::Null)
            )],
            _ => Vec::new(),
        }
    }
}

/// What came with an acknowledgement. An empty object is what some SDKs send in the place of nothing.
fn answer(payload: &Value) -> Vec<String> {
    if payload.is_null() || payload.as_object().is_some_and(serde_json::Map::is_empty) {
        return Vec::new();
    }
    let words = text(payload, "text").map_or_else(|| payload.to_string(), str::to_owned);
    with_elements(format!("answer: {words}"), payload)
}

fn call(entry: &Value) -> Vec<String> {
    let method = text(entry, "method").unwrap_or_default();
    if let Some(error) = text(entry, "error") {
        return vec![format!("slack: {method} was refused: {error}")];
    }
    let body = entry.get("body").unwrap_or(&Value::Null);
    match text(body, "text").or(text(body, "markdown_text")) {
        Some(words) => with_elements(format!("bot: {words}"), body),
        None => vec![format!("bot: {method} {body}")],
    }
}

/// A line, and the `action_id`s of what can be pressed there.
fn with_elements(line: String, body: &Value) -> Vec<String> {
    let mut ids = Vec::new();
    action_ids(body, &mut ids);
    let elements = (!ids.is_empty()).then(|| format!("  elements: {}", ids.join(", ")));
    std::iter::once(line).chain(elements).collect()
}

fn action_ids<'a>(value: &'a Value, ids: &mut Vec<&'a str>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| action_ids(value, ids)),
        Value::Object(fields) => {
            ids.extend(fields.get("action_id").and_then(Value::as_str));
            fields.values().for_each(|value| action_ids(value, ids));
        }
        _ => {}
    }
}

fn why(code: &str) -> &str {
    match code {
        "no_link" => "there is no link",
        "ghost" => "a dead connection took it",
        "not_acknowledged" => "it was not acknowledged",
        "forgotten" => "too many came after it",
        other => other,
    }
}
