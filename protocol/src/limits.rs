//! Every limit and default, with its source.
//!
//! What a user can change is a field of [`Config`](crate::Config); its default is here.

use core::time::Duration;

// Set by Slack.

/// Connections that one app may have open at a time.
/// <https://docs.slack.dev/apis/events-api/using-socket-mode> ("up to 10 open connections").
pub const MAX_CONNECTIONS: usize = 10;

/// The domains that Slack's WebSockets are in: `wss-….slack.com`
/// (<https://docs.slack.dev/reference/methods/apps.connections.open>), and `slack-gov.com` for GovSlack
/// (<https://docs.slack.dev/govslack>).
pub const SLACK_DOMAINS: [&str; 2] = ["slack.com", "slack-gov.com"];

/// The largest response, in bytes of the whole text message. Slack drops a larger one without an error, or closes the
/// connection with 1009 "Max frame length of 20480 has been exceeded" (both are reported in public issues of Slack's own
/// clients).
pub const MAX_RESPONSE_BYTES: usize = 20_479;

/// How long Slack waits for an acknowledgement before it shows an error or sends again.
/// <https://docs.slack.dev/interactivity/handling-user-interaction> ("within 3 seconds").
pub const ACK_DEADLINE: Duration = Duration::from_secs(3);

/// How often Slack sends a WebSocket ping (known from logs: "Ping from applink-N").
pub const SERVER_PING_INTERVAL: Duration = Duration::from_secs(10);

// Defaults of the configuration.

/// Default of [`Config::open_timeout`](crate::Config::open_timeout).
pub const OPEN_TIMEOUT: Duration = Duration::from_secs(15);
/// Default of [`Config::dial_timeout`](crate::Config::dial_timeout).
pub const DIAL_TIMEOUT: Duration = Duration::from_secs(15);
/// Default of [`Config::hello_timeout`](crate::Config::hello_timeout).
pub const HELLO_TIMEOUT: Duration = Duration::from_secs(10);
/// Default of [`Config::silence`](crate::Config::silence): three of Slack's pings are missing.
pub const SILENCE: Duration = Duration::from_secs(30);
/// Default of [`Config::client_ping`](crate::Config::client_ping): a little longer than Slack's own interval,
/// so that a healthy connection needs none.
pub const CLIENT_PING: Duration = Duration::from_secs(12);
/// Default of [`Config::backoff_base`](crate::Config::backoff_base).
pub const BACKOFF_BASE: Duration = Duration::from_secs(1);
/// Default of [`Config::backoff_cap`](crate::Config::backoff_cap).
pub const BACKOFF_CAP: Duration = Duration::from_secs(60);
/// Default of [`Config::stable_after`](crate::Config::stable_after).
pub const STABLE_AFTER: Duration = Duration::from_secs(30);
/// Default of [`Config::too_many_backoff`](crate::Config::too_many_backoff).
pub const TOO_MANY_BACKOFF: Duration = Duration::from_secs(120);
/// Default of [`Config::open_burst`](crate::Config::open_burst): one call for each of the ten slots, and two more.
pub const OPEN_BURST: u32 = 12;
/// Default of [`Config::open_interval`](crate::Config::open_interval). Sources disagree on Slack's own limit
/// (1 to 50 a minute); 12 a minute are known to work.
pub const OPEN_INTERVAL: Duration = Duration::from_secs(5);
/// Default of [`Config::rotate_before`](crate::Config::rotate_before). Slack announces 18,060 s, five hours and
/// one minute: 90 s earlier is before Slack's own rotation.
pub const ROTATE_BEFORE: Duration = Duration::from_secs(90);
/// Default of [`Config::drain_timeout`](crate::Config::drain_timeout). Slack closes a connection about 10 s after `warning`.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);
/// Default of [`Config::drain_quiet`](crate::Config::drain_quiet).
pub const DRAIN_QUIET: Duration = Duration::from_secs(1);
/// Default of [`Config::close_timeout`](crate::Config::close_timeout). Slack does not close TCP after the close
/// handshake (reported in a public issue of its Node client).
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// Default of [`Config::shutdown_grace`](crate::Config::shutdown_grace).
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);
/// Default of [`Config::backlog_pause`](crate::Config::backlog_pause): well below Slack's ping interval, as pongs are late
/// by up to this time.
pub const BACKLOG_PAUSE: Duration = Duration::from_secs(2);

/// Default of [`Config::late_ack_window`](crate::Config::late_ack_window). Over HTTP Slack's second redelivery comes after a
/// minute (<https://docs.slack.dev/apis/events-api#retries>): a newer copy has replaced the envelope then.
pub const LATE_ACK_WINDOW: Duration = Duration::from_secs(60);

// Limits of time.

/// The shortest back-off after a failure.
pub const BACKOFF_FLOOR: Duration = Duration::from_millis(100);
/// The shortest wait for a `Retry-After`: many answers with "0" must not become a hot loop.
pub const RETRY_AFTER_FLOOR: Duration = Duration::from_secs(1);
/// A connection that said hello and lived so long was worth something: if it is lost, the wait for the next attempt is at
/// most its life divided by [`UP_TO_DARK`], whatever the back-off.
pub const SHORTEST_USEFUL_LIFE: Duration = Duration::from_secs(1);
/// See [`SHORTEST_USEFUL_LIFE`]: with connections that the network ends every 25 s, the client waits for less than a tenth
/// of the time.
pub const UP_TO_DARK: u32 = 10;
/// The longest back-off after `too_many_websockets` while no connection is up: another process, or a dead connection that
/// Slack still counts, can make room at any moment.
pub const TOO_MANY_CAP: Duration = Duration::from_secs(30);
/// The longest wait for a `Retry-After`.
pub const RETRY_AFTER_CAP: Duration = Duration::from_secs(3600);
/// A shorter announced lifetime is ignored. Slack's own warning still starts a rotation.
pub const SHORTEST_LIFETIME: Duration = Duration::from_secs(120);
/// So many rotations in a row of connections that were not stable yet begin at once. Further ones wait for the back-off:
/// otherwise a peer could make the client open connections without end.
pub const EAGER_ROTATIONS: u32 = 3;
/// The wait between the slots at the start: slot *n* opens after *n* times this.
pub const START_STAGGER: Duration = Duration::from_millis(200);
/// The longest wait of a rotation for the rotation of another slot. After a `warning` Slack leaves 10 s.
pub const TURN_LIMIT: Duration = Duration::from_secs(3);

/// The default of [`Config::linger`](crate::Config::linger): longer than the outage of a Wi-Fi or of a laptop's lid.
pub const LINGER: Duration = Duration::from_secs(180);

// Limits of memory.

/// The largest number of connections that linger. With more, the oldest is dropped.
pub const MAX_LINGERING: usize = MAX_CONNECTIONS;

/// The largest answer to `apps.connections.open` that a driver must read, in bytes. Real answers have about 250.
pub const MAX_OPEN_BODY_BYTES: usize = 64 * 1024;
/// The largest WebSocket message that a driver must accept, in bytes. Envelopes of 67 KB have been reported.
pub const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;
/// The largest number of outstanding deliveries. Further envelopes are shed.
pub const MAX_OUTSTANDING: usize = 16_384;
/// The largest size of all outstanding deliveries together, in bytes. Further envelopes are shed. The envelopes in a
/// driver's queue (64 MiB) count, so the application can hold as much again. Envelopes of the same size may wait in
/// [`SocketMode::poll_output`](crate::SocketMode::poll_output), also when their deliveries are settled.
pub const MAX_OUTSTANDING_BYTES: usize = 128 * 1024 * 1024;
/// Bad messages and announced ends that may wait in [`SocketMode::poll_output`](crate::SocketMode::poll_output), about
/// 1 MB. Further ones have their effect, but give no notice.
pub const MAX_UNPOLLED_NOTICES: usize = 1_024;
/// The largest number of outputs that may wait in [`SocketMode::poll_output`](crate::SocketMode::poll_output): room for
/// every outstanding delivery and its outcome. At half of it, or of [`MAX_OUTSTANDING_BYTES`],
/// [`SocketMode::is_reading`](crate::SocketMode::is_reading) turns false. At all of it envelopes are shed, and no attempt or
/// ping begins. What has begun may still end: there are never twice as many. An embedder that polls has a few.
pub const MAX_UNPOLLED_OUTPUTS: usize = 2 * MAX_OUTSTANDING;
/// The largest number of unfinished writes on a connection. The connection of a peer that reads less is dropped.
pub const MAX_UNWRITTEN: usize = 32_768;
/// The largest size of these writes together, in bytes. The connection of a peer that reads less is dropped. The answers to
/// a full driver's queue (1,024 envelopes) with the largest responses have a third of it. Payloads are kept a second time
/// until their write is known. Acknowledgements from other connections fill at most half of it; more of them wait for the
/// next connection to be up, so that a peer that does not read causes no end of a connection to a peer that does.
pub const MAX_UNWRITTEN_BYTES: usize = 64 * 1024 * 1024;
/// Ids of acknowledged deliveries that are remembered for de-duplication. The oldest is forgotten first, and
/// [`Notice::DedupShortened`](crate::Notice::DedupShortened) says so. Slack's ids take about 150 bytes each, 10 MB in
/// all, which 18 deliveries a second fill in an hour.
pub const MAX_REMEMBERED: usize = 65_536;
/// Copies that may be held for one delivery. Slack sends an event again up to three times
/// (<https://docs.slack.dev/apis/events-api#retries>).
pub const MAX_COPIES: usize = 4;
/// The largest size of all held copies together, in bytes: one message of the largest size.
pub const MAX_COPY_BYTES: usize = MAX_MESSAGE_BYTES;
/// The longest `envelope_id` accepted, in bytes. Slack's have 36.
pub const MAX_ENVELOPE_ID_BYTES: usize = 256;
/// The longest event id remembered for de-duplication, in bytes.
pub const MAX_EVENT_ID_BYTES: usize = 256;
/// The longest text of a peer or a transport that is kept in a notice or an error, in bytes.
pub const MAX_DETAIL_BYTES: usize = 512;
/// The longest WebSocket URL accepted, in bytes.
pub const MAX_URL_BYTES: usize = 4096;
