//! What people do with views.

use super::{VERIFICATION, person, team};
use crate::state::State;
use crate::state::blocks::{interactive, text};
use crate::state::views::View;
use serde_json::{Value, json};

/// A submitted modal.
pub(crate) fn view_submission(state: &mut State, user: &str, view: &View) -> Value {
    let app_id = app_id(state, view);
    let response_urls = response_urls(state, user, view, &app_id);
    json!({
        "type": "view_submission",
        "team": team(state),
        "user": person(state, user),
        "api_app_id": app_id,
        "token": VERIFICATION,
        "trigger_id": state.trigger(&app_id, user, Some(view.id())),
        "view": view.fields,
        "response_urls": response_urls,
        "is_enterprise_install": false,
        "enterprise": null,
    })
}

/// A modal that somebody closed without submitting it.
pub(crate) fn view_closed(state: &mut State, user: &str, view: &View, is_cleared: bool) -> Value {
    json!({
        "type": "view_closed",
        "team": team(state),
        "user": person(state, user),
        "api_app_id": app_id(state, view),
        "token": VERIFICATION,
        "view": view.fields,
        "is_cleared": is_cleared,
        "is_enterprise_install": false,
        "enterprise": null,
    })
}

/// One for each select of channels that asks for it (`response_url_enabled`).
fn response_urls(state: &mut State, user: &str, view: &View, app_id: &str) -> Vec<Value> {
    let enabled = |element: &Value| element.get("response_url_enabled") == Some(&json!(true));
    let mut urls = Vec::new();
    for (block_id, element) in interactive(view.blocks()).filter(|(_, element)| enabled(element)) {
        let action_id = text(element, "action_id");
        let chosen =
            view.fields.pointer("/state/values").and_then(|values| values.get(block_id)?.get(action_id));
        let names = ["selected_conversation", "selected_channel"].into_iter();
        let channel =
            chosen.and_then(|chosen| names.map(|name| text(chosen, name)).find(|id| !id.is_empty()));
        if let Some(channel) = channel {
            let url = state.response_url(app_id, user, channel, None);
            urls.push(json!({
                "block_id": block_id, "action_id": action_id, "channel_id": channel, "response_url": url,
            }));
        }
    }
    urls
}

fn app_id(state: &State, view: &View) -> String {
    let own = view.fields.get("app_id").and_then(Value::as_str);
    own.map_or_else(|| state.apps.default.app_id.clone(), str::to_owned)
}
