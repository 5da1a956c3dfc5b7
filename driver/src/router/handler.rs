//! Handlers: async functions of extractors.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt;

use super::answer::{Answer, IntoAnswer};
use super::context::Context;
use super::error::Cause;
use super::extract::ExtractAll;
use crate::transport::Transport;

/// An async function of none to eight arguments, or a closure that returns a future. Nobody else implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no handler",
    label = "not an async function of at most eight arguments that are taken by value",
    note = "write `async fn handler(command: SlashCommand, web: Web) -> Message`, or a closure with the types of its arguments: `|click: Click| async move {{ … }}`"
)]
pub trait Call<Arguments> {
    /// What it returns in the end.
    type Output;
    /// The future that it returns.
    type Future: Future<Output = Self::Output>;

    /// Calls it.
    fn call(&self, arguments: Arguments) -> Self::Future;
}

macro_rules! calls {
    ($( ( $($argument:ident)* ) )+) => {
        $(
            impl<Function, Fut, $($argument,)*> Call<($($argument,)*)> for Function
            where
                Function: Fn($($argument),*) -> Fut,
                Fut: Future,
            {
                type Output = Fut::Output;
                type Future = Fut;

                #[allow(non_snake_case, reason = "the arguments are named as their types")]
                fn call(&self, ($($argument,)*): ($($argument,)*)) -> Fut {
                    self($($argument),*)
                }
            }
        )+
    };
}

calls! {
    () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
}

/// A handler for routes of the kind `K`: an async function whose arguments are [`Extract`](super::Extract) and whose output is
/// [`IntoAnswer`] for that kind. Its future must be `Send`. Nobody implements it by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no handler",
    label = "not an async function of at most eight arguments that are taken by value",
    note = "write `async fn handler(command: SlashCommand, web: Web) -> Message`, or a closure with the types of its arguments: `|click: Click| async move {{ … }}`"
)]
pub trait Handler<K, Arguments, S, T: Transport>: Send + Sync + 'static {
    /// Whether it takes the Web API.
    fn needs_web(&self) -> bool;

    /// Reads the arguments and starts it.
    fn start(&self, cx: &Context<S, T>) -> Started;
}

/// A handler that runs.
pub(super) type Started = Pin<Box<dyn Future<Output = Result<Answer, Cause>> + Send>>;

impl<K, Arguments, S, T, H> Handler<K, Arguments, S, T> for H
where
    T: Transport,
    H: Call<Arguments> + Send + Sync + 'static,
    Arguments: ExtractAll<K, S, T>,
    H::Output: IntoAnswer<K>,
    H::Future: Send + 'static,
{
    fn needs_web(&self) -> bool {
        Arguments::need_web()
    }

    fn start(&self, cx: &Context<S, T>) -> Started {
        match Arguments::extract_all(cx) {
            Ok(arguments) => {
                let output = self.call(arguments);
                Box::pin(async move { output.await.into_answer().map_err(Cause::Failed) })
            }
            Err(rejection) => Box::pin(std::future::ready(Err(Cause::Rejected(rejection)))),
        }
    }
}

/// A route: a handler whose type is forgotten, with the names for reports.
pub(super) struct Route<S, T: Transport> {
    /// Such as `command /deploy`.
    pub(super) name: String,
    /// The path of the handler's function.
    pub(super) path: &'static str,
    #[allow(clippy::type_complexity, reason = "it is written once")]
    start: Box<dyn Fn(&Context<S, T>) -> Started + Send + Sync>,
}

impl<S, T: Transport> Route<S, T> {
    pub(super) fn new<K, A, H: Handler<K, A, S, T>>(name: String, handler: H) -> Arc<Self> {
        Arc::new(Self {
            name,
            path: std::any::type_name::<H>(),
            start: Box::new(move |cx| handler.start(cx)),
        })
    }

    /// Runs the handler to its end. A panic is one.
    pub(super) async fn run(&self, cx: &Context<S, T>) -> Result<Answer, Cause> {
        let started = catch_unwind(AssertUnwindSafe(|| (self.start)(cx))).map_err(|_| Cause::Panicked)?;
        AssertUnwindSafe(started).catch_unwind().await.unwrap_or(Err(Cause::Panicked))
    }
}
