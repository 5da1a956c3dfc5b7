//! What clients can make the simulator hold is bounded, and so is the time it waits for them.

use super::client::{LONG, call, connect, exchange, newest, post, receive, start};
use super::control::get;
use super::program::Program;
use futures_util::SinkExt;
use futures_util::future::{join, join_all};
use serde_json::json;
use socketmode_simulator::{
    BODY_LIMIT, CHANNEL, Envelope, Fate, KEPT_BYTES, LinkEnd, MESSAGE_LIMIT, Options, PERSON, Simulator,
    WaitError,
};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

/// A form of so many bytes, with its number in it.
fn form(number: usize, bytes: usize) -> String {
    let start = format!("n={number}&text=");
    let rest = bytes - start.len();
    start + &"x".repeat(rest)
}

#[tokio::test]
async fn posts_of_300_mib_are_kept_within_the_bound() {
    const POSTS: usize = 300;
    // One that takes more than five posts.
    let slack = Simulator::start(Options { lenient: true, ..Options::default() }).unwrap();
    for number in 0..POSTS {
        let body = form(number, BODY_LIMIT);
        assert_eq!(post(slack.address(), "/response/1", &FORM, body).await.unwrap().status, 200);
    }
    let calls = slack.calls();
    let bytes: usize = calls.iter().map(|call| call.body["text"].as_str().unwrap().len()).sum();
    assert!(bytes <= KEPT_BYTES && bytes + 2 * BODY_LIMIT > KEPT_BYTES, "{bytes}");
    let numbers: Vec<_> = calls.iter().map(|call| call.body["n"].as_str().unwrap().to_owned()).collect();
    let newest: Vec<_> = (POSTS - numbers.len()..POSTS).map(|number| number.to_string()).collect();
    assert_eq!(numbers, newest);
    assert_eq!(slack.counters().calls, 300);
    // Those not yet handed out are the same ones, not others besides.
    for number in newest {
        assert_eq!(slack.wait_for_call("response_url", LONG).await.unwrap().body["n"], *number);
    }
    let none = slack.wait_for_call("response_url", Duration::from_millis(1)).await;
    assert!(matches!(none, Err(WaitError::TimedOut { .. })));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_program_holds_many_posts_in_bounded_memory() {
    let mut program = Program::start(&[]);
    let printed = program.read();
    for number in 0..150 {
        post(program.address, "/response/1", &FORM, form(number, BODY_LIMIT)).await.unwrap();
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: usize = peak.trim().trim_end_matches(" kB").parse().unwrap();
    // What is kept, a copy of it that is printed from, and some for the rest.
    assert!(kib * 1024 < 2 * KEPT_BYTES + (128 << 20), "{kib} KiB");
    drop(program);
    printed.await.unwrap();
}

#[tokio::test]
async fn a_body_may_have_its_limit_and_no_more() {
    let slack = Simulator::start(Options { lenient: true, ..Options::default() }).unwrap();
    let token = format!("Bearer {}", slack.bot_token());
    let headers = [("authorization", token.as_str()), FORM[0]];
    for path in ["/response/1", "/api/chat.postMessage"] {
        let most = post(slack.address(), path, &headers, form(1, BODY_LIMIT)).await.unwrap();
        let more = post(slack.address(), path, &headers, form(1, BODY_LIMIT + 1)).await.unwrap();
        assert_eq!((most.status, more.status), (200, 413), "{path}");
        assert!(more.body.contains(&BODY_LIMIT.to_string()), "{}", more.body);
    }
    assert_eq!(slack.calls().len(), 2);
}

#[tokio::test]
async fn a_message_may_have_its_limit_and_no_more() {
    let slack = start();
    let mut socket = connect(&slack).await;
    socket.send(Message::text("x".repeat(MESSAGE_LIMIT))).await.unwrap();
    slack.wait_until(LONG, |now| now.counters.strange_messages == 1).await.unwrap();
    assert!(slack.links()[0].is_open());
    // It may be cut off before all of it is sent.
    let _ = socket.send(Message::text("x".repeat(MESSAGE_LIMIT + 1))).await;
    slack.wait_until(LONG, |now| now.links[0].gone_at.is_some()).await.unwrap();
    assert_eq!(slack.counters().strange_messages, 1);
}

/// Whether the connection is ended by the other side without an answer.
async fn ends(tcp: &mut TcpStream) -> bool {
    let mut answer = Vec::new();
    match tokio::time::timeout(LONG, tcp.read_to_end(&mut answer)).await.expect("it is never closed") {
        Ok(bytes) => bytes == 0,
        // What was sent and not read makes it a reset.
        Err(_) => true,
    }
}

/// A connection that was served once and is kept, unless it is refused.
async fn kept(slack: &Simulator) -> Option<TcpStream> {
    let mut tcp = TcpStream::connect(slack.address()).await.unwrap();
    let request = format!("GET /none HTTP/1.1\r\nhost: {}\r\n\r\n", slack.address());
    tcp.write_all(request.as_bytes()).await.ok()?;
    let mut answer = [0; 512];
    let read = tokio::time::timeout(LONG, tcp.read(&mut answer)).await.expect("no answer and no end");
    (read.ok()? > 0).then_some(tcp)
}

#[tokio::test]
async fn so_many_connections_are_served_and_no_more() {
    let slack = Simulator::start(Options { max_connections: 3, ..Options::default() }).unwrap();
    let mut link = connect(&slack).await;
    let mut others = Vec::new();
    while others.len() < 2 {
        // That of the open may not have ended yet.
        others.extend(kept(&slack).await);
    }
    let refused = slack.counters().refused_connections;
    for more in 1..=2 {
        assert!(kept(&slack).await.is_none());
        assert_eq!(slack.counters().refused_connections, refused + more);
    }
    // Those within the bound are served all the while.
    slack.event(&json!({"type": "one"}));
    assert_eq!(receive(&mut link).await["payload"]["event"]["type"], "one");
    // Each that ends makes room, a link too.
    drop(others.pop());
    while others.len() < 2 {
        others.extend(kept(&slack).await);
    }
    drop(link);
    while others.len() < 3 {
        others.extend(kept(&slack).await);
    }
    assert!(kept(&slack).await.is_none());
}

#[tokio::test]
async fn a_client_that_sends_no_request_in_time_is_cut() {
    // Long enough for those that do send in time, on a busy machine.
    let client_timeout = Duration::from_secs(3);
    let slack = Simulator::start(Options { client_timeout, ..Options::default() }).unwrap();
    let mut link = connect(&slack).await;
    slack.hold_answers("auth.test");
    let (token, arguments) = (slack.bot_token(), json!({}));
    let mut held = std::pin::pin!(call(&slack, "auth.test", &token, &arguments));
    let (slack, host) = (&slack, &format!("host: {}\r\n", slack.address()));
    let slow = async {
        slack.wait_for_call("auth.test", LONG).await.unwrap();
        // All at once: each has to wait.
        let slow = [
            (String::new(), false),
            ("POST /api/auth".to_owned(), false),
            (format!("POST /api/auth.test HTTP/1.1\r\n{host}"), false),
            (format!("POST /link/ HTTP/1.1\r\n{host}upgrade: websocket\r\n"), false),
            // The next request is waited for no longer than the first.
            (format!("GET /none HTTP/1.1\r\n{host}\r\n"), true),
        ];
        let slow = slow.map(|(sent, answers)| async move {
            let mut tcp = TcpStream::connect(slack.address()).await.unwrap();
            tcp.write_all(sent.as_bytes()).await.unwrap();
            assert_eq!(ends(&mut tcp).await, !answers, "{sent}");
        });
        let half = ["/api/auth.test", "/response/1"].map(|path| async move {
            let half = format!("POST {path} HTTP/1.1\r\n{host}content-length: 10\r\n\r\nn=1");
            let answer = exchange(slack.address(), half.as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        });
        join(join_all(slow), join_all(half)).await;
    };
    tokio::select! {
        biased;
        answer = &mut held => panic!("{}", answer.body),
        () = slow => {}
    }
    // Who waits for the simulator is not cut, nor is a link.
    slack.release_answers("auth.test");
    assert_eq!(held.await.json()["ok"], true);
    slack.event(&json!({"type": "one"}));
    assert_eq!(receive(&mut link).await["payload"]["event"]["type"], "one");
    assert_eq!(slack.calls().len(), 1);
}

#[tokio::test]
async fn a_link_that_is_not_read_holds_so_many_bytes() {
    const PAYLOAD: usize = 32 << 20;
    let slack = Simulator::start(Options { record_frames: false, ..Options::default() }).unwrap();
    let _link = connect(&slack).await;
    slack.freeze(newest(&slack)).unwrap();
    let text = "x".repeat(PAYLOAD);
    for _ in 0..8 {
        slack.send_envelope(Envelope::new("big", json!(text)));
    }
    assert!(slack.links()[0].is_open());
    slack.send_envelope(Envelope::new("big", json!(text)));
    assert_eq!(slack.links()[0].end, Some(LinkEnd::Reset));
}

#[tokio::test]
async fn payloads_that_wait_are_bounded_in_their_bytes() {
    const PAYLOAD: usize = 8 << 20;
    let lenient = Options { lenient: true, record_frames: false, ..Options::default() };
    for options in [lenient, Options { record_frames: false, ..Options::default() }] {
        let slack = Simulator::start(options).unwrap();
        let text = "x".repeat(PAYLOAD);
        let send = || slack.event(&json!({"type": "big", "text": text}));
        let first = send();
        for _ in 0..14 {
            send();
        }
        assert_eq!((slack.counters().forgotten, slack.fate(&first)), (0, Some(Fate::Open)));
        send();
        assert_eq!((slack.counters().forgotten, slack.counters().unacked), (1, 15));
        assert_eq!(slack.fate(&first), Some(Fate::Lost("forgotten")));
        // It is not sent after all.
        let mut link = connect(&slack).await;
        slack.event(&json!({"type": "small"}));
        assert_ne!(receive(&mut link).await["envelope_id"], first.as_str());
    }
}

#[tokio::test]
async fn pings_leave_time_for_the_rest() {
    let ping_interval = Some(Duration::ZERO);
    let slack = Simulator::start(Options { ping_interval, ..Options::default() }).unwrap();
    let mut link = connect(&slack).await;
    slack.wait_until(LONG, |now| now.counters.pings_sent >= 20).await.unwrap();
    let now = slack.snapshot();
    let open = slack.frames().last().unwrap().at - now.links[0].opened_at;
    assert!(u128::from(now.counters.pings_sent) <= open.as_millis() + 1, "{now:?}");
    slack.event(&json!({"type": "one"}));
    assert_eq!(receive(&mut link).await["payload"]["event"]["type"], "one");
}

#[tokio::test]
async fn a_client_may_be_given_all_the_time_there_is() {
    let slack = Simulator::start(Options { client_timeout: Duration::MAX, ..Options::default() }).unwrap();
    assert_eq!(call(&slack, "auth.test", &slack.bot_token(), &json!({})).await.json()["ok"], true);
}

#[tokio::test]
async fn an_answer_has_the_newest_messages_and_views() {
    let slack = start();
    let long = "x".repeat(1 << 20);
    for number in 0..10 {
        slack.say(PERSON, CHANNEL, &format!("{number}{long}"));
        let view = json!({"type": "modal", "callback_id": number.to_string(), "private_metadata": long});
        slack.opened_before(&view);
    }
    for (path, all, field) in [("messages", "messages", "text"), ("views", "views", "callback_id")] {
        let answer = get(&slack, path).await;
        assert!(answer.body.len() < 12 << 20, "{path}: {}", answer.body.len());
        let answer = answer.json();
        let shown: Vec<_> =
            answer[all].as_array().unwrap().iter().map(|one| one[field].as_str().unwrap()).collect();
        let missed = answer["missed"].as_u64().unwrap();
        assert!(missed > 0 && missed + shown.len() as u64 == 10, "{path}: {missed}");
        assert!(shown[0] < shown[1] && shown.last().unwrap().starts_with('9'), "{path}");
    }
    let few = get(&slack, "messages?channel=C0RANDOM01").await.json();
    assert_eq!((&few["messages"], &few["missed"]), (&json!([]), &json!(0)));
}
