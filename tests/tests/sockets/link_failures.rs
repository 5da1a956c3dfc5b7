//! Whether a link is alive.

use crate::harness::{LONG, Stage, ms, on_each_driver};
use futures_util::StreamExt;
use socketmode_driver::{Event, Frame, Network, Notice, Runtime};
use socketmode_protocol::{EndReason, SocketUrl, StopReason, limits};
use socketmode_simulator::{CHANNEL, Options, PERSON, Pongs};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::thread;
use tungstenite::handshake::derive_accept_key;

on_each_driver![
    what_comes_with_the_opening_answer_is_read,
    a_half_open_link_is_found_within_the_silence_and_replaced,
    a_link_that_answers_pings_with_other_bytes_is_alive,
    a_link_that_is_reset_or_dropped_is_replaced,
    a_peer_that_leaves_tcp_open_does_not_hold_up_the_end,
    socket_mode_switched_off_stops_the_client_and_says_why,
];

/// Slack's hello may come in one packet with it.
pub(crate) async fn what_comes_with_the_opening_answer_is_read<R: Runtime>() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/link/?ticket=1", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut peer, _) = listener.accept().unwrap();
        let (mut request, mut byte) = (Vec::new(), [0]);
        while !request.ends_with(b"\r\n\r\n") {
            peer.read_exact(&mut byte).unwrap();
            request.extend(byte);
        }
        let request = String::from_utf8(request).unwrap();
        let key = request.lines().find_map(|line| line.strip_prefix("sec-websocket-key: ")).unwrap();
        let accept = derive_accept_key(key.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
             sec-websocket-accept: {accept}\r\n\r\n"
        );
        peer.write_all(&[answer.as_bytes(), b"\x81\x05hello\x81\x03you"].concat()).unwrap();
        peer.shutdown(Shutdown::Write).unwrap();
        peer
    });
    let transport = R::with_network(&Network::default().no_proxy()).unwrap();
    let mut socket = transport.dial(&SocketUrl::parse(&url).unwrap()).await.unwrap();
    for said in ["hello", "you"] {
        match socket.next().await {
            Some(Ok(Frame::Text(text))) => assert_eq!(text.as_ref(), said),
            other => panic!("{other:?} instead of {said:?}"),
        }
    }
    drop(server.join().unwrap());
}

async fn a_half_open_link_is_found_within_the_silence_and_replaced<R: Runtime>() {
    let stage = Stage::<R>::new(Options { ping_interval: Some(ms(300)), ..Options::default() });
    let attentive = stage.builder().config(|config| {
        config.silence = ms(1_000);
        config.client_ping = Some(ms(400));
    });
    let (mut bot, half_open) = stage.connected(attentive).await;
    let start = stage.clock.now();
    stage.slack.freeze(half_open).unwrap();
    let reason = bot
        .until("the end of the link", |event| match event {
            Event::Notice(Notice::Disconnected { reason, .. }) => Some(reason.clone()),
            _ => None,
        })
        .await;
    assert_eq!(reason, EndReason::Silent);
    // However busy the machine is: sooner than with the silence that is the default.
    let waited = stage.clock.now().saturating_since(start);
    assert!(waited < limits::SILENCE, "{waited:?}");
    bot.connected().await;
    let id = stage.slack.say(PERSON, CHANNEL, "hello?");
    // Slack may think that the half-open one is alive, and send there.
    let worker = bot.acknowledge_all();
    stage.slack.thaw(half_open).unwrap();
    stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    stage.slack.wait_until(LONG, |now| now.links[0].gone_at.is_some()).await.unwrap();
    worker.ends().await;
}

async fn a_link_that_answers_pings_with_other_bytes_is_alive<R: Runtime>() {
    let pongs = Pongs::Other(b"Ping from applink-1".to_vec());
    let stage = Stage::<R>::new(Options { ping_interval: None, pongs, ..Options::default() });
    let attentive = stage.builder().config(|config| {
        config.silence = ms(4_000);
        config.client_ping = Some(ms(100));
    });
    let (bot, _) = stage.connected(attentive).await;
    // Longer than the silence, were it not for the pongs.
    stage.slack.wait_until(LONG, |now| now.counters.pings_received >= 45).await.unwrap();
    assert_eq!(stage.slack.counters().hellos, 1);
    bot.ends(LONG).await;
}

async fn a_link_that_is_reset_or_dropped_is_replaced<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, first) = stage.connected(stage.builder()).await;
    stage.slack.reset(first).unwrap();
    bot.connected().await;
    let second = stage.slack.wait_for_links(1, LONG).await.unwrap()[0].id;
    stage.slack.drop_link(second).unwrap();
    bot.connected().await;
    let third = stage.slack.wait_for_links(1, LONG).await.unwrap()[0].id;
    stage.slack.close(third, 1001).unwrap();
    bot.connected().await;
    let id = stage.slack.say(PERSON, CHANNEL, "still there?");
    stage.clock.soon("the outcome", bot.request().await.ack()).await.unwrap();
    stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    assert_eq!((stage.slack.counters().opens, stage.slack.counters().hellos), (4, 4));
    bot.ends(LONG).await;
}

async fn a_peer_that_leaves_tcp_open_does_not_hold_up_the_end<R: Runtime>() {
    let stage = Stage::<R>::new(Options { close_tcp: false, ..Options::default() });
    let (mut bot, first) = stage.connected(stage.builder()).await;
    stage.slack.close(first, 1000).unwrap();
    bot.connected().await;
    stage.slack.wait_until(LONG, |now| now.links[0].gone_at.is_some()).await.unwrap();
    bot.ends(LONG).await;
    stage.all_gone().await;
}

async fn socket_mode_switched_off_stops_the_client_and_says_why<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, link) = stage.connected(stage.builder()).await;
    stage.slack.disconnect_message(link, "link_disabled").unwrap();
    assert_eq!(bot.stopped().await, StopReason::LinkDisabled);
    assert!(stage.clock.soon("the end of the events", bot.events.next()).await.is_none());
    stage.all_gone().await;
    assert_eq!(stage.slack.counters().opens, 1);
}
