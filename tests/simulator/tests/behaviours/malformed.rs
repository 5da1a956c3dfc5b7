//! Requests that nobody should send: each has a clear answer, and none does any harm.

use super::client::{LONG, connect, start};
use super::control::{ask, get};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How many are sent.
const REQUESTS: u64 = 4_000;
/// How many are under way at once.
const AT_ONCE: usize = 16;
const SEED: u64 = 20_261_130;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % bound as u64).unwrap()
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most)).map(|_| self.roll().to_le_bytes()[0]).collect()
    }

    fn text(&mut self) -> String {
        let words =
            ["", "a", "C0GENERAL1", "\u{0}\u{202e}", "1.2", "/", "é漢👋", "all", "xoxb-", "V1", "../../etc"];
        (*self.pick(&words)).to_owned()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 7 } else { 10 }) {
            0 => Value::Null,
            1 => json!(self.one_in(2)),
            2 => json!(self.below(10)),
            3 => json!(-1),
            4 => json!(1e300),
            5 => json!(u64::MAX),
            6 => json!(self.text()),
            7 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let fields = (0..self.below(5)).map(|_| (self.field(), self.value(depth - 1)));
                Value::Object(fields.collect())
            }
        }
    }

    fn field(&mut self) -> String {
        let names = [
            "text",
            "user",
            "channel",
            "ts",
            "thread_ts",
            "name",
            "remove",
            "command",
            "action_id",
            "view_id",
            "value",
            "callback_id",
            "values",
            "event",
            "type",
            "payload",
            "accepts_response_payload",
            "envelope_id",
            "error",
            "retry_after",
            "times",
            "headers",
            "body",
            "count",
            "seconds",
            "for",
            "method",
            "entries",
            "view",
            "blocks",
            "trigger_id",
            "timestamp",
            "token",
            "unfurls",
            "kind",
            "params",
            "limit",
            "cursor",
            "files",
            "attachments",
            "markdown_text",
            "chunks",
            "hash",
            "users",
            "no_such_field",
        ];
        (*self.pick(&names)).to_owned()
    }

    fn path(&mut self) -> String {
        const PATHS: &[&str] = &[
            "say",
            "mention",
            "edit",
            "delete",
            "react",
            "command",
            "press",
            "submit",
            "close_view",
            "home",
            "suggest",
            "shortcut",
            "event",
            "envelope",
            "redeliver",
            "ghosts",
            "lifetime",
            "replay",
            "messages",
            "views",
            "state",
            "journal",
            "openapi.json",
            "links/1/warn",
            "links/all/thaw",
            "links/x/cut",
            "links/1",
            "calls/some.method",
            "calls/%00",
            "hold/some.method",
            "hold/",
            "",
            "/",
            "say/",
            "journal/stream/x",
            "state?x=1",
            "journal?since=x",
            "journal?limit=99999999999999999999",
            "messages?channel=%ff",
            "wait",
        ];
        const METHODS: &[&str] = &[
            "chat.postMessage",
            "chat.update",
            "chat.delete",
            "chat.postEphemeral",
            "chat.startStream",
            "chat.unfurl",
            "chat.appendStream",
            "chat.stopStream",
            "views.open",
            "views.push",
            "views.update",
            "views.publish",
            "reactions.add",
            "reactions.remove",
            "users.info",
            "conversations.info",
            "conversations.history",
            "conversations.list",
            "conversations.open",
            "conversations.replies",
            "files.getUploadURLExternal",
            "files.completeUploadExternal",
            "assistant.threads.setStatus",
            "functions.completeSuccess",
            "auth.test",
            "api.test",
            "apps.connections.open",
            "no.such.method",
            "",
            "a/b",
            "%20",
        ];
        match self.below(8) {
            0..=3 => format!("/_control/{}", self.pick(PATHS)),
            4 | 5 => format!("/api/{}", self.pick(METHODS)),
            6 => (*self.pick(&["/link/?ticket=x&app_id=y", "/response/x", "/upload/x", "/link", "/nowhere"]))
                .to_owned(),
            _ => format!("/{}", self.text().replace(|c: char| !c.is_ascii_graphic(), "%")),
        }
    }

    fn body(&mut self) -> Vec<u8> {
        match self.below(12) {
            0 => Vec::new(),
            1 => self.bytes(200),
            2 => "[".repeat(100_000).into_bytes(),
            3 => "{\"a\":".repeat(20_000).into_bytes(),
            4 => {
                let body = self.value(3).to_string();
                body.into_bytes().split_last().map(|(_, rest)| rest.to_vec()).unwrap_or_default()
            }
            5 => format!("text={}&channel=%ff&blocks=[1, {{&view=x", self.text()).into_bytes(),
            6 => vec![b'x'; 1_100_000],
            7 => self.value(1).to_string().into_bytes(),
            _ => {
                let fields = (0..=self.below(5)).map(|_| (self.field(), self.value(2)));
                Value::Object(fields.collect()).to_string().into_bytes()
            }
        }
    }
}

/// A request as bytes, and whether its end may be missing.
fn request(dice: &mut Dice, own: SocketAddr, token: &str) -> (Vec<u8>, bool) {
    const METHODS: &[&str] = &[
        "POST", "POST", "POST", "POST", "GET", "GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "BREW",
        "post",
    ];
    const KINDS: &[&str] = &[
        "application/json",
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "text/plain",
        "application/octet-stream",
        "\u{1}",
        ";",
    ];
    let (method, path, body) = (*dice.pick(METHODS), dice.path(), dice.body());
    let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    if !dice.one_in(30) {
        head.push_str(&format!("host: {own}\r\n"));
    }
    if !dice.one_in(10) {
        head.push_str(&format!("content-type: {}\r\n", dice.pick(KINDS)));
    }
    if dice.one_in(2) {
        let other = dice.text().replace(char::is_control, "");
        head.push_str(&format!("authorization: Bearer {}\r\n", if dice.one_in(4) { &other } else { token }));
    }
    if dice.one_in(20) {
        head.push_str(&format!("x-long: {}\r\n", "y".repeat(dice.below(80_000))));
    }
    if dice.one_in(20) {
        head.push_str(&"x-many: z\r\n".repeat(dice.below(200)));
    }
    if dice.one_in(20) {
        head.push_str("upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: x\r\n");
    }
    let mut is_cut = dice.one_in(15) && !body.is_empty();
    let length = body.len() as u64 + u64::from(is_cut) * 10;
    let kind = dice.below(30);
    match kind {
        0 => head.push_str("content-length: -1\r\n"),
        1 => head.push_str("content-length: 99999999999999999999999\r\n"),
        2 => head.push_str("content-length: many\r\n"),
        3 => head.push_str("transfer-encoding: chunked\r\n"),
        4 => head.push_str(&format!("content-length: {length}\r\ncontent-length: 1\r\n")),
        _ => head.push_str(&format!("content-length: {length}\r\n")),
    }
    // Of chunks the last one is missing, unless the first is none.
    is_cut |= kind == 3;
    let mut bytes = format!("{head}\r\n").into_bytes();
    bytes.extend(body);
    if dice.one_in(50) {
        let end = dice.below(bytes.len());
        bytes.truncate(end);
        return (bytes, true);
    }
    if dice.one_in(50) {
        let place = dice.below(bytes.len());
        bytes[place] = dice.roll().to_le_bytes()[0];
        is_cut = true;
    }
    (bytes, is_cut)
}

/// What comes back until the server closes.
async fn exchange(own: SocketAddr, bytes: &[u8], is_cut: bool) -> Vec<u8> {
    let tcp = TcpStream::connect(own).await.unwrap();
    let (mut from, mut to) = tcp.into_split();
    let mut answer = Vec::new();
    let send = async {
        // The server may have refused it, and closed, before it has read all of it.
        let _ = to.write_all(bytes).await;
        if is_cut {
            let _ = to.shutdown().await;
        }
    };
    let receive = from.read_to_end(&mut answer);
    let _ = tokio::join!(send, receive);
    answer
}

/// What is wrong with an answer.
fn judge(answer: &[u8], is_cut: bool) -> Option<String> {
    let text = String::from_utf8_lossy(answer);
    if answer.is_empty() {
        // It was closed by the client first.
        return (!is_cut).then(|| "no answer".to_owned());
    }
    let status: u16 = text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let json: Option<Value> = serde_json::from_str(body).ok();
    match (status, &json) {
        (200, Some(json)) if json["ok"] == true || json["ok"] == false || json.get("openapi").is_some() => {
            None
        }
        (200, None) => None,
        (400..=499, _) => None,
        _ => Some(format!("{status} {body:.300}")),
    }
}

#[tokio::test]
async fn odd_requests_are_answered_clearly() {
    let slack = start();
    let (own, token) = (slack.address(), slack.bot_token());
    let mut dice = Dice(SEED);
    let mut unanswered = 0;
    let mut number = 0;
    while number < REQUESTS {
        let mut together = Vec::new();
        for _ in 0..AT_ONCE {
            let (bytes, is_cut) = request(&mut dice, own, &token);
            number += 1;
            let sent = async move {
                let answer = tokio::time::timeout(LONG, exchange(own, &bytes, is_cut)).await;
                (String::from_utf8_lossy(&bytes[..bytes.len().min(600)]).into_owned(), is_cut, answer)
            };
            together.push(tokio::spawn(sent));
        }
        for sent in together {
            let (request, is_cut, answer) = sent.await.unwrap();
            let answer = answer.unwrap_or_else(|_| panic!("no end to the answer to {request}"));
            unanswered += u64::from(answer.is_empty());
            if let Some(wrong) = judge(&answer, is_cut) {
                panic!("{wrong}: the answer to {request}");
            }
        }
    }
    assert!(unanswered < REQUESTS / 10, "{unanswered} without an answer");
    // It is as it was.
    let _socket = connect(&slack).await;
    ask(&slack, "wait", &json!({"for": "links", "count": 1})).await;
    assert_eq!(get(&slack, "state").await.json()["ok"], true);
}
