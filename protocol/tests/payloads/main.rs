//! Typed payloads are what the JSON says, field by field, whatever Slack does to a field.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken expectation ends the test"
)]

mod compare;
mod events;
mod fixtures;
mod mutate;
mod samples;
mod tolerance;

use serde_json::Value;
use socketmode_protocol::payload::{EventCallback, InnerEvent, Interaction, SlashCommand};

use compare::{Same, number, text};

/// Which type a payload is to be read into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Command,
    Event,
    Interaction,
}

impl Kind {
    fn of(payload: &Value) -> Self {
        match (payload.get("command"), payload["type"].as_str()) {
            (Some(_), _) => Self::Command,
            (None, Some("event_callback" | "app_rate_limited")) => Self::Event,
            _ => Self::Interaction,
        }
    }

    fn discriminator(self) -> &'static str {
        if self == Self::Command { "command" } else { "type" }
    }

    /// Reads the JSON and compares each field with what `payload` says; gives what Debug shows, if it can be read.
    fn check(self, json: &str, payload: &Value) -> Option<String> {
        let readable = text(payload.get(self.discriminator())).is_some();
        let result = match self {
            Self::Command => serde_json::from_str::<SlashCommand>(json).map(|command| {
                assert_eq!(command.raw_json(), json);
                command.same("", Some(payload));
                format!("{command:?}")
            }),
            Self::Event => serde_json::from_str::<EventCallback>(json).map(|callback| {
                assert_eq!(callback.raw_json(), json);
                callback.same("", Some(payload));
                format!("{callback:?}")
            }),
            Self::Interaction => serde_json::from_str::<Interaction>(json).map(|interaction| {
                assert_eq!(interaction.raw_json(), json);
                interaction.same("", Some(payload));
                format!("{interaction:?}")
            }),
        };
        assert_eq!(result.is_ok(), readable, "{:?} of {json}", result.as_ref().err());
        result.ok()
    }
}

#[test]
fn every_typed_field_is_what_the_json_says() {
    for payload in fixtures::all() {
        Kind::of(&payload).check(&payload.to_string(), &payload).expect("it can be read");
    }
}

#[test]
fn debug_shows_no_secret_and_nothing_that_people_wrote() {
    for payload in fixtures::all() {
        let json = payload.to_string();
        assert!(json.contains("SECRET") && json.contains("PRIVATE") || payload["type"] == "app_rate_limited");
        let shown = Kind::of(&payload).check(&json, &payload).expect("it can be read");
        assert!(!shown.contains("SECRET") && !shown.contains("PRIVATE"), "{shown}");
    }
}

#[test]
fn text_bytes_and_values_read_the_same() {
    for payload in fixtures::all() {
        let json = payload.to_string();
        match Kind::of(&payload) {
            Kind::Command => {
                let command: SlashCommand = serde_json::from_str(&json).unwrap();
                assert_eq!(command, serde_json::from_slice(json.as_bytes()).unwrap());
                assert_eq!(command, serde_json::from_value(payload).unwrap());
            }
            Kind::Event => {
                let callback: EventCallback = serde_json::from_str(&json).unwrap();
                assert_eq!(callback, serde_json::from_slice(json.as_bytes()).unwrap());
                assert_eq!(callback, serde_json::from_value(payload.clone()).unwrap());
                let event: InnerEvent = serde_json::from_value(payload["event"].clone()).unwrap();
                assert_eq!(callback.event, event);
            }
            Kind::Interaction => {
                let interaction: Interaction = serde_json::from_str(&json).unwrap();
                assert_eq!(interaction, serde_json::from_slice(json.as_bytes()).unwrap());
                assert_eq!(interaction, serde_json::from_value(payload).unwrap());
            }
        }
    }
}

#[test]
fn every_interaction_has_a_fixture() {
    let kinds: Vec<String> =
        fixtures::all().iter().map(|payload| payload["type"].as_str().unwrap_or_default().into()).collect();
    for kind in compare::INTERACTIONS {
        assert!(kinds.iter().any(|name| name == kind), "{kind}");
    }
    assert_eq!(number(Some(&"12".into())), Some(12));
}
