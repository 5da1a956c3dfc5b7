//! A bot on slack-morphism.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use slack_morphism::prelude::*;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn typed<T: DeserializeOwned>(value: Value) -> Outcome<T> {
    Ok(serde_json::from_value(value)?)
}

fn text(text: &str) -> Value {
    json!({ "type": "plain_text", "text": text })
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

async fn say(client: &SlackHyperClient, channel: &str, content: Value) -> Outcome<()> {
    let token = SlackApiToken::new(variable("SLACK_BOT_TOKEN").into());
    let request = SlackApiChatPostMessageRequest::new(channel.into(), typed(content)?);
    client.open_session(&token).chat_post_message(&request).await?;
    Ok(())
}

async fn on_event(
    event: SlackPushEventCallback,
    client: Arc<SlackHyperClient>,
    _: SlackClientEventsUserState,
) -> Outcome<()> {
    let event = serde_json::to_value(event.event)?;
    let channel = event["channel"].as_str().unwrap_or_default();
    match (event["type"].as_str(), event["text"].as_str()) {
        (Some("message"), Some("ping")) => say(&client, channel, json!({ "text": "pong" })).await,
        (Some("app_mention"), _) => {
            let yes =
                json!({ "type": "button", "action_id": "approve", "value": "yes", "text": text("Yes") });
            let answer = json!({ "type": "actions", "block_id": "answer", "elements": [yes] });
            say(&client, channel, json!({ "text": "Shall I?", "blocks": [answer] })).await
        }
        _ => Ok(()),
    }
}

async fn on_command(
    command: SlackCommandEvent,
    client: Arc<SlackHyperClient>,
    _: SlackClientEventsUserState,
) -> Outcome<SlackCommandEventResponse> {
    if command.command.0 == "/echo" {
        let answer = format!("echo: {}", command.text.unwrap_or_default());
        return Ok(SlackCommandEventResponse::new(SlackMessageContent::new().with_text(answer)));
    }
    let form = json!({
        "type": "modal", "callback_id": "form", "title": text("An order"), "submit": text("Send"),
        "blocks": [
            {
                "type": "input", "block_id": "when", "label": text("When"),
                "element": { "type": "plain_text_input", "action_id": "value" },
            },
            {
                "type": "input", "block_id": "what", "optional": true, "label": text("What"),
                "element": { "type": "external_select", "action_id": "service", "min_query_length": 1 },
            },
        ],
    });
    let token = SlackApiToken::new(variable("SLACK_BOT_TOKEN").into());
    let request = SlackApiViewsOpenRequest::new(command.trigger_id, typed(form)?);
    client.open_session(&token).views_open(&request).await?;
    Ok(SlackCommandEventResponse::new(SlackMessageContent::new()))
}

async fn on_interaction(
    interaction: SlackInteractionEvent,
    client: Arc<SlackHyperClient>,
    _: SlackClientEventsUserState,
) -> Outcome<SlackInteractionResponse> {
    let it = serde_json::to_value(interaction)?;
    let (channel, string) =
        (variable("CHANNEL"), |value: &Value| value.as_str().unwrap_or_default().to_owned());
    let said = match it["type"].as_str().unwrap_or_default() {
        "block_suggestion" => {
            let typed_text = string(&it["value"]);
            let option = json!({ "text": text(&typed_text.to_uppercase()), "value": typed_text });
            return typed(json!({ "options": [option] }));
        }
        "view_submission" => match string(&it["view"]["state"]["values"]["when"]["value"]["value"]) {
            bad if bad == "bad" => {
                return typed(json!({ "response_action": "errors", "errors": { "when": "Not then" } }));
            }
            written => format!("submitted: {written}"),
        },
        "block_actions" => format!("pressed: {}", string(&it["actions"][0]["value"])),
        "shortcut" => "shortcut".to_owned(),
        "message_action" => format!("about: {}", string(&it["message"]["text"])),
        _ => return Ok(SlackInteractionResponse::Empty),
    };
    say(&client, &channel, json!({ "text": said })).await?;
    Ok(SlackInteractionResponse::Empty)
}

fn on_error(
    error: Box<dyn std::error::Error + Send + Sync>,
    _: Arc<SlackHyperClient>,
    _: SlackClientEventsUserState,
) -> HttpStatusCode {
    eprintln!("{error}");
    HttpStatusCode::OK
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let https =
        hyper_rustls::HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
    let connector = SlackClientHyperConnector::from(https)
        .with_slack_api_url(variable("SLACK_API_URL").trim_end_matches('/'));
    let client = Arc::new(SlackClient::new(connector));
    let environment =
        SlackClientEventsListenerEnvironment::new(Arc::clone(&client)).with_error_handler(on_error);
    let callbacks = SlackSocketModeListenerCallbacks::new()
        .with_command_events(on_command)
        .with_interaction_events(on_interaction)
        .with_push_events(on_event);
    let config = SlackClientSocketModeConfig::new().with_max_connections_count(1);
    let listener = SlackClientSocketModeListener::new(&config, Arc::new(environment), callbacks);
    listener.listen_for(&SlackApiToken::new(variable("SLACK_APP_TOKEN").into())).await?;
    listener.serve().await;
    Ok(())
}
