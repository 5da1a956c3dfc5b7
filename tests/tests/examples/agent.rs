//! `agent`: an answer that is written while people read it, and one that is stopped.

use crate::bot::{Bot, Driver, LONG, on_each_driver};
use serde_json::{Value, json};
use socketmode_simulator::{CHANNEL, PERSON, Simulator};
use std::time::Duration;

on_each_driver![an_answer_is_written_as_it_comes, an_answer_ends_when_a_person_stops_it];

/// What was streamed: the text, and each state of the task.
fn streamed(slack: &Simulator) -> (String, Vec<Value>) {
    let calls = slack.calls().into_iter().filter(|call| call.method.ends_with("Stream"));
    let chunks = calls.flat_map(|call| call.body["chunks"].as_array().cloned().unwrap_or_default());
    let (texts, tasks): (Vec<_>, Vec<_>) = chunks.partition(|chunk| chunk["type"] == "markdown_text");
    let text = texts.iter().filter_map(|text| text["text"].as_str()).collect();
    (text, tasks.iter().map(|task| task["status"].clone()).collect())
}

async fn an_answer_is_written_as_it_comes(driver: Driver) {
    let (slack, _bot) = Bot::with_slack(driver, "agent").await;
    let id = slack.mention(PERSON, CHANNEL, "why?");
    slack.wait_for_ack(&id, LONG).await.unwrap();
    let status = slack.wait_for_call("assistant.threads.setStatus", LONG).await.unwrap();
    assert_eq!(status.body["status"], "is reading…");
    let begun = slack.wait_for_call("chat.startStream", LONG).await.unwrap();
    assert_eq!((&begun.body["channel"], &begun.body["recipient_user_id"]), (&json!(CHANNEL), &json!(PERSON)));
    slack.wait_for_call("chat.stopStream", LONG).await.unwrap();
    let (text, tasks) = streamed(&slack);
    assert!(
        text.starts_with("You say: ") && text.contains("why?") && text.ends_with("answer to it. "),
        "{text}"
    );
    assert_eq!(tasks, ["in_progress", "complete"]);
    assert!(slack.calls().iter().all(|call| call.error.is_none()));
}

async fn an_answer_ends_when_a_person_stops_it(driver: Driver) {
    let (slack, _bot) = Bot::with_slack(driver, "agent").await;
    // The answer cannot go on before it is stopped.
    slack.hold_answers("chat.appendStream");
    slack.mention(PERSON, CHANNEL, "why?");
    let begun = slack.wait_for_call("chat.startStream", LONG).await.unwrap();
    slack.wait_for_call("chat.appendStream", LONG).await.unwrap();
    let thread = begun.body["thread_ts"].clone();
    let other =
        json!({ "type": "agent_session_stopped", "channel": CHANNEL, "user": PERSON, "thread_ts": "1.1" });
    let id = slack.event(&other);
    slack.wait_for_ack(&id, LONG).await.unwrap();
    slack.no_call_within("chat.stopStream", Duration::from_millis(100)).await.unwrap();

    let stop =
        json!({ "type": "agent_session_stopped", "channel": CHANNEL, "user": PERSON, "thread_ts": thread });
    let id = slack.event(&stop);
    slack.wait_for_ack(&id, LONG).await.unwrap();
    slack.release_answers("chat.appendStream");
    slack.wait_for_call("chat.stopStream", LONG).await.unwrap();
    let (text, tasks) = streamed(&slack);
    assert!(text.matches("a long answer").count() < 12, "{text}");
    assert_eq!(tasks, ["in_progress", "error"]);
}
