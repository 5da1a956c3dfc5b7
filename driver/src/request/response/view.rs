//! Views, and the answers to a submitted view.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::json;

use super::Object;
use crate::limits::{self, LimitError};

/// A view: a modal, or the app's home tab. `Debug` does not show it.
///
/// ```
/// use serde_json::json;
/// use socketmode_driver::View;
///
/// let view =
///     View::modal("Order").callback_id("order").submit("Send").blocks(&json!([]));
/// let wire = serde_json::to_value(&view).unwrap();
/// assert_eq!(wire["title"], json!({ "type": "plain_text", "text": "Order" }));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct View(Object);

impl View {
    /// A modal with this title, 24 characters at most.
    #[must_use]
    pub fn modal(title: &str) -> Self {
        Self(Object::default().with("type", "modal")).field("title", plain_text(title)).blocks::<[(); 0]>(&[])
    }

    /// The app's home tab of one person, for `views.publish`.
    #[must_use]
    pub fn home() -> Self {
        Self(Object::default().with("type", "home")).blocks::<[(); 0]>(&[])
    }

    /// Blocks: any serde type that becomes an array of them.
    #[must_use]
    pub fn blocks<B: Serialize + ?Sized>(self, blocks: &B) -> Self {
        self.field("blocks", blocks)
    }

    /// An id of your choice. It is in the payload of the submission.
    #[must_use]
    pub fn callback_id(self, id: &str) -> Self {
        self.field("callback_id", id)
    }

    /// The label of the button that submits it, 24 characters at most.
    #[must_use]
    pub fn submit(self, label: &str) -> Self {
        self.field("submit", plain_text(label))
    }

    /// The label of the button that closes it, 24 characters at most.
    #[must_use]
    pub fn close(self, label: &str) -> Self {
        self.field("close", plain_text(label))
    }

    /// Data that comes back unchanged in its payloads; 3,000 characters at most.
    #[must_use]
    pub fn private_metadata(self, data: &str) -> Self {
        self.field("private_metadata", data)
    }

    /// Any other field of a view.
    #[must_use]
    pub fn field(self, name: &str, value: impl Serialize) -> Self {
        Self(self.0.with(name, value))
    }
}

impl View {
    /// Whether Slack takes it, as far as it documents limits. What sends it checks it too.
    ///
    /// # Errors
    /// A part is too long: which, and what to do.
    pub fn check(&self) -> Result<(), LimitError> {
        limits::view(&self.0.fields, "")
    }
}

impl Serialize for View {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").finish_non_exhaustive()
    }
}

fn plain_text(text: &str) -> serde_json::Value {
    json!({ "type": "plain_text", "text": text })
}

/// The answer to a submitted view (<https://docs.slack.dev/surfaces/modals#handling_submissions>). `ack()` without an answer
/// closes it.
///
/// ```
/// use socketmode_driver::ViewResponse;
///
/// let response = ViewResponse::errors([("quantity", "That is no number.")]);
/// let wire = serde_json::to_string(&response).unwrap();
/// assert_eq!(
///     wire,
///     r#"{"errors":{"quantity":"That is no number."},"response_action":"errors"}"#
/// );
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ViewResponse(Object);

impl ViewResponse {
    /// It stays open and shows these errors, each below the input block with this `block_id`.
    pub fn errors<B: Into<String>, M: Into<String>>(errors: impl IntoIterator<Item = (B, M)>) -> Self {
        let errors: BTreeMap<String, String> =
            errors.into_iter().map(|(block_id, message)| (block_id.into(), message.into())).collect();
        Self::action("errors").with("errors", errors)
    }

    /// It is replaced by this view: a [`View`], or any serde type.
    pub fn update(view: &(impl Serialize + ?Sized)) -> Self {
        Self::action("update").with("view", view)
    }

    /// This view opens on top of it: a [`View`], or any serde type.
    pub fn push(view: &(impl Serialize + ?Sized)) -> Self {
        Self::action("push").with("view", view)
    }

    /// All views of the stack are closed.
    #[must_use]
    pub fn clear() -> Self {
        Self::action("clear")
    }

    fn action(action: &str) -> Self {
        Self(Object::default()).with("response_action", action)
    }

    fn with(self, name: &str, value: impl Serialize) -> Self {
        Self(self.0.with(name, value))
    }
}

impl ViewResponse {
    /// Whether Slack takes it, as far as it documents limits. What sends it checks it too.
    ///
    /// # Errors
    /// A part of the view is too long: which, and what to do.
    pub fn check(&self) -> Result<(), LimitError> {
        limits::serialized(self)
    }
}

impl Serialize for ViewResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl fmt::Debug for ViewResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewResponse").finish_non_exhaustive()
    }
}
