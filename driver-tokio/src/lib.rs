#![doc = include_str!("../README.md")]
//!
//! [`protocol`] makes all decisions (back-off, rotation, liveness, acknowledgements). The loop and most types are those of
//! [`socketmode_driver`].
#![forbid(unsafe_code)]

pub mod guide;
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
#[cfg(feature = "detached")]
#[doc(inline)]
pub use socketmode_driver::detached;
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

/// Routes: which handler runs for which request, what it gets, and when the request is acknowledged. This is
/// [`socketmode_driver::router`], whose documentation has the tables, with the transport filled in.
pub mod router {
    use crate::TokioTransport;

    #[doc(inline)]
    pub use socketmode_driver::router::*;

    /// Puts an [`App`] together from routes.
    pub type Router<S = ()> = socketmode_driver::router::Router<S, TokioTransport>;
    /// The routes of a bot, for [`Client::serve`](crate::Client::serve).
    pub type App<S = ()> = socketmode_driver::router::App<S, TokioTransport>;
    /// A request on its way through an app.
    pub type Context<S = ()> = socketmode_driver::router::Context<S, TokioTransport>;
    /// In a layer: the rest of the way.
    pub type Next<S = ()> = socketmode_driver::router::Next<S, TokioTransport>;
    /// Posts to the `response_url`.
    pub type Responder = socketmode_driver::router::Responder<TokioTransport>;
}

/// Tests of a bot without a network.
///
/// ```
/// use serde_json::json;
/// use socketmode_tokio::router::{App, Click, RouteError, Router};
/// use socketmode_tokio::{Message, Web, WebError, fake};
///
/// fn bot(web: Web) -> Result<App, RouteError> {
///     Router::new(()).web(web).action("approve", approve).build()
/// }
///
/// async fn approve(click: Click, web: Web) -> Result<(), WebError> {
///     let text = format!("{} is approved.", click.value());
///     web.post_message("C0DEPLOYS", &Message::new(text)).await.map(drop)
/// }
///
/// // #[tokio::test]
/// async fn a_click_approves() {
///     let slack = fake::Slack::new();
///     let bot = bot(slack.web()).unwrap();
///     let click = fake::click("approve").value("row", "approve", "api");
///     let outcome = slack.dispatch(&bot, click).await;
///     assert!(outcome.is_acknowledged());
///     let posted = json!({ "channel": "C0DEPLOYS", "text": "api is approved." });
///     assert_eq!(outcome.call("chat.postMessage"), &posted);
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(a_click_approves());
/// ```
#[cfg(feature = "testing")]
pub mod fake {
    #[doc(inline)]
    pub use socketmode_driver::fake::*;

    /// A Slack for one test.
    pub type Slack = socketmode_driver::fake::Slack<crate::TokioTransport>;
}

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
    send_sync::<router::Router>();
    send_sync::<router::App>();
    send_sync::<router::Context>();
    send::<router::Handlers>();
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
