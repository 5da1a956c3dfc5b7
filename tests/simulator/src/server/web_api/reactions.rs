//! `reactions.*`.

use super::Call;
use super::arguments::{Answer, Refusal};
use super::content::channel_to_read;
use crate::PostedMessage;
use crate::payload::shown;
use serde_json::json;

/// Different emoji on a message, and reactions of one person to it
/// (<https://slack.com/help/articles/202931348-Use-emoji-and-reactions>).
const MOST_EMOJI: usize = 50;
const MOST_OF_ONE: usize = 23;
/// The longest name of an emoji, in characters, a skin tone after it included.
const NAME: usize = 100;

pub(super) fn add(call: &mut Call<'_>) -> Answer {
    let (name, message) = named(call)?;
    let Some(message) = message else { return Ok(json!({})) };
    let bot = call.app.bot_user_id.clone();
    let is_theirs = |users: &Vec<String>| users.contains(&bot);
    let known = message.reactions.iter().find(|reaction| reaction.name == name);
    if known.is_some_and(|known| is_theirs(&known.users)) {
        return Err("already_reacted".into());
    }
    if known.is_none() && message.reactions.len() >= MOST_EMOJI {
        return Err("too_many_emoji".into());
    }
    if message.reactions.iter().filter(|reaction| is_theirs(&reaction.users)).count() >= MOST_OF_ONE {
        return Err("too_many_reactions".into());
    }
    call.state.reacted(true, &bot, &message, &name);
    Ok(json!({}))
}

pub(super) fn remove(call: &mut Call<'_>) -> Answer {
    let (name, message) = named(call)?;
    let Some(message) = message else { return Ok(json!({})) };
    let bot = call.app.bot_user_id.clone();
    match call.state.reacted(false, &bot, &message, &name) {
        Some(_) => Ok(json!({})),
        None => Err("no_reaction".into()),
    }
}

pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let message = item(call)?.ok_or("message_not_found")?;
    Ok(json!({"type": "message", "channel": message.channel, "message": shown(call.state, &message)}))
}

fn named(call: &Call<'_>) -> Result<(String, Option<PostedMessage>), Refusal> {
    if call.state.options.lenient {
        call.arguments.text("channel").ok_or("channel_not_found")?;
    }
    let name = call.arguments.text("name").ok_or("invalid_name")?.trim_matches(':').to_owned();
    let is_name = |c: char| c.is_lowercase() || c.is_ascii_digit() || "_-+':".contains(c) || !c.is_ascii();
    if !(1..=NAME).contains(&name.chars().count()) || !name.chars().all(is_name) {
        return Err("invalid_name".into());
    }
    Ok((name, item(call)?))
}

/// The message that a call is about; a lenient Slack needs none.
fn item(call: &Call<'_>) -> Result<Option<PostedMessage>, Refusal> {
    let is_lenient = call.state.options.lenient;
    let channel = match call.arguments.text("channel") {
        None if call.arguments.text("timestamp").is_none() => return Err("no_item_specified".into()),
        named if is_lenient => named.unwrap_or_default().to_owned(),
        named => channel_to_read(call.state, call.app, named)?,
    };
    let ts = call.arguments.text("timestamp").ok_or("no_item_specified")?;
    match call.state.messages.at(&channel, ts).filter(|message| !message.is_ephemeral) {
        Some(message) => Ok(Some(message.clone())),
        None if is_lenient => Ok(None),
        None => Err("message_not_found".into()),
    }
}
