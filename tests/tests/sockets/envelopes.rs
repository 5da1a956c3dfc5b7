//! Envelopes and their acknowledgements.

use crate::harness::{LONG, Stage, ms, on_each_driver};
use serde_json::{Value, json};
use socketmode_driver::{AckErrorKind, Event, Notice, Response, Runtime};
use socketmode_protocol::{AckRefusal, EnvelopeKind, limits};
use socketmode_simulator::{CHANNEL, Envelope, EnvelopeId, OpenAnswer, Options, PERSON};

on_each_driver![
    an_ack_whose_link_is_gone_goes_out_on_the_next_and_says_so,
    a_slow_handler_holds_up_nothing_and_its_ack_is_called_late,
    a_payload_that_is_not_accepted_leaves_a_plain_ack,
    an_answer_that_slack_did_not_ask_for_goes_out_and_says_so,
    a_payload_that_is_too_large_leaves_a_plain_ack,
    an_unknown_envelope_type_comes_raw_and_can_be_acknowledged,
    unknown_events_and_interactions_come_raw_and_can_be_acked,
    a_response_by_id_goes_out_and_a_second_one_is_refused,
    a_dropped_request_is_not_acknowledged_and_comes_again,
    events_that_nobody_reads_take_no_memory_and_hold_up_no_pong,
];

async fn an_ack_whose_link_is_gone_goes_out_on_the_next_and_says_so<R: Runtime>() {
    for _ in 0..10 {
        if an_ack_goes_out_on_the_next_link::<R>().await {
            return;
        }
    }
    panic!("no link came within Slack's 3 s");
}

/// Slack's 3 s go on while a busy machine does something else. Whether there was a link within them.
async fn an_ack_goes_out_on_the_next_link<R: Runtime>() -> bool {
    let stage = Stage::<R>::new(Options::default());
    // One failure doubles the wait before the next attempt: the ack has 3 s in all.
    let (mut bot, old) = stage.connected(stage.builder().config(|config| config.open_burst = 100)).await;
    let start = stage.clock.now();
    let id = stage.slack.command("/deploy", "now");
    let request = bot.request().await;
    stage.slack.all_opens(Some(OpenAnswer::Status(503, Vec::new(), String::new())));
    stage.slack.reset(old).unwrap();
    bot.failure().await;
    assert_eq!(stage.slack.snapshot().open_links(), 0);
    let acknowledgement = request.ack_with_json(json!({"text": "on it"}).to_string());
    stage.slack.all_opens(None);
    let acked = stage.clock.soon("the outcome", acknowledgement).await;
    if stage.clock.now() >= start + limits::ACK_DEADLINE {
        return false;
    }
    let acked = acked.unwrap();
    assert!(acked.elsewhere && !acked.late, "{acked:?}");
    let ack = stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    assert_eq!(ack.payload, Some(json!({"text": "on it"})));
    assert!(ack.link != old && !ack.on_carrier);
    assert_eq!(stage.slack.counters().acks, 1);
    // The counters are those of the loop's last turn, which may be under way on another thread.
    stage.clock.until("the counter", || bot.client.stats().acknowledged_elsewhere == 1).await;
    bot.ends(LONG).await;
    true
}

async fn a_slow_handler_holds_up_nothing_and_its_ack_is_called_late<R: Runtime>() {
    let options = Options { ping_interval: Some(ms(200)), redelivery: Vec::new(), ..Options::default() };
    let stage = Stage::<R>::new(options);
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let slow_id = stage.slack.say(PERSON, CHANNEL, "take your time");
    let slow = bot.request().await;
    let pongs = stage.slack.counters().pongs_received;
    // Meanwhile the others flow, in turn.
    for text in ["one", "two", "three"] {
        let start = stage.clock.now();
        let id = stage.slack.say(PERSON, CHANNEL, text);
        let request = bot.request().await;
        assert_eq!(request.envelope_id(), id.as_str());
        let acked = stage.clock.soon("the outcome", request.ack()).await.unwrap();
        assert!(!acked.late || stage.clock.now() >= start + limits::ACK_DEADLINE, "{acked:?}");
        stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    }
    let overdue = bot
        .until("AckOverdue", |event| match event {
            Event::Notice(Notice::AckOverdue { envelope_id, .. }) => Some(EnvelopeId::new(&**envelope_id)),
            _ => None,
        })
        .await;
    assert_eq!(overdue, slow_id);
    stage.slack.wait_until(LONG, |now| now.counters.pongs_received > pongs + 5).await.unwrap();
    let acked = stage.clock.soon("the outcome", slow.ack()).await.unwrap();
    assert!(acked.late && !acked.elsewhere, "{acked:?}");
    stage.slack.wait_for_ack(&slow_id, LONG).await.unwrap();
    let counters = stage.slack.counters();
    assert_eq!((counters.acks, counters.hellos, counters.opens), (4, 1, 1));
    bot.ends(LONG).await;
}

async fn a_payload_that_is_not_accepted_leaves_a_plain_ack<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let id = stage.slack.say(PERSON, CHANNEL, "hello");
    let request = bot.request().await;
    assert!(!request.envelope().accepts_response_payload());
    let answer = request.ack_with_json(json!({"text": "not here"}).to_string());
    let error = stage.clock.soon("the refusal", answer).await.unwrap_err();
    assert_eq!(error.kind(), AckErrorKind::Refused(AckRefusal::PayloadNotAccepted));
    assert!(stage.slack.acks().is_empty());
    let handle = error.into_handle().unwrap();
    stage.clock.soon("the outcome", handle.ack()).await.unwrap();
    assert_eq!(stage.slack.wait_for_ack(&id, LONG).await.unwrap().payload, None);
    let counters = stage.slack.counters();
    assert_eq!((counters.acks, counters.unwanted_responses), (1, 0));
    bot.ends(LONG).await;
}

async fn an_answer_that_slack_did_not_ask_for_goes_out_and_says_so<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let send = |kind: &str, payload: Value, accepts| {
        stage.slack.send_envelope(Envelope::new(kind, payload).accepts_response_payload(accepts))
    };
    let answer = || json!({ "response_action": "clear" });
    for (kind, payload) in [
        ("slash_commands", json!({ "command": "/deploy" })),
        ("interactive", json!({ "type": "view_submission" })),
        ("interactive", json!({ "type": "block_suggestion" })),
    ] {
        for accepts in [false, true] {
            let id = send(kind, payload.clone(), accepts);
            let acknowledgement = bot.request().await.ack_with_json(answer().to_string());
            let acked = stage.clock.soon("the outcome", acknowledgement).await.unwrap();
            assert_eq!(acked.unasked_payload, !accepts, "{kind} {payload}");
            assert_eq!(stage.slack.wait_for_ack(&id, LONG).await.unwrap().payload, Some(answer()));
        }
    }
    for kind in ["block_actions", "shortcut", "message_action", "view_closed", "something_new"] {
        send("interactive", json!({ "type": kind }), false);
        let refused = bot.request().await.ack_with_json(answer().to_string());
        let error = stage.clock.soon("the refusal", refused).await.unwrap_err();
        assert_eq!(error.kind(), AckErrorKind::Refused(AckRefusal::PayloadNotAccepted), "{kind}");
        let handle = error.into_handle().unwrap();
        let acked = stage.clock.soon("the outcome", handle.ack()).await.unwrap();
        assert!(!acked.unasked_payload, "{kind}");
    }
    bot.ends(LONG).await;
}

async fn a_payload_that_is_too_large_leaves_a_plain_ack<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let id = stage.slack.command("/list", "everything");
    let answer = bot.request().await.ack_with_json(json!({"text": "x".repeat(20_480)}).to_string());
    let error = stage.clock.soon("the refusal", answer).await.unwrap_err();
    assert!(matches!(error.kind(), AckErrorKind::Refused(AckRefusal::TooLarge { .. })), "{error}");
    // JSON that is none is refused as well, and once more nothing is lost by it.
    let answer = error.into_handle().unwrap().ack_with_json("{\"text\":");
    let error = stage.clock.soon("the refusal", answer).await.unwrap_err();
    assert_eq!(error.kind(), AckErrorKind::Refused(AckRefusal::InvalidPayload));
    stage.clock.soon("the outcome", error.into_handle().unwrap().ack()).await.unwrap();
    assert_eq!(stage.slack.wait_for_ack(&id, LONG).await.unwrap().payload, None);
    let counters = stage.slack.counters();
    assert_eq!((counters.acks, counters.oversized_responses, counters.strange_messages), (1, 0, 0));
    bot.ends(LONG).await;
}

async fn an_unknown_envelope_type_comes_raw_and_can_be_acknowledged<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let payload = json!({"type": "hologram", "deep": [1, 2, {"three": null}]});
    let id = stage.slack.send_envelope(Envelope::new("hologram_api", payload.clone()));
    let request = bot
        .until("an envelope", |event| match event {
            Event::Other(request) => Some(format!("{:?}", request.kind())),
            _ => None,
        })
        .await;
    assert!(request.contains("hologram_api"), "{request}");
    // That one was let go unanswered; it is not an event, so Slack does not send it again. Here is the next.
    let next = stage.slack.send_envelope(Envelope::new("hologram_api", payload.clone()));
    assert_ne!(id, next);
    let request = bot.request().await;
    assert!(matches!(request.kind(), EnvelopeKind::Other(kind) if &**kind == "hologram_api"));
    assert_eq!(request.payload::<Value>().unwrap(), payload);
    assert_eq!(serde_json::from_str::<Value>(request.payload_json()).unwrap(), payload);
    stage.clock.soon("the outcome", request.ack()).await.unwrap();
    assert_eq!(stage.slack.wait_for_ack(&next, LONG).await.unwrap().payload, None);
    bot.ends(LONG).await;
}

async fn unknown_events_and_interactions_come_raw_and_can_be_acked<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let id = stage.slack.event(&json!({"type": "weather_changed", "to": "rain"}));
    let request = bot.request().await;
    assert_eq!(request.kind(), &EnvelopeKind::EventsApi);
    assert_eq!(request.payload::<Value>().unwrap()["event"]["to"], "rain");
    stage.clock.soon("the outcome", request.ack()).await.unwrap();
    stage.slack.wait_for_ack(&id, LONG).await.unwrap();

    let payload = json!({"type": "gesture", "team": null, "hands": 2});
    let gesture = Envelope::new("interactive", payload.clone()).accepts_response_payload(true);
    let id = stage.slack.send_envelope(gesture);
    let request = bot.request().await;
    assert_eq!(request.kind(), &EnvelopeKind::Interactive);
    assert_eq!(request.payload::<Value>().unwrap(), payload);
    stage.clock.soon("the outcome", request.ack_with_json(json!({}).to_string())).await.unwrap();
    assert_eq!(stage.slack.wait_for_ack(&id, LONG).await.unwrap().payload, Some(json!({})));
    bot.ends(LONG).await;
}

async fn a_response_by_id_goes_out_and_a_second_one_is_refused<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let id = stage.slack.command("/deploy", "now");
    let (_envelope, handle) = bot.request().await.split();
    let response = Response::with_payload(id.as_str(), &json!({"text": "by id"})).unwrap();
    let acked = stage.clock.soon("the outcome", bot.client.respond(response)).await.unwrap();
    assert!(!acked.elsewhere, "{acked:?}");
    assert_eq!(stage.slack.wait_for_ack(&id, LONG).await.unwrap().payload, Some(json!({"text": "by id"})));
    let settled = AckErrorKind::Refused(AckRefusal::Settled);
    let again = bot.client.respond(Response::new(id.as_str()));
    assert_eq!(stage.clock.soon("the refusal", again).await.unwrap_err().kind(), settled);
    let unknown = bot.client.respond(Response::new("nobody-sent-this"));
    assert_eq!(stage.clock.soon("the refusal", unknown).await.unwrap_err().kind(), settled);
    assert_eq!(stage.clock.soon("the refusal", handle.ack()).await.unwrap_err().kind(), settled);
    // Nothing of that went out.
    let counters = stage.slack.counters();
    assert_eq!((counters.acks, counters.unknown_acks), (1, 0));
    let client = bot.client.clone();
    bot.ends(LONG).await;
    let stopped = client.respond(Response::new(id.as_str()));
    let error = stage.clock.soon("the refusal", stopped).await.unwrap_err();
    assert_eq!(error.kind(), AckErrorKind::Refused(AckRefusal::Stopped));
}

async fn a_dropped_request_is_not_acknowledged_and_comes_again<R: Runtime>() {
    let options = Options { ack_deadline: ms(500), redelivery: vec![ms(100); 100], ..Options::default() };
    let stage = Stage::<R>::new(options);
    let (mut bot, _) = stage.connected(stage.builder()).await;
    let id = stage.slack.say(PERSON, CHANNEL, "listen");
    drop(bot.request().await);
    let request = bot.request().await;
    assert_eq!(request.envelope_id(), id.as_str());
    assert!(request.envelope().retry_attempt() >= 1);
    stage.clock.soon("the outcome", request.ack()).await.unwrap();
    stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    bot.ends(LONG).await;
}

async fn events_that_nobody_reads_take_no_memory_and_hold_up_no_pong<R: Runtime>() {
    const CAPACITY: u64 = 8;
    /// What one turn of the loop may read before it looks at the queue again.
    const A_TURN: u64 = 64;
    let options = Options {
        ping_interval: Some(ms(50)),
        ack_deadline: ms(300),
        redelivery: vec![ms(200); 200],
        ..Options::default()
    };
    let stage = Stage::<R>::new(options);
    let pause = |config: &mut socketmode_protocol::Config| config.backlog_pause = ms(150);
    let (bot, link) = stage.connected(stage.builder().queue_capacity(8).config(pause)).await;
    let mut sent = Vec::new();
    for _ in 0..40 {
        sent.extend((0..10).map(|_| stage.slack.say(PERSON, CHANNEL, &"word ".repeat(100))));
        stage.clock.sleep(ms(5)).await;
    }
    let stats = || bot.client.stats();
    stage.clock.until("envelopes to be shed", || stats().shed > 0).await;
    let pongs = stage.slack.counters().pongs_received;
    stage.slack.wait_until(LONG, |now| now.counters.pongs_received > pongs + 10).await.unwrap();
    // All that was handed over waits in the queue: nobody has read.
    assert!(stats().delivered < CAPACITY + A_TURN, "{:?}", stats());
    assert!(stage.slack.acks().is_empty());
    // Now somebody reads, and everything comes that Slack sends again.
    let worker = bot.acknowledge_all();
    let done = stage.slack.wait_until(LONG, |now| now.counters.unacked == 0).await.unwrap();
    assert_eq!((done.counters.timed_out, done.counters.forgotten), (0, 0));
    assert_eq!((done.counters.hellos, done.links[0].id, done.open_links()), (1, link, 1));
    let log = worker.ends().await;
    assert!(sent.iter().all(|id| log.deliveries.contains_key(id)));
    assert!(log.notices.iter().any(|notice| notice.contains("Shed")), "{:#?}", log.notices);
    assert!(log.notices.last().is_some_and(|last| last.contains("Stopped")));
}
