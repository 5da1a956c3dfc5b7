//! What the application hears.

use std::sync::Arc;
use std::time::Duration;

use socketmode_protocol::payload::SlashCommand;
use socketmode_protocol::{
    BadMessage, ConnectionError, ConnectionId, Detail, Disconnect, DisconnectedReason, Envelope, Hello,
    StopReason,
};

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
    /// An attempt to connect begins.
    Connecting {
        /// The connection.
        connection: ConnectionId,
        /// 1 for the first try, one more for each attempt that failed and each link that was lost since the last stable
        /// link.
        attempt: u32,
    },
    /// Slack's greeting. [`Connected`](Self::Connected) follows.
    Hello {
        /// The connection.
        connection: ConnectionId,
        /// What it said.
        hello: Hello,
    },
    /// A connection is up.
    Connected {
        /// The connection.
        connection: ConnectionId,
    },
    /// Slack announced the end of a connection.
    Disconnect {
        /// The connection.
        connection: ConnectionId,
        /// What it said.
        disconnect: Disconnect,
    },
    /// A connection that was up no longer is.
    Disconnected {
        /// The connection.
        connection: ConnectionId,
        /// Why.
        reason: DisconnectedReason,
    },
    /// An attempt failed. Another follows.
    ConnectionError {
        /// The connection.
        connection: ConnectionId,
        /// What went wrong.
        error: ConnectionError,
        /// When the next attempt is due, at the earliest.
        retry_in: Duration,
    },
    /// A message that could not be understood. The connection stays.
    BadMessage {
        /// The connection.
        connection: ConnectionId,
        /// What is wrong with it.
        message: BadMessage,
    },
    /// Reading from a connection failed; it is gone.
    IncomingError {
        /// The connection.
        connection: ConnectionId,
        /// What went wrong.
        detail: Detail,
    },
    /// Writing to a connection failed; it is gone.
    WriteError {
        /// The connection.
        connection: ConnectionId,
        /// What went wrong.
        detail: Detail,
    },
    /// Slack's 3 s are over for an envelope that was not acknowledged.
    AckOverdue {
        /// Its `envelope_id`.
        envelope_id: Arc<str>,
    },
    /// An acknowledgement could not be sent while Slack waited for it.
    AckLost {
        /// The `envelope_id`.
        envelope_id: Arc<str>,
    },
    /// This stream was not read for too long: so many envelopes were neither delivered nor acknowledged. Slack sends
    /// events again.
    Shed {
        /// How many.
        envelopes: u64,
    },
    /// So much was acknowledged that ids are remembered for less than [`Config::deduplicate`]: copies that come later
    /// than this are delivered again. Told once until a whole window was remembered again.
    ///
    /// [`Config::deduplicate`]: socketmode_protocol::Config::deduplicate
    DedupShortened {
        /// How long ids are remembered in fact.
        window: Duration,
    },
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
