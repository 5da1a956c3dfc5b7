//! What comes again, and when.

use super::client::{LONG, ack, connect, newest, receive, start};
use serde_json::json;
use socketmode_simulator::{CHANNEL, Envelope, Fate, LinkId, Options, PERSON, Simulator};
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
    assert_eq!(slack.fate(&id), Some(Fate::Failed("operation_timeout")));
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
async fn envelopes_wait_for_a_link_of_a_lenient_slack() {
    let slack = Simulator::start(Options { lenient: true, ..Options::default() }).unwrap();
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

#[tokio::test]
async fn without_a_link_a_person_sees_an_error_at_once() {
    let slack = start();
    let message = slack.button_before("approve", "42");
    let ids = [slack.command("/hello", ""), slack.press(&message, "approve").unwrap()];
    for id in &ids {
        assert_eq!(slack.fate(id), Some(Fate::Failed("dispatch_failed")));
    }
    let mut socket = connect(&slack).await;
    // The first that comes is what is said now.
    let id = slack.say(PERSON, CHANNEL, "hello");
    assert_eq!(receive(&mut socket).await["envelope_id"], id.as_str());
    let counters = slack.counters();
    assert_eq!((counters.dispatch_failed, counters.waiting, counters.unacked), (2, 0, 1));
}

#[tokio::test]
async fn without_a_link_only_a_retry_of_an_event_comes() {
    let slack = impatient(vec![SHORT; 1_000], Options::default());
    let id = slack.say(PERSON, CHANNEL, "hello");
    let mut socket = connect(&slack).await;
    let envelope = receive(&mut socket).await;
    assert_eq!(envelope["envelope_id"], id.as_str());
    assert!(envelope["retry_attempt"].as_u64().unwrap() >= 1);
    assert_eq!(slack.fate(&id), Some(Fate::Open));
    ack(&mut socket, &envelope).await;
    slack.wait_for_ack(&id, LONG).await.unwrap();
    assert_eq!(slack.fate(&id), Some(Fate::Acknowledged));
}

#[tokio::test]
async fn an_event_is_lost_after_the_last_retry_without_a_link() {
    let slack = impatient(soon(), Options::default());
    let id = slack.say(PERSON, CHANNEL, "hello");
    slack.wait_until(LONG, |now| now.counters.lost_events == 1).await.unwrap();
    assert_eq!(slack.fate(&id), Some(Fate::Lost("no_link")));
    let counters = slack.counters();
    assert_eq!((counters.deliveries, counters.unacked, counters.timed_out), (0, 0, 0));
}

#[tokio::test]
async fn a_redelivery_may_look_like_the_first() {
    let slack = impatient(soon(), Options { redeliver_as_first: true, ..Options::default() });
    let mut socket = connect(&slack).await;
    slack.say(PERSON, CHANNEL, "hello");
    let first = receive(&mut socket).await;
    assert_eq!(receive(&mut socket).await, first);
    assert_eq!((&first["retry_attempt"], &first["retry_reason"]), (&json!(0), &json!("")));
}

#[tokio::test]
async fn a_chosen_link_carries_the_first_delivery_alone() {
    let slack = impatient(soon(), Options::default());
    let (mut first, mut second) = (connect(&slack).await, connect(&slack).await);
    let event = json!({"type": "event_callback", "event": {"type": "one"}});
    slack.send_envelope(Envelope::new("events_api", event).by_link(LinkId(1)));
    assert_eq!(receive(&mut first).await["retry_attempt"], 0);
    assert_eq!(receive(&mut second).await["retry_attempt"], 1);
}
