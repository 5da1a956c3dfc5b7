//! The Web API, and posts to a `response_url` or an upload's URL.

mod apps;
mod arguments;
pub(crate) mod block_kit;
mod chat;
mod content;
mod conversations;
mod files;
mod limits;
mod reactions;
mod read;
mod response_url;
mod streams;
mod users;
mod views;

use super::open::bearer;
use super::reply::{self, Reply};
use crate::journal::{Fact, Json};
use crate::record;
use crate::state::apps::App;
use crate::state::waiters::Topic;
use crate::state::{Shared, State};
use crate::{CallAnswer, TokenKind};
use arguments::{Answer, Arguments, Refusal};
use futures_channel::oneshot;
use http::{HeaderMap, Request, StatusCode};
use hyper::body::Incoming;
use read::{Read, file_length, read};
use serde_json::{Value, json};
use std::collections::VecDeque;

/// A call that is permitted.
struct Call<'a> {
    state: &'a mut State,
    app: &'a App,
    kind: TokenKind,
    arguments: Arguments<'a>,
}

/// What does a method.
type Method = fn(&mut Call<'_>) -> Answer;

/// The methods there are; any other is unknown.
fn method(name: &str) -> Option<Method> {
    Some(match name {
        "agents.sessions.rename"
        | "agents.sessions.setStatus"
        | "assistant.threads.setStatus"
        | "assistant.threads.setTitle" => apps::thread,
        "api.test" => apps::api_test,
        "assistant.threads.setSuggestedPrompts" => apps::prompts,
        "auth.test" => apps::auth_test,
        "bots.info" => users::bot,
        "chat.appendStream" => streams::append,
        "chat.delete" => chat::delete,
        "chat.getPermalink" => chat::permalink,
        "chat.postEphemeral" => chat::post_ephemeral,
        "chat.postMessage" => chat::post,
        "chat.startStream" => streams::start,
        "chat.stopStream" => streams::stop,
        "chat.unfurl" => chat::unfurl,
        "chat.update" => chat::update,
        "conversations.history" => conversations::history,
        "conversations.info" => conversations::info,
        "conversations.join" => conversations::join,
        "conversations.list" => conversations::list,
        "conversations.members" => conversations::members,
        "conversations.open" => conversations::open,
        "conversations.replies" => conversations::replies,
        "entity.presentDetails" => apps::entity,
        "files.completeUploadExternal" => files::complete,
        "files.getUploadURLExternal" => files::upload_url,
        "files.info" => files::info,
        "functions.completeError" | "functions.completeSuccess" => apps::function,
        "reactions.add" => reactions::add,
        "reactions.get" => reactions::get,
        "reactions.remove" => reactions::remove,
        "team.info" => users::team,
        "users.info" => users::info,
        "users.list" => users::list,
        "users.lookupByEmail" => users::by_email,
        "views.open" => views::open,
        "views.publish" => views::publish,
        "views.push" => views::push,
        "views.update" => views::update,
        _ => return None,
    })
}

pub(super) async fn answer(shared: &Shared, method: &str, request: Request<Incoming>) -> Reply {
    let Read { headers, body, token, is_broken } = match read(shared, request).await {
        Ok(read) => read,
        Err(refusal) => return refusal,
    };
    let reply = shared.change(|state| {
        let (token_kind, app) = state.apps.of_token(bearer(&headers).or(token.as_deref()));
        if let Some(scripted) = scripted(state, method) {
            return play(state, method, token_kind, body, scripted);
        }
        let answer = permit(method, token_kind, app).and_then(|app| {
            if is_broken {
                return Err("invalid_json".into());
            }
            call(state, method, token_kind, &app, &body)
        });
        let (answer, error) = match answer {
            Ok(fields) => (fields, None),
            Err(refusal) => (refusal.body(), Some(refusal.code.to_owned())),
        };
        record(state, method, token_kind, body, error);
        reply::json(&answer)
    });
    released(shared, method).await;
    reply
}

/// A post to a `response_url`; `key` is the last part of the path.
pub(super) async fn responded(shared: &Shared, key: &str, request: Request<Incoming>) -> Reply {
    let Read { headers, body, .. } = match read(shared, request).await {
        Ok(read) => read,
        Err(refusal) => return refusal,
    };
    posted(shared, "response_url", &headers, body, |state, body| response_url::respond(state, key, body))
        .await
}

/// A post of a file's bytes to an `upload_url`; `id` is the last part of the path.
pub(super) async fn uploaded(shared: &Shared, id: &str, request: Request<Incoming>) -> Reply {
    let (parts, body) = request.into_parts();
    let length = match file_length(shared, &parts.headers, body).await {
        Ok(length) => length,
        Err(refusal) => return refusal,
    };
    let body = json!({"length": length});
    posted(shared, "upload_url", &parts.headers, body, |state, _| {
        state.files.uploaded(id, length);
        Ok(())
    })
    .await
}

async fn posted(
    shared: &Shared,
    name: &'static str,
    headers: &HeaderMap,
    body: Value,
    act: impl FnOnce(&mut State, &Value) -> Result<(), Refusal>,
) -> Reply {
    let reply = shared.change(|state| {
        // None is needed, and none should come.
        let (token_kind, _) = state.apps.of_token(bearer(headers));
        if let Some(scripted) = scripted(state, name) {
            return play(state, name, token_kind, body, scripted);
        }
        let done = act(state, &body);
        let error = done.as_ref().err().map(|refusal| refusal.code.to_owned());
        record(state, name, token_kind, body, error);
        match done {
            Ok(()) => reply::custom(200, &[], "ok".to_owned(), false),
            Err(refusal) => {
                let status = StatusCode::NOT_FOUND.as_u16();
                reply::custom(status, &[], response_url::refused(&refusal).to_string(), true)
            }
        }
    });
    released(shared, name).await;
    reply
}

/// Ready once the answers to this method are not held back.
async fn released(shared: &Shared, method: &str) {
    let held = || {
        shared.look(|state| {
            let (waiter, released) = oneshot::channel();
            // Of those whose client went away nobody else would tidy up before the release.
            state.waiters.tidy(&Topic::Release);
            state.script.held.contains(method).then(|| state.waiters.register(&Topic::Release, waiter))?;
            Some(released)
        })
    };
    while let Some(released) = held() {
        // A dropped sender is a wake-up too: the next look finds out why.
        let _ = released.await;
    }
}

fn scripted(state: &mut State, method: &str) -> Option<CallAnswer> {
    state.script.calls.get_mut(method).and_then(VecDeque::pop_front)
}

fn play(state: &mut State, method: &str, token_kind: TokenKind, body: Value, answer: CallAnswer) -> Reply {
    let CallAnswer { status, headers, body: scripted } = answer;
    let error = scripted.get("error").and_then(Value::as_str).map(str::to_owned);
    record(state, method, token_kind, body, error);
    match scripted.as_str() {
        Some(text) => reply::custom(status, &headers, text.to_owned(), false),
        None => reply::custom(status, &headers, scripted.to_string(), true),
    }
}

fn permit(method: &str, kind: TokenKind, app: Option<App>) -> Result<App, Refusal> {
    match (kind, app) {
        (TokenKind::None, _) => Err("not_authed".into()),
        (TokenKind::App, Some(_)) if method != "auth.test" => Err("not_allowed_token_type".into()),
        (TokenKind::App | TokenKind::Bot, Some(app)) => Ok(app),
        (TokenKind::Unknown, _) | (_, None) => Err("invalid_auth".into()),
    }
}

fn call(state: &mut State, name: &str, kind: TokenKind, app: &App, body: &Value) -> Answer {
    let method = method(name).ok_or("unknown_method")?;
    let mut answer = method(&mut Call { state, app, kind, arguments: Arguments(body) })?;
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("ok".to_owned(), json!(true));
    }
    Ok(answer)
}

fn record(state: &mut State, method: &str, token_kind: TokenKind, body: Value, error: Option<String>) {
    state.note(Fact::Call {
        method: method.to_owned(),
        body: Json::of(&body),
        token: token_kind.name(),
        error: error.clone(),
    });
    let call = record::Call { method: method.to_owned(), token_kind, body, error, at: state.now() };
    state.counters.calls += 1;
    state.records.call(call);
    state.waiters.wake(&Topic::Call);
}
