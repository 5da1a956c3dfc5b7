//! What becomes of an acknowledgement.

use socketmode_protocol::{AckRefusal, ConnectionId};

/// An acknowledgement that was handed to the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Acked {
    /// The connection that it went out on.
    pub connection: ConnectionId,
    /// Whether that is another one than the envelope came by: its own was gone.
    pub elsewhere: bool,
    /// Whether Slack's 3 s were over.
    pub late: bool,
}

/// Why an acknowledgement did not go out, or that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AckErrorKind {
    /// It was not taken.
    #[error(transparent)]
    Refused(AckRefusal),
    /// It was accepted, and no connection was up while Slack waited.
    #[error("the acknowledgement is lost: no connection was up in time; Slack sends an event again")]
    Lost,
    /// The [`Driver`](crate::Driver) was dropped while it was under way: it may have gone out or not.
    #[error(
        "the outcome is unknown, because the driver was dropped: if Slack does not have the acknowledgement, it sends an event again; call Client::shutdown before you drop the driver"
    )]
    Unknown,
    /// The payload cannot be serialized.
    #[error("the response payload cannot be serialized: its Serialize returned an error")]
    Serialize,
    /// Too many commands wait.
    #[error("the client is busy: too many commands wait; try again")]
    Busy,
}
