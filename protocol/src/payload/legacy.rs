//! Dialogs and buttons in attachments, which Slack no longer recommends and still sends.

use alloc::string::String;

use super::interaction::{Channel, Team, User};
use super::object::object;
use super::{Json, Secret};

object! {
    /// `dialog_submission`: a dialog was submitted.
    pub struct DialogSubmission {
        /// Who.
        user: User,
        /// In which workspace.
        team: Team,
        /// In which channel.
        channel: Channel,
        /// Which dialog.
        callback_id: String,
        /// What the app put into it.
        state: String,
        /// What was put in, by the elements' names.
        submission: Json,
        /// Takes messages.
        response_url: Secret,
        /// When.
        action_ts: String,
    }

    /// `dialog_cancellation`: a dialog was closed.
    pub struct DialogCancellation {
        /// Who.
        user: User,
        /// In which workspace.
        team: Team,
        /// In which channel.
        channel: Channel,
        /// Which dialog.
        callback_id: String,
        /// What the app put into it.
        state: String,
        /// Takes messages.
        response_url: Secret,
        /// When.
        action_ts: String,
    }

    /// `dialog_suggestion`: the options of a dialog's menu are wanted.
    pub struct DialogSuggestion {
        /// Who.
        user: User,
        /// In which workspace.
        team: Team,
        /// In which channel.
        channel: Channel,
        /// Which dialog.
        callback_id: String,
        /// The menu.
        name: String,
        /// What was typed.
        value: String,
        /// What the app put into it.
        state: String,
        /// When.
        action_ts: String,
    }

    /// `interactive_message`: a button or menu of an attachment was used.
    pub struct InteractiveMessage {
        /// Who.
        user: User,
        /// In which workspace.
        team: Team,
        /// In which channel.
        channel: Channel,
        /// Which attachment.
        callback_id: String,
        /// The attachment's number in the message, from 1.
        attachment_id: String,
        /// The message's name within its channel.
        message_ts: String,
        /// The message.
        original_message: Json,
        /// Opens a dialog, within 3 s.
        trigger_id: String,
        /// Takes messages.
        response_url: Secret,
        /// When.
        action_ts: String,
        @lists {
            /// What was used.
            actions: LegacyAction,
        }
    }

    /// A button or menu of an attachment.
    pub struct LegacyAction {
        /// What the app calls it.
        name: String,
        /// `button` or `select`.
        kind: String = "type",
        /// A button's value.
        value: String,
        @lists {
            /// What was chosen.
            selected_options: super::SelectedOption,
        }
    }
}
