//! The state as an argument.

use std::ops::Deref;

use super::super::context::Context;
use super::{Extract, Rejection};
use crate::transport::Transport;

/// The state that the router was made with, or a part of it by [`FromState`]. It is cloned for each request: put what is
/// large into an `Arc`.
///
/// ```
/// use socketmode_driver::router::State;
/// use std::sync::Arc;
///
/// async fn count(State(names): State<Arc<Vec<String>>>) -> String {
///     format!("{} names", names.len())
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State<P>(
    /// The state, or the part.
    pub P,
);

impl<P> Deref for State<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.0
    }
}

/// A part of the state, for [`State`].
///
/// ```
/// use socketmode_driver::router::{FromState, State};
///
/// #[derive(Clone)]
/// struct Bot {
///     limit: Limit,
///     name: String,
/// }
///
/// #[derive(Clone)]
/// struct Limit(u32);
///
/// impl FromState<Bot> for Limit {
///     fn from_state(bot: &Bot) -> Self {
///         bot.limit.clone()
///     }
/// }
///
/// async fn how_many(State(Limit(limit)): State<Limit>) -> String {
///     format!("up to {limit}")
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no part of the state `{S}`",
    note = "take `State<{S}>`, or implement `FromState<{S}>` for `{Self}`"
)]
pub trait FromState<S> {
    /// Takes it out of the state.
    fn from_state(state: &S) -> Self;
}

impl<S: Clone> FromState<S> for S {
    fn from_state(state: &S) -> Self {
        state.clone()
    }
}

impl<K, S, T: Transport, P: FromState<S>> Extract<K, S, T> for State<P> {
    fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
        Ok(Self(P::from_state(cx.state())))
    }
}
