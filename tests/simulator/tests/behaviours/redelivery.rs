//! What comes again, and when.

use super::client::{LONG, ack, connect, newest, receive, start};
use serde_json::json;
use socketmode_simulator::{CHANNEL, LinkId, Options, PERSON, Simulator};
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(30);

/// As many redeliveries as Slack makes, only sooner.
fn soon() -> Vec<Duration> {
    vec![Duration::ZERO, SHORT, SHORT]
}

fn impatient(redelivery: Vec<Duration>, options: Options) -> Simulator {
    Simulator::start(Options { ack_deadline: SHORT, redelivery, ..options }).unwrap()
}

#[tokio::test]
async fn an_event_comes_again_three_times() {
    let slack = impatient(soon(), Options::default());
    let mut socket = connect(&slack).await;
    let id = slack.say(PERSON, CHANNEL, "hello");
    for attempt in 0..4 {
        let envelope = receive(&mut socket).await;
        assert_eq!(envelope["envelope_id"], id.as_str());
        assert_eq!(envelope["retry_attempt"], attempt);
        assert_eq!(envelope["retry_reason"], if attempt == 0 { "" } else { "timeout" });
    }
    let now = slack.wait_until(LONG, |now| now.counters.timed_out == 1).await.unwrap();
    assert_eq!((now.counters.redeliveries, now.counters.unacked), (3, 0));
}

#[tokio::test]
async fn an_acknowledged_event_does_not_come_again() {
    let slack = impatient(soon(), Options::default());
    let mut socket = connect(&slack).await;
    let id = slack.say(PERSON, CHANNEL, "hello");
    receive(&mut socket).await;
    let again = receive(&mut socket).await;
    ack(&mut socket, &again).await;
    let ack = slack.wait_for_ack(&id, LONG).await.unwrap();
    assert!(ack.delivery >= 2);
    // Another envelope's whole life is long enough for a wrong redelivery to show.
    slack.command("/wait", "");
    slack.wait_until(LONG, |now| now.counters.timed_out == 1).await.unwrap();
    assert_eq!(slack.counters().redeliveries, u64::from(ack.delivery) - 1);
}

#[tokio::test]
async fn a_redelivery_may_have_a_new_id() {
    let slack = impatient(soon(), Options { redeliver_with_new_id: true, ..Options::default() });
    let mut socket = connect(&slack).await;
    let id = slack.say(PERSON, CHANNEL, "hello");
    let first = receive(&mut socket).await;
    let again = receive(&mut socket).await;
    assert_ne!(first["envelope_id"], again["envelope_id"]);
    assert_eq!(first["payload"]["event_id"], again["payload"]["event_id"]);
    ack(&mut socket, &again).await;
    assert_eq!(slack.wait_for_ack(&id, LONG).await.unwrap().envelope_id.as_str(), again["envelope_id"]);
}

#[tokio::test]
async fn commands_time_out_for_good() {
    let slack = impatient(soon(), Options::default());
    let mut socket = connect(&slack).await;
    let id = slack.command("/hello", "");
    let envelope = receive(&mut socket).await;
    slack.wait_until(LONG, |now| now.counters.timed_out == 1).await.unwrap();
    ack(&mut socket, &envelope).await;
    slack.wait_for_ack(&id, LONG).await.unwrap();
    let counters = slack.counters();
    assert_eq!((counters.late_acks, counters.deliveries), (1, 1));
}

#[tokio::test]
async fn what_a_lost_link_carried_comes_by_another() {
    let slack = impatient(vec![SHORT; 100], Options::default());
    let mut first = connect(&slack).await;
    slack.say(PERSON, CHANNEL, "hello");
    let lost = receive(&mut first).await;
    slack.reset(newest(&slack)).unwrap();
    let mut second = connect(&slack).await;
    let again = receive(&mut second).await;
    assert_eq!(again["envelope_id"], lost["envelope_id"]);
    assert!(again["retry_attempt"].as_u64().unwrap() >= 1);
}

#[tokio::test]
async fn envelopes_wait_for_a_link() {
    let slack = start();
    let ids: Vec<_> = (0..5).map(|n| slack.say(PERSON, CHANNEL, &n.to_string())).collect();
    assert_eq!(slack.counters().waiting, 5);
    let mut socket = connect(&slack).await;
    for (n, id) in ids.iter().enumerate() {
        let envelope = receive(&mut socket).await;
        assert_eq!(envelope["envelope_id"], id.as_str());
        assert_eq!(envelope["payload"]["event"]["text"], json!(n.to_string()));
    }
    let counters = slack.counters();
    assert_eq!((counters.waiting, counters.deliveries, counters.redeliveries), (0, 5, 0));
    assert_eq!(newest(&slack), LinkId(1));
}
