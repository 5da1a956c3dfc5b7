//! `apps.connections.open`, tickets and dials.

use super::client::{LONG, call, connect, dial, link, next, open, post, receive, start, ticket};
use futures_util::SinkExt;
use serde_json::json;
use socketmode_simulator::{DialAnswer, OpenAnswer, Options, Simulator, StartError};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::{Error, Message};

fn refusal(dialled: Result<super::client::Socket, Error>) -> u16 {
    match dialled {
        Err(Error::Http(response)) => response.status().as_u16(),
        other => panic!("a refusal was due, not {other:?}"),
    }
}

#[tokio::test]
async fn each_wrong_token_has_its_error() {
    let slack = start();
    let body = json!({});
    let method = "apps.connections.open";
    let errors = [
        call(&slack, method, &slack.bot_token(), &body).await.json(),
        call(&slack, method, "xapp-1-A-none", &body).await.json(),
        post(slack.address(), "/api/apps.connections.open", &[], String::new()).await.unwrap().json(),
    ];
    let errors: Vec<_> = errors.iter().map(|answer| answer["error"].as_str().unwrap()).collect();
    assert_eq!(errors, ["not_allowed_token_type", "invalid_auth", "not_authed"]);
    assert_eq!(slack.counters().opens, 3);
    assert_eq!(slack.opens()[2].outcome, OpenAnswer::Error("not_authed".to_owned()));
}

#[tokio::test]
async fn a_token_as_a_form_field_is_refused() {
    let slack = start();
    let form = format!("token={}", slack.app_token());
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let answer = post(slack.address(), "/api/apps.connections.open", &kind, form).await.unwrap();
    assert_eq!(answer.json()["error"], "not_authed");
}

#[tokio::test]
async fn a_ticket_is_good_for_one_dial() {
    let slack = start();
    let url = ticket(&slack, &slack.app_token()).await;
    let socket = dial(&slack, &url).await;
    assert!(socket.is_ok());
    assert_eq!(refusal(dial(&slack, &url).await), 403);
    let unknown = format!("ws://{}/link/?ticket=none&app_id=none", slack.address());
    assert_eq!(refusal(dial(&slack, &unknown).await), 403);
    assert_eq!(slack.counters().dials, 3);
    assert_eq!(slack.dials()[2].outcome, DialAnswer::Status(403));
}

#[tokio::test]
async fn a_ticket_is_its_own_apps_alone() {
    let slack = start();
    let other = slack.add_app().unwrap();
    let url = ticket(&slack, &slack.app_token()).await;
    assert_eq!(refusal(dial(&slack, url.replace(&slack.app().app_id, &other.app_id)).await), 403);
    // Whatever the answer, it is used up.
    assert_eq!(refusal(dial(&slack, url).await), 403);
    assert!(slack.links().is_empty());
}

#[tokio::test]
async fn a_ticket_expires() {
    let slack = Simulator::start(Options { ticket_lifetime: Duration::ZERO, ..Options::default() }).unwrap();
    let url = ticket(&slack, &slack.app_token()).await;
    assert_eq!(refusal(dial(&slack, &url).await), 403);
}

#[tokio::test]
async fn hello_says_what_slack_says() {
    let slack = start();
    let _first = connect(&slack).await;
    let mut second = link(&slack).await;
    let hello = receive(&mut second).await;
    let expected = json!({
        "type": "hello",
        "num_connections": 2,
        "debug_info": {"host": "applink-2", "build_number": 14, "approximate_connection_time": 18060},
        "connection_info": {"app_id": slack.app().app_id},
    });
    assert_eq!(hello, expected);
}

#[tokio::test]
async fn debug_reconnects_shortens_the_life_of_a_link() {
    let slack = start();
    let url = ticket(&slack, &slack.app_token()).await + "&debug_reconnects=true";
    let hello = receive(&mut dial(&slack, &url).await.unwrap()).await;
    assert_eq!(hello["debug_info"]["approximate_connection_time"], 360);
    assert!(slack.links()[0].debug_reconnects);
}

#[tokio::test]
async fn one_link_too_many_is_told_instead_of_hello() {
    let slack = start();
    let mut links = Vec::new();
    for _ in 0..10 {
        links.push(connect(&slack).await);
    }
    let mut eleventh = link(&slack).await;
    let message = receive(&mut eleventh).await;
    assert_eq!((&message["type"], &message["reason"]), (&json!("disconnect"), &json!("too_many_websockets")));
    assert!(matches!(next(&mut eleventh).await, Some(Ok(Message::Close(_)))));
    let other = slack.add_app().unwrap();
    let url = ticket(&slack, &other.app_token).await;
    assert_eq!(receive(&mut dial(&slack, &url).await.unwrap()).await["type"], "hello");
    assert_eq!(slack.counters().most_links_at_once, 11);
    assert_eq!(slack.counters().hellos, 11);
}

#[tokio::test]
async fn scripted_opens_are_answered_in_their_order() {
    let slack = start();
    slack.next_open(OpenAnswer::Error("internal_error".to_owned()));
    slack.next_open(OpenAnswer::RateLimited { retry_after_secs: 4 });
    let headers = vec![("x-slack-backend".to_owned(), "h".to_owned())];
    slack.next_open(OpenAnswer::Status(503, headers, "<html>".to_owned()));
    slack.next_open(OpenAnswer::Redirect("http://127.0.0.1:1/".to_owned()));
    slack.next_open(OpenAnswer::Body("no JSON".to_owned()));
    slack.next_open(OpenAnswer::HugeBody(3_000_001));

    assert_eq!(open(&slack).await.json()["error"], "internal_error");
    let limited = open(&slack).await;
    assert_eq!((limited.status, &limited.headers["retry-after"]), (429, &"4".parse().unwrap()));
    let failed = open(&slack).await;
    assert_eq!((failed.status, failed.body.as_str()), (503, "<html>"));
    assert_eq!(failed.headers["x-slack-backend"], "h");
    let moved = open(&slack).await;
    assert_eq!((moved.status, &moved.headers["location"]), (302, &"http://127.0.0.1:1/".parse().unwrap()));
    assert_eq!(open(&slack).await.body, "no JSON");
    assert_eq!(open(&slack).await.body.len(), 3_000_001);
    assert_eq!(open(&slack).await.json()["ok"], true);
    assert_eq!(slack.opens().len(), 7);
}

#[tokio::test]
async fn an_open_can_be_dropped_or_delayed() {
    let slack = start();
    slack.next_open(OpenAnswer::Drop);
    let bearer = format!("Bearer {}", slack.app_token());
    let headers = [("authorization", bearer.as_str())];
    let path = "/api/apps.connections.open";
    assert!(post(slack.address(), path, &headers, String::new()).await.is_err());

    let delay = Duration::from_millis(50);
    slack.next_open(OpenAnswer::Delay(delay, Box::new(OpenAnswer::Link)));
    let before = Instant::now();
    assert_eq!(open(&slack).await.json()["ok"], true);
    assert!(before.elapsed() >= delay);
}

#[tokio::test]
async fn a_hanging_open_ends_with_the_simulator() {
    let slack = start();
    slack.all_opens(Some(OpenAnswer::Hang));
    let bearer = format!("Bearer {}", slack.app_token());
    let address = slack.address();
    let hanging = tokio::spawn(async move {
        post(address, "/api/apps.connections.open", &[("authorization", &bearer)], String::new())
            .await
            .is_ok()
    });
    slack.wait_until(LONG, |now| now.counters.opens == 1).await.unwrap();
    assert!(!hanging.is_finished());
    slack.stop();
    assert!(!hanging.await.unwrap());
}

#[tokio::test]
async fn scripted_dials_are_answered_in_their_order() {
    let slack = start();
    let limit = json!({"type": "disconnect", "reason": "too_many_websockets"});
    slack.next_dial(DialAnswer::Status(409));
    slack.next_dial(DialAnswer::Drop);
    slack.next_dial(DialAnswer::WithoutHello(limit.to_string()));
    slack.next_dial(DialAnswer::HelloThen(limit.to_string()));
    slack.next_dial(DialAnswer::Delay(Duration::from_millis(20), Box::new(DialAnswer::Status(408))));
    slack.next_dial(DialAnswer::NoHello);

    let token = slack.app_token();
    assert_eq!(refusal(dial(&slack, &ticket(&slack, &token).await).await), 409);
    assert!(dial(&slack, &ticket(&slack, &token).await).await.is_err());
    assert_eq!(receive(&mut link(&slack).await).await, limit);
    let mut hello_then = link(&slack).await;
    assert_eq!(receive(&mut hello_then).await["type"], "hello");
    assert_eq!(receive(&mut hello_then).await, limit);
    assert_eq!(refusal(dial(&slack, &ticket(&slack, &token).await).await), 408);

    // Nothing is said; a ping shows that the link is up all the same.
    let mut silent = link(&slack).await;
    silent.send(Message::Ping("up?".into())).await.unwrap();
    let pong = tokio::time::timeout(LONG, futures_util::StreamExt::next(&mut silent)).await.unwrap();
    assert_eq!(pong.unwrap().unwrap(), Message::Pong("up?".into()));
    assert_eq!(slack.counters().hellos, 1);
}

#[tokio::test]
async fn a_hanging_dial_is_not_answered() {
    let slack = start();
    slack.all_dials(Some(DialAnswer::Hang));
    let url = ticket(&slack, &slack.app_token()).await;
    let theirs = slack.clone();
    let hanging = tokio::spawn(async move { dial(&theirs, &url).await.is_ok() });
    slack.wait_until(LONG, |now| now.counters.dials == 1).await.unwrap();
    assert!(!hanging.is_finished());
    slack.stop();
    assert!(!hanging.await.unwrap());
}

#[test]
fn only_loopback_is_listened_on() {
    let options = Options { ip: "0.0.0.0".parse().unwrap(), ..Options::default() };
    assert!(matches!(Simulator::start(options), Err(StartError::NotLoopback(_))));
}

#[test]
fn a_port_in_use_is_an_error() {
    let slack = start();
    let options = Options { port: slack.address().port(), ..Options::default() };
    assert!(matches!(Simulator::start(options), Err(StartError::Bind { .. })));
}
