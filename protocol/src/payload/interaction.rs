//! Interactions: clicks, menus, modals, shortcuts.

use alloc::boxed::Box;
use alloc::string::String;

use serde::{Deserialize, Deserializer};

use super::legacy::{DialogCancellation, DialogSubmission, DialogSuggestion, InteractiveMessage};
use super::object::{Fields, Lenient, object};
use super::{Json, Secret, State, View};

/// An interaction by its `type` (<https://docs.slack.dev/interactivity/handling-user-interaction>).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Interaction {
    /// `block_actions`.
    BlockActions(Box<BlockActions>),
    /// `view_submission`.
    ViewSubmission(Box<ViewSubmission>),
    /// `view_closed`.
    ViewClosed(Box<ViewClosed>),
    /// `shortcut`.
    Shortcut(Box<Shortcut>),
    /// `message_action`.
    MessageAction(Box<MessageAction>),
    /// `block_suggestion`.
    BlockSuggestion(Box<BlockSuggestion>),
    /// `dialog_submission` (legacy).
    DialogSubmission(Box<DialogSubmission>),
    /// `dialog_cancellation` (legacy).
    DialogCancellation(Box<DialogCancellation>),
    /// `dialog_suggestion` (legacy).
    DialogSuggestion(Box<DialogSuggestion>),
    /// `interactive_message` (legacy).
    InteractiveMessage(Box<InteractiveMessage>),
    /// Another kind.
    Other {
        /// Its `type`.
        kind: String,
        /// The whole of it.
        json: Json,
    },
}

impl<'de> Deserialize<'de> for Interaction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        let raw = json.raw();
        let Some(kind) = Fields::of(raw).get::<String>("type") else {
            return Err(serde::de::Error::custom("this is no interaction: it has no type"));
        };
        let known = match &*kind {
            "block_actions" => Lenient::read(raw).map(Self::BlockActions),
            "view_submission" => Lenient::read(raw).map(Self::ViewSubmission),
            "view_closed" => Lenient::read(raw).map(Self::ViewClosed),
            "shortcut" => Lenient::read(raw).map(Self::Shortcut),
            "message_action" => Lenient::read(raw).map(Self::MessageAction),
            "block_suggestion" => Lenient::read(raw).map(Self::BlockSuggestion),
            "dialog_submission" => Lenient::read(raw).map(Self::DialogSubmission),
            "dialog_cancellation" => Lenient::read(raw).map(Self::DialogCancellation),
            "dialog_suggestion" => Lenient::read(raw).map(Self::DialogSuggestion),
            "interactive_message" => Lenient::read(raw).map(Self::InteractiveMessage),
            _ => None,
        };
        Ok(known.unwrap_or(Self::Other { kind, json }))
    }
}

object! {
    /// `block_actions`: something interactive was used
    /// (<https://docs.slack.dev/reference/interaction-payloads/block_actions-payload>).
    pub struct BlockActions {
        /// Who.
        user: User,
        /// In which workspace.
        team: Team,
        /// In which organization.
        enterprise: Enterprise,
        /// Whether the app is installed for the whole organization.
        is_enterprise_install: bool,
        /// In which channel.
        channel: Channel,
        /// What it is in.
        container: Container,
        /// The app.
        api_app_id: String,
        /// Opens a modal, within 3 s.
        trigger_id: String,
        /// Takes messages, where it is in a message.
        response_url: Secret,
        /// The message that it is in.
        message: Json,
        /// The view that it is in.
        view: View,
        /// The values of all inputs in the message; a view has its own.
        state: State,
        @lists {
            /// What was used.
            actions: Action,
        }
    }

    /// `view_submission`: a modal was submitted
    /// (<https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload>).
    pub struct ViewSubmission {
        /// Who.
        user: User,
        /// In which workspace.
        team: Team,
        /// In which organization.
        enterprise: Enterprise,
        /// Whether the app is installed for the whole organization.
        is_enterprise_install: bool,
        /// The app.
        api_app_id: String,
        /// Opens a modal, within 3 s.
        trigger_id: String,
        /// The view, with the values that were put in.
        view: View,
        @lists {
            /// For the conversations that were chosen in the view.
            response_urls: Json,
        }
    }

    /// `view_closed`: a modal was closed.
    pub struct ViewClosed {
        /// Who.
        user: User,
        /// In which workspace.
        team: Team,
        /// In which organization.
        enterprise: Enterprise,
        /// Whether the app is installed for the whole organization.
        is_enterprise_install: bool,
        /// The app.
        api_app_id: String,
        /// The view.
        view: View,
        /// Whether the whole stack was closed.
        is_cleared: bool,
    }

    /// `shortcut`: a global one.
    pub struct Shortcut {
        /// Who.
        user: User,
        /// In which workspace.
        team: Team,
        /// In which organization.
        enterprise: Enterprise,
        /// Whether the app is installed for the whole organization.
        is_enterprise_install: bool,
        /// Which one.
        callback_id: String,
        /// Opens a modal, within 3 s.
        trigger_id: String,
        /// When.
        action_ts: String,
    }

    /// `message_action`: a shortcut of a message.
    pub struct MessageAction {
        /// Who.
        user: User,
        /// In which workspace.
        team: Team,
        /// In which organization.
        enterprise: Enterprise,
        /// Whether the app is installed for the whole organization.
        is_enterprise_install: bool,
        /// In which channel.
        channel: Channel,
        /// Which one.
        callback_id: String,
        /// Opens a modal, within 3 s.
        trigger_id: String,
        /// Takes messages.
        response_url: Secret,
        /// The message's name within its channel.
        message_ts: String,
        /// The message.
        message: Json,
        /// When.
        action_ts: String,
    }

    /// `block_suggestion`: the options of a menu are wanted.
    pub struct BlockSuggestion {
        /// Who.
        user: User,
        /// In which workspace.
        team: Team,
        /// In which organization.
        enterprise: Enterprise,
        /// Whether the app is installed for the whole organization.
        is_enterprise_install: bool,
        /// In which channel.
        channel: Channel,
        /// What the menu is in.
        container: Container,
        /// The app.
        api_app_id: String,
        /// The menu.
        action_id: String,
        /// The block that it is in.
        block_id: String,
        /// What was typed.
        value: String,
        /// The view that it is in.
        view: View,
        /// The message that it is in.
        message: Json,
    }

    /// Something that was clicked, chosen or put in.
    pub struct Action {
        /// What the app calls it.
        action_id: String,
        /// The block that it is in.
        block_id: String,
        /// Of which kind it is: `button`, `static_select`, `datepicker`, …
        kind: String = "type",
        /// A button's value, or a text that was put in.
        value: String,
        /// What was chosen.
        selected_option: SelectedOption,
        /// As `2026-11-24`.
        selected_date: String,
        /// As `14:25`.
        selected_time: String,
        /// In seconds since 1970.
        selected_date_time: u64,
        /// Who was chosen.
        selected_user: String,
        /// Which channel was chosen.
        selected_channel: String,
        /// Which conversation was chosen.
        selected_conversation: String,
        /// When.
        action_ts: String,
        @lists {
            /// What was chosen, where several things can be.
            selected_options: SelectedOption,
            /// Who was chosen, where several can be.
            selected_users: String,
            /// Which channels were chosen.
            selected_channels: String,
            /// Which conversations were chosen.
            selected_conversations: String,
        }
    }

    /// An option that was chosen.
    pub struct SelectedOption {
        /// Its value.
        value: String,
        /// Its text object.
        text: Json,
    }

    /// A person.
    pub struct User {
        /// The id.
        id: String,
        /// The name, in modals and clicks.
        username: String,
        /// The name.
        name: String,
        /// The workspace.
        team_id: String,
    }

    /// A workspace.
    pub struct Team {
        /// The id.
        id: String,
        /// The domain.
        domain: String,
        /// The organization.
        enterprise_id: String,
        /// The organization's name.
        enterprise_name: String,
    }

    /// An organization.
    pub struct Enterprise {
        /// The id.
        id: String,
        /// The name.
        name: String,
    }

    /// A channel.
    pub struct Channel {
        /// The id.
        id: String,
        /// The name.
        name: String,
    }

    /// What something interactive is in.
    pub struct Container {
        /// `message`, `view`, `message_attachment`.
        kind: String = "type",
        /// A message's name within its channel.
        message_ts: String,
        /// The channel.
        channel_id: String,
        /// The view.
        view_id: String,
        /// Whether only one person sees it.
        is_ephemeral: bool,
    }
}

impl BlockActions {
    /// The action with this `action_id`.
    #[must_use]
    pub fn action(&self, action_id: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.action_id.as_deref() == Some(action_id))
    }
}
