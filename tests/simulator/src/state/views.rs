//! The views that bots have opened.

use super::kept::Kept;
use serde_json::{Map, Value};

/// The views, oldest first; bounded like the other records.
#[derive(Default)]
pub(crate) struct Views(Kept<Map<String, Value>>);

impl Views {
    /// A view as Slack has taken it: a new one, or the new look of one that is there.
    pub(crate) fn shown(&mut self, view: Map<String, Value>) {
        let id = view.get("id").cloned();
        if let Err(new) = self.0.replace(|known| known.get("id") == id.as_ref(), view) {
            self.0.push(new);
        }
    }

    /// All of them, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Map<String, Value>> {
        self.0.iter()
    }

    /// The latest with this `callback_id`.
    pub(crate) fn called(&self, callback_id: &str) -> Option<&Map<String, Value>> {
        let is_called =
            |view: &&Map<String, Value>| view.get("callback_id").and_then(Value::as_str) == Some(callback_id);
        self.0.iter().rev().find(is_called)
    }
}
