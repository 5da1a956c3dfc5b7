#![cfg_attr(feature = "async-std", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "async-std"), doc = "A Slack Socket Mode client for smol.")]
//!
//! Everything that is decided (back-off, rotation, liveness, acknowledgements) is decided in [`protocol`]; the loop and
//! the types above are [`socketmode_driver`]'s.
#![forbid(unsafe_code)]

mod executor;
mod sockets;
mod transport;

#[cfg(feature = "async-std")]
pub use executor::AsyncStd;
pub use executor::Executor;
#[cfg(feature = "smol")]
pub use executor::Smol;
// What is generic over the transport is named again below, with this crate's.
#[doc(no_inline)]
pub use socketmode_driver::*;
pub use transport::{FuturesSocket, FuturesTransport};

/// The transport that spawns on async-std.
#[cfg(feature = "async-std")]
pub type AsyncStdTransport = FuturesTransport<AsyncStd>;
/// A handle on a running client.
#[cfg(feature = "async-std")]
pub type Client = socketmode_driver::Client<AsyncStdTransport>;
/// Sets a client up.
#[cfg(feature = "async-std")]
pub type Builder = socketmode_driver::Builder<AsyncStdTransport>;
/// The future that does all the work.
#[cfg(feature = "async-std")]
pub type Driver = socketmode_driver::Driver<AsyncStdTransport>;
/// The Web API with a bot token.
#[cfg(feature = "async-std")]
pub type Web = socketmode_driver::Web<AsyncStdTransport>;

/// The same for smol.
#[cfg(feature = "smol")]
pub mod smol {
    /// The transport that spawns on smol.
    pub type SmolTransport = crate::FuturesTransport<crate::Smol>;
    /// A handle on a running client.
    pub type Client = socketmode_driver::Client<SmolTransport>;
    /// Sets a client up.
    pub type Builder = socketmode_driver::Builder<SmolTransport>;
    /// The future that does all the work.
    pub type Driver = socketmode_driver::Driver<SmolTransport>;
    /// The Web API with a bot token.
    pub type Web = socketmode_driver::Web<SmolTransport>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::any::type_name;

    #[test]
    fn the_socket_names_no_library_underneath() {
        type Socket = <FuturesTransport<()> as Transport>::Socket;
        assert_eq!(type_name::<Socket>(), "socketmode_async_std::transport::FuturesSocket");
    }
}
