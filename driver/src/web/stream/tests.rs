use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;

use serde_json::{Value, json};

use super::*;
use crate::web::TaskStatus;
use crate::web::testing::{Scripted, answering, calls};

const OK: &str = r#"{"ok":true,"channel":"D1","ts":"1.2"}"#;
const ENDED: &str = r#"{"ok":false,"error":"message_not_in_streaming_state"}"#;

/// What was sent after the status: methods, and their texts and other chunks' types.
fn sent(transport: &Scripted) -> Vec<(String, String)> {
    let chunk = |chunk: &Value| chunk["text"].as_str().or(chunk["type"].as_str()).unwrap().to_owned();
    let shown = |body: &Value| match (body["chunks"].as_array(), body["markdown_text"].as_str()) {
        (Some(chunks), _) => chunks.iter().map(chunk).collect::<Vec<_>>().join("|"),
        (None, text) => text.or(body["status"].as_str()).unwrap_or_default().to_owned(),
    };
    calls(transport).into_iter().map(|(method, body)| (method, shown(&body))).collect()
}

fn is(transport: &Scripted, wanted: &[(&str, &str)]) {
    let wanted: Vec<_> =
        wanted.iter().map(|(method, shown)| ((*method).to_owned(), (*shown).to_owned())).collect();
    assert_eq!(sent(transport), wanted);
}

fn later(transport: &Scripted, time: Duration) {
    *transport.now.lock().unwrap() += time;
}

#[test]
fn text_is_sent_in_batches_and_the_message_ends() {
    let (web, transport) = answering([OK; 4]);
    smol::block_on(async {
        let mut message = web.stream("D1", "1.1").recipient("T1", "U1").session_status(SessionStatus::Closed);
        for _ in 0..255 {
            message.push("é").await.unwrap();
        }
        assert_eq!(transport.sent.lock().unwrap().len(), 1, "only the status");
        message.push("é").await.unwrap();
        message.push("the ").await.unwrap();
        message.push("end").await.unwrap();
        assert_eq!(message.finish().await.unwrap().as_deref(), Some("1.2"));
    });
    is(
        &transport,
        &[
            ("assistant.threads.setStatus", "is thinking…"),
            ("chat.startStream", &"é".repeat(256)),
            ("chat.appendStream", "the end"),
            ("chat.stopStream", ""),
        ],
    );
    let calls = calls(&transport);
    assert_eq!(calls[1].1["recipient_user_id"], "U1");
    assert_eq!(calls[1].1["thread_ts"], "1.1");
    assert_eq!(calls[3].1, json!({ "channel": "D1", "ts": "1.2", "session_status": "closed" }));
}

#[test]
fn text_that_is_a_second_old_is_sent() {
    let (web, transport) = answering([OK; 3]);
    smol::block_on(async {
        let mut message = web.stream("D1", "1.1").status("");
        message.push("a").await.unwrap();
        later(&transport, Duration::from_millis(999));
        message.push("b").await.unwrap();
        assert!(transport.sent.lock().unwrap().is_empty());
        later(&transport, Duration::from_millis(1));
        message.push("c").await.unwrap();
        message.push(Chunk::task("1", "t", TaskStatus::Pending)).await.unwrap();
        message.finish().await.unwrap();
    });
    is(
        &transport,
        &[("chat.startStream", "abc"), ("chat.appendStream", "task_update"), ("chat.stopStream", "")],
    );
}

/// Gives one word out, then nothing for a while, then another, then the end.
struct Slow(usize, Arc<Scripted>);

impl Stream for Slow {
    type Item = String;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<String>> {
        self.0 += 1;
        match self.0 {
            1 => Poll::Ready(Some("one".to_owned())),
            // The time that it sleeps passes meanwhile.
            2 => Poll::Pending,
            3 => {
                assert_eq!(sent(&self.1).last().unwrap().1, "one", "it was sent while nothing came");
                Poll::Ready(Some("two".to_owned()))
            }
            _ => {
                cx.waker().wake_by_ref();
                Poll::Ready(None)
            }
        }
    }
}

#[test]
fn a_source_that_pauses_does_not_hold_text_back() {
    let (web, transport) = answering([OK; 4]);
    smol::block_on(async {
        let mut message = web.stream("D1", "1.1");
        message.forward(Slow(0, Arc::clone(&transport))).await.unwrap();
        message.finish().await.unwrap();
    });
    is(
        &transport,
        &[
            ("assistant.threads.setStatus", "is thinking…"),
            ("chat.startStream", "one"),
            ("chat.appendStream", "two"),
            ("chat.stopStream", ""),
        ],
    );
    assert_eq!(*transport.now.lock().unwrap(), Duration::from_secs(1));
}

#[test]
fn a_stream_that_slack_has_ended_goes_on_as_a_message() {
    let posted = r#"{"ok":true,"channel":"D1","ts":"2.1"}"#;
    let (web, transport) = answering([OK, ENDED, posted, posted]);
    smol::block_on(async {
        let mut message = web.stream("D1", "1.1").status("");
        message.push("x".repeat(256)).await.unwrap();
        later(&transport, Duration::from_secs(600));
        message.push(format!("{}b", "a".repeat(256))).await.unwrap();
        // A message is changed less often, and has no tasks.
        message.push("c".repeat(300)).await.unwrap();
        message.push(Chunk::plan("Plan")).await.unwrap();
        assert_eq!(transport.sent.lock().unwrap().len(), 3);
        assert_eq!(message.finish().await.unwrap().as_deref(), Some("2.1"));
    });
    let all = format!("{}b{}", "a".repeat(256), "c".repeat(300));
    is(
        &transport,
        &[
            ("chat.startStream", &"x".repeat(256)),
            ("chat.appendStream", &format!("{}b", "a".repeat(256))),
            ("chat.postMessage", &format!("{}b", "a".repeat(256))),
            ("chat.update", &all),
        ],
    );
    assert_eq!(calls(&transport)[2].1["thread_ts"], "1.1");
}

#[test]
fn a_stream_that_ended_before_its_end_is_no_error() {
    let (web, transport) = answering([OK, ENDED]);
    let mut message = web.stream("D1", "1.1").status("");
    smol::block_on(async {
        message.push("x".repeat(256)).await.unwrap();
        assert_eq!(message.finish().await.unwrap().as_deref(), Some("1.2"));
    });
    assert_eq!(sent(&transport).len(), 2);
}

#[test]
fn a_long_text_is_divided_and_nothing_of_it_is_lost() {
    let (web, transport) = answering([OK; 4]);
    let text: String = (0..30_000).map(|n| char::from(b'a' + (n % 26) as u8)).collect();
    smol::block_on(async {
        let mut message = web.stream("D1", "1.1").status("");
        message.push(text.as_str()).await.unwrap();
        message.finish().await.unwrap();
    });
    let sent = sent(&transport);
    assert_eq!(sent.iter().map(|(_, shown)| shown.len()).collect::<Vec<_>>(), [12_000, 12_000, 6_000, 0]);
    assert_eq!(sent.iter().map(|(_, shown)| shown.as_str()).collect::<String>(), text);
}

#[test]
fn what_slack_refuses_is_kept_and_sent_again() {
    let refused = r#"{"ok":false,"error":"internal_error"}"#;
    let (web, transport) = answering([refused, OK, OK]);
    smol::block_on(async {
        let mut message = web.stream("D1", "1.1").status("");
        assert!(message.push("a".repeat(256)).await.is_err());
        message.push("b").await.unwrap();
        message.finish().await.unwrap();
    });
    let text = "a".repeat(256);
    let both = format!("{text}b");
    let kept = sent(&transport).into_iter().map(|(_, shown)| shown.replace('|', "")).collect::<Vec<_>>();
    assert_eq!(kept, [text, both, String::new()]);
}

#[test]
fn a_message_that_is_dropped_is_ended_in_the_background() {
    let (web, transport) = answering([OK; 3]);
    smol::block_on(async {
        let mut message = web.stream("D1", "1.1").status("");
        message.push("x".repeat(256)).await.unwrap();
        message.push("rest").await.unwrap();
        drop(message);
        while transport.sent.lock().unwrap().len() < 3 {
            smol::future::yield_now().await;
        }
    });
    is(
        &transport,
        &[("chat.startStream", &"x".repeat(256)), ("chat.appendStream", "rest"), ("chat.stopStream", "")],
    );
}

#[test]
fn without_text_there_is_no_message_and_no_status() {
    let (web, transport) = answering([OK; 2]);
    smol::block_on(async {
        let mut message = web.stream("D1", "1.1").status("is reading…");
        message.begin().await;
        message.push("").await.unwrap();
        assert_eq!(message.finish().await.unwrap(), None);
        // Nothing was begun here.
        drop(web.stream("D1", "1.1"));
    });
    is(&transport, &[("assistant.threads.setStatus", "is reading…"), ("assistant.threads.setStatus", "")]);
}

#[test]
fn a_status_that_cannot_be_set_stops_nothing() {
    let (web, transport) = answering([r#"{"ok":false,"error":"missing_scope"}"#, OK, OK]);
    smol::block_on(async {
        let mut message = web.stream("D1", "1.1");
        message.push("hi").await.unwrap();
        message.finish().await.unwrap();
    });
    assert_eq!(sent(&transport).len(), 3);
}
