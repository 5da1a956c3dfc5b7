//! The URLs a Slack behind TLS or a proxy gives.

use super::client::{connect, dial, receive, start, ticket};
use socketmode_simulator::Simulator;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Where the API, the next link and the next response are.
async fn urls(slack: &Simulator) -> [String; 3] {
    let link = ticket(slack, &slack.app_token()).await;
    let mut socket = connect(slack).await;
    slack.command("/later", "");
    let response = receive(&mut socket).await["payload"]["response_url"].as_str().unwrap().to_owned();
    [slack.api_url(), link, response]
}

fn assert_begin(urls: &[String; 3], beginnings: [&str; 3]) {
    for (url, beginning) in urls.iter().zip(beginnings) {
        assert!(url.starts_with(beginning), "{url} does not begin with {beginning}");
    }
}

#[tokio::test]
async fn every_url_begins_with_the_public_origin() {
    let slack = start();
    let (http, ws) = (format!("http://{}", slack.address()), format!("ws://{}", slack.address()));
    assert_begin(&urls(&slack).await, [&(http.clone() + "/api/"), &(ws + "/link/?"), &(http + "/response/")]);

    slack.set_public_origin("https://slack.test");
    let secure = ["https://slack.test/api/", "wss://slack.test/link/?", "https://slack.test/response/"];
    assert_begin(&urls(&slack).await, secure);

    slack.set_public_origin("http://slack.test:8080/");
    let plain =
        ["http://slack.test:8080/api/", "ws://slack.test:8080/link/?", "http://slack.test:8080/response/"];
    assert_begin(&urls(&slack).await, plain);
}

#[tokio::test]
async fn a_ticket_is_good_whatever_the_origin() {
    let slack = start();
    slack.set_public_origin("https://slack.test");
    // Behind TLS the handshake is that of a plain link.
    let url = ticket(&slack, &slack.app_token()).await.replacen("wss", "ws", 1);
    assert!(dial(&slack, &url).await.is_ok());
}

/// slack-go does. Of other origins, and on other paths, nothing is answered.
#[tokio::test]
async fn a_link_can_be_dialled_with_the_origin_of_slack_go() {
    let slack = start();
    let status = async |target: &str, origin: &str| {
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\nConnection: upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        );
        let mut tcp = TcpStream::connect(slack.address()).await.unwrap();
        tcp.write_all(request.as_bytes()).await.unwrap();
        let mut line = [0; "HTTP/1.1 101".len()];
        tcp.read_exact(&mut line).await.unwrap();
        String::from_utf8(line.to_vec()).unwrap()
    };
    let url = ticket(&slack, &slack.app_token()).await;
    let target = url.split_once("/link").map(|(_, rest)| format!("/link{rest}")).unwrap();
    assert_eq!(status(&target, "https://evil.example").await, "HTTP/1.1 403");
    assert_eq!(status("/_control/state", "https://api.slack.com").await, "HTTP/1.1 403");
    assert_eq!(status(&target, "https://api.slack.com").await, "HTTP/1.1 101");
}
