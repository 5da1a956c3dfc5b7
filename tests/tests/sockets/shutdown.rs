//! The end, asked for or not.

use crate::dead_end::DeadEnd;
use crate::harness::{Bot, LONG, Stage, ms, on_each_driver, run_until_dropped};
use socketmode_driver::{AckErrorKind, Event, Notice, Request, Runtime};
use socketmode_protocol::{AckRefusal, StopReason};
use socketmode_simulator::{CHANNEL, DialAnswer, OpenAnswer, Options, PERSON};

on_each_driver![
    a_shutdown_while_opening_stops_at_once,
    a_shutdown_while_dialing_stops_at_once,
    a_shutdown_while_waiting_for_the_hello_stops_at_once,
    a_shutdown_of_a_link_that_is_up_closes_it,
    a_shutdown_during_a_rotation_closes_both_links,
    a_shutdown_while_backing_off_stops_at_once,
    a_shutdown_lets_outstanding_acks_go_out_first,
    a_shutdown_sends_the_acks_that_were_made_just_before,
    a_shutdown_waits_for_envelopes_no_longer_than_its_grace,
    a_shutdown_in_a_quiet_moment_sheds_nothing,
    dropping_the_events_ends_it_and_dropping_the_client_does_not,
    dropping_the_driver_closes_the_socket_and_ends_the_events,
    a_driver_dropped_as_it_opens_or_dials_closes_the_socket,
    a_driver_that_is_never_polled_leaves_nothing_behind,
];

async fn a_shutdown_while_opening_stops_at_once<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let mut dead_end = DeadEnd::start();
    let bot = stage.bot(stage.builder().base_url(format!("http://{}/api/", dead_end.address)));
    dead_end.asked(&stage.clock).await;
    bot.ends(LONG).await;
    dead_end.closed(&stage.clock).await;
}

/// An open answer that leads to where nobody answers.
fn leading_to(dead_end: &DeadEnd) -> OpenAnswer {
    OpenAnswer::Body(format!(r#"{{"ok":true,"url":"ws://{}/link/?ticket=t1"}}"#, dead_end.address))
}

async fn a_shutdown_while_dialing_stops_at_once<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let mut dead_end = DeadEnd::start();
    stage.slack.next_open(leading_to(&dead_end));
    let bot = stage.bot(stage.builder());
    dead_end.asked(&stage.clock).await;
    bot.ends(LONG).await;
    dead_end.closed(&stage.clock).await;
}

async fn a_shutdown_while_waiting_for_the_hello_stops_at_once<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    stage.slack.next_dial(DialAnswer::NoHello);
    let bot = stage.bot(stage.builder());
    stage.slack.wait_until(LONG, |now| !now.links.is_empty()).await.unwrap();
    bot.ends(LONG).await;
    stage.all_gone().await;
    assert_eq!(stage.slack.counters().dials, 1);
}

async fn a_shutdown_of_a_link_that_is_up_closes_it<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder().connections(3)).await;
    bot.connected().await;
    bot.connected().await;
    bot.ends(LONG).await;
    stage.all_gone().await;
    let links = stage.slack.links();
    assert!(links.iter().all(|link| format!("{:?}", link.end).contains("ClosedByClient")), "{links:?}");
    assert_eq!(links.len(), 3);
}

async fn a_shutdown_during_a_rotation_closes_both_links<R: Runtime>() {
    let stage = Stage::<R>::new(Options { rotation_grace: LONG, ..Options::default() });
    let quiet = stage.builder().config(|config| config.drain_quiet = LONG);
    let (mut bot, old) = stage.connected(quiet).await;
    stage.slack.next_open(OpenAnswer::Hang);
    stage.slack.next_open(OpenAnswer::Hang);
    stage.slack.rotate(old).unwrap();
    // With its heir under way:
    stage.slack.wait_until(LONG, |now| now.counters.opens == 2).await.unwrap();
    bot.until("the warning", |event| matches!(event, Event::Notice(Notice::Disconnect { .. })).then_some(()))
        .await;
    bot.ends(LONG).await;
    stage.all_gone().await;

    // And with its heir up:
    let stage = Stage::<R>::new(Options { rotation_grace: LONG, ..Options::default() });
    let quiet = stage.builder().config(|config| config.drain_quiet = LONG);
    let (mut bot, old) = stage.connected(quiet).await;
    stage.slack.rotate(old).unwrap();
    bot.connected().await;
    assert_eq!(stage.slack.snapshot().open_links(), 2);
    bot.ends(LONG).await;
    stage.all_gone().await;
}

async fn a_shutdown_while_backing_off_stops_at_once<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    stage.slack.all_opens(Some(OpenAnswer::RateLimited { retry_after_secs: 3600 }));
    let mut bot = stage.bot(stage.builder());
    bot.failure().await;
    bot.ends(LONG).await;
    assert_eq!(stage.slack.counters().opens, 1);
}

async fn a_shutdown_lets_outstanding_acks_go_out_first<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let id = stage.slack.command("/deploy", "now");
    let request = bot.request().await;
    let shutdown = bot.client.shutdown(LONG);
    // The loop has taken the shutdown when it no longer gives an envelope out.
    let left = stage.clock.until("the loop to stop giving out", || {
        stage.slack.say(PERSON, CHANNEL, "too late");
        bot.client.stats().shed_while_stopping > 0
    });
    left.await;
    let acked = stage.clock.soon("the outcome", request.ack()).await.unwrap();
    assert!(!acked.elsewhere, "{acked:?}");
    assert!(stage.slack.wait_for_ack(&id, LONG).await.unwrap().on_carrier);
    // What had come before the shutdown is the bot's to answer as well.
    while let Some(event) = stage.clock.soon("the end", bot.events.next()).await {
        drop(event.into_request());
    }
    assert_eq!(stage.clock.soon("the end", shutdown).await, Some(StopReason::Requested));
    stage.all_gone().await;
}

async fn a_shutdown_sends_the_acks_that_were_made_just_before<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let ids: Vec<_> = (0..100).map(|_| stage.slack.say(PERSON, CHANNEL, "hello")).collect();
    let mut requests = Vec::new();
    while requests.len() < ids.len() {
        requests.push(bot.request().await);
    }
    // In one go: the loop has no turn between these.
    let outcomes: Vec<_> = requests.into_iter().map(Request::ack).collect();
    let client = bot.client.clone();
    let shutdown = client.shutdown(LONG);
    bot.over().await;
    assert_eq!(stage.clock.soon("the end", shutdown).await, Some(StopReason::Requested));
    for (id, outcome) in ids.iter().zip(outcomes) {
        stage.clock.soon("the outcome", outcome).await.unwrap();
        assert_eq!(stage.slack.wait_for_acks(id, 1, LONG).await.unwrap().len(), 1);
    }
    stage.all_gone().await;
}

async fn a_shutdown_in_a_quiet_moment_sheds_nothing<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let first = stage.slack.command("/deploy", "now");
    let request = bot.request().await;
    let shutdown = bot.client.shutdown_when_quiet(LONG);
    let second = stage.slack.say(PERSON, CHANNEL, "in time");
    let later = bot.request().await;
    stage.clock.soon("the outcome", later.ack()).await.unwrap();
    let dropped = stage.slack.say(PERSON, CHANNEL, "nobody answers");
    let last = bot.request().await;
    stage.clock.soon("the outcome", request.ack()).await.unwrap();
    // The loop is told of it at once, and ends.
    drop(last);
    assert_eq!(stage.clock.soon("the end", shutdown).await, Some(StopReason::Requested));
    for id in [&first, &second] {
        assert!(stage.slack.wait_for_ack(id, LONG).await.unwrap().on_carrier);
    }
    assert_eq!((bot.client.stats().shed_while_stopping, stage.slack.acks_of(&dropped).len()), (0, 0));
    stage.all_gone().await;
}

async fn a_shutdown_waits_for_envelopes_no_longer_than_its_grace<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    stage.slack.command("/deploy", "now");
    let request = bot.request().await;
    let (grace, start) = (ms(300), stage.clock.now());
    let shutdown = bot.client.shutdown(grace);
    assert_eq!(stage.clock.soon("the end", shutdown).await, Some(StopReason::Requested));
    assert!(stage.clock.now() >= start + grace, "it did not wait for the answer");
    let error = stage.clock.soon("the refusal", request.ack()).await.unwrap_err();
    assert_eq!(error.kind(), AckErrorKind::Refused(AckRefusal::Stopped));
    bot.over().await;
    stage.all_gone().await;
    assert!(stage.slack.acks().is_empty());
}

async fn dropping_the_events_ends_it_and_dropping_the_client_does_not<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let id = stage.slack.say(PERSON, CHANNEL, "hello");
    let request = bot.request().await;
    let Bot { client, events, .. } = bot;
    drop(client);
    stage.clock.soon("the outcome", request.ack()).await.unwrap();
    stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    assert_eq!(stage.slack.snapshot().open_links(), 1);
    drop(events);
    stage.all_gone().await;
    assert_eq!(stage.slack.counters().opens, 1);
}

async fn dropping_the_driver_closes_the_socket_and_ends_the_events<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (client, events, driver) = stage.builder().build().unwrap();
    let driver = run_until_dropped(driver);
    let mut bot: Bot<R> = Bot::new(client, events, stage.clock.clone());
    bot.connected().await;
    stage.slack.say(PERSON, CHANNEL, "hello");
    let request = bot.request().await;
    drop(driver);
    stage.all_gone().await;
    assert!(stage.clock.soon("the end of the events", bot.events.next()).await.is_none());
    let error = stage.clock.soon("the refusal", request.ack()).await.unwrap_err();
    assert_eq!(error.kind(), AckErrorKind::Refused(AckRefusal::Stopped));
    assert_eq!(stage.clock.soon("the answer", bot.client.shutdown(LONG)).await, None);
}

async fn a_driver_dropped_as_it_opens_or_dials_closes_the_socket<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let mut dead_end = DeadEnd::start();
    let elsewhere = format!("http://{}/api/", dead_end.address);
    let (_client, mut events, driver) = stage.builder().base_url(elsewhere).build().unwrap();
    let driver = run_until_dropped(driver);
    dead_end.asked(&stage.clock).await;
    drop(driver);
    dead_end.closed(&stage.clock).await;
    while stage.clock.soon("the end of the events", events.next()).await.is_some() {}

    let mut dead_end = DeadEnd::start();
    stage.slack.next_open(leading_to(&dead_end));
    let (_client, mut events, driver) = stage.builder().build().unwrap();
    let driver = run_until_dropped(driver);
    dead_end.asked(&stage.clock).await;
    drop(driver);
    dead_end.closed(&stage.clock).await;
    while stage.clock.soon("the end of the events", events.next()).await.is_some() {}
}

async fn a_driver_that_is_never_polled_leaves_nothing_behind<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (client, mut events, driver) = stage.builder().build().unwrap();
    let shutdown = client.shutdown(LONG);
    drop(driver);
    assert_eq!(stage.clock.soon("the answer", shutdown).await, None);
    assert!(stage.clock.soon("the end of the events", events.next()).await.is_none());
    assert_eq!(stage.slack.counters().opens, 0);
}
