//! `chat.startStream`, `chat.appendStream`, `chat.stopStream`: messages that grow
//! (<https://docs.slack.dev/reference/methods/chat.startStream>).

use super::Call;
use super::arguments::{Answer, Arguments, Refusal};
use super::content::{MARKDOWN, channel_to_write, check_blocks, message};
use crate::payload::shown;
use crate::state::blocks::text;
use crate::{ChannelKind, PostedMessage};
use serde_json::{Value, json};

/// What a stream grows by.
struct Growth {
    text: String,
    blocks: Vec<Value>,
}

pub(super) fn start(call: &mut Call<'_>) -> Answer {
    let channel = channel_to_write(call.state, call.app, call.arguments.text("channel"))?;
    call.arguments.text("thread_ts").ok_or("invalid_thread_ts")?;
    let is_im = call.state.directory.channel(&channel).is_some_and(|found| found.kind == ChannelKind::Im);
    if !is_im && !call.state.options.lenient {
        call.arguments.text("recipient_user_id").ok_or("missing_recipient_user_id")?;
        call.arguments.text("recipient_team_id").ok_or("missing_recipient_team_id")?;
    }
    let growth = growth(call.arguments)?;
    let mut message = message(call.state, call.app, &channel, call.arguments);
    message.is_streaming = true;
    message.text = String::new();
    grow(&mut message, growth);
    call.state.bot_posted(&message);
    Ok(json!({"channel": channel, "ts": message.ts}))
}

pub(super) fn append(call: &mut Call<'_>) -> Answer {
    let was = streaming(call)?;
    let growth = growth(call.arguments)?;
    if growth.text.is_empty() && growth.blocks.is_empty() {
        return Err("no_text".into());
    }
    change(call, &was, |message| grow(message, growth));
    Ok(json!({"channel": was.channel, "ts": was.ts}))
}

pub(super) fn stop(call: &mut Call<'_>) -> Answer {
    let was = streaming(call)?;
    let growth = growth(call.arguments)?;
    let blocks = call.arguments.get("blocks");
    check_blocks(blocks)?;
    let last = call.state.with_ids(blocks);
    let metadata = call.arguments.get("metadata").cloned();
    change(call, &was, |message| {
        grow(message, growth);
        message.is_streaming = false;
        if let (Some(blocks), Value::Array(last)) = (message.blocks.as_array_mut(), last) {
            blocks.extend(last);
        }
        if let Some(metadata) = metadata {
            message.metadata = metadata;
        }
    });
    call.state.message_changed(&was);
    let message = call.state.messages.at(&was.channel, &was.ts).map(|message| shown(call.state, message));
    Ok(json!({"channel": was.channel, "ts": was.ts, "message": message}))
}

/// The stream that a call is about.
fn streaming(call: &mut Call<'_>) -> Result<PostedMessage, Refusal> {
    let channel = channel_to_write(call.state, call.app, call.arguments.text("channel"))?;
    let ts = call.arguments.text("ts").ok_or("message_not_found")?;
    let found = call.state.messages.at(&channel, ts).ok_or("message_not_found")?;
    if found.app_id.as_ref() != Some(&call.app.app_id) {
        return Err("message_not_owned_by_app".into());
    }
    if !found.is_streaming {
        return Err("message_not_in_streaming_state".into());
    }
    Ok(found.clone())
}

fn change(call: &mut Call<'_>, was: &PostedMessage, act: impl FnOnce(&mut PostedMessage)) {
    call.state.messages.change(&was.channel, &was.ts, act);
    if let Some(is) = call.state.messages.at(&was.channel, &was.ts).cloned() {
        call.state.note_message("message_changed", &is);
    }
}

/// The text and the chunks in a call: each chunk of text adds to the text, each of another kind is a block.
fn growth(arguments: Arguments<'_>) -> Result<Growth, Refusal> {
    let mut growth =
        Growth { text: arguments.text("markdown_text").unwrap_or_default().to_owned(), blocks: Vec::new() };
    match arguments.get("chunks") {
        None => {}
        Some(Value::Array(chunks)) => {
            for chunk in chunks {
                match text(chunk, "type") {
                    "markdown_text" => growth.text.push_str(text(chunk, "text")),
                    "task_update" => growth.blocks.push(task(chunk)),
                    "plan_update" => {
                        growth.blocks.push(json!({"type": "plan", "title": text(chunk, "title")}));
                    }
                    "blocks" => growth
                        .blocks
                        .extend(chunk.get("blocks").and_then(Value::as_array).cloned().unwrap_or_default()),
                    _ => return Err("invalid_chunks".into()),
                }
            }
        }
        Some(_) => return Err("invalid_chunks".into()),
    }
    if growth.text.chars().count() > MARKDOWN {
        return Err("msg_too_long".into());
    }
    Ok(growth)
}

/// A task as the block that shows it.
fn task(chunk: &Value) -> Value {
    let mut card = chunk.clone();
    if let Some(fields) = card.as_object_mut() {
        fields.insert("type".to_owned(), json!("task_card"));
        let id = fields.remove("id").unwrap_or_default();
        fields.insert("task_id".to_owned(), id);
    }
    card
}

fn grow(message: &mut PostedMessage, growth: Growth) {
    message.text.push_str(&growth.text);
    let Some(blocks) = message.blocks.as_array_mut() else { return };
    for block in growth.blocks {
        let is_same = |known: &&mut Value| {
            let kind = text(&block, "type");
            kind == text(known, "type")
                && (kind == "plan" || kind == "task_card" && known.get("task_id") == block.get("task_id"))
        };
        match blocks.iter_mut().find(is_same) {
            Some(known) => *known = block,
            None => blocks.push(block),
        }
    }
}
