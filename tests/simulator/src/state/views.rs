//! The views that bots have opened or published.

use super::blocks::text;
use super::kept::Kept;
use super::weigh::Weigh;
use serde_json::{Map, Value, json};

/// The views, oldest first; bounded like the other records.
#[derive(Default)]
pub(crate) struct Views(Kept<View>);

/// A view.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// Its fields, as Slack shows them to the bot.
    pub(crate) fields: Value,
    /// Who sees it.
    pub(crate) user: String,
    /// Whether it is still there: on the screen, or below one that is.
    pub(crate) is_open: bool,
}

impl View {
    pub(crate) fn id(&self) -> &str {
        text(&self.fields, "id")
    }

    pub(crate) fn root(&self) -> &str {
        text(&self.fields, "root_view_id")
    }

    pub(crate) fn is_modal(&self) -> bool {
        text(&self.fields, "type") != "home"
    }

    pub(crate) fn blocks(&self) -> &Value {
        self.fields.get("blocks").unwrap_or(&Value::Null)
    }

    pub(crate) fn set(&mut self, name: &str, value: Value) {
        if let Some(fields) = self.fields.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
    }

    /// What is filled in or chosen, by `block_id` and `action_id`.
    pub(crate) fn enter(&mut self, block_id: &str, action_id: &str, entered: Value) {
        let mut values = self.fields.pointer("/state/values").cloned().unwrap_or_else(|| json!({}));
        enter(&mut values, block_id, action_id, entered);
        self.set("state", json!({"values": values}));
    }
}

/// Puts what somebody filled in or chose among the rest.
pub(crate) fn enter(values: &mut Value, block_id: &str, action_id: &str, entered: Value) {
    if !values.is_object() {
        *values = json!({});
    }
    if let Some(values) = values.as_object_mut() {
        let block = values.entry(block_id).or_insert_with(|| json!({}));
        if let Some(block) = block.as_object_mut() {
            block.insert(action_id.to_owned(), entered);
        }
    }
}

impl Views {
    pub(crate) fn add(&mut self, view: View) {
        self.0.push(view);
    }

    /// All that are open, oldest first.
    pub(crate) fn open(&self) -> impl DoubleEndedIterator<Item = &View> {
        self.0.iter().filter(|view| view.is_open)
    }

    /// One that is open.
    pub(crate) fn get(&self, id: &str) -> Option<&View> {
        self.open().rev().find(|view| view.id() == id)
    }

    pub(crate) fn change<T>(&mut self, id: &str, act: impl FnOnce(&mut View) -> T) -> Option<T> {
        self.0.update_last(|view| view.is_open && view.id() == id, act)
    }

    pub(crate) fn with_external_id(&self, external_id: &str) -> Option<&View> {
        self.open()
            .rev()
            .find(|view| !external_id.is_empty() && text(&view.fields, "external_id") == external_id)
    }

    /// The home tab of a person with an app.
    pub(crate) fn home(&self, app_id: &str, user: &str) -> Option<&View> {
        self.open()
            .rev()
            .find(|view| !view.is_modal() && view.user == user && text(&view.fields, "app_id") == app_id)
    }

    /// The latest with this `callback_id`.
    pub(crate) fn called(&self, callback_id: &str) -> Option<&View> {
        self.open().rev().find(|view| text(&view.fields, "callback_id") == callback_id)
    }

    /// The open views of a stack, from the root up.
    pub(crate) fn stack(&self, root: &str) -> impl DoubleEndedIterator<Item = &View> {
        self.open().filter(move |view| view.is_modal() && view.root() == root)
    }

    /// The view on top of a person's screen.
    pub(crate) fn top(&self, user: &str) -> Option<&View> {
        self.open().rev().find(|view| view.is_modal() && view.user == user)
    }
}

impl Weigh for View {
    fn weigh(&self) -> usize {
        size_of::<Self>() + super::weigh::behind(&self.fields) + self.user.len()
    }

    /// A view stays one that can be submitted. A mark in it would be taken for a part of it.
    fn shorten(&mut self) {
        let needed = ["id", "callback_id", "private_metadata", "type", "root_view_id"];
        let fields = self.fields.as_object_mut().map(std::mem::take).unwrap_or_default();
        let kept =
            fields.into_iter().filter(|(name, value)| value.is_string() && needed.contains(&name.as_str()));
        self.fields = Value::Object(kept.collect::<Map<_, _>>());
    }
}
