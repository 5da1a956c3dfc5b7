//! Networks that cut links again and again, outages of the API alone, and seats that are taken.

use crate::harness::{LONG, Stage, ms, on_each_driver};
use socketmode_driver::{Event, Notice, Runtime};
use socketmode_protocol::{Config, ConnectionError};
use socketmode_simulator::{CHANNEL, LinkEnd, LinkState, OpenAnswer, Options, PERSON};
use std::time::Duration;

on_each_driver![
    a_client_is_dark_for_less_time_than_its_links_live,
    a_link_is_kept_through_an_outage_until_its_successor_is_up,
    a_seat_that_becomes_free_is_taken_soon,
];

/// The client's own back-off, and not the quick one of the other scenarios.
fn patient(config: &mut Config) {
    let usual = Config::default();
    (config.backoff_base, config.backoff_cap) = (usual.backoff_base, usual.backoff_cap);
}

async fn a_client_is_dark_for_less_time_than_its_links_live<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (bot, _) = stage.connected(stage.builder().config(patient)).await;
    let worker = bot.acknowledge_all();
    // The back-off would double to half a minute and more.
    for _ in 0..6 {
        let id = stage.slack.say(PERSON, CHANNEL, "still there?");
        assert_eq!(stage.slack.wait_for_ack(&id, LONG).await.unwrap().delivery, 1);
        stage.clock.sleep(ms(1_500)).await;
        let up = stage.slack.links().pop().unwrap();
        stage.slack.reset(up.id).unwrap();
        stage.slack.wait_for_links(1, LONG).await.unwrap();
    }
    let links = stage.slack.links();
    let lives: Duration = links.iter().filter_map(|link| Some(link.closed_at? - link.hello_at?)).sum();
    let gaps = links.windows(2).map(|pair| pair[1].hello_at.unwrap() - pair[0].closed_at.unwrap());
    let dark: Duration = gaps.sum();
    assert!(dark < lives, "dark for {dark:?}, up for {lives:?}");
    assert_eq!((stage.slack.counters().opens, links.len()), (7, 7));
    let log = worker.ends().await;
    assert!(log.deliveries.values().all(|&times| times == 1), "{:?}", log.deliveries);
}

async fn a_link_is_kept_through_an_outage_until_its_successor_is_up<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    // Were there a limit while there is no successor, it would be over soon.
    let builder = stage.builder().config(|config| {
        config.drain_timeout = ms(200);
        config.drain_quiet = ms(50);
        config.open_interval = ms(100);
    });
    let (mut bot, old) = stage.connected(builder).await;
    stage.slack.all_opens(Some(OpenAnswer::Status(503, Vec::new(), String::new())));
    stage.slack.disconnect_message(old, "refresh_requested").unwrap();
    for _ in 0..4 {
        bot.failure().await;
    }
    stage.clock.sleep(ms(500)).await;
    assert_eq!(stage.slack.links()[0].state, LinkState::Warned);
    let id = stage.slack.say(PERSON, CHANNEL, "still there?");
    bot.request().await.ack().await.unwrap();
    assert!(stage.slack.wait_for_ack(&id, LONG).await.unwrap().on_carrier);
    stage.slack.all_opens(None);
    bot.connected().await;
    let now = stage.slack.wait_until(LONG, |now| now.links[0].closed_at.is_some()).await.unwrap();
    assert_eq!(now.links[0].end, Some(LinkEnd::ClosedByClient(Some(1000))));
    assert!(now.links[1].hello_at < now.links[0].closed_at);
    assert_eq!((now.counters.longest_gap, now.counters.dark_for), (Duration::ZERO, None));
    bot.ends(LONG).await;
}

/// With waits of one or two minutes, as where another link is up, this would take too long for the harness.
async fn a_seat_that_becomes_free_is_taken_soon<R: Runtime>() {
    let stage = Stage::<R>::new(Options { ghosts: 10, ..Options::default() });
    let mut bot = stage.bot(stage.builder().config(patient));
    for _ in 0..3 {
        assert_eq!(bot.failure().await, ConnectionError::TooManyWebsockets);
    }
    stage.slack.set_ghosts(9);
    let others = bot
        .until("a hello", |event| match event {
            Event::Notice(Notice::Hello { hello, .. }) => Some(hello.num_connections),
            _ => None,
        })
        .await;
    assert_eq!(others, Some(10));
    assert_eq!((stage.slack.counters().opens, stage.slack.connections()), (4, 10));
    bot.ends(LONG).await;
}
