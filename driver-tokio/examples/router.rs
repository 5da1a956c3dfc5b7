//! A bot of routes: a command with a form, a check of what was typed, a button, an event. The router reads what each handler
//! takes, acknowledges in time, and finishes at Ctrl-C what is under way.
//!
//! In Slack the app has Socket Mode and *Interactivity* switched on and a slash command, `/deploy`, and is
//! subscribed to `app_mention`; its bot has the scopes `commands`, `chat:write`, `reactions:write` and
//! `app_mentions:read` and is in the channel. `SLACK_APP_TOKEN` and `SLACK_BOT_TOKEN` are read from the
//! environment. With `SLACK_API_URL` set as well it talks to another Slack, such as the local one.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use socketmode_tokio::payload::{AppMention, SlashCommand};
use socketmode_tokio::router::{
    Ack, App, ChannelId, Click, Context, Next, Reply, Responder, RouteError, Router, State, Submission,
    TriggerId,
};
use socketmode_tokio::{Acked, BotToken, Client, Message, View, ViewResponse, Web, WebError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (client, events) = Client::from_env()?.connect()?;
    let app = app(client.web(BotToken::from_env()?))?;
    let stop = client.clone();
    tokio::spawn(async move {
        drop(tokio::signal::ctrl_c().await);
        stop.shutdown(Duration::from_secs(10)).await;
    });
    client.serve(events, app).await?;
    Ok(())
}

/// The routes. A name that two handlers have is an error here.
fn app(web: Web) -> Result<App<Deploys>, RouteError> {
    Router::new(Deploys::default())
        .web(web)
        .command("/deploy", form)
        .view("deploy_form", submitted)
        .action("again", again)
        .event::<AppMention, _>(mentioned)
        .layer(only_people)
        .on_error(async |error| eprintln!("{error}"))
        .apology("That did not work. The owner of this bot has been told.")
        .build()
}

/// What was deployed, for all handlers.
#[derive(Clone, Default)]
struct Deploys(Arc<Mutex<Vec<String>>>);

/// The command opens a form, within the 3 s that the `trigger_id` is good for.
async fn form(
    command: SlashCommand,
    trigger: TriggerId,
    channel: ChannelId,
    web: Web,
) -> Result<(), WebError> {
    let input = json!({
        "type": "plain_text_input", "action_id": "name", "initial_value": command.text.unwrap_or_default(),
    });
    let view = View::modal("Deploy")
        .callback_id("deploy_form")
        .submit("Deploy")
        .private_metadata(&channel) // comes back with the submission, which knows no channel
        .blocks(&json!([{
            "type": "input", "block_id": "service", "element": input,
            "label": { "type": "plain_text", "text": "Service" },
        }]));
    web.open_view(&trigger, &view).await.map(drop)
}

/// The form stays open until what is in it is right. Then it is closed, and the work begins.
async fn submitted(
    form: Submission,
    ack: Ack<Submission>,
    State(deploys): State<Deploys>,
    web: Web,
) -> Result<Acked, Box<dyn Error + Send + Sync>> {
    let name = form.value("service", "name").and_then(|input| input.as_str()).unwrap_or_default();
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Ok(ack.ack_with(ViewResponse::errors([("service", "One word, please.")])).await?);
    }
    let acked = ack.ack().await?;
    // Here the work would be done, as slow as it likes to be: a shutdown waits for it.
    let count = deploys.add(name);
    let again = json!({
        "type": "button", "action_id": "again", "value": name, "text": { "type": "plain_text", "text": "Again" },
    });
    let message = Message::new(format!("{name} is deployed, number {count}."))
        .blocks(&json!([{ "type": "actions", "elements": [again] }]));
    let channel = form.view.and_then(|view| view.private_metadata).unwrap_or_default();
    web.post_message(&channel, &message).await?;
    Ok(acked)
}

/// A click is acknowledged before this runs.
async fn again(click: Click, State(deploys): State<Deploys>, responder: Responder) -> Result<(), WebError> {
    let count = deploys.add(click.value());
    responder.send(&Message::new(format!("{} is deployed again, number {count}.", click.value()))).await
}

/// An event is acknowledged when this has succeeded: Slack sends it again if not.
async fn mentioned(said: AppMention, channel: ChannelId, web: Web) -> Result<(), WebError> {
    web.add_reaction(&channel, said.ts.as_deref().unwrap_or_default(), "eyes").await
}

/// Bots get no answer.
async fn only_people(cx: Context<Deploys>, next: Next<Deploys>) -> Reply {
    if cx.user_id().is_some() { next.run(cx).await } else { Reply::done() }
}

impl Deploys {
    /// How many there are with this one.
    fn add(&self, name: &str) -> usize {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.push(name.to_owned());
        names.len()
    }
}
