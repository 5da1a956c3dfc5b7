//! The gate: how many at a time, and who waits for whom.

use crate::router::order::{Gate, MAX_WAITING, Turn};
use crate::testing::wakes::Wakes;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn has_begun(turn: &mut Turn) -> bool {
    pin!(turn.begin()).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

fn has_room(gate: &Gate) -> bool {
    gate.poll_room(&Context::from_waker(Waker::noop())).is_ready()
}

fn key(key: &str) -> Option<String> {
    Some(key.to_owned())
}

#[test]
fn requests_with_one_key_begin_one_after_another() {
    let gate = Gate::new(8);
    let mut turns: Vec<_> = (0..3).map(|_| gate.enter(key("a"))).collect();
    let mut other = gate.enter(key("b"));
    assert!(has_begun(&mut other));
    for _ in 0..3 {
        let begun: Vec<_> = turns.iter_mut().map(has_begun).collect();
        assert_eq!(begun.iter().filter(|begun| **begun).count(), 1);
        assert!(begun[0]);
        turns.remove(0);
    }
    drop(other);
    assert_eq!(gate.counts(), (0, 0, 0));
}

#[test]
fn one_that_waits_takes_no_place_and_is_woken_in_its_turn() {
    let gate = Gate::new(2);
    let first = gate.enter(key("a"));
    let mut second = gate.enter(key("a"));
    let (task, waker) = Wakes::task();
    assert!(pin!(second.begin()).poll(&mut Context::from_waker(&waker)).is_pending());
    assert!(has_room(&gate));
    assert_eq!(gate.counts(), (1, 1, 1));
    drop(first);
    assert_eq!((task.count(), gate.counts()), (1, (1, 0, 1)));
    assert!(has_begun(&mut second));
}

#[test]
fn one_that_is_dropped_as_it_waits_holds_nobody() {
    let gate = Gate::new(2);
    let first = gate.enter(key("a"));
    let (mut second, third) = (gate.enter(key("a")), gate.enter(key("a")));
    drop(third);
    assert!(!has_begun(&mut second));
    drop(first);
    // Its turn has come, and it does not look.
    let mut last = gate.enter(key("a"));
    drop(second);
    assert!(has_begun(&mut last));
    drop(last);
    assert_eq!(gate.counts(), (0, 0, 0));
}

#[test]
fn one_that_passes_its_turn_on_keeps_its_place() {
    let gate = Gate::new(2);
    let (mut first, mut second) = (gate.enter(key("a")), gate.enter(key("a")));
    first.pass_on();
    assert!(has_begun(&mut second));
    assert!(!has_room(&gate));
    first.pass_on();
    drop(first);
    assert_eq!(gate.counts(), (1, 0, 1));
    second.pass_on();
    assert_eq!(gate.counts(), (1, 0, 0));
    drop(second);
    assert_eq!(gate.counts(), (0, 0, 0));
}

#[test]
fn there_is_room_again_when_one_is_done() {
    let gate = Gate::new(1);
    let turn = gate.enter(None);
    let (reader, waker) = Wakes::task();
    assert_eq!(gate.poll_room(&Context::from_waker(&waker)), Poll::Pending);
    drop(turn);
    assert_eq!(reader.count(), 1);
    assert!(has_room(&gate));
}

#[test]
fn so_many_may_wait_for_others_and_no_more() {
    let gate = Gate::new(usize::MAX);
    let first = gate.enter(key("a"));
    let mut waiting: Vec<_> = (0..MAX_WAITING).map(|_| gate.enter(key("a"))).collect();
    assert!(!has_room(&gate));
    waiting.pop();
    assert!(has_room(&gate));
    drop(first);
    drop(waiting);
    assert_eq!(gate.counts(), (0, 0, 0));
}
