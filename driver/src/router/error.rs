//! What goes wrong: as routes are put together, and as handlers run.

use std::error::Error;

use super::extract::Rejection;
use crate::request::outcome::AckErrorKind;
use crate::web::WebError;

/// Any error of a handler.
pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// Why an app cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// Two handlers for one name.
    #[error("there are two handlers for {route}, {first} and {second}: remove one, as one route answers")]
    Duplicate {
        /// The route, such as `command /deploy`.
        route: String,
        /// The path of the first handler.
        first: String,
        /// The path of the second one.
        second: String,
    },
    /// A command without its slash.
    #[error("the command {0:?} begins with no slash: write /{0}")]
    NoSlash(String),
    /// A route without a name, which no request has.
    #[error(
        "the name of a route is empty ({0}): give it the id that your blocks or your app's settings have"
    )]
    NoName(String),
    /// A handler takes the Web API, and the router has none.
    #[error(
        "{route} takes the Web API, and the router has none: call Router::web(client.web(BotToken::from_env()?))"
    )]
    NoWeb {
        /// The route.
        route: String,
    },
    /// No handler could run.
    #[error("concurrency(0) lets no handler run: set it to 1 or more")]
    NoConcurrency,
}

/// What went wrong with one request, for [`Router::on_error`](super::Router::on_error). It has names and ids, and no payload.
#[derive(Debug, thiserror::Error)]
#[error("{route} (envelope {envelope_id}): {cause}")]
pub struct HandlerError {
    pub(super) route: String,
    pub(super) envelope_id: String,
    pub(super) cause: Cause,
}

impl HandlerError {
    /// The route, such as `command /deploy`.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.route
    }

    /// The `envelope_id` of the request.
    #[must_use]
    pub fn envelope_id(&self) -> &str {
        &self.envelope_id
    }

    /// What happened.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.cause
    }
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The handler, or a layer, returned an error.
    #[error("the handler failed: {0}")]
    Failed(#[source] BoxError),
    /// The handler, or a layer, panicked. The panic's own message has gone to the panic hook.
    #[error("the handler panicked: its message is where the panic hook writes it")]
    Panicked,
    /// An argument could not be read from the request. The handler has not run.
    #[error("the handler did not run: {0}")]
    Rejected(#[source] Rejection),
    /// The acknowledgement did not go out.
    #[error("the request was not acknowledged: {0}")]
    NotAcknowledged(#[source] AckErrorKind),
    /// The answer came after the acknowledgement, and could not be posted to the `response_url`.
    #[error("the answer was late, and could not be posted to the response_url: {0}")]
    NotPosted(#[source] WebError),
    /// The answer came after the acknowledgement, and there is no `response_url`.
    #[error(
        "the answer was late and there is no response_url: answer within 2.5 s, or take Ack, acknowledge early, and call the Web API"
    )]
    Late,
    /// No route has this name, and there is no fallback.
    #[error("no route has this name: add one, or a fallback")]
    NoRoute,
}
