//! Posts to a `response_url` (<https://docs.slack.dev/interactivity/handling-user-interaction#message_responses>).

use super::arguments::{Arguments, Refusal};
use super::content::check;
use crate::PostedMessage;
use crate::state::State;
use crate::state::blocks::text;
use crate::state::response_urls::{ResponseUrl, Target};
use serde_json::{Value, json};

/// Does what a post says: a message, another look of one, or the end of one.
pub(super) fn respond(state: &mut State, key: &str, body: &Value) -> Result<(), Refusal> {
    let url = match state.respond(key) {
        Ok(url) => url,
        Err(_) if state.options.lenient => return Ok(()),
        Err(code) => return Err(code.into()),
    };
    let arguments = Arguments(body);
    let target = url.target.as_ref().map(|target| target.ts.clone());
    if arguments.flag("delete_original") {
        if let Some(ts) = target {
            state.message_deleted(&url.channel, &ts);
        }
        return Ok(());
    }
    check(state, arguments, false)?;
    let known = target.filter(|_| arguments.flag("replace_original"));
    let was = known.and_then(|ts| state.messages.at(&url.channel, &ts).cloned());
    match was {
        Some(was) => replace(state, &url, &was, body),
        None => post(state, key, &url, body),
    }
    Ok(())
}

fn replace(state: &mut State, url: &ResponseUrl, was: &PostedMessage, body: &Value) {
    let app = state.apps.get(&url.app_id).unwrap_or(&state.apps.default).clone();
    let new = state.bot_message(&app, &url.channel, body);
    state.messages.change(&was.channel, &was.ts, |message| {
        (message.text, message.blocks, message.attachments) = (new.text, new.blocks, new.attachments);
    });
    state.message_changed(was);
}

/// A message that only one person sees, unless it says otherwise.
fn post(state: &mut State, key: &str, url: &ResponseUrl, body: &Value) {
    let app = state.apps.get(&url.app_id).unwrap_or(&state.apps.default).clone();
    let is_ephemeral = text(body, "response_type") != "in_channel";
    let thread = url.target.as_ref().and_then(|target| target.thread_ts.clone());
    let named = body.get("thread_ts").and_then(Value::as_str).map(str::to_owned);
    let message = PostedMessage {
        is_ephemeral,
        to: is_ephemeral.then(|| url.user.clone()),
        thread_ts: named.or(thread),
        ..state.bot_message(&app, &url.channel, body)
    };
    if url.target.is_none() {
        // What came of a command is what later posts replace.
        state.retarget(key, Target::of(&message));
    }
    state.bot_posted(&message);
}

/// The body of Slack's answer to a post that it does not take.
pub(super) fn refused(refusal: &Refusal) -> Value {
    json!({"ok": false, "error": refusal.code})
}
