//! The examples of embeddings, in blocking threads and in a loop around epoll, over real sockets, against the local Slack.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[allow(dead_code, reason = "its main is for the command line")]
#[path = "../../../protocol/examples/blocking.rs"]
mod blocking;
#[allow(dead_code, reason = "its main is for the command line")]
#[path = "../../../protocol/examples/epoll.rs"]
mod epoll;

mod bot;
mod full;
mod unread;

use bot::{Bot, Embedding, LONG, local, ms, on_each_embedding, until, wait};
use socketmode_protocol::Config;
use socketmode_simulator::{CHANNEL, OpenAnswer, Options, PERSON, Simulator};
use std::thread;
use std::time::Duration;

on_each_embedding![
    a_rotation_under_400_envelopes_a_second_loses_nothing,
    a_call_without_an_answer_is_given_up_and_the_next_connects,
    a_half_open_link_is_cut_and_replaced,
    tls_is_spoken_and_its_failures_name_no_secret,
    a_shutdown_during_a_call_waits_for_nothing,
];

fn a_rotation_under_400_envelopes_a_second_loses_nothing<E: Embedding>() {
    const TICK: Duration = ms(5);
    // What is looked at is the client: the deadline must not be missed because the machine is slow.
    let slack =
        Simulator::start(Options { ack_deadline: LONG, rotation_grace: ms(700), ..Options::default() })
            .unwrap();
    let bot = Bot::<E>::start(&slack, Config { drain_quiet: ms(200), ..local() });
    let old = wait(slack.wait_for_links(1, LONG)).unwrap()[0].id;
    let mut sent = Vec::new();
    let mut ticks_after = 0;
    for tick in 0_u64.. {
        if tick == 50 {
            slack.rotate(old).unwrap();
        }
        sent.extend((0..2).map(|_| slack.say(PERSON, CHANNEL, "one of many")));
        thread::sleep(TICK);
        ticks_after += u32::from(slack.links()[0].closed_at.is_some());
        if ticks_after >= 50 {
            break;
        }
        assert!(tick < 10_000, "the old link was never closed");
    }
    let all = u64::try_from(sent.len()).unwrap();
    let now = until(&slack, |now| now.counters.acks >= all);
    let told = bot.stop();
    // Nothing lost, nothing twice: neither here nor there.
    assert_eq!(sent.len(), told.deliveries.len());
    for id in &sent {
        assert_eq!(told.deliveries.get(id), Some(&1), "{id}");
        assert_eq!(slack.acks_of(id).len(), 1, "{id}");
    }
    let counters = slack.counters();
    assert_eq!((counters.acks, counters.duplicate_acks, counters.unknown_acks), (all, 0, 0));
    assert_eq!((counters.redeliveries, counters.timed_out, counters.forgotten), (0, 0, 0));
    // There was always an open link.
    assert_eq!((now.counters.longest_gap, now.counters.dark_for), (Duration::ZERO, None));
    assert_eq!((counters.hellos, counters.most_links_at_once), (2, 2));
    assert!(told.notices.iter().any(|notice| notice.contains("Rotated") || notice.contains("Closed")));
    until(&slack, |now| now.links.iter().all(|link| link.gone_at.is_some()));
}

fn a_call_without_an_answer_is_given_up_and_the_next_connects<E: Embedding>() {
    let slack = Simulator::start(Options::default()).unwrap();
    slack.next_open(OpenAnswer::Hang);
    let bot = Bot::<E>::start(&slack, Config { open_timeout: ms(300), backoff_base: ms(100), ..local() });
    bot.failure();
    // Slack would send it again, but not so soon.
    wait(slack.wait_for_links(1, LONG)).unwrap();
    let id = slack.say(PERSON, CHANNEL, "who is there?");
    wait(slack.wait_for_ack(&id, LONG)).unwrap();
    bot.stop();
    assert_eq!(slack.counters().most_links_at_once, 1);
}

fn a_half_open_link_is_cut_and_replaced<E: Embedding>() {
    let slack = Simulator::start(Options::default()).unwrap();
    let bot = Bot::<E>::start(&slack, Config { silence: ms(1_000), client_ping: Some(ms(300)), ..local() });
    let half_open = wait(slack.wait_for_links(1, LONG)).unwrap()[0].id;
    slack.freeze(half_open).unwrap();
    until(&slack, |now| now.counters.hellos >= 2);
    slack.thaw(half_open).unwrap();
    until(&slack, |now| now.links[0].gone_at.is_some());
    let told = bot.stop();
    assert!(told.notices.iter().any(|notice| notice.contains("Silent")), "{:#?}", told.notices);
}

fn tls_is_spoken_and_its_failures_name_no_secret<E: Embedding>() {
    let slack = Simulator::start(Options::default()).unwrap();
    // This Slack speaks none and says so in plain text: what refuses that is TLS.
    let over_tls = |error: &str| error.contains("InvalidContentType");
    let link = format!("{{\"ok\":true,\"url\":\"wss://{}/link/?ticket=hidden\"}}", slack.address());
    slack.next_open(OpenAnswer::Body(link));
    let bot = Bot::<E>::start(&slack, local());
    let error = bot.failure();
    assert!(over_tls(&error) && !error.contains("hidden"), "{error}");
    bot.stop();
    let bot = Bot::<E>::start_at(format!("https://{}/api/", slack.address()), &slack, Config::default());
    let error = bot.failure();
    assert!(over_tls(&error) && !error.contains(&slack.app_token()), "{error}");
    bot.stop();
}

fn a_shutdown_during_a_call_waits_for_nothing<E: Embedding>() {
    let slack = Simulator::start(Options::default()).unwrap();
    slack.next_open(OpenAnswer::Hang);
    let bot = Bot::<E>::start(&slack, local());
    until(&slack, |now| now.counters.opens == 1);
    let start = std::time::Instant::now();
    bot.stop();
    assert!(start.elapsed() < Config::default().shutdown_grace);
}
