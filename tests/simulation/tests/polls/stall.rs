//! After a stall: links are read before they are given up, and given up in the end.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use socketmode_driver::{BotToken, Event, Frame, Notice, WebError};
use socketmode_model::step::slack;
use socketmode_protocol::{AckPolicy, EndReason};
use socketmode_simulation::transport::{Asked, Received};

use crate::harness::Up;

/// More than the silence after which a link is given up.
const STALL: Duration = Duration::from_secs(45);

fn given_up(up: &mut Up) -> usize {
    let mut silent = 0;
    while let Poll::Ready(Some(event)) = up.next_event() {
        silent += usize::from(matches!(
            event,
            Event::Notice(Notice::Disconnected { reason: EndReason::Silent, .. })
        ));
    }
    silent
}

#[test]
fn a_flooded_link_does_not_put_off_the_verdict_on_another() {
    let mut up = Up::new(2, AckPolicy::Manual);
    let (flooded, silent) = (up.links[0], up.links[1]);
    given_up(&mut up);
    up.memory.advance(up.memory.time() + STALL);
    // So much that it is never idle.
    for _ in 0..1_000_000 {
        up.memory.deliver(flooded, Received::Frame(Frame::Ping));
    }
    for _ in 0..8 {
        if let Some(next) = up.memory.next_sleeper() {
            up.memory.advance(next);
        }
        up.poll();
    }
    assert!(up.memory.lying(flooded).0 > 0, "the flood is over");
    assert_eq!(given_up(&mut up), 1);
    let closes = |asked: &Asked| matches!(asked, Asked::Sent(on, Frame::Close(_)) if *on == silent);
    assert!(up.asked().iter().any(closes), "the silent link is left with a close frame");
}

/// Some polls, and the time between them.
fn go_on(up: &mut Up) {
    for _ in 0..4 {
        up.poll();
        if let Some(next) = up.memory.next_sleeper() {
            up.memory.advance(next.min(up.memory.time() + Duration::from_secs(1)));
        }
    }
}

#[test]
fn a_link_with_something_to_read_is_not_given_up_after_a_stall() {
    let mut up = Up::new(2, AckPolicy::Manual);
    let links = up.links.clone();
    given_up(&mut up);
    up.memory.stand_still();
    for &link in &links {
        up.memory.deliver(link, Received::Frame(Frame::Ping));
    }
    up.memory.advance(up.memory.time() + STALL);
    // The timers fire first.
    up.poll();
    up.memory.look();
    go_on(&mut up);
    assert_eq!(given_up(&mut up), 0);
    assert_eq!(up.memory.links(), links);
}

#[test]
fn a_hello_behind_two_turns_is_heard_after_a_stall() {
    let mut up = Up::built(|builder| builder);
    up.poll();
    up.open();
    let [link] = up.memory.dials()[..] else { panic!("a link") };
    up.memory.connect(link, Ok(()));
    up.poll();
    up.memory.stand_still();
    // One turn reads 64 of them.
    for _ in 0..200 {
        up.memory.deliver(link, Received::Frame(Frame::Ping));
    }
    up.say(link, slack::hello(1, None));
    up.memory.advance(up.memory.time() + STALL);
    up.poll();
    let Some(look) = up.memory.next_sleeper() else { panic!("it waits for the runtime to look") };
    up.memory.advance(look);
    up.memory.look();
    go_on(&mut up);
    assert_eq!((up.client.stats().connected, up.client.stats().failed_attempts), (1, 0));
    assert_eq!(up.memory.links(), [link]);
}

#[test]
fn a_stall_with_a_full_queue_costs_no_link() {
    let capacity = 4;
    let mut up = Up::with(1, |builder| builder.ack_policy(AckPolicy::Manual).queue_capacity(capacity));
    let links = up.links.clone();
    given_up(&mut up);
    for n in 0..capacity {
        let id = format!("e{n}");
        up.event(links[0], &id);
    }
    up.poll();
    up.memory.stand_still();
    up.memory.deliver(links[0], Received::Frame(Frame::Ping));
    up.memory.advance(up.memory.time() + STALL);
    up.poll();
    up.memory.look();
    go_on(&mut up);
    assert_eq!(up.memory.lying(links[0]), (0, 0));
    assert_eq!(given_up(&mut up), 0);
    assert_eq!(up.memory.links(), links);
}

#[test]
fn a_call_that_was_answered_in_a_stall_has_its_answer() {
    let up = Up::new(1, AckPolicy::Manual);
    let web = up.client.web(BotToken::new("xoxb-1-2-3").unwrap());
    let mut call = pin!(web.call::<BTreeMap<String, bool>>("api.test", &()));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(call.as_mut().poll(&mut cx).is_pending());
    // More than a call's time. The timers fire first.
    up.memory.advance(up.memory.time() + STALL);
    assert!(call.as_mut().poll(&mut cx).is_pending());
    for call in up.memory.calls() {
        up.memory.answer(call, Ok(http::Response::new(r#"{"ok":true,"seen":true}"#.into())));
    }
    let Poll::Ready(Ok(answer)) = call.poll(&mut cx) else { panic!("its answer") };
    assert!(answer["seen"]);
}

#[test]
fn a_call_without_an_answer_ends_after_a_stall_as_well() {
    let up = Up::new(1, AckPolicy::Manual);
    let web = up.client.web(BotToken::new("xoxb-1-2-3").unwrap());
    let mut call = pin!(web.call::<BTreeMap<String, bool>>("api.test", &()));
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..2 {
        assert!(call.as_mut().poll(&mut cx).is_pending());
        up.memory.advance(up.memory.time() + STALL);
    }
    let Poll::Ready(Err(error)) = call.poll(&mut cx) else { panic!("an error") };
    assert_eq!(error, WebError::TimedOut { after: Duration::from_secs(30) });
}
