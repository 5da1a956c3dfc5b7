//! Messages to the `response_url`, as an argument.

use std::fmt;

use serde::Serialize;
use socketmode_protocol::payload::{BlockActions, Shortcut, SlashCommand, ViewSubmission};

use super::super::context::Context;
use super::super::responses::Responses;
use super::{Extract, Rejection};
use crate::request::Any;
use crate::transport::Transport;
use crate::web::WebError;

/// Posts to the `response_url` of a command, a click, a shortcut on a message, or a submission whose view has an input with
/// `response_url_enabled`: up to five messages within 30 minutes, without a token. The URL is a secret, and does not print.
///
/// ```
/// use socketmode_driver::router::Responder;
/// use socketmode_driver::web::WebError;
/// use socketmode_driver::{Message, Transport};
///
/// async fn deploy<T: Transport>(responder: Responder<T>) -> Result<(), WebError> {
///     // … a minute of work …
///     responder.send(&Message::new("Deployed.").in_channel()).await
/// }
/// ```
///
/// Driver crates have an alias with their transport.
pub struct Responder<T: Transport> {
    url: String,
    responses: Responses<T>,
}

impl<T: Transport> Responder<T> {
    /// Posts a message: a [`Message`](crate::Message), or any serde type.
    ///
    /// # Errors
    /// The URL leads elsewhere, there was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the message may still be posted.
    pub async fn send(&self, message: &(impl Serialize + ?Sized + Sync)) -> Result<(), WebError> {
        self.responses.post(&self.url, message).await
    }
}

impl<T: Transport> Clone for Responder<T> {
    fn clone(&self) -> Self {
        Self { url: self.url.clone(), responses: self.responses.clone() }
    }
}

impl<T: Transport> fmt::Debug for Responder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Responder(<redacted>)")
    }
}

/// Kinds that can have a `response_url`.
#[diagnostic::on_unimplemented(
    message = "requests of `{Self}` have no `response_url`",
    note = "take `Web` and post with `post_message` or `post_ephemeral`"
)]
pub trait HasResponseUrl {}

impl HasResponseUrl for SlashCommand {}
impl HasResponseUrl for BlockActions {}
impl HasResponseUrl for Shortcut {}
impl HasResponseUrl for ViewSubmission {}
impl HasResponseUrl for Any {}

impl<K: HasResponseUrl, S, T: Transport> Extract<K, S, T> for Responder<T> {
    fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
        let url = cx.incoming().response_url().ok_or_else(|| Rejection::missing("a response_url"))?;
        let responses = cx.responses().ok_or_else(|| {
            Rejection::new("there is no client to post with: use Client::serve, or give the router a Web")
        })?;
        Ok(Self { url: url.to_owned(), responses: responses.clone() })
    }
}
