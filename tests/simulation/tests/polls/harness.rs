//! A client that a test polls by hand.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use socketmode_driver::{AppToken, Builder, Client, Driver, Event, Events, Frame, Request};
use socketmode_model::step::{OwnedInput, slack};
use socketmode_protocol::{AckPolicy, Instant, StopReason};
use socketmode_simulation::executor::Task;
use socketmode_simulation::transport::{Asked, Link, Memory, Received};

/// A client whose every slot is up.
pub(crate) struct Up {
    pub(crate) memory: Memory,
    pub(crate) client: Client<Memory>,
    pub(crate) driver: Option<Driver<Memory>>,
    pub(crate) events: Option<Events>,
    pub(crate) links: Vec<Link>,
    pub(crate) task: Task,
}

impl Up {
    /// A client that was built and not polled yet.
    pub(crate) fn built(change: impl FnOnce(Builder<Memory>) -> Builder<Memory>) -> Self {
        let memory = Memory::default();
        let token = AppToken::new("xapp-1-A1-1-polled").unwrap();
        let builder = change(Client::builder(token).transport(memory.clone()));
        let (client, events, driver) = builder.build().unwrap();
        let (driver, events) = (Some(driver), Some(events));
        Self { memory, client, driver, events, links: Vec::new(), task: Task::default() }
    }

    pub(crate) fn new(slots: usize, policy: AckPolicy) -> Self {
        Self::with(slots, |builder| builder.ack_policy(policy))
    }

    pub(crate) fn with(slots: usize, change: impl FnOnce(Builder<Memory>) -> Builder<Memory>) -> Self {
        let mut up = Self::built(|builder| change(builder.connections(slots)));
        while up.links.len() < slots {
            up.memory.advance(up.memory.next_sleeper().unwrap_or(Instant::ZERO));
            up.poll();
            up.open();
            for dial in up.memory.dials() {
                up.memory.connect(dial, Ok(()));
                up.say(dial, slack::hello(1, None));
                up.links.push(dial);
            }
            up.poll();
        }
        up.asked();
        up
    }

    /// Answers each call with a URL.
    pub(crate) fn open(&mut self) {
        for call in self.memory.calls() {
            let OwnedInput::Opened { body, .. } = slack::opened(call) else { panic!("an answer") };
            self.memory.answer(call, Ok(http::Response::new(body.into())));
        }
        self.poll();
    }

    pub(crate) fn poll(&mut self) {
        assert_eq!(self.poll_driver(), Poll::Pending);
    }

    fn poll_driver(&mut self) -> Poll<StopReason> {
        let Some(driver) = &mut self.driver else { panic!("the driver is gone") };
        self.task.poll(|cx| Pin::new(driver).poll(cx))
    }

    /// Lets time pass until the driver ends, and drops it.
    pub(crate) fn end(&mut self) {
        while self.poll_driver().is_pending() {
            let Some(next) = self.memory.next_sleeper() else { panic!("it waits for nothing") };
            self.memory.advance(next);
        }
        self.driver = None;
    }

    pub(crate) fn next_event(&mut self) -> Poll<Option<Event>> {
        let Some(events) = &mut self.events else { panic!("the events are gone") };
        std::pin::pin!(events.next()).poll(&mut Context::from_waker(Waker::noop()))
    }

    /// The next event, which is a request.
    pub(crate) fn request(&mut self) -> Request {
        let Poll::Ready(Some(Event::EventsApi(request))) = self.next_event() else { panic!("a request") };
        request
    }

    /// An event comes, with this as its ids.
    pub(crate) fn event(&self, link: Link, id: &str) {
        self.say(link, OwnedInput::Text(slack::event(id, id, 0)));
    }

    pub(crate) fn say(&self, link: Link, text: OwnedInput) {
        let OwnedInput::Text(text) = text else { panic!("a text") };
        self.memory.deliver(link, Received::Frame(Frame::Text(text)));
    }

    pub(crate) fn asked(&self) -> VecDeque<Asked> {
        let mut asked = VecDeque::new();
        self.memory.asked(&mut asked);
        asked
    }
}
