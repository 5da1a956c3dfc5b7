//! A gateway and workers in the process of the test, with a local Slack.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use socketmode_jetstream::{Gateway, GatewayHandle, OpenQueue, Worker, WorkerHandle};
use socketmode_simulator::{CHANNEL, EnvelopeId, Options, Simulator};
use socketmode_tokio::router::App;
use socketmode_tokio::{AppToken, Client, Network, TokioTransport, Web};
use tokio::task::JoinHandle;

use super::{Outcome, PATIENCE};

pub(crate) fn slack() -> Outcome<Simulator> {
    Ok(Simulator::start(Options::default())?)
}

/// Somebody presses a button of a message that the bot has posted before.
pub(crate) fn press_button(slack: &Simulator, action_id: &str, value: &str) -> Outcome<EnvelopeId> {
    Ok(slack.press(&slack.button_before(action_id, value), action_id)?)
}

/// Somebody types into an external select of such a message.
pub(crate) fn suggest(slack: &Simulator, action_id: &str, typed: &str) -> Outcome<EnvelopeId> {
    let select = json!({ "type": "external_select", "action_id": action_id });
    let _message = slack.posted_before(CHANNEL, &json!([{ "type": "actions", "elements": [select] }]));
    Ok(slack.suggest(action_id, typed)?)
}

/// The Web API of this Slack, for apps in the process of the test.
pub(crate) fn web(slack: &Simulator) -> Outcome<Web> {
    let transport = TokioTransport::new(&Network::default())?;
    let token = socketmode_tokio::BotToken::new(&slack.bot_token())?;
    Ok(Web::over(Arc::new(transport), &slack.api_url(), token)?)
}

pub(crate) fn builder(slack: &Simulator) -> Outcome<socketmode_tokio::Builder> {
    Ok(Client::builder(AppToken::new(&slack.app_token())?).base_url(slack.api_url()))
}

pub(crate) struct Running<H> {
    pub(crate) handle: H,
    task: Option<JoinHandle<Outcome>>,
}

pub(crate) async fn gateway(slack: &Simulator, queue: &OpenQueue) -> Outcome<Running<GatewayHandle>> {
    let gateway = Gateway::start(queue.clone(), builder(slack)?).await?;
    let handle = gateway.handle();
    let task = tokio::spawn(async move { Ok(gateway.run().await?) });
    slack.wait_for_links(1, PATIENCE).await?;
    Ok(Running { handle, task: Some(task) })
}

pub(crate) fn run<S: Send + Sync + 'static>(worker: Worker<S>) -> Running<WorkerHandle> {
    let handle = worker.handle();
    let task = tokio::spawn(async move { Ok(worker.run().await?) });
    Running { handle, task: Some(task) }
}

pub(crate) fn worker<S: Send + Sync + 'static>(
    slack: &Simulator,
    queue: &OpenQueue,
    app: App<S>,
) -> Outcome<Running<WorkerHandle>> {
    Ok(run(Worker::new(queue.clone(), app)?.responses(web(slack)?)))
}

impl Running<WorkerHandle> {
    pub(crate) async fn stop(mut self, grace: Duration) -> Outcome {
        self.handle.shutdown(grace);
        self.task.take().ok_or("it was stopped before")?.await?
    }
}

impl Running<GatewayHandle> {
    pub(crate) async fn stop(mut self, grace: Duration) -> Outcome {
        self.handle.shutdown(grace).await;
        self.task.take().ok_or("it was stopped before")?.await?
    }
}

impl<H> Drop for Running<H> {
    fn drop(&mut self) {
        self.task.iter().for_each(JoinHandle::abort);
    }
}
