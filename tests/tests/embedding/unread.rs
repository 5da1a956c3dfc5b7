//! A server that sends and does not read.

use crate::bot::{Bot, Embedding, LONG, local, on_each_embedding, until, wait};
use serde_json::json;
use socketmode_protocol::Config;
use socketmode_simulator::{Envelope, LinkId, Options, Simulator};
use std::time::Duration;

on_each_embedding![
    acks_that_wait_until_the_server_reads_arrive_once,
    acks_that_wait_at_a_close_arrive_once,
    acks_that_wait_at_an_announced_close_arrive_once,
];

/// As many as may be outstanding, nearly.
const ENVELOPES: usize = 16_000;
/// No deadline but the 3 s of Slack is to be missed because the machine is slow.
const PATIENCE: Duration = Duration::from_secs(300);

/// The bot is sent all envelopes on one link, which is not read, and acknowledges each; then that link ends as it may, and
/// all that arrives is read. Gives how many came by the first link.
fn acks_arrive_once<E: Embedding>(end: impl FnOnce(&Simulator, LinkId)) -> u64 {
    let options = Options {
        ack_deadline: PATIENCE,
        ping_interval: None,
        // What ends the link is the server, and no time of the client's.
        close_tcp: true,
        close_wait: PATIENCE,
        record_frames: false,
        ..Options::default()
    };
    let slack = Simulator::start(options).unwrap();
    let config = Config { silence: PATIENCE, client_ping: None, close_timeout: PATIENCE, ..local() };
    let bot = Bot::<E>::start(&slack, config);
    let old = wait(slack.wait_for_links(1, LONG)).unwrap()[0].id;
    slack.stop_reading(old).unwrap();
    let id = |n: usize| format!("{n:0bytes$}", bytes = E::ID_BYTES);
    let event = |n| Envelope::new("events_api", json!({})).envelope_id(id(n));
    let sent: Vec<_> = (0..ENVELOPES).map(|n| slack.send_envelope(event(n))).collect();
    bot.until(|told| told.deliveries.len() == ENVELOPES);
    assert_eq!(slack.counters().acks, 0, "it was read");
    end(&slack, old);
    slack.resume_reading(old).unwrap();
    bot.until(|told| told.sent.len() + told.lost.len() == ENVELOPES);
    let told = bot.stop();
    let now = until(&slack, |now| now.links.iter().all(|link| link.gone_at.is_some()));
    println!("{} on the old link, {} lost", now.links[0].acks, told.lost.len());
    // None twice, and none is missing that was not told as lost; nor came one that was.
    let counters = slack.counters();
    assert_eq!((counters.acks, counters.duplicate_acks), (told.sent.len() as u64, 0), "{:?}", now.links);
    assert_eq!((counters.unknown_acks, counters.strange_messages, counters.redeliveries), (0, 0, 0));
    for id in &sent {
        assert_eq!(told.deliveries.get(id), Some(&1));
        assert_eq!(slack.acks_of(id).len(), usize::from(told.sent.contains(id)), "{id}");
    }
    now.links[0].acks
}

fn acks_that_wait_until_the_server_reads_arrive_once<E: Embedding>() {
    assert_eq!(acks_arrive_once::<E>(|_, _| ()), ENVELOPES as u64);
}

fn acks_that_wait_at_a_close_arrive_once<E: Embedding>() {
    acks_arrive_once::<E>(|slack, old| slack.close(old, 1000).unwrap());
}

fn acks_that_wait_at_an_announced_close_arrive_once<E: Embedding>() {
    acks_arrive_once::<E>(|slack, old| {
        slack.disconnect_message(old, "warning").unwrap();
        wait(slack.wait_for_links(2, LONG)).unwrap();
        slack.close(old, 1000).unwrap();
    });
}
