//! Messages, and what is attached to them: reactions, pins, stars, metadata.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::value::RawValue;

use super::{
    AppContext, AssistantThread, BotProfile, Edited, FileId, Item, MessageMetadata, ReactionCount,
    UserProfile, events, ids,
};
use crate::payload::object::object;
use crate::payload::read::{Fields, FromFields, Read};
use crate::payload::write::Write;
use crate::payload::{Json, Secret};

/// A struct with what all messages can have.
macro_rules! message {
    ($(#[$meta:meta])* pub struct $object:ident $mode:ident $kind:literal { $($own:tt)* }) => {
        object! {
            $(#[$meta])*
            pub struct $object $mode $kind {
                /// What kind of message, if it is not somebody's plain one: `bot_message`, `message_changed`, …
                show subtype: Option<String>,
                /// Where.
                show channel: Option<String>,
                /// `channel`, `group`, `im`, `mpim` or `app_home`.
                show channel_type: Option<String>,
                /// Who wrote it.
                show user: Option<String>,
                /// The bot that wrote it. An app that answers messages should not answer those.
                show bot_id: Option<String>,
                /// The bot that wrote it, in full.
                show bot_profile: Option<BotProfile>,
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
                /// Who wrote the message at the head of the thread.
                show parent_user_id: Option<String>,
                /// When it happened, as Slack's timestamp.
                show event_ts: Option<String>,
                /// The workspace of who wrote it.
                show team: Option<String>,
                /// The same, in a shared channel.
                show user_team: Option<String>,
                /// In a shared channel: the workspace that it was written in.
                show source_team: Option<String>,
                /// In a shared channel: who wrote it.
                show user_profile: Option<Box<UserProfile>>,
                /// The client's own id for it.
                show client_msg_id: Option<String>,
                /// Who edited it last, if somebody did.
                show edited: Option<Edited>,
                /// The files: an object each.
                hide files: Vec<Json>,
                /// Whether its files were uploaded with it.
                show upload: bool,
                /// Whether its files are shown as the bot's.
                show display_as_bot: bool,
                /// The blocks, an array.
                show blocks: Option<Json>,
                /// The attachments, an array.
                show attachments: Option<Json>,
                /// What an app attached, if the event was asked to have it.
                show metadata: Option<MessageMetadata>,
                /// In an assistant's thread.
                show assistant_thread: Option<AssistantThread>,
                /// What the person looks at beside the app.
                show app_context: Option<AppContext>,
                /// For `assistant.search.context`, as the person who wrote it.
                show action_token: Option<Secret>,
                $($own)*
            }
        }

        ids! { $object by user in channel }
    };
}

message! {
    /// `message`: what the subtypes share. <https://docs.slack.dev/reference/events/message>
    ///
    /// ```
    /// use socketmode_protocol::payload::MessageEvent;
    ///
    /// let event = r#"{
    ///     "type": "message",
    ///     "subtype": "message_changed",
    ///     "message": { "text": "now", "edited": { "user": "U1" } },
    ///     "new_field": 1
    /// }"#;
    /// let changed: MessageEvent = serde_json::from_str(event)?;
    /// let message = changed.message.as_ref().unwrap();
    /// assert_eq!(message.text.as_deref(), Some("now"));
    /// assert_eq!(
    ///     message.edited.as_ref().and_then(|edited| edited.user.as_deref()),
    ///     Some("U1")
    /// );
    /// assert_eq!(changed.field("new_field"), Some(1));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct MessageEvent or "message" {
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
        /// At the head of a thread: how many replies there are.
        show reply_count: Option<i64>,
        /// At the head of a thread: how many people replied.
        show reply_users_count: Option<i64>,
        /// At the head of a thread: some of them.
        show reply_users: Vec<String>,
        /// At the head of a thread: the last reply.
        show latest_reply: Option<String>,
        /// Whether the app's user starred it.
        show is_starred: bool,
        /// The channels that it is pinned to.
        show pinned_to: Vec<String>,
        /// The reactions.
        show reactions: Vec<ReactionCount>,
        /// Of an agent's message: `in_progress`, `completed` or `errored`.
        show streaming_state: Option<String>,
        /// A bot's icons, by their sizes.
        show icons: Option<Json>,
        /// In `channel_join`: who invited them.
        show inviter: Option<String>,
        /// In `channel_name`: the name now.
        hide name: Option<String>,
        /// In `channel_name`: the name before.
        hide old_name: Option<String>,
        /// In `channel_purpose`: the purpose now.
        hide purpose: Option<String>,
        /// In `channel_topic`: the topic now.
        hide topic: Option<String>,
    }
}

message! {
    /// Somebody named the app in a message. <https://docs.slack.dev/reference/events/app_mention>
    ///
    /// ```
    /// use socketmode_protocol::payload::{AppMention, InnerEvent};
    ///
    /// // What a test hands to a handler: end it with `..`, as fields are added.
    /// let mention = AppMention {
    ///     user: Some("U1".into()),
    ///     channel: Some("C1".into()),
    ///     text: Some("<@U9> hello".into()),
    ///     ..AppMention::default()
    /// };
    /// assert_eq!(mention.channel_id(), Some("C1"));
    /// let event: InnerEvent = serde_json::from_str(&mention.to_json())?;
    /// assert_eq!(event.kind(), "app_mention");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct AppMention is "app_mention" {}
}

/// A message in a message. Its own nested message is not read, so that nesting has an end.
impl Read for Box<MessageEvent> {
    const EXPECTED: &'static str = "an object";

    fn read(raw: &RawValue) -> Option<Self> {
        let fields = Fields::of(raw.get())?.without(&["message", "previous_message", "root"]);
        MessageEvent::from_fields(&fields, raw).map(Self::new)
    }
}

impl Read for Box<UserProfile> {
    const EXPECTED: &'static str = "an object";

    fn read(raw: &RawValue) -> Option<Self> {
        UserProfile::read(raw).map(Self::new)
    }
}

impl<T: Write> Write for Box<T> {
    fn write(&self, json: &mut String) {
        (**self).write(json);
    }
}

events! { ($) messages
    /// Somebody reacted to something. <https://docs.slack.dev/reference/events/reaction_added>
    ReactionAdded is "reaction_added" by user in item {
        /// Who reacted.
        show user: Option<String>,
        /// The emoji's name without its colons.
        show reaction: Option<String>,
        /// Whose item it is.
        show item_user: Option<String>,
        /// To what.
        show item: Option<Item>,
    }

    /// Somebody took a reaction back. <https://docs.slack.dev/reference/events/reaction_removed>
    ReactionRemoved is "reaction_removed" by user in item {
        /// Who took it back.
        show user: Option<String>,
        /// The emoji's name without its colons.
        show reaction: Option<String>,
        /// Whose item it is.
        show item_user: Option<String>,
        /// From what.
        show item: Option<Item>,
    }

    /// Something was pinned to a channel. <https://docs.slack.dev/reference/events/pin_added>
    PinAdded is "pin_added" by user in channel_id {
        /// Who pinned it.
        show user: Option<String>,
        /// Where.
        show channel_id: Option<String>,
        /// What.
        show item: Option<PinnedItem>,
        /// Whose it is.
        show item_user: Option<String>,
        /// How many pins the channel has.
        show pin_count: Option<i64>,
        /// When and by whom.
        show pinned_info: Option<PinnedInfo>,
    }

    /// Something is no longer pinned to a channel. <https://docs.slack.dev/reference/events/pin_removed>
    PinRemoved is "pin_removed" by user in channel_id {
        /// Who removed the pin.
        show user: Option<String>,
        /// Where.
        show channel_id: Option<String>,
        /// What.
        show item: Option<PinnedItem>,
        /// Whose it is.
        show item_user: Option<String>,
        /// How many pins the channel has.
        show pin_count: Option<i64>,
        /// When and by whom it was pinned.
        show pinned_info: Option<PinnedInfo>,
        /// Whether the channel has other pins.
        show has_pins: bool,
    }

    /// The app's user starred something. <https://docs.slack.dev/reference/events/star_added>
    StarAdded is "star_added" by user in item {
        /// Who.
        show user: Option<String>,
        /// What.
        show item: Option<StarredItem>,
    }

    /// The app's user took a star back. <https://docs.slack.dev/reference/events/star_removed>
    StarRemoved is "star_removed" by user in item {
        /// Who.
        show user: Option<String>,
        /// From what.
        show item: Option<StarredItem>,
    }

    /// A message with metadata was posted. <https://docs.slack.dev/reference/events/message_metadata_posted>
    MessageMetadataPosted is "message_metadata_posted" by user_id in channel_id {
        /// The app that posted it.
        show app_id: Option<String>,
        /// Its bot.
        show bot_id: Option<String>,
        /// Its bot's user.
        show user_id: Option<String>,
        /// The workspace.
        show team_id: Option<String>,
        /// Where.
        show channel_id: Option<String>,
        /// The metadata.
        show metadata: Option<MessageMetadata>,
        /// The message.
        show message_ts: Option<String>,
    }

    /// The metadata of a message was changed. <https://docs.slack.dev/reference/events/message_metadata_updated>
    MessageMetadataUpdated is "message_metadata_updated" by user_id in channel_id {
        /// The app that changed it.
        show app_id: Option<String>,
        /// Its bot.
        show bot_id: Option<String>,
        /// Its bot's user.
        show user_id: Option<String>,
        /// The workspace.
        show team_id: Option<String>,
        /// Where.
        show channel_id: Option<String>,
        /// The metadata now.
        show metadata: Option<MessageMetadata>,
        /// The metadata before.
        show previous_metadata: Option<MessageMetadata>,
        /// The message.
        show message_ts: Option<String>,
    }

    /// A message with metadata was deleted. <https://docs.slack.dev/reference/events/message_metadata_deleted>
    MessageMetadataDeleted is "message_metadata_deleted" by user_id in channel_id {
        /// The app that posted it.
        show app_id: Option<String>,
        /// Its bot.
        show bot_id: Option<String>,
        /// Its bot's user.
        show user_id: Option<String>,
        /// The workspace.
        show team_id: Option<String>,
        /// Where.
        show channel_id: Option<String>,
        /// The metadata before.
        show previous_metadata: Option<MessageMetadata>,
        /// The message.
        show message_ts: Option<String>,
        /// The message that was deleted.
        show deleted_ts: Option<String>,
    }
}

object! {
    /// What is pinned.
    pub struct PinnedItem {
        /// `message` or `file`.
        show kind = "type": Option<String>,
        /// Where.
        show channel: Option<String>,
        /// Whose it is.
        show created_by: Option<String>,
        /// When it was pinned, in seconds since 1970.
        show created: Option<i64>,
        /// The message.
        show message: Option<Box<MessageEvent>>,
        /// The file.
        show file: Option<FileId>,
    }
}

object! {
    /// When something was pinned, and by whom.
    pub struct PinnedInfo {
        /// Where.
        show channel: Option<String>,
        /// Who pinned it.
        show pinned_by: Option<String>,
        /// When, in seconds since 1970.
        show pinned_ts: Option<i64>,
    }
}

object! {
    /// What is starred.
    pub struct StarredItem {
        /// `message`, `file`, `channel`, `im` or `group`.
        show kind = "type": Option<String>,
        /// Where.
        show channel: Option<String>,
        /// The message.
        show message: Option<Box<MessageEvent>>,
        /// The file.
        show file: Option<FileId>,
        /// When it was starred, in seconds since 1970.
        show date_create: Option<i64>,
    }
}
