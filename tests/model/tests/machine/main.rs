//! Scenarios of the machine in simulated time, with a model of Slack around it.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

mod bounds;
mod clock;
mod copies;
mod envelopes;
mod flapping;
mod gaps;
mod ghosts;
mod handover;
mod harness;
mod liveness;
mod long_runs;
mod notices;
mod opening;
mod rotation;
mod shutdown;
mod unfetched;
mod verdicts;
mod writes;

use std::time::Duration;

use socketmode_model::world::World;
use socketmode_model::world::checks::{bad_messages, ends, errors, outcomes};

/// Seconds.
const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Milliseconds.
const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Everything said was delivered once, and acknowledged in time. Where a link ends in mid-traffic an acknowledgement that the network had taken, but not yet said so, goes
/// out again on the heir.
fn nothing_lost(world: &World) {
    let tally = world.slack.tally;
    let (delivered, twice) = world.app.delivered();
    assert_eq!((delivered as u64, twice), (tally.said, 0), "{tally:?}");
    assert_eq!((tally.acked, tally.redelivered), (tally.said, 0), "{tally:?}");
    assert_eq!((tally.acked_late, tally.acked_nothing), (0, 0), "{tally:?}");
    assert!(tally.acked_twice <= 4, "{tally:?}");
}

/// The same, and each acknowledgement reached Slack once.
fn nothing_lost_and_nothing_twice(world: &World) {
    nothing_lost(world);
    assert_eq!(world.slack.tally.acked_twice, 0, "{:?}", world.slack.tally);
}
