//! What is said to `tracing`: every transition, never a secret.

use socketmode_protocol::{Action, ConnectionId, Event};
use tracing::{debug, info, trace, warn};

pub(crate) fn action(connection: ConnectionId, action: &Action) {
    match action {
        Action::Open => debug!(%connection, phase = "opening", "calling apps.connections.open"),
        Action::Dial { url } => {
            debug!(%connection, phase = "dialing", host = url.host(), "opening the WebSocket");
        }
        Action::SendText { write, .. } => trace!(%connection, ?write, "acknowledging"),
        Action::SendPing => trace!(%connection, "sending a ping"),
        Action::Close { code } => debug!(%connection, phase = "closing", code, "closing"),
        Action::Abort => debug!(%connection, phase = "gone", "dropping the connection"),
    }
}

pub(crate) fn event(event: &Event) {
    match event {
        Event::Connecting { connection, attempt } => info!(%connection, attempt, "connecting"),
        Event::Hello { connection, hello } => debug!(%connection, ?hello, phase = "greeting", "hello"),
        Event::Connected { connection } => info!(%connection, phase = "active", "connected"),
        Event::Disconnect { connection, disconnect } => {
            info!(%connection, reason = ?disconnect.reason, "Slack announces the end of the connection");
        }
        Event::Disconnected { connection, reason } => info!(%connection, ?reason, "disconnected"),
        Event::ConnectionError { connection, error, retry_in } => {
            warn!(%connection, %error, ?retry_in, "the attempt failed");
        }
        Event::Envelope(envelope) => trace!(?envelope, "envelope"),
        Event::AckOverdue { envelope_id, .. } => warn!(%envelope_id, "not acknowledged within 3 s"),
        Event::Acknowledged { envelope_id, outcome, .. } => trace!(%envelope_id, ?outcome, "acknowledged"),
        Event::BadMessage { connection, message } => {
            warn!(%connection, ?message, "a message that cannot be understood");
        }
        Event::IncomingError { connection, detail } => warn!(%connection, %detail, "reading failed"),
        Event::WriteError { connection, detail } => warn!(%connection, %detail, "writing failed"),
        Event::Shed { envelopes } => {
            warn!(envelopes, "the application did not keep up; Slack sends events again");
        }
        Event::Stopped(reason) => info!(%reason, "stopped"),
        _ => {}
    }
}
