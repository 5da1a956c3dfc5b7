//! Whether a client says that it receives, over real sockets.

use crate::harness::{Bot, LONG, Stage, ms, on_each_driver};
use socketmode_driver::{Event, Health, HealthChanges, Notice, Runtime, Unready};
use socketmode_simulator::{CHANNEL, OpenAnswer, Options, PERSON};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

on_each_driver![
    readiness_follows_an_outage_and_its_gap_is_told,
    a_half_open_link_ends_readiness_until_it_is_replaced,
    a_queue_that_nobody_reads_ends_readiness_until_it_is_read,
    readiness_outlives_a_rotation_and_ends_with_a_shutdown,
    a_probe_is_answered_beside_a_peer_that_asks_nothing,
];

/// Watches until the health is as it is waited for. Whatever comes in between was so.
async fn until<R: Runtime>(
    bot: &Bot<R>,
    changes: &mut HealthChanges<R>,
    what: &str,
    holds: impl Fn(&Health) -> bool,
) -> Health {
    let wait = async {
        loop {
            let Some(health) = changes.next().await else { panic!("it stopped before {what}") };
            if holds(&health) {
                return health;
            }
        }
    };
    bot.clock.soon(what, wait).await
}

async fn readiness_follows_an_outage_and_its_gap_is_told<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let mut bot = stage.bot(stage.builder());
    let mut changes = bot.client.health_changes();
    let health = bot.clock.soon("readiness", bot.client.ready()).await.unwrap();
    assert_eq!((health.gap, health.connections.active), (None, 1));
    bot.connected().await;
    let link = stage.slack.wait_for_links(1, LONG).await.unwrap()[0].id;
    for _ in 0..3 {
        stage.slack.next_open(OpenAnswer::Error("internal_error".into()));
    }
    let before = stage.clock.now();
    stage.slack.drop_link(link).unwrap();
    let outage = |health: &Health| health.reconnects.lost + health.reconnects.closed == 1;
    until(&bot, &mut changes, "the outage", outage).await;
    let health = until(&bot, &mut changes, "the end of it", |health| health.ready).await;
    assert_eq!(health.reconnects.failed_attempts, 3);
    // It began before the link was cut, with the last frame.
    let gap = bot
        .until("the gap", |event| match event {
            Event::Notice(Notice::Connected { gap, .. }) => Some(*gap),
            _ => None,
        })
        .await;
    assert_eq!(gap, health.gap);
    assert!(gap.unwrap() + ms(1) >= ms(100), "three back-offs: {gap:?}");
    assert!(stage.clock.now() > before);
    bot.ends(LONG).await;
}

async fn a_half_open_link_ends_readiness_until_it_is_replaced<R: Runtime>() {
    let stage = Stage::<R>::new(Options { ping_interval: Some(ms(300)), ..Options::default() });
    let attentive = stage.builder().config(|config| {
        config.silence = ms(1_000);
        config.client_ping = Some(ms(400));
    });
    let (bot, half_open) = stage.connected(attentive).await;
    let mut changes = bot.client.health_changes();
    until(&bot, &mut changes, "readiness", |health| health.ready).await;
    // Its replacement has to wait until it was looked at.
    stage.slack.next_open(OpenAnswer::Error("internal_error".into()));
    stage.slack.freeze(half_open).unwrap();
    let health = until(&bot, &mut changes, "the silence", |health| health.reconnects.silent > 0).await;
    assert!(!health.ready || health.reconnects.failed_attempts > 0, "{health:?}");
    let health = until(&bot, &mut changes, "its replacement", |health| health.ready).await;
    assert!(health.gap >= Some(ms(1_000)), "it counts from the last frame: {health:?}");
    stage.slack.thaw(half_open).unwrap();
    bot.ends(LONG).await;
}

async fn a_queue_that_nobody_reads_ends_readiness_until_it_is_read<R: Runtime>() {
    let stage = Stage::<R>::new(Options { ack_deadline: 6 * LONG, ..Options::default() });
    let (mut bot, _) = stage.connected(stage.builder().queue_capacity(2)).await;
    let mut changes = bot.client.health_changes();
    until(&bot, &mut changes, "readiness", |health| health.ready).await;
    for _ in 0..2 {
        stage.slack.say(PERSON, CHANNEL, "is anybody there?");
    }
    let health = until(&bot, &mut changes, "a full queue", |health| !health.ready).await;
    assert_eq!((health.unready, health.live, health.up), (Some(Unready::QueueFull), true, true));
    assert_eq!((health.queued, health.outstanding), (2, 2));
    for _ in 0..2 {
        let ack = bot.request().await.ack();
        stage.clock.soon("the outcome", ack).await.unwrap();
    }
    until(&bot, &mut changes, "room", |health| health.ready).await;
    // The health is that of the loop's last turn, which may be under way on another thread.
    let is_done =
        |health: Health| (health.queued, health.outstanding, health.oldest_outstanding) == (0, 0, None);
    stage.clock.until("nothing is left", || is_done(bot.client.health())).await;
    bot.ends(LONG).await;
}

async fn readiness_outlives_a_rotation_and_ends_with_a_shutdown<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (bot, link) = stage.connected(stage.builder()).await;
    let mut changes = bot.client.health_changes();
    until(&bot, &mut changes, "readiness", |health| health.ready).await;
    stage.slack.disconnect_message(link, "refresh_requested").unwrap();
    until(&bot, &mut changes, "the rotation", |health| {
        assert!(health.ready, "{health:?}");
        health.reconnects.rotated == 1
    })
    .await;
    let client = bot.client.clone();
    bot.ends(LONG).await;
    let last = stage.clock.soon("the end", async {
        let mut last = None;
        while let Some(health) = changes.next().await {
            last = Some(health);
        }
        last
    });
    assert_eq!(last.await.unwrap().unready, Some(Unready::Stopped));
    assert_eq!(stage.clock.soon("no readiness", client.ready()).await, None);
}

/// The first line of the answer, and all of it. It blocks the thread, and so the client where it is on the same one.
fn asked(address: SocketAddr, path: &str) -> (String, String) {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(LONG)).unwrap();
    write!(socket, "GET {path} HTTP/1.1\r\nhost: bot\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    (answer.lines().next().unwrap_or_default().to_owned(), answer)
}

async fn a_probe_is_answered_beside_a_peer_that_asks_nothing<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let bot = stage.bot(stage.builder());
    let address = bot.client.answer_probes("127.0.0.1:0").unwrap();
    bot.clock.soon("readiness", bot.client.ready()).await.unwrap();
    let _silent = TcpStream::connect(address).unwrap();
    let (status, answer) = asked(address, "/readyz");
    assert_eq!(status, "HTTP/1.1 200 OK", "{answer}");
    assert!(answer.contains(r#""ready":true"#), "{answer}");
    let taken = bot.client.answer_probes(address).unwrap_err();
    assert_eq!(taken.kind(), std::io::ErrorKind::AddrInUse);
    bot.client.shutdown(ms(0)).await;
    assert_eq!(asked(address, "/livez").0, "HTTP/1.1 503 Service Unavailable");
}
