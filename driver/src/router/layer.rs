//! Layers: what happens around every handler.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;

use futures_util::FutureExt;

use super::answer::Answer;
use super::context::Context;
use super::error::{BoxError, Cause};
use super::handler::Route;
use crate::transport::Transport;

/// What came out of a handler: an answer, or what went wrong. A layer hands it on, or makes one of its own.
#[derive(Debug)]
#[must_use = "a layer returns it"]
pub struct Reply {
    pub(super) result: Result<Answer, Cause>,
}

impl Reply {
    /// The request is dealt with: it is acknowledged without an answer.
    pub fn done() -> Self {
        Self { result: Ok(Answer::default()) }
    }

    /// The request has failed: reported, and treated as if its handler had returned this error.
    pub fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let error: BoxError = error.into();
        Self { result: Err(Cause::Failed(error)) }
    }

    /// The answer, or what went wrong.
    ///
    /// # Errors
    /// The handler, or a layer below, failed.
    pub fn result(&self) -> Result<&Answer, &Cause> {
        self.result.as_ref()
    }
}

/// The rest of the way: the layers below, and the handler.
///
/// ```
/// use socketmode_driver::Transport;
/// use socketmode_driver::router::{Context, Next, Reply};
///
/// async fn only_our_team<S, T: Transport>(
///     cx: Context<S, T>,
///     next: Next<S, T>,
/// ) -> Reply
/// where
///     S: Send + Sync + 'static,
/// {
///     if cx.team_id().as_deref() == Some("T0123") {
///         next.run(cx).await
///     } else {
///         Reply::done()
///     }
/// }
/// ```
///
/// Driver crates have an alias with their transport.
#[must_use = "run it, or the handler does not run"]
pub struct Next<S, T: Transport> {
    pub(super) route: Arc<Route<S, T>>,
    /// How many layers are above.
    pub(super) passed: usize,
}

impl<S: Send + Sync + 'static, T: Transport> Next<S, T> {
    /// Runs the layers below and the handler.
    ///
    /// # Cancel safety
    /// Dropping the future drops the handler where it is.
    pub async fn run(self, cx: Context<S, T>) -> Reply {
        let layer = cx.app().layers.get(self.passed).cloned();
        match layer {
            Some(layer) => {
                let next = Self { route: self.route, passed: self.passed + 1 };
                layer(cx, next).await
            }
            None => Reply { result: self.route.run(&cx).await },
        }
    }

    /// The same, where a panic of a layer is a failure.
    pub(super) async fn run_caught(self, cx: Context<S, T>) -> Reply {
        let run = pin!(self.run(cx));
        AssertUnwindSafe(run).catch_unwind().await.unwrap_or(Reply { result: Err(Cause::Panicked) })
    }
}

impl<S, T: Transport> fmt::Debug for Next<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").field("route", &self.route.name).finish_non_exhaustive()
    }
}

/// A layer whose type is forgotten.
pub(super) type Layer<S, T> =
    Arc<dyn Fn(Context<S, T>, Next<S, T>) -> Pin<Box<dyn Future<Output = Reply> + Send>> + Send + Sync>;
