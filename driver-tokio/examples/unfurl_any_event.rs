//! An event that this library has no type for: it is read into a type of the application's own, and answered
//! by a method that the library has no function for. Here links are unfurled: shown with what they lead to.
//!
//! In Slack the app has Socket Mode switched on, subscribes to the bot event `link_shared`, and names a
//! domain below *App unfurl domains*; its bot has the scopes `links:read` and `links:write`.
//! `SLACK_APP_TOKEN` and `SLACK_BOT_TOKEN` are read from the environment; post a link to that domain. With
//! `SLACK_API_URL` set as well it talks to another Slack, such as the local one.

use std::error::Error;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use socketmode_tokio::{BotToken, Client, Event, Request, Web};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let (client, mut events) = Client::from_env()?.connect()?;
    let web = client.web(BotToken::from_env()?);
    while let Some(event) = events.next().await {
        match event {
            Event::EventsApi(request) => {
                let web = web.clone();
                tokio::spawn(async move {
                    if let Err(error) = on_event(request, &web).await {
                        eprintln!("{error}");
                    }
                });
            }
            Event::Stopped(reason) => return Err(reason.into()),
            _ => {}
        }
    }
    Ok(())
}

/// What is around every event.
#[derive(Deserialize)]
struct Callback {
    event: AnyEvent,
}

/// The events that this bot knows.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum AnyEvent {
    LinkShared(LinkShared),
    #[serde(other)]
    Other,
}

/// <https://docs.slack.dev/reference/events/link_shared>
#[derive(Deserialize)]
struct LinkShared {
    unfurl_id: String,
    source: String,
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    url: String,
}

async fn on_event(request: Request, web: &Web) -> Outcome {
    let callback = request.payload::<Callback>();
    // First, and also what cannot be read: it would only come again.
    request.ack().await?;
    let AnyEvent::LinkShared(shared) = callback?.event else { return Ok(()) };
    let unfurls: Map<String, Value> =
        shared.links.into_iter().map(|link| (link.url.clone(), preview(&link))).collect();
    let arguments = json!({ "unfurl_id": shared.unfurl_id, "source": shared.source, "unfurls": unfurls });
    let _ok: Value = web.call("chat.unfurl", &arguments).await?;
    Ok(())
}

/// What is shown below a link.
fn preview(link: &Link) -> Value {
    let text = format!("*A page of ours:* {}", link.url);
    json!({ "blocks": [{ "type": "section", "text": { "type": "mrkdwn", "text": text } }] })
}
