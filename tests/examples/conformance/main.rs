//! The bot of the conformance table on our own drivers: `conformance tokio` or `conformance async-std`. `tests/conformance/run`
//! starts it.

use std::error::Error;

use clap::{Parser, ValueEnum};
use serde_json::json;
use socketmode_driver::payload::{AppMention, BlockSuggestion, MessageAction, MessageEvent, SlashCommand};
use socketmode_driver::router::{App, Click, RouteError, Router, Submission, TriggerId};
use socketmode_driver::{
    BotToken, Builder, Message, Runtime, Suggestions, View, ViewResponse, Web, WebError,
};

#[derive(Debug, Parser)]
struct Arguments {
    #[arg(value_enum)]
    driver: Driver,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Driver {
    Tokio,
    AsyncStd,
}

fn main() -> Result<(), Box<dyn Error>> {
    match Arguments::parse().driver {
        Driver::Tokio => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(run(socketmode_tokio::Client::from_env()?))
        }
        Driver::AsyncStd => async_std::task::block_on(run(socketmode_async_std::Client::from_env()?)),
    }
}

async fn run<R: Runtime>(builder: Builder<R>) -> Result<(), Box<dyn Error>> {
    let (client, events) = builder.connect()?;
    let app = app(client.web(BotToken::from_env()?))?;
    Ok(client.serve(events, app).await?)
}

fn app<R: Runtime>(web: Web<R>) -> Result<App<(), R>, RouteError> {
    Router::new(())
        .web(web)
        .event::<MessageEvent, _>(said::<R>)
        .event::<AppMention, _>(mentioned::<R>)
        .command("/echo", echo)
        .command("/form", form::<R>)
        .suggest("service", suggest)
        .view("form", submitted::<R>)
        .action("approve", approve::<R>)
        .shortcut("global", shortcut::<R>)
        .shortcut("about", about::<R>)
        .build()
}

async fn say<R: Runtime>(web: &Web<R>, text: impl Into<String>) -> Result<(), WebError> {
    let channel = std::env::var("CHANNEL").unwrap_or_default();
    web.post_message(&channel, &Message::new(text)).await.map(drop)
}

async fn said<R: Runtime>(message: MessageEvent, web: Web<R>) -> Result<(), WebError> {
    if message.text.as_deref() != Some("ping") {
        return Ok(());
    }
    say(&web, "pong").await
}

async fn mentioned<R: Runtime>(mention: AppMention, web: Web<R>) -> Result<(), WebError> {
    let yes = json!({
        "type": "button", "action_id": "approve", "value": "yes", "text": { "type": "plain_text", "text": "Yes" },
    });
    let answer = json!([{ "type": "actions", "block_id": "answer", "elements": [yes] }]);
    let channel = mention.channel.unwrap_or_default();
    web.post_message(&channel, &Message::new("Shall I?").blocks(&answer)).await.map(drop)
}

async fn echo(command: SlashCommand) -> String {
    format!("echo: {}", command.text.unwrap_or_default())
}

async fn form<R: Runtime>(trigger: TriggerId, web: Web<R>) -> Result<(), WebError> {
    let view = View::modal("An order").callback_id("form").submit("Send").blocks(&json!([
        {
            "type": "input", "block_id": "when", "label": { "type": "plain_text", "text": "When" },
            "element": { "type": "plain_text_input", "action_id": "value" },
        },
        {
            "type": "input", "block_id": "what", "optional": true,
            "label": { "type": "plain_text", "text": "What" },
            "element": { "type": "external_select", "action_id": "service", "min_query_length": 1 },
        },
    ]));
    web.open_view(&trigger, &view).await.map(drop)
}

async fn suggest(typed: BlockSuggestion) -> Suggestions {
    let typed = typed.value.unwrap_or_default();
    Suggestions::new([(typed.to_uppercase(), typed)])
}

async fn submitted<R: Runtime>(form: Submission, web: Web<R>) -> Result<Option<ViewResponse>, WebError> {
    let written = form.value("when", "value").and_then(|input| input.as_str()).unwrap_or_default();
    if written == "bad" {
        return Ok(Some(ViewResponse::errors([("when", "Not then")])));
    }
    say(&web, format!("submitted: {written}")).await?;
    Ok(None)
}

async fn approve<R: Runtime>(click: Click, web: Web<R>) -> Result<(), WebError> {
    say(&web, format!("pressed: {}", click.value())).await
}

async fn shortcut<R: Runtime>(web: Web<R>) -> Result<(), WebError> {
    say(&web, "shortcut").await
}

async fn about<R: Runtime>(shortcut: MessageAction, web: Web<R>) -> Result<(), WebError> {
    let text = shortcut.message.as_ref().and_then(|message| message.field::<String>("text"));
    say(&web, format!("about: {}", text.unwrap_or_default())).await
}
