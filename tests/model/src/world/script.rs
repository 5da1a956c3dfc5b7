//! How Slack can behave, and what it counts.

/// An answer of `apps.connections.open`.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A URL with a fresh ticket.
    Url,
    /// `ok: false`, with this code.
    Error(String),
    /// Another HTTP answer: status, `Retry-After`, body.
    Http(u16, Option<&'static str>, String),
    /// None: the transport fails.
    Fails,
    /// None, ever.
    Silence,
}

/// How a handshake ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dial {
    /// Well.
    Connected,
    /// With an HTTP status, or without one.
    Refused(Option<u16>),
    /// Never.
    Silence,
}

/// The first message on a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    /// The hello.
    Hello,
    /// None.
    Silence,
    /// A `disconnect` with this reason.
    Disconnect(&'static str),
    /// A close frame.
    Close,
    /// Hello, and `disconnect` with this reason right behind it.
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
    /// Links refused for being too many.
    pub refused_links: u64,
    /// The most links at a time.
    pub most_links: usize,
    /// Pings of the client.
    pub pings: u64,
}
