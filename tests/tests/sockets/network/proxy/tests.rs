//! The proxy, tried by a bare client.

use crate::harness::ms;
use crate::network::bare::{connect, echo, exchange, tls, trusting, until};
use crate::network::{Authority, HttpProxy, ProxyAnswer, ProxyOptions, TunnelRecord};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use socketmode_simulator::fault::Service;
use std::io::{self, Read, Write};
use std::net::TcpStream;

/// A server called `slack.test`, and a proxy that alone knows where it is.
fn start(change: impl FnOnce(&mut ProxyOptions)) -> (Service, HttpProxy) {
    let target = echo();
    let names = [("slack.test".to_owned(), target.address())].into();
    let mut options = ProxyOptions { names, ..ProxyOptions::default() };
    change(&mut options);
    (target, HttpProxy::start(options))
}

fn dial(proxy: &HttpProxy) -> TcpStream {
    connect(proxy.url().strip_prefix("http://").unwrap().parse().unwrap())
}

/// Asks for a tunnel, and gives the head of the answer.
fn ask(stream: &mut (impl Read + Write), authority: &str, headers: &str) -> io::Result<String> {
    write!(stream, "CONNECT {authority} HTTP/1.1\r\nhost: {authority}\r\n{headers}\r\n")?;
    stream.flush()?;
    head(stream)
}

fn head(stream: &mut impl Read) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

#[test]
fn tunnels_lead_where_the_proxy_knows_and_can_be_cut() {
    let (target, proxy) = start(|_| {});
    let local = format!("localhost:{}", target.address().port());
    let literal = target.address().to_string();
    for (index, authority) in ["slack.test:443", &local, &literal].into_iter().enumerate() {
        let mut stream = dial(&proxy);
        assert!(ask(&mut stream, authority, "").unwrap().starts_with("HTTP/1.1 200"));
        assert!(proxy.tunnels()[index].open);
        assert_eq!(exchange(&mut stream, "hello").unwrap(), "hello");
        proxy.cut_all();
        // An end or a reset: nothing comes any more.
        assert!(!stream.read(&mut [0]).is_ok_and(|bytes| bytes > 0));
        let record =
            TunnelRecord { authority: authority.to_owned(), bytes_up: 5, bytes_down: 5, open: false };
        assert_eq!(proxy.tunnels()[index], record);
    }
    assert!(ask(&mut dial(&proxy), "elsewhere.test:443", "").unwrap().starts_with("HTTP/1.1 502"));
    assert_eq!((proxy.tunnels().len(), proxy.refusals()), (3, 1));
}

#[test]
fn a_tunnel_ends_with_its_client() {
    let (_target, proxy) = start(|_| {});
    let mut stream = dial(&proxy);
    ask(&mut stream, "slack.test:443", "").unwrap();
    drop(stream);
    until("the end of the tunnel", || !proxy.tunnels()[0].open);
}

#[test]
fn without_the_right_credentials_nothing_is_carried() {
    let credentials = Some(("bot".to_owned(), "p@ss:word".to_owned()));
    let (_target, proxy) = start(|options| options.credentials = credentials);
    let header = |text: &str| format!("proxy-authorization: Basic {}\r\n", STANDARD.encode(text));
    for wrong in [String::new(), header("bot:password")] {
        let answer = ask(&mut dial(&proxy), "slack.test:443", &wrong).unwrap();
        assert!(answer.starts_with("HTTP/1.1 407"), "{answer}");
        assert!(answer.contains("proxy-authenticate: Basic"), "{answer}");
    }
    let right = ask(&mut dial(&proxy), "slack.test:443", &header("bot:p@ss:word")).unwrap();
    assert!(right.starts_with("HTTP/1.1 200"), "{right}");
    assert_eq!((proxy.tunnels().len(), proxy.refusals()), (1, 2));
    let url = proxy.url_with("bot", "p@ss:word");
    assert!(url.starts_with("http://bot:p%40ss%3Aword@127.0.0.1:"), "{url}");
}

#[test]
fn an_answer_can_be_ordered() {
    let (_target, proxy) = start(|_| {});
    proxy.answer_all(ProxyAnswer::Status(503));
    proxy.answer_next(ProxyAnswer::Close);
    proxy.answer_next(ProxyAnswer::Garbage);
    proxy.answer_next(ProxyAnswer::Stall);
    let ask = |stream: &mut TcpStream| ask(stream, "slack.test:443", "");
    assert_eq!(ask(&mut dial(&proxy)).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    assert!(ask(&mut dial(&proxy)).unwrap().contains("no proxy"));
    let mut stalled = dial(&proxy);
    stalled.set_read_timeout(Some(ms(50))).unwrap();
    assert_eq!(ask(&mut stalled).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    assert!(ask(&mut dial(&proxy)).unwrap().starts_with("HTTP/1.1 503"));
    assert_eq!((proxy.tunnels(), proxy.refusals()), (vec![], 4));
    proxy.answer_all(ProxyAnswer::Tunnel);
    assert!(ask(&mut dial(&proxy)).unwrap().starts_with("HTTP/1.1 200"));
}

#[test]
fn plain_requests_are_passed_on() {
    let slack = socketmode_simulator::Simulator::start(Default::default()).unwrap();
    slack.set_public_origin("http://slack.test");
    let names = [("slack.test".to_owned(), slack.address())].into();
    let proxy = HttpProxy::start(ProxyOptions { names, ..ProxyOptions::default() });
    let mut stream = dial(&proxy);
    let request = "POST http://slack.test/api/auth.test HTTP/1.1\r\nhost: slack.test\r\n";
    write!(stream, "{request}proxy-connection: keep-alive\r\ncontent-length: 0\r\n\r\n").unwrap();
    assert!(head(&mut stream).unwrap().starts_with("HTTP/1.1 200"));
    assert_eq!(proxy.forwarded(), ["slack.test"]);
    assert_eq!(slack.calls()[0].method, "auth.test");
}

#[test]
fn it_speaks_tls_where_it_has_an_identity() {
    let authority = Authority::new();
    let identity = Some(authority.issue(&["127.0.0.1"]));
    let (_target, proxy) = start(|options| options.identity = identity);
    let url = proxy.url();
    let address = url.strip_prefix("https://").unwrap().parse().unwrap();
    let mut stream = tls(&trusting(&authority, None), "127.0.0.1", connect(address)).unwrap();
    ask(&mut stream, "slack.test:443", "").unwrap();
    assert_eq!(exchange(&mut stream, "hello").unwrap(), "hello");

    assert!(tls(&trusting(&Authority::new(), None), "127.0.0.1", connect(address)).is_err());
    until("the refusal", || proxy.refusals() == 1);
}
