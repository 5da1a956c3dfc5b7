//! Whether a client says that it receives: exactly while envelopes can arrive.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use socketmode_driver::{Event, Frame, Health, HealthChanges, Notice, STALLED_AFTER, Unready};
use socketmode_model::step::slack;
use socketmode_protocol::limits::{CLIENT_PING, MAX_OUTSTANDING, SILENCE};
use socketmode_protocol::{AckPolicy, Instant};
use socketmode_simulation::executor::Task;
use socketmode_simulation::transport::{Link, Memory, Received};

use crate::harness::Up;

const SECOND: Duration = Duration::from_secs(1);

fn unready(up: &Up) -> Option<Unready> {
    let health = up.client.health();
    assert_eq!(health.ready, health.unready.is_none());
    health.unready
}

/// A second passes, on time for whoever sleeps.
fn second(up: &mut Up) {
    let end = up.memory.time() + SECOND;
    while let Some(next) = up.memory.next_sleeper().filter(|next| *next <= end) {
        up.memory.advance(next);
        up.poll();
    }
    up.memory.advance(end);
    up.poll();
}

/// Waits for an attempt; its link says hello.
fn connect(up: &mut Up) -> Link {
    while up.memory.calls().is_empty() {
        second(up);
    }
    up.open();
    let link = up.memory.dials()[0];
    up.memory.connect(link, Ok(()));
    up.poll();
    assert_eq!(unready(up), Some(Unready::NotConnected), "an open socket is not enough");
    up.say(link, slack::hello(1, None));
    up.poll();
    link
}

fn gaps(up: &mut Up) -> Vec<Duration> {
    let mut gaps = Vec::new();
    while let Poll::Ready(Some(event)) = up.next_event() {
        if let Event::Notice(Notice::Connected { gap, .. }) = event {
            gaps.extend(gap);
        }
    }
    gaps
}

#[test]
fn it_is_ready_through_a_night_without_events() {
    let mut up = Up::new(1, AckPolicy::Manual);
    for n in 0..8 * 3_600 {
        if n % 10 == 0 {
            up.memory.deliver(up.links[0], Received::Frame(Frame::Ping));
        }
        second(&mut up);
        assert_eq!(unready(&up), None);
    }
    let health = up.client.health();
    assert_eq!((health.up, health.gap, health.outstanding), (true, None, 0));
    assert!(health.since >= Some(Duration::from_secs(8 * 3_600)), "{health:?}");
    assert!(health.last_frame <= Some(10 * SECOND), "{health:?}");
    assert!(health.last_turn <= Some(12 * SECOND), "it sleeps when nothing is due");
}

#[test]
fn it_is_not_ready_in_an_outage_and_tells_the_gap_after_it() {
    let mut up = Up::new(1, AckPolicy::Manual);
    gaps(&mut up);
    let last = up.memory.time();
    up.memory.deliver(up.links[0], Received::Eof);
    up.poll();
    for _ in 0..600 {
        assert_eq!(unready(&up), Some(Unready::NotConnected));
        for call in up.memory.calls() {
            up.memory.answer(call, Ok(http::Response::new(br#"{"ok":false,"error":"x"}"#.as_slice().into())));
        }
        second(&mut up);
    }
    let down = up.client.health();
    assert_eq!((down.up, down.since), (false, Some(600 * SECOND)));
    assert_eq!((down.reconnects.lost, down.last_frame), (1, None));
    assert!(down.reconnects.failed_attempts >= 10, "{down:?}");
    connect(&mut up);
    assert_eq!(unready(&up), None);
    let gap = up.memory.time().saturating_since(last);
    assert_eq!((up.client.health().gap, gaps(&mut up)), (Some(gap), vec![gap]));
}

#[test]
fn a_half_open_link_is_ready_for_the_silence_and_no_longer() {
    let mut up = Up::new(1, AckPolicy::Manual);
    up.memory.deliver(up.links[0], Received::Frame(Frame::Ping));
    up.poll();
    let last = up.memory.time();
    while up.memory.time() + SECOND < last + SILENCE {
        second(&mut up);
        assert_eq!(unready(&up), None);
    }
    second(&mut up);
    assert_eq!((unready(&up), up.client.health().reconnects.silent), (Some(Unready::NotConnected), 1));
    connect(&mut up);
    assert!(up.client.health().gap >= Some(SILENCE), "it counts from the last frame");
    assert_eq!(unready(&up), None);
}

#[test]
fn it_is_ready_all_through_a_rotation() {
    let mut up = Up::new(1, AckPolicy::Manual);
    gaps(&mut up);
    let old = up.links[0];
    up.say(old, slack::disconnect("warning"));
    up.poll();
    let draining = up.client.health();
    assert_eq!((draining.unready, draining.connections.draining), (None, 1), "{draining:?}");
    up.open();
    let link = up.memory.dials()[0];
    up.memory.connect(link, Ok(()));
    up.say(link, slack::hello(1, None));
    for _ in 0..20 {
        up.poll();
        assert_eq!(unready(&up), None);
        up.memory.deliver(link, Received::Frame(Frame::Ping));
        second(&mut up);
        if up.asked().iter().any(|asked| format!("{asked:?}").contains("Close")) {
            up.memory.deliver(old, Received::Eof);
        }
    }
    let health = up.client.health();
    assert_eq!((health.reconnects.rotated, health.connections.active, health.gap), (1, 1, None));
    assert_eq!(gaps(&mut up), [Duration::ZERO]);
    assert!(health.since >= Some(20 * SECOND), "it was up all the time");
}

#[test]
fn it_is_not_ready_while_nobody_reads_a_full_queue() {
    let capacity = 4;
    let mut up = Up::with(1, |builder| builder.ack_policy(AckPolicy::OnReceive).queue_capacity(capacity));
    gaps(&mut up);
    for n in 0..capacity {
        assert_eq!((unready(&up), up.client.health().queued), (None, n));
        up.event(up.links[0], &format!("e{n}"));
        up.poll();
    }
    // Reading pauses, then envelopes are shed.
    for _ in 0..10 {
        assert_eq!(unready(&up), Some(Unready::QueueFull));
        second(&mut up);
    }
    up.request();
    up.poll();
    assert_eq!(unready(&up), Some(Unready::QueueFull), "one is not enough");
    up.request();
    up.poll();
    assert_eq!((unready(&up), up.client.health().queued), (None, capacity / 2));
}

#[test]
fn it_is_not_ready_while_more_would_be_shed() {
    let mut up = Up::with(1, |builder| {
        builder.ack_policy(AckPolicy::Manual).queue_capacity(2 * MAX_OUTSTANDING).deduplicate(SECOND)
    });
    gaps(&mut up);
    let mut requests = Vec::new();
    for n in 0..MAX_OUTSTANDING {
        up.event(up.links[0], &format!("e{n}"));
    }
    while up.client.stats().outstanding < MAX_OUTSTANDING as u64 {
        assert_eq!(unready(&up), None);
        up.poll();
    }
    assert_eq!(unready(&up), Some(Unready::TooManyOutstanding));
    requests.push(up.request());
    drop(requests.pop().map(socketmode_driver::Request::ack));
    up.poll();
    assert_eq!(unready(&up), None);
}

#[test]
fn the_oldest_envelope_without_an_outcome_is_told() {
    let mut up = Up::new(1, AckPolicy::Manual);
    gaps(&mut up);
    assert_eq!(up.client.health().oldest_outstanding, None);
    for id in ["e1", "e2"] {
        up.event(up.links[0], id);
        up.poll();
        up.memory.advance(up.memory.time() + SECOND);
    }
    let health = up.client.health();
    assert_eq!((health.outstanding, health.oldest_outstanding), (2, Some(2 * SECOND)));
    drop(up.request().ack());
    up.poll();
    assert_eq!(up.client.health().oldest_outstanding, Some(SECOND));
}

#[test]
fn connections_of_others_are_told() {
    let mut up = Up::built(|builder| builder);
    up.poll();
    assert_eq!(up.client.health().other_connections, None);
    let link = connect(&mut up);
    assert_eq!(up.client.health().other_connections, Some(0));
    up.say(link, slack::disconnect("warning"));
    up.poll();
    up.open();
    let heir = up.memory.dials()[0];
    up.memory.connect(heir, Ok(()));
    up.say(heir, slack::hello(5, None));
    up.poll();
    assert_eq!(up.client.health().other_connections, Some(3), "two are its own");
}

#[test]
fn a_loop_that_does_not_turn_is_noticed_from_outside() {
    let mut up = Up::built(|builder| builder);
    assert_eq!((unready(&up), up.client.health().live), (Some(Unready::NotStarted), false));
    up.poll();
    assert_eq!((unready(&up), up.client.health().live), (Some(Unready::NotConnected), true));
    connect(&mut up);
    // A sleep may be shorter than that.
    let due = up.memory.time() + CLIENT_PING;
    up.memory.advance(due + (STALLED_AFTER - Duration::from_millis(1)));
    assert_eq!(unready(&up), None);
    up.memory.advance(due + STALLED_AFTER);
    let health = up.client.health();
    assert_eq!((health.unready, health.live), (Some(Unready::Stalled), false));
    assert_eq!(health.overdue, STALLED_AFTER);
    up.poll();
    assert!(up.client.health().live);
}

#[test]
fn a_client_that_stops_is_not_ready_and_then_not_live() {
    let mut up = Up::new(1, AckPolicy::Manual);
    gaps(&mut up);
    up.event(up.links[0], "e1");
    up.poll();
    drop(up.client.shutdown(SECOND));
    up.poll();
    let health = up.client.health();
    assert_eq!((health.unready, health.live), (Some(Unready::Stopping), true));
    up.end();
    let health = up.client.health();
    assert_eq!((health.unready, health.live, health.up), (Some(Unready::Stopped), false, false));
    assert_eq!((poll_ready(&up), health.connections.draining), (Poll::Ready(None), 0));
}

#[test]
fn a_client_whose_driver_is_gone_is_not_ready() {
    let mut up = Up::new(1, AckPolicy::Manual);
    up.driver = None;
    assert_eq!((unready(&up), up.client.health().up), (Some(Unready::Stopped), false));
    assert_eq!(poll_ready(&up), Poll::Ready(None));
}

fn poll_ready(up: &Up) -> Poll<Option<Health>> {
    pin!(up.client.ready()).poll(&mut Context::from_waker(Waker::noop()))
}

/// The next change, by a task that is polled only if it was woken.
fn change(task: &mut Task, changes: &mut HealthChanges<Memory>) -> Poll<Option<Health>> {
    if !task.is_woken() {
        return Poll::Pending;
    }
    let polled = task.poll(|cx| pin!(changes.next()).poll(cx));
    if polled.is_ready() {
        task.wake();
    }
    polled
}

#[test]
fn whoever_watches_learns_the_latest_health_at_each_change() {
    let mut up = Up::built(|builder| builder.ack_policy(AckPolicy::OnReceive).queue_capacity(4));
    let (mut task, mut changes) = (Task::default(), up.client.health_changes());
    let mut next = || match change(&mut task, &mut changes) {
        Poll::Ready(Some(health)) => Some(health),
        Poll::Ready(None) => panic!("it has not stopped"),
        Poll::Pending => None,
    };
    assert_eq!(next().unwrap().unready, Some(Unready::NotStarted), "how it is now");
    assert_eq!(next(), None);
    assert!(poll_ready(&up).is_pending());
    // Several changes before it looks: the latest one.
    up.poll();
    let link = connect(&mut up);
    assert_eq!(next().unwrap().unready, None);
    assert_eq!(next(), None);
    assert!(matches!(poll_ready(&up), Poll::Ready(Some(health)) if health.ready));
    // Nothing but envelopes and pings is no change.
    gaps(&mut up);
    for n in 0..100 {
        up.event(link, &format!("e{n}"));
        up.memory.deliver(link, Received::Frame(Frame::Ping));
        second(&mut up);
        up.request();
        assert_eq!(next(), None, "{n}");
    }
    for n in 0..4 {
        up.event(link, &format!("f{n}"));
    }
    up.poll();
    assert_eq!(next().unwrap().unready, Some(Unready::QueueFull));
    drop(up.client.shutdown(Duration::ZERO));
    up.memory.deliver(link, Received::Eof);
    up.end();
    assert_eq!(next().unwrap().unready, Some(Unready::Stopped));
    assert_eq!(change(&mut task, &mut changes), Poll::Ready(None));
    assert_eq!(change(&mut task, &mut changes), Poll::Ready(None), "and no more");
}

#[test]
fn whoever_watches_learns_that_the_loop_does_not_turn() {
    let up = Up::new(1, AckPolicy::Manual);
    let due = up.memory.next_sleeper().unwrap();
    let (mut task, mut changes) = (Task::default(), up.client.health_changes());
    assert!(matches!(change(&mut task, &mut changes), Poll::Ready(Some(health)) if health.ready));
    assert!(change(&mut task, &mut changes).is_pending());
    let mut slept: Vec<Instant> = Vec::new();
    let health = loop {
        let next = up.memory.next_sleeper().unwrap();
        slept.push(next);
        up.memory.advance(next);
        if let Poll::Ready(health) = change(&mut task, &mut changes) {
            break health.unwrap();
        }
    };
    assert_eq!((health.unready, health.overdue), (Some(Unready::Stalled), STALLED_AFTER));
    assert_eq!(slept, [due, due + STALLED_AFTER]);
}

#[test]
fn whoever_no_longer_watches_is_forgotten() {
    let mut up = Up::new(1, AckPolicy::Manual);
    for _ in 0..10_000 {
        assert!(poll_ready(&up).is_ready());
    }
    up.memory.deliver(up.links[0], Received::Eof);
    up.poll();
    let sleepers = up.memory.sleepers();
    for _ in 0..10_000 {
        assert!(poll_ready(&up).is_pending());
    }
    assert_eq!(up.memory.sleepers(), sleepers, "no sleep is left over");
}
