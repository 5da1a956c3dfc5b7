//! The simulator's thread: it listens, keeps the deadlines, and sorts requests to those who answer them.

use crate::page;
use crate::state::{Shared, State};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use reply::{Reply, Unanswered};
use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(crate) mod control;
pub(crate) mod guard;

mod dial;
mod link;
mod open;
mod reply;
pub(crate) mod web_api;

/// One of the connections that there may be at once.
type Place = Arc<OwnedSemaphorePermit>;

/// Runs until it is told to stop; then every socket is closed.
pub(crate) fn run(runtime: &Runtime, listener: StdListener, shared: &Arc<Shared>) {
    runtime.block_on(async {
        tokio::select! {
            () = shared.stop.notified() => {}
            never = keep_deadlines(shared) => match never {},
            () = listen(listener, shared) => {}
        }
    });
    // Also where the listener failed: nobody shall wait for a simulator that is gone.
    shared.change(|state| {
        state.stopped = true;
        state.waiters.wake_all();
    });
}

async fn keep_deadlines(shared: &Shared) -> Infallible {
    loop {
        let next = shared.change(|state| state.run_timers(Instant::now()));
        let due = async {
            match next {
                Some(next) => tokio::time::sleep_until(next.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = shared.sooner.notified() => {}
            () = due => {}
        }
    }
}

async fn listen(listener: StdListener, shared: &Arc<Shared>) {
    /// After an error of `accept`, such as too many open files.
    const PAUSE: Duration = Duration::from_millis(20);
    /// The most of a request that is read ahead, its head included.
    const READ_AHEAD: usize = 64 * 1024;
    /// The clock cannot count to every later time.
    const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 3600);
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let options = shared.look(|state| state.options.clone());
    let places = Arc::new(Semaphore::new(options.max_connections.min(Semaphore::MAX_PERMITS)));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(options.client_timeout.min(LONGEST_WAIT))
        .max_buf_size(READ_AHEAD);
    loop {
        let Ok((tcp, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            shared.change(|state| state.counters.refused_connections += 1);
            continue;
        };
        // A link takes it along.
        let place = Arc::new(place);
        // Small frames must not wait for each other. A socket that is gone again says so later.
        let _ = tcp.set_nodelay(true);
        let shared = Arc::clone(shared);
        let service = service_fn(move |request| answer(Arc::clone(&shared), Arc::clone(&place), request));
        let connection = http.serve_connection(TokioIo::new(tcp), service).with_upgrades();
        // A client that breaks off, or an answer that is none by script, is no error of the simulator.
        tokio::spawn(async move { drop(connection.await) });
    }
}

impl State {
    /// Where it is to be asked, for a request from where none may come; this is counted.
    fn refuses(&mut self, request: &Request<Incoming>) -> Option<SocketAddr> {
        let refused = !self.guard.admits(request);
        self.counters.foreign_requests += u64::from(refused);
        refused.then_some(self.address)
    }
}

async fn answer(shared: Arc<Shared>, place: Place, request: Request<Incoming>) -> Result<Reply, Unanswered> {
    if let Some(own) = shared.change(|state| state.refuses(&request)) {
        return Ok(reply::plain(
            StatusCode::FORBIDDEN,
            format!(
                "This local Slack answers programs on this machine, and no web page of another origin. The Host \
                 header must name localhost, a loopback address or the public origin; an Origin header must be \
                 absent or {own}.\n"
            ),
        ));
    }
    let path = request.uri().path().to_owned();
    let post = request.method() == Method::POST;
    match path.strip_prefix("/api/") {
        Some("apps.connections.open") if post => open::answer(&shared, request.headers()).await,
        Some(method) => Ok(web_api::answer(&shared, method, request).await),
        None if path.starts_with(control::PREFIX) => Ok(control::answer(shared, request).await),
        None if path == "/link/" || path == "/link" => dial::answer(shared, place, request).await,
        None if path.starts_with("/response/") && post => {
            Ok(web_api::responded(&shared, last_part(&path), request).await)
        }
        None if path.starts_with("/upload/") && post => {
            Ok(web_api::uploaded(&shared, last_part(&path), request).await)
        }
        None => Ok(page::answer(request.method(), &path)
            .map_or_else(|| reply::status(StatusCode::NOT_FOUND), |file| file.map(BodyExt::boxed_unsync))),
    }
}

/// What is after the last slash.
fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
