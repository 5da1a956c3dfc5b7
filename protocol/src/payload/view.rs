//! Modals and Home tabs, and the values of their inputs.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::Json;
use super::object::object;

object! {
    /// A modal or a Home tab. <https://docs.slack.dev/reference/views>
    pub struct View {
        /// Its id.
        show id: Option<String>,
        /// The app's own id of its kind.
        show callback_id: Option<String>,
        /// The app's own id of this view.
        show external_id: Option<String>,
        /// Data that the app set, unchanged.
        hide private_metadata: Option<String>,
        /// For `views.update`, which fails if the view has changed since.
        show hash: Option<String>,
        /// The first one of the stack that it is in.
        show root_view_id: Option<String>,
        /// The one below it.
        show previous_view_id: Option<String>,
        /// `modal`, `home` or `workflow_step`.
        show kind = "type": Option<String>,
        /// The workspace.
        show team_id: Option<String>,
        /// The workspace in which the app is installed.
        show app_installed_team_id: Option<String>,
        /// The app.
        show app_id: Option<String>,
        /// The app's bot.
        show bot_id: Option<String>,
        /// Its title.
        show title: Option<TextObject>,
        /// The label of the button that submits it.
        show submit: Option<TextObject>,
        /// The label of the button that closes it.
        show close: Option<TextObject>,
        /// The values of its inputs.
        show state: Option<State>,
        /// Whether closing it closes its whole stack.
        show clear_on_close: bool,
        /// Whether the app is told when it is closed.
        show notify_on_close: bool,
        /// The blocks, an array.
        show blocks: Option<Json>,
    }
}

impl View {
    /// The value of an input, by the id of its block and its own id.
    #[must_use]
    pub fn value(&self, block_id: &str, action_id: &str) -> Option<&StateValue> {
        self.state.as_ref()?.value(block_id, action_id)
    }

    /// The same as text; see [`StateValue::as_str`].
    #[must_use]
    pub fn text(&self, block_id: &str, action_id: &str) -> Option<&str> {
        self.value(block_id, action_id)?.as_str()
    }
}

object! {
    /// What people put into the inputs of a view or a message.
    pub struct State {
        /// The inputs by their block's id and their own.
        show values: BTreeMap<String, BTreeMap<String, StateValue>>,
    }
}

impl State {
    /// The value of an input, by the id of its block and its own id.
    #[must_use]
    pub fn value(&self, block_id: &str, action_id: &str) -> Option<&StateValue> {
        self.values.get(block_id)?.get(action_id)
    }
}

/// A struct with what was chosen or typed in an element, whichever kind it is of.
macro_rules! element {
    ($(#[$meta:meta])* pub struct $element:ident { $($own:tt)* }) => {
        object! {
            $(#[$meta])*
            pub struct $element {
                $($own)*
                /// The kind of element: `button`, `static_select`, `plain_text_input`, …
                show kind = "type": Option<String>,
                /// What was typed, or a button's value.
                hide value: Option<String>,
                /// The option chosen.
                show selected_option: Option<SelectedOption>,
                /// The options chosen, where several can be.
                show selected_options: Vec<SelectedOption>,
                /// `YYYY-MM-DD`.
                hide selected_date: Option<String>,
                /// `HH:mm`.
                hide selected_time: Option<String>,
                /// Seconds since 1970.
                hide selected_date_time: Option<i64>,
                /// The time zone of `selected_time`, if the app asked for it.
                show timezone: Option<String>,
                /// The user chosen.
                show selected_user: Option<String>,
                /// The users chosen, where several can be.
                show selected_users: Vec<String>,
                /// The channel chosen.
                show selected_channel: Option<String>,
                /// The channels chosen, where several can be.
                show selected_channels: Vec<String>,
                /// The conversation chosen.
                show selected_conversation: Option<String>,
                /// The conversations chosen, where several can be.
                show selected_conversations: Vec<String>,
                /// What was typed into a rich text input, a block.
                show rich_text_value: Option<Json>,
                /// The files uploaded: an object each.
                hide files: Vec<Json>,
            }
        }

        impl $element {
            /// The value that was typed or chosen: a text, an option's value, a date, a time, or an id. `None` if
            /// there is none, and where several can be chosen.
            #[must_use]
            pub fn as_str(&self) -> Option<&str> {
                let option = || self.selected_option.as_ref().and_then(|option| option.value.as_deref());
                (self.value.as_deref())
                    .or_else(option)
                    .or(self.selected_date.as_deref())
                    .or(self.selected_time.as_deref())
                    .or(self.selected_user.as_deref())
                    .or(self.selected_channel.as_deref())
                    .or(self.selected_conversation.as_deref())
            }

            /// Everything that was chosen where several can be: the options' values, or ids.
            pub fn selected(&self) -> impl Iterator<Item = &str> {
                let options = self.selected_options.iter().filter_map(|option| option.value.as_deref());
                let ids = [&self.selected_users, &self.selected_channels, &self.selected_conversations];
                options.chain(ids.into_iter().flatten().map(String::as_str))
            }
        }
    };
}

element! {
    /// The value of an input.
    pub struct StateValue {}
}

element! {
    /// What somebody clicked, chose or typed in a message or a view.
    pub struct Action {
        /// The app's own id of the element.
        show action_id: Option<String>,
        /// The id of the block that it is in.
        show block_id: Option<String>,
        /// In a message's attachment, which has no `action_id`: the element's name.
        show name: Option<String>,
        /// A button's text.
        show text: Option<TextObject>,
        /// A button's style: `primary` or `danger`.
        show style: Option<String>,
        /// The URL that a button opens.
        hide url: Option<String>,
        /// What an empty menu shows.
        show placeholder: Option<TextObject>,
        /// The question that was answered before, an object.
        show confirm: Option<Json>,
        /// What an input had before: a text.
        hide initial_value: Option<String>,
        /// What a menu had before: an option.
        show initial_option: Option<SelectedOption>,
        /// Several options.
        show initial_options: Vec<SelectedOption>,
        /// `YYYY-MM-DD`.
        hide initial_date: Option<String>,
        /// `HH:mm`.
        hide initial_time: Option<String>,
        /// Seconds since 1970.
        hide initial_date_time: Option<i64>,
        /// A user.
        show initial_user: Option<String>,
        /// Several users.
        show initial_users: Vec<String>,
        /// A channel.
        show initial_channel: Option<String>,
        /// Several channels.
        show initial_channels: Vec<String>,
        /// A conversation.
        show initial_conversation: Option<String>,
        /// Several conversations.
        show initial_conversations: Vec<String>,
        /// When, as Slack's timestamp.
        show action_ts: Option<String>,
    }
}

object! {
    /// An option that was chosen.
    pub struct SelectedOption {
        /// Its value.
        hide value: Option<String>,
        /// What people see.
        show text: Option<TextObject>,
        /// More of what they see.
        show description: Option<TextObject>,
    }
}

object! {
    /// A text as blocks have it.
    pub struct TextObject {
        /// `plain_text` or `mrkdwn`.
        show kind = "type": Option<String>,
        /// The text.
        hide text: Option<String>,
    }
}
