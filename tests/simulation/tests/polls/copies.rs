//! Copies that wait for the outcome of the first delivery.

use std::time::Duration;

use socketmode_model::step::{Happening, slack};
use socketmode_protocol::AckPolicy;

use crate::up::Up;

#[test]
fn a_dropped_request_wakes_the_loop_for_the_copy_that_waits() {
    let window = Duration::from_secs(600);
    let mut up = Up::with(1, |builder| builder.ack_policy(AckPolicy::Manual).deduplicate(window));
    while up.next_event().is_ready() {}
    up.say(up.links[0], Happening::Text(slack::event("e1", "Ev1", 0)));
    up.poll();
    let first = up.request();
    up.say(up.links[0], Happening::Text(slack::event("e2", "Ev1", 1)));
    up.poll();
    assert_eq!(up.client.stats().copies_waiting, 1);
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
