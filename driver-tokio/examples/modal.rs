//! A modal: a button opens it, what is entered is checked, and what is right is posted.
//!
//! In Slack the app has Socket Mode and *Interactivity* switched on and a slash command, `/order`; its bot
//! has the scopes `commands` and `chat:write` and is in the channel. `SLACK_APP_TOKEN` and `SLACK_BOT_TOKEN`
//! are read from the environment; type `/order`. With `SLACK_API_URL` set as well it talks to another Slack,
//! such as the local one.

use std::error::Error;

use serde_json::json;
use socketmode_tokio::payload::{BlockActions, SlashCommand, ViewSubmission};
use socketmode_tokio::{
    BotToken, Client, Event, InteractionRequest, Message, Request, View, ViewResponse, Web,
};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let (client, mut events) = Client::from_env()?.connect()?;
    let web = client.web(BotToken::from_env()?);
    while let Some(event) = events.next().await {
        if let Event::Stopped(reason) = event {
            return Err(reason.into());
        }
        let web = web.clone();
        tokio::spawn(async move {
            if let Err(error) = handle(event, &web).await {
                eprintln!("{error}");
            }
        });
    }
    Ok(())
}

async fn handle(event: Event, web: &Web) -> Outcome {
    match event {
        Event::SlashCommand(command) => offer(command).await,
        Event::Interactive(request) => match request.interaction() {
            InteractionRequest::BlockActions(click) => open(click, web).await,
            InteractionRequest::ViewSubmission(submission) => order(submission, web).await,
            other => {
                other.ack().await?;
                Ok(())
            }
        },
        _ => Ok(()),
    }
}

/// `/order` is answered with a button.
async fn offer(command: Request<SlashCommand>) -> Outcome {
    let button =
        json!({ "type": "button", "action_id": "open", "text": { "type": "plain_text", "text": "Order" } });
    let blocks = json!([{ "type": "actions", "elements": [button] }]);
    command.ack_with(Message::new("What may it be?").blocks(&blocks)).await?;
    Ok(())
}

/// The button opens the modal.
async fn open(request: Request<BlockActions>, web: &Web) -> Outcome {
    let click = request.read()?;
    request.ack().await?;
    if let (Some(_), Some(trigger_id)) = (click.action("open"), &click.trigger_id) {
        let channel = click.channel.and_then(|channel| channel.id).unwrap_or_default();
        let view = View::modal("Order")
            .callback_id("order")
            .submit("Send")
            .private_metadata(&channel) // comes back with the submission, which knows no channel
            .blocks(&json!([{
                "type": "input",
                "block_id": "quantity",
                "label": { "type": "plain_text", "text": "How many?" },
                "element": { "type": "plain_text_input", "action_id": "number" },
            }]));
        web.open_view(trigger_id, &view).await?;
    }
    Ok(())
}

/// The modal stays open until what is in it is right.
async fn order(request: Request<ViewSubmission>, web: &Web) -> Outcome {
    let submission = request.read()?;
    let entered = submission.value("quantity", "number").and_then(|input| input.as_str());
    let Some(quantity) = entered.and_then(|text| text.trim().parse::<u32>().ok()) else {
        request.ack_with(ViewResponse::errors([("quantity", "A number, please.")])).await?;
        return Ok(());
    };
    request.ack_with(ViewResponse::clear()).await?;
    let channel = submission.view.and_then(|view| view.private_metadata).unwrap_or_default();
    web.post_message(&channel, &Message::new(format!("{quantity} ordered."))).await?;
    Ok(())
}
