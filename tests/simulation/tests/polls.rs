//! Single polls of a driver, on a transport in memory.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use socketmode_driver::{AppToken, Client, Driver, Event, Events, Frame};
use socketmode_model::step::{Happening, slack};
use socketmode_protocol::{AckPolicy, Instant};
use socketmode_simulation::executor::Task;
use socketmode_simulation::transport::{Asked, Link, Memory, Received};

/// A client whose every slot is up.
struct Up {
    memory: Memory,
    client: Client<Memory>,
    driver: Driver<Memory>,
    events: Events,
    links: Vec<Link>,
    task: Task,
}

impl Up {
    fn new(slots: usize, policy: AckPolicy) -> Self {
        let memory = Memory::default();
        let token = AppToken::new("xapp-1-A1-1-polled").unwrap();
        let builder = Client::builder(token).transport(memory.clone()).connections(slots);
        let (client, events, driver) = builder.ack_policy(policy).build().unwrap();
        let mut up = Self { memory, client, driver, events, links: Vec::new(), task: Task::default() };
        while up.links.len() < slots {
            up.memory.advance(up.memory.next_sleeper().unwrap_or(Instant::ZERO));
            up.poll();
            for call in up.memory.calls() {
                let Happening::Opened { body, .. } = slack::opened(call) else { panic!("an answer") };
                up.memory.answer(call, Ok(http::Response::new(body.into())));
            }
            up.poll();
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

    fn poll(&mut self) {
        let polled = self.task.poll(|cx| Pin::new(&mut self.driver).poll(cx));
        assert_eq!(polled, Poll::Pending);
    }

    fn next_event(&mut self) -> Poll<Option<Event>> {
        std::pin::pin!(self.events.next()).poll(&mut Context::from_waker(Waker::noop()))
    }

    fn say(&self, link: Link, text: Happening) {
        let Happening::Text(text) = text else { panic!("a text") };
        self.memory.deliver(link, Received::Frame(Frame::Text(text)));
    }

    fn asked(&self) -> VecDeque<Asked> {
        let mut asked = VecDeque::new();
        self.memory.asked(&mut asked);
        asked
    }
}

#[test]
fn the_counters_are_told_though_the_loop_is_never_idle() {
    let mut up = Up::new(1, AckPolicy::OnReceive);
    let link = up.links[0];
    for _ in 0..100_000 {
        up.memory.deliver(link, Received::Frame(Frame::Ping));
    }
    up.poll();
    let told = up.client.stats().pings_received;
    assert!(told > 0 && told == 100_000 - up.memory.lying(link).0 as u64, "{told}");
}

#[test]
fn what_moves_to_another_link_as_its_own_closes_is_acknowledged_once() {
    let mut up = Up::new(2, AckPolicy::OnReceive);
    let link = up.links[0];
    up.say(link, Happening::Text(slack::event("e1", "Ev1", 0)));
    up.say(link, slack::disconnect("too_many_websockets"));
    up.poll();
    up.memory.advance(up.memory.time() + Duration::from_secs(1));
    up.poll();
    let asked = up.asked();
    let is_ack = |asked: &&Asked| matches!(asked, Asked::Sent(_, Frame::Text(text)) if text.contains("e1"));
    assert_eq!(asked.iter().filter(is_ack).count(), 1, "{asked:?}");
    let closes = |asked: &Asked| matches!(asked, Asked::Sent(on, Frame::Close(_)) if *on == link);
    assert!(asked.iter().any(closes), "{asked:?}");
}

#[test]
fn a_shutdown_that_waits_for_one_request_is_woken_when_that_is_dropped() {
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    up.say(up.links[0], Happening::Text(slack::event("e1", "Ev1", 0)));
    up.poll();
    let Poll::Ready(Some(Event::EventsApi(request))) = up.next_event() else { panic!("a request") };
    let _stopped = up.client.shutdown(Duration::from_secs(60));
    up.poll();
    assert!(!up.task.is_woken());
    up.asked();
    drop(request);
    assert!(up.task.is_woken());
    up.poll();
    let asked = up.asked();
    assert!(asked.iter().any(|asked| matches!(asked, Asked::Sent(_, Frame::Close(_)))), "{asked:?}");
}
