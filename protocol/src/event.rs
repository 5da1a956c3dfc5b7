//! What the application is told.

use alloc::sync::Arc;
use core::time::Duration;

use crate::envelope::Envelope;
use crate::errors::{ConnectionError, Detail, StopReason};
use crate::ids::{AckToken, ConnectionId};
use crate::notice::{BadMessage, Disconnect, DisconnectedReason, Hello};

/// Something to tell the application.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// An attempt to connect begins: `apps.connections.open` is called.
    Connecting {
        /// The connection.
        connection: ConnectionId,
        /// 1 for the first try, one more for each attempt that failed and each link that was lost since the last stable
        /// link. A link that Slack asked away is none of these.
        attempt: u32,
    },
    /// Slack's greeting, with what it says about the connection. [`Connected`](Self::Connected) follows.
    Hello {
        /// The connection.
        connection: ConnectionId,
        /// What it said.
        hello: Hello,
    },
    /// The connection is up: envelopes come by it. At most once for each connection.
    Connected {
        /// The connection.
        connection: ConnectionId,
    },
    /// Slack announced the end of a connection. What follows from it is done already. Of these and of
    /// [`BadMessage`](Self::BadMessage) [1,024](crate::limits::MAX_UNPOLLED_NOTICES) at most wait to be fetched.
    Disconnect {
        /// The connection.
        connection: ConnectionId,
        /// What it said.
        disconnect: Disconnect,
    },
    /// A connection that was up no longer is. At most once for each connection.
    Disconnected {
        /// The connection.
        connection: ConnectionId,
        /// Why.
        reason: DisconnectedReason,
    },
    /// An attempt failed before the connection was up. Another follows.
    ConnectionError {
        /// The connection.
        connection: ConnectionId,
        /// What went wrong.
        error: ConnectionError,
        /// When the next attempt is due, at the earliest.
        retry_in: Duration,
    },
    /// An envelope, to be acknowledged.
    Envelope(Envelope),
    /// Slack's 3 s are over for an envelope that nobody acknowledged.
    AckOverdue {
        /// The delivery.
        token: AckToken,
        /// Its `envelope_id`.
        envelope_id: Arc<str>,
    },
    /// What became of an acknowledgement that the application made. One for each.
    Acknowledged {
        /// The delivery.
        token: AckToken,
        /// Its `envelope_id`.
        envelope_id: Arc<str>,
        /// What became of it.
        outcome: AckOutcome,
    },
    /// A message that could not be understood. The connection stays. [`Stats::bad_messages`](crate::Stats::bad_messages)
    /// counts also those that are not told because too many wait to be fetched.
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
    /// The application had not kept up: so many envelopes were neither delivered nor acknowledged. Slack sends
    /// events again; commands and interactions have failed for their users.
    Shed {
        /// How many.
        envelopes: u64,
    },
    /// More was acknowledged than [`MAX_REMEMBERED`](crate::limits::MAX_REMEMBERED) within
    /// [`Config::deduplicate`](crate::Config::deduplicate): copies that come later than this are delivered again. Told
    /// once until a whole window was remembered again.
    DedupShortened {
        /// How long ids are remembered in fact.
        window: Duration,
    },
    /// The end. Nothing comes after it.
    Stopped(StopReason),
}

/// What became of an acknowledgement that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AckOutcome {
    /// It was handed to the network.
    Sent {
        /// On which connection.
        connection: ConnectionId,
        /// Whether that is the one which the envelope came by. Slack's own clients acknowledge on whichever is
        /// current; whether Slack honours that on another one is not documented.
        elsewhere: bool,
        /// Whether Slack's 3 s were over: the user has seen an error by then, or Slack sends the event again.
        late: bool,
    },
    /// It could not be handed to any network in time: no link, or the machine stopped. Slack sends an event again,
    /// and shows the user of a command an error.
    Lost,
}
