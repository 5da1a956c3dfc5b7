//! Views and what was put into them.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::value::RawValue;

use super::Json;
use super::interaction::SelectedOption;
use super::object::{Fields, Lenient, object};

object! {
    /// A modal, or the app's home (<https://docs.slack.dev/reference/views>).
    ///
    /// ```
    /// use socketmode_protocol::payload::View;
    ///
    /// let text = r#"{"callback_id":"order","state":{"values":{"quantity":{"input":{"value":"3"}}}}}"#;
    /// let view: View = serde_json::from_str(text).unwrap();
    /// assert_eq!(view.value("quantity", "input").and_then(|value| value.as_str()), Some("3"));
    /// ```
    pub struct View {
        /// Its id.
        id: String,
        /// `modal`, `home`.
        kind: String = "type",
        /// What the app calls it.
        callback_id: String,
        /// What the app put into it.
        private_metadata: String,
        /// Changes with the view: against overwriting.
        hash: String,
        /// A name that the app gave it, unique in the workspace.
        external_id: String,
        /// The lowest of its stack.
        root_view_id: String,
        /// The one below it.
        previous_view_id: String,
        /// The app.
        app_id: String,
        /// The workspace.
        team_id: String,
        /// The workspace in which the app is installed.
        app_installed_team_id: String,
        /// The app's bot.
        bot_id: String,
        /// The title's text object.
        title: Json,
        /// Its blocks.
        blocks: Json,
        /// What was put in; see [`value`](Self::value).
        state: State,
    }

    /// What was put into one input.
    pub struct StateValue {
        /// Of which kind the input is.
        kind: String = "type",
        /// A text or number.
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
        /// What was written in an editor for rich text.
        rich_text_value: Json,
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
}

/// The inputs of a view, by block and action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State(BTreeMap<String, BTreeMap<String, StateValue>>);

impl State {
    /// All of them: `block_id`, `action_id`, value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &StateValue)> {
        self.0.iter().flat_map(|(block, actions)| {
            actions.iter().map(move |(action, value)| (&**block, &**action, value))
        })
    }
}

impl Lenient for State {
    fn read(raw: &RawValue) -> Option<Self> {
        let actions = |block: &RawValue| {
            let values = Fields::of(block);
            values.iter().filter_map(|(id, value)| Some((id.into(), StateValue::read(value)?))).collect()
        };
        let values = Fields::of(raw).get::<Json>("values")?;
        Some(Self(Fields::of(values.raw()).iter().map(|(id, block)| (id.into(), actions(block))).collect()))
    }
}

impl View {
    /// What was put into the input with this `action_id`, in the block with this `block_id`.
    #[must_use]
    pub fn value(&self, block_id: &str, action_id: &str) -> Option<&StateValue> {
        self.state.as_ref()?.0.get(block_id)?.get(action_id)
    }
}

impl StateValue {
    /// The one thing that was put in or chosen, whatever the input: a text, an option's value, a date, a time, an id.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        let option = self.selected_option.as_ref().and_then(|option| option.value.as_ref());
        [
            self.value.as_ref(),
            option,
            self.selected_date.as_ref(),
            self.selected_time.as_ref(),
            self.selected_user.as_ref(),
            self.selected_channel.as_ref(),
            self.selected_conversation.as_ref(),
        ]
        .into_iter()
        .flatten()
        .next()
        .map(String::as_str)
    }

    /// The values or ids of everything that was chosen, where several things can be.
    #[must_use]
    pub fn selected(&self) -> Vec<&str> {
        let options = self.selected_options.iter().filter_map(|option| option.value.as_deref());
        let ids = [&self.selected_users, &self.selected_channels, &self.selected_conversations];
        options.chain(ids.into_iter().flatten().map(String::as_str)).collect()
    }
}
