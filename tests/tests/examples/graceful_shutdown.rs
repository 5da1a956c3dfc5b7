//! `graceful_shutdown`: SIGTERM while it is at work.

use crate::bot::{Bot, Driver, LONG, on_each_driver};
use serde_json::json;
use socketmode_simulator::{CHANNEL, LinkEnd, PERSON};

on_each_driver![
    what_was_acknowledged_before_sigterm_is_finished,
    a_process_that_has_nothing_to_do_ends_at_once,
];

async fn what_was_acknowledged_before_sigterm_is_finished(driver: Driver) {
    let (slack, bot) = Bot::without_echo(driver, "graceful_shutdown").await;
    slack.hold_answers("chat.postMessage");
    let command = slack.command("/report", "");
    let ack = slack.wait_for_ack(&command, LONG).await.unwrap();
    assert_eq!(ack.payload, Some(json!({ "text": "The report is on its way." })));
    let call = slack.wait_for_call("chat.postMessage", LONG).await.unwrap();
    assert_eq!(call.body, json!({ "channel": CHANNEL, "text": "All is well." }));

    bot.terminate();
    bot.prints("Finishing what is under way.");
    // The client is over, and the handler at work.
    let link = slack.wait_until(LONG, |now| now.links[0].gone_at.is_some()).await.unwrap().links[0].clone();
    assert_eq!(link.end, Some(LinkEnd::ClosedByClient(Some(1000))));
    let event = slack.say(PERSON, CHANNEL, "Is anybody there?");
    slack.release_answers("chat.postMessage");
    bot.prints(&format!("Reported in {CHANNEL}."));
    bot.prints("Nothing is left to do.");
    assert_eq!(bot.ends().code(), Some(0));
    assert_eq!((slack.acks().len(), slack.counters().calls), (1, 1));

    // Slack sends it again, and there is somebody to take it.
    let _next = Bot::start(driver, "graceful_shutdown", &slack);
    slack.wait_for_ack(&event, LONG).await.unwrap();
    assert_eq!(slack.counters().unacked, 0);
}

async fn a_process_that_has_nothing_to_do_ends_at_once(driver: Driver) {
    let (slack, bot) = Bot::with_slack(driver, "graceful_shutdown").await;
    let event = slack.say(PERSON, CHANNEL, "hello");
    slack.wait_for_ack(&event, LONG).await.unwrap();
    bot.terminate();
    bot.prints("Finishing what is under way.");
    bot.prints("Nothing is left to do.");
    assert_eq!(bot.ends().code(), Some(0));
    let counters = slack.counters();
    assert_eq!((counters.opens, counters.unacked, counters.duplicate_acks), (1, 0, 0));
}
