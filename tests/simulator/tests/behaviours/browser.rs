//! A web page in a browser on the same machine must not drive the simulator.

use super::client::{LONG, dial, exchange, post, start, ticket};
use serde_json::Value;
use socketmode_simulator::{CHANNEL, Simulator};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// The status and the body of the answer to a request with these headers and the bot's token.
async fn ask(slack: &Simulator, target: &str, headers: &str) -> (u16, String) {
    let token = slack.bot_token();
    let request = format!(
        "GET {target} HTTP/1.1\r\nauthorization: Bearer {token}\r\nconnection: close\r\n{headers}\r\n"
    );
    let answer = exchange(slack.address(), request.as_bytes()).await;
    let status = answer.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: {answer:?}")).parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

async fn status(slack: &Simulator, headers: &str) -> u16 {
    ask(slack, "/api/auth.test", headers).await.0
}

#[tokio::test]
async fn only_loopback_hosts_are_served() {
    let slack = start();
    let port = slack.address().port();
    for host in ["127.0.0.1", "127.8.7.6", "localhost", "LocalHost", "[::1]"] {
        for host in [format!("{host}:{port}"), format!("{host}:1"), host.to_owned()] {
            assert_eq!(status(&slack, &format!("host: {host}\r\n")).await, 200, "{host}");
        }
    }
    for host in [
        format!("rebound.test:{port}"),
        format!("localhost.rebound.test:{port}"),
        format!("127.0.0.1.rebound.test:{port}"),
        format!("rebound-localhost:{port}"),
        format!("rebound.localhost:{port}"),
        format!("localhost.:{port}"),
        format!("127.0.0.1.:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        "localhost:".to_owned(),
        format!("localhost:{port}@rebound.test:{port}"),
        format!("rebound.test@localhost:{port}"),
        format!("10.0.0.1:{port}"),
        format!("[::2]:{port}"),
        format!("2130706433:{port}"),
        format!("127.0.0.1:{port}0000"),
        String::new(),
    ] {
        assert_eq!(status(&slack, &format!("host: {host}\r\n")).await, 403, "{host}");
    }
    let own = format!("host: localhost:{port}\r\n");
    assert_eq!(status(&slack, &format!("{own}host: rebound.test:{port}\r\n")).await, 403);
    assert_eq!(ask(&slack, &format!("http://rebound.test:{port}/api/auth.test"), &own).await.0, 403);
    assert_eq!(ask(&slack, &format!("http://localhost:{port}/api/auth.test"), &own).await.0, 200);
    assert_eq!(slack.calls().len(), 16);

    let (_, why) = ask(&slack, "/api/auth.test", "host: rebound.test\r\n").await;
    assert!(why.contains(&slack.address().to_string()) && !why.contains("rebound"), "{why}");
}

#[tokio::test]
async fn a_request_without_a_host_is_refused() {
    let slack = start();
    assert_eq!(status(&slack, "").await, 403);
    let old = exchange(slack.address(), b"GET /api/auth.test HTTP/1.0\r\n\r\n").await;
    assert!(old.starts_with("HTTP/1.0 403 "), "{old}");
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let slack = start();
    let own = slack.address();
    let port = own.port();
    for (origin, expected) in [
        (format!("http://{own}"), 200),
        (format!("http://localhost:{port}"), 200),
        ("null".to_owned(), 403),
        (String::new(), 403),
        ("http://page.test".to_owned(), 403),
        ("http://127.0.0.1".to_owned(), 403),
        (format!("http://page.test:{port}"), 403),
        (format!("http://rebound-localhost:{port}"), 403),
        (format!("http://page.test@{own}"), 403),
        (format!("file://{own}"), 403),
        (format!("http://{own}\r\norigin: http://page.test"), 403),
    ] {
        let headers = format!("host: {own}\r\norigin: {origin}\r\n");
        assert_eq!(status(&slack, &headers).await, expected, "{origin}");
    }
    assert_eq!((slack.calls().len(), slack.counters().foreign_requests), (2, 9));
}

#[tokio::test]
async fn images_of_other_sites_are_refused() {
    let slack = start();
    let own = slack.address();
    for (site, expected) in [("none", 200), ("same-origin", 200), ("same-site", 403), ("cross-site", 403)] {
        let headers = format!("host: {own}\r\nsec-fetch-site: {site}\r\n");
        assert_eq!(status(&slack, &headers).await, expected, "{site}");
    }
}

#[tokio::test]
async fn no_route_is_open_to_a_page() {
    let slack = start();
    let bearer = format!("Bearer {}", slack.app_token());
    let headers = [("authorization", bearer.as_str()), ("origin", "http://page.test")];
    for path in ["/api/apps.connections.open", "/api/chat.postMessage", "/response/0123", "/link/", "/", "/x"]
    {
        let answer = post(slack.address(), path, &headers, String::new()).await.unwrap();
        assert_eq!(answer.status, 403, "{path}");
    }
    assert_eq!((slack.opens().len(), slack.calls().len(), slack.dials().len()), (0, 0, 0));
}

#[tokio::test]
async fn a_page_cannot_dial_a_link() {
    let slack = start();
    let url = ticket(&slack, &slack.app_token()).await;
    let with_origin = |origin: &str| {
        let mut request = url.as_str().into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        request
    };
    for origin in ["http://page.test", "null"] {
        match dial(&slack, with_origin(origin)).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403),
            other => panic!("a refusal was due, not {other:?}"),
        }
    }
    // The ticket is not used up, and some libraries send the server's own origin.
    assert!(slack.dials().is_empty());
    assert!(dial(&slack, with_origin(&format!("http://{}", slack.address()))).await.is_ok());
}

#[tokio::test]
async fn a_public_origin_is_its_own_too() {
    let slack = start();
    let headers = |host: &str, origin: &str| format!("host: {host}\r\norigin: {origin}\r\n");
    assert_eq!(status(&slack, &headers("slack.test", "https://slack.test")).await, 403);
    slack.set_public_origin("https://slack.test/");
    slack.set_public_origin("http://[::1]:8080");
    for (host, origin, expected) in [
        ("slack.test", "https://slack.test", 200),
        ("Slack.test:443", "https://slack.test:443", 200),
        ("slack.test:444", "https://slack.test", 403),
        ("slack.test", "http://slack.test", 403),
        ("slack.test.", "https://slack.test", 403),
        ("[::1]:8080", "http://[::1]:8080", 200),
    ] {
        assert_eq!(status(&slack, &headers(host, origin)).await, expected, "{host} {origin}");
    }
}

#[tokio::test]
async fn a_token_in_a_query_is_ignored() {
    let slack = start();
    let own = slack.address();
    let token = slack.bot_token();
    let query = format!("/api/chat.postMessage?token={token}&channel={CHANNEL}&text=hi");
    for method in ["GET", "POST"] {
        let request = format!(
            "{method} {query} HTTP/1.1\r\nhost: {own}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        );
        let answer = exchange(own, request.as_bytes()).await;
        assert!(answer.ends_with(r#"{"error":"not_authed","ok":false}"#), "{answer}");
    }
    let refused = slack.wait_for_call("chat.postMessage", LONG).await.unwrap();
    assert_eq!(refused.error.as_deref(), Some("not_authed"));
    // Arguments may be there.
    let (_, answer) =
        ask(&slack, &format!("/api/chat.postMessage?channel={CHANNEL}&text=hi"), &format!("host: {own}\r\n"))
            .await;
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["ok"], true);
    assert!(!format!("{:?}", slack.calls()).contains(&token));
}

#[tokio::test]
async fn a_token_in_a_body_counts_in_a_form_alone() {
    let slack = start();
    let body = format!("token={}&channel={CHANNEL}&text=hi", slack.bot_token());
    let json = serde_json::json!({"token": slack.bot_token(), "channel": CHANNEL, "text": "hi"}).to_string();
    for (kind, body, error) in [
        ("application/x-www-form-urlencoded", &body, Value::Null),
        ("application/x-www-form-urlencoded; charset=utf-8", &body, Value::Null),
        ("text/plain", &body, "not_authed".into()),
        ("text/plain;application/json", &json, "not_authed".into()),
        ("application/json", &json, "not_authed".into()),
    ] {
        let headers = [("content-type", kind)];
        let answer =
            post(slack.address(), "/api/chat.postMessage", &headers, body.clone()).await.unwrap().json();
        assert_eq!(answer["error"], error, "{kind}");
    }
}
