//! The Web API, as far as a bot under test needs it, and `response_url`.

use super::open::bearer;
use super::reply::{self, Reply};
use crate::journal::{Fact, Json};
use crate::TEAM;
use crate::payload;
use crate::record::{BODY_LIMIT, Call};
use crate::state::waiters::Topic;
use crate::state::{Shared, State};
use crate::{App, CallAnswer, PERSON, PostedMessage, TokenKind};
use futures_channel::oneshot;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde_json::{Map, Value, json};
use std::collections::VecDeque;

pub(super) async fn answer(shared: &Shared, method: &str, request: Request<Incoming>) -> Reply {
    let Read { headers, body, token } = match read(shared, request).await {
        Ok(read) => read,
        Err(refusal) => return refusal,
    };
    let reply = shared.change(|state| {
        let (token_kind, app) = state.apps.of_token(bearer(&headers).or(token.as_deref()));
        if let Some(scripted) = scripted(state, method) {
            return play(state, method, token_kind, body, scripted);
        }
        let answer =
            permit(method, token_kind, app).and_then(|app| call(state, method, token_kind, &app, &body));
        let (answer, error) = match answer {
            Ok(fields) => (fields, None),
            Err(code) => (json!({"ok": false, "error": code}), Some(code.to_owned())),
        };
        record(state, method, token_kind, body, error);
        reply::json(&answer)
    });
    released(shared, method).await;
    reply
}

/// A post to a `response_url`, or of a file's bytes to an `upload_url`.
pub(super) async fn posted(shared: &Shared, name: &'static str, request: Request<Incoming>) -> Reply {
    let Read { headers, body, .. } = match read(shared, request).await {
        Ok(read) => read,
        Err(refusal) => return refusal,
    };
    let reply = shared.change(|state| {
        // None is needed, and none should come.
        let (token_kind, _) = state.apps.of_token(bearer(&headers));
        if let Some(scripted) = scripted(state, name) {
            return play(state, name, token_kind, body, scripted);
        }
        record(state, name, token_kind, body, None);
        reply::custom(200, &[], "ok".to_owned(), false)
    });
    released(shared, name).await;
    reply
}

/// Ready once the answers to this method are not held back.
async fn released(shared: &Shared, method: &str) {
    let held = || {
        shared.look(|state| {
            let (waiter, released) = oneshot::channel();
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

fn permit(method: &str, kind: TokenKind, app: Option<App>) -> Result<App, &'static str> {
    match (kind, app) {
        (TokenKind::None, _) => Err("not_authed"),
        (TokenKind::App, Some(_)) if method != "auth.test" => Err("not_allowed_token_type"),
        (TokenKind::App | TokenKind::Bot, Some(app)) => Ok(app),
        (TokenKind::Unknown, _) | (_, None) => Err("invalid_auth"),
    }
}

fn call(
    state: &mut State,
    method: &str,
    kind: TokenKind,
    app: &App,
    body: &Value,
) -> Result<Value, &'static str> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let has = |name: &str| body.get(name).is_some();
    match method {
        "auth.test" if kind == TokenKind::App => {
            Ok(json!({"ok": true, "app_name": "simulated", "app_id": app.app_id}))
        }
        "auth.test" => Ok(json!({
            "ok": true, "url": "https://simulated.slack.com/", "team": "Simulated", "team_id": TEAM,
            "user": "bot", "user_id": app.bot_user_id, "bot_id": app.bot_id, "is_enterprise_install": false,
        })),
        "chat.postMessage" | "chat.postEphemeral" | "chat.update" => {
            let channel = text("channel").ok_or("channel_not_found")?;
            if !(has("text") || has("markdown_text") || has("blocks") || has("attachments")) {
                return Err("no_text");
            }
            let is_ephemeral = method == "chat.postEphemeral";
            if is_ephemeral {
                text("user").ok_or("user_not_in_channel")?;
            }
            if method == "chat.update" {
                let ts = text("ts").ok_or("message_not_found")?;
                let new = state.bot_message(app, channel, body);
                let Some(was) = state.messages.at(channel, ts).cloned() else {
                    return Ok(json!({"ok": true, "channel": channel, "ts": ts}));
                };
                state.messages.change(channel, ts, |message| {
                    message.text.clone_from(&new.text);
                    if has("text") || has("blocks") {
                        message.blocks.clone_from(&new.blocks);
                    }
                });
                state.message_changed(&was);
                let message = state.messages.at(channel, ts).map(|message| payload::shown(state, message));
                return Ok(json!({"ok": true, "channel": channel, "ts": ts, "message": message}));
            }
            let thread_ts = text("thread_ts").map(str::to_owned);
            let to = text("user").filter(|_| is_ephemeral).map(str::to_owned);
            let message =
                PostedMessage { thread_ts, is_ephemeral, to, ..state.bot_message(app, channel, body) };
            state.bot_posted(message.clone());
            if is_ephemeral {
                return Ok(json!({"ok": true, "message_ts": message.ts}));
            }
            let shown = payload::shown(state, &message);
            Ok(json!({"ok": true, "channel": channel, "ts": message.ts, "message": shown}))
        }
        "views.open" | "views.push" | "views.update" | "views.publish" => {
            if matches!(method, "views.open" | "views.push") && text("trigger_id").is_none() {
                return Err("invalid_arguments");
            }
            let Some(view) = body.get("view").filter(|view| view.is_object()) else {
                return Err("invalid_arguments");
            };
            let id = match text("view_id") {
                Some(id) => {
                    state.update_view(app, id, view);
                    id.to_owned()
                }
                None => state.show_view(app, text("user_id").unwrap_or(PERSON), view, None),
            };
            let shown = state.views.get(&id).map(|view| view.fields.clone());
            Ok(json!({"ok": true, "view": shown}))
        }
        "chat.unfurl" => {
            // Links of a message, or those of a `link_shared`, which may be in a composer still.
            match (text("unfurl_id"), text("source"), text("channel"), text("ts")) {
                (Some(_), Some(_), ..) | (None, None, Some(_), Some(_)) => {}
                (Some(_), None, ..) => return Err("missing_source"),
                (None, Some(_), ..) => return Err("missing_unfurl_id"),
                (.., None, _) => return Err("missing_channel"),
                (.., None) => return Err("missing_ts"),
            }
            match body.get("unfurls") {
                Some(Value::Object(_)) => Ok(json!({"ok": true})),
                Some(_) => Err("invalid_unfurls_format"),
                None => Err("missing_unfurls"),
            }
        }
        "reactions.add" | "reactions.remove" => match (text("channel"), text("name"), text("timestamp")) {
            (None, ..) => Err("channel_not_found"),
            (_, None, _) => Err("invalid_name"),
            (.., None) => Err("no_item_specified"),
            _ => Ok(json!({"ok": true})),
        },
        "chat.delete" => {
            let (channel, ts) =
                (text("channel").ok_or("channel_not_found")?, text("ts").ok_or("message_not_found")?);
            state.message_deleted(channel, ts);
            Ok(json!({"ok": true, "channel": channel, "ts": ts}))
        }
        // Streams are not kept: each one accepts text for ever.
        "chat.startStream" => {
            let channel = text("channel").ok_or("channel_not_found")?;
            text("thread_ts").ok_or("invalid_thread_ts")?;
            Ok(json!({"ok": true, "channel": channel, "ts": state.serial.ts()}))
        }
        "chat.appendStream" | "chat.stopStream" => {
            let (channel, ts) =
                (text("channel").ok_or("channel_not_found")?, text("ts").ok_or("message_not_found")?);
            Ok(json!({"ok": true, "channel": channel, "ts": ts}))
        }
        "agents.sessions.setStatus"
        | "agents.sessions.rename"
        | "assistant.threads.setStatus"
        | "assistant.threads.setTitle"
        | "assistant.threads.setSuggestedPrompts" => {
            text("channel_id").ok_or("channel_not_found").map(|_| json!({"ok": true}))
        }
        "functions.completeSuccess" | "functions.completeError" => {
            text("function_execution_id").ok_or("invalid_arguments").map(|_| json!({"ok": true}))
        }
        "entity.presentDetails" => text("trigger_id").ok_or("invalid_trigger").map(|_| json!({"ok": true})),
        "conversations.info" => {
            let channel = text("channel").ok_or("channel_not_found")?;
            Ok(json!({"ok": true, "channel": {"id": channel, "name": "general", "is_channel": true}}))
        }
        "conversations.history" => {
            text("channel").ok_or("channel_not_found")?;
            Ok(
                json!({"ok": true, "messages": [], "has_more": false, "response_metadata": {"next_cursor": ""}}),
            )
        }
        "users.info" => {
            let user = text("user").ok_or("user_not_found")?;
            Ok(json!({"ok": true, "user": {"id": user, "team_id": TEAM, "name": "person", "is_bot": false}}))
        }
        "files.getUploadURLExternal" => {
            text("filename").ok_or("invalid_arguments")?;
            let id = state.serial.id("F");
            let url = format!("{}/upload/v1/{id}", state.origin);
            Ok(json!({"ok": true, "upload_url": url, "file_id": id}))
        }
        "files.completeUploadExternal" => match body.get("files").and_then(Value::as_array) {
            Some(files) if !files.is_empty() => Ok(json!({"ok": true, "files": files})),
            _ => Err("invalid_arguments"),
        },
        // Messages are not kept: a thread is the message that it began with.
        "conversations.replies" => {
            text("channel").ok_or("channel_not_found")?;
            let ts = text("ts").ok_or("thread_not_found")?;
            let message = json!({
                "type": "message", "user": app.bot_user_id, "bot_id": app.bot_id, "team": TEAM,
                "ts": ts, "thread_ts": ts, "text": "",
            });
            Ok(json!({
                "ok": true, "messages": [message], "has_more": false,
                "response_metadata": {"next_cursor": ""},
            }))
        }
        _ => Err("unknown_method"),
    }
}

fn record(state: &mut State, method: &str, token_kind: TokenKind, body: Value, error: Option<String>) {
    state.note(Fact::Call {
        method: method.to_owned(),
        body: Json::of(&body),
        token: token_kind.name(),
        error: error.clone(),
    });
    let call = Call { method: method.to_owned(), token_kind, body, error, at: state.now() };
    state.counters.calls += 1;
    state.records.call(call);
    state.waiters.wake(&Topic::Call);
}

/// A request that was read.
struct Read {
    headers: HeaderMap,
    /// The body (else the query) as one JSON object without a token; null where it is none. Of a file, its length.
    body: Value,
    /// The token of a form.
    token: Option<String>,
}

/// Reads a request. A token counts in a form's field as it does in the header, for the SDKs that send it there (those
/// in Go do). It does not count in a query, which any page's image can have, nor in JSON, where Slack refuses it too.
///
/// # Errors
///
/// The answer to a body that is too long, or does not come in time.
async fn read(shared: &Shared, request: Request<Incoming>) -> Result<Read, Reply> {
    let (parts, body) = request.into_parts();
    let wait = shared.look(|state| state.options.client_timeout);
    let bytes = match tokio::time::timeout(wait, Limited::new(body, BODY_LIMIT).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let words = format!("The body of a request has {BODY_LIMIT} bytes at most.\n");
            return Err(reply::plain(StatusCode::PAYLOAD_TOO_LARGE, words));
        }
        Ok(Err(_)) => {
            return Err(reply::plain(StatusCode::BAD_REQUEST, "The body is broken off.\n".to_owned()));
        }
        Err(_) => {
            let words = format!("The body did not come within {wait:?}.\n");
            return Err(reply::plain(StatusCode::REQUEST_TIMEOUT, words));
        }
    };
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let mut body = if kind.starts_with("application/json") {
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    } else if kind == "application/octet-stream" {
        json!({"length": bytes.len()})
    } else if bytes.is_empty() {
        form(parts.uri.query().unwrap_or_default().as_bytes())
    } else {
        form(&bytes)
    };
    // A token is no argument; what kind it was is recorded.
    let token = body.as_object_mut().and_then(|fields| fields.remove("token"));
    let token = match token {
        Some(Value::String(token))
            if kind.starts_with("application/x-www-form-urlencoded") && !bytes.is_empty() =>
        {
            Some(token)
        }
        _ => None,
    };
    Ok(Read { headers: parts.headers, body, token })
}

/// A form's fields; those which hold JSON objects or arrays (`blocks`, `view`, …) parsed.
fn form(bytes: &[u8]) -> Value {
    let mut fields = Map::new();
    for (name, text) in form_urlencoded::parse(bytes) {
        let structured = text.starts_with(['{', '[']).then(|| serde_json::from_str(&text).ok()).flatten();
        fields.insert(name.into_owned(), structured.unwrap_or_else(|| Value::from(text.into_owned())));
    }
    Value::Object(fields)
}
