//! Slack replaces a link, and nobody notices.

use crate::harness::{LONG, Stage, ms, on_each_driver};
use socketmode_driver::{Event, Notice, Runtime};
use socketmode_protocol::{ConnectionError, EndReason};
use socketmode_simulator::{CHANNEL, DialAnswer, Envelope, EnvelopeId, OpenAnswer, Options, PERSON};
use std::time::Duration;

on_each_driver![
    a_rotation_under_400_envelopes_a_second_loses_nothing,
    a_rotation_under_2000_envelopes_a_second_loses_nothing,
    a_rotation_with_a_silent_old_link_loses_nothing,
    what_comes_on_a_warned_link_is_acknowledged_there,
    refused_handshakes_in_a_rotation_leave_the_old_link_at_work,
    failing_opens_during_a_rotation_leave_the_old_link_at_work,
];

/// Sends so many at each tick of 5 ms or longer, from before the warning until after the old link's end.
async fn rotation_under_load<R: Runtime>(envelopes_a_tick: usize, route_to_warned: bool) {
    const TICK: Duration = ms(5);
    // What is looked at is the client: the deadline must not be missed because the machine is slow.
    let options =
        Options { ack_deadline: LONG, rotation_grace: ms(700), route_to_warned, ..Options::default() };
    let stage = Stage::<R>::new(options);
    let (bot, old) = stage.connected(stage.builder()).await;
    let worker = bot.acknowledge_all();
    let mut sent = Vec::new();
    let mut ticks_after = 0;
    for tick in 0_u64.. {
        if tick == 50 {
            stage.slack.rotate(old).unwrap();
        }
        sent.extend((0..envelopes_a_tick).map(|_| stage.slack.say(PERSON, CHANNEL, "one of many")));
        stage.clock.sleep(TICK).await;
        ticks_after += u32::from(stage.slack.links()[0].closed_at.is_some());
        if ticks_after >= 50 {
            break;
        }
        assert!(tick < 10_000, "the old link was never closed");
    }
    let all = u64::try_from(sent.len()).unwrap();
    let now = stage.slack.wait_until(LONG, |now| now.counters.acks >= all).await.unwrap();
    let log = worker.ends().await;
    // Nothing lost, nothing twice: neither here nor there.
    assert_eq!(sent.len(), log.deliveries.len());
    for id in &sent {
        assert_eq!(log.deliveries.get(id), Some(&1), "{id}");
        assert_eq!(stage.slack.acks_of(id).len(), 1, "{id}");
    }
    let counters = stage.slack.counters();
    assert_eq!((counters.acks, counters.duplicate_acks, counters.unknown_acks), (all, 0, 0));
    assert_eq!((counters.redeliveries, counters.timed_out, counters.forgotten), (0, 0, 0));
    // There was always an open link.
    assert_eq!((now.counters.longest_gap, now.counters.dark_for), (Duration::ZERO, None));
    assert_eq!((counters.hellos, counters.most_links_at_once), (2, 2));
    assert!(!log.notices.iter().any(|notice| notice.contains("Shed")), "{:#?}", log.notices);
    assert!(log.notices.iter().any(|notice| notice.contains("Rotated") || notice.contains("Closed")));
}

async fn a_rotation_under_400_envelopes_a_second_loses_nothing<R: Runtime>() {
    rotation_under_load::<R>(2, true).await;
}

async fn a_rotation_under_2000_envelopes_a_second_loses_nothing<R: Runtime>() {
    rotation_under_load::<R>(10, true).await;
}

async fn a_rotation_with_a_silent_old_link_loses_nothing<R: Runtime>() {
    rotation_under_load::<R>(10, false).await;
}

async fn what_comes_on_a_warned_link_is_acknowledged_there<R: Runtime>() {
    let stage = Stage::<R>::new(Options { rotation_grace: LONG, ..Options::default() });
    let quiet = stage.builder().config(|config| config.drain_quiet = LONG);
    let (mut bot, old) = stage.connected(quiet).await;
    stage.slack.rotate(old).unwrap();
    bot.connected().await;
    let id = send_by(&stage, old);
    let request = bot.request().await;
    assert_eq!(request.envelope_id(), id.as_str());
    let acked = stage.clock.soon("the outcome", request.ack()).await.unwrap();
    assert!(!acked.elsewhere, "{acked:?}");
    let ack = stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    assert_eq!((ack.link, ack.on_carrier), (old, true));
    bot.ends(LONG).await;
}

async fn refused_handshakes_in_a_rotation_leave_the_old_link_at_work<R: Runtime>() {
    let stage = Stage::<R>::new(Options { rotation_grace: LONG, ..Options::default() });
    let (mut bot, old) = stage.connected(stage.builder()).await;
    let statuses = [408, 409, 403, 302];
    statuses.into_iter().for_each(|status| stage.slack.next_dial(DialAnswer::Status(status)));
    stage.slack.rotate(old).unwrap();
    for refused in statuses {
        let error = bot.failure().await;
        assert!(matches!(error, ConnectionError::DialStatus { status, .. } if status == refused), "{error}");
        let id = send_by(&stage, old);
        stage.clock.soon("the outcome", bot.request().await.ack()).await.unwrap();
        assert!(stage.slack.wait_for_ack(&id, LONG).await.unwrap().on_carrier);
    }
    handed_over(&stage, bot).await;
}

async fn failing_opens_during_a_rotation_leave_the_old_link_at_work<R: Runtime>() {
    let stage = Stage::<R>::new(Options { rotation_grace: LONG, ..Options::default() });
    let (mut bot, old) =
        stage.connected(stage.builder().config(|config| config.open_timeout = ms(400))).await;
    stage.slack.next_open(OpenAnswer::Hang);
    stage.slack.next_open(OpenAnswer::Status(503, Vec::new(), String::new()));
    stage.slack.next_open(OpenAnswer::Error("internal_error".into()));
    stage.slack.rotate(old).unwrap();
    for _ in 0..3 {
        bot.failure().await;
        let id = send_by(&stage, old);
        stage.clock.soon("the outcome", bot.request().await.ack()).await.unwrap();
        assert!(stage.slack.wait_for_ack(&id, LONG).await.unwrap().on_carrier);
    }
    handed_over(&stage, bot).await;
}

fn send_by<R: Runtime>(stage: &Stage<R>, link: socketmode_simulator::LinkId) -> EnvelopeId {
    let payload = serde_json::json!({"type": "event_callback", "event": {"type": "message"}});
    stage.slack.send_envelope(Envelope::new("events_api", payload).by_link(link))
}

/// The new link comes, the old one goes, and there was never none.
async fn handed_over<R: Runtime>(stage: &Stage<R>, mut bot: crate::harness::Bot<R>) {
    let first = bot.connected().await;
    let parted = bot
        .until("the end of the old link", |event| match event {
            Event::Notice(Notice::Disconnected { connection, reason }) => Some((*connection, reason.clone())),
            _ => None,
        })
        .await;
    assert_eq!(parted.1, EndReason::Rotated);
    assert_ne!(parted.0, first);
    let now = stage.slack.wait_until(LONG, |now| now.links[0].gone_at.is_some()).await.unwrap();
    assert_eq!((now.counters.longest_gap, now.counters.dark_for), (Duration::ZERO, None));
    bot.ends(LONG).await;
}
