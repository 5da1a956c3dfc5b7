//! Legacy elements, which blocks and modals replaced: buttons in attachments, and dialogs.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::interactions::{interaction, interaction_ids};
use super::{Action, Channel, Json};

interaction! {
    /// A button or menu of a message's attachment.
    pub struct InteractiveMessage is "interactive_message" {
        /// What was done: one, with a `name` instead of an `action_id`.
        show actions: Vec<Action>,
        /// The app's own id of the attachment.
        show callback_id: Option<String>,
        /// The attachment, counted from 1.
        show attachment_id: Option<String>,
        /// The channel.
        show channel: Option<Channel>,
        /// When, as Slack's timestamp.
        show action_ts: Option<String>,
        /// The message's timestamp.
        show message_ts: Option<String>,
        /// The message, if it is not ephemeral.
        show original_message: Option<Json>,
        /// Whether the attachment is below a link.
        show is_app_unfurl: bool,
    }
}

impl InteractiveMessage {
    /// What was done with an element, by the element's name.
    #[must_use]
    pub fn action(&self, name: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.name.as_deref() == Some(name))
    }
}

interaction! {
    /// A dialog was submitted.
    pub struct DialogSubmission is "dialog_submission" {
        /// What is in the dialog's elements, by their names. Empty ones are not in here.
        hide submission: BTreeMap<String, String>,
        /// The app's own id of the dialog.
        show callback_id: Option<String>,
        /// Data that the app set, unchanged.
        hide state: Option<String>,
        /// The channel.
        show channel: Option<Channel>,
        /// When, as Slack's timestamp.
        show action_ts: Option<String>,
    }
}

interaction! {
    /// A dialog was closed without being submitted.
    pub struct DialogCancellation is "dialog_cancellation" {
        /// The app's own id of the dialog.
        show callback_id: Option<String>,
        /// Data that the app set, unchanged.
        hide state: Option<String>,
        /// The channel.
        show channel: Option<Channel>,
        /// When, as Slack's timestamp.
        show action_ts: Option<String>,
    }
}

interaction! {
    /// Somebody types into a menu of a dialog, and Slack asks for its options.
    pub struct DialogSuggestion is "dialog_suggestion" {
        /// The menu.
        show name: Option<String>,
        /// What was typed so far.
        hide value: Option<String>,
        /// The app's own id of the dialog.
        show callback_id: Option<String>,
        /// Data that the app set, unchanged.
        hide state: Option<String>,
        /// The channel.
        show channel: Option<Channel>,
        /// When, as Slack's timestamp.
        show action_ts: Option<String>,
    }
}

interaction_ids! {
    InteractiveMessage {
        channel_id: "The channel." .channel.id;
        callback_id: "The app's own id of the attachment." .callback_id;
    }
    DialogSubmission {
        channel_id: "The channel." .channel.id;
        callback_id: "The app's own id of the dialog." .callback_id;
    }
    DialogCancellation {
        channel_id: "The channel." .channel.id;
        callback_id: "The app's own id of the dialog." .callback_id;
    }
    DialogSuggestion {
        channel_id: "The channel." .channel.id;
        callback_id: "The app's own id of the dialog." .callback_id;
    }
}
