//! `users.*`, `team.info`, `bots.info`.

use super::Call;
use super::arguments::Answer;
use crate::User;
use serde_json::{Value, json};

pub(super) fn info(call: &mut Call<'_>) -> Answer {
    let user = call.arguments.text("user").and_then(|id| call.state.directory.user(id));
    Ok(json!({"user": shown(call, user.ok_or("user_not_found")?)}))
}

pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let all = call.state.directory.users().map(|user| shown(call, user)).collect();
    call.arguments.page("members", all)
}

pub(super) fn by_email(call: &mut Call<'_>) -> Answer {
    let email = call.arguments.text("email").ok_or("users_not_found")?;
    let user = call.state.directory.users().find(|user| user.email.eq_ignore_ascii_case(email));
    Ok(json!({"user": shown(call, user.ok_or("users_not_found")?)}))
}

pub(super) fn team(call: &mut Call<'_>) -> Answer {
    let directory = &call.state.directory;
    Ok(json!({
        "team": {"id": directory.team_id, "name": directory.team_name, "domain": directory.team_domain},
    }))
}

pub(super) fn bot(call: &mut Call<'_>) -> Answer {
    let id = call.arguments.text("bot").unwrap_or(&call.app.bot_id);
    let bot = call.state.apps.all().find(|app| app.bot_id == id).ok_or("bot_not_found")?;
    let name = call.state.directory.user(&bot.bot_user_id).map(|user| user.name.clone());
    Ok(json!({
        "bot": {"id": bot.bot_id, "deleted": false, "name": name, "app_id": bot.app_id, "user_id": bot.bot_user_id},
    }))
}

fn shown(call: &Call<'_>, user: &User) -> Value {
    let mut profile = json!({"real_name": user.full_name(), "display_name": user.name});
    if let (Some(profile), false) = (profile.as_object_mut(), user.email.is_empty()) {
        profile.insert("email".to_owned(), json!(user.email));
    }
    json!({
        "id": user.id,
        "team_id": call.state.directory.team_id,
        "name": user.name,
        "real_name": user.full_name(),
        "deleted": false,
        "is_bot": user.is_bot,
        "is_app_user": false,
        "tz": "Etc/UTC",
        "tz_label": "Coordinated Universal Time",
        "tz_offset": 0,
        "profile": profile,
    })
}
