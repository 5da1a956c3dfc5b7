//! `chat.*`, but for streams.

use super::Call;
use super::arguments::{Answer, Refusal};
use super::content::{channel_to_read, channel_to_write, check, message};
use crate::payload::shown;
use crate::{PostedMessage, payload};
use serde_json::{Value, json};

pub(super) fn post(call: &mut Call<'_>) -> Answer {
    let channel = channel_to_write(call.state, call.app, call.arguments.text("channel"))?;
    check(call.state, call.arguments, false)?;
    let message = message(call.state, call.app, &channel, call.arguments);
    call.state.bot_posted(&message);
    Ok(json!({"channel": channel, "ts": message.ts, "message": shown(call.state, &message)}))
}

pub(super) fn post_ephemeral(call: &mut Call<'_>) -> Answer {
    let channel = channel_to_write(call.state, call.app, call.arguments.text("channel"))?;
    let user = call.arguments.text("user").ok_or("user_not_in_channel")?.to_owned();
    let is_member = call.state.directory.channel(&channel).is_some_and(|channel| channel.has_member(&user));
    if !is_member && !call.state.options.lenient {
        return Err("user_not_in_channel".into());
    }
    check(call.state, call.arguments, false)?;
    let message = message(call.state, call.app, &channel, call.arguments);
    call.state.bot_posted(&PostedMessage { is_ephemeral: true, to: Some(user), ..message.clone() });
    Ok(json!({"message_ts": message.ts}))
}

pub(super) fn update(call: &mut Call<'_>) -> Answer {
    let channel = channel_to_write(call.state, call.app, call.arguments.text("channel"))?;
    let ts = call.arguments.text("ts").ok_or("message_not_found")?.to_owned();
    if call.state.options.lenient && call.state.messages.at(&channel, &ts).is_none() {
        return Ok(json!({"channel": channel, "ts": ts}));
    }
    let was = own(call, &channel, &ts, "cant_update_message")?;
    check(call.state, call.arguments, true)?;
    let new = message(call.state, call.app, &channel, call.arguments);
    let has = |name: &str| call.arguments.get(name).is_some();
    // A text takes the blocks away that are not given anew.
    let (has_text, has_blocks) = (has("text") || has("markdown_text"), has("blocks"));
    let (has_attachments, has_metadata) = (has("attachments"), has("metadata"));
    let edited = call.state.serial.ts();
    call.state.messages.change(&channel, &ts, |message| {
        if has_text {
            message.text = new.text;
        }
        if has_text || has_blocks {
            message.blocks = new.blocks;
        }
        if has_attachments {
            message.attachments = new.attachments;
        }
        if has_metadata {
            message.metadata = new.metadata;
        }
        message.edited = Some(edited);
    });
    call.state.message_changed(&was);
    let message = call.state.messages.at(&channel, &ts).map(|message| payload::shown(call.state, message));
    let text = message.as_ref().and_then(|message| message.get("text")).cloned();
    Ok(json!({"channel": channel, "ts": ts, "text": text, "message": message}))
}

pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let channel = channel_to_write(call.state, call.app, call.arguments.text("channel"))?;
    let ts = call.arguments.text("ts").ok_or("message_not_found")?.to_owned();
    if !call.state.options.lenient {
        own(call, &channel, &ts, "cant_delete_message")?;
    }
    call.state.message_deleted(&channel, &ts);
    Ok(json!({"channel": channel, "ts": ts}))
}

pub(super) fn permalink(call: &mut Call<'_>) -> Answer {
    let channel = channel_to_read(call.state, call.app, call.arguments.text("channel"))?;
    let ts = call.arguments.text("message_ts").ok_or("message_not_found")?;
    let found = call.state.messages.at(&channel, ts).ok_or("message_not_found")?;
    let domain = &call.state.directory.team_domain;
    let mut link = format!("https://{domain}.slack.com/archives/{channel}/p{}", ts.replace('.', ""));
    if let Some(head) = found.thread_ts.as_ref().filter(|head| *head != ts) {
        link.push_str(&format!("?thread_ts={head}&cid={channel}"));
    }
    Ok(json!({"channel": channel, "permalink": link}))
}

pub(super) fn unfurl(call: &mut Call<'_>) -> Answer {
    let text = |name: &str| call.arguments.text(name);
    // Links of a message, or those of a `link_shared`, which may be in a composer still.
    match (text("unfurl_id"), text("source"), text("channel"), text("ts")) {
        (Some(_), Some(_), ..) | (None, None, Some(_), Some(_)) => {}
        (Some(_), None, ..) => return Err("missing_source".into()),
        (None, Some(_), ..) => return Err("missing_unfurl_id".into()),
        (.., None, _) => return Err("missing_channel".into()),
        (.., None) => return Err("missing_ts".into()),
    }
    match call.arguments.get("unfurls") {
        Some(Value::Object(_)) => Ok(json!({})),
        Some(_) => Err("invalid_unfurls_format".into()),
        None => Err("missing_unfurls".into()),
    }
}

/// A message of the app's own.
fn own(call: &Call<'_>, channel: &str, ts: &str, otherwise: &'static str) -> Result<PostedMessage, Refusal> {
    let found = call.state.messages.at(channel, ts).filter(|message| !message.is_ephemeral);
    let found = found.ok_or("message_not_found")?;
    match found.app_id.as_ref() {
        Some(app_id) if *app_id == call.app.app_id => Ok(found.clone()),
        _ => Err(otherwise.into()),
    }
}
