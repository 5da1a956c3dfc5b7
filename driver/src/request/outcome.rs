//! The outcome of an acknowledgement.

use socketmode_protocol::{AckRefusal, ConnectionId};

use crate::limits::LimitError;

/// An acknowledgement that was handed to the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Acked {
    /// The connection on which it went out.
    pub connection: ConnectionId,
    /// Whether that is not the connection on which the envelope arrived, because that one was gone.
    pub elsewhere: bool,
    /// Whether Slack's 3 s were over.
    pub late: bool,
    /// Whether it had a payload although the envelope says that Slack accepts none
    /// ([`ResponsePayload::Unasked`](socketmode_protocol::ResponsePayload::Unasked)): Slack may ignore it.
    pub unasked_payload: bool,
}

/// Why an acknowledgement did not go out, or that its outcome is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AckErrorKind {
    /// It was refused, and nothing was sent.
    #[error(transparent)]
    Refused(AckRefusal),
    /// It was accepted, and no connection was up while Slack waited.
    #[error("the acknowledgement is lost: no connection was up in time; Slack sends an event again")]
    Lost,
    /// The [`Driver`](crate::Driver) was dropped before the outcome was known: it may have gone out or not.
    #[error(
        "the driver was dropped before the outcome was known: Slack may have the acknowledgement, and sends an event again if not; call Client::shutdown before you drop the driver"
    )]
    Unknown,
    /// The payload cannot be serialized.
    #[error("the response payload cannot be serialized: its Serialize returned an error")]
    Serialize,
    /// A part of the answer is longer than Slack documents. The envelope can still be acknowledged.
    #[error("the answer is not sent: {0}")]
    Limit(LimitError),
    /// Too many commands wait.
    #[error("the client is busy: too many commands wait; try again")]
    Busy,
}
