//! A link on which writing fails: what the peer said before is read, and then the link is gone.

use std::task::Poll;
use std::time::Duration;

use socketmode_driver::{Event, Frame, Notice};
use socketmode_protocol::AckPolicy;
use socketmode_simulation::transport::{Gate, Received};

use crate::harness::Up;

/// A client with one link, which has an acknowledgement that waits to be written.
fn with_an_unwritten_ack() -> Up {
    let mut up = Up::with(1, |builder| builder.ack_policy(AckPolicy::Manual).queue_capacity(4));
    told(&mut up);
    up.memory.gate(up.links[0], Gate::Open, Gate::Shut, false);
    up.event(up.links[0], "e1");
    up.poll();
    let request = up.request();
    drop(request.ack());
    up.poll();
    up
}

fn break_writing(up: &Up) {
    up.memory.gate(up.links[0], Gate::Broken, Gate::Broken, false);
}

/// Polls the driver while it is woken, and by its timers for so long.
fn go_on(up: &mut Up, time: Duration) {
    let end = up.memory.time() + time;
    loop {
        for polls in 0.. {
            assert!(polls < 100, "a hot loop");
            if !up.task.is_woken() {
                break;
            }
            up.poll();
        }
        match up.memory.next_sleeper() {
            Some(next) if next <= end => up.memory.advance(next),
            _ => return,
        };
    }
}

/// What the application is told, in short.
fn told(up: &mut Up) -> Vec<String> {
    let mut told = Vec::new();
    while let Poll::Ready(Some(event)) = up.next_event() {
        told.push(match event {
            Event::EventsApi(request) => request.envelope().envelope_id().to_owned(),
            Event::Notice(Notice::WriteError { detail, .. }) => detail.to_string(),
            Event::Notice(Notice::Disconnected { reason, .. }) => format!("{reason:?}"),
            _ => continue,
        });
    }
    told
}

#[test]
fn what_was_readable_when_a_write_failed_is_delivered() {
    let mut up = with_an_unwritten_ack();
    up.event(up.links[0], "e2");
    up.event(up.links[0], "e3");
    break_writing(&up);
    go_on(&mut up, Duration::from_millis(100));
    assert_eq!(told(&mut up), ["e2", "e3", "broken pipe", "Lost"]);
    assert!(up.memory.links().is_empty());
}

#[test]
fn the_runtime_looks_at_its_sockets_before_a_broken_link_ends() {
    let mut up = with_an_unwritten_ack();
    up.memory.stand_still();
    up.event(up.links[0], "e2");
    break_writing(&up);
    up.poll();
    up.memory.look();
    go_on(&mut up, Duration::from_millis(100));
    assert_eq!(told(&mut up), ["e2", "broken pipe", "Lost"]);
}

#[test]
fn a_full_queue_does_not_keep_a_broken_link() {
    let mut up = with_an_unwritten_ack();
    for id in ["e2", "e3", "e4", "e5"] {
        up.event(up.links[0], id);
    }
    up.poll();
    up.event(up.links[0], "e6");
    break_writing(&up);
    go_on(&mut up, Duration::from_millis(100));
    assert_eq!(told(&mut up), ["e2", "e3", "e4", "e5", "e6", "broken pipe", "Lost"]);
}

#[test]
fn a_peer_that_talks_on_does_not_keep_a_broken_link() {
    let mut up = with_an_unwritten_ack();
    break_writing(&up);
    // So much that it is never idle.
    for _ in 0..1_000_000 {
        up.memory.deliver(up.links[0], Received::Frame(Frame::Ping));
    }
    for polls in 0.. {
        if up.memory.links().is_empty() {
            break;
        }
        assert!(polls < 100, "it lives on");
        up.memory.advance(up.memory.time() + Duration::from_millis(1));
        up.poll();
    }
    assert_eq!(told(&mut up), ["broken pipe", "Lost"]);
}
