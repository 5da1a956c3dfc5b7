//! Who acknowledges.

use core::time::Duration;

/// Who acknowledges an envelope, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AckPolicy {
    /// The application acknowledges. If it does not, Slack sends an event again and shows the user of a command an error.
    #[default]
    Manual,
    /// The machine acknowledges before the application sees the envelope: at most once, even if the application crashes.
    OnReceive,
    /// The machine acknowledges if the application has not done so within this time after the arrival (less than 3 s).
    /// Envelopes that are still in a driver's queue when the client stops are not acknowledged: Slack sends them again.
    BeforeDeadline(Duration),
}
