//! Every number that Slack or prudence sets, with its source.
//!
//! What a user may want to change is a field of [`Config`](crate::Config); its default is here.

use core::time::Duration;

// What Slack sets.

/// Connections that one app may have open at a time.
/// <https://docs.slack.dev/apis/events-api/using-socket-mode> ("up to 10 open connections").
pub const MAX_CONNECTIONS: usize = 10;

/// The domains that Slack's WebSockets are in: `wss-….slack.com`
/// (<https://docs.slack.dev/reference/methods/apps.connections.open>), and `slack-gov.com` for GovSlack
/// (<https://docs.slack.dev/govslack>).
pub const SLACK_DOMAINS: [&str; 2] = ["slack.com", "slack-gov.com"];

/// The largest response, in bytes of the whole text frame. One byte more is dropped without a word,
/// or answered by close 1009 "Max frame length of 20480 has been exceeded" (seen both ways in
/// public issue threads of Slack's own clients).
pub const MAX_RESPONSE_BYTES: usize = 20_479;

/// How long Slack waits for an acknowledgement before it shows an error or sends again.
/// <https://docs.slack.dev/interactivity/handling-user-interaction> ("within 3 seconds").
pub const ACK_DEADLINE: Duration = Duration::from_secs(3);

/// How often Slack sends a WebSocket ping (seen in logs: "Ping from applink-N").
pub const SERVER_PING_INTERVAL: Duration = Duration::from_secs(10);

// Defaults of what can be configured.

/// Default of [`Config::open_timeout`](crate::Config::open_timeout).
pub const OPEN_TIMEOUT: Duration = Duration::from_secs(15);
/// Default of [`Config::dial_timeout`](crate::Config::dial_timeout).
pub const DIAL_TIMEOUT: Duration = Duration::from_secs(15);
/// Default of [`Config::hello_timeout`](crate::Config::hello_timeout).
pub const HELLO_TIMEOUT: Duration = Duration::from_secs(10);
/// Default of [`Config::silence`](crate::Config::silence): three of Slack's pings missed.
pub const SILENCE: Duration = Duration::from_secs(30);
/// Default of [`Config::client_ping`](crate::Config::client_ping): a little longer than Slack's own interval,
/// so that a healthy link needs none.
pub const CLIENT_PING: Duration = Duration::from_secs(12);
/// Default of [`Config::backoff_base`](crate::Config::backoff_base).
pub const BACKOFF_BASE: Duration = Duration::from_secs(1);
/// Default of [`Config::backoff_cap`](crate::Config::backoff_cap).
pub const BACKOFF_CAP: Duration = Duration::from_secs(60);
/// Default of [`Config::stable_after`](crate::Config::stable_after).
pub const STABLE_AFTER: Duration = Duration::from_secs(30);
/// Default of [`Config::too_many_backoff`](crate::Config::too_many_backoff).
pub const TOO_MANY_BACKOFF: Duration = Duration::from_secs(120);
/// Default of [`Config::open_burst`](crate::Config::open_burst): every slot once, and a spare each for two.
pub const OPEN_BURST: u32 = 12;
/// Default of [`Config::open_interval`](crate::Config::open_interval). Sources disagree on Slack's own limit
/// (1 to 50 a minute); 12 a minute has been seen to pass.
pub const OPEN_INTERVAL: Duration = Duration::from_secs(5);
/// Default of [`Config::rotate_before`](crate::Config::rotate_before). Slack announces 18,060 s, five hours and
/// one minute: 90 s earlier is ahead of its own rotation.
pub const ROTATE_BEFORE: Duration = Duration::from_secs(90);
/// Default of [`Config::drain_timeout`](crate::Config::drain_timeout). Slack cuts a link about 10 s after `warning`.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);
/// Default of [`Config::drain_quiet`](crate::Config::drain_quiet).
pub const DRAIN_QUIET: Duration = Duration::from_secs(1);
/// Default of [`Config::close_timeout`](crate::Config::close_timeout). Slack does not close TCP after the close
/// handshake (seen in a public issue of its Node client).
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// Default of [`Config::shutdown_grace`](crate::Config::shutdown_grace).
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);
/// Default of [`Config::backlog_pause`](crate::Config::backlog_pause): well below Slack's ping interval, so that a
/// pong is late by no more.
pub const BACKLOG_PAUSE: Duration = Duration::from_secs(2);

/// Default of [`Config::late_ack_window`](crate::Config::late_ack_window). Over HTTP Slack's second redelivery comes after a
/// minute (<https://docs.slack.dev/apis/events-api#retries>): an older copy has been superseded.
pub const LATE_ACK_WINDOW: Duration = Duration::from_secs(60);

// What bounds time.

/// The shortest back-off after a failure.
pub const BACKOFF_FLOOR: Duration = Duration::from_millis(100);
/// The shortest wait that a `Retry-After` can ask for: "0" for ever must not become a hot loop.
pub const RETRY_AFTER_FLOOR: Duration = Duration::from_secs(1);
/// The longest wait that a `Retry-After` can ask for.
pub const RETRY_AFTER_CAP: Duration = Duration::from_secs(3600);
/// An announced lifetime below this is not believed; Slack's own warning still rotates the link.
pub const SHORTEST_LIFETIME: Duration = Duration::from_secs(120);
/// Links in a row that can be asked away before they were stable and are still replaced at once; further replacements
/// wait for the back-off, or a peer could make us open for ever.
pub const EAGER_ROTATIONS: u32 = 3;
/// How long the slots wait for one another at the start: slot *n* opens *n* times as late.
pub const START_STAGGER: Duration = Duration::from_millis(200);
/// How long a warned slot waits for another one's handover before it starts its own. Slack leaves 10 s.
pub const TURN_LIMIT: Duration = Duration::from_secs(3);

// What bounds memory.

/// The largest answer to `apps.connections.open` that a driver need read, in bytes. Real ones have about 250.
pub const MAX_OPEN_BODY_BYTES: usize = 64 * 1024;
/// The largest WebSocket message that a driver need accept, in bytes. Envelopes of 67 KB are real.
pub const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;
/// Envelopes that may wait for their acknowledgement at a time; what comes beyond is shed.
pub const MAX_OUTSTANDING: usize = 16_384;
/// Bytes of all of these, as they came; what comes beyond is shed. What waits in a driver's queue (64 MiB) is among them,
/// and as much may be with the application.
pub const MAX_OUTSTANDING_BYTES: usize = 128 * 1024 * 1024;
/// Bad messages and announced ends that may wait in [`SocketMode::poll_output`](crate::SocketMode::poll_output), about
/// 1 MB: those beyond are counted or acted on, and not told.
pub const MAX_UNPOLLED_NOTICES: usize = 1_024;
/// Writes that one connection may have under way; a peer that does not read so many is gone.
pub const MAX_UNWRITTEN: usize = 32_768;
/// Bytes of these writes; a peer that does not read so many is gone. What an application answers to everything in a driver's
/// queue, 1,024 envelopes, has a third of it with the largest responses. The payloads among them are kept a second time,
/// until it is known that they are written. What other links leave fills half of it; what is more waits for the next link
/// to be up, so that one which reads does not end for one that does not.
pub const MAX_UNWRITTEN_BYTES: usize = 64 * 1024 * 1024;
/// Ids of acknowledged deliveries remembered for de-duplication; the oldest goes first, and
/// [`Notice::DedupShortened`](crate::Notice::DedupShortened) says so. About 150 bytes each with Slack's ids: 10 MB in
/// all, which 18 deliveries a second fill in an hour.
pub const MAX_REMEMBERED: usize = 65_536;
/// Copies that may wait for the outcome of one delivery. Slack sends an event three times again
/// (<https://docs.slack.dev/apis/events-api#retries>).
pub const MAX_COPIES: usize = 4;
/// Bytes of all copies that wait, as they came: one message of the largest size.
pub const MAX_COPY_BYTES: usize = MAX_MESSAGE_BYTES;
/// The longest `envelope_id` accepted, in bytes. Slack's have 36.
pub const MAX_ENVELOPE_ID_BYTES: usize = 256;
/// The longest event id remembered for de-duplication, in bytes.
pub const MAX_EVENT_ID_BYTES: usize = 256;
/// The longest text of a peer or a transport kept in an event, in bytes.
pub const MAX_DETAIL_BYTES: usize = 512;
/// The longest WebSocket URL accepted, in bytes.
pub const MAX_URL_BYTES: usize = 4096;
