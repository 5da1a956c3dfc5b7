//! Identifiers of connections, deliveries and writes.

use core::fmt;

/// Identifies a connection, from its back-off to its end. Never used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub(crate) u64);

impl ConnectionId {
    /// The number: 0 for the first connection, and so on.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

/// Identifies one delivery of an envelope. It is needed to acknowledge it. Never used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AckToken(pub(crate) u64);

impl AckToken {
    /// The number: 0 for the first envelope, and so on.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

/// Identifies a write. Never used twice, not even on another connection. Later writes have greater ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteId(pub(crate) u64);

impl WriteId {
    /// The number: 0 for the first write, and so on.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.0)
    }
}

impl fmt::Debug for AckToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a{}", self.0)
    }
}

impl fmt::Debug for WriteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "w{}", self.0)
    }
}
