//! Many envelopes.

use super::client::{LONG, connect};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use socketmode_simulator::{CHANNEL, KEPT_RECORDS, Options, PERSON, Simulator};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn ten_thousand_envelopes_in_a_burst_are_all_acknowledged() {
    const ENVELOPES: u64 = 10_000;
    let slack = Simulator::start(Options { ack_deadline: 6 * LONG, ..Options::default() }).unwrap();
    for _ in 0..3 {
        let mut socket = connect(&slack).await;
        tokio::spawn(async move {
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Text(text) = message {
                    let envelope: Value = serde_json::from_str(&text).unwrap();
                    let ack = json!({"envelope_id": envelope["envelope_id"]}).to_string();
                    socket.feed(Message::text(ack)).await.unwrap();
                }
                // Enough for a client that never idles here; a real one flushes when idle.
                socket.flush().await.unwrap();
            }
        });
    }
    for _ in 0..ENVELOPES {
        slack.say(PERSON, CHANNEL, "one of very many");
    }
    let now = slack.wait_until(3 * LONG, |now| now.counters.acks == ENVELOPES).await.unwrap();
    let (other, again) = (now.counters.acks_on_other_link, now.counters.duplicate_acks);
    assert_eq!((other, again, now.counters.unacked, now.counters.redeliveries), (0, 0, 0, 0));
}

#[tokio::test]
async fn a_client_that_reads_nothing_holds_up_nobody() {
    let slack = Simulator::start(Options { ack_deadline: LONG, ..Options::default() }).unwrap();
    let _deaf = connect(&slack).await;
    let deaf = super::client::newest(&slack);
    let mut socket = connect(&slack).await;
    let event = json!({"type": "message", "text": "x".repeat(50_000)});
    for _ in 0..500 {
        slack.event(&event);
    }
    for _ in 0..250 {
        super::client::receive(&mut socket).await;
    }
    // It is still under command, though TCP takes nothing more.
    slack.reset(deaf).unwrap();
    slack.wait_until(LONG, |now| now.links[0].gone_at.is_some()).await.unwrap();
}

#[tokio::test]
async fn an_envelope_that_many_came_after_is_told_as_forgotten() {
    // However long it takes, none is given up before so many have come.
    let ack_deadline = Duration::from_secs(86_400);
    let slack = Simulator::start(Options { ack_deadline, ..Options::default() }).unwrap();
    let mut socket = connect(&slack).await;
    slack.say(PERSON, CHANNEL, "the first");
    super::client::receive(&mut socket).await;
    drop(socket);
    slack.wait_until(LONG, |now| now.links[0].gone_at.is_some()).await.unwrap();
    let forgotten = |more| {
        (0..more).for_each(|_| drop(slack.say(PERSON, CHANNEL, "one of very many")));
        let counters = slack.counters();
        (counters.forgotten, counters.unacked)
    };
    let kept = KEPT_RECORDS as u64;
    assert_eq!(forgotten(kept - 1), (0, kept));
    assert_eq!(forgotten(1), (1, kept));
    // Of those that wait, each is forgotten once as well.
    assert_eq!(forgotten(2), (3, kept));
}
