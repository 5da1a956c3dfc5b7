//! The connection that is kept for the next call.

use crate::harness::{LONG, on_each_driver};
use bytes::Bytes;
use http::Request;
use socketmode_driver::net::KEEP_ALIVE;
use socketmode_driver::{Network, Runtime};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

on_each_driver![it_is_closed_while_a_client_sleeps];

/// A server that answers one request on a connection, and then waits for its end: how long it was kept.
fn kept_for(server: &TcpListener) -> Duration {
    let (mut connection, _) = server.accept().unwrap();
    connection.set_read_timeout(Some(KEEP_ALIVE + LONG)).unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte).unwrap();
        request.extend(byte);
    }
    connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
    let answered = Instant::now();
    assert_eq!(connection.read(&mut [0]).unwrap(), 0, "it ends");
    answered.elapsed()
}

/// Nothing runs in the background: a transport closes it as it is asked to sleep.
async fn it_is_closed_while_a_client_sleeps<R: Runtime>() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/", server.local_addr().unwrap());
    let server = thread::spawn(move || kept_for(&server));
    let transport = R::with_network(&Network::default().no_proxy()).unwrap();
    let request = Request::get(uri).body(Bytes::new()).unwrap();
    assert_eq!(transport.send(request, 2).await.unwrap().body(), "ok");
    while !server.is_finished() {
        transport.sleep_until(transport.now() + Duration::from_millis(200)).await;
    }
    let kept = server.join().unwrap();
    assert!(kept > KEEP_ALIVE / 2, "{kept:?}");
}
