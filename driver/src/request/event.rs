//! What the application hears.

use std::sync::Arc;

use socketmode_protocol::payload::SlashCommand;
use socketmode_protocol::{Envelope, Notice, StopReason};

use super::Request;

/// Something that Slack sent, or that happened to a connection.
///
/// Only the first four need an answer. The rest is for logs and metrics: whatever is to be done about it is done
/// already. Match with a `_` arm: Slack adds kinds, and so may this crate.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// An event of the Events API.
    EventsApi(Request),
    /// A slash command.
    SlashCommand(Request<SlashCommand>),
    /// A button, a menu, a modal, a shortcut: [`Request::interaction`] tells them apart.
    Interactive(Request),
    /// An envelope of a kind that is not known here. It can be acknowledged like any other.
    Other(Request),
    /// An acknowledgement could not be sent while Slack waited for it.
    AckLost {
        /// The `envelope_id`.
        envelope_id: Arc<str>,
    },
    /// What happens to connections, and what goes wrong.
    Notice(Notice),
    /// This stream was not read for too long: so many events of the kinds that need no answer are missing here.
    Lagged {
        /// How many.
        missed: u64,
    },
    /// The end. The stream ends after it.
    Stopped(StopReason),
}

impl Event {
    /// The envelope, in the four kinds that have one.
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

    /// The request, of whatever kind: for what treats all of them alike.
    ///
    /// # Errors
    /// The event itself, where it holds none.
    #[allow(clippy::result_large_err, reason = "it is the event, which was moved as it is")]
    pub fn into_request(self) -> Result<Request, Self> {
        match self {
            Self::EventsApi(request) | Self::Interactive(request) | Self::Other(request) => Ok(request),
            Self::SlashCommand(request) => Ok(request.any()),
            other => Err(other),
        }
    }
}
