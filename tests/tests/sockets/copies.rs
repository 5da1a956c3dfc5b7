//! An event that Slack sends again, and a client that delivers each once.

use crate::harness::{LONG, Stage, ms, on_each_driver};
use futures_util::future::join_all;
use socketmode_driver::{AckErrorKind, Runtime};
use socketmode_protocol::AckRefusal;
use socketmode_simulator::{CHANNEL, OpenAnswer, Options, PERSON};
use std::time::Duration;

on_each_driver![
    an_event_whose_ack_was_lost_is_delivered_again,
    an_event_whose_handler_failed_is_delivered_by_its_copy,
];

const WINDOW: Duration = Duration::from_secs(3_600);

/// The README's handler: it acknowledges, and works only if that went out.
async fn an_event_whose_ack_was_lost_is_delivered_again<R: Runtime>() {
    join_all([false, true].map(|redeliver_with_new_id| async move {
        let options =
            Options { redelivery: vec![ms(50); 2_000], redeliver_with_new_id, ..Options::default() };
        let stage = Stage::<R>::new(options);
        let builder = stage.builder().deduplicate(WINDOW).config(|config| config.open_burst = 100);
        let (mut bot, link) = stage.connected(builder).await;
        let id = stage.slack.say(PERSON, CHANNEL, "do it");
        let request = bot.request().await;
        stage.slack.all_opens(Some(OpenAnswer::Status(500, Vec::new(), String::new())));
        stage.slack.reset(link).unwrap();
        bot.failure().await;
        let lost = stage.clock.soon("the outcome", request.ack()).await.unwrap_err();
        // On a busy machine Slack's 3 s may be over by now.
        let kinds = [AckErrorKind::Lost, AckErrorKind::Refused(AckRefusal::Settled)];
        assert!(kinds.contains(&lost.kind()), "{lost}");
        stage.slack.all_opens(None);
        let again = bot.request().await;
        assert!(again.envelope().retry_attempt() > 0);
        stage.clock.soon("the outcome", again.ack()).await.unwrap();
        stage.slack.wait_for_ack(&id, LONG).await.unwrap();
        let client = bot.client.clone();
        bot.ends(LONG).await;
        let stats = client.stats();
        assert_eq!((stats.delivered, stats.acknowledged, stats.ack_lost + stats.expired), (2, 1, 1));
    }))
    .await;
}

async fn an_event_whose_handler_failed_is_delivered_by_its_copy<R: Runtime>() {
    let options = Options {
        ack_deadline: ms(100),
        redelivery: vec![ms(0)],
        redeliver_with_new_id: true,
        ping_interval: None,
        ..Options::default()
    };
    let stage = Stage::<R>::new(options);
    let (mut bot, _) = stage.connected(stage.builder().deduplicate(WINDOW)).await;
    let id = stage.slack.say(PERSON, CHANNEL, "do it");
    let first = bot.request().await;
    // The copy comes while the handler is at work.
    stage.clock.until("the copy", || bot.client.stats().copies_held == 1).await;
    drop(first);
    let copy = bot.request().await;
    assert!(copy.envelope_id() != id.as_str() && copy.envelope().retry_attempt() == 1);
    stage.clock.soon("the outcome", copy.ack()).await.unwrap();
    stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    bot.ends(LONG).await;
}
