//! What happened: the records and the counters.

use crate::{DialAnswer, EnvelopeId, Opcode, OpenAnswer};
use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// How many records of a kind (frames, calls, acks, opens, dials, envelopes) are kept: the last ones.
pub const KEPT_RECORDS: usize = 100_000;
/// How many bytes of memory the records of a kind (frames, calls, acks, opens, dials, messages, views) take at most: the last ones
/// are kept. One that alone takes more is kept without what makes it heavy (a frame's bytes, a call's body, the payload of an
/// acknowledgement, an answer's text): `<… bytes are not kept>` stands in its place.
pub const KEPT_BYTES: usize = 64 << 20;

/// The longest body of a request, in bytes; a longer one is refused with 413. The bytes of a file are not kept, and may be
/// more.
pub const BODY_LIMIT: usize = 1 << 20;
/// The longest message of a client on a link, in bytes; a longer one ends the link.
pub const MESSAGE_LIMIT: usize = 1 << 20;

/// What [`wait_until`](crate::Simulator::wait_until) looks at. All times count from the start.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Every link there ever was, oldest first; of closed ones the last 10,000.
    pub links: Vec<LinkInfo>,
    /// What [`connections`](crate::Simulator::connections) gives.
    pub connections: usize,
    /// The counters.
    pub counters: Counters,
}

impl Snapshot {
    /// How many links have said hello and are not closed.
    #[must_use]
    pub fn open_links(&self) -> usize {
        self.links.iter().filter(|link| link.is_open()).count()
    }
}

/// The number of a link, from 1, in the order of the dials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct LinkId(pub u64);

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "applink-{}", self.0)
    }
}

/// Where a link is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Accepted; no hello yet.
    Greeting,
    /// Hello was sent.
    Open,
    /// Hello and, later, a `disconnect` were sent; it still carries.
    Warned,
    /// A close frame went either way, or TCP is gone.
    Closed,
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkInfo {
    /// Its number.
    pub id: LinkId,
    /// The app it belongs to.
    pub app_id: String,
    /// Where it is in its life.
    pub state: LinkState,
    /// When its handshake was accepted.
    pub opened_at: Duration,
    /// When its hello was sent.
    pub hello_at: Option<Duration>,
    /// When its first `disconnect` was sent.
    pub warned_at: Option<Duration>,
    /// When it became [`LinkState::Closed`].
    pub closed_at: Option<Duration>,
    /// When its TCP connection was gone.
    pub gone_at: Option<Duration>,
    /// What ended it.
    pub end: Option<LinkEnd>,
    /// Whether it is frozen.
    pub frozen: bool,
    /// Whether it was dialled with `debug_reconnects=true`.
    pub debug_reconnects: bool,
    /// Deliveries it carried.
    pub envelopes: u64,
    /// Acknowledgements that came by it.
    pub acks: u64,
}

impl LinkInfo {
    /// Whether it has said hello and is not closed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, LinkState::Open | LinkState::Warned)
    }
}

/// What ended a link: whichever came first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkEnd {
    /// The simulator sent a close frame with this code.
    ClosedBySlack(u16),
    /// The client sent a close frame with this code, if it had one.
    ClosedByClient(Option<u16>),
    /// The client closed or lost TCP, or broke the protocol; how, in words.
    Lost(String),
    /// [`reset`](crate::Simulator::reset) was called, or the client read too little for too long.
    Reset,
    /// [`drop_link`](crate::Simulator::drop_link) was called.
    Dropped,
    /// It was counted for [`Options::counts_dead_for`](crate::Options::counts_dead_for) though nothing came.
    Silent,
}

/// An acknowledgement.
#[derive(Debug, Clone, PartialEq)]
pub struct Ack {
    /// The id it names.
    pub envelope_id: EnvelopeId,
    /// The response it carries.
    pub payload: Option<Value>,
    /// The link it came by.
    pub link: LinkId,
    /// Whether that link carried the envelope's last delivery.
    pub on_carrier: bool,
    /// The time since the envelope's last delivery.
    pub after: Duration,
    /// Which delivery was the last, from 1.
    pub delivery: u32,
    /// When it came.
    pub at: Duration,
}

/// A call of the Web API, or a post to a `response_url`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method, such as `chat.postMessage`; `response_url` or `upload_url` for a post to one.
    pub method: String,
    /// What kind of token it was made with.
    pub token_kind: TokenKind,
    /// Its arguments: the JSON body, or the form's fields (those that hold JSON parsed).
    pub body: Value,
    /// The error it was answered with, if any.
    pub error: Option<String>,
    /// When it came.
    pub at: Duration,
}

/// What kind of token a call was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// None at all.
    None,
    /// An app-level token (`xapp-`) of a known app.
    App,
    /// A bot token (`xoxb-`) of a known app.
    Bot,
    /// A token no app has.
    Unknown,
}

/// An `apps.connections.open` and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRecord {
    /// When it came.
    pub at: Duration,
    /// The app whose token it had.
    pub app_id: Option<String>,
    /// What it was answered.
    pub outcome: OpenAnswer,
}

/// A dial and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialRecord {
    /// When it came.
    pub at: Duration,
    /// What it was answered.
    pub outcome: DialAnswer,
}

/// Which way a frame went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the simulator.
    ToClient,
    /// To the simulator.
    FromClient,
}

/// A frame on a link; an inbound message that came in fragments is one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameRecord {
    /// The link.
    pub link: LinkId,
    /// Which way it went.
    pub direction: Direction,
    /// Its kind.
    pub opcode: Opcode,
    /// Its payload.
    pub bytes: Bytes,
    /// When it was handed to the wire or read.
    pub at: Duration,
}

impl FrameRecord {
    /// The payload as text, if it is UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }
}

/// Numbers since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// `apps.connections.open` calls.
    pub opens: u64,
    /// WebSocket handshakes, refused ones included.
    pub dials: u64,
    /// Hellos sent.
    pub hellos: u64,
    /// `disconnect` messages sent.
    pub disconnects: u64,
    /// Calls of the Web API and posts to a `response_url`.
    pub calls: u64,
    /// Envelopes sent, each counted once.
    pub envelopes: u64,
    /// Deliveries: envelopes put on a link or given to a ghost, redeliveries included.
    pub deliveries: u64,
    /// Deliveries to ghosts.
    pub swallowed: u64,
    /// Deliveries after the first which the simulator made by itself.
    pub redeliveries: u64,
    /// Acknowledgements of known envelopes.
    pub acks: u64,
    /// Acknowledgements beyond one a delivery.
    pub duplicate_acks: u64,
    /// Acknowledgements of ids never sent.
    pub unknown_acks: u64,
    /// Acknowledgements on a link other than the last delivery's.
    pub acks_on_other_link: u64,
    /// Acknowledgements after the deadline.
    pub late_acks: u64,
    /// Envelopes given up: not acknowledged in time, after all redeliveries.
    pub timed_out: u64,
    /// Commands, clicks, submissions and suggestions that failed because no link was open, or a ghost had them.
    pub dispatch_failed: u64,
    /// Events that will not come again, not acknowledged or never delivered.
    pub lost_events: u64,
    /// Envelopes delivered or waiting for a link, not acknowledged, not given up.
    pub unacked: u64,
    /// Envelopes waiting for a link.
    pub waiting: u64,
    /// Envelopes forgotten before they were acknowledged, because too many waited or came after.
    pub forgotten: u64,
    /// Responses of 20,480 bytes or more.
    pub oversized_responses: u64,
    /// Responses where `accepts_response_payload` is false.
    pub unwanted_responses: u64,
    /// Messages from the client that are no acknowledgement.
    pub strange_messages: u64,
    /// Requests and handshakes refused with 403 for their `Host`, `Origin` or `Sec-Fetch-Site`: those of web pages.
    pub foreign_requests: u64,
    /// Connections closed at once because there were [`Options::max_connections`](crate::Options::max_connections).
    pub refused_connections: u64,
    /// Pings sent.
    pub pings_sent: u64,
    /// Pongs received.
    pub pongs_received: u64,
    /// Pings received.
    pub pings_received: u64,
    /// The most links there were at once, those before their hello included.
    pub most_links_at_once: usize,
    /// The longest time between two open links, after the first hello; see `dark_for` for a gap that lasts.
    #[serde(rename = "longest_gap_ms", serialize_with = "milliseconds")]
    pub longest_gap: Duration,
    /// How long there has been no open link by now, after the first hello.
    #[serde(rename = "dark_for_ms", serialize_with = "maybe_milliseconds")]
    pub dark_for: Option<Duration>,
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    maybe_milliseconds(&Some(*time), serializer)
}

#[allow(clippy::ref_option, reason = "that is what serde calls it with")]
fn maybe_milliseconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)).serialize(serializer)
}
