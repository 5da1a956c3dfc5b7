//! A client that serves an app.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Mutex, PoisonError};
use std::task::{Context as Cx, Poll};
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::future::{AbortHandle, abortable};
use socketmode_protocol::{AckPolicy, Instant, StopReason};
use tracing::{debug, warn};

use super::app::App;
use super::context::Context;
use super::handlers::Handlers;
use super::order::{Gate, Turn};
use super::responses::Responses;
use super::run;
use super::workers::Workers;
use crate::client::Client;
use crate::client::events::Events;
use crate::client::shutdown::Shutdown;
use crate::request::event::Event;
use crate::transport::waits::BoxFuture;
use crate::transport::{Runtime, Transport};

/// How long after its arrival at the app a request is acknowledged while its handler still runs: Slack waits 3 s.
pub const ANSWER_WITHIN: Duration = Duration::from_millis(2_500);

/// How often the end of the grace is looked at while handlers are under way after a shutdown.
const LOOKS_EVERY: Duration = Duration::from_secs(1);

/// Why a client no longer serves an app.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The client has stopped, and nobody asked for it.
    #[error("the client has stopped: {0}")]
    Stopped(StopReason),
    /// The [`Driver`](crate::Driver) was dropped before its end.
    #[error("the driver was dropped: call Client::shutdown, and let the driver run to its end")]
    DriverDropped,
    /// The grace of the shutdown is over, and so many handlers were under way. They were dropped.
    #[error(
        "{handlers} handlers were under way when the grace was over: call Client::shutdown with a longer one"
    )]
    Unfinished {
        /// Their number.
        handlers: usize,
    },
}

impl<T: Runtime> Client<T> {
    /// Reads the events and runs the app's handlers until the client is shut down: then it takes no more requests, and ends when
    /// all handlers are done or the grace of the shutdown is over. If the client stops by itself, the handlers have
    /// [`Config::shutdown_grace`](crate::Config::shutdown_grace).
    ///
    /// Each handler runs in a task of the runtime that does nothing else meanwhile, and has other requests before and after it.
    ///
    /// When the app's [`concurrency`](crate::router::Router::concurrency) is reached, events are not read until a handler is
    /// done; the client's queue fills, and Slack sends again what is not acknowledged. A request is acknowledged by
    /// [`ANSWER_WITHIN`](crate::router::ANSWER_WITHIN) (2.5 s) after it was taken from the queue.
    ///
    /// ```
    /// use socketmode_driver::router::{Router, ServeError, State};
    /// use socketmode_driver::{Client, Events, Runtime};
    ///
    /// async fn hello(State(name): State<String>) -> String {
    ///     format!("Hello from {name}!")
    /// }
    ///
    /// async fn bot<R: Runtime>(
    ///     client: Client<R>,
    ///     events: Events,
    /// ) -> Result<(), Box<dyn std::error::Error>> {
    ///     let app = Router::new("a bot".to_owned()).command("/hello", hello).build()?;
    ///     Ok(client.serve(events, app).await?)
    /// }
    /// ```
    ///
    /// # Errors
    /// The client stopped without being asked to, or handlers were under way when the grace was over.
    ///
    /// # Cancel safety
    /// Dropping the future drops the handlers where they are and shuts the client down.
    pub async fn serve<S: Send + Sync + 'static>(
        &self,
        events: Events,
        app: App<S, T>,
    ) -> Result<(), ServeError> {
        serve(self, events, app, spawned::<T>).await
    }
}

impl<T: Transport> Client<T> {
    /// Does what [`serve`](Self::serve) does on a transport that spawns nothing: the handlers run in the task that awaits
    /// this, one at a time between their waits.
    ///
    /// # Errors
    /// The client stopped without being asked to, or handlers were under way when the grace was over.
    ///
    /// # Cancel safety
    /// Dropping the future drops the handlers where they are and shuts the client down.
    pub async fn serve_here<S: Send + Sync + 'static>(
        &self,
        events: Events,
        app: App<S, T>,
    ) -> Result<(), ServeError> {
        serve(self, events, app, |worker| worker).await
    }
}

async fn serve<S: Send + Sync + 'static, T: Transport>(
    client: &Client<T>,
    mut events: Events,
    app: App<S, T>,
    place: fn(BoxFuture<()>) -> BoxFuture<()>,
) -> Result<(), ServeError> {
    let gate = Gate::new(app.0.concurrency);
    let responses = Responses::new(client.web_without_token());
    let workers = Workers::new();
    let server = Server { client, app, gate, responses, workers, place };
    let mut tasks = Handlers::new();
    let mut over = pin!(server.grace_is_over());
    let is_over = poll_fn(|cx| server.poll(&mut events, &mut tasks, over.as_mut(), cx)).await;
    // What was not taken is left for Slack to send again.
    drop(events);
    if !is_over {
        poll_fn(|cx| {
            tasks.poll_done(cx);
            if server.workers.poll_done(cx).is_ready() { Poll::Ready(()) } else { over.as_mut().poll(cx) }
        })
        .await;
    }
    match (Shutdown::new(client.mailbox.clone()).await, server.workers.under_way()) {
        (Some(StopReason::Requested), 0) => Ok(()),
        (Some(StopReason::Requested), handlers) => Err(ServeError::Unfinished { handlers }),
        (Some(reason), _) => Err(ServeError::Stopped(reason)),
        (None, _) => Err(ServeError::DriverDropped),
    }
}

/// A request that waits for its handler.
struct Job<S, T: Transport> {
    cx: Context<S, T>,
    turn: Turn,
    answer_by: Instant,
}

struct Server<'a, S, T: Transport> {
    client: &'a Client<T>,
    app: App<S, T>,
    gate: Gate,
    responses: Responses<T>,
    workers: Workers<Job<S, T>>,
    /// Where a worker runs.
    place: fn(BoxFuture<()>) -> BoxFuture<()>,
}

impl<S: Send + Sync + 'static, T: Transport> Server<'_, S, T> {
    /// Runs handlers, and takes requests while there is room. Ready when there are no more events, and then says whether the
    /// time of the handlers is over too.
    fn poll(
        &self,
        events: &mut Events,
        tasks: &mut Handlers,
        mut over: Pin<&mut impl Future<Output = ()>>,
        cx: &mut Cx<'_>,
    ) -> Poll<bool> {
        loop {
            tasks.poll_done(cx);
            if self.gate.poll_room(cx).is_pending() {
                break;
            }
            match pin!(events.next()).poll(cx) {
                Poll::Ready(Some(event)) => self.take(event, tasks),
                Poll::Ready(None) => return Poll::Ready(false),
                Poll::Pending => break,
            }
        }
        // While there is no room, the end of the events is not seen.
        over.as_mut().poll(cx).map(|()| true)
    }

    fn take(&self, event: Event, tasks: &mut Handlers) {
        let request = match event.into_request() {
            Ok(request) => request,
            Err(event) => return self.notice(&event),
        };
        if self.client.mailbox.is_closed() {
            // It cannot be acknowledged: Slack sends it to the next process.
            return;
        }
        let by_policy = self.client.config.ack_policy(request.envelope().kind()) != AckPolicy::Manual;
        let cx = Context::new(self.app.0.clone(), request, Some(self.responses.clone()), by_policy);
        let turn = self.turn(&cx);
        let answer_by = self.client.transport.now() + ANSWER_WITHIN;
        if let Some(worker) = self.workers.give(Job { cx, turn, answer_by }) {
            let transport = self.client.transport.clone();
            let work = worker.work(move |Job { cx, turn, answer_by }| {
                let transport = transport.clone();
                run::request(cx, Some(turn), async move { transport.sleep_until(answer_by).await })
            });
            tasks.push((self.place)(Box::pin(work)));
        }
    }

    fn turn(&self, cx: &Context<S, T>) -> Turn {
        let order = self.app.0.order.as_ref();
        // A function of the application may panic: then there is no order.
        let key = order.map(|order| std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| order.key(cx))));
        if matches!(key, Some(Err(_))) {
            warn!("the function for the order panicked; the request waits for no other");
        }
        self.gate.enter(key.and_then(Result::ok).flatten())
    }

    fn notice(&self, event: &Event) {
        match &self.app.0.on_notice {
            Some(on_notice) => {
                let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| on_notice(event)));
                if told.is_err() {
                    warn!("the function for notices panicked");
                }
            }
            None => debug!(?event),
        }
    }

    /// Ready when the client has stopped and the grace of its shutdown is over.
    async fn grace_is_over(&self) {
        Shutdown::new(self.client.mailbox.clone()).await;
        let transport = &self.client.transport;
        let by_itself = transport.now() + self.client.config.shutdown_grace;
        loop {
            // A second call of shutdown can make it shorter.
            let end = self.client.mailbox.grace_ends().unwrap_or(by_itself);
            let now = transport.now();
            if end <= now {
                return;
            }
            transport.sleep_until(end.min(now + LOOKS_EVERY)).await;
        }
    }
}

/// Runs a worker as a task of the runtime, until the returned future is dropped. Without a runtime it runs where the future
/// is polled.
fn spawned<T: Runtime>(worker: BoxFuture<()>) -> BoxFuture<()> {
    let (worker, abort) = abortable(worker);
    let (done, wait) = oneshot::channel();
    let task = async move {
        let _ = worker.await;
        let _ = done.send(());
    };
    let task = std::sync::Arc::new(Mutex::new(Some(task)));
    let theirs = std::sync::Arc::clone(&task);
    let spawned = T::spawn(async move {
        let task = theirs.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            task.await;
        }
    });
    let left = match spawned {
        Ok(()) => None,
        Err(_) => task.lock().unwrap_or_else(PoisonError::into_inner).take(),
    };
    let guard = AbortOnDrop(abort);
    Box::pin(async move {
        let _guard = guard;
        if let Some(task) = left {
            task.await;
        }
        // An error means that the runtime has dropped the task.
        let _ = wait.await;
    })
}

struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
