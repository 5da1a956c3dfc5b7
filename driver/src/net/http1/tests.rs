//! Requests and answers over a network in memory.

mod kept;

use super::*;
use crate::net::testing::{Answer, Host, World, network};
use crate::net::{BYTES_PER_POLL, MAX_BYTES_BEFORE_ANSWER, MAX_HEAD_BYTES};
use crate::transport::TransportErrorKind;
use http::header::AUTHORIZATION;
use rustls::pki_types::PrivatePkcs8KeyDer;
use smol::io::AsyncReadExt;
use std::sync::Arc;
use std::time::Duration;
use tungstenite::handshake::derive_accept_key;

const LIMIT: usize = 1_000;

fn client(world: &World, network: &Network) -> Http<World> {
    Http::new(world.clone(), network).unwrap()
}

fn get(uri: &str) -> Request<Bytes> {
    Request::get(uri).header(AUTHORIZATION, "Bearer xapp-for-this-host").body(Bytes::new()).unwrap()
}

fn answer(body: &str) -> Answer {
    Answer::Pieces(vec![with_length(body).into_bytes()])
}

fn with_length(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn chunked(chunks: impl IntoIterator<Item = usize>) -> Answer {
    let mut pieces = vec![b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec()];
    pieces.extend(
        chunks.into_iter().map(|bytes| format!("{bytes:x}\r\n{}\r\n", "x".repeat(bytes)).into_bytes()),
    );
    pieces.push(b"0\r\n\r\n".to_vec());
    Answer::Pieces(pieces)
}

/// What comes of one request to a peer with this answer.
fn ask(answer: Answer) -> (Result<Response<Bytes>, TransportError>, World) {
    let world = World::default();
    world.serve("slack.test", 80, [answer]);
    let http = client(&world, &network());
    let result = world.run(http.send(get("http://slack.test/api/x"), LIMIT));
    (result, world)
}

fn dial(answer: Answer) -> Result<Upgraded, TransportError> {
    let world = World::default();
    world.serve("slack.test", 80, [answer]);
    let url = SocketUrl::parse("ws://slack.test/link?ticket=1").unwrap();
    world.run(client(&world, &network()).open_websocket(&url))
}

#[test]
fn a_body_may_have_its_limit_and_not_a_byte_more() {
    for (bytes, fits) in [(LIMIT - 1, true), (LIMIT, true), (LIMIT + 1, false), (2 * LIMIT, false)] {
        let one_by_one = std::iter::repeat_n(1, bytes);
        let two = [bytes - 1, 1];
        for answer in [answer(&"x".repeat(bytes)), chunked([bytes]), chunked(two), chunked(one_by_one)] {
            match ask(answer).0 {
                Ok(response) => assert!(fits && response.body().len() == bytes, "{bytes}"),
                Err(error) => {
                    assert!(!fits && error.kind() == TransportErrorKind::TooLarge, "{bytes}: {error}");
                }
            }
        }
    }
}

#[test]
fn a_body_that_breaks_off_is_no_answer() {
    for text in [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let error = ask(Answer::Last(text.into())).0.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Io, "{error}");
    }
}

const EARLY: &str = "HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n";

#[test]
fn a_large_body_is_no_part_of_what_comes_before_it() {
    let world = World::default();
    let body = "x".repeat(2 * MAX_BYTES_BEFORE_ANSWER);
    world.serve("slack.test", 80, [answer(&body)]);
    let response = world.run(client(&world, &network()).send(get("http://slack.test/"), usize::MAX)).unwrap();
    assert_eq!(response.body().len(), body.len());
    assert_eq!(world.most_read_in_a_poll(), BYTES_PER_POLL);
}

/// A host `slack.test` that speaks TLS, and a network that trusts it, among others.
fn encrypted_host() -> (Arc<rustls::ServerConfig>, Network) {
    let identity = rcgen::generate_simple_self_signed(vec!["slack.test".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth();
    let key = PrivatePkcs8KeyDer::from(identity.signing_key.serialize_der());
    let config = config.with_single_cert(vec![identity.cert.der().clone()], key.into()).unwrap();
    let another = rcgen::generate_simple_self_signed(vec!["another.test".to_owned()]).unwrap();
    let network = network().add_root_certificates(identity.cert.pem());
    (Arc::new(config), network.add_root_certificates(another.cert.pem()))
}

/// A budget above TLS would see the smaller part of them.
#[test]
fn what_is_read_in_a_poll_is_counted_below_tls() {
    let (config, network) = encrypted_host();
    let world = World::default();
    let text = EARLY.repeat(3 * BYTES_PER_POLL / EARLY.len()) + &with_length("at last");
    // Each in a record of its own, which is more than twice as long.
    let pieces = text.as_bytes().chunks(16).map(<[u8]>::to_vec).collect();
    world.serve_by("slack.test", 443, Host::Encrypted(config, [Answer::Pieces(pieces)].into()));
    let response = world.run(client(&world, &network).send(get("https://slack.test/"), LIMIT)).unwrap();
    assert_eq!(response.body(), "at last");
    assert!(world.links()[0].bytes_sent > 2 * text.len(), "{}", world.links()[0].bytes_sent);
    assert_eq!(world.most_read_in_a_poll(), BYTES_PER_POLL);
}

#[test]
fn informational_answers_without_end_are_an_error() {
    let (result, world) = ask(Answer::Endless(EARLY.into()));
    let error = result.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::TooLarge, "{error}");
    assert!(world.links()[0].bytes_sent <= MAX_BYTES_BEFORE_ANSWER);
    assert_eq!(world.most_read_in_a_poll(), BYTES_PER_POLL);
    assert_eq!(world.now(), Duration::ZERO, "no deadline had to end it");
}

#[test]
fn what_comes_before_an_answer_may_have_its_limit() {
    let answer = with_length("");
    let room = MAX_BYTES_BEFORE_ANSWER - answer.len();
    for (bytes, fits) in [(room - 1, true), (room, true), (room + 1, false)] {
        let mut text = EARLY.repeat(bytes / EARLY.len() - 1);
        let padding = bytes - text.len() - "HTTP/1.1 103 x\r\nx: \r\n\r\n".len();
        text += &format!("HTTP/1.1 103 x\r\nx: {}\r\n\r\n", "y".repeat(padding));
        assert_eq!(text.len(), bytes);
        let (result, _) = ask(Answer::Pieces(vec![(text + &answer).into_bytes()]));
        match result {
            Ok(_) => assert!(fits, "{bytes}"),
            Err(error) => assert!(!fits && error.kind() == TransportErrorKind::TooLarge, "{bytes}: {error}"),
        }
    }
}

#[test]
fn a_head_without_end_is_an_error() {
    for text in ["HTTP/1.1 200 ", "HTTP/1.1 200 OK\r\nx: "] {
        let text = format!("{text}{}", "y".repeat(MAX_BYTES_BEFORE_ANSWER));
        let (result, world) = ask(Answer::Pieces(vec![text.into_bytes()]));
        assert!(result.is_err());
        assert!(world.links()[0].bytes_sent <= 2 * MAX_HEAD_BYTES, "{}", world.links()[0].bytes_sent);
    }
}

#[test]
fn a_flood_before_a_proxys_answer_is_an_error_that_names_it() {
    let world = World::default();
    world.serve("proxy.test", 3128, [Answer::Endless(EARLY.into())]);
    let http = client(&world, &network().proxy("http://proxy.test:3128"));
    let error = world.run(http.send(get("http://slack.test/"), LIMIT)).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Proxy, "{error}");
    assert!(error.to_string().contains("http://proxy.test:3128"), "{error}");
    assert!(error.to_string().contains("no answer among them"), "{error}");
    assert!(world.links()[0].bytes_sent <= MAX_BYTES_BEFORE_ANSWER);
}

#[test]
fn a_proxy_is_asked_for_a_tunnel_and_sees_no_token() {
    let world = World::default();
    let tunnel = Answer::Pieces(vec![b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n".to_vec()]);
    world.serve("proxy.test", 3128, [tunnel, answer("through")]);
    let http = client(&world, &network().proxy("http://proxy.test:3128"));
    let response = world.run(http.send(get("http://slack.test/api/x"), LIMIT)).unwrap();
    assert_eq!(response.body(), "through");
    let received = &world.links()[0].received;
    let (asked, sent) = received.split_once("\r\n\r\n").unwrap();
    assert!(asked.starts_with("CONNECT slack.test:80 HTTP/1.1") && !asked.contains("xapp"), "{asked}");
    assert!(sent.starts_with("GET /api/x HTTP/1.1"), "{sent}");
}

#[test]
fn tls_through_a_tunnel_carries_more_than_may_open_it() {
    let (config, network) = encrypted_host();
    let world = World::default();
    let tunnel = Answer::Pieces(vec![b"HTTP/1.1 200 OK\r\n\r\n".to_vec()]);
    let body = "x".repeat(2 * MAX_BYTES_BEFORE_ANSWER);
    world.serve_by("proxy.test", 3128, Host::Tunnel(config, [tunnel, answer(&body)].into()));
    let http = client(&world, &network.proxy("http://proxy.test:3128"));
    let response = world.run(http.send(get("https://slack.test/"), usize::MAX)).unwrap();
    assert_eq!(response.body().len(), body.len());
    let received = &world.links()[0].received;
    assert!(received.starts_with("CONNECT slack.test:443 HTTP/1.1"), "{received}");
}

#[test]
fn a_websocket_carries_more_than_may_come_before_it() {
    let upgraded = dial(Answer::Of(|request| {
        vec![opened(request, "", ""), vec![b'x'; MAX_BYTES_BEFORE_ANSWER], b"the end".to_vec()]
    }));
    let Upgraded { mut connection, read } = upgraded.unwrap();
    assert!(read.is_empty());
    let mut frames = vec![0; MAX_BYTES_BEFORE_ANSWER + "the end".len()];
    smol::block_on(connection.read_exact(&mut frames)).unwrap();
    assert!(frames.ends_with(b"the end"));
}

#[test]
fn a_proxy_that_speaks_behind_its_answer_is_told_at_once() {
    let world = World::default();
    world.serve("proxy.test", 3128, [Answer::Pieces(vec![b"HTTP/1.1 200 OK\r\n\r\nmore".to_vec()])]);
    let http = client(&world, &network().proxy("http://proxy.test:3128"));
    let error = world.run(http.send(get("http://slack.test/"), LIMIT)).unwrap_err();
    assert!(error.to_string().contains("it said more than that the tunnel is open"), "{error}");
    assert_eq!(world.now(), Duration::ZERO);
}

#[test]
fn a_connection_without_time_is_refused_at_the_start() {
    let error = Http::new(World::default(), &network().connect_timeout(Duration::ZERO)).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Setup);
    assert!(error.to_string().contains("connect_timeout"), "{error}");
}

/// The answer that opens the WebSocket, with more headers and more behind them.
fn opened(request: &str, headers: &str, behind: &str) -> Vec<u8> {
    let key = request.lines().find_map(|line| line.strip_prefix("sec-websocket-key: ")).unwrap();
    let accept = derive_accept_key(key.as_bytes());
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
         sec-websocket-accept: {accept}\r\n{headers}\r\n{behind}"
    )
    .into_bytes()
}

#[test]
fn an_opening_answer_in_single_bytes_is_as_good_as_any() {
    let upgraded =
        dial(Answer::Of(|request| opened(request, "", "").into_iter().map(|byte| vec![byte]).collect()));
    assert!(upgraded.unwrap().read.is_empty());
}

#[test]
fn what_came_behind_the_opening_answer_is_kept() {
    let upgraded = dial(Answer::Of(|request| vec![opened(request, "", "the first frames")]));
    let upgraded = upgraded.unwrap();
    assert_eq!(upgraded.read, "the first frames");
    assert_eq!(format!("{upgraded:?}"), "Upgraded { read: 16, .. }");
    // The WebSocket reads into it from then on: what is larger, an idle connection holds.
    assert_eq!(Vec::from(upgraded.read).capacity(), "the first frames".len());
}

#[test]
fn an_extension_or_subprotocol_that_nobody_asked_for_is_refused() {
    let extension =
        |request: &str| vec![opened(request, "sec-websocket-extensions: permessage-deflate\r\n", "")];
    let subprotocol = |request: &str| vec![opened(request, "sec-websocket-protocol: chat\r\n", "")];
    for answer in [Answer::Of(extension), Answer::Of(subprotocol)] {
        let error = dial(answer).unwrap_err();
        assert!(error.to_string().contains("not asked for"), "{error}");
    }
}

#[test]
fn an_opening_behind_endless_informational_answers_is_an_error() {
    let error = dial(Answer::Endless(EARLY.into())).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::TooLarge, "{error}");
}
