//! What a user can set.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::acks::AckPolicy;
use crate::envelope::EnvelopeKind;
use crate::limits;
use crate::url::SocketUrl;
use crate::verdict::Verdict;

/// How a [`SocketMode`](crate::SocketMode) behaves. The defaults suit a bot on slack.com.
///
/// All fields are public. New versions may add fields: end a struct literal with `..Config::default()`, or set fields of a
/// default as here. Then your code compiles with the new fields too.
///
/// ```
/// use core::time::Duration;
/// use socketmode_protocol::{AckPolicy, Config};
///
/// let mut config = Config::default();
/// config.connections = 2;
/// config.deduplicate = Some(Duration::from_secs(3_600));
/// config.ack_events_api = AckPolicy::BeforeDeadline(Duration::from_millis(2_500));
/// assert!(config.validate().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// The number of connections to keep open, 1 to 10. Default 1. Slack sends each envelope to one of them. With a second
    /// one, envelopes still arrive while a lost connection is replaced.
    pub connections: usize,
    /// Connections that other processes of this app have open, as planned. Default 0. If Slack's hello counts more than these
    /// and the client's own, a [`Notice::OtherConnections`](crate::Notice::OtherConnections) says so: envelopes go to other
    /// processes, or are lost in connections that are dead and that Slack still counts.
    pub expect_other_connections: u32,
    /// Hold up to so many connections (at most 9) while Slack counts more than those that are expected. Default `None`. Slack
    /// spreads envelopes over all connections: with 3 dead ones, one connection receives a quarter of the clicks, and six
    /// receive two thirds. The additional ones are closed as soon as a hello shows that the others are gone.
    pub outnumber: Option<usize>,
    /// The longest time for `apps.connections.open`. Default 15 s.
    pub open_timeout: Duration,
    /// The longest time for TCP, TLS and the WebSocket handshake together. Default 15 s.
    pub dial_timeout: Duration,
    /// The longest time from the handshake to the hello. Default 10 s.
    pub hello_timeout: Duration,
    /// A connection is dead if nothing arrives on it for this long, or if it takes no writes for this long. Default 30 s:
    /// Slack pings every 10 s. Any frame is a sign of life. A shorter time finds dead connections sooner, but also ends
    /// slow ones.
    pub silence: Duration,
    /// Send a ping if nothing arrives for this long; `None` sends none. Default 12 s: on a healthy connection Slack's own
    /// ping arrives first, every 10 s.
    pub client_ping: Option<Duration>,
    /// End a connection if no ping *from Slack* arrives for this long, whatever else arrives. Default `None`:
    /// [`silence`](Self::silence) is the better measure. slack-go has 30 s here.
    pub server_ping_timeout: Option<Duration>,
    /// The longest back-off after the first failure. It doubles with each further failure. Default 1 s.
    pub backoff_base: Duration,
    /// The back-off is never longer than this. Default 60 s.
    pub backoff_cap: Duration,
    /// A connection that lives this long after its hello resets the back-off. Default 30 s.
    pub stable_after: Duration,
    /// The back-off after `too_many_websockets` while another connection is up: a random time between half of this and all
    /// of it. Default 120 s. While none is up, it is the ordinary back-off, up to
    /// [`TOO_MANY_CAP`](limits::TOO_MANY_CAP).
    pub too_many_backoff: Duration,
    /// Calls of `apps.connections.open` that may follow each other without a wait, over all slots. Default 12.
    pub open_burst: u32,
    /// After the burst, one more call is allowed each time this interval is over. Default 5 s.
    pub open_interval: Duration,
    /// Replace a connection this long before the end that its hello announced; `None` waits for Slack's warning.
    /// Default 90 s.
    pub rotate_before: Option<Duration>,
    /// The longest time that a connection drains. Default 30 s.
    pub drain_timeout: Duration,
    /// A draining connection is closed when its successor is up, its acknowledgements are sent, and no envelope arrived on
    /// it for this long. Default 1 s: envelopes that Slack has already sent to it still arrive.
    pub drain_quiet: Duration,
    /// The longest wait for the peer's answer to a close frame. Default 1 s.
    pub close_timeout: Duration,
    /// How long the socket of a dead connection is kept, so that the close frame can still go out: Slack counts a connection
    /// that nobody closed for up to hours, and sends envelopes to it. Default 3 minutes, for at most
    /// [`MAX_LINGERING`](limits::MAX_LINGERING) sockets. Zero drops it at once.
    pub linger: Duration,
    /// How long acknowledgements may still go out when the machine stops by itself (after a fatal error). Default 5 s.
    pub shutdown_grace: Duration,
    /// While the application's queue is full: how long to stop reading before envelopes are shed. Default 2 s: pongs
    /// are late by at most this time.
    pub backlog_pause: Duration,
    /// How long after its arrival an envelope can be acknowledged on the connection on which it arrived; at least 3 s.
    /// Default 60 s. A longer time costs memory for each envelope that is never acknowledged.
    pub late_ack_window: Duration,
    /// Who acknowledges `events_api` envelopes. Default [`AckPolicy::Manual`].
    pub ack_events_api: AckPolicy,
    /// Who acknowledges `slash_commands` envelopes. Default [`AckPolicy::Manual`].
    pub ack_slash_commands: AckPolicy,
    /// Who acknowledges `interactive` envelopes. Default [`AckPolicy::Manual`].
    pub ack_interactive: AckPolicy,
    /// Who acknowledges envelopes of unknown kinds. Default [`AckPolicy::Manual`].
    pub ack_other: AckPolicy,
    /// Deliver each event once. Copies are recognised by the `event_id` of an event, and by the `envelope_id` of anything
    /// else. While a delivery is outstanding, its copies are held. When its acknowledgement is written, they are
    /// acknowledged with the same payload. If it is not acknowledged, the newest copy is delivered. After the
    /// acknowledgement, copies are acknowledged and not delivered for the time that is set here.
    ///
    /// Default `None`. An hour is a good choice: Slack sends an event again for more than five minutes. It is not the
    /// default because of its costs: a second look into each payload and two look-ups, with which an envelope of 0.5 to
    /// 20 KB takes 65 to 80 % longer in this machine (about 6,000 instructions at 0.5 KB), and memory for up to
    /// [`MAX_REMEMBERED`](limits::MAX_REMEMBERED) ids.
    pub deduplicate: Option<Duration>,
    /// Ask Slack for connections that live only 360 s, to test rotations. Default `false`.
    pub debug_reconnects: bool,
    /// Allow `ws://` to hosts other than this machine. Default `false`: the ticket and every payload would be sent
    /// unencrypted.
    pub allow_plain_ws: bool,
    /// Hosts that a WebSocket may lead to besides [Slack's own](limits::SLACK_DOMAINS): a test server or a gateway.
    /// Default none. `localhost` stands for every name and address of this machine.
    pub allowed_hosts: Vec<String>,
    /// Your own verdicts on error codes of `apps.connections.open`, which take precedence over the
    /// [table](crate::verdict::VERDICTS), and on HTTP statuses without a known code, by their number (`"404"`).
    pub verdicts: Vec<(String, Verdict)>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connections: 1,
            expect_other_connections: 0,
            outnumber: None,
            open_timeout: limits::OPEN_TIMEOUT,
            dial_timeout: limits::DIAL_TIMEOUT,
            hello_timeout: limits::HELLO_TIMEOUT,
            silence: limits::SILENCE,
            client_ping: Some(limits::CLIENT_PING),
            server_ping_timeout: None,
            backoff_base: limits::BACKOFF_BASE,
            backoff_cap: limits::BACKOFF_CAP,
            stable_after: limits::STABLE_AFTER,
            too_many_backoff: limits::TOO_MANY_BACKOFF,
            open_burst: limits::OPEN_BURST,
            open_interval: limits::OPEN_INTERVAL,
            rotate_before: Some(limits::ROTATE_BEFORE),
            drain_timeout: limits::DRAIN_TIMEOUT,
            drain_quiet: limits::DRAIN_QUIET,
            close_timeout: limits::CLOSE_TIMEOUT,
            linger: limits::LINGER,
            shutdown_grace: limits::SHUTDOWN_GRACE,
            backlog_pause: limits::BACKLOG_PAUSE,
            late_ack_window: limits::LATE_ACK_WINDOW,
            ack_events_api: AckPolicy::Manual,
            ack_slash_commands: AckPolicy::Manual,
            ack_interactive: AckPolicy::Manual,
            ack_other: AckPolicy::Manual,
            deduplicate: None,
            debug_reconnects: false,
            allow_plain_ws: false,
            allowed_hosts: Vec::new(),
            verdicts: Vec::new(),
        }
    }
}

impl Config {
    /// Checks every field.
    ///
    /// # Errors
    /// The first field with an invalid value, and which values are valid.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.connections == 0 || self.connections > limits::MAX_CONNECTIONS {
            return Err(ConfigError::Connections { got: self.connections });
        }
        let expected = usize::try_from(self.expect_other_connections).unwrap_or(usize::MAX);
        if self.connections.saturating_add(expected) > limits::MAX_CONNECTIONS {
            return Err(ConfigError::ExpectOtherConnections { got: self.expect_other_connections });
        }
        if self.outnumber.is_some_and(|most| most < self.connections || most >= limits::MAX_CONNECTIONS) {
            return Err(ConfigError::Outnumber);
        }
        if self.open_burst == 0 {
            return Err(ConfigError::OpenBurst);
        }
        let durations = [
            ("open_timeout", self.open_timeout),
            ("dial_timeout", self.dial_timeout),
            ("hello_timeout", self.hello_timeout),
            ("silence", self.silence),
            ("client_ping", self.client_ping.unwrap_or(limits::CLIENT_PING)),
            ("server_ping_timeout", self.server_ping_timeout.unwrap_or(limits::SILENCE)),
            ("backoff_base", self.backoff_base),
            ("backoff_cap", self.backoff_cap),
            ("too_many_backoff", self.too_many_backoff),
            ("open_interval", self.open_interval),
            ("drain_timeout", self.drain_timeout),
            ("close_timeout", self.close_timeout),
            ("backlog_pause", self.backlog_pause),
        ];
        if let Some((field, _)) = durations.into_iter().find(|(_, duration)| duration.is_zero()) {
            return Err(ConfigError::Zero { field });
        }
        if self.client_ping.is_some_and(|ping| ping >= self.silence) {
            return Err(ConfigError::PingAfterSilence);
        }
        if !self.allowed_hosts.iter().all(|host| is_host(host)) {
            return Err(ConfigError::AllowedHost);
        }
        if self.late_ack_window < limits::ACK_DEADLINE {
            return Err(ConfigError::LateAckWindow);
        }
        let policies = [self.ack_events_api, self.ack_slash_commands, self.ack_interactive, self.ack_other];
        let too_late =
            |policy| matches!(policy, AckPolicy::BeforeDeadline(after) if after >= limits::ACK_DEADLINE);
        if policies.into_iter().any(too_late) {
            return Err(ConfigError::AckAfterDeadline);
        }
        Ok(())
    }

    /// The policy for envelopes of this kind.
    #[must_use]
    pub fn ack_policy(&self, kind: &EnvelopeKind) -> AckPolicy {
        match kind {
            EnvelopeKind::EventsApi => self.ack_events_api,
            EnvelopeKind::SlashCommands => self.ack_slash_commands,
            EnvelopeKind::Interactive => self.ack_interactive,
            EnvelopeKind::Other(_) => self.ack_other,
        }
    }
}

/// Whether it is only a host: no scheme, no port, an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    SocketUrl::parse(&format!("ws://{host}")).is_ok_and(|url| url.host() == host)
}

/// An invalid [`Config`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Slack allows 1 to 10 connections an app.
    #[error("connections is {got}: set it to 1 to {max}, as Slack allows for each app", max = limits::MAX_CONNECTIONS)]
    Connections {
        /// The value that was set.
        got: usize,
    },
    /// They and the client's own would be more than ten.
    #[error(
        "expect_other_connections is {got}: it and connections must not be more than {max} together", max = limits::MAX_CONNECTIONS
    )]
    ExpectOtherConnections {
        /// What was set.
        got: u32,
    },
    /// No room would be left for a rotation, or connections would be closed.
    #[error("outnumber must be at least connections, and at most {most}", most = limits::MAX_CONNECTIONS - 1)]
    Outnumber,
    /// Without any calls of `apps.connections.open` nothing can connect.
    #[error("open_burst is 0: set it to 1 or more, or the client can never connect")]
    OpenBurst,
    /// A duration is zero.
    #[error("{field} is zero: set it to a millisecond or more")]
    Zero {
        /// The name of the field.
        field: &'static str,
    },
    /// The connection would end before the ping is sent.
    #[error(
        "client_ping is not shorter than silence: make it shorter, or connections end before a ping is sent"
    )]
    PingAfterSilence,
    /// An entry of `allowed_hosts` is not a host, or more than a host.
    #[error(
        "allowed_hosts takes only hosts, such as bench.example.com or [2001:db8::1]: remove scheme and port"
    )]
    AllowedHost,
    /// Slack still waits for acknowledgements after this time.
    #[error("late_ack_window is shorter than 3 s, the time that Slack waits: set it to 3 s or more")]
    LateAckWindow,
    /// Slack waits 3 s for an acknowledgement.
    #[error(
        "AckPolicy::BeforeDeadline is not shorter than 3 s, the time that Slack waits: set a shorter time"
    )]
    AckAfterDeadline,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The default but for one field.
    fn with(set: impl FnOnce(&mut Config)) -> Result<(), ConfigError> {
        let mut config = Config::default();
        set(&mut config);
        config.validate()
    }

    #[test]
    fn slack_allows_one_to_ten_connections() {
        assert_eq!(with(|config| config.connections = 10), Ok(()));
        for got in [0, 11] {
            assert_eq!(with(|config| config.connections = got), Err(ConfigError::Connections { got }));
        }
    }

    #[test]
    fn others_are_outnumbered_with_fewer_than_slack_allows() {
        for (most, expected) in
            [(2, Err(ConfigError::Outnumber)), (3, Ok(())), (9, Ok(())), (10, Err(ConfigError::Outnumber))]
        {
            let got = with(|config| (config.connections, config.outnumber) = (3, Some(most)));
            assert_eq!(got, expected, "{most}");
        }
    }

    #[test]
    fn what_is_zero_is_named() {
        type Field = fn(&mut Config) -> &mut Duration;
        let fields: [(&str, Field); 11] = [
            ("open_timeout", |config| &mut config.open_timeout),
            ("dial_timeout", |config| &mut config.dial_timeout),
            ("hello_timeout", |config| &mut config.hello_timeout),
            ("silence", |config| &mut config.silence),
            ("backoff_base", |config| &mut config.backoff_base),
            ("backoff_cap", |config| &mut config.backoff_cap),
            ("too_many_backoff", |config| &mut config.too_many_backoff),
            ("open_interval", |config| &mut config.open_interval),
            ("drain_timeout", |config| &mut config.drain_timeout),
            ("close_timeout", |config| &mut config.close_timeout),
            ("backlog_pause", |config| &mut config.backlog_pause),
        ];
        for (field, of) in fields {
            assert_eq!(with(|config| *of(config) = Duration::ZERO), Err(ConfigError::Zero { field }));
        }
        let zero = Some(Duration::ZERO);
        assert_eq!(with(|config| config.client_ping = zero), Err(ConfigError::Zero { field: "client_ping" }));
        let field = "server_ping_timeout";
        assert_eq!(with(|config| config.server_ping_timeout = zero), Err(ConfigError::Zero { field }));
        assert_eq!(with(|config| config.open_burst = 0), Err(ConfigError::OpenBurst));
    }

    #[test]
    fn a_ping_comes_before_the_link_is_given_up() {
        let pinging = |client_ping| with(|config| config.client_ping = client_ping);
        assert_eq!(pinging(None), Ok(()));
        assert_eq!(pinging(Some(limits::SILENCE - Duration::from_millis(1))), Ok(()));
        assert_eq!(pinging(Some(limits::SILENCE)), Err(ConfigError::PingAfterSilence));
    }

    #[test]
    fn a_policy_acknowledges_before_slack_stops_waiting() {
        let at = |after| AckPolicy::BeforeDeadline(after);
        let late = Err(ConfigError::AckAfterDeadline);
        assert_eq!(with(|config| config.ack_other = at(Duration::from_millis(2_999))), Ok(()));
        assert_eq!(with(|config| config.ack_events_api = at(limits::ACK_DEADLINE)), late);
        assert_eq!(with(|config| config.ack_slash_commands = at(limits::ACK_DEADLINE)), late);
        assert_eq!(with(|config| config.ack_interactive = at(limits::ACK_DEADLINE)), late);
        assert_eq!(with(|config| config.ack_other = at(Duration::from_secs(5))), late);
    }

    #[test]
    fn each_kind_has_its_policy() {
        let at = |millis| AckPolicy::BeforeDeadline(Duration::from_millis(millis));
        let config = Config {
            ack_events_api: at(1),
            ack_slash_commands: at(2),
            ack_interactive: at(3),
            ack_other: at(4),
            ..Config::default()
        };
        let other = EnvelopeKind::Other("novel".into());
        let kinds = [EnvelopeKind::EventsApi, EnvelopeKind::SlashCommands, EnvelopeKind::Interactive, other];
        assert_eq!(kinds.map(|kind| config.ack_policy(&kind)), [at(1), at(2), at(3), at(4)]);
    }

    #[test]
    fn a_late_acknowledgement_is_late_by_something() {
        let window = |window| with(|config| config.late_ack_window = window);
        assert_eq!(window(limits::ACK_DEADLINE), Ok(()));
        assert_eq!(window(limits::ACK_DEADLINE - Duration::from_millis(1)), Err(ConfigError::LateAckWindow));
    }
}
