//! One request, from its arrival to its acknowledgement and the end of its handler.
//!
//! What is acknowledged when, and what happens if a handler fails, is decided here and nowhere else.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join, join_all};
use serde_json::json;
use socketmode_protocol::AckRefusal;
use socketmode_protocol::payload::{Interaction, ViewSubmission};
use tracing::{Instrument, debug, error, warn};

use super::answer::Answer;
use super::context::Context;
use super::error::{Cause, HandlerError};
use super::handler::Route;
use super::incoming::{Incoming, Mode};
use super::layer::{Next, Reply};
use super::order::Turn;
use crate::escape::Escaped;
use crate::request::outcome::{AckErrorKind, Acked};
use crate::request::response::{Message, View, ViewResponse};
use crate::transport::Transport;

/// Handles a request to its end. `limit` is over when Slack will not wait for much longer: then the request is acknowledged
/// if it is not yet, and the handler works on.
pub(super) async fn request<S: Send + Sync + 'static, T: Transport>(
    cx: Context<S, T>,
    turn: Option<Turn>,
    limit: impl Future<Output = ()> + Send,
) {
    let span = crate::request::span(cx.envelope());
    let cx = &cx;
    // It keeps its place until the observers are done too, so that their number has a bound.
    let mut turn = turn;
    let answered = pin!(async {
        answer(cx, turn.as_mut(), limit).await;
        turn.iter_mut().for_each(Turn::pass_on);
    });
    let observed = join_all(cx.app().observers.iter().map(|observer| observe(cx, observer)));
    join(answered, observed).instrument(span).await;
}

async fn observe<S: Send + Sync + 'static, T: Transport>(cx: &Context<S, T>, observer: &Route<S, T>) {
    cx.choose_web().await;
    match observer.run(cx).await {
        // It looks for a payload of another kind.
        Ok(_) | Err(Cause::Rejected(_)) => {}
        Err(cause) => report(cx, &observer.name, cause).await,
    }
}

async fn answer<S: Send + Sync + 'static, T: Transport>(
    cx: &Context<S, T>,
    turn: Option<&mut Turn>,
    limit: impl Future<Output = ()> + Send,
) {
    let found = catch_unwind(AssertUnwindSafe(|| cx.app().routes.find(cx)));
    let Ok(found) = found else {
        // A condition of `action_if`.
        cx.slot().decline();
        return report(cx, "action_if", Cause::Panicked).await;
    };
    let Some(route) = found.or(cx.app().fallback.as_ref()).cloned() else {
        return Box::pin(unrouted(cx)).await;
    };
    if cx.mode() == Mode::First {
        match cx.slot().acknowledge(None).await {
            // Slack sends it to the next process, or has shown its user an error.
            Some(Err(AckErrorKind::Refused(AckRefusal::Stopped))) => {
                return debug!(route = %Escaped(&route.name), "not handled: the client has stopped");
            }
            Some(Err(kind)) => report(cx, &route.name, Cause::NotAcknowledged(kind)).await,
            Some(Ok(_)) | None => {}
        }
    }
    let work = pin!(async {
        if let Some(turn) = turn {
            turn.begin().await;
            if cx.slot().is_void() {
                // Slack sends it to the next process.
                return debug!(route = %Escaped(&route.name), "not handled: the client has stopped");
            }
        }
        cx.choose_web().await;
        let reply = Next { route: Arc::clone(&route), passed: 0 }.run_caught(cx.clone()).await;
        settle(cx, &route, reply).await;
    });
    let mut limit = Some(limit);
    let late = |limit| acknowledge_late(cx, &route, limit).boxed();
    beside(work, || limit.take_if(|_| cx.slot().is_free()).map(late)).await;
}

/// Runs the first to its end, and beside it the second as far as it comes by then. The second begins when there is one: most
/// requests need no timer.
async fn beside<'a>(
    mut first: Pin<&mut impl Future<Output = ()>>,
    mut second: impl FnMut() -> Option<BoxFuture<'a, ()>>,
) {
    let mut begun: Option<BoxFuture<'_, ()>> = None;
    poll_fn(|cx| {
        let done = first.as_mut().poll(cx);
        if done.is_pending() {
            begun = begun.take().or_else(&mut second);
            begun.take_if(|second| second.as_mut().poll(cx).is_ready());
        }
        done
    })
    .await;
}

/// Acknowledges plainly what is not acknowledged when the limit is over. An answer that comes later goes to the
/// `response_url`.
async fn acknowledge_late<S: Send + Sync + 'static, T: Transport>(
    cx: &Context<S, T>,
    route: &Route<S, T>,
    limit: impl Future<Output = ()> + Send,
) {
    limit.await;
    match cx.slot().acknowledge(None).await {
        None => {}
        // The client's policy was first.
        Some(Err(_)) if cx.slot().is_acknowledged() => {}
        Some(Ok(_)) => warn!(
            route = %Escaped(&route.name),
            "acknowledged while the handler still runs: an answer goes to the response_url, and Slack does not send the request again"
        ),
        Some(Err(kind)) => report(cx, &route.name, Cause::NotAcknowledged(kind)).await,
    }
}

/// What comes out of a handler.
async fn settle<S: Send + Sync + 'static, T: Transport>(
    cx: &Context<S, T>,
    route: &Route<S, T>,
    reply: Reply,
) {
    let answer = match reply.result {
        Ok(answer) => answer,
        Err(cause) => {
            // First: until then the request can be acknowledged, and to report may take long.
            Box::pin(apologize(cx)).await;
            return report(cx, &route.name, cause).await;
        }
    };
    let Err(cause) = deliver(cx, answer.clone()).await else { return };
    let posted = if matches!(cause, Cause::NotAcknowledged(_)) && is_command(cx) {
        // What was asked for is done: the person has seen an error, and sees the answer now.
        post(cx, answer.into_json()).await
    } else {
        Box::pin(apologize(cx)).await;
        Ok(())
    };
    report(cx, &route.name, cause).await;
    if let Err(cause) = posted {
        report(cx, &route.name, cause).await;
    }
}

/// Sends an answer: in the acknowledgement, or to the `response_url` if that has gone out, or is not taken because it is
/// too large.
async fn deliver<S: Send + Sync + 'static, T: Transport>(
    cx: &Context<S, T>,
    answer: Answer,
) -> Result<Option<Acked>, Cause> {
    let json = answer.into_json();
    match cx.slot().acknowledge(json.clone()).await {
        Some(Ok(acked)) => Ok(Some(acked)),
        Some(Err(AckErrorKind::Refused(refusal))) if refusal.is_retryable() && is_command(cx) => {
            let acked = cx.slot().acknowledge(None).await.transpose().map_err(Cause::NotAcknowledged)?;
            post(cx, json).await?;
            Ok(acked)
        }
        // The client's policy was first.
        Some(Err(AckErrorKind::Refused(AckRefusal::Settled | AckRefusal::AlreadyAcknowledged))) | None => {
            post(cx, json).await.map(|()| None)
        }
        Some(Err(kind)) => Err(Cause::NotAcknowledged(kind)),
    }
}

fn is_command<S, T: Transport>(cx: &Context<S, T>) -> bool {
    matches!(cx.incoming(), Incoming::Command(_))
}

/// Posts an answer to the `response_url`. Only the answer to a command is a message.
async fn post<S, T: Transport>(cx: &Context<S, T>, json: Option<String>) -> Result<(), Cause> {
    let Some(json) = json else { return Ok(()) };
    let url = cx.incoming().response_url().filter(|_| is_command(cx));
    let (Some(url), Some(responses)) = (url, cx.responses()) else { return Err(Cause::Late) };
    let message: serde_json::Value =
        serde_json::from_str(&json).map_err(|error| Cause::Failed(error.into()))?;
    // It is large, rarely needed, and part of every request's future.
    Box::pin(responses.post(url, &message)).await.map_err(Cause::NotPosted)
}

/// For [`Ack`](super::Ack).
pub(super) async fn acknowledge_early<S: Send + Sync + 'static, T: Transport>(
    cx: &Context<S, T>,
    json: Option<String>,
) -> Result<Acked, AckErrorKind> {
    match deliver(cx, Answer::from_json(json)).await {
        Ok(Some(acked)) => Ok(acked),
        Ok(None) => cx.slot().outcome().await,
        Err(Cause::NotAcknowledged(kind)) => Err(kind),
        // The request is acknowledged, and its answer is lost.
        Err(cause) => {
            report(cx, "ack_with", cause).await;
            Err(AckErrorKind::Refused(AckRefusal::Settled))
        }
    }
}

/// After a failure: an event is not acknowledged, so that Slack sends it again. The person behind a command or a submission
/// sees the apology. A menu shows Slack's own error.
async fn apologize<S: Send + Sync + 'static, T: Transport>(cx: &Context<S, T>) {
    let text = cx.app().apology.as_str();
    let apology = match cx.incoming() {
        Incoming::Command(_) => serde_json::to_string(&Message::new(text)),
        Incoming::Interaction(interaction) => match &**interaction {
            Interaction::ViewSubmission(submission) => serde_json::to_string(&in_view(submission, text)),
            _ => return cx.slot().decline(),
        },
        Incoming::Event(_) | Incoming::Unknown => return cx.slot().decline(),
    };
    let sent = deliver(cx, Answer::from_json(apology.ok())).await;
    if let Err(cause) = sent {
        cx.slot().decline();
        debug!(%cause, "the apology was not sent");
    }
}

/// Below the first input of the view, which stays open with what was typed; without inputs, on top of it.
fn in_view(submission: &ViewSubmission, text: &str) -> ViewResponse {
    #[derive(serde::Deserialize)]
    struct Block {
        #[serde(rename = "type")]
        kind: Option<String>,
        block_id: Option<String>,
    }
    let blocks = submission.view.as_ref().and_then(|view| view.blocks.as_ref()?.read::<Vec<Block>>());
    let inputs = blocks.into_iter().flatten().filter(|block| block.kind.as_deref() == Some("input"));
    let state = submission.view.as_ref().and_then(|view| view.state.as_ref());
    let known = state.and_then(|state| state.values.keys().next().cloned());
    match inputs.filter_map(|block| block.block_id).next().or(known) {
        Some(block) => ViewResponse::errors([(block, text)]),
        None => {
            let text = json!({ "type": "plain_text", "text": text });
            let block = json!({ "type": "section", "text": text });
            ViewResponse::push(&View::modal("Not done").blocks(&[block]))
        }
    }
}

/// Without a route and a fallback: an answer that somebody waits for is an apology; the rest is acknowledged.
async fn unrouted<S: Send + Sync + 'static, T: Transport>(cx: &Context<S, T>) {
    if cx.mode() == Mode::Answer {
        apologize(cx).await;
        return report(cx, "no route", Cause::NoRoute).await;
    }
    debug!("acknowledged: no route takes it");
    if let Some(Err(kind)) = cx.slot().acknowledge(None).await {
        report(cx, "no route", Cause::NotAcknowledged(kind)).await;
    }
}

/// Tells what went wrong: to the app's own function, or to the log. It is boxed: rarely needed, and called in many places.
fn report<'a, S: Send + Sync + 'static, T: Transport>(
    cx: &'a Context<S, T>,
    route: &'a str,
    cause: Cause,
) -> BoxFuture<'a, ()> {
    let told = async move {
        let envelope_id = cx.envelope().envelope_id().to_owned();
        let failure = HandlerError { route: route.to_owned(), envelope_id, cause };
        cx.failed(&failure);
        let Some(on_error) = &cx.app().on_error else {
            return error!(error = %Escaped(&failure), "a request was not handled");
        };
        let told = async { on_error(failure).await };
        if AssertUnwindSafe(told).catch_unwind().await.is_err() {
            error!(route = %Escaped(route), "the function for errors panicked");
        }
    };
    told.boxed()
}
