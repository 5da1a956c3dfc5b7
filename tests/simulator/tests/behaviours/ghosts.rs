//! Connections that Slack counts although nobody reads them.

use super::client::{LONG, Socket, ack, click, connect, link, newest, open, receive, start};
use futures_util::StreamExt;
use serde_json::json;
use socketmode_simulator::{CHANNEL, Fate, LinkEnd, Options, PERSON, Simulator};
use std::time::Duration;
use tokio::io::AsyncReadExt;

const SHORT: Duration = Duration::from_millis(20);

fn with_ghosts(ghosts: usize) -> Simulator {
    let ack_deadline = SHORT;
    Simulator::start(Options { ghosts, ack_deadline, ..Options::default() }).unwrap()
}

/// The hello of a link that is dialled now.
async fn hello(slack: &Simulator) -> (Socket, serde_json::Value) {
    let mut socket = link(slack).await;
    let hello = receive(&mut socket).await;
    (socket, hello)
}

#[tokio::test]
async fn ghosts_are_counted_in_hello() {
    let slack = with_ghosts(9);
    let (_first, said) = hello(&slack).await;
    assert_eq!((&said["type"], &said["num_connections"]), (&json!("hello"), &json!(10)));
    assert_eq!((slack.connections(), slack.ghosts(), slack.snapshot().connections), (10, 9, 10));
    slack.set_ghosts(2);
    let (_second, said) = hello(&slack).await;
    assert_eq!(said["num_connections"], 4);
    assert_eq!((slack.connections(), slack.snapshot().open_links()), (4, 2));
}

#[tokio::test]
async fn a_full_house_of_ghosts_leaves_no_seat() {
    let slack = with_ghosts(10);
    let mut refused = link(&slack).await;
    let said = receive(&mut refused).await;
    assert_eq!((&said["type"], &said["reason"]), (&json!("disconnect"), &json!("too_many_websockets")));
    slack.set_ghosts(9);
    let (_seated, said) = hello(&slack).await;
    assert_eq!(said["num_connections"], 10);
}

#[tokio::test]
async fn a_click_that_goes_to_a_ghost_is_gone() {
    let slack = with_ghosts(3);
    let mut socket = connect(&slack).await;
    let clicks: Vec<_> = (0..8).map(|n| click(&slack, "vote", &n.to_string())).collect();
    for _ in 0..2 {
        let envelope = receive(&mut socket).await;
        ack(&mut socket, &envelope).await;
    }
    let now =
        slack.wait_until(LONG, |now| now.counters.timed_out >= 6 && now.counters.acks == 2).await.unwrap();
    assert_eq!((now.counters.acks, now.counters.swallowed, now.counters.deliveries), (2, 6, 8));
    assert_eq!(now.counters.redeliveries, 0);
    let gone: Vec<_> = clicks.iter().filter(|id| slack.acks_of(id).is_empty()).collect();
    assert_eq!(gone.len(), 6);
    assert!(gone.iter().all(|id| slack.fate(id) == Some(Fate::Failed("dispatch_failed"))));
}

#[tokio::test]
async fn an_event_that_goes_to_a_ghost_comes_again() {
    let redelivery = vec![Duration::ZERO; 3];
    let options = Options { ghosts: 3, ack_deadline: SHORT, redelivery, ..Options::default() };
    let slack = Simulator::start(options).unwrap();
    let mut socket = connect(&slack).await;
    click(&slack, "vote", "the turn of the link");
    assert_eq!(receive(&mut socket).await["type"], "interactive");
    let id = slack.say(PERSON, CHANNEL, "hello");
    // Three ghosts have had it by now.
    let envelope = receive(&mut socket).await;
    assert_eq!((&envelope["envelope_id"], &envelope["retry_attempt"]), (&json!(id.as_str()), &json!(3)));
    assert_eq!(slack.counters().swallowed, 3);
    ack(&mut socket, &envelope).await;
    assert!(slack.wait_for_ack(&id, LONG).await.unwrap().on_carrier);
}

#[tokio::test]
async fn more_links_get_a_larger_share_beside_ghosts() {
    let slack = with_ghosts(3);
    let _links = (connect(&slack).await, connect(&slack).await, connect(&slack).await);
    for _ in 0..12 {
        click(&slack, "vote", "");
    }
    let carried: Vec<_> = slack.links().iter().map(|link| link.envelopes).collect();
    assert_eq!((carried, slack.counters().swallowed), (vec![2, 2, 2], 6));
    slack.set_ghosts(0);
    for _ in 0..12 {
        click(&slack, "vote", "");
    }
    assert_eq!(slack.counters().swallowed, 6);
}

#[tokio::test]
async fn without_a_link_the_ghosts_get_everything() {
    let slack = with_ghosts(1);
    click(&slack, "vote", "");
    let now = slack.wait_until(LONG, |now| now.counters.timed_out == 1).await.unwrap();
    assert_eq!((now.counters.waiting, now.counters.swallowed), (0, 1));
}

#[tokio::test]
async fn ghosts_are_the_default_apps() {
    let slack = with_ghosts(10);
    let other = slack.add_app().unwrap();
    let url = super::client::ticket(&slack, &other.app_token).await;
    let mut socket = super::client::dial(&slack, &url).await.unwrap();
    assert_eq!(receive(&mut socket).await["num_connections"], 1);
    // And a call of the default app's is answered as ever: only its hello is none.
    assert_eq!(open(&slack).await.json()["ok"], true);
}

#[tokio::test]
async fn a_half_open_link_is_counted_and_given_envelopes() {
    let slack = start();
    let _half_open = connect(&slack).await;
    slack.freeze(newest(&slack)).unwrap();
    let (_next, said) = hello(&slack).await;
    assert_eq!(said["num_connections"], 2);
    for _ in 0..4 {
        click(&slack, "vote", "");
    }
    let carried: Vec<_> = slack.links().iter().map(|link| link.envelopes).collect();
    assert_eq!((carried, slack.connections()), (vec![2, 2], 2));
}

#[tokio::test]
async fn a_link_that_answers_no_ping_is_counted_for_a_while() {
    let ping_interval = Some(SHORT);
    let options = Options { ping_interval, counts_dead_for: 10 * SHORT, ..Options::default() };
    let slack = Simulator::start(options).unwrap();
    // Nobody reads it, which is what would answer.
    let mut deaf = connect(&slack).await;
    let now = slack.wait_until(LONG, |now| now.connections == 0).await.unwrap();
    assert_eq!(now.links[0].end, Some(LinkEnd::Silent));
    assert!(now.links[0].closed_at.unwrap() - now.links[0].hello_at.unwrap() >= 10 * SHORT);
    let mut rest = Vec::new();
    assert!(deaf.get_mut().read_to_end(&mut rest).await.is_err(), "TCP was not reset");
}

#[tokio::test]
async fn a_link_that_answers_pings_is_counted_on() {
    let ping_interval = Some(SHORT);
    let options = Options { ping_interval, counts_dead_for: LONG, ..Options::default() };
    let slack = Simulator::start(options).unwrap();
    let mut socket = connect(&slack).await;
    tokio::spawn(async move { while let Some(Ok(_)) = socket.next().await {} });
    let now = slack.wait_until(LONG, |now| now.counters.pongs_received >= 20).await.unwrap();
    assert_eq!(now.connections, 1);
}

#[tokio::test]
async fn a_closed_link_is_counted_no_more() {
    let slack = start();
    let (mut first, _second) = (connect(&slack).await, connect(&slack).await);
    assert_eq!(slack.connections(), 2);
    first.close(None).await.unwrap();
    slack.wait_until(LONG, |now| now.connections == 1).await.unwrap();
}
