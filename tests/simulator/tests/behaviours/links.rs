//! Pings, rotation, and the many ways a link ends.

use super::client::{LONG, ack, closed, connect, newest, next, receive, start};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use socketmode_simulator::{
    CHANNEL, DialAnswer, Direction, Envelope, LinkEnd, LinkId, LinkState, Options, PERSON, Pongs, Simulator,
};
use std::io::ErrorKind;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::Message;

const SHORT: Duration = Duration::from_millis(20);

#[tokio::test]
async fn pings_come_with_slacks_words() {
    let options = Options { ping_interval: Some(SHORT), ..Options::default() };
    let slack = Simulator::start(options).unwrap();
    let mut socket = connect(&slack).await;
    for _ in 0..3 {
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::Ping("Ping from applink-1".into()));
    }
    tokio::spawn(async move { while let Some(Ok(_)) = socket.next().await {} });
    let now = slack.wait_until(LONG, |now| now.counters.pongs_received >= 3).await.unwrap();
    assert!(now.counters.pings_sent >= 3);
}

#[tokio::test]
async fn pongs_may_be_wrong_or_missing() {
    for (pongs, first) in [
        (Pongs::Echo, Message::Pong("mine".into())),
        (Pongs::Other(b"theirs".to_vec()), Message::Pong("theirs".into())),
        (Pongs::Never, Message::text("marker")),
    ] {
        let slack = Simulator::start(Options { pongs, ..Options::default() }).unwrap();
        let mut socket = connect(&slack).await;
        socket.send(Message::Ping("mine".into())).await.unwrap();
        slack.wait_until(LONG, |now| now.counters.pings_received == 1).await.unwrap();
        slack.send_raw(newest(&slack), &socketmode_simulator::RawFrame::Text("marker".into())).unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), first);
    }
}

#[tokio::test]
async fn a_client_that_reads_no_pongs_is_owed_none() {
    /// More pongs than a system takes for a client that does not read.
    const PINGS: u64 = 100_000;
    let slack = start();
    let mut socket = connect(&slack).await;
    for _ in 0..PINGS {
        socket.feed(Message::Ping(vec![b'p'; 125].into())).await.unwrap();
    }
    socket.flush().await.unwrap();
    slack.wait_until(LONG, |now| now.counters.pings_received == PINGS).await.unwrap();
    let last = slack.frames().into_iter().rev().take(1_000);
    assert!(last.into_iter().all(|frame| frame.direction == Direction::FromClient));
    // What comes later is not lost.
    slack.event(&json!({"type": "one"}));
    assert_eq!(receive(&mut socket).await["payload"]["event"]["type"], "one");
}

#[tokio::test]
async fn a_rotated_link_is_warned_and_closed_after_the_grace() {
    let slack = Simulator::start(Options { rotation_grace: SHORT, ..Options::default() }).unwrap();
    let mut socket = connect(&slack).await;
    slack.rotate(newest(&slack)).unwrap();
    let warning = receive(&mut socket).await;
    let expected = json!({"type": "disconnect", "reason": "warning", "debug_info": {"host": "applink-1"}});
    assert_eq!(warning, expected);
    assert_eq!(receive(&mut socket).await["reason"], "refresh_requested");
    assert_eq!(closed(&mut socket).await, 1000);
    let link = slack.links().remove(0);
    assert_eq!(link.end, Some(LinkEnd::ClosedBySlack(1000)));
    assert!(link.closed_at.unwrap() - link.warned_at.unwrap() >= SHORT);
}

#[tokio::test]
async fn a_link_rotates_by_itself_at_the_end_of_its_life() {
    let options = Options { lifetime: Some(SHORT), rotation_grace: SHORT, ..Options::default() };
    let slack = Simulator::start(options).unwrap();
    let mut socket = connect(&slack).await;
    assert_eq!(receive(&mut socket).await["reason"], "warning");
    assert_eq!(receive(&mut socket).await["reason"], "refresh_requested");
    assert_eq!(closed(&mut socket).await, 1000);
    drop(socket);
    let gone = slack.wait_until(LONG, |now| now.links[0].gone_at.is_some()).await.unwrap();
    assert!(gone.counters.dark_for.is_some());
}

#[tokio::test]
async fn the_old_link_is_refreshed_once_the_next_one_is_there() {
    let slack = start();
    let mut old = connect(&slack).await;
    slack.rotate(newest(&slack)).unwrap();
    assert_eq!(receive(&mut old).await["reason"], "warning");
    let mut next = super::client::link(&slack).await;
    assert_eq!(receive(&mut next).await["num_connections"], 2);
    assert_eq!(receive(&mut old).await["reason"], "refresh_requested");
    // Once, however many follow; and it still carries.
    let _third = connect(&slack).await;
    let id = slack.send_envelope(Envelope::new("hologram", json!({})).by_link(LinkId(1)));
    assert_eq!(receive(&mut old).await["envelope_id"], id.as_str());
}

#[tokio::test]
async fn a_rotation_may_end_without_a_close_frame() {
    let options = Options { rotation_grace: SHORT, rotation_without_close: true, ..Options::default() };
    let slack = Simulator::start(options).unwrap();
    let mut socket = connect(&slack).await;
    slack.rotate(newest(&slack)).unwrap();
    assert_eq!(receive(&mut socket).await["reason"], "warning");
    assert_eq!(receive(&mut socket).await["reason"], "refresh_requested");
    let mut end = Vec::new();
    assert_eq!(socket.get_mut().read_to_end(&mut end).await.unwrap(), 0);
    assert_eq!(slack.links()[0].end, Some(LinkEnd::Dropped));
}

#[tokio::test]
async fn a_warned_link_still_carries() {
    let slack = start();
    let mut socket = connect(&slack).await;
    slack.disconnect_message(newest(&slack), "refresh_requested").unwrap();
    assert_eq!(receive(&mut socket).await["reason"], "refresh_requested");
    assert_eq!(slack.links()[0].state, LinkState::Warned);
    let id = slack.say(PERSON, CHANNEL, "still there?");
    let envelope = receive(&mut socket).await;
    ack(&mut socket, &envelope).await;
    assert!(slack.wait_for_ack(&id, LONG).await.unwrap().on_carrier);
}

#[tokio::test]
async fn envelopes_can_be_kept_off_warned_links() {
    let slack = Simulator::start(Options { route_to_warned: false, ..Options::default() }).unwrap();
    let _old = connect(&slack).await;
    let old = newest(&slack);
    let _new = connect(&slack).await;
    slack.disconnect_message(old, "warning").unwrap();
    for _ in 0..4 {
        slack.say(PERSON, CHANNEL, "hello");
    }
    let carried: Vec<_> = slack.links().iter().map(|link| link.envelopes).collect();
    assert_eq!(carried, [0, 4]);
}

#[tokio::test]
async fn envelopes_go_to_each_link_in_turn() {
    let slack = start();
    let _links = (connect(&slack).await, connect(&slack).await, connect(&slack).await);
    for _ in 0..9 {
        slack.say(PERSON, CHANNEL, "hello");
    }
    let carried: Vec<_> = slack.links().iter().map(|link| link.envelopes).collect();
    assert_eq!(carried, [3, 3, 3]);
}

#[tokio::test]
async fn a_reset_link_ends_with_a_tcp_reset() {
    let slack = start();
    let mut socket = connect(&slack).await;
    slack.disconnect_message(newest(&slack), "warning").unwrap();
    assert_eq!(receive(&mut socket).await["reason"], "warning");
    slack.reset(newest(&slack)).unwrap();
    // Below the WebSocket, where a reset differs from an end.
    let error = socket.get_mut().read(&mut [0; 64]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let now = slack.wait_until(LONG, |now| now.links[0].gone_at.is_some()).await.unwrap();
    assert_eq!(now.links[0].end, Some(LinkEnd::Reset));
}

#[tokio::test]
async fn a_dropped_link_ends_without_a_close_frame() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let id = slack.say(PERSON, CHANNEL, "the last words are sent first");
    slack.drop_link(newest(&slack)).unwrap();
    assert_eq!(receive(&mut socket).await["envelope_id"], id.as_str());
    let mut end = Vec::new();
    assert_eq!(socket.get_mut().read_to_end(&mut end).await.unwrap(), 0);
}

#[tokio::test]
async fn a_frozen_link_is_silent_until_it_thaws() {
    let options = Options { ping_interval: Some(SHORT), ..Options::default() };
    let slack = Simulator::start(options).unwrap();
    let mut socket = connect(&slack).await;
    let link = newest(&slack);
    slack.freeze(link).unwrap();
    let id = slack.say(PERSON, CHANNEL, "lost for now");
    socket.send(Message::Ping("anybody?".into())).await.unwrap();
    // Deadlines pass as ever; nothing of it reaches the wire.
    tokio::time::sleep(5 * SHORT).await;
    let counters = slack.counters();
    assert_eq!((counters.pings_received, counters.deliveries), (0, 1));
    let now = slack.snapshot();
    assert!(now.links[0].frozen && now.links[0].is_open());

    slack.thaw(link).unwrap();
    let envelope = receive(&mut socket).await;
    assert_eq!(envelope["envelope_id"], id.as_str());
    slack.wait_until(LONG, |now| now.counters.pings_received == 1).await.unwrap();
}

#[tokio::test]
async fn a_frozen_link_can_be_reset() {
    let slack = start();
    let mut socket = connect(&slack).await;
    slack.freeze(newest(&slack)).unwrap();
    slack.say(PERSON, CHANNEL, "never sent");
    slack.reset(newest(&slack)).unwrap();
    assert!(matches!(next(&mut socket).await, Some(Err(_))));
}

#[tokio::test]
async fn a_link_that_is_not_read_is_still_written_to() {
    let slack = Simulator::start(Options { close_wait: LONG, ..Options::default() }).unwrap();
    let mut socket = connect(&slack).await;
    let link = newest(&slack);
    slack.stop_reading(link).unwrap();
    let id = slack.say(PERSON, CHANNEL, "do not answer");
    let envelope = receive(&mut socket).await;
    assert_eq!(envelope["envelope_id"], id.as_str());
    ack(&mut socket, &envelope).await;
    tokio::time::sleep(5 * SHORT).await;
    slack.close(link, 1000).unwrap();
    assert_eq!(slack.counters().acks, 0);
    // What came before the answer to the close frame is read.
    slack.resume_reading(link).unwrap();
    assert!(slack.wait_for_ack(&id, LONG).await.unwrap().on_carrier);
    assert_eq!(closed(&mut socket).await, 1000);
}

#[tokio::test]
async fn a_close_may_wait_a_second_for_its_answer() {
    let slack = Simulator::start(Options { close_tcp: true, ..Options::default() }).unwrap();
    let mut socket = connect(&slack).await;
    slack.close(newest(&slack), 1012).unwrap();
    // Nothing reads the close frame, so nothing answers it.
    let now = slack.wait_until(LONG, |now| now.links[0].gone_at.is_some());
    let mut raw = Vec::new();
    socket.get_mut().read_to_end(&mut raw).await.unwrap();
    drop(socket);
    let link = now.await.unwrap().links.remove(0);
    assert_eq!(link.end, Some(LinkEnd::ClosedBySlack(1012)));
    assert!(link.gone_at.unwrap() - link.closed_at.unwrap() >= Duration::from_secs(1));
    assert!(slack.close(link.id, 1000).is_err());
}

#[tokio::test]
async fn tcp_is_left_open_after_the_close_handshake() {
    let slack = start();
    let mut socket = connect(&slack).await;
    slack.close(newest(&slack), 1000).unwrap();
    assert!(matches!(next(&mut socket).await, Some(Ok(Message::Close(_)))));
    assert!(tokio::time::timeout(10 * SHORT, socket.next()).await.is_err());
    assert_eq!(slack.links()[0].gone_at, None);
    drop(socket);
    slack.wait_until(LONG, |now| now.links[0].gone_at.is_some()).await.unwrap();
}

#[tokio::test]
async fn a_clients_close_is_answered_with_its_code() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let frame =
        tokio_tungstenite::tungstenite::protocol::CloseFrame { code: 4001.into(), reason: "bye".into() };
    socket.close(Some(frame)).await.unwrap();
    assert_eq!(closed(&mut socket).await, 4001);
    assert_eq!(slack.links()[0].end, Some(LinkEnd::ClosedByClient(Some(4001))));
}

#[tokio::test]
async fn a_clients_disappearance_is_noticed() {
    let slack = start();
    drop(connect(&slack).await);
    let now = slack.wait_until(LONG, |now| now.links[0].gone_at.is_some()).await.unwrap();
    assert!(matches!(now.links[0].end, Some(LinkEnd::Lost(_))));
    assert!(slack.freeze(now.links[0].id).is_err());
}

#[tokio::test]
async fn the_longest_gap_is_between_two_open_links() {
    let slack = start();
    drop(connect(&slack).await);
    slack.wait_until(LONG, |now| now.open_links() == 0).await.unwrap();
    tokio::time::sleep(SHORT).await;
    slack.next_dial(DialAnswer::Link);
    let _next = connect(&slack).await;
    let counters = slack.counters();
    assert!(counters.longest_gap >= SHORT);
    assert_eq!(counters.dark_for, None);
}
