//! The handle: any thread, any runtime, and the end.

use super::client::{LONG, connect, next, start};
use socketmode_simulator::{CHANNEL, EnvelopeId, PERSON, Simulator, WaitError};
use std::time::{Duration, Instant};

const fn is_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn waits_need_no_runtime() {
    let slack = start();
    let before = Instant::now();
    let wait = Duration::from_millis(30);
    let error = futures_executor::block_on(is_send(slack.wait_for_links(1, wait))).unwrap_err();
    assert!(before.elapsed() >= wait);
    assert!(error.to_string().contains("1 open links"), "{error}");
    let id = EnvelopeId::new("never sent");
    let error = futures_executor::block_on(is_send(slack.wait_for_ack(&id, wait))).unwrap_err();
    assert!(error.to_string().contains("no envelope of that id"), "{error}");
    drop(is_send(slack.wait_until(wait, |_| true)));
}

#[test]
fn a_handle_can_be_sent_cloned_and_shared() {
    fn anywhere<T: Clone + Send + Sync + 'static>() {}
    anywhere::<Simulator>();
}

#[tokio::test]
async fn stopping_ends_the_waits_and_the_links() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let id = slack.say(PERSON, CHANNEL, "hello");
    let theirs = slack.clone();
    let wait = tokio::spawn(async move { theirs.wait_for_ack(&id, LONG).await });
    tokio::task::yield_now().await;
    slack.stop();
    slack.stop();
    assert!(matches!(wait.await.unwrap(), Err(WaitError::Stopped { .. })));
    while let Some(Ok(_)) = next(&mut socket).await {}
}

#[tokio::test]
async fn dropping_the_last_handle_ends_it() {
    let slack = start();
    let mut socket = connect(&slack).await;
    drop(slack.clone());
    let _another = connect(&slack).await;
    drop(slack);
    while let Some(Ok(_)) = next(&mut socket).await {}
}

#[tokio::test]
async fn a_second_app_has_links_of_its_own() {
    let slack = start();
    let other = slack.add_app().unwrap();
    let mut first = connect(&slack).await;
    let url = super::client::ticket(&slack, &other.app_token).await;
    let mut second = super::client::dial(&slack, &url).await.unwrap();
    let hello = super::client::receive(&mut second).await;
    assert_eq!(
        (&hello["num_connections"], &hello["connection_info"]["app_id"]),
        (&1.into(), &other.app_id.clone().into())
    );
    let event = socketmode_simulator::Envelope::new("events_api", serde_json::json!({"n": 1}));
    let theirs = slack.send_envelope(event.clone().for_app(&other));
    let ours = slack.send_envelope(event);
    assert_eq!(super::client::receive(&mut second).await["envelope_id"], theirs.as_str());
    assert_eq!(super::client::receive(&mut first).await["envelope_id"], ours.as_str());
}
