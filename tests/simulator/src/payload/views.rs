//! What people do with views.

use super::{VERIFICATION, person, team};
use crate::state::State;
use crate::state::views::View;
use serde_json::{Value, json};

/// A submitted modal.
pub(crate) fn view_submission(state: &mut State, user: &str, view: &View) -> Value {
    let app_id = app_id(state, view);
    json!({
        "type": "view_submission",
        "team": team(state),
        "user": person(state, user),
        "api_app_id": app_id,
        "token": VERIFICATION,
        "trigger_id": state.trigger(&app_id, user, Some(view.id())),
        "view": view.fields,
        "response_urls": [],
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

fn app_id(state: &State, view: &View) -> String {
    let own = view.fields.get("app_id").and_then(Value::as_str);
    own.map_or_else(|| state.apps.default.app_id.clone(), str::to_owned)
}
