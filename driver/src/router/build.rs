//! From a router to an app.

use std::sync::Arc;

use super::app::{App, Inner, Kind};
use super::error::RouteError;
use super::handler::{Handler, Route};
use super::{AckEvents, Router};
use crate::transport::Transport;

/// Default of [`Router::concurrency`].
pub const CONCURRENCY: usize = 64;

/// Default of [`Router::apology`].
pub const APOLOGY: &str = "Something went wrong here. Please try again in a moment.";

impl<S: Clone + Send + Sync + 'static, T: Transport> Router<S, T> {
    /// Finishes the app.
    ///
    /// # Errors
    /// Two handlers have the same route, a route has no usable name, a handler takes the Web API and there is none, or the
    /// concurrency is 0. It is the first mistake of all.
    pub fn build(self) -> Result<App<S, T>, RouteError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if self.concurrency == 0 {
            return Err(RouteError::NoConcurrency);
        }
        if let Some(route) = self.needs_web.filter(|_| self.web.is_none()) {
            return Err(RouteError::NoWeb { route });
        }
        Ok(App(Arc::new(Inner {
            state: self.state,
            web: self.web,
            routes: self.routes,
            layers: self.layers,
            observers: self.observers,
            fallback: self.fallback,
            on_error: self.on_error,
            on_notice: self.on_notice,
            order: self.order,
            concurrency: self.concurrency,
            events_first: self.ack_events == AckEvents::First,
            apology: self.apology,
        })))
    }

    pub(super) fn named<K, A>(mut self, kind: Kind, name: &str, handler: impl Handler<K, A, S, T>) -> Self {
        if name.is_empty() {
            return self.failed(Some(RouteError::NoName(kind.word().to_owned())));
        }
        let route = self.route(format!("{} {name}", kind.word()), handler);
        let (second, title) = (route.path, route.name.clone());
        let mistake = self.routes.insert(kind, name.to_owned(), route).map(|first| RouteError::Duplicate {
            route: title,
            first: first.path.to_owned(),
            second: second.to_owned(),
        });
        self.failed(mistake)
    }

    /// A handler under its name, and whether it is the first that takes the Web API.
    pub(super) fn route<K, A>(
        &mut self,
        name: String,
        handler: impl Handler<K, A, S, T>,
    ) -> Arc<Route<S, T>> {
        let needs_web = handler.needs_web();
        let route = Route::new(name, handler);
        if needs_web && self.needs_web.is_none() {
            self.needs_web = Some(format!("{} ({})", route.name, route.path));
        }
        route
    }

    /// Remembers the first mistake.
    pub(super) fn failed(mut self, mistake: Option<RouteError>) -> Self {
        self.error = self.error.or(mistake);
        self
    }
}
