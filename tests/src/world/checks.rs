//! What a test looks at when a world has lived.

use std::time::Duration;

use socketmode_protocol::Instant;

/// The longest time that something took, as the difference of neighbours.
#[must_use]
pub fn longest_pause(times: &[Instant]) -> Duration {
    times.windows(2).map(|pair| pair[1].saturating_since(pair[0])).max().unwrap_or_default()
}
