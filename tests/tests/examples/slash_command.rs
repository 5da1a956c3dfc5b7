//! `slash_command`: an answer at once, and another by the `response_url`.

use crate::bot::{Bot, Driver, LONG, on_each_driver};
use crate::transcript::Transcript;
use serde_json::json;

on_each_driver![a_command_is_answered_at_once_and_again_by_its_response_url];

async fn a_command_is_answered_at_once_and_again_by_its_response_url(driver: Driver) {
    let (slack, _bot) = Bot::without_echo(driver, "slash_command").await;
    let mut transcript = Transcript::default();
    for (typed, dish) in [("pizza", "pizza"), ("", "soup")] {
        let id = slack.command("/lunch", typed);
        slack.wait_for_ack(&id, LONG).await.unwrap();
        slack.wait_for_call("response_url", LONG).await.unwrap();
        let at_once = json!({ "text": format!("Looking for {dish} …") });
        let later = json!({
            "response_type": "in_channel",
            "text": format!("{dish} is to be had at the {dish} place around the corner."),
        });
        let said = [
            json!({ "slack": "slash_commands", "id": id.as_str() }),
            json!({ "bot": { "envelope_id": id.as_str(), "payload": at_once } }),
            json!({ "call": "response_url", "with": later }),
        ];
        assert_eq!(transcript.new_lines(&slack), said);
    }
}
