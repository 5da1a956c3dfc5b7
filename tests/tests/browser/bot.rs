//! The bot at the other end: it answers, asks, streams, and forgets to acknowledge when it is told to.

use crate::chromium::LONG;
use futures_channel::oneshot;
use serde_json::{Value, json};
use socketmode_simulator::Simulator;
use socketmode_tokio::{AppToken, BotToken, Client, Event, Request, Web};
use std::error::Error;
use std::thread::{self, JoinHandle};
use std::time::Duration;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// A running bot. It leaves when it is dropped.
pub(crate) struct Bot {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Bot {
    /// Starts one, and waits until it is connected.
    pub(crate) fn start(slack: &Simulator) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (address, app, bot) = (slack.api_url(), slack.app_token(), slack.bot_token());
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let builder = Client::builder(AppToken::new(&app).unwrap()).base_url(address);
                let (client, mut events) = builder.connect().unwrap();
                let web = client.web(BotToken::new(&bot).unwrap());
                let answering = tokio::spawn(async move {
                    while let Some(event) = events.next().await {
                        let web = web.clone();
                        // What is refused is seen on the page.
                        tokio::spawn(async move { drop(answer(event, &web).await) });
                    }
                });
                let _ = stopped.await;
                client.shutdown(Duration::from_millis(200)).await;
                let _ = answering.await;
            });
        });
        smol::block_on(slack.wait_for_links(1, LONG)).unwrap();
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

async fn answer(event: Event, web: &Web) -> Outcome {
    match event {
        Event::EventsApi(request) => on_event(request, web).await,
        Event::SlashCommand(command) => {
            let payload: Value = serde_json::from_str(command.envelope().payload_json())?;
            match payload["command"].as_str() {
                Some("/order") => {
                    command.ack().await?;
                    let view = json!({"trigger_id": payload["trigger_id"], "view": order()});
                    web.call::<Value>("views.open", &view).await?;
                }
                Some("/silent") => drop(command),
                _ => {
                    let text = format!("Deploying {}", payload["text"].as_str().unwrap_or_default());
                    command.ack_with(text.as_str()).await?;
                }
            }
            Ok(())
        }
        Event::Interactive(request) => on_interaction(request, web).await,
        _ => Ok(()),
    }
}

async fn on_event(request: Request, web: &Web) -> Outcome {
    let payload: Value = request.payload()?;
    let event = &payload["event"];
    let text = event["text"].as_str().unwrap_or_default();
    let is_by_person = event["type"] == "message" && event["bot_id"].is_null() && event["subtype"].is_null();
    if text.starts_with("ignore") {
        return Ok(());
    }
    request.ack().await?;
    if event["type"] == "app_home_opened" {
        let view = json!({"user_id": event["user"], "view": {"type": "home", "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "Releases"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "Nothing waits for *you*."}},
        ]}});
        web.call::<Value>("views.publish", &view).await?;
    }
    if !is_by_person {
        return Ok(());
    }
    let channel = &event["channel"];
    if text == "status" {
        let blocks = status();
        let message = json!({"channel": channel, "text": "Build 4812 is green", "blocks": blocks});
        web.call::<Value>("chat.postMessage", &message).await?;
    } else if text == "think" {
        think(web, channel, &event["ts"]).await?;
    } else if text == "stream" {
        stream(web, channel, &event["ts"], &event["user"]).await?;
    } else if event["thread_ts"].is_null() && !text.is_empty() {
        let message = json!({"channel": channel, "text": format!("You said: {text}")});
        web.call::<Value>("chat.postMessage", &message).await?;
    }
    Ok(())
}

/// Tells what it does, and what it could be asked.
async fn think(web: &Web, channel: &Value, thread: &Value) -> Outcome {
    let status = json!({"channel_id": channel, "thread_ts": thread, "status": "is thinking…"});
    web.call::<Value>("assistant.threads.setStatus", &status).await?;
    let prompts = json!({"channel_id": channel, "thread_ts": thread, "title": "Ask for", "prompts": [
        {"title": "A summary", "message": "Summarise this thread"}, {"title": "A plan", "message": "Plan it"},
    ]});
    web.call::<Value>("assistant.threads.setSuggestedPrompts", &prompts).await?;
    Ok(())
}

async fn stream(web: &Web, channel: &Value, thread: &Value, user: &Value) -> Outcome {
    let start = json!({"channel": channel, "thread_ts": thread, "recipient_user_id": user, "recipient_team_id": "T0SIMULATE", "markdown_text": "**Summary**\n\n"});
    let started: Value = web.call("chat.startStream", &start).await?;
    let ts = &started["ts"];
    for part in ["- the tests pass\n", "- the image is built\n", "- `api` runs 4.8.12\n"] {
        let part = json!({"channel": channel, "ts": ts, "markdown_text": part});
        web.call::<Value>("chat.appendStream", &part).await?;
        // So that somebody can see it grow.
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    web.call::<Value>(
        "chat.stopStream",
        &json!({"channel": channel, "ts": ts, "markdown_text": "\nAll done."}),
    )
    .await?;
    Ok(())
}

async fn on_interaction(request: Request, web: &Web) -> Outcome {
    let payload: Value = request.payload()?;
    match payload["type"].as_str() {
        Some("block_actions") => {
            request.ack().await?;
            let action = &payload["actions"][0];
            if action["action_id"] == "more" {
                let view = json!({"trigger_id": payload["trigger_id"], "view": details("Details", "Save")});
                web.call::<Value>("views.push", &view).await?;
            }
            if action["action_id"] == "approve" {
                let update = json!({
                    "channel": payload["channel"]["id"], "ts": payload["message"]["ts"], "text": "Approved",
                    "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": format!(
                        ":white_check_mark: Approved by <@{}>", payload["user"]["id"].as_str().unwrap_or_default()
                    )}}],
                });
                web.call::<Value>("chat.update", &update).await?;
            }
        }
        Some("block_suggestion") => {
            let typed = payload["value"].as_str().unwrap_or_default();
            let option = |name: &str| json!({"text": {"type": "plain_text", "text": name}, "value": name});
            let options = [option(&format!("{typed}-service")), option(&format!("{typed}-worker"))];
            request.ack_with_json(json!({"options": options}).to_string()).await?;
        }
        Some("view_submission") if payload["view"]["callback_id"] == "details" => {
            let answer = json!({"response_action": "update", "view": details("Saved", "Save again")});
            request.ack_with_json(answer.to_string()).await?;
        }
        Some("view_submission") => {
            let values = &payload["view"]["state"]["values"];
            let quantity = values["quantity"]["number"]["value"].as_str().unwrap_or_default();
            if quantity.parse::<u32>().is_err() {
                let errors =
                    json!({"response_action": "errors", "errors": {"quantity": "A number, please."}});
                request.ack_with_json(errors.to_string()).await?;
            } else {
                request.ack().await?;
                let service =
                    values["service"]["service"]["selected_option"]["value"].as_str().unwrap_or("nothing");
                let message =
                    json!({"channel": "C0GENERAL1", "text": format!("{quantity} of {service} ordered.")});
                web.call::<Value>("chat.postMessage", &message).await?;
            }
        }
        _ => drop(request.ack().await),
    }
    Ok(())
}

/// A message with something to press.
fn status() -> Value {
    let plain = |text: &str| json!({"type": "plain_text", "text": text});
    let button = |id: &str, label: &str| json!({"type": "button", "action_id": id, "text": plain(label), "value": "4812"});
    let mut approve = button("approve", "Approve");
    approve["style"] = json!("primary");
    json!([
        {"type": "header", "text": plain("Build 4812 :white_check_mark:")},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*api* passed in `3 min 12 s`\n> all 412 tests, none skipped"},
         "accessory": {"type": "button", "action_id": "log", "text": plain("Open log")}},
        {"type": "section", "fields": [
            {"type": "mrkdwn", "text": "*Branch*\nmain"}, {"type": "mrkdwn", "text": "*Author*\n<@U0PERSON01>"},
        ]},
        {"type": "actions", "elements": [approve, button("later", "Later"), {
            "type": "static_select", "action_id": "place", "placeholder": plain("Where to"),
            "options": [
                {"text": plain("Staging"), "value": "staging"}, {"text": plain("Production"), "value": "production"},
            ],
        }]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "Commit `a12c224` in <#C0GENERAL1>"}]},
    ])
}

/// A modal with an input that is checked, and a select that asks the bot.
fn order() -> Value {
    let plain = |text: &str| json!({"type": "plain_text", "text": text});
    json!({
        "type": "modal", "callback_id": "order", "title": plain("Order"), "submit": plain("Send"), "close": plain("Cancel"),
        "blocks": [
            {"type": "input", "block_id": "quantity", "label": plain("How many?"), "hint": plain("A whole number"),
             "element": {"type": "plain_text_input", "action_id": "number"}},
            {"type": "input", "block_id": "service", "optional": true, "label": plain("Service"),
             "element": {"type": "external_select", "action_id": "service", "min_query_length": 1, "placeholder": plain("Type to search")}},
            {"type": "actions", "block_id": "beyond", "elements": [
                {"type": "button", "action_id": "more", "text": plain("More")},
            ]},
            {"type": "input", "block_id": "checks", "optional": true, "label": plain("Checks"),
             "element": {"type": "checkboxes", "action_id": "checks", "options": [
                {"text": plain("Smoke tests"), "value": "smoke"}, {"text": plain("Load tests"), "value": "load"},
             ]}},
        ],
    })
}

/// A view that lies on the modal.
fn details(title: &str, submit: &str) -> Value {
    let plain = |text: &str| json!({"type": "plain_text", "text": text});
    json!({
        "type": "modal", "callback_id": "details", "title": plain(title), "submit": plain(submit),
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": format!("These are the *{title}*.")}}],
    })
}
