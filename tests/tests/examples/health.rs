//! `health`: what its probes are told.

use crate::bot::{Bot, Driver, LONG, on_each_driver};
use socketmode_simulator::{CHANNEL, PERSON};
use std::io::{Read, Write};
use std::net::TcpStream;

on_each_driver![probes_learn_whether_the_bot_receives];

/// The status and the body.
pub(crate) fn ask(address: &str, path: &str) -> (String, String) {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(LONG)).unwrap();
    write!(socket, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
}

async fn probes_learn_whether_the_bot_receives(driver: Driver) {
    let (slack, bot) = Bot::with_slack(driver, "health").await;
    let address = bot.prints("Listening on ");
    let address = address.trim_end_matches('.');
    let event = slack.say(PERSON, CHANNEL, "hello");
    slack.wait_for_ack(&event, LONG).await.unwrap();
    // It is told at the end of a turn of the loop: the acknowledgement can be seen before.
    let start = std::time::Instant::now();
    let (status, body) = loop {
        let answer = ask(address, "/readyz");
        if answer.0 == "200" || start.elapsed() > LONG {
            break answer;
        }
    };
    assert_eq!(status, "200", "{body}");
    let health: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&health["ready"], &health["connections"]["active"]), (&true.into(), &1.into()), "{health}");
    assert_eq!((ask(address, "/livez").0.as_str(), ask(address, "/").0.as_str()), ("200", "404"));
    if driver.0.is_empty() {
        let (_, metrics) = ask(address, "/metrics");
        let consumed = r#"messaging_client_consumed_messages{messaging_system="slack","#;
        assert!(metrics.contains(consumed) && metrics.contains(r#"le="3""#), "{metrics}");
    }
}
