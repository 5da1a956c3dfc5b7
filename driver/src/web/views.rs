//! Modals, and the app's home tab.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use socketmode_protocol::payload::Json;

use super::answer;
use super::{Web, WebError};
use crate::limits;
use crate::transport::Transport;

/// A view, as Slack has stored it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct OpenView {
    /// Its id, `V…`, for [`Web::update_view`].
    pub id: String,
    /// The hash of its current state, for the next update.
    pub hash: Option<String>,
    /// The view at the bottom of its stack.
    pub root_view_id: Option<String>,
    /// The whole answer, with all other fields. `null` if you read this type with [`Web::call`].
    #[serde(skip)]
    pub raw: Json,
}

impl<T: Transport> Web<T> {
    /// Opens a modal: <https://docs.slack.dev/reference/methods/views.open>. The `trigger_id` is in the payload of a command
    /// or a click, and is good for 3 s.
    ///
    /// # Errors
    /// A part of the view is too long, there was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the view may still open.
    pub async fn open_view(
        &self,
        trigger_id: &str,
        view: &(impl Serialize + ?Sized + Sync),
    ) -> Result<OpenView, WebError> {
        self.view("views.open", [("trigger_id", Some(trigger_id))], view).await
    }

    /// Opens a modal on top of an open one: <https://docs.slack.dev/reference/methods/views.push>.
    ///
    /// # Errors
    /// A part of the view is too long, there was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the view may still open.
    pub async fn push_view(
        &self,
        trigger_id: &str,
        view: &(impl Serialize + ?Sized + Sync),
    ) -> Result<OpenView, WebError> {
        self.view("views.push", [("trigger_id", Some(trigger_id))], view).await
    }

    /// Changes an open modal: <https://docs.slack.dev/reference/methods/views.update>. With a hash, Slack returns the error
    /// `hash_conflict` if the view has changed since.
    ///
    /// # Errors
    /// A part of the view is too long, there was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the view may still change.
    pub async fn update_view(
        &self,
        view_id: &str,
        hash: Option<&str>,
        view: &(impl Serialize + ?Sized + Sync),
    ) -> Result<OpenView, WebError> {
        self.view("views.update", [("view_id", Some(view_id)), ("hash", hash)], view).await
    }

    /// Shows the app's home tab to a person: <https://docs.slack.dev/reference/methods/views.publish>. With a hash, Slack
    /// returns the error `hash_conflict` if the view has changed since.
    ///
    /// # Errors
    /// A part of the view is too long, there was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the view may still change.
    pub async fn publish_view(
        &self,
        user_id: &str,
        hash: Option<&str>,
        view: &(impl Serialize + ?Sized + Sync),
    ) -> Result<OpenView, WebError> {
        self.view("views.publish", [("user_id", Some(user_id)), ("hash", hash)], view).await
    }

    /// Calls a method with this view and those of these arguments that are set.
    async fn view<const N: usize>(
        &self,
        method: &str,
        beside: [(&str, Option<&str>); N],
        view: &(impl Serialize + ?Sized),
    ) -> Result<OpenView, WebError> {
        #[derive(Deserialize)]
        struct Answer {
            view: OpenView,
        }
        let there = beside.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
        let mut arguments: Map<String, Value> = there.collect();
        let view = serde_json::to_value(view).map_err(|_| WebError::Arguments)?;
        if let Value::Object(view) = &view {
            limits::view(view, "view").map_err(WebError::Limit)?;
        }
        arguments.insert("view".to_owned(), view);
        let answer = self.call_json(method, &arguments).await?;
        let (Answer { view }, raw) = answer::with_raw(&answer.body)?;
        Ok(OpenView { raw, ..view })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::answering;
    use serde_json::json;

    #[test]
    fn a_home_that_has_changed_since_is_known_by_its_hash() {
        let (web, transport) = answering([r#"{"ok":true,"view":{"id":"V1","root_view_id":"V0"}}"#]);
        let view = json!({ "type": "home" });
        let shown = smol::block_on(web.publish_view("U1", Some("1.abc"), &view)).unwrap();
        assert_eq!((shown.hash, shown.root_view_id.as_deref()), (None, Some("V0")));
        let sent = transport.sent.lock().unwrap();
        let body: Value = serde_json::from_slice(sent[0].0.body()).unwrap();
        assert_eq!(body, json!({ "user_id": "U1", "hash": "1.abc", "view": view }));
    }
}
