//! Acknowledgements and responses.

use super::client::{LONG, ack, closed, connect, dial, receive, response_of, send, start, ticket};
use futures_util::SinkExt;
use serde_json::json;
use socketmode_simulator::{
    CHANNEL, Direction, Envelope, Fate, LinkId, Opcode, Options, Oversized, PERSON, Simulator,
};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn an_ack_finds_its_envelope() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let id = slack.command("/hello", "you");
    let envelope = receive(&mut socket).await;
    send(&mut socket, &json!({"envelope_id": envelope["envelope_id"], "payload": {"text": "hi"}})).await;
    let ack = slack.wait_for_ack(&id, LONG).await.unwrap();
    assert_eq!((ack.link, ack.on_carrier, ack.delivery), (LinkId(1), true, 1));
    assert_eq!(ack.payload, Some(json!({"text": "hi"})));
    assert_eq!(slack.wait_for_ack(&id, LONG).await.unwrap(), ack);
    let counters = slack.counters();
    assert_eq!((counters.acks, counters.unacked, counters.unwanted_responses), (1, 0, 0));
}

#[tokio::test]
async fn strange_acks_are_counted() {
    let slack = start();
    let mut first = connect(&slack).await;
    let mut second = connect(&slack).await;
    let id = slack.say(PERSON, CHANNEL, "hello");
    let envelope = receive(&mut first).await;
    ack(&mut second, &envelope).await;
    let other_link = slack.wait_for_ack(&id, LONG).await.unwrap();
    assert_eq!((other_link.link, other_link.on_carrier), (LinkId(2), false));
    ack(&mut second, &envelope).await;
    send(&mut second, &json!({"envelope_id": "never sent"})).await;
    send(&mut second, &json!({"no": "id"})).await;
    second.send(Message::binary("bytes")).await.unwrap();
    let now = slack.wait_until(LONG, |now| now.counters.strange_messages == 2).await.unwrap();
    assert_eq!(now.counters.acks_on_other_link, 2);
    assert_eq!(now.counters.duplicate_acks, 1);
    assert_eq!(now.counters.unknown_acks, 1);
}

#[tokio::test]
async fn an_ack_by_another_app_is_of_nothing() {
    let slack = start();
    let other = slack.add_app().unwrap();
    let mut own = connect(&slack).await;
    let mut theirs = dial(&slack, ticket(&slack, &other.app_token).await).await.unwrap();
    assert_eq!(receive(&mut theirs).await["type"], "hello");
    let id = slack.command("/hello", "you");
    let envelope = receive(&mut own).await;
    ack(&mut theirs, &envelope).await;
    slack.wait_until(LONG, |now| now.counters.unknown_acks == 1).await.unwrap();
    assert_eq!((slack.acks_of(&id), slack.counters().unacked), (vec![], 1));
    ack(&mut own, &envelope).await;
    assert!(slack.wait_for_ack(&id, LONG).await.unwrap().on_carrier);
}

#[tokio::test]
async fn acks_on_another_link_may_count_for_nothing() {
    let options = Options { honour_acks_on_other_links: false, ..Options::default() };
    let slack = Simulator::start(options).unwrap();
    let mut first = connect(&slack).await;
    let mut second = connect(&slack).await;
    let id = slack.say(PERSON, CHANNEL, "hello");
    let envelope = receive(&mut first).await;
    ack(&mut second, &envelope).await;
    slack.wait_for_ack(&id, LONG).await.unwrap();
    assert_eq!(slack.counters().unacked, 1);
    ack(&mut first, &envelope).await;
    assert!(slack.wait_for_acks(&id, 2, LONG).await.unwrap()[1].on_carrier);
    assert_eq!(slack.counters().unacked, 0);
}

#[tokio::test]
async fn a_response_just_below_the_limit_arrives() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let id = slack.command("/long", "");
    let envelope = receive(&mut socket).await;
    send(&mut socket, &response_of(20_479, &envelope)).await;
    assert!(slack.wait_for_ack(&id, LONG).await.unwrap().payload.is_some());
}

#[tokio::test]
async fn an_oversized_response_is_lost() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let id = slack.command("/long", "");
    let envelope = receive(&mut socket).await;
    send(&mut socket, &response_of(20_480, &envelope)).await;
    slack.wait_until(LONG, |now| now.counters.oversized_responses == 1).await.unwrap();
    assert!(slack.acks_of(&id).is_empty());
    ack(&mut socket, &envelope).await;
    slack.wait_for_ack(&id, LONG).await.unwrap();
}

#[tokio::test]
async fn an_oversized_response_may_close_the_link() {
    let slack = Simulator::start(Options { oversized: Oversized::Close, ..Options::default() }).unwrap();
    let mut socket = connect(&slack).await;
    slack.command("/long", "");
    let envelope = receive(&mut socket).await;
    send(&mut socket, &response_of(20_480, &envelope)).await;
    assert_eq!(closed(&mut socket).await, 1009);
}

#[tokio::test]
async fn a_response_nobody_asked_for_is_counted() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let id = slack.say(PERSON, CHANNEL, "hello");
    let envelope = receive(&mut socket).await;
    send(&mut socket, &json!({"envelope_id": envelope["envelope_id"], "payload": {}})).await;
    slack.wait_for_ack(&id, LONG).await.unwrap();
    assert_eq!(slack.counters().unwanted_responses, 1);
}

#[tokio::test]
async fn an_envelope_can_come_twice_by_hand() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let event = Envelope::new("events_api", json!({"event_id": "Ev1"})).envelope_id("same");
    let id = slack.send_envelope(event.clone());
    let first = receive(&mut socket).await;
    assert_eq!((&first["envelope_id"], &first["retry_attempt"]), (&json!("same"), &json!(0)));
    ack(&mut socket, &first).await;
    slack.wait_for_ack(&id, LONG).await.unwrap();
    assert_eq!(slack.send_envelope(event.retry(1, "timeout")), id);
    let second = receive(&mut socket).await;
    assert_eq!((&second["retry_attempt"], &second["retry_reason"]), (&json!(1), &json!("timeout")));
    ack(&mut socket, &second).await;
    assert_eq!(slack.wait_for_acks(&id, 2, LONG).await.unwrap()[1].delivery, 2);
    let counters = slack.counters();
    assert_eq!((counters.duplicate_acks, counters.envelopes, counters.deliveries), (0, 1, 2));
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_no_message() {
    let ack_deadline = Duration::from_millis(20);
    let slack = Simulator::start(Options { ack_deadline, ..Options::default() }).unwrap();
    let mut socket = connect(&slack).await;
    let id = slack.command("/hello", "you");
    let envelope = receive(&mut socket).await;
    slack.wait_until(LONG, |now| now.counters.timed_out == 1).await.unwrap();
    send(&mut socket, &json!({"envelope_id": envelope["envelope_id"], "payload": {"text": "hi"}})).await;
    slack.wait_until(LONG, |now| now.counters.late_acks == 1).await.unwrap();
    assert_eq!(slack.fate(&id), Some(Fate::Failed("operation_timeout")));
    assert!(slack.messages().is_empty());
}

#[tokio::test]
async fn of_acks_without_end_the_first_few_are_kept() {
    const ACKS: u64 = 50;
    let slack = start();
    let mut socket = connect(&slack).await;
    let id = slack.command("/hello", "you");
    let envelope = receive(&mut socket).await;
    for _ in 0..ACKS {
        ack(&mut socket, &envelope).await;
    }
    slack.wait_until(LONG, |now| now.counters.acks == ACKS).await.unwrap();
    assert_eq!(slack.counters().duplicate_acks, ACKS - 1);
    let kept = slack.acks_of(&id);
    assert!((1..20).contains(&kept.len()), "{}", kept.len());
    assert_eq!(kept, slack.acks()[..kept.len()]);
}

#[tokio::test]
async fn both_directions_are_recorded() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let id = slack.say(PERSON, CHANNEL, "hello");
    let envelope = receive(&mut socket).await;
    ack(&mut socket, &envelope).await;
    slack.wait_for_ack(&id, LONG).await.unwrap();
    let frames = slack.frames();
    let kinds: Vec<_> = frames.iter().map(|frame| (frame.direction, frame.opcode)).collect();
    let to_client = (Direction::ToClient, Opcode::Text);
    assert_eq!(kinds, [to_client, to_client, (Direction::FromClient, Opcode::Text)]);
    assert!(frames[0].text().unwrap().contains("hello"));
    assert!(frames[2].text().unwrap().contains(id.as_str()));
}
