//! What the control API tells.

use super::ask::{Asked, number};
use super::{ControlError, Outcome, Reply, typed};
use crate::journal::Wanted;
use crate::record::LinkState;
use crate::server::reply;
use crate::state::links::Link;
use crate::state::views::View;
use crate::state::{Shared, State};
use crate::{OpenAnswer, PostedMessage, Simulator, User};
use serde_json::{Value, json};
use std::time::Duration;

/// How many entries of the journal an answer has unless it is asked for others.
const ENTRIES: u64 = 1_000;
/// How many it has at most.
const MOST_ENTRIES: u64 = 10_000;
/// After so many bytes the rest of the entries is left to the next answer, and the rest of messages and views out.
const ANSWER_BYTES: usize = 4 << 20;

pub(super) fn state(slack: &Simulator, asked: &Asked) -> Outcome {
    asked.query(&[])?;
    let api_url = slack.api_url();
    Ok(slack.shared().look(|state| {
        let app = state.apps.default.clone();
        let counters = state.count();
        let links: Vec<_> = state.links.there().map(|link| described(link, state.now())).collect();
        json!({
            "app": {
                "app_id": app.app_id, "bot_id": app.bot_id, "bot_user_id": app.bot_user_id, "name": app.name,
            },
            "api_url": api_url,
            "team": {"id": state.directory.team_id, "name": state.directory.team_name},
            "users": state.directory.users().map(User::shown).collect::<Vec<_>>(),
            "channels": state.directory.channels().map(|channel| state.directory.shown(channel)).collect::<Vec<_>>(),
            "links": links,
            "connections": state.counted(&app.app_id),
            "ghosts": state.options.ghosts,
            "faults": {"opens": open_fault(state), "calls": scripted(state), "held": state.script.held},
            "lenient": state.options.lenient,
            "counters": counters,
            "now_ms": milliseconds(state.now()),
        })
    }))
}

pub(super) fn messages(slack: &Simulator, asked: &Asked) -> Outcome {
    let query = asked.query(&["channel", "thread_ts"])?;
    let (channel, thread) = (query.get("channel"), query.get("thread_ts"));
    let (messages, missed) = slack.shared().look(|state| {
        let wanted = state.messages.within(channel.map(String::as_str), thread.map(String::as_str));
        newest(wanted.rev(), PostedMessage::shown)
    });
    Ok(json!({"messages": messages, "missed": missed}))
}

pub(super) fn views(slack: &Simulator, asked: &Asked) -> Outcome {
    asked.query(&[])?;
    let (views, missed) = slack.shared().look(|state| newest(state.views.open().rev(), View::shown));
    Ok(json!({"views": views, "missed": missed}))
}

/// Entries of the journal. They are JSON already.
pub(super) fn journal(shared: &Shared, asked: &Asked) -> Result<Reply, ControlError> {
    let query = asked.query(&["since", "limit", "kind"])?;
    let limit = number(query, "limit")?.unwrap_or(ENTRIES);
    if limit > MOST_ENTRIES {
        return Err(ControlError::invalid_field(format!("limit: write a number from 0 to {MOST_ENTRIES}")));
    }
    let wanted = Wanted {
        since: number(query, "since")?.unwrap_or(0),
        entries: usize::try_from(limit).unwrap_or(usize::MAX),
        bytes: ANSWER_BYTES,
        kind: query.get("kind").map(String::as_str),
    };
    let page = shared.look(|state| state.journal_page(&wanted));
    let entries: Vec<_> = page.entries.iter().map(|(_, text)| text.as_str()).collect();
    let body = format!(
        "{{\"ok\":true,\"next\":{},\"missed\":{},\"more\":{},\"entries\":[{}]}}",
        page.next,
        page.missed,
        page.more,
        entries.join(",")
    );
    Ok(typed(reply::custom(200, &[], body, true), "application/json; charset=utf-8"))
}

/// As many of these, the newest of which comes first, as an answer has room for, the oldest first; and how many there are
/// besides.
fn newest<'a, T: 'a>(all: impl Iterator<Item = &'a T>, show: impl Fn(&T) -> Value) -> (Vec<Value>, usize) {
    let (mut bytes, mut missed, mut shown) = (0, 0, Vec::new());
    for one in all {
        if bytes >= ANSWER_BYTES {
            missed += 1;
            continue;
        }
        let one = show(one);
        bytes += one.to_string().len();
        shown.push(one);
    }
    shown.reverse();
    (shown, missed)
}

pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn described(link: &Link, now: Duration) -> Value {
    let info = &link.info;
    let state = match info.state {
        LinkState::Greeting => "opening",
        LinkState::Open => "open",
        LinkState::Warned => "warned",
        LinkState::Closed if info.gone_at.is_none() => "closing",
        LinkState::Closed => "closed",
    };
    json!({
        "id": info.id,
        "app_id": info.app_id,
        "state": state,
        "opened_ms": milliseconds(info.opened_at),
        "age_ms": milliseconds(info.gone_at.unwrap_or(now).saturating_sub(info.opened_at)),
        "last_frame_ms": milliseconds(link.heard.elapsed()),
        "envelopes": info.envelopes,
        "acks": info.acks,
        "frozen": info.frozen,
    })
}

/// What the next open is answered with, unless that is Slack's usual.
fn open_fault(state: &State) -> Value {
    match state.script.opens.front().or(state.script.all_opens.as_ref()) {
        None | Some(OpenAnswer::Link) => Value::Null,
        Some(OpenAnswer::Error(error)) => json!({"status": 200, "error": error}),
        Some(OpenAnswer::RateLimited { .. }) => json!({"status": 429, "error": "ratelimited"}),
        Some(OpenAnswer::Status(status, ..)) => json!({"status": status, "error": null}),
        Some(_) => json!({"status": null, "error": "scripted"}),
    }
}

fn scripted(state: &State) -> Vec<&String> {
    state.script.calls.iter().filter(|(_, answers)| !answers.is_empty()).map(|(method, _)| method).collect()
}
