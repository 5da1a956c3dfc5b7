//! Apps on a Slack that answers by script, and what is under way at a time.

mod answers;
mod failures;
mod order;
mod queued;
mod routes;
mod serving;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::{App, HandlerError};
use crate::fake::{Incoming, Outcome, Slack};
use crate::sync::{Arc, Mutex};
use crate::web::testing::Scripted;

type Router<S = ()> = super::Router<S, Scripted>;
type Web = crate::Web<Scripted>;

fn dispatch<S: Send + Sync + 'static>(
    slack: &Slack<Scripted>,
    app: &App<S, Scripted>,
    it: Incoming,
) -> Outcome {
    smol::block_on(slack.dispatch(app, it))
}

/// What a test's handlers have done.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// For `on_error`.
    fn errors(&self) -> impl Fn(HandlerError) -> std::future::Ready<()> + Send + Sync + 'static {
        let log = self.clone();
        move |error| {
            log.add(error.to_string());
            std::future::ready(())
        }
    }
}

/// Pending once, and awake at once.
#[derive(Default)]
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
