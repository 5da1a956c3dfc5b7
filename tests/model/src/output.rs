//! What comes out of a machine.

use std::fmt;
use std::sync::Arc;

use socketmode_protocol::{
    AckOutcome, AckToken, Action, ConnectionId, Envelope, Notice, Output as MachineOutput, SocketMode,
    StopReason, WriteId,
};

/// An output, or a message that was pulled.
#[derive(Clone, PartialEq, Eq)]
pub enum Output {
    /// Something to do on a connection.
    Action {
        /// Which one.
        connection: ConnectionId,
        /// What.
        action: Action,
    },
    /// A message to send.
    Transmit {
        /// On which connection.
        connection: ConnectionId,
        /// Its number.
        write: WriteId,
        /// It.
        text: String,
    },
    /// An envelope for the application.
    Envelope(Envelope),
    /// The outcome of an acknowledgement.
    Acknowledged {
        /// The delivery.
        token: AckToken,
        /// Its `envelope_id`.
        envelope_id: Arc<str>,
        /// What became of it.
        outcome: AckOutcome,
    },
    /// Something to tell the application.
    Notice(Notice),
    /// The end.
    Stopped(StopReason),
}

/// As the machine shows its outputs; of a message, which may hold what the application answers, only the size.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action { connection, action } => write!(f, "{connection:?} {action:?}"),
            Self::Transmit { connection, write, text } => {
                write!(f, "{connection:?} Transmit {{ write: {write:?}, text: <{} bytes> }}", text.len())
            }
            Self::Envelope(envelope) => envelope.fmt(f),
            Self::Acknowledged { token, envelope_id, outcome } => {
                write!(
                    f,
                    "Acknowledged {{ token: {token:?}, envelope_id: {envelope_id:?}, outcome: {outcome:?} }}"
                )
            }
            Self::Notice(notice) => notice.fmt(f),
            Self::Stopped(reason) => write!(f, "Stopped({reason:?})"),
        }
    }
}

impl From<MachineOutput> for Output {
    fn from(output: MachineOutput) -> Self {
        match output {
            MachineOutput::Action { connection, action } => Self::Action { connection, action },
            MachineOutput::Envelope(envelope) => Self::Envelope(envelope),
            MachineOutput::Acknowledged { token, envelope_id, outcome } => {
                Self::Acknowledged { token, envelope_id, outcome }
            }
            MachineOutput::Notice(notice) => Self::Notice(notice),
            MachineOutput::Stopped(reason) => Self::Stopped(reason),
        }
    }
}

/// Fetches every output, and pulls all that waits to be sent.
pub fn drain(machine: &mut SocketMode) -> Vec<Output> {
    let mut outputs = Vec::new();
    loop {
        let before = outputs.len();
        outputs.extend(fetch(machine));
        outputs.extend(pull(machine));
        if outputs.len() == before {
            return outputs;
        }
    }
}

/// Fetches every output.
pub fn fetch(machine: &mut SocketMode) -> impl Iterator<Item = Output> + '_ {
    std::iter::from_fn(|| machine.poll_output()).map(Output::from)
}

/// Pulls all that waits to be sent.
pub fn pull(machine: &mut SocketMode) -> Vec<Output> {
    let connections: Vec<_> = machine.connections().map(|status| status.connection).collect();
    let mut pulled = Vec::new();
    for connection in connections {
        pulled.extend(std::iter::from_fn(|| pull_one(machine, connection)));
    }
    pulled
}

/// Pulls the next message of a connection.
pub fn pull_one(machine: &mut SocketMode, connection: ConnectionId) -> Option<Output> {
    let mut text = String::new();
    let write = machine.poll_transmit(connection, &mut text)?;
    Some(Output::Transmit { connection, write, text })
}
