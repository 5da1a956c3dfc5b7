//! Connections that Slack counts although nobody reads them.

use crate::harness::{LONG, Stage, on_each_driver, press_button};
use socketmode_driver::{Event, Notice, Runtime};
use socketmode_simulator::{LinkEnd, Options};

on_each_driver![nine_ghosts_are_told_at_the_first_hello, three_ghosts_are_outnumbered_until_they_are_gone,];

async fn nine_ghosts_are_told_at_the_first_hello<R: Runtime>() {
    let stage = Stage::<R>::new(Options { ghosts: 9, ..Options::default() });
    let mut bot = stage.bot(stage.builder());
    let told = bot
        .until("the ghosts", |event| match event {
            Event::Notice(Notice::OtherConnections { others, expected, .. }) => Some((*others, *expected)),
            _ => None,
        })
        .await;
    assert_eq!((told, stage.slack.counters().hellos), ((9, 0), 1));
    let health = bot.clock.soon("readiness", bot.client.ready()).await.unwrap();
    assert_eq!((health.other_connections, health.connections.active), (Some(9), 1));
    bot.ends(LONG).await;
    stage.slack.wait_until(LONG, |now| now.connections == 9).await.unwrap();
}

async fn three_ghosts_are_outnumbered_until_they_are_gone<R: Runtime>() {
    // No click is lost by a slow machine, and none comes again.
    let stage = Stage::<R>::new(Options { ghosts: 3, ack_deadline: LONG, ..Options::default() });
    let slack = &stage.slack;
    let worker = stage.bot(stage.builder().config(|config| config.outnumber = Some(6))).acknowledge_all();
    let links = slack.wait_for_links(6, LONG).await.unwrap();
    assert_eq!((links.len(), slack.connections()), (6, 9));
    for click in 0..90 {
        press_button(slack, "vote", &click.to_string());
    }
    let now = slack.wait_until(LONG, |now| now.counters.acks == 60).await.unwrap();
    assert_eq!((now.counters.swallowed, now.open_links()), (30, 6));

    // The next hello shows it.
    slack.set_ghosts(0);
    slack.reset(links[5].id).unwrap();
    slack.wait_until(LONG, |now| now.connections == 1 && now.open_links() == 1).await.unwrap();
    let now =
        slack.wait_until(LONG, |now| now.links.iter().filter(|link| link.gone_at.is_some()).count() == 6);
    let ends: Vec<_> = now.await.unwrap().links.into_iter().filter_map(|link| link.end).collect();
    let closed = ends.iter().filter(|end| **end == LinkEnd::ClosedByClient(Some(1000))).count();
    assert_eq!((closed, ends.len()), (5, 6), "{ends:?}");
    let log = worker.ends().await;
    assert_eq!(log.deliveries.values().sum::<u32>(), 60);
}
