//! What a test looks at when a world has lived.

use std::time::Duration;

use socketmode_protocol::{AckOutcome, BadMessageError, ConnectionError, EndReason, Instant, Notice};

use crate::output::Output;

use super::World;

/// The longest time that something took, as the difference of neighbours.
#[must_use]
pub fn longest_pause(times: &[Instant]) -> Duration {
    times.windows(2).map(|pair| pair[1].saturating_since(pair[0])).max().unwrap_or_default()
}

/// The failures before a hello, in order.
#[must_use]
pub fn errors(world: &World) -> Vec<ConnectionError> {
    let errors = world.app.events.iter().filter_map(|(_, event)| match event {
        Output::Notice(Notice::ConnectionError { error, .. }) => Some(error.clone()),
        _ => None,
    });
    errors.collect()
}

/// Why links that were up no longer are, in order.
#[must_use]
pub fn ends(world: &World) -> Vec<EndReason> {
    let ends = world.app.events.iter().filter_map(|(_, event)| match event {
        Output::Notice(Notice::Disconnected { reason, .. }) => Some(reason.clone()),
        _ => None,
    });
    ends.collect()
}

/// What became of the acknowledgements, in order.
#[must_use]
pub fn outcomes(world: &World) -> Vec<AckOutcome> {
    let outcomes = world.app.events.iter().filter_map(|(_, event)| match event {
        Output::Acknowledged { outcome, .. } => Some(*outcome),
        _ => None,
    });
    outcomes.collect()
}

/// What was wrong with messages, in order.
#[must_use]
pub fn bad_messages(world: &World) -> Vec<BadMessageError> {
    let bad = world.app.events.iter().filter_map(|(_, event)| match event {
        Output::Notice(Notice::BadMessage { message, .. }) => Some(message.error()),
        _ => None,
    });
    bad.collect()
}
