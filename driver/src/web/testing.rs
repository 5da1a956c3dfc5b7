//! A transport that answers calls by script.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use async_lock::Semaphore;
use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use http::header::RETRY_AFTER;
use http::{Request, Response};
use socketmode_protocol::{Instant, SocketUrl};

use super::base_url::BaseUrl;
use super::{Web, turns};
use crate::token::BotToken;
use crate::transport::{Frame, Transport, TransportError};

/// Answers by script, at once or never; time passes only while there is nothing else to wait for.
#[derive(Default)]
pub(crate) struct Scripted {
    pub(crate) answers: Mutex<VecDeque<Option<Response<Bytes>>>>,
    pub(crate) now: Mutex<Duration>,
    pub(crate) time_stands_still: bool,
    /// What was asked, each with the limit of its answer.
    pub(crate) sent: Mutex<Vec<(Request<Bytes>, usize)>>,
}

impl Transport for Scripted {
    type Text = String;
    type Socket = NoSocket;

    async fn send(&self, request: Request<Bytes>, limit: usize) -> Result<Response<Bytes>, TransportError> {
        self.sent.lock().unwrap().push((request, limit));
        let answer = self.answers.lock().unwrap().pop_front().expect("one more attempt than scripted");
        match answer {
            Some(answer) => Ok(answer),
            None => std::future::pending().await,
        }
    }

    async fn dial(&self, _: &SocketUrl) -> Result<NoSocket, TransportError> {
        unreachable!()
    }

    async fn sleep_until(&self, at: Instant) {
        if self.time_stands_still {
            std::future::pending::<()>().await;
        }
        *self.now.lock().unwrap() = Duration::from_millis(at.as_millis());
    }

    fn now(&self) -> Instant {
        Instant::from_elapsed(*self.now.lock().unwrap())
    }
}

pub(crate) enum NoSocket {}

impl Stream for NoSocket {
    type Item = Result<Frame, TransportError>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match *self {}
    }
}

impl Sink<Frame> for NoSocket {
    type Error = TransportError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match *self {}
    }

    fn start_send(self: Pin<&mut Self>, _: Frame) -> Result<(), TransportError> {
        match *self {}
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match *self {}
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match *self {}
    }
}

pub(crate) fn web(transport: &Arc<Scripted>, turns: Arc<Semaphore>) -> Web<Scripted> {
    let base = BaseUrl::parse("https://slack.com/api/", false).unwrap();
    Web::new(Arc::clone(transport), base, BotToken::new("xoxb-1-2-3").unwrap(), turns)
}

pub(crate) fn answer(status: u16, retry_after: Option<&str>, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::builder().status(status);
    if let Some(value) = retry_after {
        response = response.header(RETRY_AFTER, value);
    }
    response.body(body.into()).unwrap()
}

/// Calls that get these answers, and the transport that they are sent by.
pub(crate) fn answering<const N: usize>(bodies: [&str; N]) -> (Web<Scripted>, Arc<Scripted>) {
    let answers = bodies.map(|body| Some(answer(200, None, body.to_owned())));
    let transport = Arc::new(Scripted { answers: Mutex::new(answers.into()), ..<_>::default() });
    (web(&transport, turns()), transport)
}

fn method(request: &Request<Bytes>) -> String {
    request.uri().path().trim_start_matches("/api/").to_owned()
}

/// The calls with JSON so far: methods and arguments.
pub(super) fn calls(transport: &Scripted) -> Vec<(String, serde_json::Value)> {
    let sent = transport.sent.lock().unwrap();
    sent.iter().map(|(call, _)| (method(call), serde_json::from_slice(call.body()).unwrap())).collect()
}

/// The calls with forms so far: methods and arguments.
pub(super) fn forms(transport: &Scripted) -> Vec<(String, String)> {
    let sent = transport.sent.lock().unwrap();
    let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).unwrap();
    sent.iter().map(|(call, _)| (method(call), text(call.body()))).collect()
}

impl crate::transport::Runtime for Scripted {
    fn with_network(_: &crate::net::Network) -> Result<Self, TransportError> {
        unreachable!()
    }

    fn spawn(future: impl std::future::Future<Output = ()> + Send + 'static) -> Result<(), TransportError> {
        smol::spawn(future).detach();
        Ok(())
    }
}
