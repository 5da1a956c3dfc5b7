//! How Slack can behave, and what it counts. The names are those of the local Slack (`tests/simulator/src/script.rs`), which
//! shares no code with this one.

/// The answer to an `apps.connections.open`.
#[derive(Clone, Debug)]
pub enum OpenAnswer {
    /// A URL with a fresh ticket.
    Link,
    /// HTTP 200 with `ok: false` and this code.
    Error(String),
    /// This status, `Retry-After` and body.
    Status(u16, Option<&'static str>, String),
    /// No answer, ever.
    Hang,
    /// No answer: the transport fails.
    Drop,
}

/// The answer to a dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialAnswer {
    /// A link.
    Link,
    /// The handshake is refused with this status.
    Status(u16),
    /// The handshake is never answered.
    Hang,
    /// The handshake is not answered: the transport fails.
    Drop,
}

/// The first message on a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// The hello.
    Hello,
    /// None.
    NoHello,
    /// A `disconnect` with this reason.
    Disconnect(&'static str),
    /// A close frame.
    Close,
    /// The hello, and a `disconnect` with this reason right after it.
    HelloAndDisconnect(&'static str),
}

/// What Slack has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Envelopes, redeliveries not included.
    pub said: u64,
    /// Envelopes with an acknowledgement.
    pub acked: u64,
    /// Acknowledgements beyond the sendings.
    pub acked_twice: u64,
    /// Acknowledgements on another link than the envelope was sent on last.
    pub acked_elsewhere: u64,
    /// Acknowledgements more than 3 s after the sending.
    pub acked_late: u64,
    /// Acknowledgements of nothing.
    pub acked_nothing: u64,
    /// Envelopes sent again.
    pub redelivered: u64,
    /// Envelopes that went to a link which nobody reads.
    pub swallowed: u64,
    /// Links refused for being too many.
    pub refused_links: u64,
    /// The most links at a time.
    pub most_links: usize,
    /// Pings of the client.
    pub pings: u64,
}
