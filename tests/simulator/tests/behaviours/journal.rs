//! The journal by the control API: as a list, as a stream, and played again.

use super::client::{LONG, ack, connect, receive, send, start};
use super::control::{ask, get};
use serde_json::{Value, json};
use socketmode_simulator::{CHANNEL, PERSON, Simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The entries that the list has.
async fn entries(slack: &Simulator) -> Vec<Value> {
    get(slack, "journal").await.json()["entries"].as_array().unwrap().clone()
}

fn kinds(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_journal_tells_what_happened_in_order() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let said = ask(&slack, "say", &json!({"text": "hello"})).await;
    let envelope = receive(&mut socket).await;
    ack(&mut socket, &envelope).await;
    slack.wait_until(LONG, |now| now.counters.acks == 1).await.unwrap();
    let entries = entries(&slack).await;
    let expected = ["open", "dial", "link", "sent", "act", "message", "envelope", "ack"];
    assert_eq!(kinds(&entries), expected, "{entries:#?}");
    assert_eq!(entries[3]["frame"], "hello");
    assert_eq!((&entries[4]["name"], &entries[4]["params"]), (&json!("say"), &json!({"text": "hello"})));
    assert_eq!((&entries[5]["text"], &entries[5]["ts"]), (&json!("hello"), &said["ts"]));
    let delivery = &entries[6];
    assert_eq!((&delivery["envelope_id"], &delivery["type"]), (&said["envelope_id"], &json!("events_api")));
    assert_eq!((&delivery["payload"], &delivery["link"]), (&envelope["payload"], &json!(1)));
    assert_eq!((&entries[7]["count"], &entries[7]["on_carrier"]), (&json!(1), &json!(true)));
    let next = get(&slack, "journal?limit=2").await.json();
    assert_eq!((&next["next"], &next["more"]), (&json!(2), &json!(true)));
    assert_eq!(get(&slack, "journal?since=2&limit=1").await.json()["entries"][0]["seq"], 3);
}

#[tokio::test]
async fn no_token_is_in_the_journal() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let (app, bot) = (slack.app_token(), slack.bot_token());
    let body = json!({"channel": CHANNEL, "text": format!("mine are {app} and {bot}")});
    super::client::call(&slack, "chat.postMessage", &bot, &body).await;
    send(&mut socket, &json!({"neither": format!("{app}{bot}")})).await;
    slack.wait_until(LONG, |now| now.counters.strange_messages == 1).await.unwrap();
    let journal = get(&slack, "journal").await.body;
    assert!(!journal.contains(&app) && !journal.contains(&bot), "{journal}");
    assert!(journal.contains("mine are xapp-… and xoxb-…"), "{journal}");
}

/// Server-sent events of the journal, as they come.
struct Events {
    tcp: TcpStream,
    text: String,
}

impl Events {
    async fn of(slack: &Simulator, query: &str, header: &str) -> Self {
        let mut tcp = TcpStream::connect(slack.address()).await.unwrap();
        let host = slack.address();
        let head = format!("GET /_control/journal/stream{query} HTTP/1.1\r\nhost: {host}\r\n{header}\r\n");
        tcp.write_all(head.as_bytes()).await.unwrap();
        Self { tcp, text: String::new() }
    }

    /// What has come once it contains this.
    async fn until(&mut self, words: &str) -> &str {
        let mut buffer = [0; 4096];
        while !self.text.contains(words) {
            let read = tokio::time::timeout(LONG, self.tcp.read(&mut buffer)).await.expect(words).unwrap();
            assert!(read > 0, "the stream ended: {}", self.text);
            self.text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        &self.text
    }
}

#[tokio::test]
async fn a_stream_tells_entries_as_they_come() {
    let slack = start();
    slack.perform("ghosts", &json!({"count": 1})).unwrap();
    let mut events = Events::of(&slack, "", "").await;
    let head = events.until("\"ghosts\"").await;
    assert!(
        head.contains("content-type: text/event-stream") && head.contains("id: 1\ndata: {\"seq\":1,"),
        "{head}"
    );
    slack.perform("hold/auth.test", &json!({"held": true})).unwrap();
    events.until("id: 2\ndata: {\"seq\":2,").await;

    let mut later = Events::of(&slack, "?since=1", "").await;
    assert!(!later.until("id: 2\n").await.contains("id: 1\n"));
    let mut resumed = Events::of(&slack, "?since=0", "last-event-id: 1\r\n").await;
    assert!(!resumed.until("id: 2\n").await.contains("id: 1\n"));
    // It is asked for what comes after the end of another run.
    let mut other = Events::of(&slack, "", "last-event-id: 999\r\n").await;
    assert!(other.until("id: 1\n").await.contains("event: gap\n"));
}

#[tokio::test]
async fn a_number_far_beyond_the_end_has_no_entries() {
    let slack = start();
    slack.perform("ghosts", &json!({"count": 1})).unwrap();
    let answer = get(&slack, &format!("journal?since={}", u64::MAX)).await.json();
    assert_eq!((&answer["entries"], &answer["next"]), (&json!([]), &json!(1)));
    let mut seen = u64::MAX;
    assert_eq!((slack.journal_since(&mut seen), seen), (vec![], 1));
}

#[tokio::test]
async fn what_a_slow_reader_has_missed_is_told_as_a_gap() {
    let slack = start();
    for _ in 0..socketmode_simulator::JOURNAL_ENTRIES + 10 {
        slack.perform("ghosts", &json!({"count": 1})).unwrap();
    }
    let mut events = Events::of(&slack, "", "").await;
    let text = events.until("id: 11\n").await;
    assert!(text.contains("event: gap\ndata: {\"missed\":10}\n\n"), "{text}");
}

#[tokio::test]
async fn an_act_that_failed_is_not_in_the_journal() {
    let slack = start();
    slack.perform("redeliver", &json!({"envelope_id": "x"})).unwrap_err();
    slack.perform("say", &json!({"txt": "x"})).unwrap_err();
    assert!(entries(&slack).await.is_empty());
}

#[tokio::test]
async fn a_journal_can_be_played_again() {
    let recorded = {
        let slack = start();
        ask(&slack, "say", &json!({"text": "first"})).await;
        ask(&slack, "command", &json!({"command": "/deploy"})).await;
        let _ = slack.button_before("approve", "1");
        ask(&slack, "press", &json!({"action_id": "approve"})).await;
        entries(&slack).await
    };
    let slack = start();
    let _ = slack.button_before("approve", "1");
    let mut socket = connect(&slack).await;
    let played = ask(&slack, "replay", &json!({"entries": recorded, "speed": 100})).await;
    assert_eq!(played["acts"], 3);
    let ids = played["envelope_ids"].as_array().unwrap();
    let mut got = Vec::new();
    for _ in 0..3 {
        got.push(receive(&mut socket).await);
    }
    assert_eq!(got[0]["payload"]["event"]["text"], "first");
    assert_eq!(got[1]["payload"]["command"], "/deploy");
    assert_eq!(got[2]["payload"]["actions"][0]["action_id"], "approve");
    assert!(ids.iter().eq(got.iter().map(|envelope| &envelope["envelope_id"])), "{ids:?}");
}

/// As the page does it: each act names its message, its thread or its view.
#[tokio::test]
async fn acts_are_about_the_newest_that_fits_when_played_again() {
    let view = json!({"type": "modal", "callback_id": "form", "blocks": []});
    let recorded = {
        let slack = start();
        let said = ask(&slack, "say", &json!({"text": "helo"})).await["ts"].clone();
        let of_it = |mut body: Value| {
            body["channel"] = json!(CHANNEL);
            body["ts"] = said.clone();
            body
        };
        ask(&slack, "edit", &of_it(json!({"text": "hello"}))).await;
        ask(&slack, "react", &of_it(json!({"name": "eyes"}))).await;
        ask(&slack, "react", &of_it(json!({"name": "wave"}))).await;
        ask(&slack, "react", &of_it(json!({"name": "eyes", "remove": true}))).await;
        ask(&slack, "shortcut", &of_it(json!({"callback_id": "note"}))).await;
        let reply = json!({"text": "a reply", "thread_ts": said});
        let replied = ask(&slack, "say", &reply).await["ts"].clone();
        ask(&slack, "say", &json!({"text": "another", "thread_ts": said})).await;
        ask(&slack, "delete", &json!({"channel": CHANNEL, "ts": replied})).await;
        let (closed, sent) = (slack.opened_before(&view), slack.opened_before(&view));
        ask(&slack, "submit", &json!({"view_id": sent})).await;
        ask(&slack, "close_view", &json!({"view_id": closed})).await;
        entries(&slack).await
    };
    let slack = start();
    // No time stamp or id is the same as before.
    let _ = slack.trigger_id(PERSON);
    slack.opened_before(&view);
    let played = ask(&slack, "replay", &json!({"entries": recorded})).await;
    assert_eq!(played["acts"], 11);
    let messages = slack.history(None, None);
    let texts: Vec<_> = messages.iter().map(|message| message.text.as_str()).collect();
    // The newest of one's own is deleted, and not the one before.
    assert_eq!(texts, ["hello", "a reply"]);
    assert_eq!(messages[1].thread_ts.as_ref(), Some(&messages[0].ts));
    let names: Vec<_> = messages[0].reactions.iter().map(|reaction| reaction.name.as_str()).collect();
    assert_eq!(names, ["wave"]);
    assert!(slack.views().is_empty());
}

#[tokio::test]
async fn the_pauses_of_a_journal_are_kept_so_many_times_shorter() {
    let slack = start();
    let act = |at_ms: u64| json!({"kind": "act", "name": "ghosts", "at_ms": at_ms, "params": {"count": 0}});
    let entries = json!([act(1_000), act(1_400), act(1_300)]);
    let start = std::time::Instant::now();
    ask(&slack, "replay", &json!({"entries": entries, "speed": 2})).await;
    assert!(start.elapsed() >= std::time::Duration::from_millis(200));
}

#[tokio::test]
async fn what_cannot_be_played_again_is_said() {
    let slack = start();
    for (entry, word) in [
        (json!({"kind": "act", "name": "melt"}), "act 1, melt"),
        (json!({"kind": "act", "name": "say", "params": {"txt": 1}}), "act 1, say"),
        (json!({"kind": "act"}), "entries[0]"),
        (json!({"kind": "act", "name": "wait", "params": {"for": "message"}}), "no act"),
    ] {
        let (status, answer) = super::control::refused(&slack, "replay", &json!({"entries": [entry]})).await;
        assert!(status >= 400 && answer["message"].as_str().unwrap().contains(word), "{answer}");
    }
}
