//! A wire with faults, to be put between a client and this Slack, or before anything else that speaks TCP.
//!
//! ```no_run
//! use socketmode_simulator::fault::{Fault, Relay, Way};
//! use socketmode_simulator::{Options, Simulator};
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let slack = Simulator::start(Options::default())?;
//! let relay = Relay::start(slack.address())?;
//! slack.set_public_origin(&format!("http://{}", relay.address()));
//! // When Slack has sent 300 bytes, what carries them is reset: the link, or the call that opens.
//! relay.wherever(Way::Down, 300, Fault::Reset);
//! # Ok(())
//! # }
//! ```

pub use relay::{Fault, Relay, Way};
pub use service::{Service, connect};

mod records;
mod relay;
mod service;
mod wire;
