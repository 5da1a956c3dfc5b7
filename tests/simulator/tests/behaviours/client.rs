//! A bare client.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use socketmode_simulator::{EnvelopeId, LinkId, Options, Simulator};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Longer than anything takes; only a failing test waits this long.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) type Socket = WebSocketStream<TcpStream>;

pub(crate) fn start() -> Simulator {
    Simulator::start(Options::default()).unwrap()
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What comes back for these bytes until the server closes.
pub(crate) async fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let mut tcp = TcpStream::connect(address).await.unwrap();
    tcp.write_all(bytes).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(LONG, tcp.read_to_string(&mut answer)).await.expect("it is never closed").unwrap();
    answer
}

/// A POST; an error where no answer comes.
pub(crate) async fn post(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    body: String,
) -> Result<Answer, hyper::Error> {
    let tcp = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tcp)).await?;
    tokio::spawn(connection);
    let mut request = http::Request::post(path).header("host", address.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = sender.send_request(request.body(Full::new(Bytes::from(body))).unwrap()).await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.into_body().collect().await?.to_bytes();
    Ok(Answer { status, headers, body: String::from_utf8(body.to_vec()).unwrap() })
}

pub(crate) async fn call(slack: &Simulator, method: &str, token: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json; charset=utf-8")];
    post(slack.address(), &format!("/api/{method}"), &headers, body.to_string()).await.unwrap()
}

pub(crate) async fn open(slack: &Simulator) -> Answer {
    call(slack, "apps.connections.open", &slack.app_token(), &json!({})).await
}

pub(crate) async fn ticket(slack: &Simulator, token: &str) -> String {
    let answer = call(slack, "apps.connections.open", token, &json!({})).await.json();
    answer["url"].as_str().unwrap_or_else(|| panic!("no URL in {answer}")).to_owned()
}

pub(crate) async fn dial(
    slack: &Simulator,
    request: impl IntoClientRequest + Unpin,
) -> Result<Socket, Error> {
    dial_at(slack.address(), request).await
}

pub(crate) async fn dial_at(
    address: SocketAddr,
    request: impl IntoClientRequest + Unpin,
) -> Result<Socket, Error> {
    let tcp = TcpStream::connect(address).await.unwrap();
    tcp.set_nodelay(true).unwrap();
    tokio_tungstenite::client_async(request, tcp).await.map(|(socket, _)| socket)
}

/// Opens and dials; the link has said nothing yet.
pub(crate) async fn link(slack: &Simulator) -> Socket {
    let url = ticket(slack, &slack.app_token()).await;
    dial(slack, &url).await.unwrap()
}

/// A link past its hello.
pub(crate) async fn connect(slack: &Simulator) -> Socket {
    let mut socket = link(slack).await;
    assert_eq!(receive(&mut socket).await["type"], "hello");
    socket
}

/// The number of the link dialled last.
pub(crate) fn newest(slack: &Simulator) -> LinkId {
    slack.links().last().unwrap().id
}

/// The next message that is no ping or pong.
pub(crate) async fn next(socket: &mut Socket) -> Option<Result<Message, Error>> {
    tokio::time::timeout(LONG, async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => return other,
            }
        }
    })
    .await
    .expect("nothing came")
}

/// The next text message, as JSON.
pub(crate) async fn receive(socket: &mut Socket) -> Value {
    match next(socket).await {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
        other => panic!("a text message was due, not {other:?}"),
    }
}

/// The next envelope that is no event: the bot hears its own posts.
pub(crate) async fn no_event(socket: &mut Socket) -> Value {
    loop {
        let envelope = receive(socket).await;
        if envelope["type"] != "events_api" {
            return envelope;
        }
    }
}

/// A `trigger_id` that is good, by a command.
pub(crate) async fn trigger(slack: &Simulator, socket: &mut Socket) -> Value {
    slack.command("/form", "");
    no_event(socket).await["payload"]["trigger_id"].clone()
}

/// The code of the close frame that is next; then finishes the close handshake. TCP is left to the client.
pub(crate) async fn closed(socket: &mut Socket) -> u16 {
    let code = match next(socket).await {
        Some(Ok(Message::Close(Some(frame)))) => frame.code.into(),
        other => panic!("a close frame was due, not {other:?}"),
    };
    // The reply goes out with what is flushed.
    let _ = socket.flush().await;
    code
}

pub(crate) async fn send(socket: &mut Socket, value: &Value) {
    socket.send(Message::text(value.to_string())).await.unwrap();
}

pub(crate) async fn ack(socket: &mut Socket, envelope: &Value) {
    send(socket, &json!({"envelope_id": envelope["envelope_id"]})).await;
}

/// Somebody presses a button of a message that the bot has posted before.
pub(crate) fn click(slack: &Simulator, action_id: &str, value: &str) -> EnvelopeId {
    slack.press(&slack.button_before(action_id, value), action_id).unwrap()
}

/// A response whose whole frame has so many bytes.
pub(crate) fn response_of(bytes: usize, envelope: &Value) -> Value {
    let response = |text: String| json!({"envelope_id": envelope["envelope_id"], "payload": {"text": text}});
    let rest = bytes - response(String::new()).to_string().len();
    response("x".repeat(rest))
}
