//! `standup`: the whole dialogue, and its end.

use crate::bot::{Bot, Driver, LONG, on_each_driver};
use crate::health::ask;
use serde_json::{Value, json};
use socketmode_simulator::{CHANNEL, PERSON, Simulator};
use std::time::Duration;

on_each_driver![
    a_command_leads_to_a_report,
    an_event_that_comes_twice_is_answered_once,
    probes_are_told_how_the_bot_is,
];

#[cfg(unix)]
mod at_the_end {
    use super::*;

    on_each_driver![what_is_under_way_at_sigterm_is_finished];

    async fn what_is_under_way_at_sigterm_is_finished(driver: Driver) {
        let (slack, bot) = Bot::without_echo(driver, "standup").await;
        bot.prints("Listening on ");
        open_form(&slack).await;
        slack.hold_answers("chat.postMessage");
        let form = slack.submit_view("report", entered("All of it works")).unwrap();
        slack.wait_for_ack(&form, LONG).await.unwrap();
        slack.wait_for_call("chat.postMessage", LONG).await.unwrap();
        let mention = slack.mention(PERSON, CHANNEL, "who?");
        slack.wait_for_call("chat.postMessage", LONG).await.unwrap();

        bot.terminate();
        bot.prints("Finishing what is under way.");
        slack.release_answers("chat.postMessage");
        bot.prints("Nothing is left to do.");
        assert_eq!(bot.ends().code(), Some(0));
        slack.wait_for_ack(&mention, LONG).await.unwrap();
        // A link that Slack counts would be given what comes next.
        slack.wait_until(LONG, |now| now.links.iter().all(|link| link.gone_at.is_some())).await.unwrap();
        let later = slack.mention(PERSON, CHANNEL, "and now?");
        let counters = slack.counters();
        // The form and two messages.
        assert_eq!((counters.calls, counters.unacked), (3, 1));

        // What comes later is for the next process.
        let _next = Bot::start(driver, "standup", &slack);
        slack.wait_for_ack(&later, LONG).await.unwrap();
        assert_eq!(slack.counters().unacked, 0);
    }
}

fn entered(done: &str) -> Value {
    let project = json!({ "type": "external_select", "selected_option": { "value": "api" } });
    json!({ "project": { "project": project }, "done": { "done": { "type": "plain_text_input", "value": done } } })
}

/// By the command, in a channel that is not the usual one, and its button.
async fn open_form(slack: &Simulator) {
    slack.command_as(PERSON, "C7", "/standup", "");
    let message = slack.wait_for_message(LONG).await.unwrap();
    assert_eq!(message.text, "Time for the stand-up.");
    slack.press(&message, "write").unwrap();
    let opened = slack.wait_for_call("views.open", LONG).await.unwrap();
    assert_eq!(opened.error, None);
}

/// The answer in the acknowledgement.
async fn submit(slack: &Simulator, done: &str) -> Option<Value> {
    let id = slack.submit_view("report", entered(done)).unwrap();
    slack.wait_for_ack(&id, LONG).await.unwrap().payload
}

async fn a_command_leads_to_a_report(driver: Driver) {
    let (slack, _bot) = Bot::with_slack(driver, "standup").await;
    open_form(&slack).await;

    let id = slack.suggest("project", "ap").unwrap();
    let options = slack.wait_for_ack(&id, LONG).await.unwrap().payload.unwrap()["options"].clone();
    let values: Vec<_> = options.as_array().unwrap().iter().map(|option| option["value"].clone()).collect();
    assert_eq!(values, ["api", "apps"]);

    let errors = json!({ "done": "A few words more, please." });
    let refused = json!({ "response_action": "errors", "errors": errors });
    assert_eq!(submit(&slack, "work").await, Some(refused));
    assert_eq!(submit(&slack, "All of it works").await, None);
    let posted = slack.wait_for_call("chat.postMessage", LONG).await.unwrap();
    assert_eq!((&posted.body["channel"], posted.error), (&json!("C7"), None));
    assert_eq!(posted.body["text"], format!("<@{PERSON}> on api"));
    assert_eq!(posted.body["blocks"][1]["text"]["text"], "All of it works");
}

async fn an_event_that_comes_twice_is_answered_once(driver: Driver) {
    let (slack, _bot) = Bot::with_slack(driver, "standup").await;
    let id = slack.mention(PERSON, CHANNEL, "who?");
    let answer = slack.wait_for_call("chat.postMessage", LONG).await.unwrap();
    assert_eq!(answer.body["text"], "Reports so far: 0.");
    assert!(answer.body["thread_ts"].is_string());
    slack.wait_for_ack(&id, LONG).await.unwrap();
    slack.redeliver(&id).unwrap();
    slack.wait_for_acks(&id, 2, LONG).await.unwrap();
    slack.no_call_within("chat.postMessage", Duration::from_millis(200)).await.unwrap();
}

async fn probes_are_told_how_the_bot_is(driver: Driver) {
    let (_slack, bot) = Bot::with_slack(driver, "standup").await;
    let address = bot.prints("Listening on ");
    let address = address.trim_end_matches('.');
    // It is told at the end of a turn of the loop: the link can be seen before.
    let start = std::time::Instant::now();
    while ask(address, "/readyz").0 != "200" {
        assert!(start.elapsed() < LONG, "it is not ready");
    }
    assert_eq!((ask(address, "/livez").0.as_str(), ask(address, "/").0.as_str()), ("200", "404"));
}
