//! The acknowledgement as an argument.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use super::super::context::Context;
use super::super::run;
use super::{Extract, Rejection};
use crate::request::acknowledgement::checked_json;
use crate::request::mailbox::AckError;
use crate::request::outcome::{AckErrorKind, Acked};
use crate::request::response::Responds;
use crate::transport::Transport;

type Pending = Pin<Box<dyn Future<Output = Result<Acked, AckErrorKind>> + Send>>;

/// Acknowledges early, for a handler that works on after it. A handler that takes it can return the [`Acked`] that it gets:
/// the proof that Slack has its answer. Without it, the app acknowledges as it would otherwise.
///
/// ```
/// use socketmode_driver::payload::SlashCommand;
/// use socketmode_driver::router::Ack;
/// use socketmode_driver::{AckError, Acked};
///
/// async fn deploy(ack: Ack<SlashCommand>) -> Result<Acked, AckError> {
///     let acked = ack.ack_with("On it.").await?;
///     // … a minute of work …
///     Ok(acked)
/// }
/// ```
///
/// An answer that the handler returns after it has acknowledged goes to the `response_url`, where there is one.
///
/// If the handler has already needed more than 2.5 s, the app has acknowledged the request; then [`ack`](Self::ack) has that
/// outcome, and [`ack_with`](Self::ack_with) posts its answer to the `response_url`. The same holds for requests that are
/// acknowledged before their handler runs.
pub struct Ack<K> {
    /// Acknowledges with this payload, as the request's transport and kind have it.
    send: Arc<dyn Fn(Option<String>) -> Pending + Send + Sync>,
    kind: PhantomData<fn() -> K>,
}

impl<K> Ack<K> {
    /// Acknowledges without an answer.
    ///
    /// # Errors
    /// The acknowledgement did not go out.
    ///
    /// # Cancel safety
    /// Dropping the future before it is polled does nothing, and later it loses only the outcome.
    pub async fn ack(self) -> Result<Acked, AckError> {
        (self.send)(None).await.map_err(|kind| AckError { kind, handle: None })
    }

    /// Acknowledges with an answer.
    ///
    /// # Errors
    /// The answer is over a limit of Slack's, the acknowledgement did not go out, or a late answer could not be posted to the
    /// `response_url`.
    ///
    /// # Cancel safety
    /// Dropping the future before it is polled does nothing, and later it loses only the outcome.
    pub async fn ack_with(self, answer: impl Into<K::Response>) -> Result<Acked, AckError>
    where
        K: Responds,
    {
        let json = checked_json(&answer.into()).map_err(|kind| AckError { kind, handle: None })?;
        (self.send)(Some(json)).await.map_err(|kind| AckError { kind, handle: None })
    }
}

impl<K> fmt::Debug for Ack<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ack")
    }
}

impl<K, S: Send + Sync + 'static, T: Transport> Extract<K, S, T> for Ack<K> {
    fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
        let cx = cx.clone();
        let send = move |json| -> Pending {
            let cx = cx.clone();
            Box::pin(async move { run::acknowledge_early(&cx, json).await })
        };
        Ok(Self { send: Arc::new(send), kind: PhantomData })
    }
}
