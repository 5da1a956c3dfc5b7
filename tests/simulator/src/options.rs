//! How this Slack behaves.

use crate::Workspace;
use crate::state::blocks::text;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// How this Slack behaves; the default is what Slack does, as far as anyone knows.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address to listen on; anything but loopback is refused. Default: `127.0.0.1`.
    pub ip: IpAddr,
    /// The port to listen on. Default: 0, any free one.
    pub port: u16,
    /// The default app's app-level token, `xapp-…`; `None` makes one that nobody can guess. Default: `None`.
    ///
    /// A given one stays the same when the simulator is restarted beside a bot that runs on. It is no secret of Slack's;
    /// yet who knows it can drive this simulator.
    pub app_token: Option<String>,
    /// The default app's bot token, `xoxb-…`, likewise. Default: `None`.
    pub bot_token: Option<String>,
    /// Time between the WebSocket pings on a link; `None` sends none. Default: 10 s.
    pub ping_interval: Option<Duration>,
    /// What a client's pings are answered with. Default: [`Pongs::Echo`].
    pub pongs: Pongs,
    /// Age at which a link is rotated; `None` never rotates by itself. Default: 18,060 s.
    ///
    /// A link dialled with `debug_reconnects=true` lives 360 s at most.
    pub lifetime: Option<Duration>,
    /// Time between the `warning` and the close of a rotated link. Default: 10 s.
    pub rotation_grace: Duration,
    /// Links an app may hold, ghosts included; the next is told `too_many_websockets`. Default: 10.
    pub max_links: usize,
    /// How many connections of other processes, or of dead ones, the default app has at the start; see
    /// [`set_ghosts`](crate::Simulator::set_ghosts). Default: 0.
    pub ghosts: usize,
    /// How long a link goes on being counted, and given envelopes, though nothing comes from its client, not even an
    /// answer to the pings: that of a process or a path that is dead without an end of TCP. Then TCP is reset. Default:
    /// two hours; Slack's time is not known, minutes to hours have been seen.
    pub counts_dead_for: Duration,
    /// Connections served at once, links included; one more is closed at once. Default: 256.
    pub max_connections: usize,
    /// How long a client may take to send the head of a request, its first one or the next on the same connection, and
    /// as long again for its body; then the connection is closed. Links are not concerned. Default: 30 s.
    pub client_timeout: Duration,
    /// How long a ticket can be dialled with. Default: 60 s.
    pub ticket_lifetime: Duration,
    /// Time within which an envelope must be acknowledged. Default: 3 s.
    pub ack_deadline: Duration,
    /// One entry a redelivery of an event: how long after the missed deadline it comes.
    /// Default: at once, 60 s, 300 s.
    pub redelivery: Vec<Duration>,
    /// Whether a redelivery comes under a new `envelope_id`. Slack's way is unknown. Default: no.
    pub redeliver_with_new_id: bool,
    /// Whether an acknowledgement counts on a link other than the one that carried the envelope.
    /// Slack's way is unknown. Default: yes.
    pub honour_acks_on_other_links: bool,
    /// What happens to a response of 20,480 bytes or more. Default: [`Oversized::Drop`].
    pub oversized: Oversized,
    /// Whether a link that was warned is still given new envelopes while another one is open.
    /// Slack's way is unknown. Default: yes.
    pub route_to_warned: bool,
    /// Whether TCP is closed after the WebSocket's close handshake. Slack leaves it to the client. Default: no; it is left
    /// open for no longer than [`counts_dead_for`](Self::counts_dead_for).
    pub close_tcp: bool,
    /// Whether TCP of a rotated link ends without a close frame, which Slack may do. Default: no.
    pub rotation_without_close: bool,
    /// How long a client may take to answer a close frame before TCP is closed without, where
    /// [`close_tcp`](Self::close_tcp) is on. Default: 1 s.
    pub close_wait: Duration,
    /// The name of the default app's bot. Default: `bot`.
    pub bot_name: String,
    /// Who and what there is in the workspace at the start.
    pub workspace: Workspace,
    /// Whether this Slack is kinder than the real one, in all the ways that make a bot pass here and fail there: envelopes
    /// wait for a link, clicks accept an answer, the bot does not hear itself, a `response_url` and a `trigger_id` are good
    /// for ever, the Web API takes what Slack refuses, and people press and submit what the bot has not shown. Default: no.
    pub lenient: bool,
    /// Whether the app is subscribed to messages and reactions, and so is sent those of its own bot: a bot that answers
    /// them answers itself for ever. Default: yes.
    pub own_posts_come_back: bool,
    /// Whether the app is subscribed to messages besides mentions, and so is sent each mention twice: as `message` and as
    /// `app_mention`. Default: yes.
    pub mentions_are_messages: bool,
    /// Whether `accepts_response_payload` is true on submissions of views. Slack's way is unknown; official clients send
    /// their answers whatever it says. Default: yes.
    pub submissions_accept_answers: bool,
    /// Whether a redelivery says `retry_attempt` 0, like the first delivery: both have been seen. Default: no.
    pub redeliver_as_first: bool,
    /// How long a `trigger_id` opens a view. Default: 3 s.
    pub trigger_lifetime: Duration,
    /// How long a `response_url` is good for its five posts. Default: 30 minutes.
    pub response_url_lifetime: Duration,
    /// Whether frames are recorded for [`frames`](crate::Simulator::frames). Default: yes; switch it
    /// off to measure speed.
    pub record_frames: bool,
}

impl Options {
    pub(crate) fn closes_tcp(&self) -> bool {
        self.close_tcp || self.lenient
    }

    /// Whether the acknowledgement of such an envelope may carry an answer: as the fixtures of Slack's own clients have it.
    pub(crate) fn accepts_answers(&self, kind: &str, payload: &Value) -> bool {
        match (kind, text(payload, "type")) {
            ("slash_commands", _) | ("interactive", "block_suggestion") => true,
            ("interactive", "view_submission") => self.submissions_accept_answers || self.lenient,
            ("interactive", _) => self.lenient,
            _ => false,
        }
    }
}

/// What happens to a response of 20,480 bytes or more: both have been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oversized {
    /// It is lost without a word.
    Drop,
    /// The link is closed with code 1009.
    Close,
}

/// What a client's pings are answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pongs {
    /// The ping's own bytes, as the standard has it.
    Echo,
    /// These bytes; no more than 125.
    Other(Vec<u8>),
    /// Nothing.
    Never,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            app_token: None,
            bot_token: None,
            ping_interval: Some(Duration::from_secs(10)),
            pongs: Pongs::Echo,
            lifetime: Some(Duration::from_secs(18_060)),
            rotation_grace: Duration::from_secs(10),
            max_links: 10,
            ghosts: 0,
            counts_dead_for: Duration::from_secs(2 * 3600),
            max_connections: 256,
            client_timeout: Duration::from_secs(30),
            ticket_lifetime: Duration::from_secs(60),
            ack_deadline: Duration::from_secs(3),
            redelivery: vec![Duration::ZERO, Duration::from_secs(60), Duration::from_secs(300)],
            redeliver_with_new_id: false,
            honour_acks_on_other_links: true,
            oversized: Oversized::Drop,
            route_to_warned: true,
            close_tcp: false,
            rotation_without_close: false,
            close_wait: Duration::from_secs(1),
            bot_name: "bot".to_owned(),
            workspace: Workspace::default(),
            lenient: false,
            own_posts_come_back: true,
            mentions_are_messages: true,
            submissions_accept_answers: true,
            redeliver_as_first: false,
            trigger_lifetime: Duration::from_secs(3),
            response_url_lifetime: Duration::from_secs(30 * 60),
            record_frames: true,
        }
    }
}
