//! The same client over reqwest, for settings of reqwest. Feature `reqwest`.

mod error;
mod transport;

pub use transport::{ReqwestSocket, ReqwestTransport};

/// The handle of a running client.
pub type Client = socketmode_driver::Client<ReqwestTransport>;
/// Builds a client.
pub type Builder = socketmode_driver::Builder<ReqwestTransport>;
/// The future that does all the work.
pub type Driver = socketmode_driver::Driver<ReqwestTransport>;
/// The Web API with a bot token.
pub type Web = socketmode_driver::Web<ReqwestTransport>;
