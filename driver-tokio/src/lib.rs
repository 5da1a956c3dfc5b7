#![doc = include_str!("../README.md")]
//!
//! Everything that is decided (back-off, rotation, liveness, acknowledgements) is decided in [`protocol`]; the loop and
//! the types above are [`socketmode_driver`]'s.
#![forbid(unsafe_code)]

// The code in the project's README compiles too.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

mod sockets;
mod transport;
#[cfg(feature = "reqwest")]
pub mod with_reqwest;

pub use transport::{TokioSocket, TokioTransport};

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

/// A handle on a running client.
pub type Client = socketmode_driver::Client<TokioTransport>;
/// Sets a client up.
pub type Builder = socketmode_driver::Builder<TokioTransport>;
/// The future that does all the work.
pub type Driver = socketmode_driver::Driver<TokioTransport>;
/// The Web API with a bot token.
pub type Web = socketmode_driver::Web<TokioTransport>;

const _: () = {
    const fn send<T: Send>() {}
    const fn send_sync<T: Send + Sync>() {}
    send_sync::<Client>();
    send_sync::<Web>();
    send_sync::<TokioTransport>();
    send_sync::<AckHandle>();
    send_sync::<Request>();
    send::<Driver>();
    send::<Events>();
    send::<Acknowledgement>();
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::any::type_name;

    #[test]
    fn the_sockets_name_no_library_underneath() {
        assert_eq!(
            type_name::<<TokioTransport as Transport>::Socket>(),
            "socketmode_tokio::transport::TokioSocket"
        );
        #[cfg(feature = "reqwest")]
        assert_eq!(
            type_name::<<with_reqwest::ReqwestTransport as Transport>::Socket>(),
            "socketmode_tokio::with_reqwest::transport::ReqwestSocket"
        );
    }
}
