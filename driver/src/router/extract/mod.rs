//! Extractors: what a handler can take as arguments.

pub(super) mod ack;
pub(super) mod click;
pub(super) mod ids;
pub(super) mod payloads;
pub(super) mod responder;
pub(super) mod state;

use super::context::Context;
use crate::transport::Transport;
use crate::web::Web;

/// An argument of a handler for routes of the kind `K`, read from the request. It borrows from the [`Context`], so that
/// arguments can stand in any order.
///
/// `K` is the payload that the route is for: `SlashCommand`, `BlockActions` (clicks), `ViewSubmission`, `ViewClosed`,
/// `Shortcut`, `BlockSuggestion`, [`EventOf`](super::EventOf) of an event's type, `EventCallback` (events by name), or [`Any`](crate::Any) (observers,
/// the fallback). Implement it for types of your own:
///
/// ```
/// use socketmode_driver::Transport;
/// use socketmode_driver::router::{Context, Extract, Rejection};
///
/// /// Whether the request is of our own workspace.
/// struct IsOurs(bool);
///
/// impl<K, S, T: Transport> Extract<K, S, T> for IsOurs {
///     fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
///         Ok(Self(cx.team_id().as_deref() == Some("T0123")))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a handler for `{K}` cannot take `{Self}`",
    label = "this route's requests have no `{Self}`",
    note = "take the payload of the route (`SlashCommand`, `Click`, `Submission`, the type of the event), `State<_>`, `Web`, `Context<_>`, `Ack<{K}>`, `Responder`, or an id (`UserId`, `ChannelId`, `TeamId`, `TriggerId`); `Option<_>` of one that may be missing",
    note = "for a type of your own, implement `Extract`; for a part of the state, implement `FromState` and take `State<Part>`"
)]
pub trait Extract<K, S, T: Transport>: Sized {
    /// Reads it from a request.
    ///
    /// # Errors
    /// The request does not have it: the handler does not run, and the error is reported.
    fn extract(cx: &Context<S, T>) -> Result<Self, Rejection>;

    /// Whether it needs [`Router::web`](super::Router::web), without which the app is not built. Default `false`.
    #[must_use]
    fn needs_web() -> bool {
        false
    }
}

/// Why an argument of a handler could not be read from the request.
///
/// ```
/// use socketmode_driver::router::Rejection;
///
/// let rejection = Rejection::missing("a channel");
/// assert!(rejection.to_string().contains("take it as an Option"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Rejection(String);

impl Rejection {
    /// With this text, which says what is wrong and what to do. It is logged: no secrets.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// The request does not have it.
    #[must_use]
    pub fn missing(what: &str) -> Self {
        Self(format!("the request does not have {what}: take it as an Option if it may be missing"))
    }

    /// The request is of another kind.
    pub(super) fn other(wanted: &str) -> Self {
        Self(format!("the payload is no {wanted}: take the type that this route's requests have"))
    }
}

/// The Web API that the router was given, with the token of the request's workspace.
impl<K, S, T: Transport> Extract<K, S, T> for Web<T> {
    fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
        match cx.chosen_web() {
            Some(Ok(web)) => Ok(web.clone()),
            Some(Err(error)) => Err(Rejection::new(error.to_string())),
            None => Err(Rejection::new("the router has no Web API: call Router::web")),
        }
    }

    fn needs_web() -> bool {
        true
    }
}

/// The whole request.
impl<K, S, T: Transport> Extract<K, S, T> for Context<S, T> {
    fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
        Ok(cx.clone())
    }
}

/// `None` if the request does not have it.
impl<K, S, T: Transport, X: Extract<K, S, T>> Extract<K, S, T> for Option<X> {
    fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
        Ok(X::extract(cx).ok())
    }
}

/// All arguments of a handler: none to eight that are [`Extract`]. Nobody else implements it.
#[diagnostic::on_unimplemented(
    message = "a handler cannot take the arguments `{Self}`",
    note = "a handler has at most eight arguments: put several into a type of your own that implements `Extract`"
)]
pub trait ExtractAll<K, S, T: Transport>: Sized {
    /// Reads all of them.
    ///
    /// # Errors
    /// The request does not have one of them.
    fn extract_all(cx: &Context<S, T>) -> Result<Self, Rejection>;

    /// Whether one of them needs the Web API.
    #[must_use]
    fn need_web() -> bool;
}

macro_rules! arguments {
    ($( ( $($argument:ident)* ) )+) => {
        $(
            impl<K, S, T: Transport, $($argument: Extract<K, S, T>,)*> ExtractAll<K, S, T> for ($($argument,)*) {
                fn extract_all(_cx: &Context<S, T>) -> Result<Self, Rejection> {
                    Ok(($($argument::extract(_cx)?,)*))
                }

                fn need_web() -> bool {
                    false $(|| $argument::needs_web())*
                }
            }
        )+
    };
}

arguments! {
    () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
}
