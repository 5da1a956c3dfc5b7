//! What becomes of an acknowledgement.

use socketmode_protocol::{AckError as Refusal, ConnectionId};

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
    Refused(Refusal),
    /// It was taken, and no link was there to send it on while Slack waited.
    #[error("no connection was up to send the acknowledgement on in time; Slack sends an event again")]
    Lost,
    /// The [`Driver`](crate::Driver) was dropped while it was under way: it may have gone out or not.
    #[error(
        "the driver was dropped before the outcome was known: Slack may have the acknowledgement, and if not, sends an event again; call Client::shutdown first to know"
    )]
    Unknown,
    /// The payload's own `Serialize` failed.
    #[error("the response payload could not be serialized")]
    Serialize,
    /// Too many commands wait.
    #[error("the client is busy: too many commands wait; try again")]
    Busy,
}
