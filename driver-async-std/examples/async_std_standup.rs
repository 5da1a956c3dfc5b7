//! A stand-up bot: `/standup` offers a button, the button opens a form, what is put in is checked and posted, and whoever
//! mentions the bot is told how many have reported. An event that comes twice is answered once. Probes ask `/readyz` and
//! `/livez` on the address in `HEALTH_ADDRESS` (`127.0.0.1:8080` without it). SIGTERM (elsewhere than on Unix: Ctrl-C)
//! finishes what is under way.
//!
//! In Slack the app has Socket Mode and *Interactivity* switched on and a slash command, `/standup`, and is subscribed to
//! `app_mention`; its bot has the scopes `commands`, `chat:write` and `app_mentions:read` and is in the channel.
//! `SLACK_APP_TOKEN` and `SLACK_BOT_TOKEN` are read from the environment. With `SLACK_API_URL` set as well it talks to
//! another Slack, such as the local one.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_std::task;
#[cfg(all(test, feature = "testing"))]
use async_std::task::block_on;
use futures_util::StreamExt;
use serde_json::{Value, json};
#[cfg(all(test, feature = "testing"))]
use socketmode_async_std::fake;
use socketmode_async_std::payload::{AppMention, BlockSuggestion};
use socketmode_async_std::router::{
    Ack, App, ChannelId, RouteError, Router, State, Submission, ThreadTs, TriggerId, UserId,
};
use socketmode_async_std::{
    Acked, BotToken, Client, Message, Suggestions, View, ViewResponse, Web, WebError,
};

fn main() -> Outcome {
    task::block_on(run())
}

async fn run() -> Outcome {
    let terminated = termination()?;
    let (client, events) = Client::from_env()?.deduplicate(SEEN_FOR).connect()?;
    let app = app(client.web(BotToken::from_env()?))?;
    let address = std::env::var("HEALTH_ADDRESS").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    println!("Listening on {}.", client.answer_probes(address)?);
    let stopping = client.clone();
    task::spawn(async move {
        terminated.await;
        println!("Finishing what is under way.");
        stopping.shutdown(GRACE).await;
    });
    client.serve(events, app).await?;
    println!("Nothing is left to do.");
    Ok(())
}

/// Ready on SIGTERM; on Windows on Ctrl-C.
fn termination() -> std::io::Result<impl Future<Output = ()>> {
    use async_signal::{Signal, Signals};
    let mut signals = Signals::new([if cfg!(unix) { Signal::Term } else { Signal::Int }])?;
    Ok(async move { drop(signals.next().await) })
}

// What is below does not depend on the runtime.

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long handlers may take to finish. Whoever sends SIGTERM should wait a little longer before SIGKILL.
const GRACE: Duration = Duration::from_secs(10);
/// How long an event is remembered: Slack sends it for the last time after about six minutes.
const SEEN_FOR: Duration = Duration::from_secs(600);

const PROJECTS: [&str; 4] = ["api", "apps", "billing", "website"];

/// The routes.
fn app(web: Web) -> Result<App<Reports>, RouteError> {
    Router::new(Reports::default())
        .web(web)
        .command("/standup", offer)
        .action("write", form)
        .suggest("project", projects)
        .view("report", submitted)
        .event::<AppMention, _>(mentioned)
        .on_error(async |error| eprintln!("{error}"))
        .build()
}

/// How many reports there are.
#[derive(Clone, Default)]
struct Reports(Arc<AtomicUsize>);

async fn offer() -> Message {
    let button = json!({ "type": "button", "action_id": "write", "text": plain("Write") });
    Message::new("Time for the stand-up.").blocks(&json!([{ "type": "actions", "elements": [button] }]))
}

/// The button opens the form.
async fn form(channel: ChannelId, trigger: TriggerId, web: Web) -> Result<(), WebError> {
    let project = json!({ "type": "external_select", "action_id": "project", "min_query_length": 0 });
    let done = json!({ "type": "plain_text_input", "action_id": "done", "multiline": true });
    let view = View::modal("Stand-up")
        .callback_id("report")
        .submit("Post")
        .private_metadata(&channel) // comes back with the submission, which knows no channel
        .blocks(&json!([
            { "type": "input", "block_id": "project", "label": plain("Project"), "element": project },
            { "type": "input", "block_id": "done", "label": plain("What is done?"), "element": done },
        ]));
    web.open_view(&trigger, &view).await.map(drop)
}

/// The projects that begin with what somebody types.
async fn projects(typed: BlockSuggestion) -> Suggestions {
    let start = typed.value.unwrap_or_default().to_lowercase();
    Suggestions::new(PROJECTS.iter().filter(|name| name.starts_with(&start)).map(|name| (*name, *name)))
}

/// The form stays open until what is in it is right. Then it is closed, and the report is posted.
async fn submitted(
    form: Submission,
    user: UserId,
    ack: Ack<Submission>,
    State(reports): State<Reports>,
    web: Web,
) -> Outcome<Acked> {
    let project = form.text("project", "project").unwrap_or_default();
    let done = form.text("done", "done").unwrap_or_default().trim();
    if done.split_whitespace().count() < 3 {
        return Ok(ack.ack_with(ViewResponse::errors([("done", "A few words more, please.")])).await?);
    }
    // Slack does not send it again after this: a shutdown waits until it is posted.
    let acked = ack.ack().await?;
    let title = format!("<@{user}> on {project}");
    // As plain text: nobody is to mention the whole channel from here.
    let blocks = json!([
        { "type": "section", "text": { "type": "mrkdwn", "text": title } },
        { "type": "section", "text": plain(done) },
    ]);
    let channel = form.view.as_ref().and_then(|view| view.private_metadata.as_deref()).unwrap_or_default();
    web.post_message(channel, &Message::new(&title).blocks(&blocks)).await?;
    reports.0.fetch_add(1, Ordering::Relaxed);
    Ok(acked)
}

/// An event is acknowledged when this has succeeded: Slack sends it again if not.
async fn mentioned(
    channel: ChannelId,
    thread: ThreadTs,
    State(reports): State<Reports>,
    web: Web,
) -> Result<(), WebError> {
    let text = format!("Reports so far: {}.", reports.0.load(Ordering::Relaxed));
    web.post_message(&channel, &Message::new(text).in_thread(&*thread)).await.map(drop)
}

fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": text })
}

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests {
    use super::*;

    /// What the bot does with a request.
    fn done(request: fake::Incoming) -> fake::Outcome {
        let slack = fake::Slack::new();
        let bot = app(slack.web()).unwrap();
        block_on(slack.dispatch(&bot, request))
    }

    #[test]
    fn the_command_offers_the_button_that_opens_the_form() {
        let outcome = done(fake::command("/standup"));
        let button = &outcome.answer().unwrap()["blocks"][0]["elements"][0];
        assert_eq!((&button["type"], &button["action_id"]), (&json!("button"), &json!("write")));

        let outcome = done(fake::click("write").channel("C7"));
        let view = &outcome.call("views.open")["view"];
        assert_eq!((&view["callback_id"], &view["private_metadata"]), (&json!("report"), &json!("C7")));
    }

    #[test]
    fn projects_are_found_by_how_they_begin() {
        let found = |typed| {
            let outcome = done(fake::suggestion("project", typed));
            let options = outcome.answer().unwrap()["options"].clone();
            options.as_array().unwrap().iter().map(|option| option["value"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(found("AP"), ["api", "apps"]);
        assert_eq!(found(""), PROJECTS);
        assert!(found("x").is_empty());
    }

    #[test]
    fn a_report_that_is_too_short_is_not_posted() {
        let outcome = done(fake::submission("report").value("done", "done", " work "));
        let errors = json!({ "done": "A few words more, please." });
        assert_eq!(outcome.answer(), Some(&json!({ "response_action": "errors", "errors": errors })));
        assert!(outcome.calls().is_empty());
    }

    #[test]
    fn a_report_is_posted_and_counted() {
        let slack = fake::Slack::new();
        let bot = app(slack.web()).unwrap();
        let form = fake::submission("report").value("done", "done", "All <!channel> of it");
        let form = form.value("project", "project", "api").user("U7");
        let outcome = block_on(slack.dispatch(&bot, form));
        assert!(outcome.is_acknowledged() && outcome.answer().is_none());
        let post = outcome.call("chat.postMessage");
        assert_eq!(post["text"], "<@U7> on api");
        assert_eq!(post["blocks"][1]["text"], plain("All <!channel> of it"));

        let mention = fake::event(json!({ "type": "app_mention", "text": "<@U1> well?" }));
        let outcome = block_on(slack.dispatch(&bot, mention));
        assert_eq!(outcome.call("chat.postMessage")["text"], "Reports so far: 1.");
    }

    #[test]
    fn a_mention_that_is_not_answered_comes_again() {
        let slack = fake::Slack::new();
        let bot = app(slack.web()).unwrap();
        slack.answer("chat.postMessage", json!({ "ok": false, "error": "channel_not_found" }));
        let mention = fake::event(json!({ "type": "app_mention" }));
        assert!(!block_on(slack.dispatch(&bot, mention)).is_acknowledged());
    }
}
