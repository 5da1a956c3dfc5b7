//! A full queue, and what is read meanwhile.

use std::task::Poll;

use socketmode_driver::{Event, Frame};
use socketmode_model::step::slack;
use socketmode_protocol::AckPolicy;
use socketmode_simulation::transport::{Link, Received};

use crate::harness::Up;

const CAPACITY: usize = 4;
/// What a new link may deliver before its hello while the queue is full.
const EARLY_FRAMES: usize = 64;

/// A client whose queue is full and whose link is gone; the next one was dialed and has not said hello.
fn full_with_a_new_link() -> (Up, Link) {
    let mut up = Up::with(1, |builder| builder.ack_policy(AckPolicy::Manual).queue_capacity(CAPACITY));
    while up.next_event().is_ready() {}
    let old = up.links[0];
    for n in 0..CAPACITY {
        up.event(old, &format!("e{n}"));
    }
    up.memory.deliver(old, Received::Eof);
    up.poll();
    up.open();
    let [dial] = up.memory.dials()[..] else { panic!("a new link") };
    up.memory.connect(dial, Ok(()));
    up.poll();
    (up, dial)
}

/// What lies unread.
fn unread(up: &Up, link: Link) -> usize {
    up.memory.lying(link).0
}

#[test]
fn a_new_link_is_up_while_the_queue_is_full() {
    let (mut up, link) = full_with_a_new_link();
    up.say(link, slack::hello(1, None));
    up.event(link, "e9");
    up.poll();
    let stats = up.client.stats();
    assert_eq!((stats.connected, stats.delivered), (2, CAPACITY as u64));
    assert_eq!(unread(&up, link), 1, "the envelope waits for room");
}

#[test]
fn an_ack_goes_out_by_the_new_link_while_the_queue_is_full() {
    let (mut up, link) = full_with_a_new_link();
    let request = loop {
        match up.next_event() {
            Poll::Ready(Some(Event::EventsApi(request))) => break request,
            Poll::Ready(Some(_)) => {}
            Poll::Ready(None) | Poll::Pending => panic!("a request"),
        }
    };
    drop(request.ack());
    up.say(link, slack::hello(1, None));
    up.poll();
    assert_eq!(up.client.stats().acknowledged, 1);
}

#[test]
fn a_new_link_that_slack_disconnects_is_replaced_at_once() {
    let (mut up, link) = full_with_a_new_link();
    up.memory.deliver(link, Received::Frame(Frame::Ping));
    up.say(link, slack::disconnect("too_many_websockets"));
    up.poll();
    assert_eq!((up.client.stats().pings_received, up.client.stats().failed_attempts), (1, 1));
}

#[test]
fn a_new_link_without_a_hello_does_not_overfill_the_queue() {
    let (mut up, link) = full_with_a_new_link();
    for n in 0..1_000 {
        up.event(link, &format!("f{n}"));
    }
    up.poll();
    up.poll();
    assert_eq!(unread(&up, link), 1_000 - EARLY_FRAMES);
    assert!(!up.task.is_woken());
}

#[test]
fn what_waits_is_read_as_soon_as_there_is_room() {
    let mut up = Up::with(1, |builder| builder.ack_policy(AckPolicy::OnReceive).queue_capacity(CAPACITY));
    while up.next_event().is_ready() {}
    let link = up.links[0];
    for n in 0..CAPACITY {
        up.event(link, &format!("e{n}"));
    }
    up.poll();
    up.event(link, "next");
    up.poll();
    assert_eq!(unread(&up, link), 1, "the queue is full");
    for _ in 0..CAPACITY / 2 {
        up.request();
    }
    assert!(up.task.is_woken());
    up.poll();
    assert_eq!(unread(&up, link), 0);
}
