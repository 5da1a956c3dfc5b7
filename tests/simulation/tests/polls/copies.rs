//! Copies: those that wait for the outcome of the first delivery, and how far back one is known.

use std::task::Poll;
use std::time::Duration;

use socketmode_driver::{Event, Frame, Notice};
use socketmode_model::step::{OwnedInput, slack};
use socketmode_protocol::AckPolicy;
use socketmode_protocol::limits::MAX_REMEMBERED;
use socketmode_simulation::transport::Asked;

use crate::harness::Up;

#[test]
fn a_dropped_request_wakes_the_loop_for_the_copy_that_waits() {
    let window = Duration::from_secs(600);
    let mut up = Up::with(1, |builder| builder.ack_policy(AckPolicy::Manual).deduplicate(window));
    while up.next_event().is_ready() {}
    up.say(up.links[0], OwnedInput::Text(slack::event("e1", "Ev1", 0)));
    up.poll();
    let first = up.request();
    up.say(up.links[0], OwnedInput::Text(slack::event("e2", "Ev1", 1)));
    up.poll();
    assert_eq!(up.client.stats().copies_held, 1);
    assert!(!up.task.is_woken());
    drop(first);
    assert!(up.task.is_woken(), "the loop sleeps on");
    up.poll();
    let copy = up.request();
    assert_eq!(copy.envelope_id(), "e2");
    // With no copy waiting there is nothing urgent about it.
    drop(copy);
    assert!(!up.task.is_woken());
}

#[test]
fn a_copy_is_acknowledged_in_the_poll_of_the_first_on_any_link() {
    for (first, second) in [(0, 0), (0, 1), (1, 0)] {
        let window = Duration::from_secs(600);
        let mut up = Up::with(2, |builder| builder.ack_policy(AckPolicy::Manual).deduplicate(window));
        while up.next_event().is_ready() {}
        for (link, id, retry) in [(first, "e1", 0), (second, "e2", 1)] {
            up.say(up.links[link], OwnedInput::Text(slack::event(id, "Ev1", retry)));
            up.poll();
        }
        drop(up.request().ack());
        up.poll();
        let sent = up.asked().into_iter().filter(|asked| matches!(asked, Asked::Sent(_, Frame::Text(_))));
        assert_eq!(sent.count(), 2, "{first} {second}");
        assert!(!up.task.is_woken());
    }
}

#[test]
fn the_application_learns_how_far_back_it_is_remembered() {
    let window = Duration::from_secs(3_600);
    let mut up = Up::with(1, |builder| builder.ack_policy(AckPolicy::OnReceive).deduplicate(window));
    let mut shortened = Vec::new();
    for n in 0..=MAX_REMEMBERED {
        if n == MAX_REMEMBERED {
            up.memory.advance(up.memory.time() + Duration::from_secs(1));
        }
        up.event(up.links[0], &format!("e{n}"));
        up.poll();
        while let Poll::Ready(Some(event)) = up.next_event() {
            if let Event::Notice(Notice::DedupShortened { window }) = event {
                shortened.push((n, window));
            }
        }
    }
    assert_eq!(shortened, [(MAX_REMEMBERED, Duration::from_secs(1))]);
}
