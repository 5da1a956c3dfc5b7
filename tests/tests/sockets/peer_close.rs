//! A peer that closes before it has read what was written to it.

use crate::harness::{LONG, Stage, on_each_driver};
use futures_channel::oneshot;
use socketmode_driver::{AckErrorKind, Event, Notice, Runtime};
use socketmode_protocol::EndReason;
use socketmode_simulator::{OpenAnswer, Options};
use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;
use tungstenite::{Message, WebSocket, accept};

on_each_driver![no_ack_goes_out_twice_when_the_peer_closes_unread];

const ENVELOPES: usize = 1_000;
/// All together more than the network holds for a peer that does not read.
const RESPONSE_BYTES: usize = 16 * 1024;

async fn no_ack_goes_out_twice_when_the_peer_closes_unread<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let peer = Peer::start();
    for ticket in 0..2 {
        let url = format!("ws://{}/?ticket={ticket}", peer.address);
        stage.slack.next_open(OpenAnswer::Body(format!(r#"{{"ok":true,"url":"{url}"}}"#)));
    }
    let mut bot = stage.bot(stage.builder().config(|config| {
        config.silence = Duration::from_secs(3_600);
        config.close_timeout = LONG;
        config.client_ping = None;
    }));
    let response = format!(r#"{{"text":"{}"}}"#, "x".repeat(RESPONSE_BYTES));
    let mut outcomes = BTreeMap::new();
    while outcomes.len() < ENVELOPES {
        let request = bot.request().await;
        outcomes.insert(request.envelope_id().to_owned(), request.ack_with_json(response.clone()));
    }
    peer.close.send(()).unwrap();
    bot.until("the peer's close frame", |event| {
        let closed = EndReason::Closed { code: None };
        matches!(event, Event::Notice(Notice::Disconnected { reason, .. }) if *reason == closed).then_some(())
    })
    .await;
    peer.read.send(()).unwrap();
    let on_first = stage.clock.soon("the first link's end", peer.on_first).await.unwrap();
    let mut sent = BTreeMap::new();
    for (id, outcome) in outcomes {
        let times = match stage.clock.soon("the outcome", outcome).await {
            Ok(_) => 1,
            Err(error) => {
                // A busy machine may need more than Slack's 3 s.
                assert_eq!(error.kind(), AckErrorKind::Lost);
                0
            }
        };
        sent.insert(id, times);
    }
    bot.ends(LONG).await;
    let on_second = stage.clock.soon("the second link's end", peer.on_second).await.unwrap();
    assert!((1..ENVELOPES).contains(&on_first.len()), "{} on the first link", on_first.len());
    for (id, times) in sent {
        let count = |link: &[String]| link.iter().filter(|other| **other == id).count();
        let seen = count(&on_first) + count(&on_second);
        assert_eq!(seen, times, "{id}: {} and {}", count(&on_first), count(&on_second));
    }
}

/// A peer for two links: the first one sends envelopes, a close frame when told to, and reads when told to; the second
/// one reads.
struct Peer {
    address: String,
    close: mpsc::Sender<()>,
    read: mpsc::Sender<()>,
    on_first: oneshot::Receiver<Vec<String>>,
    on_second: oneshot::Receiver<Vec<String>>,
}

impl Peer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let ((close, told_to_close), (read, told_to_read)) = (mpsc::channel(), mpsc::channel());
        let ((first, on_first), (second, on_second)) = (oneshot::channel(), oneshot::channel());
        std::thread::spawn(move || {
            let mut link = greet(&listener);
            std::thread::spawn(move || second.send(acknowledged(greet(&listener))));
            for n in 0..ENVELOPES {
                let envelope = format!(
                    r#"{{"type":"slash_commands","envelope_id":"e{n}","accepts_response_payload":true,"payload":{{}}}}"#
                );
                link.send(Message::text(envelope)).unwrap();
            }
            told_to_close.recv().unwrap();
            // The first acknowledgements are on their way.
            link.get_ref().peek(&mut [0]).unwrap();
            link.close(None).unwrap();
            told_to_read.recv().unwrap();
            let _ = first.send(acknowledged(link));
        });
        Self { address, close, read, on_first, on_second }
    }
}

fn greet(listener: &TcpListener) -> WebSocket<TcpStream> {
    let mut link = accept(listener.accept().unwrap().0).unwrap();
    link.send(Message::text(r#"{"type":"hello"}"#)).unwrap();
    link
}

/// What is acknowledged by a link until its end.
fn acknowledged(mut link: WebSocket<TcpStream>) -> Vec<String> {
    let mut ids = Vec::new();
    while let Ok(message) = link.read() {
        if let Message::Text(text) = message {
            let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
            ids.push(answer["envelope_id"].as_str().unwrap().to_owned());
        }
    }
    ids
}
