//! The finished app: its routes, and what they share.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use socketmode_protocol::payload::{Action, Interaction};

use super::context::Context;
use super::error::HandlerError;
use super::extract::click::Click;
use super::handler::Route;
use super::incoming::Incoming;
use super::layer::Layer;
use super::order::OrderKey;
use super::responses::Responses;
use super::run;
use crate::request::Request;
use crate::request::event::Event;
use crate::transport::Transport;
use crate::web::Web;

/// The routes of a bot, from [`Router::build`](super::Router::build), for [`Client::serve`](crate::Client::serve). Clones are
/// cheap and are the same app.
///
/// Driver crates have an alias with their transport.
pub struct App<S, T: Transport>(pub(super) Arc<Inner<S, T>>);

impl<S: Send + Sync + 'static, T: Transport> App<S, T> {
    /// Runs one request through its route, to its acknowledgement, without a client around it: for loops and tests of your
    /// own. There is no limit of time or number, and no order. A panic or an error of the handler is reported as in
    /// [`Client::serve`](crate::Client::serve), and the future ends as it would otherwise.
    ///
    /// ```
    /// use socketmode_driver::router::App;
    /// use socketmode_driver::{Event, Events, Transport};
    ///
    /// async fn one_by_one<T: Transport>(app: App<(), T>, mut events: Events) {
    ///     while let Some(event) = events.next().await {
    ///         if let Ok(request) = event.into_request() {
    ///             app.dispatch(request).await;
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Cancel safety
    /// Dropping the future drops the handler where it is. A request that is not acknowledged yet is declined.
    pub async fn dispatch(&self, request: Request) {
        self.run(request, self.0.web.clone(), false).await;
    }

    /// Runs one request that waits in a queue of your own, in a process without a client ([`detached`](crate::detached)):
    /// Slack has been answered by another process, or will be. A click or a shortcut is acknowledged when its handler has
    /// succeeded, and declined if it has failed, as an event is, so that the queue can hand it in again. There is no limit of
    /// time: the desk says what became of an answer, and one that is [settled](crate::detached::Answer::settled) goes to the
    /// `response_url` by `responses`, whose token is not used.
    ///
    /// It returns the first that went wrong, as it was reported, for the reason of a dead letter: the request may be acknowledged
    /// all the same.
    ///
    /// # Cancel safety
    /// Dropping the future drops the handler where it is. A request that is not acknowledged yet is declined.
    #[cfg(any(test, feature = "detached"))]
    pub async fn dispatch_queued(&self, request: Request, responses: &Web<T>) -> Option<String> {
        let cx = Context::queued(Arc::clone(&self.0), request, Responses::new(responses.clone()));
        run::request(cx.clone(), None, std::future::pending()).await;
        // A handler may have kept a clone, and with it the right to acknowledge.
        cx.slot().decline();
        cx.failure().cloned()
    }

    /// How many requests [`Client::serve`](crate::Client::serve) handles at a time: see
    /// [`Router::concurrency`](super::Router::concurrency).
    #[must_use]
    pub fn concurrency(&self) -> usize {
        self.0.concurrency
    }

    /// Whether [`Router::ordered_by`](super::Router::ordered_by) asks for an order, which [`dispatch`](Self::dispatch) does not
    /// keep.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        self.0.order.is_some()
    }

    /// The same. If the handler is too slow, its time is over when it first waits.
    pub(crate) async fn run(&self, request: Request, web: Option<Web<T>>, is_too_slow: bool) {
        let cx = Context::new(Arc::clone(&self.0), request, web.map(Responses::new), false);
        let limit = async move {
            if !is_too_slow {
                std::future::pending::<()>().await;
            }
        };
        run::request(cx, None, limit).await;
    }
}

impl<S, T: Transport> Clone for App<S, T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S, T: Transport> fmt::Debug for App<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("routes", &self.0.routes.len()).finish_non_exhaustive()
    }
}

/// What is called with what went wrong.
pub(super) type OnError = dyn Fn(HandlerError) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

pub(super) struct Inner<S, T: Transport> {
    pub(super) state: S,
    pub(super) web: Option<Web<T>>,
    pub(super) routes: Routes<S, T>,
    pub(super) layers: Vec<Layer<S, T>>,
    pub(super) observers: Vec<Arc<Route<S, T>>>,
    pub(super) fallback: Option<Arc<Route<S, T>>>,
    pub(super) on_error: Option<Box<OnError>>,
    #[allow(clippy::type_complexity, reason = "it is written once")]
    pub(super) on_notice: Option<Box<dyn Fn(&Event) + Send + Sync>>,
    pub(super) order: Option<Box<dyn OrderKey<S, T>>>,
    pub(super) concurrency: usize,
    pub(super) events_first: bool,
    pub(super) apology: String,
}

/// What a route is for. The names of two kinds have nothing to do with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Command,
    Action,
    View,
    ViewClosed,
    Shortcut,
    Suggest,
    Event,
}

impl Kind {
    const ALL: usize = 7;

    /// As in the name of a route.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Action => "action",
            Self::View => "view",
            Self::ViewClosed => "view_closed",
            Self::Shortcut => "shortcut",
            Self::Suggest => "suggest",
            Self::Event => "event",
        }
    }
}

/// Values by name. They are looked up, and nobody iterates over them.
#[allow(
    clippy::disallowed_types,
    reason = "the order does not matter, and a look-up costs the same in all sizes"
)]
type Names<V> = std::collections::HashMap<String, V>;

/// One name table for each kind: the cost of a look-up does not depend on the number of routes. Conditions are looked at
/// after it, one by one.
pub(super) struct Routes<S, T: Transport> {
    named: [Names<Arc<Route<S, T>>>; Kind::ALL],
    conditions: Vec<Condition<S, T>>,
}

/// A route for the clicks that a function chooses.
pub(super) struct Condition<S, T: Transport> {
    pub(super) holds: Box<dyn Fn(&Click) -> bool + Send + Sync>,
    pub(super) route: Arc<Route<S, T>>,
}

impl<S, T: Transport> Routes<S, T> {
    pub(super) fn new() -> Self {
        Self { named: [(); Kind::ALL].map(|()| Names::default()), conditions: Vec::new() }
    }

    /// Adds a route; returns the one that has this name already.
    pub(super) fn insert(
        &mut self,
        kind: Kind,
        name: String,
        route: Arc<Route<S, T>>,
    ) -> Option<Arc<Route<S, T>>> {
        self.named.get_mut(kind as usize).and_then(|named| named.insert(name, route))
    }

    pub(super) fn insert_condition(&mut self, condition: Condition<S, T>) {
        self.conditions.push(condition);
    }

    fn len(&self) -> usize {
        self.named.iter().map(Names::len).sum::<usize>() + self.conditions.len()
    }

    pub(super) fn has_action(&self, action: &Action) -> bool {
        action.action_id.as_ref().is_some_and(|id| self.get(Kind::Action, id).is_some())
    }

    /// The route for a request, if there is one.
    pub(super) fn find(&self, cx: &Context<S, T>) -> Option<&Arc<Route<S, T>>> {
        let (kind, name) = match cx.incoming() {
            Incoming::Command(command) => (Kind::Command, Some(command.command.as_str())),
            Incoming::Event(event) => (Kind::Event, Some(event.kind())),
            Incoming::Interaction(interaction) => match &**interaction {
                Interaction::BlockActions(_) => return self.find_action(cx),
                Interaction::ViewSubmission(it) => (Kind::View, callback_id(it.view.as_ref())),
                Interaction::ViewClosed(it) => (Kind::ViewClosed, callback_id(it.view.as_ref())),
                Interaction::Shortcut(it) => (Kind::Shortcut, it.callback_id.as_deref()),
                Interaction::MessageAction(it) => (Kind::Shortcut, it.callback_id.as_deref()),
                Interaction::BlockSuggestion(it) => (Kind::Suggest, it.action_id.as_deref()),
                _ => return None,
            },
            Incoming::Unknown => return None,
        };
        self.get(kind, name?)
    }

    fn find_action(&self, cx: &Context<S, T>) -> Option<&Arc<Route<S, T>>> {
        let action = cx.action()?;
        let named = action.action_id.as_ref().and_then(|id| self.get(Kind::Action, id));
        if named.is_some() || self.conditions.is_empty() {
            return named;
        }
        let click = Click::of(cx)?;
        let condition = self.conditions.iter().find(|condition| (condition.holds)(&click));
        condition.map(|condition| &condition.route)
    }

    fn get(&self, kind: Kind, name: &str) -> Option<&Arc<Route<S, T>>> {
        self.named.get(kind as usize)?.get(name)
    }
}

fn callback_id(view: Option<&socketmode_protocol::payload::View>) -> Option<&str> {
    view?.callback_id.as_deref()
}
