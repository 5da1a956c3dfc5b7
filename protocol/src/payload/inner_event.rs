//! Events, by their type.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Json;
use super::events::{AppHomeOpened, FunctionExecuted, MemberJoinedChannel, Reaction};
use super::object::object;
use super::read::{self, Fields, FromFields, Read, deserialize};

/// The `event` of an [`EventCallback`](super::EventCallback).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InnerEvent {
    /// `message` of every subtype, those of bots and of the app itself too.
    Message(MessageEvent),
    /// `app_mention`: somebody named the app in a message.
    AppMention(MessageEvent),
    /// `reaction_added`.
    ReactionAdded(Reaction),
    /// `reaction_removed`.
    ReactionRemoved(Reaction),
    /// `app_home_opened`.
    AppHomeOpened(AppHomeOpened),
    /// `member_joined_channel`.
    MemberJoinedChannel(MemberJoinedChannel),
    /// `function_executed`.
    FunctionExecuted(FunctionExecuted),
    /// Any other.
    Other {
        /// Its `type`.
        kind: String,
        /// The event.
        raw: Json,
    },
    /// There is none, or it has no `type`.
    Missing,
}

impl InnerEvent {
    /// Its `type`; empty if it is missing.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Message(_) => "message",
            Self::AppMention(_) => "app_mention",
            Self::ReactionAdded(_) => "reaction_added",
            Self::ReactionRemoved(_) => "reaction_removed",
            Self::AppHomeOpened(_) => "app_home_opened",
            Self::MemberJoinedChannel(_) => "member_joined_channel",
            Self::FunctionExecuted(_) => "function_executed",
            Self::Other { kind, .. } => kind,
            Self::Missing => "",
        }
    }

    /// The JSON that it was read from; `null` if it is missing. **It may hold secrets.**
    #[must_use]
    pub fn raw_json(&self) -> &str {
        match self {
            Self::Message(event) | Self::AppMention(event) => event.raw_json(),
            Self::ReactionAdded(event) | Self::ReactionRemoved(event) => event.raw_json(),
            Self::AppHomeOpened(event) => event.raw_json(),
            Self::MemberJoinedChannel(event) => event.raw_json(),
            Self::FunctionExecuted(event) => event.raw_json(),
            Self::Other { raw, .. } => raw.raw_json(),
            Self::Missing => "null",
        }
    }

    /// Reads any field by its name into any type; `None` if it is missing or does not fit.
    #[must_use]
    pub fn field<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Option<T> {
        read::field(self.raw_json(), name)
    }
}

impl Read for InnerEvent {
    const EXPECTED: &'static str = "an object with a type, or null";

    fn read(raw: &RawValue) -> Option<Self> {
        if raw.get() == "null" {
            return Some(Self::Missing);
        }
        let fields = Fields::of(raw.get())?;
        let kind = fields.get::<Option<String>>("type")?;
        Some(match kind.as_str() {
            "message" => Self::Message(FromFields::from_fields(&fields, raw)?),
            "app_mention" => Self::AppMention(FromFields::from_fields(&fields, raw)?),
            "reaction_added" => Self::ReactionAdded(FromFields::from_fields(&fields, raw)?),
            "reaction_removed" => Self::ReactionRemoved(FromFields::from_fields(&fields, raw)?),
            "app_home_opened" => Self::AppHomeOpened(FromFields::from_fields(&fields, raw)?),
            "member_joined_channel" => Self::MemberJoinedChannel(FromFields::from_fields(&fields, raw)?),
            "function_executed" => Self::FunctionExecuted(FromFields::from_fields(&fields, raw)?),
            _ => Self::Other { kind, raw: Json::of(raw) },
        })
    }
}

impl<'de> Deserialize<'de> for InnerEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

object! {
    /// `message` and `app_mention`: what the subtypes share. <https://docs.slack.dev/reference/events/message>
    ///
    /// ```
    /// use socketmode_protocol::payload::MessageEvent;
    ///
    /// let event = r#"{
    ///     "type": "message",
    ///     "subtype": "message_changed",
    ///     "message": { "text": "now" },
    ///     "edited": { "user": "U1" }
    /// }"#;
    /// let changed: MessageEvent = serde_json::from_str(event)?;
    /// assert_eq!(
    ///     changed.message.as_ref().and_then(|message| message.text.as_deref()),
    ///     Some("now")
    /// );
    /// assert!(changed.field::<serde_json::Value>("edited").is_some());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct MessageEvent {
        /// What kind of message, if it is not somebody's plain one: `bot_message`, `message_changed`, …
        show subtype: Option<String>,
        /// Where.
        show channel: Option<String>,
        /// `channel`, `group`, `im` or `mpim`.
        show channel_type: Option<String>,
        /// Who wrote it.
        show user: Option<String>,
        /// The bot that wrote it. An app that answers messages should not answer those.
        show bot_id: Option<String>,
        /// The app that wrote it.
        show app_id: Option<String>,
        /// The name that a bot gave itself.
        hide username: Option<String>,
        /// What was written.
        hide text: Option<String>,
        /// The message's timestamp, which is its id in the channel.
        show ts: Option<String>,
        /// The message at the head of the thread that it is in.
        show thread_ts: Option<String>,
        /// When it happened, as Slack's timestamp.
        show event_ts: Option<String>,
        /// The workspace of who wrote it.
        show team: Option<String>,
        /// The client's own id for it.
        show client_msg_id: Option<String>,
        /// Whether clients must not show it.
        show hidden: bool,
        /// In `message_changed`: the message as it is now. Its own `message` is not read.
        show message: Option<Box<MessageEvent>>,
        /// In `message_changed` and `message_deleted`: the message as it was.
        show previous_message: Option<Box<MessageEvent>>,
        /// In `thread_broadcast`: the message at the head of the thread.
        show root: Option<Box<MessageEvent>>,
        /// In `message_deleted`: the message's timestamp.
        show deleted_ts: Option<String>,
        /// The files: an object each.
        hide files: Vec<Json>,
        /// The blocks, an array.
        show blocks: Option<Json>,
        /// The attachments, an array.
        show attachments: Option<Json>,
        /// What an app attached, if the event was asked to have it.
        show metadata: Option<Json>,
    }
}

/// A message in a message. Its own nested message is not read, so that nesting has an end.
impl Read for Box<MessageEvent> {
    const EXPECTED: &'static str = "an object";

    fn read(raw: &RawValue) -> Option<Self> {
        let fields = Fields::of(raw.get())?.without(&["message", "previous_message", "root"]);
        MessageEvent::from_fields(&fields, raw).map(Self::new)
    }
}
