//! Each kind of interaction.

use alloc::string::String;
use alloc::vec::Vec;

use super::object::object;
use super::{Action, Json, Secret, State, StateValue, View};

/// A struct with what all interactions can have. It can be read from its own `type` only.
macro_rules! interaction {
    ($(#[$meta:meta])* pub struct $object:ident is $kind:literal { $($own:tt)* }) => {
        $crate::payload::object::object! {
            $(#[$meta])*
            pub struct $object is $kind {
                $($own)*
                /// Who did it.
                show user: Option<$crate::payload::User>,
                /// In which workspace.
                show team: Option<$crate::payload::Team>,
                /// In which organization.
                show enterprise: Option<$crate::payload::Enterprise>,
                /// Whether the app is installed for a whole organization.
                show is_enterprise_install: bool,
                /// The app.
                show api_app_id: Option<String>,
                /// Opens a modal within 3 s.
                show trigger_id: Option<String>,
                /// A URL for up to five messages within 30 minutes, without a token.
                show response_url: Option<$crate::payload::Secret>,
            }
        }

        impl $object {
            /// The payload's `type`.
            pub const KIND: &'static str = $kind;

            /// Who did it.
            #[must_use]
            pub fn user_id(&self) -> Option<&str> {
                self.user.as_ref()?.id.as_deref()
            }

            /// In which workspace.
            #[must_use]
            pub fn team_id(&self) -> Option<&str> {
                let user = || self.user.as_ref()?.team_id.as_deref();
                self.team.as_ref().and_then(|team| team.id.as_deref()).or_else(user)
            }
        }
    };
}
pub(super) use interaction;

/// The ids that some kinds of interactions have, each one call away, and what they find if they find nothing.
macro_rules! interaction_ids {
    ($($object:ident { $($method:ident: $doc:literal $(. $first:ident)+ $(or $(. $second:ident)+)?;)+ })+) => { $(
        impl $object {
            $(
                #[doc = $doc]
                #[must_use]
                pub fn $method(&self) -> Option<&str> {
                    let found = $crate::payload::interactions::text_of!(self $(. $first)+);
                    $( let found = found.or($crate::payload::interactions::text_of!(self $(. $second)+)); )?
                    found
                }
            )+
        }
    )+ };
}
pub(super) use interaction_ids;

/// A text in an object in an object, each of which may be missing.
macro_rules! text_of {
    ($self:ident . $field:ident) => {
        $self.$field.as_deref()
    };
    ($self:ident . $object:ident . $field:ident) => {
        $self.$object.as_ref().and_then(|object| object.$field.as_deref())
    };
}
pub(super) use text_of;

interaction_ids! {
    BlockActions {
        channel_id: "The channel, if it is in a message." .channel.id or .container.channel_id;
        callback_id: "The app's own id of the view, if it is in one." .view.callback_id;
    }
    ViewSubmission { callback_id: "The app's own id of the view." .view.callback_id; }
    ViewClosed { callback_id: "The app's own id of the view." .view.callback_id; }
    Shortcut { callback_id: "The app's own id of the shortcut." .callback_id; }
    MessageAction {
        channel_id: "The channel." .channel.id;
        callback_id: "The app's own id of the shortcut." .callback_id;
    }
    BlockSuggestion {
        channel_id: "The channel, if it is in a message." .channel.id or .container.channel_id;
        callback_id: "The app's own id of the view, if it is in one." .view.callback_id;
        action_id: "The app's own id of the menu." .action_id;
    }
}

interaction! {
    /// A button, a menu or another element of a block.
    ///
    /// ```
    /// use socketmode_protocol::payload::BlockActions;
    ///
    /// let payload = r#"{
    ///     "type": "block_actions",
    ///     "actions": [{ "action_id": "approve", "type": "button", "value": "42" }]
    /// }"#;
    /// let clicked: BlockActions = serde_json::from_str(payload)?;
    /// assert_eq!(
    ///     clicked.action("approve").and_then(|action| action.as_str()),
    ///     Some("42")
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct BlockActions is "block_actions" {
        /// What was done, usually one.
        show actions: Vec<Action>,
        /// Where the element is.
        show container: Option<Container>,
        /// The channel, if it is in a message.
        show channel: Option<Channel>,
        /// The message, if it is in one that is not ephemeral.
        show message: Option<Json>,
        /// The view, if it is in one.
        show view: Option<View>,
        /// The values of the inputs of the message.
        show state: Option<State>,
        /// In a workflow's step: calls the Web API until the step is completed.
        show bot_access_token: Option<Secret>,
    }
}

impl BlockActions {
    /// What was done with an element, by the element's id.
    #[must_use]
    pub fn action(&self, action_id: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.action_id.as_deref() == Some(action_id))
    }

    /// The id of the element that was used; of the first one if there are several.
    #[must_use]
    pub fn action_id(&self) -> Option<&str> {
        self.actions.first()?.action_id.as_deref()
    }

    /// The value of an input of the message or the view, as text; see [`StateValue::as_str`].
    #[must_use]
    pub fn text(&self, block_id: &str, action_id: &str) -> Option<&str> {
        self.value(block_id, action_id)?.as_str()
    }

    /// The value of an input of the message or the view, by the id of its block and its own id.
    #[must_use]
    pub fn value(&self, block_id: &str, action_id: &str) -> Option<&StateValue> {
        let in_message = self.state.as_ref().and_then(|state| state.value(block_id, action_id));
        in_message.or_else(|| self.view.as_ref()?.value(block_id, action_id))
    }
}

interaction! {
    /// A modal was submitted.
    ///
    /// ```
    /// use socketmode_protocol::payload::ViewSubmission;
    ///
    /// let payload = r#"{"type": "view_submission", "view": {"state": {"values": {
    ///     "when": {"day": {"selected_date": "2025-01-31"}},
    ///     "what": {"toppings": {
    ///         "selected_options": [{"value": "basil"}, {"value": "olives"}]
    ///     }}
    /// }}}}"#;
    /// let order: ViewSubmission = serde_json::from_str(payload)?;
    /// assert_eq!(order.text("when", "day"), Some("2025-01-31"));
    /// let toppings = order
    ///     .value("what", "toppings")
    ///     .into_iter()
    ///     .flat_map(|toppings| toppings.selected());
    /// assert_eq!(toppings.collect::<Vec<_>>(), ["basil", "olives"]);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ViewSubmission is "view_submission" {
        /// The modal, with what is in it.
        show view: Option<View>,
        /// Where to answer, for each input that asked for it.
        show response_urls: Vec<ResponseUrl>,
        /// In a workflow's step: calls the Web API until the step is completed.
        show bot_access_token: Option<Secret>,
    }
}

impl ViewSubmission {
    /// The value of an input, by the id of its block and its own id.
    #[must_use]
    pub fn value(&self, block_id: &str, action_id: &str) -> Option<&StateValue> {
        self.view.as_ref()?.value(block_id, action_id)
    }

    /// The same as text; see [`StateValue::as_str`].
    #[must_use]
    pub fn text(&self, block_id: &str, action_id: &str) -> Option<&str> {
        self.value(block_id, action_id)?.as_str()
    }
}

impl ViewClosed {
    /// The value that an input had, by the id of its block and its own id.
    #[must_use]
    pub fn value(&self, block_id: &str, action_id: &str) -> Option<&StateValue> {
        self.view.as_ref()?.value(block_id, action_id)
    }
}

interaction! {
    /// A modal was closed without being submitted.
    pub struct ViewClosed is "view_closed" {
        /// The modal.
        show view: Option<View>,
        /// Whether the whole stack was closed.
        show is_cleared: bool,
        /// In a workflow's step: calls the Web API until the step is completed.
        show bot_access_token: Option<Secret>,
    }
}

interaction! {
    /// A global shortcut.
    pub struct Shortcut is "shortcut" {
        /// The app's own id of the shortcut.
        show callback_id: Option<String>,
        /// When, as Slack's timestamp.
        show action_ts: Option<String>,
    }
}

interaction! {
    /// A shortcut on a message.
    pub struct MessageAction is "message_action" {
        /// The app's own id of the shortcut.
        show callback_id: Option<String>,
        /// When, as Slack's timestamp.
        show action_ts: Option<String>,
        /// The channel.
        show channel: Option<Channel>,
        /// The message's timestamp.
        show message_ts: Option<String>,
        /// The message.
        show message: Option<Json>,
    }
}

interaction! {
    /// Somebody types into a menu, and Slack asks for its options.
    pub struct BlockSuggestion is "block_suggestion" {
        /// The app's own id of the menu.
        show action_id: Option<String>,
        /// The id of the block that it is in.
        show block_id: Option<String>,
        /// What was typed so far.
        hide value: Option<String>,
        /// Where the menu is.
        show container: Option<Container>,
        /// The channel, if it is in a message.
        show channel: Option<Channel>,
        /// The message, if it is in one.
        show message: Option<Json>,
        /// The view, if it is in one.
        show view: Option<View>,
    }
}

object! {
    /// A user.
    pub struct User {
        /// Their id.
        show id: Option<String>,
        /// Their name.
        hide name: Option<String>,
        /// Also their name.
        hide username: Option<String>,
        /// Their address, where Slack tells it.
        hide email: Option<String>,
        /// Their workspace.
        show team_id: Option<String>,
    }
}

object! {
    /// A workspace.
    pub struct Team {
        /// Its id.
        show id: Option<String>,
        /// Its name.
        hide name: Option<String>,
        /// Its name in its URL.
        show domain: Option<String>,
        /// The organization, if it is in one.
        show enterprise_id: Option<String>,
        /// The organization's name.
        show enterprise_name: Option<String>,
    }
}

object! {
    /// An organization.
    pub struct Enterprise {
        /// Its id.
        show id: Option<String>,
        /// Its name.
        show name: Option<String>,
    }
}

object! {
    /// A channel.
    pub struct Channel {
        /// Its id.
        show id: Option<String>,
        /// Its name.
        hide name: Option<String>,
    }
}

object! {
    /// Where an element is.
    pub struct Container {
        /// `message`, `message_attachment` or `view`.
        show kind = "type": Option<String>,
        /// The message's timestamp.
        show message_ts: Option<String>,
        /// The message's channel.
        show channel_id: Option<String>,
        /// The thread that the message is in.
        show thread_ts: Option<String>,
        /// The message's attachment.
        show attachment_id: Option<String>,
        /// Whether only one user sees the message.
        show is_ephemeral: bool,
        /// Whether it is below a link.
        show is_app_unfurl: bool,
        /// The view.
        show view_id: Option<String>,
    }
}

object! {
    /// Where to answer a modal, for an input with `response_url_enabled`.
    pub struct ResponseUrl {
        /// The block that the input is in.
        show block_id: Option<String>,
        /// The input.
        show action_id: Option<String>,
        /// The channel chosen in it.
        show channel_id: Option<String>,
        /// The URL.
        show response_url: Option<Secret>,
    }
}
