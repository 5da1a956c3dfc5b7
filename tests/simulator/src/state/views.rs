//! The views that bots have opened.

use super::keep;
use serde_json::{Map, Value};
use std::collections::VecDeque;

/// The views, oldest first; bounded like the other records.
#[derive(Default)]
pub(crate) struct Views(VecDeque<Map<String, Value>>);

impl Views {
    /// A view as Slack has taken it: a new one, or the new look of one that is there.
    pub(crate) fn shown(&mut self, view: Map<String, Value>) {
        match self.0.iter_mut().find(|known| known.get("id") == view.get("id")) {
            Some(known) => *known = view,
            None => keep(&mut self.0, view),
        }
    }

    /// The latest with this `callback_id`.
    pub(crate) fn called(&self, callback_id: &str) -> Option<&Map<String, Value>> {
        let is_called =
            |view: &&Map<String, Value>| view.get("callback_id").and_then(Value::as_str) == Some(callback_id);
        self.0.iter().rev().find(is_called)
    }
}
