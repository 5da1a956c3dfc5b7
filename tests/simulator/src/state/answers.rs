//! What the answer in an acknowledgement does: a message, or what happens to a view.

use super::State;
use super::apps::App;
use super::blocks::text;
use crate::PostedMessage;
use crate::journal::Fact;
use crate::server::web_api::block_kit::wrong_view;
use serde_json::{Value, json};

/// Views that may be on top of each other (<https://docs.slack.dev/surfaces/modals>).
pub(crate) const STACK_LIMIT: usize = 3;

impl State {
    /// Does what the bot answers to `asked`, the payload of a command or of a submission.
    pub(crate) fn answered(&mut self, asked: &str, answer: Option<&Value>) {
        let Ok(asked) = serde_json::from_str::<Value>(asked) else { return };
        let app_id = text(&asked, "api_app_id");
        let app = self.apps.get(app_id).unwrap_or(&self.apps.default).clone();
        if text(&asked, "type") == "block_suggestion" {
            let answer = answer.unwrap_or(&Value::Null);
            let list = ["options", "option_groups"].into_iter().find_map(|name| answer.get(name));
            let action_id = text(&asked, "action_id");
            let fields = json!({"action_id": action_id, "options": list.unwrap_or(&Value::Null)});
            self.note(Fact::object("suggestions", &fields));
            return;
        }
        match asked.get("view") {
            Some(view) => self.view_answered(&app, text(view, "id"), answer),
            None => {
                let (user, channel) = (text(&asked, "user_id"), text(&asked, "channel_id"));
                self.command_answered(&app, user, channel, answer.unwrap_or(&Value::Null));
            }
        }
    }

    /// A message that only one person sees, unless it says otherwise.
    fn command_answered(&mut self, app: &App, user: &str, channel: &str, answer: &Value) {
        if answer.get("text").is_none() && answer.get("blocks").is_none() {
            return;
        }
        let is_ephemeral = text(answer, "response_type") != "in_channel";
        let message = self.bot_message(app, channel, answer);
        let to = is_ephemeral.then(|| user.to_owned());
        self.bot_posted(&PostedMessage { is_ephemeral, to, ..message });
    }

    /// A new message of a bot with this text, these blocks and attachments.
    pub(crate) fn bot_message(&mut self, app: &App, channel: &str, content: &Value) -> PostedMessage {
        let ts = self.serial.ts();
        let shown =
            [text(content, "text"), text(content, "markdown_text")].into_iter().find(|text| !text.is_empty());
        PostedMessage {
            bot_id: Some(app.bot_id.clone()),
            app_id: Some(app.app_id.clone()),
            blocks: self.with_ids(content.get("blocks")),
            attachments: content
                .get("attachments")
                .filter(|all| all.is_array())
                .cloned()
                .unwrap_or_else(|| json!([])),
            metadata: content.get("metadata").cloned().unwrap_or_default(),
            ..PostedMessage::new(channel, ts, &app.bot_user_id, shown.unwrap_or_default())
        }
    }

    /// Without an answer a submitted view closes.
    fn view_answered(&mut self, app: &App, id: &str, answer: Option<&Value>) {
        let Some(view) = self.views.get(id).cloned() else { return };
        let answer = answer.unwrap_or(&Value::Null);
        let next = answer.get("view").filter(|next| next.is_object());
        let faults =
            next.filter(|_| !self.options.lenient).map_or_else(Vec::new, |next| wrong_view(next, "modal"));
        if !faults.is_empty() {
            // The person sees that something went wrong, and the view stays.
            self.note(Fact::object(
                "view_errors",
                &json!({"view_id": id, "errors": {"view": faults.join(" ")}}),
            ));
            return;
        }
        match (text(answer, "response_action"), next) {
            ("errors", _) => {
                let fields = json!({"view_id": id, "errors": answer.get("errors")});
                self.note(Fact::object("view_errors", &fields));
            }
            ("clear", _) => self.clear_stack(view.root()),
            ("update", Some(next)) => self.update_view(app, id, next),
            ("push", Some(next)) => {
                if self.views.stack(view.root()).count() < STACK_LIMIT {
                    self.show_view(app, &view.user.clone(), next, Some(&view));
                }
            }
            _ => self.close_view(id),
        }
    }
}
