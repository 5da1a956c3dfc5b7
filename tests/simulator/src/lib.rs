//! A local Slack: everything a Socket Mode client talks to, on loopback, under the test's command.
//!
//! [`Simulator`] plays `apps.connections.open`, the links, the envelopes with their acknowledgements and
//! redeliveries, the rotation, and enough of the Web API for a bot to answer. By itself it behaves as
//! Slack does; every failure seen in the field can be scripted ([`OpenAnswer`], [`DialAnswer`],
//! [`Simulator::freeze`], [`Simulator::reset`], …), and where nobody knows what Slack does an option
//! plays it either way ([`Options`]).
//!
//! It runs on a thread of its own, so a client on any runtime, or on none, can be tested in the same
//! process. Commands and inspection are plain functions; the waits are futures that need no runtime
//! around them.
//!
//! ```no_run
//! use socketmode_simulator::{Options, Simulator, CHANNEL, PERSON};
//! use std::time::Duration;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let slack = Simulator::start(Options::default())?;
//! // Start the client under test with `slack.api_url()` and `slack.app_token()`, then:
//! slack.wait_for_links(1, Duration::from_secs(5)).await?;
//! let id = slack.say(PERSON, CHANNEL, "hello");
//! let ack = slack.wait_for_ack(&id, Duration::from_secs(3)).await?;
//! assert!(ack.on_carrier);
//!
//! let answer = slack.wait_for_call("chat.postMessage", Duration::from_secs(3)).await?;
//! assert_eq!(answer.body["text"], "hello to you");
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

pub use acts::{ActError, Form, Press, Said, Within};
pub use control::LinkUnknown;
pub use envelope::{Envelope, EnvelopeId};
pub use journal::{JOURNAL_BYTES, JOURNAL_ENTRIES};
pub use message::{PostedMessage, Reaction};
pub use options::{Options, Oversized, Pongs};
pub use raw::{Opcode, RawFrame};
pub use record::{
    Ack, BODY_LIMIT, Call, Counters, DialRecord, Direction, FrameRecord, KEPT_BYTES, KEPT_RECORDS, LinkEnd,
    LinkId, LinkInfo, LinkState, MESSAGE_LIMIT, OpenRecord, Snapshot, TokenKind,
};
pub use script::{CallAnswer, DialAnswer, OpenAnswer};
pub use server::control::ControlError;
pub use simulator::{Simulator, StartError};
pub use state::apps::{App, NewApp};
pub use state::delivery::Fate;
pub use wait::WaitError;
pub use workspace::{CHANNEL, Channel, ChannelKind, PERSON, TEAM, User, Workspace};

pub mod fault;

mod acts;
mod control;
mod envelope;
mod journal;
mod message;
mod options;
mod page;
mod payload;
mod raw;
mod record;
mod script;
mod server;
mod simulator;
mod state;
mod wait;
mod workspace;
