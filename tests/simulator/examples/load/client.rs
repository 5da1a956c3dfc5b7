//! A client that does nothing but acknowledge.

use futures_util::{SinkExt, StreamExt};
use socketmode_simulator::Simulator;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::{self, JoinHandle};
use tokio_tungstenite::tungstenite::Message;

/// Messages that are read before the acknowledgements are written.
const TOGETHER: usize = 64;

/// Connects, and acknowledges everything on a thread of its own until the link ends.
pub(crate) fn start(slack: &Simulator) -> JoinHandle<()> {
    let (address, url) = (slack.address(), url(slack));
    thread::Builder::new()
        .name("load-client".to_owned())
        .spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let tcp = tokio::net::TcpStream::connect(address).await.expect("a connection");
                tcp.set_nodelay(true).expect("a socket");
                let (socket, _) = tokio_tungstenite::client_async(url, tcp).await.expect("a link");
                let (mut out, messages) = socket.split();
                let mut messages = messages.ready_chunks(TOGETHER);
                while let Some(together) = messages.next().await {
                    for message in together.into_iter().flatten() {
                        let Some(id) = message.to_text().ok().and_then(envelope_id) else { continue };
                        let ack = format!("{{\"envelope_id\":\"{id}\"}}");
                        if out.feed(Message::text(ack)).await.is_err() {
                            return;
                        }
                    }
                    if out.flush().await.is_err() {
                        return;
                    }
                }
            });
        })
        .expect("a thread")
}

fn envelope_id(text: &str) -> Option<&str> {
    text.split_once("\"envelope_id\":\"")?.1.split_once('"').map(|(id, _)| id)
}

/// The URL of a link.
fn url(slack: &Simulator) -> String {
    let mut tcp = TcpStream::connect(slack.address()).expect("a connection");
    let request = format!(
        "POST /api/apps.connections.open HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         content-length: 0\r\nconnection: close\r\n\r\n",
        slack.address(),
        slack.app_token()
    );
    tcp.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).expect("an answer");
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    body.get("url").and_then(|url| url.as_str()).expect("a URL").to_owned()
}
