//! What goes wrong, and what people do meanwhile.

use std::collections::BTreeMap;
use std::time::Duration;

use socketmode_protocol::Instant;

use super::transport::Link;
use socketmode_model::random::Random;
use socketmode_model::world::agenda::Wire;

macro_rules! faults {
    ($($name:ident: $sentence:literal,)*) => {
        /// A kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $(#[doc = $sentence] $name,)*
        }

        impl Fault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

faults! {
    Delay: "A link gets slow, and what comes by others overtakes it.",
    Reset: "A link is reset.",
    EndOfStream: "A link ends without a close frame.",
    HalfOpen: "Nothing passes a link any more, and nobody is told.",
    Closed: "Slack closes a link.",
    Warning: "Slack announces the end of a link, with the reason `warning`.",
    Refresh: "The same with `refresh_requested`, or a reason that nobody knows.",
    TooMany: "A link says `too_many_websockets`.",
    AllLinks: "Every link is reset at once.",
    Flapping: "Every link is reset each second, or each minute, for some minutes.",
    Ghosts: "Slack counts links that nobody reads, for minutes or hours, and sends them their share.",
    Outage: "`apps.connections.open` is down, for minutes or hours, and so are some links.",
    RateLimit: "`apps.connections.open` answers 429.",
    OddAnswer: "`apps.connections.open` answers something else.",
    Handshake: "The next handshakes are refused, or never end.",
    NoHello: "The next links begin with something else than a hello.",
    Slack: "Answers, handshakes and hellos take long.",
    Duplicate: "Slack sends an envelope once more, with the same `envelope_id` or a new one.",
    OddPayload: "Slack sends something odd.",
    Flood: "Slack sends hundreds of pings, pongs and envelopes at once.",
    ClockJump: "The computer sleeps, and its clock jumps.",
    ClockStop: "The computer sleeps, and its clock stands still.",
    Stall: "The process stands still for seconds or hours, and Slack goes on.",
    SlowReader: "The application reads nothing for a while.",
    SlowAcks: "The application is late, and drops requests.",
    SlowWrites: "Writes wait for a while; the network may have them already.",
    BrokenWrites: "Writes fail.",
}

/// Something that ends or arrives later.
#[derive(Clone, Debug)]
pub enum Later {
    /// Something reaches the client.
    Arrives(Link, Wire),
    /// The next fault.
    Injects,
    /// People do something.
    Says,
    /// A link is fast again.
    Fast(Link),
    /// Writes get on again.
    Writes(Link),
    /// An outage is over.
    Back,
    /// Slack is fast again.
    Brisk,
    /// Slack closes a link that answers no pings.
    Cuts(Link),
    /// Links are reset, and again after each pause until then.
    Flaps(Instant, Duration),
    /// Slack forgets the links that nobody reads.
    Forgets,
    /// The application pulls itself together.
    Prompt,
}

/// The source of faults, and their count.
#[derive(Clone, Debug)]
pub(super) struct Faults {
    pub(super) random: Random,
    pub(super) counts: BTreeMap<Fault, u64>,
    /// The time without a link, by the fault that goes on, or else came last before it.
    pub(super) dark: BTreeMap<Fault, Duration>,
    pub(super) latest: Option<Fault>,
    /// The fault that goes on, and until when.
    pub(super) lasting: Option<(Fault, Instant)>,
    pub(super) over: bool,
    pub(super) last: Option<String>,
}

impl Faults {
    pub(super) fn new(random: Random) -> Self {
        Self {
            random,
            counts: BTreeMap::new(),
            dark: BTreeMap::new(),
            latest: None,
            lasting: None,
            over: false,
            last: None,
        }
    }

    /// What to blame for a time without a link.
    pub(super) fn to_blame(&self, now: Instant) -> Option<Fault> {
        self.lasting.filter(|(_, until)| now < *until).map(|(fault, _)| fault).or(self.latest)
    }
}
