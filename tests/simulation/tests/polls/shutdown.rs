//! The end that the application asks for.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use socketmode_driver::{AckErrorKind, Frame, Response, Shutdown};
use socketmode_model::step::{OwnedInput, slack};
use socketmode_protocol::{AckPolicy, Config, StopReason};
use socketmode_simulation::transport::{Asked, Gate};

use crate::harness::Up;

fn closes(up: &Up) -> Vec<u16> {
    let code = |asked: Asked| match asked {
        Asked::Sent(_, Frame::Close(code)) => code,
        _ => None,
    };
    up.asked().into_iter().filter_map(code).collect()
}

fn now(stopped: &mut Shutdown) -> Poll<Option<StopReason>> {
    pin!(stopped).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_shutdown_is_taken_though_1024_responds_wait() {
    let mut up = Up::new(1, AckPolicy::Manual);
    let mut waiting: Vec<_> = (0..1_024).map(|n| up.client.respond(Response::new(format!("e{n}")))).collect();
    let one_more = pin!(up.client.respond(Response::new("e")));
    let Poll::Ready(Err(busy)) = one_more.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("one more than the bound was taken")
    };
    assert_eq!(busy.kind(), AckErrorKind::Busy);
    let mut stopped = up.client.shutdown(Duration::ZERO);
    assert_eq!(now(&mut stopped), Poll::Pending);
    up.poll();
    assert_eq!(closes(&up), [1000]);
    up.end();
    assert_eq!(now(&mut stopped), Poll::Ready(Some(StopReason::Requested)));
    for ack in &mut waiting {
        assert!(pin!(ack).poll(&mut Context::from_waker(Waker::noop())).is_ready());
    }
}

#[test]
fn a_shutdown_of_a_client_that_has_ended_gives_the_reason() {
    let mut up = Up::new(1, AckPolicy::Manual);
    drop(up.client.shutdown(Duration::ZERO));
    up.poll();
    up.end();
    assert_eq!(now(&mut up.client.shutdown(Duration::ZERO)), Poll::Ready(Some(StopReason::Requested)));
}

#[test]
fn the_shortest_grace_of_many_shutdowns_counts_and_all_hear() {
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    up.say(up.links[0], OwnedInput::Text(slack::event("e1", "Ev1", 0)));
    up.poll();
    let request = up.request();
    let graces = [2_000, 500, 2_500].map(Duration::from_millis);
    let mut waiting: Vec<_> = graces.iter().map(|&grace| up.client.shutdown(grace)).collect();
    up.poll();
    up.asked();
    up.memory.advance(up.memory.time() + Duration::from_millis(499));
    up.poll();
    assert!(closes(&up).is_empty(), "the grace is not over");
    up.memory.advance(up.memory.time() + Duration::from_millis(1));
    up.poll();
    assert_eq!(closes(&up), [1000]);
    up.end();
    for stopped in &mut waiting {
        assert_eq!(now(stopped), Poll::Ready(Some(StopReason::Requested)));
    }
    drop(request);
}

#[test]
fn dropping_the_events_wakes_the_loop_which_closes_at_once() {
    let mut up = Up::new(1, AckPolicy::Manual);
    assert!(!up.task.is_woken());
    let at = up.memory.time();
    up.events = None;
    assert!(up.task.is_woken(), "the loop sleeps on");
    up.poll();
    assert_eq!((closes(&up), up.memory.time()), (vec![1000], at));
}

#[test]
fn a_shutdown_that_waits_for_a_request_is_woken_by_its_drop() {
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    up.say(up.links[0], OwnedInput::Text(slack::event("e1", "Ev1", 0)));
    up.poll();
    let request = up.request();
    let _stopped = up.client.shutdown(Duration::from_secs(60));
    up.poll();
    assert!(!up.task.is_woken());
    up.asked();
    drop(request);
    assert!(up.task.is_woken());
    up.poll();
    let asked = up.asked();
    assert!(asked.iter().any(|asked| matches!(asked, Asked::Sent(_, Frame::Close(_)))), "{asked:?}");
}

#[test]
fn a_stop_by_slack_is_woken_by_the_drop_it_waits_for() {
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    up.event(up.links[0], "e1");
    up.poll();
    let request = up.request();
    up.say(up.links[0], slack::disconnect("link_disabled"));
    up.poll();
    assert!(closes(&up).is_empty() && !up.task.is_woken(), "it waits for the request");
    drop(request);
    assert!(up.task.is_woken(), "the loop sleeps on");
    up.poll();
    assert_eq!(closes(&up), [1000]);
}

#[test]
fn requests_taken_before_the_events_are_dropped_have_the_grace() {
    let grace = Duration::from_secs(2);
    let change = |config: &mut Config| config.shutdown_grace = grace;
    let mut up = Up::with(1, |builder| builder.ack_policy(AckPolicy::Manual).config(change));
    while up.next_event().is_ready() {}
    for id in ["e1", "e2"] {
        up.event(up.links[0], id);
    }
    up.poll();
    let (taken, kept) = (up.request(), up.request());
    up.asked();
    let begin = up.memory.time();
    up.events = None;
    up.poll();
    drop(taken.ack());
    up.memory.advance(begin + (grace - Duration::from_millis(1)));
    up.poll();
    assert_eq!(up.client.stats().acknowledged, 1);
    assert!(closes(&up).is_empty(), "the grace is not over");
    up.memory.advance(begin + grace);
    up.poll();
    assert_eq!(closes(&up), [1000]);
    drop(kept);
}

#[test]
fn a_shutdown_ends_though_a_link_takes_no_writes() {
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    up.memory.gate(up.links[0], Gate::Open, Gate::Shut, false);
    up.event(up.links[0], "e1");
    up.poll();
    let mut ack = up.request().ack();
    let mut stopped = up.client.shutdown(Duration::from_secs(1));
    up.end();
    assert_eq!(now(&mut stopped), Poll::Ready(Some(StopReason::Requested)));
    let Poll::Ready(Err(error)) = pin!(&mut ack).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("its outcome")
    };
    assert_eq!(error.kind(), AckErrorKind::Lost);
}
