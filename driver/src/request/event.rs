//! Events.

use std::sync::Arc;

use socketmode_protocol::payload::SlashCommand;
use socketmode_protocol::{Envelope, Notice, StopReason};

use super::Request;

/// Something that Slack sent, or that happened to a connection.
///
/// Only the first four need an acknowledgement. The others are for logs and metrics: the client has already reacted to
/// them. Use a `_` arm in a `match`: Slack and this crate may add kinds.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// An event of the Events API.
    EventsApi(Request),
    /// A slash command.
    SlashCommand(Request<SlashCommand>),
    /// An interaction: a button, a menu, a modal or a shortcut. [`Request::interaction`] returns its kind.
    Interactive(Request),
    /// An envelope of a kind that this library does not know. It can be acknowledged like any other.
    Other(Request),
    /// An acknowledgement is lost: it could not be sent while Slack waited for it.
    AckLost {
        /// The `envelope_id`.
        envelope_id: Arc<str>,
    },
    /// What happens to connections, and what goes wrong.
    Notice(Notice),
    /// The application did not read events for too long. Events that need no acknowledgement are missing here.
    Lagged {
        /// The number of missing events.
        missed: u64,
    },
    /// The client has stopped. This is the last event.
    Stopped(StopReason),
}

impl Event {
    /// The envelope, if the event is one of the four kinds that have one.
    #[must_use]
    pub fn envelope(&self) -> Option<&Envelope> {
        match self {
            Self::EventsApi(request) | Self::Interactive(request) | Self::Other(request) => {
                Some(request.envelope())
            }
            Self::SlashCommand(request) => Some(request.envelope()),
            _ => None,
        }
    }

    /// The request of any kind, for code that handles all kinds in the same way.
    ///
    /// # Errors
    /// Returns the event itself if it has no request.
    #[allow(clippy::result_large_err, reason = "it is the event, which was moved as it is")]
    pub fn into_request(self) -> Result<Request, Self> {
        match self {
            Self::EventsApi(request) | Self::Interactive(request) | Self::Other(request) => Ok(request),
            Self::SlashCommand(request) => Ok(request.any()),
            other => Err(other),
        }
    }
}
