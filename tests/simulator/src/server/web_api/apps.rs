//! What apps ask about themselves, and what agents and workflows say.

use super::Call;
use super::arguments::{Answer, Refusal};
use super::content::channel_to_read;
use crate::TokenKind;
use serde_json::{Value, json};

/// Prompts that are suggested (<https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts>).
const MOST_PROMPTS: usize = 4;

pub(super) fn api_test(call: &mut Call<'_>) -> Answer {
    match call.arguments.text("error") {
        // The code is the caller's own: Slack gives it back.
        Some(_) => Err("error".into()),
        None => Ok(json!({"args": call.arguments.0})),
    }
}

pub(super) fn auth_test(call: &mut Call<'_>) -> Answer {
    let (app, directory) = (call.app, &call.state.directory);
    if call.kind == TokenKind::App {
        return Ok(json!({"app_name": "simulated", "app_id": app.app_id}));
    }
    Ok(json!({
        "url": format!("https://{}.slack.com/", directory.team_domain),
        "team": directory.team_name,
        "team_id": directory.team_id,
        "user": directory.user(&app.bot_user_id).map(|user| &user.name),
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": false,
    }))
}

/// `assistant.threads.setStatus`, `assistant.threads.setTitle`, `agents.sessions.*`.
pub(super) fn thread(call: &mut Call<'_>) -> Answer {
    in_channel(call).map(|()| json!({}))
}

/// `assistant.threads.setSuggestedPrompts`.
pub(super) fn prompts(call: &mut Call<'_>) -> Answer {
    in_channel(call)?;
    let prompts = call.arguments.get("prompts").and_then(Value::as_array);
    match prompts.map(Vec::len) {
        Some(1..=MOST_PROMPTS) => Ok(json!({})),
        _ if call.state.options.lenient => Ok(json!({})),
        _ => Err("invalid_arguments".into()),
    }
}

/// `functions.completeSuccess`, `functions.completeError`.
pub(super) fn function(call: &mut Call<'_>) -> Answer {
    call.arguments.text("function_execution_id").ok_or("invalid_arguments")?;
    Ok(json!({}))
}

/// `entity.presentDetails`.
pub(super) fn entity(call: &mut Call<'_>) -> Answer {
    call.arguments.text("trigger_id").ok_or("invalid_trigger")?;
    Ok(json!({}))
}

fn in_channel(call: &Call<'_>) -> Result<(), Refusal> {
    let id = call.arguments.text("channel_id").ok_or("channel_not_found")?;
    if call.state.options.lenient {
        return Ok(());
    }
    channel_to_read(call.state, call.app, Some(id)).map(drop)
}
