//! What time brings to a connection.

use crate::output::DeadlineReason;

/// What is due on a connection, by itself. Of two that are due at the same time the first here comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ConnectionDue {
    OpenTimeout,
    DialTimeout,
    HelloTimeout,
    Silence,
    ServerPing,
    ClientPing,
    DrainTimeout,
    CloseTimeout,
    Linger,
}

impl ConnectionDue {
    pub(crate) fn reason(self) -> DeadlineReason {
        match self {
            Self::OpenTimeout => DeadlineReason::OpenTimeout,
            Self::DialTimeout => DeadlineReason::DialTimeout,
            Self::HelloTimeout => DeadlineReason::HelloTimeout,
            Self::Silence => DeadlineReason::Silence,
            Self::ServerPing => DeadlineReason::ServerPing,
            Self::ClientPing => DeadlineReason::ClientPing,
            Self::DrainTimeout => DeadlineReason::DrainTimeout,
            Self::CloseTimeout => DeadlineReason::CloseTimeout,
            Self::Linger => DeadlineReason::Linger,
        }
    }
}
