//! The payload of an `events_api` envelope.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::value::RawValue;

use super::inner_event::InnerEvent;
use super::object::object;
use super::read::{Field, Read};
use crate::wire::fields;

object! {
    /// The payload of an `events_api` envelope: an event that the app is subscribed to, and who may see it.
    ///
    /// What happened is in [`event`](Self::event). Only `type` is required.
    /// <https://docs.slack.dev/apis/events-api>
    ///
    /// ```
    /// use socketmode_protocol::payload::{EventCallback, InnerEvent};
    ///
    /// let payload = r#"{
    ///     "type": "event_callback",
    ///     "event_id": "Ev1",
    ///     "event": { "type": "reaction_added", "reaction": "eyes" }
    /// }"#;
    /// let callback: EventCallback = serde_json::from_str(payload)?;
    /// match callback.event {
    ///     InnerEvent::ReactionAdded(added) => {
    ///         assert_eq!(added.reaction.as_deref(), Some("eyes"))
    ///     }
    ///     InnerEvent::Message(message) => println!("in {:?}", message.channel),
    ///     other => println!("{}", other.kind()),
    /// }
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct EventCallback requires type {
        /// `event_callback`, or `app_rate_limited`, which has no event.
        show kind = "type": String,
        /// What happened.
        show event: InnerEvent,
        /// The id of the event. It is the same in each retry.
        show event_id: Option<String>,
        /// When it happened, in seconds since 1970.
        show event_time: Option<i64>,
        /// For `apps.event.authorizations.list`, which returns all installations that may see the event.
        show event_context: Option<String>,
        /// The workspace.
        show team_id: Option<String>,
        /// The organization, if the workspace is in one.
        show enterprise_id: Option<String>,
        /// The app.
        show api_app_id: Option<String>,
        /// One of the installations that may see the event. Slack sends at most one.
        show authorizations: Vec<Authorization>,
        /// Whether the channel is shared with another organization.
        show is_ext_shared_channel: bool,
        /// In a shared channel: the workspace through which the app sees the event.
        show context_team_id: Option<String>,
        /// In a shared channel: the organization through which the app sees the event.
        show context_enterprise_id: Option<String>,
        /// The old form of `authorizations`.
        show authed_users: Vec<String>,
        /// In `app_rate_limited`: the minute in which events were left out, in seconds since 1970.
        show minute_rate_limited: Option<i64>,
    }
}

impl EventCallback {
    /// The `type` of the event in a payload, without reading the rest: to choose who reads it. `None` if there is none. If the
    /// payload has two events, or its event two types, the first one counts here.
    ///
    /// ```
    /// use socketmode_protocol::payload::EventCallback;
    ///
    /// let payload = r#"{"type":"event_callback","event":{"type":"app_mention"}}"#;
    /// assert_eq!(EventCallback::event_type(payload).as_deref(), Some("app_mention"));
    /// ```
    #[must_use]
    pub fn event_type(payload: &str) -> Option<Cow<'_, str>> {
        fields::leading_string(fields::first_value(fields::first_value(payload, b"event")?, b"type")?)
    }

    /// The user that the event names first; see [`InnerEvent::user_id`].
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.event.user_id()
    }

    /// The channel of the event; see [`InnerEvent::channel_id`].
    #[must_use]
    pub fn channel_id(&self) -> Option<&str> {
        self.event.channel_id()
    }
}

object! {
    /// An installation of the app that may see an event.
    pub struct Authorization {
        /// The organization.
        show enterprise_id: Option<String>,
        /// The workspace.
        show team_id: Option<String>,
        /// Who installed the app, or the app's bot user.
        show user_id: Option<String>,
        /// Whether that is a bot.
        show is_bot: bool,
        /// Whether the app is installed for a whole organization.
        show is_enterprise_install: bool,
    }
}

/// Nothing that can be read, and nothing at all, is [`InnerEvent::Missing`].
impl Field for InnerEvent {
    fn field(raw: Option<&RawValue>) -> Self {
        raw.and_then(Self::read).unwrap_or(Self::Missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_type_is_read_without_the_rest() {
        for (payload, expected) in [
            (r#"{"event":{"type":"message","text":1},"type":"event_callback"}"#, Some("message")),
            (
                r#" { "a" : [{"event":1}], "event" : { "b":"}" , "type" : "app\u005fmention" , "#,
                Some("app_mention"),
            ),
            (r#"{"event":{"type":"one","type":"two"},"event":{"type":"three"}}"#, Some("one")),
            (r#"{"type":"app_rate_limited","minute_rate_limited":1}"#, None),
            (r#"{"event":{"user":"U1"},"type":"event_callback"}"#, None),
            (r#"{"event":{"type":null}}"#, None),
            (r#"{"event":null}"#, None),
            ("[]", None),
            ("", None),
        ] {
            assert_eq!(EventCallback::event_type(payload).as_deref(), expected, "{payload}");
        }
    }
}
