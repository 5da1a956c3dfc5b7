#![cfg_attr(feature = "async-std", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "async-std"), doc = "A Slack Socket Mode client for smol.")]
//!
//! [`protocol`] makes all decisions (back-off, rotation, liveness, acknowledgements). The loop and most types are those of
//! [`socketmode_driver`].
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

// Acknowledgements.
#[doc(inline)]
pub use socketmode_driver::{
    AckError, AckErrorKind, AckHandle, AckPolicy, AckRefusal, Acked, Acknowledgement, Config, DialogErrors,
    DialogOptions, MenuOption, Message, OptionGroup, Responds, Suggestions, View, ViewResponse,
};
// Events.
#[doc(inline)]
pub use socketmode_driver::{
    Any, BadMessage, ConnectionError, ConnectionId, Disconnect, DisconnectReason, EndReason, Event, Hello,
    InteractionRequest, Notice, PayloadError, Request, StopReason,
};
// Setting up.
#[doc(inline)]
pub use socketmode_driver::{
    AppToken, BotToken, BuildError, Events, Network, OpenError, RespondError, Response, Roots, Shutdown,
    TokenError,
};
// For your own transport.
#[cfg(feature = "metrics")]
#[doc(inline)]
pub use socketmode_driver::metrics;
#[doc(inline)]
pub use socketmode_driver::{Frame, Runtime, Transport, TransportError, TransportErrorKind};
#[doc(inline)]
pub use socketmode_driver::{Health, Phases, Probe, Reconnects, STALLED_AFTER, Unready};
#[doc(inline)]
pub use socketmode_driver::{LimitError, WebError, limits, net, payload, protocol, web};

/// The same types for any [`Transport`].
pub mod generic {
    #[doc(inline)]
    pub use socketmode_driver::{Builder, Client, Driver, HealthChanges, Web};
}

/// The transport that spawns on async-std.
#[cfg(feature = "async-std")]
pub type AsyncStdTransport = FuturesTransport<AsyncStd>;
/// The handle of a running client.
#[cfg(feature = "async-std")]
pub type Client = socketmode_driver::Client<AsyncStdTransport>;
/// Builds a client.
#[cfg(feature = "async-std")]
pub type Builder = socketmode_driver::Builder<AsyncStdTransport>;
/// The future that does all the work.
#[cfg(feature = "async-std")]
pub type Driver = socketmode_driver::Driver<AsyncStdTransport>;
/// The changes of a client's health.
#[cfg(feature = "async-std")]
pub type HealthChanges = socketmode_driver::HealthChanges<AsyncStdTransport>;
/// The Web API with a bot token.
#[cfg(feature = "async-std")]
pub type Web = socketmode_driver::Web<AsyncStdTransport>;

/// Routes: which handler runs for which request, what it gets, and when the request is acknowledged. This is
/// [`socketmode_driver::router`], whose documentation has the tables, with the transport filled in.
#[cfg(feature = "async-std")]
pub mod router {
    use crate::AsyncStdTransport;

    #[doc(inline)]
    pub use socketmode_driver::router::*;

    /// Puts an [`App`] together from routes.
    pub type Router<S = ()> = socketmode_driver::router::Router<S, AsyncStdTransport>;
    /// The routes of a bot, for [`Client::serve`](crate::Client::serve).
    pub type App<S = ()> = socketmode_driver::router::App<S, AsyncStdTransport>;
    /// A request on its way through an app.
    pub type Context<S = ()> = socketmode_driver::router::Context<S, AsyncStdTransport>;
    /// In a layer: the rest of the way.
    pub type Next<S = ()> = socketmode_driver::router::Next<S, AsyncStdTransport>;
    /// Posts to the `response_url`.
    pub type Responder = socketmode_driver::router::Responder<AsyncStdTransport>;
}

/// Tests of a bot without a network.
#[cfg(all(feature = "async-std", feature = "testing"))]
pub mod fake {
    #[doc(inline)]
    pub use socketmode_driver::fake::*;

    /// A Slack for one test.
    pub type Slack = socketmode_driver::fake::Slack<crate::AsyncStdTransport>;
}

/// The same for smol.
#[cfg(feature = "smol")]
pub mod smol {
    /// The transport that spawns on smol.
    pub type SmolTransport = crate::FuturesTransport<crate::Smol>;
    /// The handle of a running client.
    pub type Client = socketmode_driver::Client<SmolTransport>;
    /// Builds a client.
    pub type Builder = socketmode_driver::Builder<SmolTransport>;
    /// The future that does all the work.
    pub type Driver = socketmode_driver::Driver<SmolTransport>;
    /// The changes of a client's health.
    pub type HealthChanges = socketmode_driver::HealthChanges<SmolTransport>;
    /// The Web API with a bot token.
    pub type Web = socketmode_driver::Web<SmolTransport>;

    /// Routes: which handler runs for which request, what it gets, and when the request is acknowledged. This is
    /// [`socketmode_driver::router`], whose documentation has the tables, with the transport filled in.
    pub mod router {
        use super::SmolTransport;

        #[doc(inline)]
        pub use socketmode_driver::router::*;

        /// Puts an [`App`] together from routes.
        pub type Router<S = ()> = socketmode_driver::router::Router<S, SmolTransport>;
        /// The routes of a bot, for [`Client::serve`](crate::smol::Client::serve).
        pub type App<S = ()> = socketmode_driver::router::App<S, SmolTransport>;
        /// A request on its way through an app.
        pub type Context<S = ()> = socketmode_driver::router::Context<S, SmolTransport>;
        /// In a layer: the rest of the way.
        pub type Next<S = ()> = socketmode_driver::router::Next<S, SmolTransport>;
        /// Posts to the `response_url`.
        pub type Responder = socketmode_driver::router::Responder<SmolTransport>;
    }

    /// Tests of a bot without a network.
    #[cfg(feature = "testing")]
    pub mod fake {
        #[doc(inline)]
        pub use socketmode_driver::fake::*;

        /// A Slack for one test.
        pub type Slack = socketmode_driver::fake::Slack<super::SmolTransport>;
    }
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
