#![doc = include_str!("../README.md")]
//!
//! [`protocol`] makes all decisions (back-off, rotation, liveness, acknowledgements). The loop and most types are those of
//! [`socketmode_driver`].
#![forbid(unsafe_code)]

mod sockets;
mod transport;
#[cfg(feature = "reqwest")]
pub mod with_reqwest;

pub use transport::{TokioSocket, TokioTransport};

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
pub use socketmode_driver::{Health, Phases, Reconnects, STALLED_AFTER, Unready};
#[doc(inline)]
pub use socketmode_driver::{LimitError, WebError, limits, net, payload, protocol, web};

/// The same types for any [`Transport`].
pub mod generic {
    #[doc(inline)]
    pub use socketmode_driver::{Builder, Client, Driver, HealthChanges, Web};
}

/// The handle of a running client.
pub type Client = socketmode_driver::Client<TokioTransport>;
/// Builds a client.
pub type Builder = socketmode_driver::Builder<TokioTransport>;
/// The future that does all the work.
pub type Driver = socketmode_driver::Driver<TokioTransport>;
/// The changes of a client's health.
pub type HealthChanges = socketmode_driver::HealthChanges<TokioTransport>;
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
    send::<HealthChanges>();
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
