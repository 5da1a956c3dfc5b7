//! A whole client: the real loop, an application of several threads, and a Slack in memory.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use shuttle::future::block_on;
use shuttle::rand::{Rng, thread_rng};
use shuttle::thread::{self, JoinHandle};
use socketmode_protocol::{Notice, StopReason};

use super::slack::{Network, Plan};
use crate::client::builder::Builder;
use crate::client::events::Events;
use crate::client::{Client, Response};
use crate::request::Request;
use crate::request::event::Event;
use crate::request::mailbox::AckResult;
use crate::run::driver::Driver;
use crate::token::AppToken;

const ENVELOPES: usize = 4;
/// Polls of the loop in a life; more are a loop that wakes itself.
const MAX_POLLS: usize = 1_000;

/// What the application's threads have heard, and which of them there are. Its lock is no place to switch threads.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    threads: Vec<JoinHandle<()>>,
    outcomes: Vec<(String, AckResult)>,
    read: usize,
    shed: usize,
    stopped: bool,
    shutdowns: usize,
    abandoned: bool,
}

impl Log {
    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    fn spawn(&self, body: impl FnOnce() + Send + 'static) {
        let thread = thread::spawn(body);
        self.with(|state| state.threads.push(thread));
    }
}

/// The application.
struct Application {
    client: Client<Network>,
    log: Log,
    /// So many requests are read, or told to be shed, before it ends the client.
    stop_after: usize,
    /// Whether the reader may wait for the outcome of an acknowledgement. While the queue is full the loop does not read the
    /// hello of a new link, so that this takes `Config::backlog_pause` once a link is lost, and time stands still here.
    may_wait: bool,
    /// Handled once it ends the client.
    held: Vec<Request>,
}

pub fn a_life() {
    let network = Network::default();
    let builder = Builder::new(AppToken::new("xapp-1-A-1-a").unwrap()).transport(network.clone()).seed(1);
    let capacity = thread_rng().gen_range(1..4);
    let (client, events, driver) = builder.queue_capacity(capacity).build().unwrap();

    let cut_after = thread_rng().gen_bool(0.5).then(|| thread_rng().gen_range(0..=ENVELOPES));
    let plan = Plan { envelopes: ENVELOPES, cut_after };
    let slack = {
        let network = network.clone();
        thread::spawn(move || network.play(&plan))
    };
    // The loop is dropped in the middle of some lives.
    let polls = if thread_rng().gen_bool(0.2) { thread_rng().gen_range(0..10) } else { MAX_POLLS };
    let running = thread::spawn(move || {
        let reason = run(driver, polls);
        network.end();
        reason
    });
    let log = Log::default();
    let stop_after = thread_rng().gen_range(0..=ENVELOPES);
    let application = Application {
        client: client.clone(),
        log: log.clone(),
        stop_after,
        may_wait: cut_after.is_none(),
        held: Vec::new(),
    };
    log.spawn(move || application.read(events));

    let reason = running.join().unwrap();
    let acknowledged = slack.join().unwrap();
    // Threads start others.
    while let Some(thread) = log.with(|state| state.threads.pop()) {
        thread.join().unwrap();
    }
    log.with(|state| check(state, &client, reason.as_ref(), &acknowledged, cut_after.is_some()));
}

/// Polls the loop to its end, or so many times.
fn run(driver: Driver<Network>, mut polls: usize) -> Option<StopReason> {
    let mut driver = pin!(driver);
    let dropped = polls < MAX_POLLS;
    let reason = block_on(poll_fn(|cx| {
        if polls == 0 {
            return Poll::Ready(None);
        }
        polls -= 1;
        driver.as_mut().poll(cx).map(Some)
    }));
    assert!(dropped || reason.is_some(), "the loop never rests");
    reason
}

impl Application {
    fn read(mut self, mut events: Events) {
        loop {
            if self.log.with(|state| state.read + state.shed) >= self.stop_after && self.end() {
                self.log.with(|state| state.abandoned = true);
                return;
            }
            let Some(event) = block_on(events.next()) else { return };
            self.hear(event);
            if thread_rng().gen_bool(0.1) {
                // The stream moves to another task, once this one has polled it and left its waker there.
                let left = block_on(poll_fn(|cx| {
                    Poll::Ready(match pin!(events.next()).poll(cx) {
                        Poll::Ready(event) => event,
                        Poll::Pending => None,
                    })
                }));
                let log = self.log.clone();
                log.spawn(move || {
                    left.into_iter().for_each(|event| self.hear(event));
                    self.read(events);
                });
                return;
            }
        }
    }

    fn hear(&mut self, event: Event) {
        tracing::trace!(?event, "the application reads");
        match event.into_request() {
            Ok(request) => {
                self.log.with(|state| state.read += 1);
                if self.stop_after < usize::MAX && thread_rng().gen_bool(0.3) {
                    self.held.push(request);
                } else {
                    self.handle(request);
                }
            }
            Err(Event::Notice(Notice::Shed { envelopes })) => {
                self.log.with(|state| state.shed += envelopes as usize)
            }
            Err(Event::Stopped(_)) => self.log.with(|state| state.stopped = true),
            Err(_) => {}
        }
    }

    /// Ends the client in one of its ways. Whether the stream is to be dropped.
    fn end(&mut self) -> bool {
        self.stop_after = usize::MAX;
        let calls = thread_rng().gen_range(0..3);
        tracing::trace!(calls, "the application ends the client");
        for _ in 0..calls {
            let (client, log) = (self.client.clone(), self.log.clone());
            let grace = Duration::from_secs(thread_rng().gen_range(0..3));
            self.log.spawn(move || {
                let reason = block_on(client.shutdown(grace));
                log.with(|state| state.shutdowns += usize::from(reason.is_some()));
            });
        }
        for request in std::mem::take(&mut self.held) {
            self.handle(request);
        }
        calls == 0
    }

    fn handle(&self, request: Request) {
        let id = request.envelope_id().to_owned();
        let (client, log) = (self.client.clone(), self.log.clone());
        match thread_rng().gen_range(0..6) {
            0 => drop(request),
            1 => drop(request.ack()),
            2 if self.may_wait => {
                let outcome = block_on(request.ack());
                log.with(|state| state.outcomes.push((id, outcome)));
            }
            3 => self.log.spawn(move || drop(request)),
            2 | 4 => self.log.spawn(move || {
                let outcome = block_on(request.ack());
                log.with(|state| state.outcomes.push((id, outcome)));
            }),
            _ => self.log.spawn(move || {
                let outcome = block_on(client.respond(Response::new(id.clone())));
                log.with(|state| state.outcomes.push((id, outcome)));
                drop(request);
            }),
        }
    }
}

fn check(
    log: &mut State,
    client: &Client<Network>,
    reason: Option<&StopReason>,
    acknowledged: &BTreeMap<String, Vec<usize>>,
    may_be_lost: bool,
) {
    for (id, links) in acknowledged {
        // What Slack read on a link just before that was lost may come again on the next one.
        assert!(matches!(links[..], [_] | [1, 2]), "{id} was acknowledged on the links {links:?}");
    }
    for (id, outcome) in &log.outcomes {
        assert!(outcome.is_err() || acknowledged.contains_key(id), "{id} did not arrive");
    }
    let stats = client.stats();
    let settled = stats.acknowledged + stats.ack_lost + stats.declined + stats.expired;
    assert_eq!(stats.delivered, settled + stats.outstanding, "{stats:?}");
    if reason.is_some() {
        assert!(may_be_lost || stats.ack_lost == 0, "no link was lost: {stats:?}");
        assert_eq!(stats.outstanding, 0, "{stats:?}");
        // Slack may have read what the loop could not tell to be written.
        let arrived = acknowledged.len() as u64;
        assert!(
            (stats.acknowledged..=stats.acknowledged + stats.ack_lost).contains(&arrived),
            "{arrived} of {stats:?}"
        );
        if !log.abandoned {
            assert_eq!(stats.delivered, log.read as u64, "{stats:?}");
            assert!(log.stopped, "the end was not told");
            assert!(log.shutdowns > 0, "whoever asked for the end was not told");
        }
    }
}
