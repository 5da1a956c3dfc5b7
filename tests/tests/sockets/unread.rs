//! A server that sends and does not read, and then closes: what becomes of the acknowledgements that wait.

use crate::harness::{LONG, Stage, on_each_driver};
use serde_json::json;
use socketmode_driver::{AckErrorKind, Acked, Runtime};
use socketmode_simulator::{Envelope, LinkId, Options, Simulator};
use std::collections::BTreeSet;
use std::time::Duration;

on_each_driver![
    acks_that_wait_at_a_close_arrive_once,
    acks_that_wait_at_an_announced_close_arrive_once,
    acks_that_wait_until_the_server_reads_arrive_once,
];

/// As many as may be outstanding, nearly.
const ENVELOPES: usize = 16_000;
/// What each answer has, so that all of them are more than the system takes for a socket.
const ANSWER_BYTES: usize = 1_000;
/// No deadline but the 3 s of Slack is to be missed because the machine is slow.
const PATIENCE: Duration = Duration::from_secs(300);

/// The client is sent all envelopes on one link, which is not read, and the application answers each; then that link ends
/// as it may, and all that arrives is read.
async fn acks_arrive_once<R: Runtime>(end: impl AsyncFnOnce(&Simulator, LinkId)) -> Vec<Acked> {
    let options = Options {
        ack_deadline: PATIENCE,
        ping_interval: None,
        // What ends the link is the server, and no time of the client's.
        close_tcp: true,
        close_wait: PATIENCE,
        record_frames: false,
        ..Options::default()
    };
    let stage = Stage::<R>::new(options);
    let builder = stage.builder().queue_capacity(ENVELOPES).config(|config| {
        config.silence = PATIENCE;
        config.client_ping = None;
        config.close_timeout = PATIENCE;
    });
    let (mut bot, old) = stage.connected(builder).await;
    let slack = &stage.slack;
    slack.stop_reading(old).unwrap();
    let command = |_| Envelope::new("slash_commands", json!({})).accepts_response_payload(true);
    let sent: Vec<_> = (0..ENVELOPES).map(|n| slack.send_envelope(command(n))).collect();
    let answer = json!({ "text": "x".repeat(ANSWER_BYTES) }).to_string();
    let mut answers = Vec::new();
    for _ in 0..ENVELOPES {
        let request = bot.request().await;
        answers.push((request.envelope_id().to_owned(), request.ack_with_json(answer.as_str())));
    }
    assert_eq!(slack.counters().acks, 0, "it was read");
    end(slack, old).await;
    slack.resume_reading(old).unwrap();
    let (mut acked, mut arrived, mut lost) = (Vec::new(), BTreeSet::new(), 0);
    for (id, outcome) in answers {
        match stage.clock.soon("the outcome", outcome).await {
            Ok(ok) => {
                acked.push(ok);
                arrived.insert(id);
            }
            Err(error) => {
                assert_eq!(error.kind(), AckErrorKind::Lost);
                lost += 1;
            }
        }
    }
    let now = slack.wait_until(LONG, |now| now.counters.acks >= acked.len() as u64).await.unwrap();
    bot.ends(LONG).await;
    stage.all_gone().await;
    println!("{} on the old link, {lost} lost, {} in all", now.links[0].acks, acked.len());
    // None twice, and none is missing that was not told as lost; nor came one that was.
    let counters = slack.counters();
    assert_eq!((counters.acks, counters.duplicate_acks), (acked.len() as u64, 0), "{lost} lost");
    assert_eq!((counters.unknown_acks, counters.strange_messages, counters.redeliveries), (0, 0, 0));
    for id in &sent {
        assert_eq!(slack.acks_of(id).len(), usize::from(arrived.contains(id.as_str())), "{id}");
    }
    acked
}

async fn acks_that_wait_at_a_close_arrive_once<R: Runtime>() {
    let acked = acks_arrive_once::<R>(async |slack, old| slack.close(old, 1000).unwrap()).await;
    assert!(acked.iter().filter(|acked| !acked.elsewhere).count() < ENVELOPES, "nothing waited");
}

async fn acks_that_wait_at_an_announced_close_arrive_once<R: Runtime>() {
    let end = async |slack: &Simulator, old| {
        slack.disconnect_message(old, "warning").unwrap();
        slack.wait_for_links(2, LONG).await.unwrap();
        slack.close(old, 1000).unwrap();
    };
    let acked = acks_arrive_once::<R>(end).await;
    assert!(acked.iter().filter(|acked| !acked.elsewhere).count() < ENVELOPES, "nothing waited");
}

async fn acks_that_wait_until_the_server_reads_arrive_once<R: Runtime>() {
    let acked = acks_arrive_once::<R>(async |_, _| {}).await;
    assert_eq!(acked.iter().filter(|acked| !acked.elsewhere).count(), ENVELOPES);
}
