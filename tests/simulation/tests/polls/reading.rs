//! How much one turn and one poll read.

use socketmode_driver::Frame;
use socketmode_model::step::{Happening, slack};
use socketmode_protocol::AckPolicy;
use socketmode_simulation::transport::{Asked, Link, Received};

use crate::up::Up;

/// What one link gives up in one turn, unless a single message is longer.
const BYTES_PER_TURN: usize = 64 * 1024;
/// What one poll reads, but for the message that goes over it.
const BYTES_PER_POLL: usize = 1024 * 1024;

/// A message of so many bytes, which the machine takes and forgets.
fn message(bytes: usize) -> Received {
    let text = format!(r#"{{"type":"hello","pad":"{}"}}"#, "x".repeat(bytes - 25));
    assert_eq!(text.len(), bytes);
    Received::Frame(Frame::Text(text))
}

/// The links whose messages were read, in order.
fn readers(up: &Up) -> Vec<Link> {
    let read = |asked: Asked| match asked {
        Asked::Read(link, _) => Some(link),
        _ => None,
    };
    up.asked().into_iter().filter_map(read).collect()
}

#[test]
fn the_counters_are_told_though_the_loop_is_never_idle() {
    let mut up = Up::new(1, AckPolicy::OnReceive);
    let link = up.links[0];
    for _ in 0..100_000 {
        up.memory.deliver(link, Received::Frame(Frame::Ping));
    }
    up.poll();
    let told = up.client.stats().pings_received;
    assert!(told > 0 && told == 100_000 - up.memory.lying(link).0 as u64, "{told}");
}

#[test]
fn a_link_gives_its_bytes_of_a_turn_and_then_the_next_one_reads() {
    let mut up = Up::new(2, AckPolicy::Manual);
    let [long, short] = up.links[..] else { panic!("two links") };
    for _ in 0..2 {
        up.memory.deliver(long, message(BYTES_PER_TURN / 2));
    }
    up.memory.deliver(long, message(100));
    up.memory.deliver(short, message(100));
    up.poll();
    assert_eq!(readers(&up), [long, long, short, long], "its bytes, and not one message more");
    for _ in 0..3 {
        up.memory.deliver(long, message(BYTES_PER_TURN / 2 - 1));
    }
    up.memory.deliver(long, message(100));
    up.memory.deliver(short, message(100));
    up.poll();
    assert_eq!(
        readers(&up),
        [long, long, long, short, long],
        "one byte is left, and the next message is read"
    );
}

#[test]
fn a_poll_ends_with_its_bytes_and_wakes_the_task() {
    let mut up = Up::new(1, AckPolicy::Manual);
    let link = up.links[0];
    let most = BYTES_PER_POLL / BYTES_PER_TURN;
    for _ in 0..most {
        up.memory.deliver(link, message(BYTES_PER_TURN));
    }
    up.memory.deliver(link, message(100));
    up.poll();
    assert_eq!((readers(&up).len(), up.task.is_woken()), (most, true));
    up.poll();
    assert_eq!((readers(&up).len(), up.task.is_woken()), (1, false));
}

#[test]
fn the_largest_messages_on_one_link_hold_up_no_other() {
    let mut up = Up::new(3, AckPolicy::OnReceive);
    let [first, flooded, last] = up.links[..] else { panic!("three links") };
    for _ in 0..4 {
        up.memory.deliver(flooded, message(16 * 1024 * 1024));
    }
    for (link, id) in [(first, "e1"), (last, "e2")] {
        up.say(link, Happening::Text(slack::event(id, id, 0)));
    }
    up.poll();
    assert!(up.task.is_woken(), "there is more, after the other tasks");
    assert_eq!(readers(&up), [first, flooded], "one of them is a poll's work");
    up.poll();
    assert_eq!(readers(&up), [last, flooded], "those that had no turn come first");
}
