//! The alphabet: what can happen next, in words that [`Scope::play`](super::Scope::play) understands.

use std::fmt;

use socketmode_protocol::{AckToken, ConnectionId, ConnectionPhase};

use crate::step::OwnedInput;

/// Something that can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// A tick passes, and what is due is handled.
    Tick,
    /// A tick passes, and something else comes before what is due is handled.
    Doze,
    /// So many ticks pass that every time-out is over, and what came meanwhile comes before what is due is handled.
    Stall,
    /// Somebody wakes the machine with a clock that went back.
    WakeInThePast,
    /// Something happens to a connection.
    Input(ConnectionId, Word),
    /// The application acknowledges.
    Acknowledge(AckToken, Option<&'static str>),
    /// The application lets go.
    Decline(AckToken),
    /// The application's queue fills up or has room again.
    Backlog(bool),
    /// The application ends it, with a tick of grace or with none.
    Shutdown { grace: bool },
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Opened,
    InternalError,
    RateLimited,
    InvalidAuth,
    OpenFailed,
    Dialed,
    DialFailed,
    Hello,
    /// A hello that counts three connections more than there are.
    HelloWithGhosts,
    Warning,
    TooManyWebsockets,
    LinkDisabled,
    Event,
    /// The event once more, in another envelope.
    Copy,
    BadText,
    Ping,
    Close,
    Eof,
    WriteError,
    WrittenOne,
    WrittenAll,
    WrittenUnasked,
    /// The last one will not be written, or none will.
    NotWrittenOne,
    NotWrittenAll,
}

impl Word {
    pub(super) const ALL: [Self; 24] = [
        Self::Opened,
        Self::InternalError,
        Self::RateLimited,
        Self::InvalidAuth,
        Self::OpenFailed,
        Self::Dialed,
        Self::DialFailed,
        Self::Hello,
        Self::HelloWithGhosts,
        Self::Warning,
        Self::TooManyWebsockets,
        Self::LinkDisabled,
        Self::Event,
        Self::Copy,
        Self::BadText,
        Self::Ping,
        Self::Close,
        Self::Eof,
        Self::WriteError,
        Self::WrittenOne,
        Self::WrittenAll,
        Self::WrittenUnasked,
        Self::NotWrittenOne,
        Self::NotWrittenAll,
    ];

    /// Whether it means something to a connection in this phase.
    pub(super) fn fits(self, phase: ConnectionPhase) -> bool {
        match self {
            Self::Opened | Self::InternalError | Self::RateLimited | Self::InvalidAuth | Self::OpenFailed => {
                phase == ConnectionPhase::Opening
            }
            Self::Dialed | Self::DialFailed => phase == ConnectionPhase::Dialing,
            _ => phase >= ConnectionPhase::Greeting,
        }
    }

    /// Whether it fits, and is neither another word for the same nor more than the two slots' search can bear: a
    /// `Retry-After`, which holds for all slots, and envelopes before the hello.
    pub(super) fn is_polite(self, phase: ConnectionPhase) -> bool {
        let skipped = match self {
            Self::OpenFailed
            | Self::RateLimited
            | Self::BadText
            | Self::WriteError
            | Self::WrittenUnasked => true,
            Self::Event | Self::Copy => phase == ConnectionPhase::Greeting,
            _ => false,
        };
        self.fits(phase) && !skipped
    }

    /// Whether it belongs to the way of an envelope: with all else beside it, a search of copies would not end.
    pub(super) fn is_of_envelopes(self) -> bool {
        matches!(
            self,
            Self::Opened
                | Self::Dialed
                | Self::Hello
                | Self::Warning
                | Self::Event
                | Self::Copy
                | Self::Ping
                | Self::Eof
                | Self::WrittenAll
        )
    }

    /// Whether a healthy Slack and network may do it.
    pub(super) fn is_kind(self) -> bool {
        matches!(self, Self::Opened | Self::Dialed | Self::Hello | Self::Ping | Self::WrittenAll)
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tick => f.write_str("tick"),
            Self::Doze => f.write_str("doze"),
            Self::Stall => f.write_str("stall"),
            Self::WakeInThePast => f.write_str("wake in the past"),
            Self::Input(connection, word) => write!(f, "{connection:?} {word:?}"),
            Self::Acknowledge(token, None) => write!(f, "acknowledge {token:?}"),
            Self::Acknowledge(token, Some(payload)) => write!(f, "acknowledge {token:?} with {payload}"),
            Self::Decline(token) => write!(f, "decline {token:?}"),
            Self::Backlog(full) => write!(f, "queue {}", if *full { "full" } else { "empty" }),
            Self::Shutdown { grace } => write!(f, "shutdown {}", if *grace { "in a tick" } else { "now" }),
        }
    }
}

/// The input that a word stands for; writes are another matter.
pub(super) fn input(word: Word, ticket: u64, envelope: u64) -> Option<OwnedInput> {
    use crate::step::slack;
    Some(match word {
        Word::Opened => slack::opened(ticket),
        Word::InternalError => slack::refused("internal_error"),
        Word::RateLimited => slack::rate_limited("3"),
        Word::InvalidAuth => slack::refused("invalid_auth"),
        Word::OpenFailed => OwnedInput::OpenFailed,
        Word::Dialed => OwnedInput::Dialed,
        Word::DialFailed => OwnedInput::DialFailed(Some(408)),
        Word::Hello => slack::hello(1, None),
        Word::HelloWithGhosts => slack::hello(5, None),
        Word::Warning => slack::disconnect("warning"),
        Word::TooManyWebsockets => slack::disconnect("too_many_websockets"),
        Word::LinkDisabled => slack::disconnect("link_disabled"),
        Word::Event => OwnedInput::Text(slack::event(&format!("e{envelope}"), &format!("Ev{envelope}"), 0)),
        Word::BadText => OwnedInput::Text("UNAUTHENTICATED: cache_error".into()),
        Word::Ping => OwnedInput::Ping,
        Word::Close => OwnedInput::CloseFrame(Some(1000)),
        Word::Eof => OwnedInput::Eof,
        Word::WriteError => OwnedInput::WriteError,
        Word::WrittenOne
        | Word::Copy
        | Word::WrittenAll
        | Word::WrittenUnasked
        | Word::NotWrittenOne
        | Word::NotWrittenAll => return None,
    })
}
