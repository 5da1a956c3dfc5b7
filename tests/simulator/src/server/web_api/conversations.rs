//! `conversations.*`.

use super::Call;
use super::arguments::{Answer, Refusal};
use super::content::channel_to_read;
use crate::payload::shown;
use crate::{Channel, ChannelKind, PostedMessage};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn info(call: &mut Call<'_>) -> Answer {
    Ok(json!({"channel": described(call, &channel(call)?)}))
}

pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let types = call.arguments.text("types").unwrap_or("public_channel");
    let wanted = |channel: &&Channel| {
        let kind = match channel.kind {
            ChannelKind::Public => "public_channel",
            ChannelKind::Private => "private_channel",
            ChannelKind::Im => "im",
        };
        let is_seen = channel.kind == ChannelKind::Public || channel.has_member(&call.app.bot_user_id);
        is_seen && types.split(',').any(|wanted| wanted.trim() == kind)
    };
    let all = call.state.directory.channels().filter(wanted).map(|channel| described(call, channel));
    call.arguments.page("channels", all.collect())
}

pub(super) fn members(call: &mut Call<'_>) -> Answer {
    let channel = channel(call)?;
    call.arguments.page("members", channel.members.into_iter().map(Value::from).collect())
}

pub(super) fn history(call: &mut Call<'_>) -> Answer {
    let channel = member_of(call)?;
    let replies = reply_counts(call, &channel);
    let is_head =
        |message: &&PostedMessage| message.thread_ts.as_ref().is_none_or(|head| *head == message.ts);
    let messages = visible(call, &channel).filter(is_head).rev();
    let all = messages.map(|message| with_replies(call, message, &replies)).collect();
    call.arguments.page("messages", all)
}

pub(super) fn replies(call: &mut Call<'_>) -> Answer {
    let channel = member_of(call)?;
    let head = call.arguments.text("ts").ok_or("thread_not_found")?.to_owned();
    // Any message of a thread names it.
    let found = call.state.messages.at(&channel, &head).ok_or("thread_not_found")?;
    let head = found.thread_ts.clone().unwrap_or(head);
    let replies = reply_counts(call, &channel);
    let in_thread =
        |message: &&PostedMessage| message.ts == head || message.thread_ts.as_ref() == Some(&head);
    let messages = visible(call, &channel).filter(in_thread);
    let all = messages.map(|message| with_replies(call, message, &replies)).collect();
    call.arguments.page("messages", all)
}

pub(super) fn open(call: &mut Call<'_>) -> Answer {
    if let Some(id) = call.arguments.text("channel") {
        let id = channel_to_read(call.state, call.app, Some(id))?;
        return Ok(json!({"channel": {"id": id}}));
    }
    let users = call.arguments.text("users").ok_or("users_list_not_supplied")?;
    let mut users = users.split(',').map(str::trim);
    let (Some(user), None) = (users.next(), users.next()) else { return Err("not_enough_users".into()) };
    if call.state.directory.user(user).is_none() {
        return Err("user_not_found".into());
    }
    let id = call.state.directory.im(user, &call.app.bot_user_id).ok_or("user_not_found")?;
    Ok(json!({"channel": {"id": id}}))
}

pub(super) fn join(call: &mut Call<'_>) -> Answer {
    let found = channel(call)?;
    if found.kind != ChannelKind::Public {
        return Err("method_not_supported_for_channel_type".into());
    }
    let bot = call.app.bot_user_id.clone();
    if let Some(channel) =
        call.state.directory.channel_mut(&found.id).filter(|channel| !channel.has_member(&bot))
    {
        channel.members.push(bot);
    }
    info(call)
}

fn channel(call: &Call<'_>) -> Result<Channel, Refusal> {
    let id = channel_to_read(call.state, call.app, call.arguments.text("channel"))?;
    call.state.directory.channel(&id).cloned().ok_or_else(|| "channel_not_found".into())
}

/// The id of the channel, if the bot is in it.
fn member_of(call: &Call<'_>) -> Result<String, Refusal> {
    let channel = channel(call)?;
    if channel.has_member(&call.app.bot_user_id) { Ok(channel.id) } else { Err("not_in_channel".into()) }
}

fn described(call: &Call<'_>, channel: &Channel) -> Value {
    let mut shown = call.state.directory.shown(channel);
    if let Some(shown) = shown.as_object_mut() {
        shown.remove("members");
        shown.insert("is_member".to_owned(), json!(channel.has_member(&call.app.bot_user_id)));
        shown.insert("is_archived".to_owned(), json!(false));
    }
    shown
}

/// The messages that are in the channel for everybody, between the times that are asked for, oldest first.
fn visible<'a>(call: &'a Call<'_>, channel: &str) -> impl DoubleEndedIterator<Item = &'a PostedMessage> {
    let inclusive = call.arguments.flag("inclusive");
    let oldest = call.arguments.text("oldest").unwrap_or("0").to_owned();
    let latest = call.arguments.text("latest").map(str::to_owned);
    let channel = channel.to_owned();
    call.state.messages.all().filter(move |message| {
        let is_at_end = *message.ts == oldest || latest.as_ref() == Some(&message.ts);
        let is_between =
            later(&message.ts, &oldest) && latest.as_ref().is_none_or(|latest| later(latest, &message.ts));
        message.channel == channel && !message.is_ephemeral && (is_between || (inclusive && is_at_end))
    })
}

/// Whether one time stamp is after another.
fn later(one: &str, other: &str) -> bool {
    let parts = |ts: &str| {
        let (seconds, rest) = ts.split_once('.').unwrap_or((ts, ""));
        (seconds.parse::<u64>().unwrap_or_default(), format!("{rest:0<6}"))
    };
    parts(one) > parts(other)
}

/// How many replies each thread of a channel has, and the latest of them.
fn reply_counts(call: &Call<'_>, channel: &str) -> BTreeMap<String, (usize, String)> {
    let mut counts: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for message in
        call.state.messages.all().filter(|message| message.channel == channel && !message.is_ephemeral)
    {
        if let Some(head) = message.thread_ts.as_ref().filter(|head| **head != message.ts) {
            let count = counts.entry(head.clone()).or_default();
            *count = (count.0 + 1, message.ts.clone());
        }
    }
    counts
}

fn with_replies(
    call: &Call<'_>,
    message: &PostedMessage,
    replies: &BTreeMap<String, (usize, String)>,
) -> Value {
    let mut shown = shown(call.state, message);
    if let (Some(fields), Some((count, latest))) = (shown.as_object_mut(), replies.get(&message.ts)) {
        fields.insert("thread_ts".to_owned(), json!(message.ts));
        fields.insert("reply_count".to_owned(), json!(count));
        fields.insert("latest_reply".to_owned(), json!(latest));
    }
    shown
}
