//! A router: which handler runs for which request, what it gets, and when the request is acknowledged.
//!
//! ```
//! use socketmode_driver::payload::{AppMention, SlashCommand};
//! use socketmode_driver::router::{Click, Router, State};
//! use socketmode_driver::web::WebError;
//! use socketmode_driver::{
//!     BotToken, Client, Events, Message, Runtime, ViewResponse, Web,
//! };
//!
//! async fn deploy(command: SlashCommand, State(bot): State<String>) -> Message {
//!     let what = command.text.unwrap_or_default();
//!     Message::new(format!("{bot} deploys {what}.")).in_channel()
//! }
//!
//! async fn approve(click: Click) {
//!     println!("{} approves {}", click.user_id(), click.value());
//! }
//!
//! async fn submitted() -> ViewResponse {
//!     ViewResponse::errors([("when", "Not on a Friday.")])
//! }
//!
//! async fn mentioned<R: Runtime>(
//!     said: AppMention,
//!     web: Web<R>,
//! ) -> Result<(), WebError> {
//!     let (channel, ts) = (said.channel.as_deref(), said.ts.as_deref());
//!     web.add_reaction(channel.unwrap_or_default(), ts.unwrap_or_default(), "eyes")
//!         .await
//! }
//!
//! async fn run<R: Runtime>(
//!     client: Client<R>,
//!     events: Events,
//!     token: BotToken,
//! ) -> Result<(), Box<dyn std::error::Error>> {
//!     let app = Router::new("Botto".to_owned())
//!         .web(client.web(token))
//!         .command("/deploy", deploy)
//!         .action("approve", approve)
//!         .view("deploy_form", submitted)
//!         .event::<AppMention, _>(mentioned::<R>)
//!         .build()?;
//!     client.serve(events, app).await?;
//!     Ok(())
//! }
//! ```
//!
//! Driver crates have aliases with their transport: with `socketmode_tokio::router::Router` and `socketmode_tokio::Web`, no
//! handler is generic.
//!
//! **One route answers, any number of observers watch.** A route is found by its kind and name, at the same cost for ten
//! routes and a thousand; conditions ([`Router::action_if`]) are looked at after the names, one by one.
//!
//! | route | acknowledged | if the handler fails or panics |
//! |---|---|---|
//! | event | when the handler has succeeded | not acknowledged: Slack sends it again |
//! | command | with the [`Message`](crate::Message) that the handler returns | with the [apology](Router::apology) |
//! | submission | with the [`ViewResponse`](crate::ViewResponse) that it returns | with the apology, below the first input |
//! | suggestion | with the [`Suggestions`](crate::Suggestions) that it returns | not acknowledged: the menu shows Slack's error |
//! | click, shortcut, closed view | before the handler runs | it is acknowledged already |
//! | no route, no fallback | at once | a command and a submission get the apology; a menu and a legacy dialog are not acknowledged |
//!
//! After [`ANSWER_WITHIN`] (2.5 s) a request is acknowledged plainly while its handler works on. The answer to a command goes
//! to its `response_url` then; other answers are lost, and reported. Errors go to [`Router::on_error`], or to the log, with
//! the name of the route. It changes nothing for other requests.

mod answer;
mod app;
mod build;
mod context;
mod error;
mod events;
mod extract;
mod handler;
mod handlers;
mod incoming;
mod layer;
mod order;
mod responses;
mod run;
mod serve;
mod slot;
#[cfg(test)]
mod tests;
#[cfg(feature = "tower")]
mod tower;
mod workers;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use socketmode_protocol::payload::{
    BlockActions, BlockSuggestion, EventCallback, Shortcut, SlashCommand, ViewClosed, ViewSubmission,
};

use self::app::{Condition, Kind, OnError, Routes};
use self::handler::Route;
use self::layer::Layer;
use crate::request::Any;
use crate::request::event::Event;
use crate::transport::Transport;
use crate::web::Web;

pub use self::answer::{Answer, IntoAnswer, MayBeSilent};
pub use self::app::App;
pub use self::build::{APOLOGY, CONCURRENCY};
pub use self::context::Context;
pub use self::error::{Cause, HandlerError, RouteError};
pub use self::events::{EventOf, EventPayload};
pub use self::extract::ack::Ack;
pub use self::extract::click::Click;
pub use self::extract::ids::{ChannelId, TeamId, ThreadTs, TriggerId, UserId};
pub use self::extract::payloads::{EventKind, Payload};
pub use self::extract::responder::{HasResponseUrl, Responder};
pub use self::extract::state::{FromState, State};
pub use self::extract::{Extract, ExtractAll, Rejection};
pub use self::handler::{Call, Handler};
pub use self::handlers::Handlers;
pub use self::layer::{Next, Reply};
pub use self::order::{Key, MAX_WAITING, OrderKey};
pub use self::serve::{ANSWER_WITHIN, ServeError};

/// A submitted view.
pub type Submission = ViewSubmission;

/// When events are acknowledged, for [`Router::ack_events`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AckEvents {
    /// When the handler has succeeded, or after 2.5 s if it still runs. Slack sends the event of a failed handler again, up
    /// to three times.
    #[default]
    AfterSuccess,
    /// Before the handler runs, as Bolt does. The event of a failed handler is gone.
    First,
}

/// Puts an [`App`] together from routes. `S` is the state that handlers share; it is cloned for each request that takes it.
///
/// Each route has one handler: an async function of none to eight arguments in any order, each of them [`Extract`]. What it
/// may return depends on the route: see [`IntoAnswer`]. The [module](self) has an example.
///
/// Driver crates have an alias with their transport.
#[must_use = "nothing is routed before build() and Client::serve"]
pub struct Router<S, T: Transport> {
    state: S,
    web: Option<Web<T>>,
    routes: Routes<S, T>,
    layers: Vec<Layer<S, T>>,
    observers: Vec<Arc<Route<S, T>>>,
    fallback: Option<Arc<Route<S, T>>>,
    on_error: Option<Box<OnError>>,
    #[allow(clippy::type_complexity, reason = "it is written once")]
    on_notice: Option<Box<dyn Fn(&Event) + Send + Sync>>,
    order: Option<Box<dyn OrderKey<S, T>>>,
    concurrency: usize,
    ack_events: AckEvents,
    apology: String,
    /// The first handler that takes the Web API.
    needs_web: Option<String>,
    /// The first mistake.
    error: Option<RouteError>,
}

impl<S: Clone + Send + Sync + 'static, T: Transport> Router<S, T> {
    /// A router without routes. Without state: `Router::new(())`.
    pub fn new(state: S) -> Self {
        Self {
            state,
            web: None,
            routes: Routes::new(),
            layers: Vec::new(),
            observers: Vec::new(),
            fallback: None,
            on_error: None,
            on_notice: None,
            order: None,
            concurrency: CONCURRENCY,
            ack_events: AckEvents::default(),
            apology: APOLOGY.to_owned(),
            needs_web: None,
            error: None,
        }
    }

    /// The Web API for handlers that take it.
    pub fn web(mut self, web: Web<T>) -> Self {
        self.web = Some(web);
        self
    }

    /// A slash command, with its slash. The handler may return a [`Message`](crate::Message) or a text.
    pub fn command<A>(self, command: &str, handler: impl Handler<SlashCommand, A, S, T>) -> Self {
        let mistake = (!command.is_empty() && !command.starts_with('/'))
            .then(|| RouteError::NoSlash(command.to_owned()));
        self.failed(mistake).named(Kind::Command, command, handler)
    }

    /// A click or a choice in the element with this `action_id`.
    pub fn action<A>(self, action_id: &str, handler: impl Handler<BlockActions, A, S, T>) -> Self {
        self.named(Kind::Action, action_id, handler)
    }

    /// The clicks for which this holds, of those whose `action_id` has no route. The first condition that holds counts; each
    /// costs a call for each of these clicks.
    pub fn action_if<A>(
        mut self,
        holds: impl Fn(&Click) -> bool + Send + Sync + 'static,
        handler: impl Handler<BlockActions, A, S, T>,
    ) -> Self {
        let route = self.route("action_if".to_owned(), handler);
        self.routes.insert_condition(Condition { holds: Box::new(holds), route });
        self
    }

    /// The submission of the view with this `callback_id`. The handler may return a [`ViewResponse`](crate::ViewResponse);
    /// `()` closes the view.
    pub fn view<A>(self, callback_id: &str, handler: impl Handler<ViewSubmission, A, S, T>) -> Self {
        self.named(Kind::View, callback_id, handler)
    }

    /// The view with this `callback_id` was closed without being submitted. Slack tells it if the view has
    /// `notify_on_close`.
    pub fn view_closed<A>(self, callback_id: &str, handler: impl Handler<ViewClosed, A, S, T>) -> Self {
        self.named(Kind::ViewClosed, callback_id, handler)
    }

    /// The shortcut with this `callback_id`: a global one, whose handler takes `Shortcut`, or one on a message, with
    /// `MessageAction`.
    pub fn shortcut<A>(self, callback_id: &str, handler: impl Handler<Shortcut, A, S, T>) -> Self {
        self.named(Kind::Shortcut, callback_id, handler)
    }

    /// The options of the menu with this `action_id`, as somebody types. The handler returns
    /// [`Suggestions`](crate::Suggestions).
    pub fn suggest<A>(self, action_id: &str, handler: impl Handler<BlockSuggestion, A, S, T>) -> Self {
        self.named(Kind::Suggest, action_id, handler)
    }

    /// An event by its type: `event::<AppMention, _>(mentioned)`. The handler can take the event, and what is around it as
    /// `EventCallback`.
    pub fn event<E: EventPayload, A>(self, handler: impl Handler<EventOf<E>, A, S, T>) -> Self {
        self.named(Kind::Event, E::TYPE, handler)
    }

    /// An event by its name, such as `channel_rename`. The handler can take it as `InnerEvent`, or as any type with
    /// [`Payload`].
    pub fn event_named<A>(self, kind: &str, handler: impl Handler<EventCallback, A, S, T>) -> Self {
        self.named(Kind::Event, kind, handler)
    }

    /// Runs for every request, beside its handler, and answers nothing. There may be any number. An observer that takes the
    /// payload of one kind sees the requests of this kind. It does not delay the acknowledgement; a request counts as under
    /// way until its observers are done.
    pub fn observe<A>(mut self, observer: impl Handler<Any, A, S, T>) -> Self {
        let route = self.route("observer".to_owned(), observer);
        self.observers.push(route);
        self
    }

    /// What runs for requests without a route. Default: see the table of the [module](self).
    pub fn fallback<A>(mut self, handler: impl Handler<Any, A, S, T>) -> Self {
        self.fallback = Some(self.route("fallback".to_owned(), handler));
        self
    }

    /// Runs around every handler: `async fn(Context, Next) -> Reply`. It calls [`Next::run`], or answers by itself. The one
    /// that was added first is the outermost. Clicks and what else is acknowledged first is so before the layers run.
    pub fn layer<F, R>(mut self, layer: F) -> Self
    where
        F: Fn(Context<S, T>, Next<S, T>) -> R + Send + Sync + 'static,
        R: Future<Output = Reply> + Send + 'static,
    {
        self.layers.push(Arc::new(move |cx, next| Box::pin(layer(cx, next))));
        self
    }

    /// How many requests are handled at a time. Default [`CONCURRENCY`]. With more, no events are read until one is done.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests;
        self
    }

    /// Handles the requests with the same key one after another, in the order of their arrival: a [`Key`], or
    /// a function `Fn(&Context) -> Option<String>`. Default: no order. A handler that does not end holds those behind it; up to
    /// [`MAX_WAITING`] may wait, then no events are read. What waits is acknowledged after 2.5 s as if it ran.
    ///
    /// ```
    /// use socketmode_driver::Transport;
    /// use socketmode_driver::router::{Context, Key, Router};
    ///
    /// fn by_thread<T: Transport>() -> Router<(), T> {
    ///     Router::new(()).ordered_by(Key::Thread)
    /// }
    ///
    /// fn by_team<T: Transport>() -> Router<(), T> {
    ///     Router::new(()).ordered_by(|cx: &Context<(), T>| cx.team_id())
    /// }
    /// ```
    pub fn ordered_by(mut self, key: impl OrderKey<S, T>) -> Self {
        self.order = Some(Box::new(key));
        self
    }

    /// When events are acknowledged. Default [`AckEvents::AfterSuccess`].
    pub fn ack_events(mut self, when: AckEvents) -> Self {
        self.ack_events = when;
        self
    }

    /// Is told what goes wrong. Default: a line in the log, at level ERROR.
    ///
    /// ```
    /// use socketmode_driver::Transport;
    /// use socketmode_driver::router::{Cause, HandlerError, Router};
    ///
    /// async fn report(error: HandlerError) {
    ///     match error.cause() {
    ///         Cause::Panicked => eprintln!("a bug in {}", error.route()),
    ///         cause => eprintln!("{}: {cause}", error.route()),
    ///     }
    /// }
    ///
    /// fn routes<T: Transport>() -> Router<(), T> {
    ///     Router::new(()).on_error(report)
    /// }
    /// ```
    pub fn on_error<F, R>(mut self, report: F) -> Self
    where
        F: Fn(HandlerError) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        self.on_error = Some(Box::new(move |error| Box::pin(report(error))));
        self
    }

    /// Is told what happens to connections, and every other event without a request. It must not block. Default: a line in
    /// the log, at level DEBUG.
    pub fn on_notice(mut self, report: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.on_notice = Some(Box::new(report));
        self
    }

    /// What the person sees whose command or submission has failed. Default [`APOLOGY`].
    pub fn apology(mut self, text: impl Into<String>) -> Self {
        self.apology = text.into();
        self
    }
}

impl<S, T: Transport> fmt::Debug for Router<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").field("concurrency", &self.concurrency).finish_non_exhaustive()
    }
}
