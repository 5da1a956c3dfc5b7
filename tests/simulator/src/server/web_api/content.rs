//! What a message says, as Slack takes it.

use super::arguments::{Arguments, Refusal};
use super::block_kit::wrong_blocks;
use crate::state::State;
use crate::state::apps::App;
use crate::{ChannelKind, PostedMessage};
use serde_json::Value;

/// Characters of a text beyond which Slack drops the rest (<https://docs.slack.dev/reference/methods/chat.postMessage>).
const TEXT: usize = 40_000;
/// Characters of a text that replaces another (<https://docs.slack.dev/reference/methods/chat.update>).
const NEW_TEXT: usize = 4_000;
/// Characters of a text in Markdown.
pub(super) const MARKDOWN: usize = 12_000;
/// Attachments of a message (<https://docs.slack.dev/reference/methods/chat.postMessage>).
const ATTACHMENTS: usize = 100;

/// Whether a message has contents, and Slack takes them.
pub(super) fn check(state: &State, arguments: Arguments<'_>, is_update: bool) -> Result<(), Refusal> {
    let blocks = arguments.get("blocks");
    let attachments = arguments.get("attachments");
    if state.options.lenient {
        let has =
            ["text", "markdown_text", "blocks", "attachments"].map(|name| arguments.get(name).is_some());
        return if has.contains(&true) { Ok(()) } else { Err("no_text".into()) };
    }
    let filled = |value: Option<&Value>| match value {
        Some(Value::Array(values)) => !values.is_empty(),
        Some(Value::String(text)) => !text.is_empty(),
        other => other.is_some(),
    };
    let is_text = arguments.text("text").or(arguments.text("markdown_text")).is_some();
    if !(is_text || filled(blocks) || filled(attachments)) {
        return Err("no_text".into());
    }
    if let Some(markdown) = arguments.text("markdown_text") {
        if filled(blocks) || arguments.text("text").is_some() {
            return Err("markdown_text_conflict".into());
        }
        if markdown.chars().count() > MARKDOWN {
            return Err("msg_too_long".into());
        }
    }
    if is_update && arguments.text("text").is_some_and(|text| text.chars().count() > NEW_TEXT) {
        return Err("msg_too_long".into());
    }
    check_blocks(blocks.filter(|blocks| filled(Some(blocks))))?;
    match attachments {
        None | Some(Value::String(_)) => {}
        Some(Value::Array(all)) if all.len() > ATTACHMENTS => return Err("too_many_attachments".into()),
        Some(Value::Array(all)) => {
            for blocks in all.iter().filter_map(|attachment| attachment.get("blocks")) {
                check_blocks(Some(blocks))?;
            }
        }
        Some(_) => return Err("invalid_attachments".into()),
    }
    match arguments.get("metadata") {
        None => Ok(()),
        Some(metadata) if metadata.get("event_type").is_some() && metadata.get("event_payload").is_some() => {
            Ok(())
        }
        Some(_) => Err("invalid_metadata_format".into()),
    }
}

/// Whether these are blocks.
pub(super) fn check_blocks(blocks: Option<&Value>) -> Result<(), Refusal> {
    match blocks {
        None => Ok(()),
        Some(blocks) if !blocks.is_array() => Err("invalid_blocks_format".into()),
        Some(blocks) => match wrong_blocks(blocks) {
            faults if faults.is_empty() => Ok(()),
            faults => Err(Refusal::with("invalid_blocks", faults)),
        },
    }
}

/// The message that the bot posts.
pub(super) fn message(
    state: &mut State,
    app: &App,
    channel: &str,
    arguments: Arguments<'_>,
) -> PostedMessage {
    let mut message = state.bot_message(app, channel, arguments.0);
    message.thread_ts = arguments.text("thread_ts").map(str::to_owned);
    if let Some((end, _)) = message.text.char_indices().nth(TEXT) {
        message.text.truncate(end);
    }
    message
}

/// The channel that a bot names where it wants to write: by its id, by its name, or by the id of a person.
pub(super) fn channel_to_write(state: &mut State, app: &App, named: Option<&str>) -> Result<String, Refusal> {
    let named = named.ok_or("channel_not_found")?;
    if state.directory.user(named).is_some_and(|user| !user.is_bot) {
        return state.directory.im(named, &app.bot_user_id).ok_or_else(|| "channel_not_found".into());
    }
    let name = named.strip_prefix('#').unwrap_or(named);
    let by_name = state.directory.channel_named(name).map(|channel| channel.id.clone());
    let id =
        if state.directory.channel(named).is_some() { named.to_owned() } else { by_name.unwrap_or_default() };
    if state.options.lenient && id.is_empty() {
        state.directory.found(named, &app.bot_user_id, &app.bot_user_id);
        return Ok(named.to_owned());
    }
    let channel = state.directory.channel(&id).ok_or("channel_not_found")?;
    match (channel.has_member(&app.bot_user_id), channel.kind) {
        (true, _) => Ok(id),
        (false, ChannelKind::Public) => Err("not_in_channel".into()),
        (false, _) => Err("channel_not_found".into()),
    }
}

/// A channel that a bot names, and may see.
pub(super) fn channel_to_read(state: &State, app: &App, named: Option<&str>) -> Result<String, Refusal> {
    let channel = named.and_then(|named| state.directory.channel(named)).ok_or("channel_not_found")?;
    let is_seen = channel.kind == ChannelKind::Public || channel.has_member(&app.bot_user_id);
    if is_seen { Ok(channel.id.clone()) } else { Err("channel_not_found".into()) }
}
