//! What is in an envelope's payload, typed; read when somebody asks, never on the way in.
//!
//! ```
//! use socketmode_protocol::payload::{EventCallback, InnerEvent};
//!
//! let text = r#"{"type":"event_callback","event_id":"Ev1","event":{"type":"app_mention","user":"U1","text":"hi"}}"#;
//! let callback: EventCallback = serde_json::from_str(text).unwrap();
//! let InnerEvent::AppMention(mention) = callback.event() else { panic!() };
//! assert_eq!(mention.user.as_deref(), Some("U1"));
//! ```
//!
//! * Only what makes a payload one of its kind is required: the `command` of a slash command, the `type` of an
//!   interaction. Every other field is absent (`None`, or an empty list) where Slack did not send it, and where it sent
//!   something of another type: that costs this field alone.
//! * Every level keeps its JSON: [`SlashCommand::raw_json`] and `field` reach what has no field here. Every enum has an
//!   `Other` for what Slack adds.
//! * Debug shows lengths and no contents: people's words and secrets are in there.

mod command;
mod event;
mod interaction;
mod legacy;
mod object;
mod view;

pub use command::SlashCommand;
pub use event::{
    AppHomeOpened, AppMention, Authorization, EventCallback, Function, FunctionExecuted, InnerEvent, Item,
    MemberJoinedChannel, MessageEvent, Reaction,
};
pub use interaction::{
    Action, BlockActions, BlockSuggestion, Channel, Container, Enterprise, Interaction, MessageAction,
    SelectedOption, Shortcut, Team, User, ViewClosed, ViewSubmission,
};
pub use legacy::{DialogCancellation, DialogSubmission, DialogSuggestion, InteractiveMessage, LegacyAction};
pub use object::{Json, Secret};
pub use view::{State, StateValue, View};
