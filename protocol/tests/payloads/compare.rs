//! What the typed fields have to be, told from `serde_json::Value`.

use std::collections::BTreeMap;

use serde_json::Value;
use socketmode_protocol::payload::*;

/// The interactions that have a type of their own.
pub(crate) const INTERACTIONS: &[&str] = &[
    "block_actions",
    "view_submission",
    "view_closed",
    "shortcut",
    "message_action",
    "block_suggestion",
    "dialog_submission",
    "dialog_cancellation",
    "dialog_suggestion",
    "interactive_message",
];

/// A string, or a number's text.
pub(crate) fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A whole number, or the text of one.
pub(crate) fn number(value: Option<&Value>) -> Option<i64> {
    let text = text(value)?;
    let cut = || text.parse::<f64>().ok().filter(|number| number.abs() <= 2_f64.powi(53));
    text.parse().ok().or_else(|| cut().map(|number| number as i64))
}

/// Asserts that it is what is in this value; `at` is where.
pub(crate) trait Same {
    /// Whether such a value can be read at all, as a list leaves out what cannot.
    fn fits(value: &Value) -> bool;
    fn same(&self, at: &str, value: Option<&Value>);
}

impl Same for String {
    fn fits(value: &Value) -> bool {
        text(Some(value)).is_some()
    }
    fn same(&self, at: &str, value: Option<&Value>) {
        assert_eq!(Some(self), text(value).as_ref(), "{at}");
    }
}

impl Same for Secret {
    fn fits(value: &Value) -> bool {
        String::fits(value)
    }
    fn same(&self, at: &str, value: Option<&Value>) {
        assert_eq!(Some(self.expose_secret()), text(value).as_deref(), "{at}");
    }
}

impl Same for i64 {
    fn fits(value: &Value) -> bool {
        number(Some(value)).is_some()
    }
    fn same(&self, at: &str, value: Option<&Value>) {
        assert_eq!(Some(*self), number(value), "{at}");
    }
}

impl Same for bool {
    fn fits(_: &Value) -> bool {
        true
    }
    fn same(&self, at: &str, value: Option<&Value>) {
        let truth = value.is_some_and(|value| *value == Value::Bool(true) || *value == "true");
        assert_eq!(*self, truth, "{at}");
    }
}

impl Same for Json {
    fn fits(value: &Value) -> bool {
        !value.is_null()
    }
    fn same(&self, at: &str, value: Option<&Value>) {
        // What is too deep for a `Value` is kept nevertheless.
        match self.read::<Value>() {
            Some(raw) => assert_eq!(Some(&raw), value, "{at}"),
            None => assert!(self.raw_json().len() > 500, "{at}"),
        }
    }
}

impl<T: Same> Same for Option<T> {
    fn fits(_: &Value) -> bool {
        true
    }
    fn same(&self, at: &str, value: Option<&Value>) {
        match self {
            Some(it) => it.same(at, value),
            None => assert!(!value.is_some_and(T::fits), "{at} is not read: {value:?}"),
        }
    }
}

impl<T: Same> Same for Vec<T> {
    fn fits(value: &Value) -> bool {
        value.is_array()
    }
    fn same(&self, at: &str, value: Option<&Value>) {
        let values = value.and_then(Value::as_array).into_iter().flatten();
        let values: Vec<&Value> = values.filter(|value| T::fits(value)).collect();
        assert_eq!(self.len(), values.len(), "{at}");
        self.iter().zip(values).for_each(|(it, value)| it.same(at, Some(value)));
    }
}

impl<T: Same> Same for BTreeMap<String, T> {
    fn fits(value: &Value) -> bool {
        value.is_object()
    }
    fn same(&self, at: &str, value: Option<&Value>) {
        let values = value.and_then(Value::as_object).into_iter().flatten();
        let values: BTreeMap<&String, &Value> = values.filter(|(_, value)| T::fits(value)).collect();
        assert!(self.keys().eq(values.keys().copied()), "{at}");
        self.iter()
            .zip(values)
            .for_each(|((name, it), (_, value))| it.same(&format!("{at}.{name}"), Some(value)));
    }
}

/// A message in a message is read without those in it.
impl Same for Box<MessageEvent> {
    fn fits(value: &Value) -> bool {
        value.is_object()
    }
    fn same(&self, at: &str, value: Option<&Value>) {
        let mut value = value.cloned();
        if let Some(fields) = value.as_mut().and_then(Value::as_object_mut) {
            fields.retain(|name, _| !["message", "previous_message", "root"].contains(&name.as_str()));
        }
        (**self).same(at, value.as_ref());
    }
}

macro_rules! same {
    ($( $object:ident { $( $name:ident $(= $key:literal)?, )* } )*) => { $(
        impl Same for $object {
            fn fits(value: &Value) -> bool {
                value.is_object()
            }
            fn same(&self, at: &str, value: Option<&Value>) {
                let value = value.filter(|value| value.is_object()).unwrap_or_else(|| panic!("{at} is read"));
                $( {
                    let key = [$($key,)? stringify!($name)][0];
                    self.$name.same(&format!("{at}.{key}"), value.get(key));
                    // Any field can be read by its name, if it is not too deep for a `Value`. Deeper down the same code
                    // would run a thousand times.
                    let field = if ["", ".event"].contains(&at) { self.field::<Value>(key) } else { None };
                    if let Some(raw) = field {
                        assert!(value.get(key).is_none_or(|value| *value == raw), "{at}.{key}");
                    }
                } )*
            }
        }
    )* };
}

same! {
    SlashCommand {
        command, text, user_id, user_name, channel_id, channel_name, team_id, team_domain, enterprise_id,
        enterprise_name, is_enterprise_install, api_app_id, trigger_id, response_url,
    }
    EventCallback {
        kind = "type", event, event_id, event_time, event_context, team_id, enterprise_id, api_app_id, authorizations,
        is_ext_shared_channel, context_team_id, context_enterprise_id, authed_users, minute_rate_limited,
    }
    Authorization { enterprise_id, team_id, user_id, is_bot, is_enterprise_install, }
    MessageEvent {
        subtype, channel, channel_type, user, bot_id, bot_profile, app_id, username, text, ts, thread_ts, parent_user_id,
        event_ts, team, user_team, source_team, client_msg_id, edited, files, upload, display_as_bot, blocks,
        attachments, metadata, action_token, hidden, message, previous_message, root, deleted_ts, reply_count,
        reply_users_count, reply_users, latest_reply, is_starred, pinned_to, streaming_state, icons, inviter, name,
        old_name, purpose, topic,
    }
    AppMention {
        subtype, channel, channel_type, user, bot_id, bot_profile, app_id, username, text, ts, thread_ts, parent_user_id,
        event_ts, team, user_team, source_team, client_msg_id, edited, files, upload, display_as_bot, blocks,
        attachments, metadata, action_token,
    }
    BotProfile { id, name, app_id, team_id, icons, updated, deleted, }
    Edited { user, ts, }
    MessageMetadata { event_type, event_payload, }
    ReactionAdded { user, reaction, item_user, item, event_ts, }
    ReactionRemoved { user, reaction, item_user, item, event_ts, }
    Item { kind = "type", channel, ts, file, file_comment, }
    AppHomeOpened { user, channel, tab, view, event_ts, }
    MemberJoinedChannel { user, channel, channel_type, team, inviter, enterprise, event_ts, }
    FunctionExecuted {
        function, inputs, function_execution_id, workflow_execution_id, bot_access_token, event_ts,
    }
    Function {
        id, callback_id, title, description, kind = "type", app_id, input_parameters, output_parameters,
    }
    BlockActions {
        actions, container, channel, message, view, state, bot_access_token, user, team, enterprise,
        is_enterprise_install, api_app_id, trigger_id, response_url,
    }
    ViewSubmission {
        view, response_urls, bot_access_token, user, team, enterprise, is_enterprise_install, api_app_id, trigger_id,
        response_url,
    }
    ViewClosed {
        view, is_cleared, bot_access_token, user, team, enterprise, is_enterprise_install, api_app_id, trigger_id,
        response_url,
    }
    Shortcut {
        callback_id, action_ts, user, team, enterprise, is_enterprise_install, api_app_id, trigger_id, response_url,
    }
    MessageAction {
        callback_id, action_ts, channel, message_ts, message, user, team, enterprise, is_enterprise_install,
        api_app_id, trigger_id, response_url,
    }
    BlockSuggestion {
        action_id, block_id, value, container, channel, message, view, user, team, enterprise, is_enterprise_install,
        api_app_id, trigger_id, response_url,
    }
    DialogSubmission {
        submission, callback_id, state, channel, action_ts, user, team, enterprise, is_enterprise_install, api_app_id,
        trigger_id, response_url,
    }
    DialogCancellation {
        callback_id, state, channel, action_ts, user, team, enterprise, is_enterprise_install, api_app_id, trigger_id,
        response_url,
    }
    DialogSuggestion {
        name, value, callback_id, state, channel, action_ts, user, team, enterprise, is_enterprise_install,
        api_app_id, trigger_id, response_url,
    }
    InteractiveMessage {
        actions, callback_id, attachment_id, channel, action_ts, message_ts, original_message, is_app_unfurl, user,
        team, enterprise, is_enterprise_install, api_app_id, trigger_id, response_url,
    }
    User { id, name, username, email, team_id, }
    Team { id, name, domain, enterprise_id, enterprise_name, }
    Enterprise { id, name, }
    Channel { id, name, }
    Container {
        kind = "type", message_ts, channel_id, thread_ts, attachment_id, is_ephemeral, is_app_unfurl, view_id,
    }
    ResponseUrl { block_id, action_id, channel_id, response_url, }
    View {
        id, callback_id, external_id, private_metadata, hash, root_view_id, previous_view_id, kind = "type", team_id,
        app_installed_team_id, app_id, bot_id, title, submit, close, state, clear_on_close, notify_on_close, blocks,
    }
    State { values, }
    StateValue {
        kind = "type", value, selected_option, selected_options, selected_date, selected_time, selected_date_time,
        timezone, selected_user, selected_users, selected_channel, selected_channels, selected_conversation,
        selected_conversations, rich_text_value, files,
    }
    Action {
        action_id, block_id, name, text, style, url, placeholder, confirm, initial_value, initial_option,
        initial_options, initial_date, initial_time, initial_date_time, initial_user, initial_users, initial_channel,
        initial_channels, initial_conversation, initial_conversations, action_ts, kind = "type", value, selected_option, selected_options,
        selected_date, selected_time, selected_date_time, timezone, selected_user, selected_users, selected_channel,
        selected_channels, selected_conversation, selected_conversations, rich_text_value, files,
    }
    SelectedOption { value, text, description, }
    TextObject { kind = "type", text, }
}

impl Same for InnerEvent {
    fn fits(_: &Value) -> bool {
        true
    }
    fn same(&self, at: &str, value: Option<&Value>) {
        let kind = text(value.and_then(|value| value.get("type")));
        let Some(kind) = kind else {
            assert_eq!(*self, Self::Missing, "{at}");
            return;
        };
        assert_eq!(self.kind(), kind, "{at}");
        assert_eq!(text(self.field::<Value>("type").as_ref()), Some(kind.clone()), "{at}");
        match self {
            Self::Message(event) => event.same(at, value),
            Self::AppMention(event) => event.same(at, value),
            Self::ReactionAdded(event) => event.same(at, value),
            Self::ReactionRemoved(event) => event.same(at, value),
            Self::AppHomeOpened(event) => event.same(at, value),
            Self::MemberJoinedChannel(event) => event.same(at, value),
            Self::FunctionExecuted(event) => event.same(at, value),
            Self::Other { raw, .. } => raw.same(at, value),
            Self::Missing => panic!("{at} is missing"),
            // `events.rs` compares these with their samples.
            _ => {}
        }
        assert_eq!(matches!(self, Self::Other { .. }), !Self::KINDS.contains(&kind.as_str()), "{at}");
    }
}

impl Same for Interaction {
    fn fits(value: &Value) -> bool {
        text(value.get("type")).is_some()
    }
    fn same(&self, at: &str, value: Option<&Value>) {
        let kind = text(value.and_then(|value| value.get("type"))).expect("a type");
        assert_eq!(self.kind(), kind, "{at}");
        match self {
            Self::BlockActions(it) => it.same(at, value),
            Self::ViewSubmission(it) => it.same(at, value),
            Self::ViewClosed(it) => it.same(at, value),
            Self::Shortcut(it) => it.same(at, value),
            Self::MessageAction(it) => it.same(at, value),
            Self::BlockSuggestion(it) => it.same(at, value),
            Self::DialogSubmission(it) => it.same(at, value),
            Self::DialogCancellation(it) => it.same(at, value),
            Self::DialogSuggestion(it) => it.same(at, value),
            Self::InteractiveMessage(it) => it.same(at, value),
            Self::Other { raw, .. } => raw.same(at, value),
            _ => panic!("a kind without a comparison"),
        }
        let other = matches!(self, Self::Other { .. });
        assert_eq!(other, !INTERACTIONS.contains(&kind.as_str()), "{at}");
        if !other {
            self.user_id()
                .map(String::from)
                .same("user_id()", value.and_then(|value| value.pointer("/user/id")));
            let get = |name| value.and_then(|value| value.get(name));
            self.user().cloned().same("user()", get("user"));
            self.team().cloned().same("team()", get("team"));
            self.trigger_id().map(String::from).same("trigger_id()", get("trigger_id"));
            self.response_url().cloned().same("response_url()", get("response_url"));
        }
    }
}
