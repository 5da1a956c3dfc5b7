//! What an acknowledgement answers, by what is acknowledged.

use crate::harness::{Bot, LONG, Stage, on_each_driver, press_button};
use serde_json::{Value, json};
use socketmode_driver::{
    AckErrorKind, Event, InteractionRequest, Message, Runtime, Suggestions, View, ViewResponse,
};
use socketmode_protocol::AckRefusal;
use socketmode_protocol::payload::{EventCallback, InnerEvent, SlashCommand};
use socketmode_simulator::{CHANNEL, Envelope, EnvelopeId, Options, PERSON};

on_each_driver![
    a_command_is_answered_with_a_message,
    a_view_is_answered_with_errors_and_then_with_another_view,
    a_menu_is_answered_with_its_options,
    a_click_is_acknowledged_and_an_unknown_interaction_as_well,
    an_event_is_read_and_acknowledged,
    an_answer_that_slack_does_not_take_leaves_the_request,
    an_answer_that_is_too_large_is_refused_before_the_wire,
];

impl<R: Runtime> Stage<R> {
    /// What the acknowledgement carried.
    async fn answer(&self, id: &EnvelopeId) -> Option<Value> {
        self.slack.wait_for_ack(id, LONG).await.unwrap().payload
    }
}

/// A form that asks how many.
fn order() -> Value {
    let text = |text: &str| json!({ "type": "plain_text", "text": text });
    let input = json!({ "type": "plain_text_input", "action_id": "input" });
    let block =
        json!({ "type": "input", "block_id": "quantity", "label": text("How many?"), "element": input });
    json!({ "type": "modal", "callback_id": "order", "title": text("Order"), "blocks": [block] })
}

async fn a_command_is_answered_with_a_message<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let id = stage.slack.command("/deploy", "now");
    let Some(Event::SlashCommand(request)) = stage.clock.soon("the command", bot.events.next()).await else {
        panic!("another event came first")
    };
    let command: SlashCommand = request.read().unwrap();
    assert_eq!((&*command.command, command.text.as_deref()), ("/deploy", Some("now")));
    let blocks = [json!({ "type": "divider" })];
    let message = Message::new("on it").in_channel().blocks(&blocks);
    stage.clock.soon("the outcome", request.ack_with(message)).await.unwrap();
    let wanted = json!({ "text": "on it", "response_type": "in_channel", "blocks": blocks });
    assert_eq!(stage.answer(&id).await, Some(wanted));
    // In the channel everybody is told, the bot too.
    let heard: EventCallback = acknowledged(&mut bot).await;
    let InnerEvent::Message(heard) = heard.event else { panic!("this is no message") };
    assert!(heard.text.as_deref() == Some("on it") && heard.bot_id.is_some(), "{heard:?}");
    bot.ends(LONG).await;
}

/// Acknowledges the next envelope.
async fn acknowledged<R: Runtime>(bot: &mut Bot<R>) -> EventCallback {
    let request = bot.request().await;
    let callback = request.payload().unwrap();
    bot.clock.clone().soon("the outcome", request.ack()).await.unwrap();
    callback
}

async fn a_view_is_answered_with_errors_and_then_with_another_view<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    stage.slack.opened_before(&order());
    let put_in =
        |value: &str| json!({ "quantity": { "input": { "type": "plain_text_input", "value": value } } });
    for (value, wanted) in [
        ("many", json!({ "response_action": "errors", "errors": { "quantity": "A number, please." } })),
        ("3", json!({ "response_action": "update", "view": View::modal("Thank you") })),
    ] {
        let id = stage.slack.submit_view("order", put_in(value)).unwrap();
        let InteractionRequest::ViewSubmission(request) = bot.request().await.interaction() else {
            panic!("this is no submission")
        };
        let view = request.read().unwrap().view.unwrap();
        assert_eq!(view.callback_id.as_deref(), Some("order"));
        let quantity = view.value("quantity", "input").unwrap().as_str().unwrap();
        let response = match quantity.parse::<u32>() {
            Ok(_) => ViewResponse::update(&View::modal("Thank you")),
            Err(_) => ViewResponse::errors([("quantity", "A number, please.")]),
        };
        stage.clock.soon("the outcome", request.ack_with(response)).await.unwrap();
        assert_eq!(stage.answer(&id).await, Some(wanted));
    }
    bot.ends(LONG).await;
}

async fn a_menu_is_answered_with_its_options<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let wanted = json!({ "type": "block_suggestion", "action_id": "find", "value": "ru" });
    let id = stage.slack.send_envelope(Envelope::new("interactive", wanted));
    let InteractionRequest::BlockSuggestion(request) = bot.request().await.interaction() else {
        panic!("nobody typed")
    };
    assert_eq!(request.read().unwrap().value.as_deref(), Some("ru"));
    stage.clock.soon("the outcome", request.ack_with(Suggestions::new([("Rust", "rs")]))).await.unwrap();
    let option = json!({ "text": { "type": "plain_text", "text": "Rust" }, "value": "rs" });
    assert_eq!(stage.answer(&id).await, Some(json!({ "options": [option] })));
    bot.ends(LONG).await;
}

async fn a_click_is_acknowledged_and_an_unknown_interaction_as_well<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let id = press_button(&stage.slack, "approve", "42");
    let InteractionRequest::BlockActions(request) = bot.request().await.interaction() else {
        panic!("nobody clicked")
    };
    let clicked = request.read().unwrap();
    assert_eq!(clicked.action("approve").unwrap().value.as_deref(), Some("42"));
    assert!(clicked.response_url.is_some() && clicked.trigger_id.is_some());
    stage.clock.soon("the outcome", request.ack()).await.unwrap();
    assert_eq!(stage.answer(&id).await, None);
    let id = stage.slack.send_envelope(Envelope::new("interactive", json!({ "type": "hologram_action" })));
    let interaction = bot.request().await.interaction();
    assert!(matches!(interaction, InteractionRequest::Other(_)), "{interaction:?}");
    stage.clock.soon("the outcome", interaction.ack()).await.unwrap();
    assert_eq!(stage.answer(&id).await, None);
    bot.ends(LONG).await;
}

async fn an_event_is_read_and_acknowledged<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    stage.slack.mention(PERSON, CHANNEL, "are you there?");
    // It comes as a message, too.
    let twin = acknowledged(&mut bot).await;
    assert!(matches!(twin.event, InnerEvent::Message(_)), "{twin:?}");
    let request = bot.request().await;
    let callback: EventCallback = request.payload().unwrap();
    let InnerEvent::AppMention(mention) = callback.event else { panic!("this is no mention") };
    assert_eq!((mention.user.as_deref(), mention.channel.as_deref()), (Some(PERSON), Some(CHANNEL)));
    assert!(mention.text.unwrap().ends_with("are you there?"));
    stage.clock.soon("the outcome", request.ack()).await.unwrap();
    bot.ends(LONG).await;
}

async fn an_answer_that_slack_does_not_take_leaves_the_request<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let id = stage.slack.say(PERSON, CHANNEL, "hello");
    let refused = bot.request().await.ack_with_json(r#"{"text":"hello"}"#);
    let error = stage.clock.soon("the outcome", refused).await.unwrap_err();
    assert_eq!(error.kind(), AckErrorKind::Refused(AckRefusal::PayloadNotAccepted));
    stage.clock.soon("the outcome", error.into_handle().unwrap().ack()).await.unwrap();
    assert_eq!(stage.answer(&id).await, None);
    assert_eq!(stage.slack.counters().unwanted_responses, 0);
    bot.ends(LONG).await;
}

async fn an_answer_that_is_too_large_is_refused_before_the_wire<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let mut view = order();
    view["blocks"][0]["optional"] = json!(true);
    stage.slack.opened_before(&view);
    let id = stage.slack.submit_view("order", json!({})).unwrap();
    let InteractionRequest::ViewSubmission(request) = bot.request().await.interaction() else {
        panic!("this is no submission")
    };
    let huge = ViewResponse::errors([("quantity", "x".repeat(20_480))]);
    let error = stage.clock.soon("the outcome", request.ack_with(huge)).await.unwrap_err();
    assert!(matches!(error.kind(), AckErrorKind::Refused(AckRefusal::TooLarge { .. })), "{error}");
    stage.clock.soon("the outcome", error.into_handle().unwrap().ack()).await.unwrap();
    assert_eq!(stage.answer(&id).await, None);
    assert_eq!(stage.slack.counters().oversized_responses, 0);
    bot.ends(LONG).await;
}
