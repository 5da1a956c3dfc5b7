//! The vocabulary: everything that can be done to a machine, as data.

use std::time::Duration;

use socketmode_protocol::{
    AckRefusal, AckToken, Closed, ConnectionId, IncomingFrame, Input, Instant, OpenResponse, SocketMode,
    WriteId,
};

/// One call, and when it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The `now` of the call.
    pub at: Instant,
    /// The call.
    pub call: Call,
}

/// A call that changes a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// `handle_input`.
    Input(ConnectionId, OwnedInput),
    /// `handle_timeout`.
    Timeout,
    /// `handle_backlog`.
    Backlog {
        /// Whether the application's queue is full.
        full: bool,
    },
    /// `acknowledge`.
    Acknowledge(AckToken, Option<String>),
    /// `decline`.
    Decline(AckToken),
    /// `withhold`, which has no time.
    Withhold(AckToken),
    /// `shutdown`.
    Shutdown(Duration),
}

/// An [`Input`] that owns what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnedInput {
    /// The answer of the open call.
    Opened {
        /// Its status.
        status: u16,
        /// Its `Retry-After`.
        retry_after: Option<String>,
        /// Its body.
        body: Vec<u8>,
    },
    /// The open call was not answered.
    OpenFailed,
    /// The handshake is done.
    Dialed,
    /// The handshake failed, with this status or without one.
    DialFailed(Option<u16>),
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A ping.
    Ping,
    /// A pong.
    Pong,
    /// A close frame.
    CloseFrame(Option<u16>),
    /// Writes are done.
    Written(WriteId),
    /// Writes will not be done.
    NotWritten(WriteId),
    /// The end of the stream.
    Eof,
    /// Reading failed.
    ReadError,
    /// Writing failed.
    WriteError,
}

impl OwnedInput {
    /// What [`Input`] it is.
    #[must_use]
    pub fn as_input(&self) -> Input<'_> {
        match self {
            Self::Opened { status, retry_after, body } => {
                Input::Opened(OpenResponse { status: *status, retry_after: retry_after.as_deref(), body })
            }
            Self::OpenFailed => Input::OpenFailed { detail: "no route" },
            Self::Dialed => Input::Dialed,
            Self::DialFailed(None) => Input::DialFailed { status: None, detail: "reset" },
            Self::DialFailed(status) => Input::DialFailed { status: *status, detail: "" },
            Self::Text(text) => Input::Frame(IncomingFrame::Text(text.as_str().into())),
            Self::Binary(bytes) => Input::Frame(IncomingFrame::Binary(bytes)),
            Self::Ping => Input::Frame(IncomingFrame::Ping),
            Self::Pong => Input::Frame(IncomingFrame::Pong),
            Self::CloseFrame(code) => Input::Frame(IncomingFrame::Close { code: *code }),
            Self::Written(write) => Input::Written(*write),
            Self::NotWritten(write) => Input::NotWritten(*write),
            Self::Eof => Input::Closed(Closed::Eof),
            Self::ReadError => Input::Closed(Closed::ReadError("reset")),
            Self::WriteError => Input::Closed(Closed::WriteError("broken pipe")),
        }
    }

    /// Whether it is a frame.
    #[must_use]
    pub fn is_frame(&self) -> bool {
        matches!(self.as_input(), Input::Frame(_))
    }

    /// Whether it ends the connection's stream.
    #[must_use]
    pub fn is_end(&self) -> bool {
        matches!(self, Self::Eof | Self::ReadError | Self::WriteError)
    }
}

impl Step {
    /// Makes the call. Only `acknowledge` has a result.
    pub fn apply(&self, machine: &mut SocketMode) -> Result<(), AckRefusal> {
        match &self.call {
            Call::Input(connection, input) => {
                machine.handle_input(self.at, *connection, input.as_input());
            }
            Call::Timeout => machine.handle_timeout(self.at),
            Call::Backlog { full } => machine.handle_backlog(self.at, *full),
            Call::Acknowledge(token, payload) => {
                return machine.acknowledge(self.at, *token, payload.as_deref());
            }
            Call::Decline(token) => machine.decline(self.at, *token),
            Call::Withhold(token) => machine.withhold(*token),
            Call::Shutdown(grace) => machine.shutdown(self.at, *grace),
        }
        Ok(())
    }
}

/// What Slack says and answers, as text.
pub mod slack {
    use super::OwnedInput;

    /// What no log may show: it is in each ticket and in each payload of the model.
    pub const SECRET: &str = "SECRET";

    /// The open call's answer with a URL that has this ticket.
    #[must_use]
    pub fn opened(ticket: u64) -> OwnedInput {
        answered(
            200,
            &format!(
                r#"{{"ok":true,"url":"wss://wss-primary.slack.com/link/?ticket={SECRET}-{ticket}&app_id=A1"}}"#
            ),
        )
    }

    /// The open call's answer with an error code.
    #[must_use]
    pub fn refused(code: &str) -> OwnedInput {
        answered(200, &format!(r#"{{"ok":false,"error":"{code}"}}"#))
    }

    /// The open call's answer with a status and a body.
    #[must_use]
    pub fn answered(status: u16, body: &str) -> OwnedInput {
        OwnedInput::Opened { status, retry_after: None, body: body.as_bytes().into() }
    }

    /// HTTP 429 with a `Retry-After`.
    #[must_use]
    pub fn rate_limited(retry_after: &str) -> OwnedInput {
        OwnedInput::Opened { status: 429, retry_after: Some(retry_after.into()), body: Vec::new() }
    }

    /// The hello of a link that will live for so many seconds.
    #[must_use]
    pub fn hello(connections: usize, lifetime: Option<u64>) -> OwnedInput {
        let time =
            lifetime.map_or_else(String::new, |time| format!(r#","approximate_connection_time":{time}"#));
        OwnedInput::Text(format!(
            r#"{{"type":"hello","num_connections":{connections},"debug_info":{{"host":"applink-1","build_number":14{time}}},"connection_info":{{"app_id":"A1"}}}}"#
        ))
    }

    /// A disconnect.
    #[must_use]
    pub fn disconnect(reason: &str) -> OwnedInput {
        OwnedInput::Text(format!(
            r#"{{"type":"disconnect","reason":"{reason}","debug_info":{{"host":"applink-1"}}}}"#
        ))
    }

    /// An `events_api` envelope.
    #[must_use]
    pub fn event(envelope_id: &str, event_id: &str, retry: u32) -> String {
        format!(
            r#"{{"envelope_id":"{envelope_id}","type":"events_api","accepts_response_payload":false,"retry_attempt":{retry},"retry_reason":"{}","payload":{{"type":"event_callback","event_id":"{event_id}","event":{{"type":"app_mention","text":"{SECRET}"}}}}}}"#,
            if retry == 0 { "" } else { "timeout" }
        )
    }

    /// A `slash_commands` envelope.
    #[must_use]
    pub fn command(envelope_id: &str) -> String {
        format!(
            r#"{{"envelope_id":"{envelope_id}","type":"slash_commands","accepts_response_payload":true,"payload":{{"command":"/x","response_url":"https://hooks.slack.com/{SECRET}"}}}}"#
        )
    }

    /// The `envelope_id` of a response.
    #[must_use]
    pub fn acknowledged_id(text: &str) -> Option<String> {
        let rest = text.strip_prefix(r#"{"envelope_id":"#)?;
        serde_json::Deserializer::from_str(rest).into_iter().next()?.ok()
    }
}
