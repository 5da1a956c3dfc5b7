//! A driver that is dropped: the links are closed, as far as that takes no waiting.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use socketmode_driver::{AckError, AckErrorKind, Acked, Acknowledgement, Frame, Request};
use socketmode_model::step::{OwnedInput, slack};
use socketmode_protocol::{AckPolicy, Instant};
use socketmode_simulation::transport::{Asked, Gate};

use crate::harness::Up;

/// A client with one link, and a request that came by it.
fn with_a_request() -> (Up, Request) {
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    up.say(up.links[0], OwnedInput::Text(slack::event("e1", "Ev1", 0)));
    up.poll();
    up.asked();
    let request = up.request();
    (up, request)
}

fn outcome(ack: Acknowledgement) -> Result<Acked, AckError> {
    match pin!(ack).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("an acknowledgement without an outcome"),
    }
}

/// What the links were sent, in short.
fn sent(up: &Up) -> Vec<String> {
    let frame = |asked: Asked| match asked {
        Asked::Sent(_, Frame::Text(text)) => Some(text),
        Asked::Sent(_, frame) => Some(format!("{frame:?}")),
        Asked::Dropped(_) => Some("dropped".into()),
        _ => None,
    };
    up.asked().into_iter().filter_map(frame).collect()
}

const ACK: &str = r#"{"envelope_id":"e1"}"#;

#[test]
fn what_was_acknowledged_before_goes_out_and_then_the_close() {
    let (mut up, request) = with_a_request();
    let ack = request.ack();
    up.driver = None;
    assert_eq!(sent(&up), [ACK, "Close(Some(1001))", "dropped"]);
    assert!(outcome(ack).is_ok());
}

#[test]
fn a_panic_that_drops_the_driver_closes_its_links() {
    let (up, request) = with_a_request();
    let memory = up.memory.clone();
    let ack = request.ack();
    let panicked = catch_unwind(AssertUnwindSafe(move || {
        let _up = up;
        panic!("the application's own")
    }));
    assert!(panicked.is_err());
    let mut asked = std::collections::VecDeque::new();
    memory.asked(&mut asked);
    assert!(asked.iter().any(|asked| matches!(asked, Asked::Sent(_, Frame::Close(Some(1001))))), "{asked:?}");
    assert!(outcome(ack).is_ok());
}

#[test]
fn an_ack_that_the_socket_may_have_sent_is_of_unknown_fate() {
    let (mut up, request) = with_a_request();
    up.memory.gate(up.links[0], Gate::Open, Gate::Shut, false);
    let ack = request.ack();
    up.poll();
    up.driver = None;
    let error = outcome(ack).unwrap_err();
    assert_eq!(error.kind(), AckErrorKind::Unknown);
    assert!(error.to_string().contains("may have"), "{error}");
    assert_eq!(sent(&up), ["dropped"]);
}

#[test]
fn a_socket_that_takes_nothing_is_dropped_without_waiting() {
    let (mut up, request) = with_a_request();
    up.memory.gate(up.links[0], Gate::Shut, Gate::Shut, false);
    let ack = request.ack();
    up.driver = None;
    assert_eq!(outcome(ack).unwrap_err().kind(), AckErrorKind::Unknown);
    assert_eq!(sent(&up), ["dropped"]);
    assert_eq!((up.memory.held(), up.memory.sleepers()), (0, 0));
}

#[test]
fn every_link_is_closed_and_what_opens_is_dropped() {
    let mut up = Up::new(3, AckPolicy::Manual);
    up.say(up.links[0], slack::disconnect("warning"));
    up.poll();
    assert_eq!(up.memory.calls().len(), 1, "a successor is under way");
    up.asked();
    up.driver = None;
    let closes = sent(&up).into_iter().filter(|frame| frame == "Close(Some(1001))").count();
    assert_eq!((closes, up.memory.held()), (3, 0));
}

#[test]
fn a_link_that_is_closing_already_gets_no_second_close() {
    let mut up = Up::new(1, AckPolicy::Manual);
    drop(up.client.shutdown(Duration::ZERO));
    up.poll();
    up.driver = None;
    assert_eq!(sent(&up), ["Close(Some(1000))", "dropped"]);
}

#[test]
fn a_driver_that_was_never_polled_opens_nothing_when_dropped() {
    let mut up = Up::built(|builder| builder);
    assert_eq!(up.memory.next_sleeper(), None::<Instant>);
    up.driver = None;
    assert!(up.asked().is_empty());
}

#[test]
fn the_counters_know_what_went_out_as_the_driver_was_dropped() {
    let (mut up, request) = with_a_request();
    drop(request.ack());
    up.driver = None;
    assert_eq!(up.client.stats().acknowledged, 1);
}

#[test]
fn a_link_that_waits_for_its_hello_is_closed() {
    let mut up = Up::built(|builder| builder);
    up.poll();
    up.open();
    let [greeting] = up.memory.dials()[..] else { panic!("a link") };
    up.memory.connect(greeting, Ok(()));
    up.poll();
    up.asked();
    up.driver = None;
    assert_eq!(sent(&up), ["Close(Some(1001))", "dropped"]);
}
