//! A request on its way through an app.

use std::fmt;
use std::sync::{Arc, OnceLock};

use async_lock::OnceCell;
use socketmode_protocol::Envelope;
use socketmode_protocol::payload::{Action, Interaction};

use super::app::Inner;
use super::error::HandlerError;
use super::incoming::{Incoming, Mode};
use super::responses::Responses;
use super::slot::Slot;
use crate::request::Request;
use crate::transport::Transport;
use crate::web::{Web, WebError};

/// A request on its way through an app: what Slack sent, and what the app has to work with. Layers get it, extractors read
/// from it, and any handler can take it. Clones are cheap and are of the same request.
///
/// ```
/// use socketmode_driver::Transport;
/// use socketmode_driver::router::Context;
///
/// fn who<S, T: Transport>(cx: &Context<S, T>) -> String {
///     format!(
///         "{} in {}",
///         cx.user_id().unwrap_or_default(),
///         cx.team_id().unwrap_or_default()
///     )
/// }
/// ```
///
/// Driver crates have an alias with their transport.
pub struct Context<S, T: Transport>(Arc<Parts<S, T>>);

struct Parts<S, T: Transport> {
    app: Arc<Inner<S, T>>,
    envelope: Envelope,
    incoming: Incoming,
    slot: Slot,
    responses: Option<Responses<T>>,
    /// Slack has its acknowledgement, or gets it from another process, and who handed it in does so again if it is declined.
    is_queued: bool,
    /// The first that went wrong.
    failure: OnceLock<String>,
    /// With the token of the request's workspace.
    web: OnceCell<Result<Web<T>, WebError>>,
}

impl<S, T: Transport> Parts<S, T> {
    fn new(
        app: Arc<Inner<S, T>>,
        request: Request,
        responses: Option<Responses<T>>,
        by_policy: bool,
        is_queued: bool,
    ) -> Self {
        let (envelope, slot) = Slot::new(request, by_policy);
        let incoming = Incoming::of(&envelope);
        let failure = OnceLock::new();
        Self { app, envelope, incoming, slot, responses, is_queued, failure, web: OnceCell::new() }
    }
}

impl<S, T: Transport> Context<S, T> {
    /// `by_policy` if the client's policy may acknowledge the request.
    pub(super) fn new(
        app: Arc<Inner<S, T>>,
        request: Request,
        responses: Option<Responses<T>>,
        by_policy: bool,
    ) -> Self {
        Self(Arc::new(Parts::new(app, request, responses, by_policy, false)))
    }

    /// A request from a queue, whose gateway may acknowledge it.
    #[cfg(any(test, feature = "detached"))]
    pub(super) fn queued(app: Arc<Inner<S, T>>, request: Request, responses: Responses<T>) -> Self {
        Self(Arc::new(Parts::new(app, request, Some(responses), true, true)))
    }

    /// The envelope: its kind, its ids, and its payload as text.
    #[must_use]
    pub fn envelope(&self) -> &Envelope {
        &self.0.envelope
    }

    /// The state that the router was made with.
    #[must_use]
    pub fn state(&self) -> &S {
        &self.0.app.state
    }

    /// The Web API, if the router has it, with the token of the request's workspace
    /// ([`Client::web_by_installation`](crate::Client::web_by_installation)), if there is one.
    #[must_use]
    pub fn web(&self) -> Option<&Web<T>> {
        self.0.web.get()?.as_ref().ok()
    }

    /// Who did it: the user's id.
    #[must_use]
    pub fn user_id(&self) -> Option<String> {
        self.0.incoming.user()
    }

    /// In which workspace: its id.
    #[must_use]
    pub fn team_id(&self) -> Option<String> {
        self.0.incoming.team()
    }

    /// In which channel: its id. There is none in a modal, for example.
    #[must_use]
    pub fn channel_id(&self) -> Option<String> {
        self.0.incoming.channel()
    }

    /// The thread: the `ts` of the message at its head, or of the message itself if it is in none.
    #[must_use]
    pub fn thread_ts(&self) -> Option<String> {
        self.0.incoming.thread()
    }

    /// Opens a modal within 3 s. Events have none.
    #[must_use]
    pub fn trigger_id(&self) -> Option<String> {
        self.0.incoming.trigger()
    }

    /// Chooses the token of the request's workspace, once.
    pub(super) async fn choose_web(&self) {
        let Some(web) = &self.0.app.web else { return };
        if web.is_of_one_workspace() {
            let _ = self.0.web.set_blocking(Ok(web.clone()));
            return;
        }
        let choose = || web.for_payload(self.0.envelope.payload_json());
        // It is large, and most apps have one token.
        Box::pin(self.0.web.get_or_init(choose)).await;
    }

    /// The Web API, or why there is no token for the request's workspace.
    pub(super) fn chosen_web(&self) -> Option<&Result<Web<T>, WebError>> {
        self.0.web.get()
    }

    pub(super) fn app(&self) -> &Arc<Inner<S, T>> {
        &self.0.app
    }

    pub(super) fn incoming(&self) -> &Incoming {
        &self.0.incoming
    }

    pub(super) fn slot(&self) -> &Slot {
        &self.0.slot
    }

    pub(super) fn responses(&self) -> Option<&Responses<T>> {
        self.0.responses.as_ref()
    }

    /// What went wrong, for those who hand the request in again.
    pub(super) fn failed(&self, failure: &HandlerError) {
        if self.0.is_queued {
            // The first one counts.
            let _ = self.0.failure.set(failure.to_string());
        }
    }

    #[cfg(any(test, feature = "detached"))]
    pub(super) fn failure(&self) -> Option<&String> {
        self.0.failure.get()
    }

    /// When it is acknowledged, as the app is set.
    pub(super) fn mode(&self) -> Mode {
        match self.0.incoming.mode() {
            Mode::AfterSuccess if self.0.app.events_first => Mode::First,
            Mode::First if self.0.is_queued => Mode::AfterSuccess,
            mode => mode,
        }
    }

    /// What was clicked: the element that has a route, or else the first.
    pub(super) fn action(&self) -> Option<&Action> {
        let Incoming::Interaction(interaction) = &self.0.incoming else { return None };
        let Interaction::BlockActions(click) = &**interaction else { return None };
        let routed = click.actions.iter().find(|action| self.0.app.routes.has_action(action));
        routed.or_else(|| click.actions.first())
    }
}

impl<S, T: Transport> Clone for Context<S, T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S, T: Transport> fmt::Debug for Context<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("envelope", &self.0.envelope).finish_non_exhaustive()
    }
}
