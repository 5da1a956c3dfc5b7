//! Modals, and the app's home.

use serde::{Deserialize, Serialize};

use super::answer::{self, RawJson};
use super::{Web, WebError};
use crate::transport::Transport;

/// A view as Slack has taken it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct OpenView {
    /// Its id, `V…`, for [`Web::views_update`].
    pub id: String,
    /// What it looks like by now, to be given to the next update.
    pub hash: Option<String>,
    /// The view at the bottom of its stack.
    pub root_view_id: Option<String>,
    /// The whole answer. Empty if the type was read by [`Web::call`].
    #[serde(skip)]
    pub raw: RawJson,
}

#[derive(Serialize)]
struct Arguments<'a, V: ?Sized> {
    #[serde(skip_serializing_if = "Option::is_none")]
    trigger_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    view_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<&'a str>,
    view: &'a V,
}

/// ```
/// use serde_json::json;
/// use socketmode_driver::Transport;
/// use socketmode_driver::web::{Web, WebError};
///
/// async fn ask<T: Transport>(web: &Web<T>, trigger_id: &str) -> Result<(), WebError> {
///     let modal = |text| json!({
///         "type": "modal",
///         "title": { "type": "plain_text", "text": "Launch" },
///         "blocks": [{ "type": "section", "text": { "type": "plain_text", "text": text } }],
///     });
///     let view = web.views_open(trigger_id, &modal("One moment")).await?;
///     web.views_update(&view.id, view.hash.as_deref(), &modal("Ready")).await?;
///     Ok(())
/// }
/// ```
impl<T: Transport> Web<T> {
    /// Opens a modal: <https://docs.slack.dev/reference/methods/views.open>. The `trigger_id` comes with a command or a
    /// click and is good for 3 s.
    ///
    /// # Errors
    /// There was no answer, or Slack refused.
    ///
    /// # Cancel safety
    /// Dropping the future gives the call up; the view may open.
    pub async fn views_open(
        &self,
        trigger_id: &str,
        view: &(impl Serialize + ?Sized + Sync),
    ) -> Result<OpenView, WebError> {
        let trigger_id = Some(trigger_id);
        self.view("views.open", &Arguments { trigger_id, view_id: None, user_id: None, hash: None, view })
            .await
    }

    /// Puts a modal on top of one that is open: <https://docs.slack.dev/reference/methods/views.push>.
    ///
    /// # Errors
    /// There was no answer, or Slack refused.
    ///
    /// # Cancel safety
    /// Dropping the future gives the call up; the view may open.
    pub async fn views_push(
        &self,
        trigger_id: &str,
        view: &(impl Serialize + ?Sized + Sync),
    ) -> Result<OpenView, WebError> {
        let trigger_id = Some(trigger_id);
        self.view("views.push", &Arguments { trigger_id, view_id: None, user_id: None, hash: None, view })
            .await
    }

    /// Changes a modal that is open: <https://docs.slack.dev/reference/methods/views.update>. With a hash, Slack refuses
    /// if the view has changed since (`hash_conflict`).
    ///
    /// # Errors
    /// There was no answer, or Slack refused.
    ///
    /// # Cancel safety
    /// Dropping the future gives the call up; the view may change.
    pub async fn views_update(
        &self,
        view_id: &str,
        hash: Option<&str>,
        view: &(impl Serialize + ?Sized + Sync),
    ) -> Result<OpenView, WebError> {
        let view_id = Some(view_id);
        self.view("views.update", &Arguments { trigger_id: None, view_id, user_id: None, hash, view }).await
    }

    /// Shows a person the app's home: <https://docs.slack.dev/reference/methods/views.publish>. With a hash, Slack
    /// refuses if the view has changed since (`hash_conflict`).
    ///
    /// # Errors
    /// There was no answer, or Slack refused.
    ///
    /// # Cancel safety
    /// Dropping the future gives the call up; the view may change.
    pub async fn views_publish(
        &self,
        user_id: &str,
        hash: Option<&str>,
        view: &(impl Serialize + ?Sized + Sync),
    ) -> Result<OpenView, WebError> {
        let user_id = Some(user_id);
        self.view("views.publish", &Arguments { trigger_id: None, view_id: None, user_id, hash, view }).await
    }

    async fn view<V: Serialize + ?Sized + Sync>(
        &self,
        method: &str,
        arguments: &Arguments<'_, V>,
    ) -> Result<OpenView, WebError> {
        #[derive(Deserialize)]
        struct Answer {
            view: OpenView,
        }
        let body = self.call_json(method, arguments).await?;
        let (answer, raw) = answer::with_raw::<Answer>(&body)?;
        Ok(OpenView { raw, ..answer.view })
    }
}
