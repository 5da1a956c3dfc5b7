//! From an envelope to the outcome of its acknowledgement.

use socketmode_model::output::Output;
use socketmode_model::step::{OwnedInput, slack};
use socketmode_model::world::World;
use socketmode_model::world::agenda::Wire;
use socketmode_model::world::app::Acks;
use socketmode_protocol::{
    AckOutcome, AckPolicy, AckRefusal, AckToken, BadMessageError, Config, EnvelopeKind, Instant, Notice,
    SocketMode, limits,
};

use crate::{bad_messages, ms, outcomes, s};

fn manual() -> World {
    let mut world = World::connected(Config::default());
    world.app.acks = Acks::Never;
    world
}

fn delivered(world: &mut World) -> AckToken {
    let id = world.command();
    world.run_for(ms(50));
    world.app.deliveries(&id)[0]
}

#[test]
fn an_ack_whose_link_is_gone_goes_out_on_the_next_and_says_so() {
    let mut world = manual();
    let token = delivered(&mut world);
    let link = world.active()[0];
    world.reset(link);
    world.run_for(ms(50));
    assert_eq!(world.acknowledge(token, None), Ok(()));
    world.run_for(s(2));
    let next = world.active()[0];
    assert_eq!(
        outcomes(&world),
        [AckOutcome::Sent { connection: next, elsewhere: true, late: false, unasked_payload: false }]
    );
    assert_eq!((world.slack.tally.acked, world.slack.tally.acked_elsewhere), (1, 1));
}

#[test]
fn an_ack_for_which_no_link_comes_in_time_is_told_as_lost() {
    let mut world = manual();
    let token = delivered(&mut world);
    world.slack.default_answer = socketmode_model::world::script::OpenAnswer::Hang;
    let link = world.active()[0];
    world.reset(link);
    world.run_for(ms(50));
    world.acknowledge(token, None).unwrap();
    world.run_for(s(4));
    assert_eq!(outcomes(&world), [AckOutcome::Lost]);
}

#[test]
fn every_ack_in_flight_around_a_reset_has_an_outcome() {
    let mut world = manual();
    world.slack.redelivers = false;
    let tokens: Vec<_> = (0..5).map(|_| delivered(&mut world)).collect();
    let link = world.active()[0];
    world.reset(link);
    // The reset arrives after 20 ms, the writes take 1 ms: some are written, some under way, some not made.
    for (n, token) in tokens.into_iter().enumerate() {
        world.run_for(ms(5));
        world.acknowledge(token, None).unwrap_or_else(|error| panic!("{n}: {error}"));
    }
    world.run_for(s(4));
    assert_eq!(outcomes(&world).len(), 5);
    assert_eq!(world.stats().outstanding, 0);
}

#[test]
fn second_unknown_and_late_acks_after_the_end_are_refused() {
    let mut world = manual();
    let token = delivered(&mut world);
    assert_eq!(world.acknowledge(token, None), Ok(()));
    assert_eq!(world.acknowledge(token, None), Err(AckRefusal::AlreadyAcknowledged));
    world.run_for(ms(100));
    assert_eq!(world.acknowledge(token, None), Err(AckRefusal::Settled));
    let other = delivered(&mut World::connected(Config {
        ack_slash_commands: AckPolicy::OnReceive,
        ..Config::default()
    }));
    assert_eq!(other, token, "tokens of another machine can be the same number");
    let (mut many, mut last) = (manual(), token);
    for _ in 0..3 {
        last = delivered(&mut many);
    }
    assert_eq!(world.acknowledge(last, None), Err(AckRefusal::Unknown));
    world.shutdown(s(1));
    world.run_until_stopped(s(3));
    assert_eq!(world.acknowledge(token, None), Err(AckRefusal::Stopped));
    assert_eq!((world.slack.tally.acked, world.slack.tally.acked_twice), (1, 0));
}

#[test]
fn a_response_of_20479_bytes_goes_and_one_of_20480_is_refused() {
    let mut world = manual();
    let token = delivered(&mut world);
    let frame = r#"{"envelope_id":"e1","payload":""}"#.len();
    let payload = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - frame));
    assert_eq!(world.acknowledge(token, Some(&payload(20_480))), Err(AckRefusal::TooLarge { bytes: 20_480 }));
    assert_eq!(world.acknowledge(token, Some(&payload(20_479))), Ok(()));
    world.run_for(ms(100));
    assert_eq!(world.slack.tally.acked, 1);
}

#[test]
fn a_payload_where_none_is_taken_is_refused_and_no_payload_goes() {
    let mut world = manual();
    let id = world.say();
    world.run_for(ms(50));
    let token = world.app.deliveries(&id)[0];
    assert_eq!(world.acknowledge(token, Some("{}")), Err(AckRefusal::PayloadNotAccepted));
    assert_eq!(world.acknowledge(token, None), Ok(()));
    world.run_for(ms(100));
    assert_eq!(world.slack.tally.acked, 1);
}

#[test]
fn an_answer_goes_out_where_the_flag_is_missing_or_odd() {
    for flag in ["", r#""accepts_response_payload":null,"#, r#""accepts_response_payload":0,"#] {
        for kind in ["interactive", "slash_commands", "events_api"] {
            let text = format!(r#"{{"type":"{kind}",{flag}"envelope_id":"e","payload":{{"type":"x"}}}}"#);
            let mut machine = SocketMode::new(Config::default(), 1, Instant::ZERO).unwrap();
            let link = machine.connections().next().unwrap().connection;
            let said = OwnedInput::Text(text.clone());
            for input in [slack::opened(1), OwnedInput::Dialed, slack::hello(1, None), said] {
                machine.handle_input(Instant::ZERO, link, input.as_input());
            }
            let token = machine.unacknowledged("e").unwrap();
            assert_eq!(machine.acknowledge(Instant::ZERO, token, Some("{}")), Ok(()), "{text}");
            let mut written = String::new();
            machine.poll_transmit(link, &mut written).unwrap();
            assert_eq!(written, r#"{"envelope_id":"e","payload":{}}"#);
        }
    }
}

#[test]
fn a_slow_handler_blocks_nothing_and_is_told_when_slack_gave_up() {
    let mut world = World::connected(Config::default());
    world.slack.redelivers = false;
    world.app.acks = Acks::Never;
    let slow = delivered(&mut world);
    let start = world.now();
    world.app.acks = Acks::AtOnce;
    world.load(ms(100), 1);
    world.run_for(s(10));
    world.acknowledge(slow, None).unwrap();
    world.quiet();
    world.run_for(s(1));
    let overdue = world.app.times(|event| matches!(event, Output::Notice(Notice::AckOverdue { .. })));
    assert_eq!(overdue.len(), 1);
    assert!(overdue[0].saturating_since(start) <= s(3));
    assert_eq!((world.slack.tally.acked, world.slack.tally.acked_late), (world.slack.tally.said, 1));
    assert_eq!((world.stats().acknowledged_late, world.stats().lost_connections), (1, 0));
}

#[test]
fn odd_payloads_are_delivered_as_they_came() {
    let mut world = manual();
    let link = world.active()[0];
    let payloads = [
        r#"{"type":"event_callback","event_id":"Ev1"}"#,
        r#"{"type":"app_rate_limited","minute_rate_limited":1}"#,
        r#"{"team":null,"is_enterprise_install":"false"}"#,
        "null",
        "[]",
        "7",
    ];
    for (n, payload) in payloads.into_iter().enumerate() {
        world
            .send_text(link, &format!(r#"{{"type":"events_api","envelope_id":"o{n}","payload":{payload}}}"#));
    }
    world.send_text(link, r#"{"type":"events_api","envelope_id":"o6"}"#);
    world.run_for(ms(50));
    let seen = world.app.events.iter().filter_map(|(_, event)| match event {
        Output::Envelope(envelope) => Some(envelope.payload_json().to_owned()),
        _ => None,
    });
    assert_eq!(seen.collect::<Vec<_>>(), [&payloads[..], &["null"]].concat());
    assert_eq!(world.stats().bad_messages, 0);
}

#[test]
fn an_envelope_of_an_unknown_kind_comes_and_can_be_acknowledged() {
    let mut world = manual();
    let link = world.active()[0];
    world.send_text(
        link,
        r#"{"type":"telepathy","envelope_id":"n","accepts_response_payload":true,"payload":{}}"#,
    );
    world.run_for(ms(50));
    let token = world.app.deliveries("n")[0];
    assert_eq!(
        world.app.count(
            |e| matches!(e, Output::Envelope(e) if *e.kind() == EnvelopeKind::Other("telepathy".into()))
        ),
        1
    );
    assert_eq!(world.acknowledge(token, Some("{}")), Ok(()));
}

#[test]
fn what_cannot_be_understood_is_reported_and_the_link_stays() {
    let mut world = World::connected(Config::default());
    let link = world.active()[0];
    let deep = "[".repeat(100_000);
    let bad = [
        ("UNAUTHENTICATED: cache_error", BadMessageError::NotJson),
        (r#"{"type":"events_api","envelope_id":"t","payload":{"#, BadMessageError::NotJson),
        ("", BadMessageError::NotJson),
        ("\u{feff}{}", BadMessageError::NotJson),
        (&deep, BadMessageError::NotAnObject),
        (r#"{"type":"hello"}"#, BadMessageError::SecondHello),
        (r#"{"type":"novel"}"#, BadMessageError::UnknownType),
        (r#"{"type":"events_api","envelope_id":""}"#, BadMessageError::NoEnvelopeId),
    ];
    for (text, _) in bad {
        world.send_text(link, text);
    }
    world.send(link, Wire::Binary(vec![0xff; 9]));
    let envelope = world.say();
    world.run_for(ms(100));
    let errors = bad_messages(&world);
    assert_eq!(errors[..bad.len()], bad.map(|(_, error)| error));
    assert_eq!(errors[bad.len()..], [BadMessageError::Binary]);
    assert_eq!(world.active(), [link]);
    assert_eq!(world.app.deliveries(&envelope).len(), 1);
}

#[test]
fn an_event_sent_again_comes_once_and_each_is_acknowledged() {
    for renews_ids in [false, true] {
        let mut world =
            World::connected(Config { deduplicate: Some(s(600)), connections: 2, ..Config::default() });
        world.slack.renews_ids = renews_ids;
        world.app.acks = Acks::After(s(4));
        let id = world.say();
        world.run_for(s(4));
        // The copy came after 3 s, and waits.
        assert_eq!((world.slack.tally.redelivered, world.slack.tally.acked), (1, 0));
        assert_eq!((world.stats().copies_held, world.stats().copies_acknowledged), (1, 0));
        world.run_for(s(4));
        assert_eq!(world.app.count(|event| matches!(event, Output::Envelope(_))), 1);
        assert_eq!((world.stats().copies_acknowledged, world.app.deliveries(&id).len()), (1, 1));
        assert_eq!((world.slack.tally.redelivered, world.slack.tally.acked), (1, 1));
    }
}

#[test]
fn an_event_that_was_declined_is_delivered_again() {
    let mut world = World::connected(Config { deduplicate: Some(s(600)), ..Config::default() });
    world.app.acks = Acks::Never;
    let id = world.say();
    world.run_for(ms(50));
    let token = world.app.deliveries(&id)[0];
    world.decline(token);
    world.app.acks = Acks::AtOnce;
    world.run_for(s(5));
    assert_eq!(world.app.deliveries(&id).len(), 2);
    assert_eq!((world.stats().declined, world.slack.tally.acked), (1, 1));
}

#[test]
fn a_policy_acknowledges_on_receipt_or_just_before_the_deadline() {
    for (policy, after) in [(AckPolicy::OnReceive, ms(0)), (AckPolicy::BeforeDeadline(ms(2_500)), ms(2_500))]
    {
        let mut world = World::connected(Config { ack_events_api: policy, ..Config::default() });
        world.app.acks = Acks::Never;
        world.say();
        world.run_for(ms(20) + after + ms(19));
        assert_eq!(world.slack.tally.acked, 0);
        world.run_for(ms(2));
        assert_eq!((world.slack.tally.acked, world.slack.tally.acked_late), (1, 0));
        assert_eq!(world.app.count(|event| matches!(event, Output::Notice(Notice::AckOverdue { .. }))), 0);
        world.run_for(limits::ACK_DEADLINE);
        assert_eq!(world.stats().acknowledged, 1);
    }
}

#[test]
fn the_latest_delivery_is_found_by_its_envelope_id() {
    let mut world = manual();
    let token = delivered(&mut world);
    let id = world.command();
    world.run_for(ms(50));
    let newer = world.app.deliveries(&id)[0];
    let found = |world: &World| world.machine().unacknowledged(&id);
    assert_eq!(found(&world), Some(newer));
    assert_ne!(newer, token);
    assert_eq!(world.machine().unacknowledged("another"), None);
    world.acknowledge(newer, None).unwrap();
    assert_eq!(found(&world), None);
}

#[test]
fn the_policy_leaves_what_is_withheld() {
    let policy = AckPolicy::BeforeDeadline(ms(1_000));
    let mut machine =
        SocketMode::new(Config { ack_events_api: policy, ..Config::default() }, 1, Instant::ZERO).unwrap();
    let link = machine.connections().next().unwrap().connection;
    for input in [slack::opened(1), OwnedInput::Dialed, slack::hello(1, None)] {
        machine.handle_input(Instant::ZERO, link, input.as_input());
    }
    let mut say = |id: &str| {
        let text = OwnedInput::Text(slack::event(id, id, 0));
        machine.handle_input(Instant::ZERO, link, text.as_input());
        machine.unacknowledged(id).unwrap()
    };
    let [taken, untaken] = ["taken", "untaken"].map(&mut say);
    let due = |millis| machine.due_by_policy(Instant::from_millis(millis)).collect::<Vec<_>>();
    assert_eq!((due(999), due(1_000)), (vec![], vec![taken, untaken]));
    machine.withhold(untaken);
    machine.handle_timeout(Instant::from_millis(1_000));
    let mut text = String::new();
    while machine.poll_transmit(link, &mut text).is_some() {}
    assert_eq!(text, r#"{"envelope_id":"taken"}"#);
}

#[test]
fn what_is_unacknowledged_after_3_s_ends_if_its_link_is_gone() {
    let mut world = World::connected(Config::default());
    world.run_for(s(60));
    world.app.acks = Acks::Never;
    world.slack.redelivers = false;
    let (early, link) = (world.say(), world.active()[0]);
    world.run_for(ms(100));
    world.reset(link);
    world.run_for(s(2));
    assert_eq!(world.stats().outstanding, 1, "there is still time to acknowledge it on another link");
    world.run_for(s(1));
    assert_eq!((world.stats().outstanding, world.stats().expired), (0, 1));
    let token = world.app.deliveries(&early)[0];
    assert_eq!(world.acknowledge(token, None), Err(AckRefusal::Settled));
}
