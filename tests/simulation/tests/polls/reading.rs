//! How much one turn and one poll read.

use std::time::Duration;

use socketmode_driver::Frame;
use socketmode_protocol::AckPolicy;
use socketmode_simulation::transport::{Asked, Link, Received};

use crate::harness::Up;

/// What one link gives up in one turn, unless a single message is longer.
const BYTES_PER_TURN: usize = 64 * 1024;
/// Frames that one link gives up in one turn.
const READS_PER_TURN: usize = 64;
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

/// The links in the order in which the next poll reads them.
fn order(up: &mut Up) -> Vec<Link> {
    for &link in &up.links {
        up.memory.deliver(link, message(100));
    }
    up.poll();
    let mut order = readers(up);
    order.rotate_left(1);
    order
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
    let [long, short] = order(&mut up)[..] else { panic!("two links") };
    for _ in 0..2 {
        up.memory.deliver(long, message(BYTES_PER_TURN / 2));
    }
    up.memory.deliver(long, message(100));
    up.memory.deliver(short, message(100));
    up.poll();
    assert_eq!(readers(&up), [long, long, short, long], "its bytes, and not one message more");
    let [long, short] = order(&mut up)[..] else { panic!("two links") };
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
    let [first, flooded, last] = order(&mut up)[..] else { panic!("three links") };
    for _ in 0..4 {
        up.memory.deliver(flooded, message(16 * 1024 * 1024));
    }
    for (link, id) in [(first, "e1"), (last, "e2")] {
        up.event(link, id);
    }
    up.poll();
    assert!(up.task.is_woken(), "there is more, after the other tasks");
    assert_eq!(readers(&up), [first, flooded], "one of them is a poll's work");
    up.poll();
    assert_eq!(readers(&up), [last, flooded], "those that had no turn come first");
}

/// What is left unread of so many pings on each link.
fn left_of_pings(up: &Up, pings: usize) -> impl Fn() -> Vec<usize> + use<> {
    for &link in &up.links {
        for _ in 0..pings {
            up.memory.deliver(link, Received::Frame(Frame::Ping));
        }
    }
    let (memory, links) = (up.memory.clone(), up.links.clone());
    move || links.iter().map(|&link| memory.lying(link).0).collect()
}

#[test]
fn a_poll_ends_when_its_time_is_over_and_wakes_the_task() {
    let mut up = Up::new(2, AckPolicy::Manual);
    let left = left_of_pings(&up, 1_000);
    up.memory.read_takes(Duration::from_millis(1));
    for polls in 1..=4 {
        up.poll();
        assert_eq!(left().iter().sum::<usize>(), 2_000 - polls * READS_PER_TURN, "one turn of one link");
        assert!(up.task.is_woken(), "there is more, after the other tasks");
    }
    assert_eq!(left(), [1_000 - 2 * READS_PER_TURN; 2], "they take turns");
}

#[test]
fn a_link_without_a_turn_in_the_time_of_a_poll_is_read_next() {
    let mut up = Up::new(2, AckPolicy::Manual);
    let left = left_of_pings(&up, 1);
    up.memory.read_takes(Duration::from_secs(1));
    up.poll();
    assert_eq!((left().iter().sum::<usize>(), up.task.is_woken()), (1, true));
    up.poll();
    assert_eq!(left(), [0, 0]);
}

#[test]
fn a_poll_goes_on_while_it_has_time() {
    let mut up = Up::new(1, AckPolicy::Manual);
    let pings = 9;
    let left = left_of_pings(&up, pings);
    up.memory.read_takes(Duration::from_millis(1));
    up.poll();
    assert_eq!((left(), up.task.is_woken()), (vec![0], false));
}

#[test]
fn a_runtime_that_ends_each_poll_early_has_every_link_read() {
    let mut up = Up::new(8, AckPolicy::Manual);
    let left = left_of_pings(&up, 1_000);
    for _ in 0..8 {
        up.memory.allow_reads(READS_PER_TURN);
        up.poll();
        assert!(up.task.is_woken());
    }
    assert!(left().iter().all(|&left| left < 1_000), "{:?}", left());
}

#[test]
fn a_binary_message_counts_with_its_bytes() {
    let mut up = Up::new(1, AckPolicy::Manual);
    let link = up.links[0];
    let most = BYTES_PER_POLL / BYTES_PER_TURN;
    for _ in 0..=most {
        up.memory.deliver(link, Received::Frame(Frame::Binary(vec![0; BYTES_PER_TURN].into())));
    }
    up.poll();
    assert_eq!((up.memory.lying(link).0, up.task.is_woken()), (1, true));
}
