//! Types for the payloads of envelopes.
//!
//! A payload stays text until you read it, with `serde_json` or with `Request::payload` of `socketmode-driver`:
//!
//! ```
//! use socketmode_protocol::payload::{
//!     EventCallback, InnerEvent, Interaction, SlashCommand,
//! };
//! # fn main() -> Result<(), serde_json::Error> {
//!
//! let payload = r#"{
//!     "command": "/weather",
//!     "text": "94070",
//!     "response_url": "https://hooks.slack.com/commands/T/1/x"
//! }"#;
//! let command: SlashCommand = serde_json::from_str(payload)?;
//! assert_eq!(
//!     (command.command.as_str(), command.text.as_deref()),
//!     ("/weather", Some("94070"))
//! );
//! assert!(!format!("{command:?}").contains("hooks.slack.com"));
//!
//! let payload = r#"{
//!     "type": "event_callback",
//!     "event": { "type": "message", "text": "hi", "mood": "good" }
//! }"#;
//! let callback: EventCallback = serde_json::from_str(payload)?;
//! if let InnerEvent::Message(message) = &callback.event {
//!     assert_eq!(message.text.as_deref(), Some("hi"));
//!     // Any other field:
//!     assert_eq!(message.field("mood"), Some("good"));
//! }
//!
//! let payload = r#"{
//!     "type": "block_actions",
//!     "user": { "id": "U1" },
//!     "actions": [{ "action_id": "approve", "value": "42" }]
//! }"#;
//! match serde_json::from_str(payload)? {
//!     Interaction::BlockActions(clicked) => {
//!         assert_eq!(
//!             clicked.action("approve").and_then(|action| action.as_str()),
//!             Some("42")
//!         );
//!         assert_eq!(clicked.user_id(), Some("U1"));
//!     }
//!     Interaction::ViewSubmission(submitted) => {
//!         let title = submitted.text("title_block", "title");
//!         println!("{title:?} in {:?}", submitted.callback_id());
//!     }
//!     other => println!("{} by {:?}", other.kind(), other.user()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! * **Only one field is required**: the `type`, or the `command` of a slash command. Another field that is missing, `null`,
//!   of another type or nested too deeply is absent: `None`, an empty `Vec`, `false`. The other fields are still read.
//! * **Reading is tolerant**: a number may be a text, a text may be a number, `"true"` is `true`. If a key appears twice, the
//!   last one counts. Elements of a list or map that do not fit are left out.
//! * **Every field is available**: `raw_json()` is the unchanged JSON, `field("…")` reads any field of it.
//! * **Tests can make them**: every struct has a `Default` and public fields, and `to_json()` is what Slack would send. End a
//!   literal and a pattern with `..`: a release may add fields that Slack adds.
//! * **Secrets do not print.** `Debug` shows ids. For JSON, names, and what people wrote or chose, it shows only the size.
//!
//! Only `serde_json` can read the types, from text, bytes or its `Value`, and not through `#[serde(flatten)]`.

mod command;
mod event_callback;
mod events;
mod inner_event;
mod interaction;
mod interactions;
mod json;
mod legacy;
mod object;
mod read;
mod view;
mod write;

pub use command::SlashCommand;
pub use event_callback::{Authorization, EventCallback};
pub use events::*;
pub use inner_event::{InnerEvent, TypedEvent};
pub use interaction::Interaction;
pub use interactions::{
    BlockActions, BlockSuggestion, Channel, Container, Enterprise, MessageAction, ResponseUrl, Shortcut,
    Team, User, ViewClosed, ViewSubmission,
};
pub use json::{Json, Secret};
pub use legacy::{DialogCancellation, DialogSubmission, DialogSuggestion, InteractiveMessage};
pub use read::field;
pub use view::{Action, SelectedOption, State, StateValue, TextObject, View};
