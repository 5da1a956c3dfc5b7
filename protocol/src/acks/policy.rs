//! Who acknowledges.

use core::time::Duration;

/// Who acknowledges an envelope, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AckPolicy {
    /// The application does. What it forgets, Slack sends again or shows as failed.
    #[default]
    Manual,
    /// The machine does, before the application sees the envelope: at most once, whatever happens to the application.
    OnReceive,
    /// The machine does when the application has not within this time (below 3 s) of the arrival. Not what still waits
    /// in a driver's queue when everything ends: Slack sends that again.
    BeforeDeadline(Duration),
}
