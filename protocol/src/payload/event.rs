//! The Events API.

use alloc::boxed::Box;
use alloc::string::String;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::object::{Fields, Lenient, object};
use super::{Json, Secret};

object! {
    /// The outer payload of an event (<https://docs.slack.dev/apis/events-api#events-JSON>).
    pub struct EventCallback {
        /// `event_callback`; `app_rate_limited` comes without an event.
        kind: String = "type",
        /// The workspace.
        team_id: String,
        /// The organization.
        enterprise_id: String,
        /// The workspace that the event is seen from, in a shared channel.
        context_team_id: String,
        /// The same for the organization.
        context_enterprise_id: String,
        /// The app.
        api_app_id: String,
        /// The same for each sending of one event.
        event_id: String,
        /// When it happened, in seconds since 1970.
        event_time: u64,
        /// Names the event in `apps.event.authorizations.list`.
        event_context: String,
        /// Whether it is from a channel shared with another organization.
        is_ext_shared_channel: bool,
        /// In an `app_rate_limited`: the minute of it, in seconds since 1970.
        minute_rate_limited: u64,
        /// What happened; see [`event`](Self::event).
        inner: Json = "event",
        @lists {
            /// For whom the app sees it: one of perhaps many.
            authorizations: Authorization,
            /// The people it is seen by (older).
            authed_users: String,
        }
    }

    /// An installation by which an event is seen.
    pub struct Authorization {
        /// The organization.
        enterprise_id: String,
        /// The workspace.
        team_id: String,
        /// Who installed the app, or its bot.
        user_id: String,
        /// Whether `user_id` is the bot.
        is_bot: bool,
        /// Whether the app is installed for the whole organization.
        is_enterprise_install: bool,
    }

    /// `message`, with what its subtypes share (<https://docs.slack.dev/reference/events/message>).
    pub struct MessageEvent {
        /// The subtype, as `bot_message`, `message_changed`, `channel_join`; none for what a person wrote.
        subtype: String,
        /// The channel.
        channel: String,
        /// `channel`, `group`, `im` or `mpim`.
        channel_type: String,
        /// Who wrote it.
        user: String,
        /// The bot that wrote it.
        bot_id: String,
        /// The text.
        text: String,
        /// The message's name within its channel.
        ts: String,
        /// The message that the thread hangs on.
        thread_ts: String,
        /// When the event happened.
        event_ts: String,
        /// The workspace.
        team: String,
        /// A name that the client gave it.
        client_msg_id: String,
        /// Whether it is not shown in the channel.
        hidden: bool,
        /// The message that was deleted.
        deleted_ts: String,
        /// The message as it is now, for `message_changed`.
        message: Box<MessageEvent>,
        /// The message as it was, for `message_changed` and `message_deleted`.
        previous_message: Box<MessageEvent>,
        /// Its files.
        files: Json,
        /// Its blocks.
        blocks: Json,
    }

    /// `app_mention`.
    pub struct AppMention {
        /// The channel.
        channel: String,
        /// Who mentioned the app.
        user: String,
        /// The text.
        text: String,
        /// The message's name within its channel.
        ts: String,
        /// The message that the thread hangs on.
        thread_ts: String,
        /// When the event happened.
        event_ts: String,
        /// The workspace.
        team: String,
        /// Its blocks.
        blocks: Json,
    }

    /// `reaction_added` and `reaction_removed`.
    pub struct Reaction {
        /// Who reacted.
        user: String,
        /// The emoji's name, without colons.
        reaction: String,
        /// Who wrote what was reacted to.
        item_user: String,
        /// What was reacted to.
        item: Item,
        /// When the event happened.
        event_ts: String,
    }

    /// What was reacted to.
    pub struct Item {
        /// `message`, `file`, `file_comment`.
        kind: String = "type",
        /// A message's channel.
        channel: String,
        /// A message's name within its channel.
        ts: String,
        /// A file.
        file: String,
    }

    /// `app_home_opened`.
    pub struct AppHomeOpened {
        /// Who opened it.
        user: String,
        /// The conversation with the app.
        channel: String,
        /// `home` or `messages`.
        tab: String,
        /// When the event happened.
        event_ts: String,
        /// The view that is shown, if one was published.
        view: super::View,
    }

    /// `member_joined_channel`.
    pub struct MemberJoinedChannel {
        /// Who joined.
        user: String,
        /// The channel.
        channel: String,
        /// `C` for a public channel, `G` for a private one.
        channel_type: String,
        /// The workspace.
        team: String,
        /// Who invited them.
        inviter: String,
        /// When the event happened.
        event_ts: String,
    }

    /// `function_executed`: a step of a workflow that the app carries out.
    pub struct FunctionExecuted {
        /// The function.
        function: Function,
        /// Its inputs, by name; see [`input`](Self::input).
        inputs: Json,
        /// This execution, for `functions.completeSuccess` and `functions.completeError`.
        function_execution_id: String,
        /// The workflow's execution.
        workflow_execution_id: String,
        /// When the event happened.
        event_ts: String,
        /// A token (`xwfp-…`) that is good for this execution.
        bot_access_token: Secret,
    }

    /// A function of a workflow.
    pub struct Function {
        /// Its id.
        id: String,
        /// What the app calls it.
        callback_id: String,
        /// What people call it.
        title: String,
        /// What it does.
        description: String,
        /// `app`.
        kind: String = "type",
        /// The app.
        app_id: String,
    }
}

impl EventCallback {
    /// What happened.
    #[must_use]
    pub fn event(&self) -> InnerEvent {
        self.inner.as_ref().map_or(InnerEvent::Missing, |json| InnerEvent::of(json.raw()))
    }
}

impl FunctionExecuted {
    /// An input, if it is there and fits the type.
    #[must_use]
    pub fn input<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.inputs.as_ref()?.field(name)
    }
}

/// What happened, by its `type`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InnerEvent {
    /// `message`.
    Message(Box<MessageEvent>),
    /// `app_mention`.
    AppMention(Box<AppMention>),
    /// `reaction_added`.
    ReactionAdded(Box<Reaction>),
    /// `reaction_removed`.
    ReactionRemoved(Box<Reaction>),
    /// `app_home_opened`.
    AppHomeOpened(Box<AppHomeOpened>),
    /// `member_joined_channel`.
    MemberJoinedChannel(Box<MemberJoinedChannel>),
    /// `function_executed`.
    FunctionExecuted(Box<FunctionExecuted>),
    /// Another event, or one without a `type`.
    Other {
        /// Its `type`, empty where there was none.
        kind: String,
        /// The event.
        json: Json,
    },
    /// There is none, as in `app_rate_limited`.
    Missing,
}

impl InnerEvent {
    fn of(raw: &RawValue) -> Self {
        let kind = Fields::of(raw).get::<String>("type").unwrap_or_default();
        let known = match &*kind {
            "message" => Lenient::read(raw).map(Self::Message),
            "app_mention" => Lenient::read(raw).map(Self::AppMention),
            "reaction_added" => Lenient::read(raw).map(Self::ReactionAdded),
            "reaction_removed" => Lenient::read(raw).map(Self::ReactionRemoved),
            "app_home_opened" => Lenient::read(raw).map(Self::AppHomeOpened),
            "member_joined_channel" => Lenient::read(raw).map(Self::MemberJoinedChannel),
            "function_executed" => Lenient::read(raw).map(Self::FunctionExecuted),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Other { kind, json: Json::new(raw) })
    }
}
