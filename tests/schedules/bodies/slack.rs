//! Slack, and the network between it and the client, in memory.
//!
//! Time stands still while a link is up, so that no timer makes good for a wake-up that is missing.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn, ready};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use shuttle::future::block_on;
use socketmode_protocol::{Instant, SocketUrl};

use crate::net;
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};
use crate::transport::{Frame, Runtime, Transport, TransportError, TransportErrorKind};

pub(super) const TICKET: &[u8] = br#"{"ok":true,"url":"wss://wss-primary.slack.com/link/?ticket=t"}"#;
const HELLO: &str = r#"{"type":"hello","num_connections":1}"#;
/// Frames that the network takes before Slack has read some.
const ROOM: usize = 2;

pub(super) fn envelope(id: usize) -> String {
    format!(r#"{{"type":"events_api","envelope_id":"{id}","accepts_response_payload":false,"payload":{{}}}}"#)
}

/// What Slack does in one life.
pub(super) struct Plan {
    /// Envelopes in all.
    pub(super) envelopes: usize,
    /// The first link ends, without a close frame, once so many of them were sent.
    pub(super) cut_after: Option<usize>,
}

/// The transport, and the handle for Slack. Clones share one network.
#[derive(Clone, Default)]
pub(super) struct Network(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    now: Instant,
    dialled: usize,
    /// Envelopes that went out, less those that the client has not read from a link it let go: they come again.
    sent: usize,
    /// The newest link, as long as the client holds it.
    link: Option<Link>,
    to_slack: VecDeque<(usize, Frame)>,
    sleepers: Vec<(Instant, Waker)>,
    slack: Option<Waker>,
    writer: Option<Waker>,
    /// The loop has ended.
    over: bool,
}

#[derive(Default)]
struct Link {
    number: usize,
    greeted: bool,
    to_client: VecDeque<Frame>,
    reader: Option<Waker>,
    /// Slack has closed its end.
    cut: bool,
}

impl Link {
    fn send(&mut self, frame: Frame) {
        tracing::trace!(link = self.number, ?frame, "Slack sends");
        self.to_client.push_back(frame);
        wake(&mut self.reader);
    }
}

impl Network {
    /// The loop has ended: so does Slack, once it has read everything.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.over = true;
        wake(&mut state.slack);
    }

    /// Slack's part, to the end. The links that each envelope was acknowledged on.
    pub(super) fn play(&self, plan: &Plan) -> BTreeMap<String, Vec<usize>> {
        let mut acknowledged = BTreeMap::new();
        block_on(poll_fn(|cx| {
            loop {
                // One thing under a lock, so that the client's threads may go on between any two.
                let mut state = self.lock();
                if state.step(plan, &mut acknowledged) {
                    continue;
                }
                state.slack = Some(cx.waker().clone());
                return if state.over { Poll::Ready(()) } else { Poll::Pending };
            }
        }));
        acknowledged
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Does one thing. Whether there was one to do.
    fn step(&mut self, plan: &Plan, acknowledged: &mut BTreeMap<String, Vec<usize>>) -> bool {
        if let Some((number, frame)) = self.to_slack.pop_front() {
            tracing::trace!(link = number, ?frame, "Slack reads");
            wake(&mut self.writer);
            let link = self.link.as_mut().filter(|link| link.number == number);
            match (frame, link) {
                (Frame::Text(text), _) => {
                    let reply: serde_json::Value = serde_json::from_str(&text).unwrap();
                    acknowledged
                        .entry(reply["envelope_id"].as_str().unwrap().to_owned())
                        .or_default()
                        .push(number);
                }
                (Frame::Close(code), Some(link)) => {
                    link.cut = true;
                    link.send(Frame::Close(code));
                }
                (Frame::Ping, Some(link)) => link.send(Frame::Pong),
                _ => {}
            }
            return true;
        }
        if self.over {
            return false;
        }
        let Some(link) = &mut self.link else {
            // With no link there is nothing to wait for but the next deadline.
            let Some(&(at, _)) = self.sleepers.iter().min_by_key(|(at, _)| *at) else { return false };
            self.now = self.now.max(at);
            tracing::trace!(now = ?self.now, "time goes on");
            self.sleepers.retain(|(until, sleeper)| {
                if *until <= at {
                    sleeper.wake_by_ref();
                }
                *until > at
            });
            return true;
        };
        if link.cut {
            return false;
        }
        if !link.greeted {
            link.greeted = true;
            link.send(Frame::Text(HELLO.into()));
        } else if link.number == 1 && plan.cut_after.is_some_and(|after| self.sent >= after) {
            tracing::trace!(link = link.number, "cut");
            link.cut = true;
            wake(&mut link.reader);
            wake(&mut self.writer);
        } else if self.sent < plan.envelopes {
            link.send(Frame::Text(envelope(self.sent)));
            self.sent += 1;
        } else {
            return false;
        }
        true
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

fn broken() -> TransportError {
    TransportError::new(TransportErrorKind::Io, "broken pipe")
}

impl Transport for Network {
    type Text = String;
    type Socket = Socket;

    fn send(
        &self,
        _: http::Request<Bytes>,
        _: usize,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + Send {
        ready(Ok(http::Response::new(Bytes::from_static(TICKET))))
    }

    fn dial(&self, _: &SocketUrl) -> impl Future<Output = Result<Socket, TransportError>> + Send {
        let mut state = self.lock();
        assert!(state.link.is_none(), "one link at a time");
        state.dialled += 1;
        let number = state.dialled;
        state.link = Some(Link { number, ..Link::default() });
        wake(&mut state.slack);
        ready(Ok(Socket { number, network: self.clone(), fed: Vec::new() }))
    }

    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send {
        poll_fn(move |cx| {
            let mut state = self.lock();
            if state.now >= at {
                return Poll::Ready(());
            }
            state.sleepers.push((at, cx.waker().clone()));
            wake(&mut state.slack);
            Poll::Pending
        })
    }

    fn now(&self) -> Instant {
        self.lock().now
    }
}

impl Runtime for Network {
    fn with_network(_: &net::Network) -> Result<Self, TransportError> {
        Ok(Self::default())
    }

    fn spawn(_: impl Future<Output = ()> + Send + 'static) -> Result<(), TransportError> {
        Err(TransportError::new(TransportErrorKind::Setup, "the tests poll the loop themselves"))
    }
}

/// The client's end of a link.
pub(super) struct Socket {
    number: usize,
    network: Network,
    /// Not flushed yet.
    fed: Vec<Frame>,
}

impl Socket {
    fn link(number: usize, state: &mut State) -> Option<&mut Link> {
        state.link.as_mut().filter(|link| link.number == number)
    }

    /// Hands the frames to the network.
    fn push(number: usize, fed: &mut Vec<Frame>, state: &mut State) -> Result<(), TransportError> {
        if Self::link(number, state).is_none_or(|link| link.cut) {
            return Err(broken());
        }
        state.to_slack.extend(fed.drain(..).map(|frame| (number, frame)));
        wake(&mut state.slack);
        Ok(())
    }
}

impl Stream for Socket {
    type Item = Result<Frame, TransportError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut state = self.network.lock();
        let Some(link) = Self::link(self.number, &mut state) else { return Poll::Ready(None) };
        match link.to_client.pop_front() {
            Some(frame) => Poll::Ready(Some(Ok(frame))),
            None if link.cut => Poll::Ready(None),
            None => {
                link.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Sink<Frame> for Socket {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let this = self.get_mut();
        let mut state = this.network.lock();
        if state.to_slack.len() + this.fed.len() < ROOM {
            return Poll::Ready(Ok(()));
        }
        // There is room once Slack has read some of it.
        Self::push(this.number, &mut this.fed, &mut state)?;
        state.writer = Some(cx.waker().clone());
        Poll::Pending
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Frame) -> Result<(), TransportError> {
        self.fed.push(frame);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let this = self.get_mut();
        let mut state = this.network.lock();
        Poll::Ready(Self::push(this.number, &mut this.fed, &mut state))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.poll_flush(cx)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let mut state = self.network.lock();
        if let Some(link) = Self::link(self.number, &mut state) {
            let unread = link
                .to_client
                .iter()
                .filter(|frame| matches!(frame, Frame::Text(text) if text != HELLO))
                .count();
            state.link = None;
            state.sent -= unread;
            wake(&mut state.slack);
        }
    }
}
