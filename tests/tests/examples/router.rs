//! `router`: a form that is checked, a button, and an event, each at its route.

use crate::bot::{Bot, Driver, LONG, on_each_driver};
use serde_json::{Value, json};
use socketmode_simulator::{CHANNEL, PERSON};

on_each_driver![a_form_is_checked_and_what_it_starts_is_told];

async fn a_form_is_checked_and_what_it_starts_is_told(driver: Driver) {
    let (slack, _bot) = Bot::with_slack(driver, "router").await;
    let command = slack.command("/deploy", "api");
    let opened = slack.wait_for_call("views.open", LONG).await.unwrap();
    assert_eq!(opened.body["view"]["blocks"][0]["element"]["initial_value"], Value::from("api"));
    assert_eq!(slack.wait_for_ack(&command, LONG).await.unwrap().payload, None);

    let put_in = |name: &str| json!({ "service": { "name": { "type": "plain_text_input", "value": name } } });
    let id = slack.submit_view("deploy_form", put_in("two words")).unwrap();
    let errors = json!({ "response_action": "errors", "errors": { "service": "One word, please." } });
    assert_eq!(slack.wait_for_ack(&id, LONG).await.unwrap().payload, Some(errors));
    let id = slack.submit_view("deploy_form", put_in("api")).unwrap();
    assert_eq!(slack.wait_for_ack(&id, LONG).await.unwrap().payload, None);
    let posted = slack.wait_for_call("chat.postMessage", LONG).await.unwrap();
    assert_eq!(posted.body["text"], Value::from("api is deployed, number 1."));

    let message = slack.wait_for_message(LONG).await.unwrap();
    slack.press(&message, "again").unwrap();
    let told = slack.wait_for_call("response_url", LONG).await.unwrap();
    assert_eq!(told.body["text"], Value::from("api is deployed again, number 2."));

    let id = slack.mention(PERSON, CHANNEL, "there?");
    slack.wait_for_ack(&id, LONG).await.unwrap();
    slack.wait_for_call("reactions.add", LONG).await.unwrap();
}
