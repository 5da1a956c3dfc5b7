//! Views that are shown, changed, stacked and taken away.

use super::State;
use super::apps::App;
use super::blocks::text;
use super::serial::unix_time;
use super::views::View;
use crate::journal::Fact;
use serde_json::{Map, Value, json};

impl State {
    /// Shows a view to a user: a modal above `below`, if there is one, or a home tab. Gives its id.
    pub(crate) fn show_view(&mut self, app: &App, user: &str, view: &Value, below: Option<&View>) -> String {
        let id = self.serial.id("V");
        let root = below.map_or(&*id, View::root).to_owned();
        let mut fields = self.view_fields(app, view);
        fields.insert("id".to_owned(), json!(id));
        fields.insert("root_view_id".to_owned(), json!(root));
        fields.insert("previous_view_id".to_owned(), json!(below.map(View::id)));
        let view = View { fields: Value::Object(fields), user: user.to_owned(), is_open: true };
        self.note(Fact::object("view", &view.shown()));
        self.views.add(view);
        id
    }

    /// Gives a view a new look; what is filled in stays where the inputs do.
    pub(crate) fn update_view(&mut self, app: &App, id: &str, view: &Value) {
        let mut fields = self.view_fields(app, view);
        self.views.change(id, |kept| {
            for own in ["id", "root_view_id", "previous_view_id", "state"] {
                if let Some(value) = kept.fields.get(own) {
                    fields.insert(own.to_owned(), value.clone());
                }
            }
            let values =
                fields.get("state").and_then(|state| state.get("values")).cloned().unwrap_or_default();
            let still = kept_inputs(&values, fields.get("blocks").unwrap_or(&Value::Null));
            fields.insert("state".to_owned(), json!({"values": still}));
            kept.fields = Value::Object(fields);
        });
        if let Some(view) = self.views.get(id) {
            let fact = Fact::object("view", &view.shown());
            self.note(fact);
        }
    }

    /// A view is there no longer.
    pub(crate) fn close_view(&mut self, id: &str) {
        if self.views.change(id, |view| view.is_open = false).is_some() {
            self.note(Fact::object("view_closed", &json!({"view_id": id})));
        }
    }

    /// The views of a stack are there no longer.
    pub(crate) fn clear_stack(&mut self, root: &str) {
        let ids: Vec<_> = self.views.stack(root).map(|view| view.id().to_owned()).collect();
        for id in ids {
            self.close_view(&id);
        }
    }

    fn view_fields(&mut self, app: &App, view: &Value) -> Map<String, Value> {
        let given = view.as_object().cloned().unwrap_or_default();
        let hash = format!("{}.{:.8}", unix_time(), self.serial.hex());
        let mut fields = Map::new();
        for (name, value) in [
            ("type", json!("modal")),
            ("private_metadata", json!("")),
            ("callback_id", json!("")),
            ("external_id", json!("")),
            ("title", json!({"type": "plain_text", "text": "", "emoji": true})),
            ("submit", Value::Null),
            ("close", Value::Null),
            ("clear_on_close", json!(false)),
            ("notify_on_close", json!(false)),
        ] {
            fields.insert(name.to_owned(), value);
        }
        fields.extend(given);
        let blocks = self.with_ids(fields.get("blocks"));
        for (name, value) in [
            ("blocks", blocks),
            ("state", json!({"values": {}})),
            ("hash", json!(hash)),
            ("team_id", json!(self.directory.team_id)),
            ("app_installed_team_id", json!(self.directory.team_id)),
            ("app_id", json!(app.app_id)),
            ("bot_id", json!(app.bot_id)),
        ] {
            fields.insert(name.to_owned(), value);
        }
        fields
    }
}

/// The values of those inputs that are still there: Slack knows them by both ids.
fn kept_inputs(values: &Value, blocks: &Value) -> Value {
    let mut kept = json!({});
    for (block_id, element) in super::blocks::interactive(blocks) {
        let action_id = text(element, "action_id");
        if let Some(value) = values.get(block_id).and_then(|block| block.get(action_id)) {
            super::views::enter(&mut kept, block_id, action_id, value.clone());
        }
    }
    kept
}
