//! What the tests of this package run, once for each schedule. These are modules of the driver, as they use what is private
//! to it.
#![allow(missing_docs, reason = "each is the body of the test of its name")]

pub mod commands;
pub mod endings;
pub mod events;
mod slack;
pub mod whole_client;

use socketmode_protocol::{Config, IncomingFrame, Input, Instant, OpenResponse, Output, SocketMode};

use crate::request::Request;
use crate::request::event::Event;
use crate::request::mailbox::{AckHandle, Mailbox};

/// So many requests, with the ids `0`, `1`, … , as a machine delivers them.
fn requests(count: usize, mailbox: &Mailbox) -> Vec<Request> {
    let mut machine = SocketMode::new(Config::default(), 1, Instant::ZERO).unwrap();
    let connection = machine.connections().next().unwrap().connection;
    let opened = OpenResponse { status: 200, retry_after: None, body: slack::TICKET };
    machine.handle_input(Instant::ZERO, connection, Input::Opened(opened));
    machine.handle_input(Instant::ZERO, connection, Input::Dialed);
    for id in 0..count {
        machine.handle_input(
            Instant::ZERO,
            connection,
            Input::Frame(IncomingFrame::Text(slack::envelope(id).into())),
        );
    }
    let request = |output| match output {
        Output::Envelope(envelope) => {
            let handle = AckHandle::new(envelope.token(), mailbox.clone(), false);
            Some(Request::new(envelope, handle))
        }
        _ => None,
    };
    let requests: Vec<_> = std::iter::from_fn(|| machine.poll_output()).filter_map(request).collect();
    assert_eq!(requests.len(), count);
    requests
}

fn events(count: usize, mailbox: &Mailbox) -> Vec<Event> {
    requests(count, mailbox).into_iter().map(Event::EventsApi).collect()
}
