//! Where acknowledgements go.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use socketmode_driver::{AckErrorKind, Event, Frame, Message, Response};
use socketmode_model::step::{OwnedInput, slack};
use socketmode_protocol::{AckPolicy, AckRefusal};
use socketmode_simulation::transport::{Asked, Received};

use crate::harness::Up;

#[test]
fn what_moves_to_another_link_is_acknowledged_once() {
    let mut up = Up::new(2, AckPolicy::OnReceive);
    let link = up.links[0];
    up.say(link, OwnedInput::Text(slack::event("e1", "Ev1", 0)));
    up.memory.deliver(link, Received::Frame(Frame::Close(Some(1000))));
    up.poll();
    up.memory.advance(up.memory.time() + Duration::from_secs(1));
    up.poll();
    let asked = up.asked();
    let is_ack = |asked: &&Asked| matches!(asked, Asked::Sent(_, Frame::Text(text)) if text.contains("e1"));
    assert_eq!(asked.iter().filter(is_ack).count(), 1, "{asked:?}");
    let closes = |asked: &Asked| matches!(asked, Asked::Sent(on, Frame::Close(_)) if *on == link);
    assert!(asked.iter().any(closes), "{asked:?}");
}

#[test]
fn what_nobody_took_is_not_acknowledged_at_the_end() {
    let after = Duration::from_secs(2);
    let mut up = Up::new(1, AckPolicy::BeforeDeadline(after));
    while up.next_event().is_ready() {}
    for id in ["e1", "e2"] {
        up.event(up.links[0], id);
    }
    up.poll();
    let taken = up.request();
    assert_eq!(taken.envelope_id(), "e1");
    drop(up.client.shutdown(Duration::from_secs(10)));
    up.poll();
    up.memory.advance(up.memory.time() + after);
    up.poll();
    let acknowledged = |asked: &VecDeque<Asked>, id: &str| {
        let is_ack = |asked: &Asked| matches!(asked, Asked::Sent(_, Frame::Text(text)) if text.contains(id));
        asked.iter().any(is_ack)
    };
    let asked = up.asked();
    assert!(acknowledged(&asked, "e1"), "it is with the application");
    assert!(!acknowledged(&asked, "e2"), "Slack sends it again");
    // Taken later, it is the application's to acknowledge.
    let taken = up.request();
    drop(taken.ack());
    up.poll();
    assert!(acknowledged(&up.asked(), "e2"));
}

#[test]
fn what_is_taken_during_the_grace_is_acknowledged_by_policy() {
    let after = Duration::from_secs(2);
    let mut up = Up::new(1, AckPolicy::BeforeDeadline(after));
    while up.next_event().is_ready() {}
    up.say(up.links[0], OwnedInput::Text(slack::event("e1", "Ev1", 0)));
    up.poll();
    let received = up.memory.time();
    drop(up.client.shutdown(Duration::from_secs(10)));
    up.poll();
    up.memory.advance(received + after / 2);
    up.poll();
    let taken = up.request();
    up.memory.advance(received + after);
    up.poll();
    let is_ack = |asked: &Asked| matches!(asked, Asked::Sent(_, Frame::Text(text)) if text.contains("e1"));
    assert!(up.asked().iter().any(is_ack), "it is with the application");
    drop(taken);
}

#[test]
fn what_is_refused_before_the_wire_gives_its_handle_back() {
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    up.say(up.links[0], OwnedInput::Text(slack::event("e1", "Ev1", 0)));
    up.poll();
    let request = up.request();
    let mut ack = request.ack_with_json("{}");
    up.poll();
    let Poll::Ready(Err(error)) = Pin::new(&mut ack).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("an event takes no payload")
    };
    let handle = error.into_handle().expect("it can be acknowledged without");
    assert!(format!("{handle:?}").starts_with("AckHandle("), "{handle:?}");
    drop(handle.ack());
    up.poll();
    let is_ack = |asked: &Asked| matches!(asked, Asked::Sent(_, Frame::Text(text)) if text.contains("e1"));
    assert_eq!(up.asked().iter().filter(|asked| is_ack(asked)).count(), 1);
    let shown = format!("{:?} {ack:?} {:?}", up.client, up.client.shutdown(Duration::ZERO));
    for name in ["Client {", "Acknowledgement", "Shutdown"] {
        assert!(shown.contains(name), "{shown}");
    }
}

#[test]
fn an_ack_after_a_dropped_request_wakes_the_loop() {
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    for id in ["e1", "e2"] {
        up.event(up.links[0], id);
    }
    up.poll();
    let dropped = up.request();
    let taken = up.request();
    up.poll();
    drop(dropped);
    drop(taken.ack());
    assert!(up.task.is_woken(), "it is on its way when ack returns");
}

#[test]
fn an_answer_that_fails_to_serialize_gives_the_handle_back() {
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    up.say(up.links[0], OwnedInput::Text(slack::command("e1")));
    up.poll();
    let Poll::Ready(Some(Event::SlashCommand(command))) = up.next_event() else { panic!("a command") };
    // JSON has no such keys.
    let fails = BTreeMap::from([(vec![1], 2)]);
    let mut ack = command.ack_with(Message::new("x").blocks(&fails));
    let Poll::Ready(Err(error)) = Pin::new(&mut ack).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it is told at once")
    };
    assert_eq!(error.kind(), AckErrorKind::Serialize);
    assert!(Response::with_payload("e1", &fails).is_err());
    drop(error.into_handle().unwrap().ack_with_json(r#"{"text":"x"}"#));
    up.poll();
    let answer = r#"{"envelope_id":"e1","payload":{"text":"x"}}"#;
    let is_ack = |asked: &Asked| matches!(asked, Asked::Sent(_, Frame::Text(text)) if text == answer);
    assert!(up.asked().iter().any(is_ack));
}

#[test]
fn an_ack_by_id_takes_the_latest_delivery_and_its_payload() {
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    let mut commands = Vec::new();
    for _ in 0..2 {
        up.say(up.links[0], OwnedInput::Text(slack::command("e1")));
        up.poll();
        commands.push(up.next_event());
    }
    let text = BTreeMap::from([("text", "on it")]);
    let mut ack = up.client.respond(Response::with_payload("e1", &text).unwrap());
    assert!(up.task.is_woken(), "it is on its way when respond returns");
    up.poll();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(Pin::new(&mut ack).poll(&mut cx), Poll::Ready(Ok(_))));
    let answer = r#"{"envelope_id":"e1","payload":{"text":"on it"}}"#;
    let sent = |asked: &Asked| matches!(asked, Asked::Sent(_, Frame::Text(text)) if text == answer);
    assert_eq!(up.asked().iter().filter(|asked| sent(asked)).count(), 1);
    let (Some(Poll::Ready(Some(latest))), Some(Poll::Ready(Some(first)))) = (commands.pop(), commands.pop())
    else {
        panic!("two commands")
    };
    let (latest, first) = (latest.into_request().unwrap(), first.into_request().unwrap());
    let (mut again, mut other) = (latest.ack(), first.ack());
    up.poll();
    let Poll::Ready(Err(error)) = Pin::new(&mut again).poll(&mut cx) else { panic!("it was the latest") };
    assert_eq!(error.kind(), AckErrorKind::Refused(AckRefusal::Settled));
    assert!(matches!(Pin::new(&mut other).poll(&mut cx), Poll::Ready(Ok(_))));
}
