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
pub use transport::{FuturesSocket, FuturesTransport};

// How it is acknowledged.
#[doc(inline)]
pub use socketmode_driver::{
    AckError, AckErrorKind, AckHandle, AckPolicy, Acked, Acknowledgement, Config, DialogErrors,
    DialogOptions, MenuOption, Message, OptionGroup, Responds, Suggestions, View, ViewResponse,
};
// What Slack sends, and what happens.
#[doc(inline)]
pub use socketmode_driver::{
    Any, BadMessage, ConnectionError, ConnectionId, Disconnect, DisconnectReason, EndReason, Event, Hello,
    InteractionRequest, Notice, PayloadError, Request, StopReason,
};
// What a bot is made of.
#[doc(inline)]
pub use socketmode_driver::{
    AppToken, BotToken, BuildError, Events, Network, OpenError, RespondError, Response, Roots, Shutdown,
    TokenError,
};
// For a transport of one's own.
#[doc(inline)]
pub use socketmode_driver::{Frame, Runtime, Transport, TransportError, TransportErrorKind};
#[doc(inline)]
pub use socketmode_driver::{WebError, net, payload, protocol, web};

/// The same types for any [`Transport`].
pub mod generic {
    #[doc(inline)]
    pub use socketmode_driver::{Builder, Client, Driver, Web};
}

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
