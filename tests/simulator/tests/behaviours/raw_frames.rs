//! Frames sent by hand.

use super::client::{connect, newest, next, receive, start};
use futures_util::StreamExt;
use serde_json::json;
use socketmode_simulator::{Opcode, RawFrame};
use tokio_tungstenite::tungstenite::{Error, Message};

#[tokio::test]
async fn fragments_make_one_message_with_pings_between() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let text = json!({"type": "hello", "text": "grüße"}).to_string();
    let parts = text.bytes().map(|byte| vec![byte]).collect();
    slack.send_raw(newest(&slack), &RawFrame::Fragments { parts, pings_between: true }).unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Ping("between".into()));
    assert_eq!(receive(&mut socket).await["text"], "grüße");
    let fragments = slack.frames().iter().filter(|frame| frame.opcode == Opcode::Continuation).count();
    assert_eq!(fragments, text.len() - 1);
}

#[tokio::test]
async fn every_kind_of_frame_goes_out_as_it_is() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let link = newest(&slack);
    for (frame, message) in [
        (RawFrame::Text("no JSON".into()), Message::text("no JSON")),
        (RawFrame::TextBytes("ok".into()), Message::text("ok")),
        (RawFrame::Binary(vec![1, 2]), Message::binary(vec![1, 2])),
        (RawFrame::Ping(vec![3]), Message::Ping(vec![3].into())),
        (RawFrame::Pong(vec![4]), Message::Pong(vec![4].into())),
    ] {
        slack.send_raw(link, &frame).unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
    slack.send_raw(link, &RawFrame::Close(4000, "so".into())).unwrap();
    match next(&mut socket).await {
        Some(Ok(Message::Close(Some(frame)))) => {
            assert_eq!((u16::from(frame.code), frame.reason.as_str()), (4000, "so"));
        }
        other => panic!("a close frame was due, not {other:?}"),
    }
    assert!(slack.send_raw(link, &RawFrame::Text(String::new())).is_err());
}

#[tokio::test]
async fn text_need_not_be_utf8() {
    let slack = start();
    let mut socket = connect(&slack).await;
    slack.send_raw(newest(&slack), &RawFrame::TextBytes(vec![0xff, 0xfe])).unwrap();
    assert!(matches!(next(&mut socket).await, Some(Err(Error::Utf8(_)))));
}
