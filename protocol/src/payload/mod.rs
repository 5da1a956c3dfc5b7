//! What is in an envelope's payload, as types.
//!
//! Nothing is read before somebody asks for it. `socketmode-driver`'s `Request::payload` does, or `serde_json`:
//!
//! ```
//! use socketmode_protocol::payload::{EventCallback, InnerEvent, Interaction, SlashCommand};
//! # fn main() -> Result<(), serde_json::Error> {
//!
//! let payload = r#"{"command":"/weather","text":"94070","response_url":"https://hooks.slack.com/commands/T/1/x"}"#;
//! let command: SlashCommand = serde_json::from_str(payload)?;
//! assert_eq!((command.command.as_str(), command.text.as_deref()), ("/weather", Some("94070")));
//! assert!(!format!("{command:?}").contains("hooks.slack.com"));
//!
//! let payload = r#"{"type":"event_callback","event":{"type":"message","channel":"C1","text":"hi","mood":"good"}}"#;
//! let callback: EventCallback = serde_json::from_str(payload)?;
//! if let InnerEvent::Message(message) = &callback.event {
//!     assert_eq!(message.text.as_deref(), Some("hi"));
//!     assert_eq!(message.field("mood"), Some("good")); // what has no field of its own
//! }
//!
//! let payload = r#"{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"approve","value":"42"}]}"#;
//! match serde_json::from_str(payload)? {
//!     Interaction::BlockActions(clicked) => {
//!         assert_eq!(clicked.action("approve").and_then(|action| action.as_str()), Some("42"));
//!     }
//!     Interaction::ViewSubmission(submitted) => {
//!         let title = submitted.value("title_block", "title").and_then(|value| value.as_str());
//!         println!("{title:?} in {:?}", submitted.view);
//!     }
//!     other => println!("{} by {:?}", other.kind(), other.user()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! * **One field is required**: the `type`, or a slash command's `command`. Any other that is missing, `null`, of another
//!   type or nested too deep is absent: `None`, an empty `Vec`, `false`. The others are read.
//! * **What means the same is read**: a number where a text belongs, a text where a number belongs, `"true"`. Of
//!   duplicate keys the last one counts. Of a list or map, what does not fit is left out.
//! * **Everything is there**, read or not: `raw_json()` is the JSON as it came, `field("…")` reads any field of it.
//! * **Secrets do not print.** Debug shows ids. Of JSON, and of what people wrote, chose or are called, it shows the size.
//!
//! The types can be read by `serde_json` only, from text, bytes or its `Value`; not through `#[serde(flatten)]`.

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

pub use command::SlashCommand;
pub use event_callback::{Authorization, EventCallback};
pub use events::{AppHomeOpened, Function, FunctionExecuted, Item, MemberJoinedChannel, Reaction};
pub use inner_event::{InnerEvent, MessageEvent};
pub use interaction::Interaction;
pub use interactions::{
    BlockActions, BlockSuggestion, Channel, Container, Enterprise, MessageAction, ResponseUrl, Shortcut,
    Team, User, ViewClosed, ViewSubmission,
};
pub use json::{Json, Secret};
pub use legacy::{DialogCancellation, DialogSubmission, DialogSuggestion, InteractiveMessage};
pub use read::field;
pub use view::{Action, SelectedOption, State, StateValue, TextObject, View};
